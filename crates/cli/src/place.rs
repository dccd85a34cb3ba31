//! Where a provider keeps itself: the database, and the secret that opens the signing keys in it.
//!
//! Only `init`, `serve` and `dev` make what is missing, and `migrate` makes tables in a database of PostgreSQL. Any other command that did would, in the wrong folder, work on a
//! second, empty provider and say that all is well.

use std::path::{Path, PathBuf};

use authmint_jose::SealingKey;
use authmint_provider::storage::ProviderStorage;
use authmint_provider::{Provider, ProviderConfig};

use crate::database::Database;
use crate::output::Failure;
use crate::secret;

/// The database and the secret of one provider.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) database: Database,
    pub(crate) secret: Source,
}

/// Where the secret is.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// It was handed in.
    Given(SealingKey),
    /// In a file.
    File(PathBuf),
}

impl Place {
    /// Opens what is there; makes the database and the secret where there is none.
    ///
    /// # Errors
    /// When something can't be opened or made, or when the secret of a database that needs one is missing.
    pub(crate) async fn open_or_make(&self, config: ProviderConfig) -> Result<Provider, Failure> {
        let store = self.database.open().await?;
        let key = match self.secret()? {
            Some(key) => key,
            None if has_keys(&*store).await? => return Err(self.secret_is_missing()),
            None => self.make_secret()?,
        };
        Ok(Provider::new(config, store, &key)?)
    }

    /// Opens what is there.
    ///
    /// # Errors
    /// When the database or the secret is missing or can't be opened.
    pub(crate) async fn open(&self, config: ProviderConfig) -> Result<Provider, Failure> {
        let store = self.database.open_existing().await?;
        let key = self.secret()?.ok_or_else(|| self.secret_is_missing())?;
        Ok(Provider::new(config, store, &key)?)
    }

    /// Opens what is there with a new secret, in the place of one that is lost.
    ///
    /// # Errors
    /// When there is a secret already, or something can't be opened or made.
    pub(crate) async fn open_with_new_secret(&self, config: ProviderConfig) -> Result<Provider, Failure> {
        let store = self.database.open_existing().await?;
        if self.secret()?.is_some() {
            return Err(Failure::new("there is a secret already: a new one is for a secret that is lost")
                .advice("leave --new-secret out, or move the old secret file away first"));
        }
        Ok(Provider::new(config, store, &self.make_secret()?)?)
    }

    fn secret(&self) -> Result<Option<SealingKey>, Failure> {
        match &self.secret {
            Source::Given(key) => Ok(Some(key.clone())),
            Source::File(path) => secret::read(path),
        }
    }

    fn make_secret(&self) -> Result<SealingKey, Failure> {
        match &self.secret {
            Source::Given(key) => Ok(key.clone()),
            Source::File(path) => secret::make(path),
        }
    }

    fn secret_is_missing(&self) -> Failure {
        let Source::File(secret) = &self.secret else {
            return Failure::new("there is no secret").advice("set AUTHMINT_SECRET, or name a file");
        };
        Failure::new(format!(
            "there is no secret at {}, and without it the signing keys in the database {} can't be opened",
            shown(secret),
            self.database
        ))
        .advice(
            "put the file back from its copy, or name it with --secret-file; if it is lost, \
             `authmint key rotate --at-once --new-secret` makes a new one with new keys, and ends every token",
        )
    }
}

async fn has_keys(store: &dyn ProviderStorage) -> Result<bool, Failure> {
    Ok(!store.keys().await?.1.is_empty())
}

/// A path that says which folder is meant, also where it was named by its file alone.
pub(crate) fn shown(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}
