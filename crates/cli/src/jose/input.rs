//! What the commands read: keys in whatever form they come, tokens and texts from an argument, a file or standard input.

use std::io::Read;
use std::path::{Path, PathBuf};

use authmint_jose::Jwk;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::output::Failure;

/// The longest input.
pub(super) const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The longest message: what an input becomes when it is encrypted.
pub(super) const MAX_MESSAGE_BYTES: usize = 6 * 1024 * 1024;

/// The bytes of a file, or of standard input for `-`.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    bytes_within(path, MAX_BYTES)
}

fn bytes_within(path: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    // One more, so that what is too long is noticed and never cut.
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = |source: &mut dyn Read| {
        let mut bytes = Vec::new();
        source.take(limit).read_to_end(&mut bytes).map(|_| bytes)
    };
    let read = match path.as_os_str().as_encoded_bytes() {
        b"-" => read(&mut std::io::stdin()),
        _ => std::fs::File::open(path).and_then(|mut file| read(&mut file)),
    };
    let bytes = read.map_err(|error| Failure::new(format!("{} can't be read: {error}", path.display())))?;
    if bytes.len() > most {
        let mebibytes = most / (1024 * 1024);
        return Err(Failure::new(format!("{} is longer than {mebibytes} MiB", path.display())));
    }
    Ok(bytes)
}

/// The text of a file, or of standard input for `-`.
pub(super) fn text(path: &Path) -> Result<String, Failure> {
    text_within(path, MAX_BYTES)
}

fn text_within(path: &Path, most: usize) -> Result<String, Failure> {
    let text = String::from_utf8(bytes_within(path, most)?);
    text.map_err(|_| Failure::new(format!("{} is not UTF-8 text", path.display())))
}

/// A token: the argument, or what standard input says.
pub(super) fn token(argument: Option<String>) -> Result<String, Failure> {
    let token = match argument {
        Some(token) => token,
        None => text_within(Path::new("-"), MAX_MESSAGE_BYTES)?,
    };
    let token = token.trim();
    let token = token.strip_prefix("Bearer ").unwrap_or(token).trim();
    if token.is_empty() {
        return Err(Failure::new("no token was given").advice("name it as the argument, or pipe it in"));
    }
    Ok(token.to_owned())
}

/// The password in the first line of a file.
pub(super) fn password(path: &Path) -> Result<Vec<u8>, Failure> {
    let text = text(path)?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err(Failure::new(format!("{} has no password in its first line", path.display())));
    }
    Ok(line.as_bytes().to_vec())
}

/// The one key of a file.
pub(super) fn key(path: &Path, password: Option<&PathBuf>) -> Result<Jwk, Failure> {
    let mut keys = keys(path, password)?;
    match (keys.pop(), keys.is_empty()) {
        (Some(key), true) => Ok(key),
        (None, _) => Err(Failure::new(format!("{} holds no key that can be read", path.display()))),
        (Some(_), false) => Err(Failure::new(format!("{} holds several keys", path.display()))
            .advice("choose one by its name with --kid")),
    }
}

/// The key of this name in a file, or the only one.
pub(super) fn named_key(path: &Path, password: Option<&PathBuf>, kid: Option<&str>) -> Result<Jwk, Failure> {
    let Some(kid) = kid else { return key(path, password) };
    let found = keys(path, password)?.into_iter().find(|key| key.kid() == Some(kid));
    found.ok_or_else(|| Failure::new(format!("{} holds no key named {kid}", path.display())))
}

/// A JWK set, or else a JWK.
#[derive(Deserialize)]
struct Document<'a> {
    /// As they stand in the text, for the reader of keys to judge.
    #[serde(borrow)]
    keys: Option<Vec<&'a RawValue>>,
}

/// The keys of a file: a JWK, a JWK set, PEM, DER, or a line of OpenSSH.
pub(super) fn keys(path: &Path, password_file: Option<&PathBuf>) -> Result<Vec<Jwk>, Failure> {
    let bytes = bytes(path)?;
    let told = |error: authmint_jose::Error| {
        let failure = Failure::new(format!("{}: {error}", path.display()));
        if password_file.is_none() && error.to_string().contains("password") {
            return failure.advice("name a file with its password: --password-file FILE");
        }
        failure
    };
    let Ok(text) = std::str::from_utf8(&bytes) else {
        let key = match password_file {
            Some(file) => Jwk::from_encrypted_der(&bytes, &password(file)?),
            None => Jwk::from_der(&bytes),
        };
        return Ok(vec![key.map_err(told)?]);
    };
    let text = text.trim();
    if text.starts_with('{') {
        let document: Document<'_> = serde_json::from_str(text)
            .map_err(|error| Failure::new(format!("{} is no JSON object: {error}", path.display())))?;
        if let Some(keys) = document.keys {
            return keys.into_iter().map(|key| Jwk::from_json(key.get()).map_err(told)).collect();
        }
        return Ok(vec![Jwk::from_json(text).map_err(told)?]);
    }
    let key = if text.starts_with("-----BEGIN") {
        match password_file {
            Some(file) => Jwk::from_encrypted_pem(text, &password(file)?),
            None => Jwk::from_pem(text),
        }
    } else {
        Jwk::from_openssh(text)
    };
    Ok(vec![key.map_err(told)?])
}
