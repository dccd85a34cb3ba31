//! The secret that seals signing keys: from the environment, or from a file that only its owner reads.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use authmint_jose::{SealingKey, Secret};

use crate::output::Failure;

/// Reads the secret of a file; nothing if there is no such file.
///
/// # Errors
/// When the file can't be read, is open to others, or holds something else.
pub(crate) fn read(path: &Path) -> Result<Option<SealingKey>, Failure> {
    let text = match fs::read_to_string(path) {
        Ok(text) => Secret::new(text.trim()),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(Failure::new(format!("the secret file {} can't be read: {error}", path.display()))
                .advice("see that this user owns the file, or name another one with --secret-file"));
        }
    };
    refuse_open_file(path)?;
    let key = SealingKey::from_base64url(text.expose()).map_err(|_| {
        Failure::new(format!(
            "the secret file {} does not hold a secret: one line of 43 letters, digits, - and _",
            path.display()
        ))
        .advice("put the file back from its copy, or name the right one with --secret-file")
    })?;
    Ok(Some(key))
}

/// Reads the password of a file.
///
/// # Errors
/// When the file can't be read, or is open to others.
pub(crate) fn password(path: &Path) -> Result<Secret, Failure> {
    let text = fs::read_to_string(path).map_err(|error| {
        Failure::new(format!("the password file {} can't be read: {error}", path.display()))
            .advice("see that this user owns the file, or name another one with --database-password-file")
    })?;
    refuse_open_file(path)?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n'])))
}

/// Reads the secret of `AUTHMINT_SECRET`.
///
/// # Errors
/// When it is not 32 bytes in base64url.
pub(crate) fn from_environment(text: &Secret) -> Result<SealingKey, Failure> {
    SealingKey::from_base64url(text.expose()).map_err(|_| {
        Failure::new(
            "AUTHMINT_SECRET does not hold a secret: 43 letters, digits, - and _ (32 bytes in base64url)",
        )
        .advice(
            "set it to the line in the secret file; or unset it, and the file is read instead. For a new \
                 provider: openssl rand -base64 32 | tr '+/' '-_' | tr -d '='",
        )
    })
}

/// Makes a secret in a file that is not there.
///
/// # Errors
/// When the file can't be made.
pub(crate) fn make(path: &Path) -> Result<SealingKey, Failure> {
    let key = SealingKey::generate()?;
    let problem = |error| {
        Failure::new(format!("the secret file {} can't be made: {error}", path.display()))
            .advice("see that this user may write the folder, or name another file with --secret-file")
    };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            // Another process was faster; its secret is the secret.
            return read(path)?.ok_or_else(|| problem(error));
        }
        opened => opened.map_err(problem)?,
    };
    writeln!(file, "{}", key.export().expose()).and_then(|()| file.sync_all()).map_err(problem)?;
    tracing::info!(path = %path.display(), "secret made: keep a copy apart from the database");
    Ok(key)
}

#[cfg(unix)]
fn refuse_open_file(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Failure::new(format!(
            "the file {} holds a secret and can be read by others",
            path.display()
        ))
        .advice(format!("chmod 600 {}", path.display())));
    }
    Ok(())
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the same signature on every system")]
fn refuse_open_file(_: &Path) -> Result<(), Failure> {
    Ok(())
}
