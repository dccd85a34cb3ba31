//! Sets of keys: which key a token names.

use authmint_jose::{Algorithm, EncryptionKey, EncryptionKeySet, Error, KeyManagement};
use pyo3::prelude::*;

use crate::key::Key;

/// Keys, found by `kid`.
#[pyclass(frozen, module = "authmint._core")]
pub(crate) struct KeySet {
    signatures: authmint_jose::KeySet,
    encryption: EncryptionKeySet,
    /// Why none of its keys verifies anything, where they are too weak.
    weakness: Option<Error>,
    keys: Vec<Py<Key>>,
}

#[pymethods]
impl KeySet {
    #[new]
    fn new(keys: Vec<Py<Key>>) -> Self {
        // What is not for a use, or too weak for it, is not asked (RFC 7517 5).
        let each = || keys.iter().map(Py::get);
        let signatures: Vec<_> = each().flat_map(Key::all_for_signatures).collect();
        Self {
            weakness: if signatures.is_empty() { each().find_map(Key::weakness) } else { None },
            signatures: authmint_jose::KeySet::new(signatures),
            encryption: EncryptionKeySet::new(each().filter_map(|key| EncryptionKey::new(key.jwk()).ok())),
            keys,
        }
    }

    fn __len__(&self) -> usize {
        self.keys.len()
    }
}

impl KeySet {
    pub(crate) fn signatures(&self) -> &authmint_jose::KeySet {
        &self.signatures
    }

    /// Verifies something; that no key is for it may have a reason which helps more.
    pub(crate) fn verify<T>(
        &self,
        verify: impl FnOnce(&authmint_jose::KeySet) -> Result<T, Error>,
    ) -> Result<T, Error> {
        verify(&self.signatures).map_err(|error| match (&error, &self.weakness) {
            (Error::KeyMismatch | Error::UnknownKey, Some(weakness)) => weakness.clone(),
            _ => error,
        })
    }

    pub(crate) fn encryption(&self) -> &EncryptionKeySet {
        &self.encryption
    }

    /// The key to sign or encrypt with: the one of that name, or else the first that can.
    fn choose<K>(
        &self,
        kid: Option<&str>,
        ready: impl Fn(&Key) -> Result<K, Error>,
    ) -> Result<(K, Option<&str>), Error> {
        let mut problem = Error::UnknownKey;
        for key in &self.keys {
            let key = key.get();
            let name = key.jwk().kid();
            if kid.is_some() && kid != name {
                continue;
            }
            match ready(key) {
                Ok(ready) => return Ok((ready, name)),
                Err(error) => problem = error,
            }
        }
        Err(problem)
    }
}

/// A key, or a set to choose it from.
#[derive(FromPyObject)]
pub(crate) enum Keys<'py> {
    One(Bound<'py, Key>),
    Set(Bound<'py, KeySet>),
}

impl Keys<'_> {
    /// The key to sign with, and its name.
    pub(crate) fn to_sign(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> Result<(authmint_jose::Key, Option<&str>), Error> {
        let ready = |key: &Key| {
            let ready = key.for_signatures(algorithm)?;
            if ready.can_sign() { Ok(ready) } else { Err(Error::NoPrivateKey) }
        };
        match self {
            Self::One(key) => Ok((ready(key.get())?, key.get().jwk().kid())),
            Self::Set(keys) => keys.get().choose(kid, ready),
        }
    }

    /// The key to encrypt to, and its name.
    pub(crate) fn to_encrypt(
        &self,
        algorithm: KeyManagement,
        kid: Option<&str>,
    ) -> Result<(EncryptionKey, Option<&str>), Error> {
        match self {
            Self::One(key) => Ok((key.get().for_encryption(algorithm)?, key.get().jwk().kid())),
            Self::Set(keys) => keys.get().choose(kid, |key| key.for_encryption(algorithm)),
        }
    }
}
