//! The database: a file, or a PostgreSQL server that several nodes share.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use authmint_jose::Secret;
use authmint_provider::storage::ProviderStorage;
use authmint_server::storage::StorageError;
use authmint_store::{PostgresAddress, PostgresStore, SqliteStore};
use serde::Deserialize;

use crate::output::Failure;
use crate::place::shown;

/// What the settings say: the name of a file, or a URL, in which there may be a password.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub(crate) struct Named(OsString);

impl<T: Into<OsString>> From<T> for Named {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Named")
    }
}

/// Where the database is.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    /// A file of SQLite.
    File(PathBuf),
    /// A database of PostgreSQL.
    Postgres(Box<PostgresAddress>),
}

impl Database {
    /// Reads a name; a file's is relative to `folder`. A password that is given goes over one in the URL.
    ///
    /// # Errors
    /// When it is a URL that can't be used; nothing of it is quoted.
    pub(crate) fn new(named: &Named, folder: &Path, password: Option<&Secret>) -> Result<Self, Failure> {
        let name = &named.0;
        let Some((scheme, _)) = name.to_str().and_then(|text| text.split_once("://")) else {
            return Ok(Self::File(folder.join(name)));
        };
        let text = name.to_str().unwrap_or_default();
        if !PostgresAddress::is_one(text) {
            return Err(Failure::new(format!("a database can't be at a URL that begins with {scheme}://"))
                .advice("the name of a file, or postgres://authmint@db.example.com/authmint"));
        }
        let address: PostgresAddress = text.parse().map_err(|error| {
            Failure::new(error).advice("docs/operating.md shows the URL and its parameters")
        })?;
        Ok(Self::Postgres(Box::new(match password {
            Some(password) => address.with_password(password.expose()),
            None => address,
        })))
    }

    /// Opens the database, and makes what is missing in it.
    ///
    /// # Errors
    /// When it can't be opened.
    pub(crate) async fn open(&self) -> Result<Arc<dyn ProviderStorage>, Failure> {
        match self {
            Self::File(path) => Ok(Arc::new(open_file(path)?)),
            Self::Postgres(address) => {
                let store = PostgresStore::open(address).await;
                Ok(Arc::new(store.map_err(|error| self.cannot_be_opened(&error))?))
            }
        }
    }

    /// Opens a database that is there.
    ///
    /// # Errors
    /// When it is not, or can't be opened.
    pub(crate) async fn open_existing(&self) -> Result<Arc<dyn ProviderStorage>, Failure> {
        if let Self::File(path) = self {
            must_be_there(path)?;
        } else if self.versions().await?.0 == 0 {
            return Err(Failure::new(format!("there is nothing of a provider in the database {self} yet"))
                .advice("`authmint init` begins a new provider in it; or name another one with --database or --config"));
        }
        self.open().await
    }

    /// The version of the tables, and the one that this program brings them to.
    ///
    /// # Errors
    /// When there is no database, or it can't be read.
    pub(crate) async fn versions(&self) -> Result<(u64, u64), Failure> {
        let versions = match self {
            Self::File(path) => {
                must_be_there(path)?;
                SqliteStore::versions(path)
            }
            Self::Postgres(address) => PostgresStore::versions(address).await,
        };
        versions.map_err(|error| self.cannot_be_opened(&error))
    }

    fn cannot_be_opened(&self, error: &StorageError) -> Failure {
        let advice = match self {
            Self::File(path) => match path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() && !folder.exists() => {
                    format!("mkdir -p {}", folder.display())
                }
                _ => "see that the file is an Authmint database and that this user may write it and its folder, \
                      or name another one with --database"
                    .to_owned(),
            },
            Self::Postgres(_) => "see that the server runs and that the role and the database are there; a password can \
                 stand in AUTHMINT_DATABASE_PASSWORD or the file that database_password_file names"
                .to_owned(),
        };
        Failure::new(format!("the database {self} can't be opened: {error}")).advice(advice)
    }
}

/// Opens a file that is there.
///
/// # Errors
/// When it is missing or can't be opened.
pub(crate) fn open_existing_file(path: &Path) -> Result<SqliteStore, Failure> {
    must_be_there(path)?;
    open_file(path)
}

fn open_file(path: &Path) -> Result<SqliteStore, Failure> {
    SqliteStore::open(path).map_err(|error| Database::File(path.to_owned()).cannot_be_opened(&error))
}

fn must_be_there(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Ok(());
    }
    Err(Failure::new(format!("there is no database at {}", shown(path))).advice(
        "run this in the provider's folder, or name it with --database or --config; \
         `authmint init` begins a new provider",
    ))
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.write_str(&shown(path)),
            Self::Postgres(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(name: &str, password: Option<&str>) -> Result<Database, Failure> {
        let password = password.map(Secret::new);
        Database::new(&name.into(), Path::new("/srv"), password.as_ref())
    }

    #[test]
    fn a_name_is_a_file_and_a_url_is_a_server() {
        let file = |name: &str| match database(name, None).unwrap() {
            Database::File(path) => path,
            Database::Postgres(_) => panic!("{name}"),
        };
        assert_eq!(file("authmint.db"), Path::new("/srv/authmint.db"));
        assert_eq!(file("/var/authmint.db"), Path::new("/var/authmint.db"));
        assert_eq!(file("postgres"), Path::new("/srv/postgres"));
        let server = database("postgres://ada:old@db.example/mint", Some("new")).unwrap();
        assert_eq!(server.to_string(), "postgres://ada@db.example/mint");
    }

    #[test]
    fn a_url_that_is_refused_is_not_quoted() {
        for name in
            ["mysql://ada:hunter2@db/a", "postgres://ada:hunter2@db:port/a", "Postgres://ada:hunter2@db/a"]
        {
            let failure = database(name, None).unwrap_err();
            assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
        }
        let named = Named::from("postgres://ada:hunter2@db/a");
        assert!(!format!("{named:?}").contains("hunter2"));
    }
}
