//! Encryption: every algorithm with every other, in every form; and the attacks on it by their number.

use authmint_jose::crypto::{Aead, PrivateMaterial, PublicMaterial, RsaPadding, ciphers};
use authmint_jose::{
    Algorithm, ContentEncryption, Curve, EncryptionKey, EncryptionKeySet, Error, JweBuilder, JwePolicy,
    JweRecipient, Jwk, Key, KeyManagement, KeySet, KeyType, OkpCurve, Policy, RemoteStep, base64url,
};
use serde_json::{Map, Value, json};

use crate::support::{NOW, claims, policy};

pub(crate) fn any() -> JwePolicy {
    JwePolicy::new(KeyManagement::ALL, ContentEncryption::ALL)
}

/// A key for an algorithm and a content encryption.
pub(crate) fn key(algorithm: KeyManagement, encryption: ContentEncryption) -> EncryptionKey {
    match algorithm {
        KeyManagement::Rsa1_5 => EncryptionKey::dangerously_for_rsa1_5(&rsa()).unwrap(),
        KeyManagement::Dir => {
            let jwk = Jwk::generate_secret(encryption.key_len()).unwrap();
            EncryptionKey::new(&jwk.with_alg("dir").unwrap()).unwrap()
        }
        _ if algorithm.fits(KeyType::Rsa) => {
            EncryptionKey::new(&rsa()).unwrap().with_algorithm(algorithm).unwrap()
        }
        _ => EncryptionKey::generate(algorithm).unwrap(),
    }
}

fn rsa() -> Jwk {
    Jwk::from_json(
        crate::support::rsa()
            .export_private_jwk()
            .unwrap()
            .expose()
            .replace("\"alg\":\"RS256\",", "")
            .replace("\"use\":\"sig\"", "\"use\":\"enc\"")
            .as_str(),
    )
    .unwrap()
}

pub(crate) fn needs_sender(algorithm: KeyManagement) -> bool {
    algorithm.name().starts_with("ECDH-1PU")
}

#[test]
fn every_algorithm_works_with_every_encryption_in_every_form() {
    let sender = EncryptionKey::new(&Jwk::generate(KeyType::Okp(OkpCurve::X25519)).unwrap()).unwrap();
    for algorithm in KeyManagement::ALL {
        for encryption in ContentEncryption::ALL {
            // 300,000 iterations each time: once is enough to see that it works.
            if algorithm.name().starts_with("PBES2") && *encryption != ContentEncryption::A256Gcm {
                continue;
            }
            let key = key(*algorithm, *encryption).with_kid("k");
            if algorithm.name().starts_with("ECDH-1PU+") && !encryption.name().contains("CBC") {
                let refused = JweBuilder::new(*encryption).sender(&sender).encrypt(&key, b"hello");
                assert_eq!(refused, Err(Error::AlgorithmNotAllowed));
                continue;
            }
            let mut builder = JweBuilder::new(*encryption).typ("test").content_type("text/plain");
            let mut policy = any().typ("test");
            if needs_sender(*algorithm) {
                builder = builder.sender(&sender).parties(b"Alice", b"Bob and Charlie");
                policy = policy.sender(&sender.public().unwrap());
            }
            let name = format!("{algorithm} {encryption}");
            let compact =
                builder.encrypt(&key, b"hello").unwrap_or_else(|problem| panic!("{name}: {problem}"));
            let opened =
                key.decrypt_jwe(&compact, &policy).unwrap_or_else(|problem| panic!("{name}: {problem}"));
            assert_eq!(
                (opened.plaintext.as_slice(), opened.header.kid()),
                (&b"hello"[..], Some("k")),
                "{name}"
            );
            assert_eq!(opened.header.content_type(), Some("text/plain"));
            let set = EncryptionKeySet::from(key.clone());
            assert_eq!(*set.decrypt_jwe(&compact, &policy).unwrap().plaintext, b"hello", "{name}");

            let builder = builder.aad(b"beside").unprotected("note", "seen by all");
            let recipient = JweRecipient::new(&key).header("for", "you");
            for message in [
                builder.encrypt_flattened(&recipient, b"hello").unwrap(),
                builder.encrypt_json(std::slice::from_ref(&recipient), b"hello").unwrap(),
            ] {
                let opened = key
                    .decrypt_jwe_json(&message, &policy)
                    .unwrap_or_else(|problem| panic!("{name}: {problem}"));
                assert_eq!(
                    (opened.plaintext.as_slice(), opened.aad.as_deref()),
                    (&b"hello"[..], Some(&b"beside"[..]))
                );
                assert_eq!(opened.header.get("note"), Some(&json!("seen by all")));
                assert_eq!(opened.header.get("for"), Some(&json!("you")));
                assert!(opened.header.is_protected("typ") && !opened.header.is_protected("for"));
            }
        }
    }
}

#[test]
fn every_curve_agrees() {
    for key_type in [
        KeyType::Ec(Curve::P256),
        KeyType::Ec(Curve::P384),
        KeyType::Ec(Curve::P521),
        KeyType::Okp(OkpCurve::X25519),
        #[cfg(feature = "curve448")]
        KeyType::Okp(OkpCurve::X448),
    ] {
        for algorithm in [KeyManagement::EcdhEs, KeyManagement::EcdhEsA256Kw, KeyManagement::Ecdh1PuA128Kw] {
            let make = || {
                EncryptionKey::new(&Jwk::generate(key_type).unwrap())
                    .unwrap()
                    .with_algorithm(algorithm)
                    .unwrap()
            };
            let (key, sender) = (make(), make());
            let encryption = ContentEncryption::A256CbcHs512;
            let mut builder = JweBuilder::new(encryption);
            if needs_sender(algorithm) {
                builder = builder.sender(&sender);
            }
            let message = builder.encrypt(&key.public().unwrap(), b"hello").unwrap();
            let policy =
                if needs_sender(algorithm) { any().sender(&sender.public().unwrap()) } else { any() };
            assert_eq!(
                *key.decrypt_jwe(&message, &policy).unwrap().plaintext,
                b"hello",
                "{key_type:?} {algorithm}"
            );
            if needs_sender(algorithm) {
                let another = any().sender(&make().public().unwrap());
                assert_eq!(key.decrypt_jwe(&message, &another), Err(Error::Decryption));
                assert!(matches!(key.decrypt_jwe(&message, &any()), Err(Error::PolicyIncomplete(_))));
            }
        }
    }
    // RFC 8812 registers the curve for signatures only.
    assert!(EncryptionKey::new(&Jwk::generate(KeyType::Ec(Curve::Secp256k1)).unwrap()).is_err());
}

#[test]
fn a_key_without_a_name_is_asked_by_itself_whatever_name_a_message_says() {
    let encryption = ContentEncryption::A128Gcm;
    let nameless = key(KeyManagement::EcdhEsA128Kw, encryption);
    let named = nameless.clone().with_kid("theirs");
    let compact = named.encrypt_jwe(b"x", encryption).unwrap();
    let json = JweBuilder::new(encryption).encrypt_json(&[JweRecipient::new(&named)], b"x").unwrap();
    assert_eq!(nameless.decrypt_jwe(&compact, &any()).unwrap().plaintext.as_slice(), b"x");
    assert_eq!(nameless.decrypt_jwe_json(&json, &any()).unwrap().plaintext.as_slice(), b"x");
    let alone = EncryptionKeySet::from(nameless.clone());
    assert!(alone.decrypt_jwe(&compact, &any()).is_ok() && alone.decrypt_jwe_json(&json, &any()).is_ok());
    // Among others, it is known by its name or not at all.
    let other = key(KeyManagement::EcdhEsA128Kw, encryption);
    for other in [other.clone(), other.with_kid("other")] {
        let several = EncryptionKeySet::new([nameless.clone(), other]);
        assert_eq!(several.decrypt_jwe(&compact, &any()), Err(Error::UnknownKey));
        assert_eq!(several.decrypt_jwe_json(&json, &any()), Err(Error::UnknownKey));
    }
}

#[test]
fn several_recipients_read_one_message() {
    let encryption = ContentEncryption::A128CbcHs256;
    let keys: Vec<_> = [KeyManagement::EcdhEsA128Kw, KeyManagement::RsaOaep256, KeyManagement::A256GcmKw]
        .iter()
        .enumerate()
        .map(|(at, algorithm)| key(*algorithm, encryption).with_kid(format!("k{at}")))
        .collect();
    let recipients: Vec<_> = keys.iter().map(JweRecipient::new).collect();
    let message = JweBuilder::new(encryption).compress().encrypt_json(&recipients, &[b'a'; 5000]).unwrap();
    assert!(message.len() < 2500);
    for key in &keys {
        assert_eq!(key.decrypt_jwe_json(&message, &any()).unwrap().plaintext.as_slice(), [b'a'; 5000]);
        assert_eq!(key.clone().with_kid("other").decrypt_jwe_json(&message, &any()), Err(Error::UnknownKey));
    }
    // A key that is the content's own can't be one of several.
    let direct = key(KeyManagement::Dir, encryption);
    let recipients = [JweRecipient::new(&keys[0]), JweRecipient::new(&direct)];
    assert_eq!(JweBuilder::new(encryption).encrypt_json(&recipients, b""), Err(Error::KeyMismatch));
}

#[test]
fn what_is_the_same_for_all_recipients_is_protected() {
    for (algorithm, shared) in [
        (KeyManagement::EcdhEsA128Kw, &["alg", "apu", "apv", "enc", "epk"][..]),
        (KeyManagement::Ecdh1PuA128Kw, &["alg", "apu", "apv", "enc", "epk"]),
        (KeyManagement::RsaOaep256, &["alg", "enc"]),
        (KeyManagement::A256GcmKw, &["alg", "enc"]),
    ] {
        let encryption = ContentEncryption::A128CbcHs256;
        let keys = ["ada", "bob"].map(|kid| key(algorithm, encryption).with_kid(kid));
        let sender = EncryptionKey::new(&Jwk::generate(KeyType::Okp(OkpCurve::X25519)).unwrap()).unwrap();
        let (mut builder, mut policy) = (JweBuilder::new(encryption).parties(b"A", b"B"), any());
        if needs_sender(algorithm) {
            (builder, policy) = (builder.sender(&sender), policy.sender(&sender));
        }
        for recipients in [&keys[..1], &keys[..]] {
            let recipients: Vec<_> = recipients.iter().map(JweRecipient::new).collect();
            let json = builder.encrypt_json(&recipients, b"hello").unwrap();
            let message: Value = serde_json::from_str(&json).unwrap();
            let protected = base64url::decode(message["protected"].as_str().unwrap()).unwrap();
            let protected: Value = serde_json::from_slice(&protected).unwrap();
            let names: Vec<_> = protected.as_object().unwrap().keys().map(String::as_str).collect();
            if recipients.len() > 1 {
                assert_eq!(names, shared, "{algorithm}");
            }
            assert_eq!(protected["alg"], algorithm.name());
            assert_eq!(message["recipients"][0]["header"]["kid"], "ada");
            for key in keys.iter().take(recipients.len()) {
                assert_eq!(*key.decrypt_jwe_json(&json, &policy).unwrap().plaintext, b"hello");
            }
        }
    }
}

#[test]
fn s12_a_sender_that_the_algorithm_does_not_prove_is_refused() {
    let sender = EncryptionKey::new(&Jwk::generate(KeyType::Okp(OkpCurve::X25519)).unwrap()).unwrap();
    for algorithm in [KeyManagement::EcdhEs, KeyManagement::EcdhEsA128Kw, KeyManagement::RsaOaep256] {
        let encryption = ContentEncryption::A256Gcm;
        let builder = JweBuilder::new(encryption).sender(&sender);
        assert_eq!(builder.encrypt(&key(algorithm, encryption), b""), Err(Error::AlgorithmNotAllowed));
    }
}

#[test]
fn a_key_elsewhere_decrypts_in_its_own_time() {
    for algorithm in [KeyManagement::RsaOaep256, KeyManagement::EcdhEs, KeyManagement::EcdhEsA192Kw] {
        let private = key(algorithm, ContentEncryption::A256Gcm);
        let public = private.public().unwrap();
        let message = public.encrypt_jwe(b"hello", ContentEncryption::A256Gcm).unwrap();
        let pending = public.begin_decrypt(&message, any()).unwrap();
        let secret = device(&private.to_jwk(), |public, private| match pending.step() {
            RemoteStep::Decrypt { padding, encrypted_key } => {
                ciphers().rsa_decrypter(public, private).unwrap().decrypt(padding, encrypted_key)
            }
            RemoteStep::Agree { peers } => {
                let peer = material(&peers[0]);
                ciphers().agreement(public, private).unwrap().agree(&peer)
            }
            _ => unreachable!(),
        });
        assert_eq!(*pending.finish(secret).unwrap().plaintext, b"hello");
        assert!(public.decrypt_jwe(&message, &any()).is_err());
    }
}

/// The material of a key, as a device would hold it.
fn device<T>(jwk: &Jwk, use_it: impl Fn(&PublicMaterial, &PrivateMaterial) -> T) -> T {
    let members: Value = serde_json::from_str(jwk.export_private_json().unwrap().expose()).unwrap();
    let get = |name: &str| base64url::decode(members[name].as_str().unwrap()).unwrap().into();
    let private = if members["kty"] == "RSA" {
        PrivateMaterial::Rsa {
            d: get("d"),
            p: get("p"),
            q: get("q"),
            dp: get("dp"),
            dq: get("dq"),
            qi: get("qi"),
        }
    } else {
        PrivateMaterial::Okp { d: get("d") }
    };
    use_it(&material(jwk), &private)
}

fn material(jwk: &Jwk) -> PublicMaterial {
    let members: Value = serde_json::from_str(&jwk.to_public_json().unwrap()).unwrap();
    let get = |name: &str| base64url::decode(members[name].as_str().unwrap()).unwrap();
    match members["kty"].as_str().unwrap() {
        "RSA" => PublicMaterial::Rsa { n: get("n"), e: get("e") },
        _ => PublicMaterial::Okp { curve: OkpCurve::X25519, x: get("x") },
    }
}

/// A compact message with its header changed: the tag no longer fits, which only a header that is refused first hides.
fn with_header(message: &str, change: impl Fn(&mut Map<String, Value>)) -> String {
    let (header, rest) = message.split_once('.').unwrap();
    let mut header: Map<String, Value> = serde_json::from_slice(&base64url::decode(header).unwrap()).unwrap();
    change(&mut header);
    format!("{}.{rest}", base64url::encode(Value::Object(header).to_string().as_bytes()))
}

#[test]
fn s01_s02_s16_a_key_does_what_it_is_for_and_nothing_else() {
    let jwk = || Jwk::generate(KeyType::Ec(Curve::P256)).unwrap();
    assert!(EncryptionKey::new(&jwk().with_alg("ES256").unwrap()).is_err());
    assert!(Key::new(&jwk().with_alg("ECDH-ES").unwrap()).is_err());
    assert_eq!(jwk().with_alg("RSA-OAEP").unwrap_err(), Error::KeyMismatch);
    assert_eq!(jwk().with_alg("none").unwrap_err(), Error::AlgorithmNotAllowed);
    assert!(EncryptionKey::new(&rsa().with_alg("RSA1_5").unwrap()).is_err());
    assert_eq!(
        EncryptionKey::new(&rsa()).unwrap().with_algorithm(KeyManagement::Rsa1_5).unwrap_err(),
        Error::KeyMismatch
    );

    let key = key(KeyManagement::A128Kw, ContentEncryption::A128Gcm);
    let message = key.encrypt_jwe(b"x", ContentEncryption::A128Gcm).unwrap();
    let other = JwePolicy::new(&[KeyManagement::A256Kw], ContentEncryption::ALL);
    assert_eq!(key.decrypt_jwe(&message, &other), Err(Error::AlgorithmNotAllowed));
    let other = JwePolicy::new(&[KeyManagement::A128Kw], &[ContentEncryption::A256Gcm]);
    assert_eq!(key.decrypt_jwe(&message, &other), Err(Error::AlgorithmNotAllowed));
    for alg in ["none", "A128GCMKW", "dir"] {
        let changed = with_header(&message, |header| drop(header.insert("alg".to_owned(), alg.into())));
        assert!(matches!(
            key.decrypt_jwe(&changed, &any()),
            Err(Error::KeyMismatch | Error::AlgorithmNotAllowed)
        ));
    }
    let pem = Jwk::generate(KeyType::Rsa).unwrap().to_public_pem().unwrap();
    assert!(EncryptionKey::from_password(pem.as_bytes(), KeyManagement::Pbes2Hs256A128Kw).is_err());
    assert!(EncryptionKey::from_secret(b"too short", KeyManagement::A128Kw).is_err());
}

#[test]
fn s03_a_key_in_the_header_is_no_key() {
    let key = key(KeyManagement::EcdhEsA128Kw, ContentEncryption::A128Gcm);
    let stranger = EncryptionKey::generate(KeyManagement::EcdhEsA128Kw).unwrap();
    let own: Value = serde_json::from_str(&stranger.to_jwk().to_public_json().unwrap()).unwrap();
    let message =
        JweBuilder::new(ContentEncryption::A128Gcm).header("jwk", own).encrypt(&stranger, b"x").unwrap();
    assert_eq!(key.decrypt_jwe(&message, &any()), Err(Error::Decryption));
}

#[test]
fn s04_crit_is_refused_though_the_message_is_authentic() {
    // The header is what a sender with the key itself can write: it is authentic.
    let secret = [7; 16];
    let key = EncryptionKey::from_secret(&secret, KeyManagement::Dir).unwrap();
    let forge = |header: Value| forge(&header, &secret, b"x");
    let plain = json!({ "alg": "dir", "enc": "A128GCM", "ext": 1 });
    assert_eq!(*key.decrypt_jwe(&forge(plain), &any()).unwrap().plaintext, b"x");
    for crit in [
        json!(["unknown"]),
        json!([]),
        json!(["ext", "ext"]),
        json!(["alg"]),
        json!(["enc"]),
        json!("ext"),
        json!(null),
        json!(["ext"]),
        json!([1]),
    ] {
        let message = forge(json!({ "alg": "dir", "enc": "A128GCM", "ext": 1, "crit": crit }));
        assert_eq!(key.decrypt_jwe(&message, &any()), Err(Error::CriticalHeader), "{crit}");
    }
    let message = forge(json!({ "alg": "dir", "enc": "A128GCM", "ext": 1, "crit": ["ext"] }));
    assert!(key.decrypt_jwe(&message, &any().understand(&["ext"])).is_ok());
    // In an unprotected header it may have been put in by anyone.
    let flattened = JweBuilder::new(ContentEncryption::A128Gcm)
        .encrypt_flattened(&JweRecipient::new(&key), b"x")
        .unwrap();
    let mut message: Value = serde_json::from_str(&flattened).unwrap();
    for name in ["crit", "zip"] {
        message["header"] = json!({ name: ["ext"], "ext": 1 });
        assert_eq!(
            key.decrypt_jwe_json(&message.to_string(), &any().understand(&["ext"])),
            Err(Error::CriticalHeader)
        );
    }
    message["header"] = json!({ "enc": "A128GCM" });
    assert!(matches!(key.decrypt_jwe_json(&message.to_string(), &any()), Err(Error::DuplicateMember(_))));
}

/// A message under `dir` and `A128GCM` with any header at all.
fn forge(header: &Value, secret: &[u8], plaintext: &[u8]) -> String {
    let header = base64url::encode(header.to_string().as_bytes());
    let mut data = plaintext.to_vec();
    let tag = ciphers().seal(Aead::A128Gcm, secret, &[1; 12], header.as_bytes(), &mut data).unwrap();
    let [iv, data, tag] = [&[1; 12][..], &data, &tag].map(base64url::encode);
    format!("{header}..{iv}.{data}.{tag}")
}

#[test]
fn s05_size_segments_and_recipients_are_bounded_before_anything_is_decoded() {
    let key = key(KeyManagement::A128Kw, ContentEncryption::A128Gcm);
    assert_eq!(key.decrypt_jwe(&"A".repeat(300 * 1024), &any()), Err(Error::TooLong("the message")));
    assert_eq!(
        key.decrypt_jwe(&format!("{}....", "A".repeat(9000)), &any()),
        Err(Error::TooLong("the header"))
    );
    for message in ["", ".", "....", &".".repeat(200_000), "a.b.c", "a.b.c.d.e.f"] {
        assert!(key.decrypt_jwe(message, &any()).is_err());
    }
    let one =
        JweBuilder::new(ContentEncryption::A128Gcm).encrypt_json(&[JweRecipient::new(&key)], b"x").unwrap();
    let mut message: Value = serde_json::from_str(&one).unwrap();
    let recipient = message["recipients"][0].clone();
    message["recipients"] = vec![recipient; 17].into();
    assert_eq!(
        key.decrypt_jwe_json(&message.to_string(), &any()),
        Err(Error::OutOfBounds("the number of recipients"))
    );
}

#[test]
fn s06_inflation_stops_at_the_bound() {
    let secret = [7; 16];
    let key = EncryptionKey::from_secret(&secret, KeyManagement::Dir).unwrap();
    let bomb =
        JweBuilder::new(ContentEncryption::A128Gcm).compress().encrypt(&key, &vec![0; 50_000_000]).unwrap();
    assert!(bomb.len() < 100_000);
    assert_eq!(key.decrypt_jwe(&bomb, &any()), Err(Error::TooLong("the plaintext")));
    let fits =
        JweBuilder::new(ContentEncryption::A128Gcm).compress().encrypt(&key, &vec![0; 256 * 1024]).unwrap();
    assert!(key.decrypt_jwe(&fits, &any()).is_ok());
    assert!(key.decrypt_jwe(&fits, &any().max_plaintext(256 * 1024 - 1)).is_err());
    // Wrapped as zlib does, it is no raw DEFLATE; and what follows the end is not read over.
    let header = json!({ "alg": "dir", "enc": "A128GCM", "zip": "DEF" });
    let zlib = [0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x06, 0x2c, 0x02, 0x15];
    assert!(key.decrypt_jwe(&forge(&header, &secret, &zlib), &any()).is_err());
    assert_eq!(*key.decrypt_jwe(&forge(&header, &secret, &zlib[2..9]), &any()).unwrap().plaintext, b"hello");
    let other = json!({ "alg": "dir", "enc": "A128GCM", "zip": "BR" });
    assert!(key.decrypt_jwe(&forge(&other, &secret, b"x"), &any()).is_err());
}

#[test]
fn s07_iterations_are_bounded_before_anything_is_derived() {
    let key =
        EncryptionKey::from_password(b"correct horse battery", KeyManagement::Pbes2Hs256A128Kw).unwrap();
    let message = key.encrypt_jwe(b"x", ContentEncryption::A128Gcm).unwrap();
    let begun = std::time::Instant::now();
    for count in [
        json!(0),
        json!(1),
        json!(999),
        json!(1_000_001),
        json!(u64::MAX),
        json!(-1),
        json!(1e30),
        json!("1000"),
        json!(null),
    ] {
        let changed = with_header(&message, |header| drop(header.insert("p2c".to_owned(), count.clone())));
        assert!(
            matches!(key.decrypt_jwe(&changed, &any()), Err(Error::OutOfBounds(_) | Error::Malformed { .. })),
            "{count}"
        );
    }
    let changed = with_header(&message, |header| drop(header.insert("p2s".to_owned(), "AAAA".into())));
    assert!(matches!(key.decrypt_jwe(&changed, &any()), Err(Error::OutOfBounds(_))));
    assert!(matches!(key.decrypt_jwe(&message, &any().max_iterations(10_000)), Err(Error::OutOfBounds(_))));
    assert!(begun.elapsed().as_millis() < 1_000, "something was derived");
}

#[test]
fn s08_what_is_wrong_with_an_rsa_message_can_not_be_told() {
    let key = key(KeyManagement::Rsa1_5, ContentEncryption::A128CbcHs256);
    let message = key.encrypt_jwe(b"hello", ContentEncryption::A128CbcHs256).unwrap();
    let segments: Vec<_> = message.split('.').collect();
    let encrypted = base64url::decode(segments[1]).unwrap();
    let mut outcomes = Vec::new();
    for at in [0, 1, 100, encrypted.len() - 1] {
        let mut changed = encrypted.clone();
        changed[at] ^= 1;
        let changed =
            [segments[0], &base64url::encode(&changed), segments[2], segments[3], segments[4]].join(".");
        outcomes.push(key.decrypt_jwe(&changed, &any()));
    }
    // A key of the wrong length inside a right padding looks the same.
    let short =
        ciphers().rsa_encrypter(&material(&rsa())).unwrap().encrypt(RsaPadding::Pkcs1, &[1; 16]).unwrap();
    outcomes.push(key.decrypt_jwe(
        &[segments[0], &base64url::encode(&short), segments[2], segments[3], segments[4]].join("."),
        &any(),
    ));
    // So do a broken tag and a broken padding of CBC.
    let flipped = |at: usize| {
        let mut parts: Vec<String> = segments.iter().map(|part| (*part).to_owned()).collect();
        let mut bytes = base64url::decode(&parts[at]).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        parts[at] = base64url::encode(&bytes);
        key.decrypt_jwe(&parts.join("."), &any())
    };
    outcomes.extend([flipped(2), flipped(3), flipped(4)]);
    assert!(outcomes.iter().all(|outcome| *outcome == Err(Error::Decryption)), "{outcomes:?}");
}

#[test]
fn s09_points_that_are_not_on_the_curve_are_refused() {
    for (key_type, bad) in [
        (
            KeyType::Ec(Curve::P256),
            json!({ "kty": "EC", "crv": "P-256", "x": base64url::encode(&[1; 32]), "y": base64url::encode(&[1; 32]) }),
        ),
        (
            KeyType::Ec(Curve::P256),
            json!({ "kty": "EC", "crv": "P-256", "x": base64url::encode(&[0; 32]), "y": base64url::encode(&[0; 32]) }),
        ),
        (
            KeyType::Okp(OkpCurve::X25519),
            json!({ "kty": "OKP", "crv": "X25519", "x": base64url::encode(&[0; 32]) }),
        ),
        (
            KeyType::Okp(OkpCurve::X25519),
            json!({ "kty": "OKP", "crv": "X25519", "x": base64url::encode(&[1; 31]) }),
        ),
        (KeyType::Okp(OkpCurve::X25519), json!("AAAA")),
        (KeyType::Okp(OkpCurve::X25519), json!({ "kty": "oct", "k": base64url::encode(&[1; 32]) })),
    ] {
        let key = EncryptionKey::new(&Jwk::generate(key_type).unwrap().with_alg("ECDH-ES").unwrap()).unwrap();
        let message = key.encrypt_jwe(b"x", ContentEncryption::A128Gcm).unwrap();
        let changed = with_header(&message, |header| drop(header.insert("epk".to_owned(), bad.clone())));
        assert!(!matches!(key.decrypt_jwe(&changed, &any()), Ok(_) | Err(Error::Decryption)), "{bad}");
        let other = Jwk::generate(KeyType::Ec(Curve::P384)).unwrap().to_public_json().unwrap();
        let other: Value = serde_json::from_str(&other).unwrap();
        let changed = with_header(&message, |header| drop(header.insert("epk".to_owned(), other.clone())));
        assert_eq!(key.decrypt_jwe(&changed, &any()), Err(Error::KeyMismatch));
    }
}

#[test]
fn s12_the_caller_states_the_nesting() {
    let signer = Key::generate(Algorithm::ES256).unwrap();
    let (keys, policy) = (KeySet::from(signer.public().unwrap()), policy());
    let policy: Policy = policy;
    let key = key(KeyManagement::EcdhEs, ContentEncryption::A256Gcm);
    let set = EncryptionKeySet::from(key.clone());
    let signed = signer.sign_jwt("JWT", &claims()).unwrap();
    let nested = key.encrypt_jwt(&signed, ContentEncryption::A256Gcm).unwrap();
    let unsigned = key.encrypt_unsigned_jwt("JWT", &claims(), ContentEncryption::A256Gcm).unwrap();

    assert!(set.decrypt_nested_jwt::<Value>(&nested, &any(), &keys, &policy, NOW).is_ok());
    assert!(set.decrypt_unsigned_jwt::<Value>(&unsigned, &any(), &policy, NOW).is_ok());

    assert!(keys.verify_jwt::<Value>(&nested, &policy, NOW).is_err());
    assert!(keys.verify_jwt::<Value>(&unsigned, &policy, NOW).is_err());
    assert!(set.decrypt_nested_jwt::<Value>(&signed, &any(), &keys, &policy, NOW).is_err());
    assert!(set.decrypt_nested_jwt::<Value>(&unsigned, &any(), &keys, &policy, NOW).is_err());
    assert!(set.decrypt_unsigned_jwt::<Value>(&nested, &any(), &policy, NOW).is_err());
    // Unsigned inside: no.
    let none = format!(
        "{}.{}.",
        base64url::encode(br#"{"alg":"none","typ":"JWT"}"#),
        base64url::encode(claims().to_string().as_bytes())
    );
    let wrapped = key.encrypt_jwt(&none, ContentEncryption::A256Gcm).unwrap();
    assert!(set.decrypt_nested_jwt::<Value>(&wrapped, &any(), &keys, &policy, NOW).is_err());
    // Without cty, only where the caller says so.
    let silent = key.encrypt_jwe(signed.as_bytes(), ContentEncryption::A256Gcm).unwrap();
    assert_eq!(
        set.decrypt_nested_jwt::<Value>(&silent, &any(), &keys, &policy, NOW).unwrap_err(),
        Error::WrongType
    );
    let lenient = any().accept_nested_without_content_type();
    assert!(set.decrypt_nested_jwt::<Value>(&silent, &lenient, &keys, &policy, NOW).is_ok());
}

#[test]
fn s10_any_changed_byte_is_noticed() {
    for (algorithm, encryption) in [
        (KeyManagement::EcdhEsA128Kw, ContentEncryption::A128CbcHs256),
        (KeyManagement::A256GcmKw, ContentEncryption::A256Gcm),
        (KeyManagement::RsaOaep256, ContentEncryption::XC20P),
    ] {
        let key = key(algorithm, encryption);
        let message = key.encrypt_jwe(b"attack at dawn", encryption).unwrap();
        for at in (0..message.len()).step_by(if algorithm == KeyManagement::RsaOaep256 { 17 } else { 1 }) {
            let mut changed = message.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            if changed != message {
                assert!(key.decrypt_jwe(&changed, &any()).is_err(), "{algorithm} {at}");
            }
        }
    }
}

#[test]
fn s18_keys_and_what_waits_show_nothing_secret() {
    let key = key(KeyManagement::A128Kw, ContentEncryption::A128Gcm).with_kid("k");
    assert_eq!(
        format!("{key:?}"),
        "EncryptionKey { kid: Some(\"k\"), algorithm: Some(A128Kw), can_decrypt: true, .. }"
    );
    let secret: Value = serde_json::from_str(key.to_jwk().export_private_json().unwrap().expose()).unwrap();
    let text = format!("{:?} {:?}", key.to_jwk(), EncryptionKeySet::from(key));
    assert!(!text.contains(secret["k"].as_str().unwrap()));
}
