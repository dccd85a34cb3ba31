//! The first user of the demonstration: made once, kept in a file of the folder so that it can be printed again.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use authmint_jose::Secret;
use authmint_oidc::PersonClaims;
use authmint_provider::Provider;

use crate::admin::user::generate;
use crate::output::Failure;

const USERNAME: &str = "ada";

/// A user name and its password.
pub(crate) struct FirstUser {
    pub(crate) username: &'static str,
    pub(crate) password: Secret,
}

/// Where the password is kept.
pub(crate) fn password_file(data: &Path) -> PathBuf {
    data.join("password")
}

/// Makes the user if there is none. A file that was lost gets a new password, one that is there is left alone.
pub(crate) async fn ensure(provider: &Provider, data: &Path) -> Result<FirstUser, Failure> {
    let path = password_file(data);
    let (password, is_new) = match fs::read_to_string(&path) {
        Ok(text) => (Secret::new(text.trim()), false),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let password = generate()?;
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            writeln!(options.open(&path)?, "{}", password.expose())?;
            (password, true)
        }
        Err(error) => return Err(Failure::new(format!("{} can't be read: {error}", path.display()))),
    };
    let is_known = provider.storage().account_by_username(USERNAME).await?.is_some();
    if is_known && is_new {
        provider.set_password(USERNAME, password.clone()).await?;
    }
    if !is_known {
        let claims = PersonClaims {
            name: Some("Ada Lovelace".to_owned()),
            given_name: Some("Ada".to_owned()),
            family_name: Some("Lovelace".to_owned()),
            preferred_username: Some(USERNAME.to_owned()),
            email: Some("ada@example.com".to_owned()),
            email_verified: Some(true),
            ..PersonClaims::default()
        };
        provider.add_account(USERNAME, password.clone(), claims).await?;
    }
    Ok(FirstUser { username: USERNAME, password })
}
