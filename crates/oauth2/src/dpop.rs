//! The proof that whoever sends a request has the key that a token is bound to (RFC 9449).
//!
//! A proof is made for one request: its method, its address, the token in it. Whether its `jti` is new, and whether its
//! `nonce` is one that the server gave out ([`DpopNonces`]), are for the server to say.

mod nonces;

use std::time::Duration;

use authmint_jose::{
    Algorithm, Jwk, JwsBuilder, Key, Policy, Secret, Timestamp, base64url, peek_unverified, sha256,
};
use http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::{Error, ErrorCode};

pub use self::nonces::DpopNonces;

/// The header of a proof, and of the nonce a server asks for.
pub const DPOP: &str = "dpop";
/// The header of a nonce (RFC 9449 8).
pub const DPOP_NONCE: &str = "dpop-nonce";

/// How old a proof may be.
pub const MAX_AGE: Duration = Duration::from_secs(60);
/// How far the client's clock may be off.
pub const LEEWAY: Duration = Duration::from_secs(10);
/// The longest proof, in bytes.
const MAX_BYTES: usize = 8 * 1024;
/// The longest `jti`, in bytes.
const MAX_JTI_BYTES: usize = 256;

/// The algorithms of proofs: signatures only.
pub const ALGORITHMS: &[Algorithm] = Algorithm::COMMON_SIGNATURES;

/// What a token is bound to (RFC 7800 3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The thumbprint of the key (RFC 9449 6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
}

/// A proof that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DpopProof {
    /// The thumbprint of its key.
    pub jkt: String,
    /// Its identifier: to be used once with this key, until [`remember_until`](Self::remember_until).
    pub jti: String,
    /// The server's nonce in it.
    pub nonce: Option<String>,
    /// When it was made.
    pub iat: Timestamp,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: Timestamp,
    nonce: Option<String>,
    ath: Option<String>,
}

impl DpopProof {
    /// The proof of a request; `None` when there is none.
    ///
    /// # Errors
    /// `invalid_dpop_proof` when there are several (RFC 9449 4.3).
    pub fn from_headers(headers: &HeaderMap) -> Result<Option<&str>, Error> {
        let mut values = headers.get_all(DPOP).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(invalid("there is more than one DPoP header"));
        }
        value.to_str().map(Some).map_err(|_| invalid("the DPoP header is no JWT"))
    }

    /// Verifies a proof for a request (RFC 9449 4.3): `uri` is the address as the client knows it, `access_token` the one
    /// that comes with it, if one does.
    ///
    /// # Errors
    /// `invalid_dpop_proof`, saying what does not fit.
    pub fn verify(
        proof: &str,
        method: &Method,
        uri: &str,
        access_token: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        if proof.len() > MAX_BYTES {
            return Err(invalid("the DPoP proof is longer than 8 KiB"));
        }
        let broken = |_| invalid("the DPoP proof is no JWT of the type dpop+jwt with jti, htm, htu and iat");
        let (header, _) = peek_unverified::<serde::de::IgnoredAny>(proof).map_err(broken)?;
        let jwk = header.get("jwk").ok_or_else(|| invalid("the DPoP proof has no jwk in its header"))?;
        let unfit = |_| invalid("the jwk of the DPoP proof is no key for signatures");
        let jwk = Jwk::from_json(&jwk.to_string()).map_err(unfit)?;
        if jwk.is_private() || jwk.is_secret() {
            return Err(invalid("the jwk of the DPoP proof must be a public key"));
        }
        // The key comes with the proof, so whatever name it goes by proves nothing.
        let key = Key::new(&jwk).map_err(unfit)?;
        let policy = Policy::dpop_proof(ALGORITHMS, MAX_AGE).leeway(LEEWAY);
        let verified = key.verify_jwt::<Claims>(proof, &policy, now).map_err(|error| {
            Error::new(ErrorCode::InvalidDpopProof, format!("the DPoP proof is refused: {error}"))
                .section("RFC 9449 4.3")
        })?;
        let Claims { jti, htm, htu, iat, nonce, ath } = verified.claims;
        if htm != method.as_str() {
            return Err(invalid("htm of the DPoP proof is another method"));
        }
        if address(&htu).is_none() || address(&htu) != address(uri) {
            return Err(invalid("htu of the DPoP proof is another address"));
        }
        if ath.as_deref() != access_token.map(token_hash).as_deref() {
            return Err(invalid("ath of the DPoP proof does not fit the access token"));
        }
        if jti.is_empty() || jti.len() > MAX_JTI_BYTES {
            return Err(invalid("jti of the DPoP proof has 1 to 256 bytes"));
        }
        Ok(Self { jkt: key.thumbprint(), jti, nonce, iat })
    }

    /// Makes a proof for a request. `jti` must never have been used before.
    ///
    /// # Errors
    /// When the key can't sign.
    pub fn sign(
        key: &Key,
        method: &Method,
        uri: &str,
        access_token: Option<&str>,
        nonce: Option<&str>,
        jti: &str,
        now: Timestamp,
    ) -> Result<Secret, authmint_jose::Error> {
        #[derive(Serialize)]
        struct Made<'a> {
            jti: &'a str,
            htm: &'a str,
            htu: String,
            iat: Timestamp,
            #[serde(skip_serializing_if = "Option::is_none")]
            nonce: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            ath: Option<String>,
        }
        let claims = Made {
            jti,
            htm: method.as_str(),
            htu: address(uri).map_or_else(|| uri.to_owned(), String::from),
            iat: now,
            nonce,
            ath: access_token.map(token_hash),
        };
        let public: serde_json::Value = serde_json::from_str(&key.public_jwk()?)
            .map_err(|_| authmint_jose::Error::Backend("writing a public key"))?;
        let payload = serde_json::to_vec(&claims).map_err(|_| authmint_jose::Error::ClaimsForm)?;
        let proof = JwsBuilder::new().typ("dpop+jwt").header("jwk", public).sign(key, &payload)?;
        Ok(Secret::new(proof))
    }

    /// What may be used once: its `jti`, with its key. Two clients may well choose the same `jti`.
    #[must_use]
    pub fn single_use(&self) -> String {
        format!("dpop\n{}\n{}", self.jkt, self.jti)
    }

    /// The error of a proof that was used before (RFC 9449 11.1).
    #[must_use]
    pub fn replayed() -> Error {
        Error::new(ErrorCode::InvalidDpopProof, "the DPoP proof was used before").section("RFC 9449 11.1")
    }

    /// The error that asks for a proof with a nonce: the answer's `DPoP-Nonce` header has it (RFC 9449 8, 9).
    #[must_use]
    pub fn nonce_needed() -> Error {
        Error::new(
            ErrorCode::UseDpopNonce,
            "send the DPoP proof again, with the nonce of this answer's DPoP-Nonce header",
        )
        .section("RFC 9449 8")
    }

    /// Until when its `jti` must be remembered: the first second in which the proof is too old.
    #[must_use]
    pub fn remember_until(&self) -> Timestamp {
        self.iat.saturating_add(MAX_AGE).saturating_add(LEEWAY).saturating_add(Duration::from_secs(1))
    }
}

/// `ath`: the hash of the token that a proof comes with (RFC 9449 4.2).
fn token_hash(token: &str) -> String {
    base64url::encode(&sha256(token.as_bytes()))
}

/// An address in its normal form, without query and fragment (RFC 9449 4.3).
fn address(uri: &str) -> Option<Url> {
    let mut url = Url::parse(uri).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

fn invalid(description: &'static str) -> Error {
    Error::new(ErrorCode::InvalidDpopProof, description).section("RFC 9449 4.3")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const URI: &str = "https://op.example/token";
    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    fn key() -> Key {
        Key::generate(Algorithm::ES256).unwrap()
    }

    fn made(key: &Key, token: Option<&str>) -> Secret {
        DpopProof::sign(key, &Method::POST, URI, token, Some("n"), "j1", NOW).unwrap()
    }

    fn by_hand(key: &Key, jwk: &str, claims: &str) -> String {
        let jwk: serde_json::Value = serde_json::from_str(jwk).unwrap();
        JwsBuilder::new().typ("dpop+jwt").header("jwk", jwk).sign(key, claims.as_bytes()).unwrap()
    }

    #[test]
    fn a_proof_is_read_back() {
        let key = key();
        let proof = made(&key, Some("token"));
        for uri in [URI, "https://op.example/token?x=1#y", "https://OP.example:443/token"] {
            let verified = DpopProof::verify(proof.expose(), &Method::POST, uri, Some("token"), NOW).unwrap();
            assert_eq!((verified.jkt, &*verified.jti), (key.thumbprint(), "j1"));
            assert_eq!(verified.nonce.as_deref(), Some("n"));
        }
    }

    #[test]
    fn s37_what_does_not_fit_the_request_is_refused() {
        let key = key();
        let (proof, bound) = (made(&key, None), made(&key, Some("token")));
        let late = NOW.saturating_add(MAX_AGE + LEEWAY + Duration::from_secs(1));
        let early = Timestamp::from_secs(NOW.as_secs() - 11);
        for (proof, method, uri, token, now) in [
            (&proof, Method::GET, URI, None, NOW),
            (&proof, Method::POST, "https://op.example/other", None, NOW),
            (&proof, Method::POST, "http://op.example/token", None, NOW),
            (&proof, Method::POST, "https://evil.example/token", None, NOW),
            (&proof, Method::POST, URI, Some("token"), NOW),
            (&bound, Method::POST, URI, Some("other"), NOW),
            (&bound, Method::POST, URI, None, NOW),
            (&proof, Method::POST, URI, None, late),
            (&proof, Method::POST, URI, None, early),
        ] {
            let error = DpopProof::verify(proof.expose(), &method, uri, token, now).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidDpopProof, "{method} {uri} {token:?}");
        }
    }

    #[test]
    fn s37_keys_that_are_private_secret_or_anothers_are_refused() {
        let (key, other) = (key(), key());
        let claims = format!(r#"{{"jti":"j","htm":"POST","htu":"{URI}","iat":{}}}"#, NOW.as_secs());
        let verify = |proof: &str| DpopProof::verify(proof, &Method::POST, URI, None, NOW);
        assert!(verify(&by_hand(&key, &key.public_jwk().unwrap(), &claims)).is_ok());
        assert!(verify(&by_hand(&key, key.export_private_jwk().unwrap().expose(), &claims)).is_err());
        assert!(verify(&by_hand(&key, &other.public_jwk().unwrap(), &claims)).is_err());
        let secret = Key::from_secret(&[7; 32], Algorithm::HS256).unwrap();
        let jwk = r#"{"kty":"oct","k":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}"#;
        assert!(verify(&by_hand(&secret, jwk, &claims)).is_err());
        for claims in [
            format!(r#"{{"htm":"POST","htu":"{URI}","iat":{}}}"#, NOW.as_secs()),
            format!(r#"{{"jti":"j","htm":"POST","htu":"{URI}"}}"#),
            format!(r#"{{"jti":"","htm":"POST","htu":"{URI}","iat":{}}}"#, NOW.as_secs()),
            format!(r#"{{"jti":"j","htm":"POST","htu":"x","iat":{}}}"#, NOW.as_secs()),
        ] {
            assert!(verify(&by_hand(&key, &key.public_jwk().unwrap(), &claims)).is_err(), "{claims}");
        }
        let untyped = key.sign_jwt("JWT", &serde_json::json!({})).unwrap();
        assert!(verify(&untyped).is_err());
    }

    #[test]
    fn s37_a_proof_is_remembered_for_as_long_as_it_is_good() {
        let key = key();
        let proof = made(&key, None);
        let verify = |now| DpopProof::verify(proof.expose(), &Method::POST, URI, None, now);
        let until = verify(NOW).unwrap().remember_until();
        // A store forgets at that very second.
        assert!(verify(until).is_err());
        assert!(verify(Timestamp::from_secs(until.as_secs() - 1)).is_ok());
    }

    #[test]
    fn s37_two_headers_are_refused() {
        let mut headers = HeaderMap::new();
        assert_eq!(DpopProof::from_headers(&headers).unwrap(), None);
        headers.append(DPOP, "a".parse().unwrap());
        assert_eq!(DpopProof::from_headers(&headers).unwrap(), Some("a"));
        headers.append(DPOP, "b".parse().unwrap());
        assert!(DpopProof::from_headers(&headers).is_err());
    }

    proptest! {
        #[test]
        fn s47_any_text_is_no_proof(text in "\\PC{0,300}") {
            prop_assert!(DpopProof::verify(&text, &Method::POST, URI, None, NOW).is_err());
        }

        #[test]
        fn s47_a_proof_with_another_character_is_none(at in 0_usize..1000, with in "[A-Za-z0-9_.-]") {
            let key = key();
            let mut proof = made(&key, None).expose().to_owned();
            let at = at.checked_rem(proof.len()).unwrap_or_default();
            let before = proof[at..=at].to_owned();
            proof.replace_range(at..=at, &with);
            let verified = DpopProof::verify(&proof, &Method::POST, URI, None, NOW);
            prop_assert!(verified.is_err() || before == with);
        }
    }
}
