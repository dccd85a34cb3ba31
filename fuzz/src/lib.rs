//! What each target does with its input. Nothing may panic, hang or grow; and what is accepted must hold together: a key that
//! was read is written and read again, a message that was opened was made by one of the keys here.
#![allow(clippy::missing_panics_doc, clippy::unwrap_used, clippy::expect_used)]

mod keys;

use authmint_jose::{
    ContentEncryption, EncryptionKey, EncryptionKeySet, JwePolicy, Jwk, JwsBuilder, JwsPolicy, Key,
    KeyManagement, KeySet, Policy, SealingKey, Timestamp, peek_unverified,
};
use serde_json::Value;

use self::keys::{encryption_keys, mac_key, signature_keys};

/// A password that the seeds know, too.
const PASSWORD: &[u8] = b"secret";

pub fn jwk_json(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(jwk) = Jwk::from_json(text) {
        stays_itself(&jwk);
    }
}

pub fn jwk_pem(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(jwk) = Jwk::from_pem(text) {
        stays_itself(&jwk);
    }
    if text.len() < 2_000 && !text.contains("ENCRYPTED") {
        // Ten million iterations are allowed and slow: the encrypted form has its turn in jwk_der, where they are seen.
        let _ = Jwk::from_encrypted_pem(text, PASSWORD);
    }
}

pub fn jwk_der(input: &[u8]) {
    if let Ok(jwk) = Jwk::from_der(input) {
        stays_itself(&jwk);
    }
    if !asks_for_many_iterations(input)
        && let Ok(jwk) = Jwk::from_encrypted_der(input, PASSWORD)
    {
        stays_itself(&jwk);
    }
}

pub fn jwk_openssh(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(jwk) = Jwk::from_openssh(text) {
        let again = Jwk::from_openssh(&jwk.to_openssh("comment").expect("it came from there")).expect("ours");
        assert_eq!(again.thumbprint(), jwk.thumbprint());
        stays_itself(&jwk);
    }
}

pub fn jwks(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(keys) = KeySet::from_jwks(text) {
        let published = KeySet::from_jwks(&keys.to_public_jwks()).expect("ours");
        assert!(published.iter().all(|key| !key.can_sign()) && published.len() <= keys.len());
    }
    if let Ok(keys) = EncryptionKeySet::from_jwks(text) {
        let published = EncryptionKeySet::from_jwks(&keys.to_public_jwks()).expect("ours");
        assert!(published.iter().all(|key| !key.can_decrypt()));
    }
}

pub fn jws_compact(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (keys, algorithms) = signature_keys();
    let policy = JwsPolicy::new(algorithms).accept_unencoded().understand(&["ext"]);
    let _ = keys.verify_jws(text, algorithms);
    let _ = keys.verify_jws_with(text, &policy);
    let _ = keys.verify_detached_jws(text, b"payload", &policy);
    let _ = peek_unverified::<Value>(text);
}

pub fn jws_json(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (keys, algorithms) = signature_keys();
    let policy = JwsPolicy::new(algorithms).accept_unencoded().understand(&["ext"]);
    if let Ok(jws) = keys.verify_jws_json(text, &policy) {
        assert!(!jws.signatures.is_empty());
    }
    let _ = keys.verify_jws_json(text, &policy.clone().any_signature());
    let _ = keys.verify_detached_jws_json(text, b"payload", &policy);
}

pub fn jwe_compact(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (keys, policy) = encryption_keys();
    let _ = keys.decrypt_jwe(text, policy);
    let (signatures, algorithms) = signature_keys();
    let claims = Policy::new(algorithms).typ("JWT").issuer("i").audience("a");
    let _ = keys.decrypt_nested_jwt::<Value>(text, policy, signatures, &claims, Timestamp::from_secs(1_000));
    let _ = keys.decrypt_unsigned_jwt::<Value>(text, policy, &claims, Timestamp::from_secs(1_000));
}

pub fn jwe_json(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (keys, policy) = encryption_keys();
    let _ = keys.decrypt_jwe_json(text, policy);
}

/// The input is signed first, so that all of it reaches what reads claims.
pub fn jwt_claims(input: &[u8]) {
    let key = mac_key();
    let Ok(token) = JwsBuilder::new().typ("JWT").sign(key, input) else { return };
    let algorithm = key.algorithm().expect("a key for one algorithm");
    let policy = Policy::new(&[algorithm]).typ("JWT").issuer("i").audience("a");
    let now = Timestamp::from_secs(1_000);
    if let Ok(jwt) = key.verify_jwt::<Value>(&token, &policy, now) {
        assert_eq!(jwt.claims["iss"], "i");
        assert!(jwt.claims["exp"].as_f64().is_some_and(|expires| expires > 1_000.0));
    }
    let open = Policy::new(&[algorithm]).typ("JWT").issuer("i").any_audience();
    let _ = key.verify_jwt::<Value>(&token, &open, now);
    let _ = peek_unverified::<Value>(&token);
}

pub fn sealed(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let key = SealingKey::from_base64url(&"A".repeat(43)).expect("43 characters");
    if let Ok(opened) = key.open("fuzz", text) {
        let again = key.seal("fuzz", &opened).expect("random numbers");
        assert_eq!(*key.open("fuzz", &again).expect("ours"), *opened);
    }
    let _ = SealingKey::from_base64url(text);
    let _ = key.open(text, text);
}

/// A key that was read is written in every form it has, and is the same when it is read again.
fn stays_itself(jwk: &Jwk) {
    let same = |again: Jwk| assert_eq!(again.thumbprint(), jwk.thumbprint());
    if let Ok(json) = jwk.export_private_json() {
        same(Jwk::from_json(json.expose()).expect("ours"));
    }
    if let Ok(json) = jwk.to_public_json() {
        same(Jwk::from_json(&json).expect("ours"));
    }
    if let Ok(pem) = jwk.to_public_pem() {
        same(Jwk::from_pem(&pem).expect("ours"));
    }
    // The numbers of a JWK need not be a key: only what can be used can be written and read.
    if (Key::new(jwk).is_ok() || EncryptionKey::new(jwk).is_ok())
        && let Ok(pem) = jwk.export_private_pem()
    {
        same(Jwk::from_pem(pem.expose()).expect("ours"));
    }
}

/// Whether a number stands there that may be a number of iterations, allowed but slow.
fn asks_for_many_iterations(der: &[u8]) -> bool {
    (1..=5_usize).any(|length| {
        der.windows(length.saturating_add(2)).any(|window| match window {
            [0x02, told, number @ ..] if usize::from(*told) == length => {
                let number = number.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
                (5_001..=10_000_000).contains(&number)
            }
            _ => false,
        })
    })
}

/// What the keys here may do.
fn policy() -> JwePolicy {
    JwePolicy::new(KeyManagement::ALL, ContentEncryption::ALL).max_iterations(2_000).understand(&["ext"])
}
