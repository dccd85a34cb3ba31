//! The claims of an ID token (Core 2), and what both sides must do with them.

use authmint_jose::{Algorithm, Audience, Timestamp, base64url, constant_time_eq, sha256, sha384, sha512};
use serde::{Deserialize, Serialize};

use crate::userinfo::PersonClaims;

/// The claims of an ID token: who logged in where, when, and for which request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdTokenClaims {
    /// The issuer.
    pub iss: String,
    /// The person, by a name that is never given to another one; at most 255 ASCII characters.
    pub sub: String,
    /// The client, and who else may read it.
    pub aud: Audience,
    /// When it stops being valid.
    pub exp: Timestamp,
    /// When it was issued.
    pub iat: Timestamp,
    /// When the person last gave a password or other proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Timestamp>,
    /// The request's `nonce`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// How sure the provider is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// How the person logged in (RFC 8176), such as `pwd`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The client it was issued to, where the audience has several members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// The left half of the access token's hash; see [`half_hash`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// The left half of the code's hash, where both come from the authorization endpoint (Core 3.3.2.11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// The left half of the hash of `state` (Financial-grade API 1.0, part 2, 5.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub s_hash: Option<String>,
    /// The provider's session (Front-Channel Logout 3), for logout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Claims about the person.
    #[serde(flatten)]
    pub person: PersonClaims,
}

/// `at_hash`, `c_hash` or `s_hash` of a value: the left half of its hash, base64url (Core 3.1.3.6, 3.3.2.11).
///
/// The hash is the one of the ID token's algorithm; for Ed25519, which hashes with SHA-512 inside, that one. `None` for
/// algorithms that name no hash of the SHA-2 family.
///
/// ```
/// use authmint_jose::Algorithm;
/// // Core A.3
/// let hash = authmint_oidc::id_token::half_hash(Algorithm::RS256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
/// assert_eq!(hash.as_deref(), Some("77QmUPtjPfzWtF2AnpK9RQ"));
/// ```
#[must_use]
pub fn half_hash(algorithm: Algorithm, value: &str) -> Option<String> {
    let half = |hash: &[u8]| hash.get(..hash.len() / 2).map(base64url::encode);
    match algorithm {
        Algorithm::HS256 | Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 | Algorithm::ES256K => {
            half(&sha256(value.as_bytes()))
        }
        Algorithm::HS384 | Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384 => {
            half(&sha384(value.as_bytes()))
        }
        Algorithm::HS512
        | Algorithm::RS512
        | Algorithm::PS512
        | Algorithm::ES512
        | Algorithm::EdDSA
        | Algorithm::Ed25519 => half(&sha512(value.as_bytes())),
        _ => None,
    }
}

/// Whether the half of a hash that a token carries is the one of this value. Where the token's algorithm names no hash, nobody
/// can tell: that passes.
#[must_use]
pub fn fits_half_hash(algorithm: Algorithm, hash: &str, value: &str) -> bool {
    half_hash(algorithm, value).is_none_or(|expected| constant_time_eq(expected.as_bytes(), hash.as_bytes()))
}
