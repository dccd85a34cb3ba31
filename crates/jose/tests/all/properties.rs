//! Properties: what holds for all inputs.

use std::sync::OnceLock;

use authmint_jose::{Algorithm, Key, KeySet, SealingKey, base64url, peek_unverified};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{NOW, claims, keys, policy};

pub(crate) fn all() -> &'static [Key] {
    static KEYS: OnceLock<Vec<Key>> = OnceLock::new();
    KEYS.get_or_init(keys)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_signed_verifies(payload in proptest::collection::vec(any::<u8>(), 0..2000), index in 0..all().len()) {
        let key = &all()[index];
        let token = key.sign_jws(&payload).unwrap();
        prop_assert_eq!(key.verify_jws(&token, Algorithm::ALL).unwrap().payload, payload);
    }

    #[test]
    fn one_changed_character_is_refused(index in 0..all().len(), at in any::<prop::sample::Index>(), with in "[A-Za-z0-9_.-]") {
        let key = &all()[index];
        let token = key.sign_jwt("JWT", &claims()).unwrap();
        let at = at.index(token.len());
        let mut changed = token.clone();
        changed.replace_range(at..=at, &with);
        prop_assume!(changed != token);
        prop_assert!(key.verify_jwt::<Value>(&changed, &policy(), NOW).is_err());
    }

    #[test]
    fn s47_any_text_is_read_or_refused(text in "\\PC*") {
        let _ = Key::from_jwk(&text);
        let _ = Key::from_pem(&text, Algorithm::RS256);
        let _ = KeySet::from_jwks(&text);
        let _ = peek_unverified::<Value>(&text);
        let _ = all()[0].verify_jws(&text, Algorithm::ALL);
        let _ = base64url::decode(&text);
        let _ = SealingKey::from_base64url(&text);
    }

    #[test]
    fn s47_any_der_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400), label in "(RSA |EC )?(PUBLIC|PRIVATE) KEY") {
        let body = data_encoding::BASE64.encode(&bytes);
        let pem = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
            let _ = Key::from_pem(&pem, algorithm);
        }
    }

    #[test]
    fn s47_any_header_and_claims_are_read_or_refused(header in "\\PC{0,200}", payload in "\\PC{0,200}") {
        let token = format!("{}.{}.AA", base64url::encode(header.as_bytes()), base64url::encode(payload.as_bytes()));
        let _ = peek_unverified::<Value>(&token);
        let _ = all()[0].verify_jwt::<Value>(&token, &policy(), NOW);
    }
}
