//! JOSE that is fast and hard to misuse: keys, signatures, tokens.
//!
//! ```
//! use authmint_jose::{Algorithm, Clock, Key, KeySet, Policy, SystemClock};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Claims {
//!     iss: String,
//!     aud: String,
//!     sub: String,
//!     exp: u64,
//! }
//!
//! let key = Key::generate(Algorithm::ES256)?.with_kid("2026-11");
//! let now = SystemClock.now();
//! let token = key.sign_jwt("at+jwt", &Claims {
//!     iss: "https://login.example".into(),
//!     aud: "https://api.example".into(),
//!     sub: "user-17".into(),
//!     exp: now.as_secs() + 600,
//! })?;
//!
//! let keys = KeySet::from_jwks(&KeySet::new([key]).to_public_jwks())?;
//! let policy = Policy::new(&[Algorithm::ES256])
//!     .typ("at+jwt")
//!     .issuer("https://login.example")
//!     .audience("https://api.example");
//! let claims: Claims = keys.verify_jwt(&token, &policy, now)?.claims;
//! assert_eq!(claims.sub, "user-17");
//! # Ok::<(), authmint_jose::Error>(())
//! ```
//!
//! # What can't go wrong here
//! - **The token chooses nothing.** Its algorithm must be one that the caller names *and* one that the key is for; no key
//!   is taken from a header; there is no `none`.
//! - **A key knows its algorithm.** A public key can't become an HMAC secret, a key for one use does no other.
//! - **A policy is complete or refuses.** Type, issuer and audience are named, or declared not to matter.
//! - **Nothing is unbounded**: size, depth, members, iterations, inflated bytes, keys that are tried.
//! - **Nothing is global.** No provider to install; several [`crypto::Backend`]s work side by side.
//!
//! # Where to go on
//! - [`manual::how_to`]: recipes, from verifying an issuer's tokens to keys that never leave a device
//! - [`manual::vulnerabilities`]: what went wrong elsewhere, and why it can't here
//! - [`manual::features`]: backends and algorithms
//! - [`manual::defaults`]: bounds and defaults, and their reasons
//!
//! | module | what | source |
//! |---|---|---|
//! | `algorithm`, `key_type`, [`crypto`] | the algorithms as tables; the seam to the primitives | RFC 7518, 8037, 8812, 9864, FIPS 204 |
//! | `jwk`, `key`, `key_set` | keys, in and out | RFC 7517, 7468, 7638, 9278, 5958, 5280, 5915, 8017, 4253 |
//! | `jws` | signatures in every form | RFC 7515, 7797 |
//! | `jwe` | encryption in every form | RFC 7516, 7518 4 and 5 |
//! | `jwt`, `claims`, `policy`, `profile` | tokens and what they must be | RFC 7519, 8725 |
//! | `json`, [`base64url`] | strict JSON, strict base64url | RFC 7515 2 and 4 |
//! | `sealing` | values at rest | RFC 7516 |
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod algorithm;
pub mod base64url;
mod claims;
mod critical;
pub mod crypto;
mod entropy;
mod error;
mod json;
#[cfg(feature = "jwe")]
mod jwe;
mod jwk;
mod jws;
mod jwt;
mod key;
mod key_set;
mod key_type;
pub mod manual;
mod named;
mod names;
mod policy;
mod profile;
#[cfg(feature = "jwe")]
mod sealing;
mod secret;
mod time;

pub use algorithm::Algorithm;
pub use claims::Audience;
pub use crypto::{RsaSize, sha256, sha384, sha512};
pub use entropy::{
    Entropy, SystemEntropy, TIMED_TOKEN_PREFIX, random_token, timed_token, timed_token_prefix,
};
pub use error::Error;
pub use json::check as check_json;
#[cfg(feature = "jwe")]
pub use jwe::{
    ContentEncryption, EncryptionKey, EncryptionKeySet, Jwe, JweBuilder, JweHeader, JwePolicy, JweRecipient,
    KeyManagement, PendingJwe, RemoteStep,
};
pub use jwk::{Jwk, KeyUse, PrivateForm, PublicForm};
pub use jws::{
    Header, Jws, JwsBuilder, JwsJson, JwsPolicy, JwsSigner, MAX_TOKEN_BYTES, PendingJws, VerifiedSignature,
};
pub use jwt::{Jwt, peek_unverified};
pub use key::Key;
pub use key_set::KeySet;
pub use key_type::{Curve, KeyType, MlDsa, OkpCurve};
pub use policy::Policy;
pub use profile::CLIENT_ASSERTION_TYPE;
#[cfg(feature = "jwe")]
pub use sealing::SealingKey;
pub use secret::{Secret, constant_time_eq};
pub use time::{Clock, ManualClock, SystemClock, Timestamp};
