//! The server's keys: made at first start, sealed at rest, rotated with an overlap.
//!
//! A key lives through three states, told apart by time alone, so that every node agrees without speaking:
//!
//! ```text
//! published ──active_from──▶ signs ──(a newer one is active)──▶ published until ──published_until──▶ gone
//! ```
//!
//! A new key is published for [`ServerConfig::key_publication`] before it signs: a verifier that keeps the key set for
//! less than that never meets an unknown `kid`. An old one stays published until the last token it signed has expired.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use authmint_jose::{
    Algorithm, Clock, EncryptionKey, EncryptionKeySet, JwePolicy, Jwk, Key, KeyManagement, KeySet, KeyUse,
    SealingKey, Timestamp,
};
use authmint_oauth2::{Error as ProtocolError, ErrorCode};
use serde_json::{Value, json};

use crate::audit;
use crate::client_jwt::CONTENT_ENCRYPTION;
use crate::config::ServerConfig;
use crate::error::Error;
use crate::storage::{KeyPurpose, KeysVersion, Storage, StoredKey};

/// What the seal of a key is bound to.
const SEAL_CONTEXT: &str = "authmint-signing-key";
/// How long a node works with the list it read: the most a rotation lags on other nodes.
const REREAD_AFTER: Duration = Duration::from_secs(5);

/// The keys of one server, read from its store.
#[derive(Clone)]
pub struct KeyRing {
    storage: Arc<dyn Storage>,
    clock: Arc<dyn Clock>,
    sealing_key: SealingKey,
    purposes: Arc<[KeyPurpose]>,
    publication: Duration,
    overlap: Duration,
    loaded: Arc<RwLock<Option<Arc<Loaded>>>>,
}

/// One reading of the store.
struct Loaded {
    read_at: Timestamp,
    keys: Vec<(StoredKey, OpenKey)>,
    published: KeySet,
    decrypting: EncryptionKeySet,
}

/// A key that was unsealed.
enum OpenKey {
    Signs(Key),
    Decrypts(EncryptionKey),
}

impl OpenKey {
    fn new(jwk: &Jwk, purpose: KeyPurpose) -> Result<Self, authmint_jose::Error> {
        match purpose {
            KeyPurpose::Sign(_) => Key::new(jwk).map(Self::Signs),
            KeyPurpose::Decrypt(_) => EncryptionKey::new(jwk).map(Self::Decrypts),
        }
    }

    fn signs(&self) -> Option<&Key> {
        match self {
            Self::Signs(key) => Some(key),
            Self::Decrypts(_) => None,
        }
    }

    fn decrypts(&self) -> Option<&EncryptionKey> {
        match self {
            Self::Decrypts(key) => Some(key),
            Self::Signs(_) => None,
        }
    }
}

impl KeyRing {
    /// A ring over a store; reads nothing yet.
    pub fn new(
        config: &ServerConfig,
        storage: Arc<dyn Storage>,
        clock: Arc<dyn Clock>,
        sealing_key: SealingKey,
    ) -> Self {
        Self {
            storage,
            clock,
            sealing_key,
            purposes: config.key_purposes().into(),
            publication: config.key_publication,
            overlap: config.longest_token().saturating_add(REREAD_AFTER),
            loaded: Arc::default(),
        }
    }

    /// The key that signs with `algorithm` now.
    ///
    /// # Errors
    /// When the store fails, when a key can't be unsealed, or when `algorithm` is not one of the server's.
    pub async fn signing_key(&self, algorithm: Algorithm) -> Result<Key, Error> {
        let now = self.clock.now();
        let loaded = self.load().await?;
        let active = loaded.keys.iter().filter_map(|(stored, key)| {
            let lives = stored.published_until.is_none_or(|until| now < until);
            let fits = stored.purpose == KeyPurpose::Sign(algorithm) && lives;
            key.signs().filter(|_| fits).map(|key| (stored.active_from, key))
        });
        // The newest that may sign; where none may yet, the one that was made first.
        let signing = active.clone().filter(|(from, _)| *from <= now).max_by_key(|(from, _)| *from);
        let chosen = signing.or_else(|| active.min_by_key(|(from, _)| *from));
        chosen
            .map(|(_, key)| key.clone())
            .ok_or_else(|| Error::Configuration(format!("there is no {algorithm} key")))
    }

    /// Every key that a token in circulation may be signed with, and those about to sign.
    ///
    /// # Errors
    /// When the store fails or a key can't be unsealed.
    pub async fn published(&self) -> Result<KeySet, Error> {
        Ok(self.load().await?.published.clone())
    }

    /// The public halves of all keys, for the JWKS endpoint.
    ///
    /// # Errors
    /// When the store fails or a key can't be unsealed.
    pub async fn public_jwks(&self) -> Result<String, Error> {
        let loaded = self.load().await?;
        let mut keys = Vec::new();
        for set in [loaded.published.to_public_jwks(), loaded.decrypting.to_public_jwks()] {
            let mut set: Value = serde_json::from_str(&set)
                .map_err(|_| Error::Configuration("the key set can't be written".to_owned()))?;
            if let Some(members) = set.get_mut("keys").and_then(Value::as_array_mut) {
                keys.append(members);
            }
        }
        Ok(json!({ "keys": keys }).to_string())
    }

    /// Decrypts a token that was encrypted to this server: the signed token in it.
    ///
    /// # Errors
    /// `invalid_request_object` when it was not, or not as the metadata says.
    pub(crate) async fn decrypt(&self, token: &str) -> Result<String, Error> {
        let loaded = self.load().await?;
        let algorithms: Vec<KeyManagement> = self
            .purposes
            .iter()
            .filter_map(|purpose| match purpose {
                KeyPurpose::Decrypt(algorithm) => Some(*algorithm),
                KeyPurpose::Sign(_) => None,
            })
            .collect();
        let policy = JwePolicy::new(&algorithms, CONTENT_ENCRYPTION);
        let decrypted = loaded.decrypting.decrypt_jwe(token, &policy);
        let text = decrypted.ok().and_then(|jwe| String::from_utf8(jwe.plaintext.to_vec()).ok());
        text.ok_or_else(|| {
            ProtocolError::new(
                ErrorCode::InvalidRequestObject,
                "the request object can't be decrypted: encrypt it to a key of jwks_uri, as \
                 request_object_encryption_alg_values_supported says",
            )
            .parameter("request")
            .section("RFC 9101 6.1")
            .into()
        })
    }

    /// The keys as they are stored, without their sealed part: for an operator's list.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn list(&self) -> Result<Vec<StoredKey>, Error> {
        let (_, mut keys) = self.storage.keys().await?;
        for key in &mut keys {
            key.sealed.clear();
        }
        Ok(keys)
    }

    /// Makes a new key for every algorithm, and sets the time at which the old ones go. `at_once` lets the new keys sign
    /// immediately: for a key that leaked, where a verifier's stale cache is the smaller harm; the old ones are then
    /// withdrawn immediately too, and everything they signed with them.
    ///
    /// Keys that the sealing key does not open were sealed with another one: a rotation beside them would leave the nodes
    /// that have the right one without a key that they can use. It is refused, and nothing is changed. Only `at_once`
    /// goes on, since it withdraws those keys anyway: the way out when a sealing key is lost.
    ///
    /// Returns the identifiers of the new keys.
    ///
    /// # Errors
    /// When the store or the source of randomness fails, and, unless `at_once`, when a published key does not open.
    pub async fn rotate(&self, at_once: bool) -> Result<Vec<String>, Error> {
        self.rotate_where(at_once, |_| true).await
    }

    /// As [`rotate`](Self::rotate), if a key that is in use has been so for `age`. Any number of nodes may call it on one
    /// store: the first makes the keys, and the others find them young. Returns no name when nothing was due.
    ///
    /// # Errors
    /// As [`rotate`](Self::rotate).
    pub async fn rotate_if_older(&self, age: Duration) -> Result<Vec<String>, Error> {
        let now = self.clock.now();
        let is_due = |keys: &[StoredKey]| {
            let in_use = keys.iter().filter(|key| key.published_until.is_none());
            in_use.map(|key| key.active_from).min().is_some_and(|from| now >= from.saturating_add(age))
        };
        self.rotate_where(false, is_due).await
    }

    /// Rotates if the stored keys say so, and none where they don't; of two nodes that see the same keys, one rotates.
    async fn rotate_where(
        &self,
        at_once: bool,
        is_due: impl Fn(&[StoredKey]) -> bool,
    ) -> Result<Vec<String>, Error> {
        loop {
            let now = self.clock.now();
            let (version, mut keys) = self.storage.keys().await?;
            if !is_due(&keys) {
                return Ok(Vec::new());
            }
            let active_from = if at_once { now } else { now.saturating_add(self.publication) };
            let withdrawn = if at_once { now } else { active_from.saturating_add(self.overlap) };
            keys.retain(|key| key.published_until.is_none_or(|until| now < until));
            for key in &keys {
                match self.open(key) {
                    Err(error) if at_once => {
                        tracing::warn!(kid = key.kid, %error, "withdrawn without having been opened");
                    }
                    opened => drop(opened?),
                }
            }
            for key in &mut keys {
                key.published_until =
                    Some(key.published_until.map_or(withdrawn, |until| until.min(withdrawn)));
            }
            let fresh = self.make_keys(&self.purposes, active_from)?;
            let names: Vec<String> = fresh.iter().map(|key| key.kid.clone()).collect();
            keys.extend(fresh);
            if self.storage.replace_keys(version, keys).await? {
                self.forget();
                tracing::info!(
                    target: audit::TARGET,
                    event = "keys_rotated",
                    keys = names.join(" "),
                    at_once,
                    "signing keys rotated"
                );
                return Ok(names);
            }
        }
    }

    fn forget(&self) {
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    async fn load(&self) -> Result<Arc<Loaded>, Error> {
        let now = self.clock.now();
        let cached = self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(loaded) = cached.filter(|loaded| now < loaded.read_at.saturating_add(REREAD_AFTER)) {
            return Ok(loaded);
        }
        let keys = self.read_or_make(now).await?;
        let opened = keys.into_iter().filter_map(|stored| match self.open(&stored) {
            // Nothing is signed with it yet. To fail now would take every endpoint down for a key that nobody needs.
            Err(error) if now < stored.active_from => {
                tracing::error!(kid = stored.kid, %error, "a signing key is left out");
                None
            }
            opened => Some(opened.map(|key| (stored, key))),
        });
        let keys = opened.collect::<Result<Vec<_>, Error>>()?;
        let signing = keys.iter().filter_map(|(_, key)| key.signs());
        let published = KeySet::new(signing.map(Key::public).collect::<Result<Vec<_>, _>>()?);
        let decrypting = EncryptionKeySet::new(keys.iter().filter_map(|(_, key)| key.decrypts().cloned()));
        let loaded = Arc::new(Loaded { read_at: now, keys, published, decrypting });
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&loaded));
        Ok(loaded)
    }

    /// The stored keys that are still published; makes those that are missing, and of two nodes one wins.
    async fn read_or_make(&self, now: Timestamp) -> Result<Vec<StoredKey>, Error> {
        loop {
            let (version, mut keys) = self.storage.keys().await?;
            keys.retain(|key| key.published_until.is_none_or(|until| now < until));
            let lacks = |purpose: &&KeyPurpose| {
                !keys.iter().any(|key| key.purpose == **purpose && key.published_until.is_none())
            };
            let missing: Vec<_> = self.purposes.iter().filter(lacks).copied().collect();
            if missing.is_empty() {
                return Ok(keys);
            }
            let names: Vec<_> = missing.iter().map(ToString::to_string).collect();
            let first = version == KeysVersion::default();
            tracing::info!(target: audit::TARGET, event = "keys_made", algorithms = names.join(" "), first, "making keys");
            keys.extend(self.make_keys(&missing, now)?);
            if self.storage.replace_keys(version, keys.clone()).await? {
                return Ok(keys);
            }
        }
    }

    fn make_keys(&self, purposes: &[KeyPurpose], active_from: Timestamp) -> Result<Vec<StoredKey>, Error> {
        let make = |purpose: &KeyPurpose| {
            let jwk = generate(*purpose)?;
            let kid = jwk.thumbprint();
            let private = jwk.with_kid(&kid).export_private_json()?;
            let sealed = self.sealing_key.seal(SEAL_CONTEXT, private.expose().as_bytes())?;
            Ok(StoredKey { kid, purpose: *purpose, sealed, active_from, published_until: None })
        };
        purposes.iter().map(make).collect()
    }

    fn open(&self, stored: &StoredKey) -> Result<OpenKey, Error> {
        let unreadable = || {
            Error::Configuration(format!(
                "{} key {} can't be opened: it was sealed with another secret than the one in use",
                match stored.purpose {
                    KeyPurpose::Sign(_) => "signing",
                    KeyPurpose::Decrypt(_) => "encryption",
                },
                stored.kid
            ))
        };
        let private = self.sealing_key.open(SEAL_CONTEXT, &stored.sealed).map_err(|_| unreadable())?;
        let jwk = std::str::from_utf8(&private).map_err(|_| unreadable())?;
        let jwk = Jwk::from_json(jwk)?.with_kid(&stored.kid);
        Ok(OpenKey::new(&jwk, stored.purpose)?)
    }
}

fn generate(purpose: KeyPurpose) -> Result<Jwk, authmint_jose::Error> {
    Ok(match purpose {
        KeyPurpose::Sign(algorithm) => Key::generate(algorithm)?.to_jwk(),
        KeyPurpose::Decrypt(algorithm) => {
            EncryptionKey::generate(algorithm)?.to_jwk().with_use(KeyUse::Encryption)
        }
    })
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("purposes", &self.purposes).finish_non_exhaustive()
    }
}
