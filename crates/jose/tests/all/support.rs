//! What several modules need.

use std::path::PathBuf;

use authmint_jose::{Algorithm, Key, KeyType, Policy, Timestamp, base64url};
use serde_json::{Value, json};

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_000_000);

/// The folder of vectors; `None`, said aloud, where there is none. `AUTHMINT_REQUIRE_VECTORS=1` makes that a failure.
pub(crate) fn vectors() -> Option<PathBuf> {
    let folder = std::env::var_os("AUTHMINT_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    if folder.is_dir() {
        return Some(folder);
    }
    let required = std::env::var("AUTHMINT_REQUIRE_VECTORS").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "there are no test vectors in {}: name their folder in AUTHMINT_VECTORS",
        folder.display()
    );
    eprintln!("skipped: there are no test vectors in {}", folder.display());
    None
}

pub(crate) fn read(folder: &std::path::Path, file: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join(file)).unwrap()).unwrap()
}

/// One key of every algorithm that the backend knows; RSA keys are slow to make, so one serves for all six.
pub(crate) fn keys() -> Vec<Key> {
    let rsa = rsa().export_private_jwk().unwrap();
    let mut jwk: Value = serde_json::from_str(rsa.expose()).unwrap();
    jwk.as_object_mut().unwrap().remove("alg");
    let rsa = Key::from_jwk(&jwk.to_string()).unwrap();
    let make = |algorithm: &Algorithm| match (algorithm, algorithm.key_type()) {
        (Algorithm::Ed448, _) if !cfg!(feature = "curve448") => None,
        (_, KeyType::Rsa) => Some(rsa.clone().with_algorithm(*algorithm).unwrap()),
        _ => Some(Key::generate(*algorithm).unwrap()),
    };
    Algorithm::ALL.iter().filter_map(make).collect()
}

pub(crate) fn rsa() -> Key {
    static KEY: std::sync::OnceLock<Key> = std::sync::OnceLock::new();
    KEY.get_or_init(|| Key::generate(Algorithm::RS256).unwrap()).clone()
}

pub(crate) fn claims() -> Value {
    json!({ "iss": "https://op.example", "aud": "api", "sub": "s", "exp": 1_000_600, "iat": 999_990, "jti": "j" })
}

pub(crate) fn policy() -> Policy {
    Policy::new(Algorithm::ALL).typ("JWT").issuer("https://op.example").audience("api")
}

/// A token with any header at all, correctly signed by `key`, as an attacker who has a valid key could make it.
pub(crate) fn forge(key: &Key, header: &str, payload: &str) -> String {
    // The signing input of a JWS is opaque to the key: borrow the signature of a token that has the same input.
    let algorithm = key.algorithm().unwrap();
    let input = format!("{}.{}", base64url::encode(header.as_bytes()), base64url::encode(payload.as_bytes()));
    let jwk: Value = serde_json::from_str(key.export_private_jwk().unwrap().expose()).unwrap();
    let secret = base64url::decode(jwk["k"].as_str().expect("forge takes an HMAC key")).unwrap();
    assert_eq!(algorithm, Algorithm::HS256);
    let mac = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
    format!("{input}.{}", base64url::encode(aws_lc_rs::hmac::sign(&mac, input.as_bytes()).as_ref()))
}
