//! Hostile encrypted messages: headers, recipients, senders, padding, bombs.

use super::*;

/// Nobody has signed a header that is peeked at, nor that of a JWE.
#[test]
fn s05_a_jwe_whose_alg_is_an_object_is_refused() {
    let key = EncryptionKey::generate(KeyManagement::Dir).unwrap();
    let secret: Value = serde_json::from_str(key.to_jwk().export_private_json().unwrap().expose()).unwrap();
    let secret = base64url::decode(secret["k"].as_str().unwrap()).unwrap();
    let key = EncryptionKey::from_secret(&secret[..32], KeyManagement::Dir).unwrap();
    let header =
        json!({ "alg": raw(r#""dir""#), "enc": raw(r#""A256GCM""#), "crit": raw(r#"["ext"]"#), "ext": 1 });
    let header = base64url::encode(header.to_string().as_bytes());
    let mut data = b"hello".to_vec();
    let tag = ciphers()
        .seal(authmint_jose::crypto::Aead::A256Gcm, &secret[..32], &[7; 12], header.as_bytes(), &mut data)
        .unwrap();
    let parts = [&[7; 12][..], &data, &tag].map(base64url::encode).join(".");
    let opened = key.decrypt_jwe(&format!("{header}..{parts}"), &any().understand(&["ext"]));
    assert!(opened.is_err(), "alg, enc and crit were objects, and yet: {:?}", opened.unwrap().header);
}

#[test]
fn s47_a_header_of_six_kilobytes_does_not_overflow_the_stack() {
    let header = base64url::encode(
        format!(r#"{{"alg":"dir","enc":"A256GCM","x":{}}}"#, nested_bomb(5_900)).as_bytes(),
    );
    let key = EncryptionKey::generate(KeyManagement::Dir).unwrap();
    let refused =
        std::thread::spawn(move || key.decrypt_jwe(&format!("{header}..AAAA.AAAA.AAAA"), &any()).is_err());
    assert!(refused.join().unwrap());
}

/// Anyone on the way turns a compact message into the flattened form and adds what the policy asks for.
#[test]
fn s15_the_type_of_an_encrypted_message_is_protected() {
    let key = EncryptionKey::generate(KeyManagement::A256Kw).unwrap();
    let policy = any().typ("password-reset");
    let message = key.encrypt_jwe(b"hello", ContentEncryption::A256Gcm).unwrap();
    assert_eq!(key.decrypt_jwe(&message, &policy), Err(Error::WrongType));
    let parts: Vec<&str> = message.split('.').collect();
    let changed = json!({
        "protected": parts[0], "encrypted_key": parts[1], "iv": parts[2], "ciphertext": parts[3], "tag": parts[4],
        "unprotected": { "typ": "password-reset" },
    });
    let opened = key.decrypt_jwe_json(&changed.to_string(), &policy);
    assert!(opened.is_err(), "the policy's typ was added on the way: {:?}", opened.unwrap().header.typ());
}

/// The policy names the sender; the message is from anyone.
#[test]
fn s12_a_policy_that_names_a_sender_takes_no_message_of_nobody() {
    let x25519 = || EncryptionKey::new(&Jwk::generate(KeyType::Okp(OkpCurve::X25519)).unwrap()).unwrap();
    let (sender, recipient) = (x25519(), x25519());
    let policy = any().sender(&sender.public().unwrap());
    let anyone = recipient.public().unwrap().with_algorithm(KeyManagement::EcdhEs).unwrap();
    let message = anyone.encrypt_jwe(b"pay Mallory", ContentEncryption::A256Gcm).unwrap();
    assert!(recipient.decrypt_jwe(&message, &policy).is_err(), "no sender was proved");
}

/// A device that agrees once only, or truncates, drops the sender from ECDH-1PU without a word.
#[test]
fn s09_a_pending_message_needs_as_many_secrets_as_it_asks_for() {
    let x25519 = || EncryptionKey::new(&Jwk::generate(KeyType::Okp(OkpCurve::X25519)).unwrap()).unwrap();
    let (sender, recipient) = (x25519(), x25519());
    let header = json!({ "alg": "ECDH-1PU", "enc": "A256GCM", "epk": serde_json::from_str::<Value>(
        &x25519().to_jwk().to_public_json().unwrap()).unwrap() })
    .to_string();
    let header = base64url::encode(header.as_bytes());
    let info = [
        &1_u32.to_be_bytes()[..],
        &[9; 32],
        &7_u32.to_be_bytes(),
        b"A256GCM",
        &0_u32.to_be_bytes(),
        &0_u32.to_be_bytes(),
        &256_u32.to_be_bytes(),
    ]
    .concat();
    let cek = authmint_jose::sha256(&info);
    let mut data = b"anyone's".to_vec();
    let tag = ciphers()
        .seal(authmint_jose::crypto::Aead::A256Gcm, &cek, &[7; 12], header.as_bytes(), &mut data)
        .unwrap();
    let parts = [&[7; 12][..], &data, &tag].map(base64url::encode).join(".");
    let policy = any().sender(&sender.public().unwrap());
    let pending = recipient.public().unwrap().begin_decrypt(&format!("{header}..{parts}"), policy).unwrap();
    assert!(
        pending.finish(Ok(vec![9; 32].into())).is_err(),
        "one secret of two, and the sender counts for nothing"
    );
}

#[test]
fn s18_debug_shows_no_plaintext() {
    let key = EncryptionKey::generate(KeyManagement::A256Kw).unwrap();
    let message = key.encrypt_jwe(b"hunter2", ContentEncryption::A256Gcm).unwrap();
    let opened = key.decrypt_jwe(&message, &any()).unwrap();
    let printed = format!("{opened:?}");
    assert!(!printed.contains(&format!("{:?}", b"hunter2").replace(['[', ']'], "")), "{printed}");
}

#[test]
fn s05_one_recipient_that_is_not_understood_does_not_hide_the_others() {
    let key = EncryptionKey::generate(KeyManagement::A256Kw).unwrap();
    // Of another algorithm, so that each is told beside its recipient.
    let other = EncryptionKey::generate(KeyManagement::A128Kw).unwrap();
    let message = JweBuilder::new(ContentEncryption::A256Gcm)
        .encrypt_json(&[JweRecipient::new(&key), JweRecipient::new(&other)], b"hello")
        .unwrap();
    let mut message: Value = serde_json::from_str(&message).unwrap();
    message["recipients"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "header": { "alg": "ECDH-ES+XC20PKW" }, "encrypted_key": "AAAA" }));
    assert!(key.decrypt_jwe_json(&message.to_string(), &any()).is_ok());
}

#[test]
fn s47_no_length_of_a_wrapped_key_panics() {
    for algorithm in
        [KeyManagement::A128Kw, KeyManagement::A192Kw, KeyManagement::A256Kw, KeyManagement::A192GcmKw]
    {
        let key = EncryptionKey::generate(algorithm).unwrap();
        for length in 0..100 {
            let header =
                json!({ "alg": algorithm.name(), "enc": "A256GCM", "iv": base64url::encode(&[0; 12]),
                "tag": base64url::encode(&[0; 16]) })
                .to_string();
            let message = format!(
                "{}.{}.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
                base64url::encode(header.as_bytes()),
                base64url::encode(&vec![1; length])
            );
            assert_eq!(
                key.decrypt_jwe(&message, &any()).unwrap_err(),
                Error::Decryption,
                "{algorithm} {length}"
            );
        }
    }
}

/// A header that was remembered is remembered for plain messages only.
#[test]
fn s04_a_remembered_header_opens_nothing_else() {
    let key = Key::generate(Algorithm::ES256).unwrap();
    let set = KeySet::new([key.clone()]);
    let lenient = JwsPolicy::new(&[Algorithm::ES256]).accept_unencoded().understand(&["ext"]);
    let plain = JwsPolicy::new(&[Algorithm::ES256]);
    let unencoded = JwsBuilder::new().unencoded().detached().sign(&key, b"a").unwrap();
    let extended = JwsBuilder::new().critical("ext", 1).sign(&key, b"a").unwrap();
    let detached = JwsBuilder::new().detached().sign(&key, b"a").unwrap();
    for _ in 0..2 {
        assert!(set.verify_detached_jws(&unencoded, b"a", &lenient).is_ok());
        assert!(set.verify_jws_with(&extended, &lenient).is_ok());
        assert!(set.verify_detached_jws(&detached, b"a", &plain).is_ok());
    }
    assert_eq!(set.verify_detached_jws(&unencoded, b"a", &plain).unwrap_err(), Error::CriticalHeader);
    assert_eq!(set.verify_jws_with(&extended, &plain).unwrap_err(), Error::CriticalHeader);
    assert!(set.verify_jws_with(&detached, &plain).is_err());
    assert!(set.verify_jws(&detached, &[Algorithm::EdDSA]).is_err());
    let attached = key.sign_jws(b"a").unwrap();
    assert!(set.verify_detached_jws(&attached, b"a", &plain).is_err());
}

#[test]
fn s08_rsa1_5_tells_nothing_of_its_padding() {
    let jwk = Jwk::from_json(
        &rsa()
            .export_private_jwk()
            .unwrap()
            .expose()
            .replace("\"alg\":\"RS256\",", "")
            .replace("\"sig\"", "\"enc\""),
    )
    .unwrap();
    let key = EncryptionKey::dangerously_for_rsa1_5(&jwk).unwrap();
    let message = key.encrypt_jwe(b"hello", ContentEncryption::A128CbcHs256).unwrap();
    let parts: Vec<&str> = message.split('.').collect();
    let with = |encrypted_key: &[u8]| {
        let message = format!(
            "{}.{}.{}.{}.{}",
            parts[0],
            base64url::encode(encrypted_key),
            parts[2],
            parts[3],
            parts[4]
        );
        key.decrypt_jwe(&message, &any()).unwrap_err()
    };
    for encrypted_key in [vec![1; 256], vec![0; 256], vec![0xff; 256], vec![1; 255], vec![1; 257], vec![1]] {
        assert_eq!(with(&encrypted_key), Error::Decryption);
    }
    // A well padded key of another length.
    let encrypter = ciphers().rsa_encrypter(&material(&jwk)).unwrap();
    for length in [0, 1, 16, 31, 33, 64] {
        let encrypted =
            encrypter.encrypt(authmint_jose::crypto::RsaPadding::Pkcs1, &vec![7; length]).unwrap();
        assert_eq!(with(&encrypted), Error::Decryption, "{length}");
    }
}

fn material(jwk: &Jwk) -> authmint_jose::crypto::PublicMaterial {
    let jwk: Value = serde_json::from_str(&jwk.to_public_json().unwrap()).unwrap();
    let bytes = |name: &str| base64url::decode(jwk[name].as_str().unwrap()).unwrap();
    authmint_jose::crypto::PublicMaterial::Rsa { n: bytes("n"), e: bytes("e") }
}

#[test]
fn s07_the_work_of_one_message_is_bounded() {
    let key = EncryptionKey::from_password(b"correct horse", KeyManagement::Pbes2Hs512A256Kw).unwrap();
    let recipient = json!({ "header": { "alg": "PBES2-HS512+A256KW", "p2s": base64url::encode(&[1; 16]), "p2c": 1_000_000 },
        "encrypted_key": base64url::encode(&[1; 40]) });
    let message = json!({ "protected": base64url::encode(br#"{"enc":"A256GCM"}"#), "recipients": vec![recipient; 16],
        "iv": "AAAAAAAAAAAAAAAA", "ciphertext": "AAAA", "tag": "AAAAAAAAAAAAAAAAAAAAAA" });
    // One of them is tried; the second is not, though it could be read.
    assert_eq!(key.decrypt_jwe_json(&message.to_string(), &any()), Err(Error::Decryption));
    let good = JweBuilder::new(ContentEncryption::A256Gcm).iterations(1_000);
    let good = good.encrypt_json(&[JweRecipient::new(&key)], b"x").unwrap();
    let mut good: Value = serde_json::from_str(&good).unwrap();
    assert!(key.decrypt_jwe_json(&good.to_string(), &any()).is_ok());
    let mut bad = good["recipients"][0].clone();
    bad["encrypted_key"] = json!(base64url::encode(&[1; 40]));
    good["recipients"] = json!([bad, good["recipients"][0]]);
    assert_eq!(key.decrypt_jwe_json(&good.to_string(), &any()), Err(Error::Decryption));
}

#[test]
fn s06_bombs_stop() {
    let key = EncryptionKey::generate(KeyManagement::A256Kw).unwrap();
    let message = JweBuilder::new(ContentEncryption::A256Gcm)
        .compress()
        .encrypt(&key, &vec![0; 64 * 1024 * 1024])
        .unwrap();
    assert!(matches!(key.decrypt_jwe(&message, &any()), Err(Error::TooLong(_))));
    let _ = EncryptionKeySet::from(key);
}
