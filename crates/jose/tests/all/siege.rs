//! More attacks on the rows S01 to S19 and S47: what a stranger to the crate tried, hostile shapes of keys, headers and claims, and
//! the two backends against each other.

#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

#[cfg(all(feature = "pure", feature = "aws-lc"))]
mod backends;
mod claims;
mod encryption;
mod keys;

use std::time::Duration;

use authmint_jose::crypto::ciphers;
use authmint_jose::{
    Algorithm, ContentEncryption, Curve, EncryptionKey, EncryptionKeySet, Error, JweBuilder, JwePolicy,
    JweRecipient, Jwk, JwsBuilder, JwsPolicy, Key, KeyManagement, KeySet, KeyType, OkpCurve, Policy,
    PublicForm, RemoteStep, SealingKey, base64url, peek_unverified,
};
use serde_json::{Value, json};

use crate::support::{NOW, claims, forge, policy, rsa};

const RAW: &str = "$serde_json::private::RawValue";

fn hmac() -> Key {
    Key::generate(Algorithm::HS256).unwrap()
}

fn any() -> JwePolicy {
    JwePolicy::new(KeyManagement::ALL, ContentEncryption::ALL)
}

fn raw(json: &str) -> Value {
    json!({ RAW: json })
}

fn nested_bomb(max: usize) -> String {
    let escape = |text: &str| text.replace('\\', "\\u005c").replace('"', "\\u0022");
    let mut text = String::from("0");
    loop {
        let inner = format!("{}{text}{}", "[".repeat(120), "]".repeat(120));
        let next = format!("{{\"{RAW}\":\"{}\"}}", escape(&inner));
        if next.len() > max {
            return text;
        }
        text = next;
    }
}

/// Bytes of keys and messages with a few of them changed: nothing panics.
#[test]
fn s47_changed_bytes_panic_nowhere() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut change = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        for _ in 0..=(next() % 4) {
            let at = (next() as usize) % bytes.len();
            match next() % 4 {
                0 => bytes[at] = next() as u8,
                1 => bytes[at] ^= 1 << (next() % 8),
                2 => bytes.truncate(at.max(1)),
                _ => bytes.insert(at, next() as u8),
            }
        }
        bytes
    };
    let ec = Jwk::generate(KeyType::Ec(Curve::P384)).unwrap();
    let private_rsa = Jwk::from_json(rsa().export_private_jwk().unwrap().expose()).unwrap();
    let mut ders = vec![
        ec.to_public_der(PublicForm::Spki).unwrap(),
        private_rsa.to_public_der(PublicForm::Pkcs1).unwrap(),
    ];
    for (jwk, form) in [
        (&ec, authmint_jose::PrivateForm::Pkcs8),
        (&ec, authmint_jose::PrivateForm::Sec1),
        (&private_rsa, authmint_jose::PrivateForm::Pkcs8),
    ] {
        ders.push(jwk.export_private_der(form).unwrap().to_vec());
    }
    let key = EncryptionKey::generate(KeyManagement::EcdhEsA128Kw).unwrap();
    let jwe = JweBuilder::new(ContentEncryption::A128CbcHs256)
        .compress()
        .aad(b"x")
        .encrypt_json(&[JweRecipient::new(&key)], b"hello")
        .unwrap();
    let signer = Key::generate(Algorithm::ES256).unwrap();
    let jws = JwsBuilder::new()
        .sign_json(&[authmint_jose::JwsSigner::new(&signer).unprotected("a", 1)], b"hello")
        .unwrap();
    let set = KeySet::from(signer);
    let line = ec.to_openssh("me").unwrap();
    let json = private_rsa.export_private_json().unwrap();
    for _ in 0..200 {
        for der in &ders {
            let der = change(der);
            let _ = Jwk::from_der(&der).and_then(|jwk| Key::new(&jwk));
        }
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let _ = key.decrypt_jwe_json(&text(change(jwe.as_bytes())), &any());
        let _ = set.verify_jws_json(
            &text(change(jws.as_bytes())),
            &JwsPolicy::new(Algorithm::ALL).accept_unencoded(),
        );
        let _ = Jwk::from_openssh(&text(change(line.as_bytes())));
        let _ = Jwk::from_json(&text(change(json.expose().as_bytes())));
    }
}
