//! Tokens that are signed, then encrypted (RFC 7519 11.2), and tokens that are encrypted only. The caller states which.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::algorithm::ContentEncryption;
use super::builder::JweBuilder;
use super::decrypt::Jwe;
use super::key::EncryptionKey;
use super::key_set::EncryptionKeySet;
use super::policy::JwePolicy;
use crate::error::Error;
use crate::jwt::{Jwt, read_claims};
use crate::key_set::KeySet;
use crate::policy::{Policy, same_type};
use crate::time::Timestamp;

impl EncryptionKey {
    /// Encrypts a signed token for its recipient, with `cty: JWT`.
    ///
    /// ```
    /// use authmint_jose::{
    ///     Algorithm, ContentEncryption, EncryptionKey, EncryptionKeySet, JwePolicy, Key, KeyManagement, KeySet, Policy,
    ///     Timestamp,
    /// };
    ///
    /// let signer = Key::generate(Algorithm::ES256)?;
    /// let recipient = EncryptionKey::generate(KeyManagement::EcdhEs)?;
    /// let claims = serde_json::json!({ "iss": "https://login.example", "aud": "app", "exp": 2_000 });
    /// let token = recipient.encrypt_jwt(&signer.sign_jwt("JWT", &claims)?, ContentEncryption::A256Gcm)?;
    ///
    /// let encryption = JwePolicy::new(&[KeyManagement::EcdhEs], &[ContentEncryption::A256Gcm]);
    /// let policy = Policy::new(&[Algorithm::ES256]).typ("JWT").issuer("https://login.example").audience("app");
    /// let verified = EncryptionKeySet::from(recipient).decrypt_nested_jwt::<serde_json::Value>(
    ///     &token,
    ///     &encryption,
    ///     &KeySet::from(signer),
    ///     &policy,
    ///     Timestamp::from_secs(1_000),
    /// )?;
    /// assert_eq!(verified.claims["aud"], "app");
    /// # Ok::<(), authmint_jose::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`encrypt_jwe`](Self::encrypt_jwe).
    pub fn encrypt_jwt(&self, signed: &str, encryption: ContentEncryption) -> Result<String, Error> {
        JweBuilder::new(encryption).content_type("JWT").encrypt(self, signed.as_bytes())
    }

    /// Encrypts claims **that nobody signs**: with a public key anyone can make such a token. It says who it is from only
    /// where the key is a secret that two share, or by ECDH-1PU.
    ///
    /// # Errors
    /// As [`encrypt_jwe`](Self::encrypt_jwe); [`Error::ClaimsForm`] when the claims can't be written as JSON.
    pub fn encrypt_unsigned_jwt<T: Serialize + ?Sized>(
        &self,
        typ: &str,
        claims: &T,
        encryption: ContentEncryption,
    ) -> Result<String, Error> {
        let claims = serde_json::to_vec(claims).map_err(|_| Error::ClaimsForm)?;
        JweBuilder::new(encryption).typ(typ).encrypt(self, &claims)
    }
}

impl EncryptionKeySet {
    /// Decrypts a token, then verifies the signed token inside by a policy. A token that is encrypted only is refused.
    ///
    /// # Errors
    /// As [`EncryptionKey::decrypt_jwe`], then as [`KeySet::verify_jwt`].
    pub fn decrypt_nested_jwt<T: DeserializeOwned>(
        &self,
        token: &str,
        encryption: &JwePolicy,
        keys: &KeySet,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Jwt<T>, Error> {
        keys.verify_jwt(&self.decrypt_to_signed_jwt(token, encryption)?, policy, now)
    }

    /// Decrypts a token and gives the one inside, **which is not verified yet**: for whoever has the signer's keys elsewhere, such as a
    /// cache that fetches them. It proves nothing by itself.
    ///
    /// # Errors
    /// As [`EncryptionKey::decrypt_jwe`]; [`Error::WrongType`] when what is inside does not say that it is a token.
    pub fn decrypt_to_signed_jwt(&self, token: &str, encryption: &JwePolicy) -> Result<String, Error> {
        let jwe = self.decrypt_jwe(token, encryption)?;
        let says_jwt = same_type(jwe.header.content_type(), "JWT");
        if encryption.nested_needs_content_type && !says_jwt {
            return Err(Error::WrongType);
        }
        text(&jwe).map(str::to_owned)
    }

    /// Decrypts a token **that nobody signed**, and checks its claims by a policy, whose algorithms don't matter. See
    /// [`EncryptionKey::encrypt_unsigned_jwt`] for what it proves.
    ///
    /// # Errors
    /// As [`EncryptionKey::decrypt_jwe`]; [`Error::WrongType`] for a signed token inside; then as the policy says.
    pub fn decrypt_unsigned_jwt<T: DeserializeOwned>(
        &self,
        token: &str,
        encryption: &JwePolicy,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<T, Error> {
        let jwe = self.decrypt_jwe(token, encryption)?;
        if jwe.header.content_type().is_some() {
            return Err(Error::WrongType);
        }
        policy.check_typ(jwe.header.typ())?;
        read_claims(text(&jwe)?, policy, now)
    }
}

fn text(jwe: &Jwe) -> Result<&str, Error> {
    let malformed = |_| Error::Malformed { what: "the plaintext", expected: "a token in UTF-8" };
    std::str::from_utf8(&jwe.plaintext).map_err(malformed)
}
