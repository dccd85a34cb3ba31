//! Properties of what is read: nothing panics, nothing hangs, whatever it is given.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use authmint_jose::{
    Algorithm, EncryptionKeySet, JweRecipient, Jwk, JwsBuilder, JwsPolicy, JwsSigner, Key, KeySet,
    SealingKey, peek_unverified,
};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::properties::all as signers;
use crate::round_trips::{jwe, jwks, recipients};
use crate::support::{NOW, claims, policy};

/// Far more than anything takes, so that a busy machine is not taken for a hang.
const SOON: Duration = Duration::from_secs(20);

fn sealing() -> &'static SealingKey {
    static KEY: OnceLock<SealingKey> = OnceLock::new();
    KEY.get_or_init(|| SealingKey::generate().unwrap())
}

/// Gives a text to everything that reads text, and bytes to what reads bytes.
fn read_all(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let begun = Instant::now();
    let _ = Jwk::from_json(&text);
    let _ = Jwk::from_pem(&text);
    let _ = Jwk::from_der(bytes);
    let _ = Jwk::from_openssh(&text);
    let _ = Jwk::from_secret(bytes);
    let _ = KeySet::from_jwks(&text);
    let _ = EncryptionKeySet::from_jwks(&text);
    let _ = peek_unverified::<Value>(&text);
    let _ = sealing().open("test", &text);
    let _ = SealingKey::from_base64url(&text);
    let keys = KeySet::new(signers().iter().cloned());
    let loose = JwsPolicy::new(Algorithm::ALL).accept_unencoded().any_signature().understand(&["x"]);
    let _ = keys.verify_jws(&text, Algorithm::ALL);
    let _ = keys.verify_jwt::<Value>(&text, &policy(), NOW);
    let _ = keys.verify_jws_json(&text, &loose);
    let _ = keys.verify_detached_jws(&text, bytes, &loose);
    let _ = keys.verify_detached_jws_json(&text, bytes, &loose);
    let decryption = EncryptionKeySet::new(recipients().iter().cloned());
    for policy in [jwe(&recipients()[0]).1, jwe(recipients().last().unwrap()).1] {
        let policy = policy.max_iterations(2_000);
        let _ = decryption.decrypt_jwe(&text, &policy);
        let _ = decryption.decrypt_jwe_json(&text, &policy);
    }
    assert!(begun.elapsed() < SOON, "{:?} for {text}", begun.elapsed());
}

/// Valid inputs of every kind, to be damaged.
fn valid() -> &'static [Vec<u8>] {
    static VALID: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    VALID.get_or_init(|| {
        let mut valid: Vec<Vec<u8>> = Vec::new();
        for jwk in jwks() {
            valid.push(jwk.export_private_json().unwrap().expose().into());
            valid.push(jwk.export_private_pem().unwrap().expose().into());
            valid.push(jwk.to_public_pem().unwrap().into());
            valid.push(jwk.to_public_der(authmint_jose::PublicForm::Spki).unwrap());
            for form in [authmint_jose::PrivateForm::Pkcs8, authmint_jose::PrivateForm::Sec1] {
                valid.extend(jwk.export_private_der(form).ok().map(|der| der.to_vec()));
            }
            valid.extend(jwk.to_openssh("comment").ok().map(String::into_bytes));
        }
        let secrets: Vec<Value> = signers()
            .iter()
            .map(|key| serde_json::from_str(key.export_private_jwk().unwrap().expose()).unwrap())
            .collect();
        valid.push(json!({ "keys": secrets }).to_string().into());
        for key in signers() {
            valid.push(key.sign_jwt("JWT", &claims()).unwrap().into());
            let builder = JwsBuilder::new().typ("test").critical("x", 1);
            valid.push(builder.clone().unencoded().detached().sign(key, b"").unwrap().into());
            valid.push(
                builder
                    .sign_json(&[JwsSigner::new(key), JwsSigner::new(key).unprotected("y", 1)], b"x")
                    .unwrap()
                    .into(),
            );
        }
        for key in recipients() {
            let (builder, _) = jwe(key);
            let builder = builder.compress();
            valid.push(builder.encrypt(key, &[7; 100]).unwrap().into());
            valid.push(
                builder
                    .aad(b"x")
                    .unprotected("y", 1)
                    .encrypt_json(&[JweRecipient::new(key)], b"x")
                    .unwrap()
                    .into(),
            );
        }
        valid.push(sealing().seal("test", b"x").unwrap().into());
        valid.push(include_bytes!("rfc/rfc7517.json").to_vec());
        valid
    })
}

/// One way to damage something.
#[derive(Clone, Debug)]
enum Damage {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, Index),
    Repeat(Index, Index),
    Truncate(Index),
}

fn any_damage() -> impl Strategy<Value = Damage> {
    let piece = prop_oneof![
        prop::collection::vec(any::<u8>(), 1..8),
        prop::sample::select(vec![
            "\"", "{", "}", "[", "]", ":", ",", ".", "..", "\0", "null", "1e999", "-", "=", "\\u0000", "\n",
            "é"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Set(at, byte)),
        (any::<Index>(), piece).prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        (any::<Index>(), any::<Index>()).prop_map(|(at, to)| Damage::Remove(at, to)),
        (any::<Index>(), any::<Index>()).prop_map(|(at, to)| Damage::Repeat(at, to)),
        any::<Index>().prop_map(Damage::Truncate),
    ]
}

fn damaged(valid: &[u8], damages: &[Damage]) -> Vec<u8> {
    let mut bytes = valid.to_vec();
    for damage in damages {
        if bytes.is_empty() {
            break;
        }
        let range = |from: &Index, to: &Index| {
            let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
            from.min(to)..from.max(to)
        };
        match damage {
            Damage::Set(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Damage::Insert(at, piece) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, piece.iter().copied());
            }
            Damage::Remove(from, to) => {
                let range = range(from, to);
                bytes.drain(range);
            }
            Damage::Repeat(from, to) => {
                let piece = bytes[range(from, to)].to_vec();
                bytes.extend(piece);
            }
            Damage::Truncate(at) => {
                let at = at.index(bytes.len());
                bytes.truncate(at);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn s47_any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_all(&bytes);
    }

    #[test]
    fn s47_any_words_are_read_or_refused(words in prop::collection::vec(prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"alg\"", "\"none\"", "\"kty\"", "\"EC\"", "\"keys\"", "\"payload\"", "\"signatures\"",
        "\"recipients\"", "\"protected\"", "\"\"", "null", "-1", "1e9", "\"\\ud800\"", ".", "eyJ", "-----BEGIN ", "-----",
        "PUBLIC KEY", "-----END ", "ssh-rsa ", "AAAA", " ", "\n",
    ]), 0..60)) {
        read_all(words.concat().as_bytes());
    }

    #[test]
    fn s47_any_damage_is_read_or_refused(which in any::<Index>(), damages in prop::collection::vec(any_damage(), 1..5)) {
        read_all(&damaged(&valid()[which.index(valid().len())], &damages));
    }

    #[test]
    fn s47_any_damage_to_an_encrypted_key_is_read_or_refused(damages in prop::collection::vec(any_damage(), 1..4)) {
        let pem = include_str!("openssl-ed25519-aes128.pem");
        let text = String::from_utf8_lossy(&damaged(pem.as_bytes(), &damages)).into_owned();
        let _ = Jwk::from_encrypted_pem(&text, b"secret");
    }
}

/// What is deep, wide or long costs no more than its length.
#[test]
fn s05_hostile_shapes_are_refused_soon() {
    let begun = Instant::now();
    let long = 1024 * 1024;
    for text in [
        "[".repeat(long),
        "{\"a\":".repeat(long / 5),
        ".".repeat(long),
        "{\"keys\":[".to_owned() + &"{},".repeat(long / 3) + "{}]}",
        "{\"payload\":\"\",\"signatures\":[".to_owned() + &"{\"signature\":\"\"},".repeat(3_000) + "{}]}",
        "{\"ciphertext\":\"\",\"recipients\":[".to_owned() + &"{},".repeat(80_000) + "{}]}",
        format!("{{{}}}", (0..60_000).map(|at| format!("\"{at}\":0")).collect::<Vec<_>>().join(",")),
        "-----BEGIN ".repeat(2_900),
        "0".repeat(30_000),
        "ssh-rsa ".to_owned() + &"A".repeat(8_000),
    ] {
        read_all(text.as_bytes());
    }
    let der: Vec<u8> = std::iter::repeat_n([0x30, 0x84, 0xff, 0xff, 0xff, 0xff], 50_000).flatten().collect();
    read_all(&der);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert!(Key::from_jwk(&"[".repeat(long)).is_err());
}
