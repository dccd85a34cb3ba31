//! The secret that seals signing keys: from the environment, or from a file that only its owner reads.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

use authmint_jose::{SealingKey, Secret};

use crate::output::Failure;

/// Reads the secret of a file; makes the file if there is none.
///
/// # Errors
/// When the file can't be read or made, is open to others, or holds something else.
pub(crate) fn read_or_make(path: &Path) -> Result<SealingKey, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => {
            refuse_open_file(path)?;
            parse(&Secret::new(text.trim()), &path.display().to_string())
        }
        Err(error) if error.kind() == ErrorKind::NotFound => make(path),
        Err(error) => Err(Failure::new(format!("the secret file {} can't be read: {error}", path.display()))),
    }
}

/// Reads a secret that was handed in.
///
/// # Errors
/// When it is not 32 bytes in base64url.
pub(crate) fn parse(text: &Secret, from: &str) -> Result<SealingKey, Failure> {
    SealingKey::from_base64url(text.expose()).map_err(|_| {
        Failure::new(format!("{from} does not hold a secret: 43 characters of base64url"))
            .advice("name a file that does not exist, and a secret is made in it")
    })
}

fn make(path: &Path) -> Result<SealingKey, Failure> {
    let key = SealingKey::generate()?;
    let problem = |error| Failure::new(format!("the secret file {} can't be made: {error}", path.display()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(path) {
        // Another process was faster; its secret is the secret.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return read_or_make(path),
        opened => opened.map_err(problem)?,
    };
    writeln!(file, "{}", key.export().expose()).and_then(|()| file.sync_all()).map_err(problem)?;
    tracing::info!(path = %path.display(), "secret made: back it up apart from the database");
    Ok(key)
}

#[cfg(unix)]
fn refuse_open_file(path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Failure::new(format!("the secret file {} can be read by others", path.display()))
            .advice(format!("chmod 600 {}", path.display())));
    }
    Ok(())
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "the same signature on every system")]
fn refuse_open_file(_: &Path) -> Result<(), Failure> {
    Ok(())
}
