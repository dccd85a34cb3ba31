//! Messages for other libraries to read, and what other libraries made, read: both as JSON.
//!
//! `make` writes a list of cases, one for each algorithm; `check` reads such a list from standard input and says what it can't
//! read. The test run puts other libraries on the other side.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::io::Read as _;

use authmint_jose::{
    Algorithm, ContentEncryption, Curve, EncryptionKey, JweBuilder, JwePolicy, Jwk, Key, KeyManagement,
    KeyType, OkpCurve, base64url,
};
use serde_json::{Value, json};

const PAYLOAD: &[u8] = "It\u{2019}s a dangerous business, Frodo, going out your door.".as_bytes();

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("make") => println!("{}", Value::Array(make())),
        Some("check") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).unwrap();
            let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
            cases.iter().for_each(check);
            println!("{} cases read", cases.len());
        }
        _ => panic!("say make or check"),
    }
}

fn private(jwk: &Jwk) -> Value {
    serde_json::from_str(jwk.export_private_json().unwrap().expose()).unwrap()
}

fn case(mut about: Value, jwk: &Jwk, message: String) -> Value {
    about["key"] = private(jwk);
    about["message"] = message.into();
    about["payload"] = base64url::encode(PAYLOAD).into();
    about
}

fn make() -> Vec<Value> {
    let rsa = Jwk::generate(KeyType::Rsa).unwrap();
    let mut cases = Vec::new();
    for algorithm in Algorithm::ALL {
        let jwk = match algorithm.key_type() {
            KeyType::Rsa => rsa.clone(),
            KeyType::Secret => Jwk::generate_secret(64).unwrap(),
            other => Jwk::generate(other).unwrap(),
        };
        let jwk = jwk.with_alg(algorithm.name()).unwrap();
        let message = Key::new(&jwk).unwrap().sign_jws(PAYLOAD).unwrap();
        cases.push(case(json!({ "alg": algorithm }), &jwk, message));
    }
    let curves = [
        KeyType::Ec(Curve::P256),
        KeyType::Ec(Curve::P384),
        KeyType::Ec(Curve::P521),
        KeyType::Okp(OkpCurve::X25519),
        KeyType::Okp(OkpCurve::X448),
    ];
    for algorithm in KeyManagement::ALL {
        let needs_sender = algorithm.name().starts_with("ECDH-1PU");
        for encryption in ContentEncryption::ALL {
            // 300,000 iterations each time: once is enough.
            if algorithm.name().starts_with("PBES2") && *encryption != ContentEncryption::A128CbcHs256 {
                continue;
            }
            // Its draft allows no other with it.
            if algorithm.name().starts_with("ECDH-1PU+") && !encryption.name().contains("CBC") {
                continue;
            }
            let keys: Vec<Jwk> = if algorithm.fits(KeyType::Rsa) {
                vec![rsa.clone()]
            } else if algorithm.fits(KeyType::Ec(Curve::P256)) {
                curves.iter().map(|curve| Jwk::generate(*curve).unwrap()).collect()
            } else if *algorithm == KeyManagement::Dir {
                vec![Jwk::generate_secret(encryption.key_len()).unwrap()]
            } else {
                vec![EncryptionKey::generate(*algorithm).unwrap().to_jwk()]
            };
            for jwk in keys {
                let jwk = jwk.with_alg(algorithm.name()).unwrap();
                let mut builder = JweBuilder::new(*encryption);
                let mut about = json!({ "alg": algorithm, "enc": encryption });
                if needs_sender {
                    let sender = Jwk::generate(jwk.key_type()).unwrap();
                    builder = builder.sender(&EncryptionKey::new(&sender).unwrap());
                    about["sender"] = private(&sender);
                }
                let message = builder.encrypt(&encryption_key(&jwk, *algorithm), PAYLOAD).unwrap();
                cases.push(case(about, &jwk, message));
            }
        }
    }
    let jwk = Jwk::generate_secret(16).unwrap().with_alg("A128KW").unwrap();
    let compressed = JweBuilder::new(ContentEncryption::A128Gcm).compress();
    let message = compressed.encrypt(&EncryptionKey::new(&jwk).unwrap(), PAYLOAD).unwrap();
    cases.push(case(json!({ "alg": "A128KW", "enc": "A128GCM", "zip": "DEF" }), &jwk, message));
    cases
}

fn encryption_key(jwk: &Jwk, algorithm: KeyManagement) -> EncryptionKey {
    match algorithm {
        KeyManagement::Rsa1_5 => EncryptionKey::dangerously_for_rsa1_5(jwk).unwrap(),
        _ => EncryptionKey::new(jwk).unwrap(),
    }
}

fn check(case: &Value) {
    let name = format!("{} {} {}", case["alg"], case["enc"], case["key"]["crv"]);
    let message = case["message"].as_str().unwrap();
    let jwk = Jwk::from_json(&case["key"].to_string()).unwrap_or_else(|problem| panic!("{name}: {problem}"));
    let payload = if let Some(encryption) = case["enc"].as_str() {
        let algorithm: KeyManagement = case["alg"].as_str().unwrap().parse().unwrap();
        let key = encryption_key(&jwk.with_alg(algorithm.name()).unwrap(), algorithm);
        let mut policy = JwePolicy::new(&[algorithm], &[encryption.parse().unwrap()]);
        if case["sender"].is_object() {
            let sender = Jwk::from_json(&case["sender"].to_string()).unwrap().public().unwrap();
            policy = policy.sender(&EncryptionKey::new(&sender).unwrap());
        }
        key.decrypt_jwe(message, &policy).map(|opened| opened.plaintext.to_vec())
    } else {
        let algorithm: Algorithm = case["alg"].as_str().unwrap().parse().unwrap();
        let key = Key::new(&jwk.with_alg(algorithm.name()).unwrap()).unwrap();
        key.verify_jws(message, &[algorithm]).map(|verified| verified.payload)
    };
    let expected = base64url::decode(case["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload.unwrap_or_else(|problem| panic!("{name}: {problem}")), expected, "{name}");
}
