//! JSON Web Tokens (RFC 7519) over JWS: sign claims, verify them by a policy (RFC 8725).

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base64url;
use crate::claims::ClaimsReader;
use crate::error::Error;
use crate::json;
use crate::jws::{Header, Jws, Unverified, sign, split, text};
use crate::key::Key;
use crate::key_set::KeySet;
use crate::policy::Policy;
use crate::time::Timestamp;

/// A verified token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwt<T> {
    /// The protected header.
    pub header: Header,
    /// The claims, in the caller's own type.
    pub claims: T,
}

impl Key {
    /// Signs claims. `typ` says what kind of token it is (RFC 8725 3.11): `at+jwt`, `logout+jwt`, or plain `JWT`.
    ///
    /// ```
    /// use authmint_jose::{Algorithm, Key, Policy, Timestamp};
    ///
    /// let key = Key::generate(Algorithm::EdDSA)?;
    /// let claims = serde_json::json!({ "iss": "https://login.example", "aud": "api", "exp": 2_000, "admin": true });
    /// let token = key.sign_jwt("JWT", &claims)?;
    ///
    /// let policy = Policy::new(&[Algorithm::EdDSA]).typ("JWT").issuer("https://login.example").audience("api");
    /// let verified = key.verify_jwt::<serde_json::Value>(&token, &policy, Timestamp::from_secs(1_000))?;
    /// assert_eq!(verified.claims["admin"], true);
    /// assert!(key.verify_jwt::<serde_json::Value>(&token, &policy, Timestamp::from_secs(2_000)).is_err());
    /// # Ok::<(), authmint_jose::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::NoPrivateKey`] for a public key, [`Error::KeyMismatch`] for a key without one fixed algorithm,
    /// [`Error::ClaimsForm`] when the claims can't be written as JSON.
    pub fn sign_jwt<T: Serialize + ?Sized>(&self, typ: &str, claims: &T) -> Result<String, Error> {
        let mut payload = Vec::with_capacity(512);
        serde_json::to_writer(&mut payload, claims).map_err(|_| Error::ClaimsForm)?;
        sign(self, Some(typ), &payload)
    }

    /// Verifies a token with this key by a policy.
    ///
    /// # Errors
    /// What was wrong: bounds, header, key, signature, claims, in this order.
    pub fn verify_jwt<T: DeserializeOwned>(
        &self,
        token: &str,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Jwt<T>, Error> {
        let unverified = Unverified::parse(token, policy.algorithms(), self.verified_headers())?;
        policy.check_typ(unverified.header().typ())?;
        unverified.check_name(self)?;
        unverified.verify_with(self)?;
        finish(unverified, policy, now)
    }
}

impl KeySet {
    /// Verifies a token with the key it names by a policy.
    ///
    /// # Errors
    /// [`Error::UnknownKey`] when no key has its `kid`; else as [`Key::verify_jwt`].
    pub fn verify_jwt<T: DeserializeOwned>(
        &self,
        token: &str,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Jwt<T>, Error> {
        let unverified = Unverified::parse(token, policy.algorithms(), self.verified_headers())?;
        policy.check_typ(unverified.header().typ())?;
        unverified.verify_with_set(self)?;
        finish(unverified, policy, now)
    }
}

fn finish<T: DeserializeOwned>(
    unverified: Unverified<'_>,
    policy: &Policy,
    now: Timestamp,
) -> Result<Jwt<T>, Error> {
    let Jws { header, payload } = unverified.into_jws()?;
    let claims = read_claims(&text("the claims set", payload)?, policy, now)?;
    Ok(Jwt { header, claims })
}

/// The claims, once the policy is content with them.
pub(crate) fn read_claims<T: DeserializeOwned>(
    payload: &str,
    policy: &Policy,
    now: Timestamp,
) -> Result<T, Error> {
    let mut reader = ClaimsReader::of(payload, policy.watched());
    let claims = T::deserialize(&mut reader);
    policy.check_claims(reader.registered()?, now)?;
    policy.check_custom(payload)?;
    // A type that is no plain object of members may still be one that serde_json knows.
    claims.or_else(|_| serde_json::from_str(payload)).map_err(|_| Error::ClaimsForm)
}

/// Reads a token **without verifying it**: to choose the key or the client it claims to be from, or to show it to a
/// person. Never decide anything by what it says.
///
/// # Errors
/// When it has not the form of a JWT, or the claims don't fit `T`.
pub fn peek_unverified<T: DeserializeOwned>(token: &str) -> Result<(serde_json::Value, T), Error> {
    let (header, payload, _) = split(token)?;
    let header = text("the header", base64url::decode(header)?)?;
    let payload = text("the claims set", base64url::decode(payload)?)?;
    json::check("the header", &header)?;
    json::check("the claims set", &payload)?;
    let header = serde_json::from_str(&header).map_err(|_| json::malformed("the header"))?;
    let claims = serde_json::from_str(&payload).map_err(|_| Error::ClaimsForm)?;
    Ok((header, claims))
}
