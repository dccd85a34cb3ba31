//! Encrypted messages that RFCs print. The data of RFC 7516 stand beside, under the names of their sections.

use authmint_jose::crypto::{Aead, Hash, PrivateMaterial, PublicMaterial, ciphers};
use authmint_jose::{
    ContentEncryption, EncryptionKey, EncryptionKeySet, Error, JwePolicy, Jwk, KeyManagement, OkpCurve,
    base64url,
};
use serde_json::{Value, json};

fn rfc7516(section: &str) -> Value {
    let mut all: Value = serde_json::from_str(include_str!("rfc/rfc7516.json")).unwrap();
    all[section].take()
}

fn key_of(example: &Value) -> EncryptionKey {
    let jwk = Jwk::from_json(&example["key"].to_string()).unwrap();
    match example["alg"].as_str().unwrap().parse().unwrap() {
        KeyManagement::Rsa1_5 => EncryptionKey::dangerously_for_rsa1_5(&jwk).unwrap(),
        algorithm => EncryptionKey::new(&jwk).unwrap().with_algorithm(algorithm).unwrap(),
    }
}

fn key(jwk: &Value) -> EncryptionKey {
    EncryptionKey::new(&Jwk::from_json(&jwk.to_string()).unwrap()).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
}

/// RFC 7516 A.1 to A.3: RSA-OAEP with A256GCM, RSA1_5 and A128KW with A128CBC-HS256.
#[test]
fn rfc7516_a1_to_a3() {
    for section in ["A.1", "A.2", "A.3"] {
        let example = rfc7516(section);
        let key = key_of(&example);
        let encryption: ContentEncryption = example["enc"].as_str().unwrap().parse().unwrap();
        let policy = JwePolicy::new(&[key.algorithm().unwrap()], &[encryption]);
        let message = example["compact"].as_str().unwrap();
        let opened = key.decrypt_jwe(message, &policy).unwrap();
        let plaintext = example["plaintext"].as_str().unwrap().as_bytes();
        assert_eq!(opened.plaintext.as_slice(), plaintext, "{section}");
        assert_eq!(opened.header.encryption(), encryption);
        let own = key.encrypt_jwe(plaintext, encryption).unwrap();
        if section != "A.1" {
            assert_eq!(own.split('.').next(), message.split('.').next(), "{section}");
        }
        assert_eq!(key.decrypt_jwe(&own, &policy).unwrap().plaintext.as_slice(), plaintext, "{section}");
    }
}

/// RFC 7516 A.4 and A.5: two recipients in the general form, one in the flattened.
#[test]
fn rfc7516_a4_and_a5() {
    let rsa = key_of(&rfc7516("A.2")).with_kid("2011-04-29");
    let wraps = key_of(&rfc7516("A.3")).with_kid("7");
    let policy =
        JwePolicy::new(&[KeyManagement::Rsa1_5, KeyManagement::A128Kw], &[ContentEncryption::A128CbcHs256]);
    let general = rfc7516("A.4").to_string();
    for (key, kid) in [(&rsa, "2011-04-29"), (&wraps, "7")] {
        let opened = key.decrypt_jwe_json(&general, &policy).unwrap();
        assert_eq!(opened.plaintext.as_slice(), b"Live long and prosper.");
        assert_eq!(opened.header.kid(), Some(kid));
        assert_eq!(opened.header.get("jku"), Some(&json!("https://server.example.com/keys.jwks")));
        assert!(!opened.header.is_protected("jku") && opened.header.is_protected("enc"));
    }
    let both = EncryptionKeySet::new([rsa.clone(), wraps.clone()]);
    assert_eq!(both.decrypt_jwe_json(&general, &policy).unwrap().header.kid(), Some("2011-04-29"));
    // A policy that does not know the first recipient's algorithm reads the second's.
    let narrow = JwePolicy::new(&[KeyManagement::A128Kw], &[ContentEncryption::A128CbcHs256]);
    assert_eq!(both.decrypt_jwe_json(&general, &narrow).unwrap().header.kid(), Some("7"));

    let flattened = rfc7516("A.5").to_string();
    let opened = wraps.decrypt_jwe_json(&flattened, &policy).unwrap();
    assert_eq!(opened.plaintext.as_slice(), b"Live long and prosper.");
    assert_eq!(rsa.decrypt_jwe_json(&flattened, &policy), Err(Error::UnknownKey));
}

/// RFC 7518 B.1 to B.3: the two halves of AES-CBC with HMAC, by the primitives.
#[test]
fn rfc7518_b() {
    let plaintext = b"A cipher system must not be required to be secret, and it must be able to fall into the hands of the enemy without inconvenience";
    let aad = b"The second principle of Auguste Kerckhoffs";
    let iv: [u8; 16] = hex("1af38c2dc2b96ffdd86694092341bc04").try_into().unwrap();
    let cases: [(u8, Hash, &str, &str); 3] = [
        (
            32,
            Hash::Sha256,
            "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a221489f16362c703233609d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade54b8851ffb598f7f80074b9473c82e2db",
            "652c3fa36b0a7c5b3219fab3a30bc1c4",
        ),
        (
            48,
            Hash::Sha384,
            "ea65da6b59e61edb419be62d19712ae5d303eeb50052d0dfd6697f77224c8edb000d279bdc14c1072654bd30944230c657bed4ca0c9f4a8466f22b226d1746214bf8cfc2400add9f5126e479663fc90b3bed787a2f0ffcbf3904be2a641d5c2105bfe591bae23b1d7449e532eef60a9ac8bb6c6b01d35d49787bcd57ef484927f280adc91ac0c4e79c7b11efc60054e3",
            "8490ac0e58949bfe51875d733f93ac2075168039ccc733d7",
        ),
        (
            64,
            Hash::Sha512,
            "4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f077553df829410446b36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3a3b75e662a2594410ae496b2e2e6609e31e6e02cc837f053d21f37ff4f51950bbe2638d09dd7a4930930806d0703b1f6",
            "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5",
        ),
    ];
    for (length, hash, ciphertext, tag) in cases {
        let key: Vec<u8> = (0..length).collect();
        let (mac_key, cbc_key) = key.split_at(key.len() / 2);
        let (ciphertext, tag) = (hex(ciphertext), hex(tag));
        assert_eq!(ciphers().encrypt_cbc(cbc_key, iv, plaintext).unwrap(), ciphertext, "{length}");
        assert_eq!(*ciphers().decrypt_cbc(cbc_key, iv, &ciphertext).unwrap(), plaintext, "{length}");
        let bits = 336_u64.to_be_bytes();
        let mac = ciphers().hmac(hash, mac_key, &[aad, &iv, &ciphertext, &bits]);
        assert_eq!(mac[..tag.len()], tag, "{length}");
    }
}

/// A message whose content is under this key: only who agrees on the same one can read it.
fn under(header: &Value, aead: Aead, content_key: &[u8]) -> String {
    let header = base64url::encode(header.to_string().as_bytes());
    let mut data = b"agreed".to_vec();
    let tag = ciphers().seal(aead, content_key, &[2; 12], header.as_bytes(), &mut data).unwrap();
    let [iv, data, tag] = [&[2; 12][..], &data, &tag].map(base64url::encode);
    format!("{header}..{iv}.{data}.{tag}")
}

fn bob() -> Value {
    json!({ "kty": "EC", "crv": "P-256", "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck", "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw" })
}

fn ephemeral() -> Value {
    json!({ "kty": "EC", "crv": "P-256", "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
        "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps" })
}

/// RFC 7518 C: ECDH-ES, agreed and derived.
#[test]
fn rfc7518_c() {
    let header =
        json!({ "alg": "ECDH-ES", "enc": "A128GCM", "apu": "QWxpY2U", "apv": "Qm9i", "epk": ephemeral() });
    let message = under(&header, Aead::A128Gcm, &base64url::decode("VqqN6vgjbSBcIijNcacQGg").unwrap());
    let policy = JwePolicy::new(&[KeyManagement::EcdhEs], &[ContentEncryption::A128Gcm]);
    assert_eq!(key(&bob()).decrypt_jwe(&message, &policy).unwrap().plaintext.as_slice(), b"agreed");
}

/// draft-madden-jose-ecdh-1pu-04 appendix A: one key from two agreements.
#[test]
fn ecdh_1pu_a() {
    let alice = json!({ "kty": "EC", "crv": "P-256", "x": "WKn-ZIGevcwGIyyrzFoZNBdaq9_TsqzGl96oc0CWuis",
        "y": "y77t-RvAHRKTsSGdIYUfweuOvwrvDD-Q3Hv5J0fSKbE" });
    let header =
        json!({ "alg": "ECDH-1PU", "enc": "A256GCM", "apu": "QWxpY2U", "apv": "Qm9i", "epk": ephemeral() });
    let derived = hex("6caf13723d14850ad4b42cd6dde935bffd2fff00a9ba70de05c203a5e1722ca7");
    let message = under(&header, Aead::A256Gcm, &derived);
    let policy =
        JwePolicy::new(&[KeyManagement::Ecdh1Pu], &[ContentEncryption::A256Gcm]).sender(&key(&alice));
    assert_eq!(key(&bob()).decrypt_jwe(&message, &policy).unwrap().plaintext.as_slice(), b"agreed");
}

/// draft-madden-jose-ecdh-1pu-04 appendix B: two recipients of one sender, on X25519.
#[test]
fn ecdh_1pu_b() {
    let okp = |x: &str, d: &str, kid: &str| {
        key(&json!({ "kty": "OKP", "crv": "X25519", "x": x, "d": d })).with_kid(kid)
    };
    let alice = okp(
        "Knbm_BcdQr7WIoz-uqit9M0wbcfEr6y-9UfIZ8QnBD4",
        "i9KuFhSzEBsiv3PKVL5115OCdsqQai5nj_Flzfkw5jU",
        "Alice",
    );
    let bob = okp(
        "BT7aR0ItXfeDAldeeOlXL_wXqp-j5FltT0vRSG16kRw",
        "1gDirl_r_Y3-qUa3WXHgEXrrEHngWThU3c9zj9A2uBg",
        "bob-key-2",
    );
    let charlie = okp(
        "q-LsvU772uV_2sPJhfAIq-3vnKNVefNoIlvyvg1hrnE",
        "Jcv8gklhMjC0b-lsk5onBbppWAx5ncNtbM63Jr9xBQE",
        "2021-05-06",
    );
    let message = json!({
        "protected": "eyJhbGciOiJFQ0RILTFQVStBMTI4S1ciLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIiwiYXB1IjoiUVd4cFkyVSIsImFwdiI6IlFtOWlJR0Z1WkNCRGFHRnliR2xsIiwiZXBrIjp7Imt0eSI6Ik9LUCIsImNydiI6IlgyNTUxOSIsIngiOiJrOW9mX2NwQWFqeTBwb1c1Z2FpeFhHczluSGt3ZzFBRnFVQUZhMzlkeUJjIn19",
        "unprotected": { "jku": "https://alice.example.com/keys.jwks" },
        "recipients": [
            { "header": { "kid": "bob-key-2" },
              "encrypted_key": "pOMVA9_PtoRe7xXW1139NzzN1UhiFoio8lGto9cf0t8PyU-sjNXH8-LIRLycq8CHJQbDwvQeU1cSl55cQ0hGezJu2N9IY0QN" },
            { "header": { "kid": "2021-05-06" },
              "encrypted_key": "56GVudgRLIMEElQ7DpXsijJVRSWUSDNdbWkdV3g0GUNq6hcT_GkxwnxlPIWrTXCqRpVKQC8fe4z3PQ2YH2afvjQ28aiCTWFE" },
        ],
        "iv": "AAECAwQFBgcICQoLDA0ODw",
        "ciphertext": "Az2IWsISEMDJvyc5XRL-3-d-RgNBOGolCsxFFoUXFYw",
        "tag": "HLb4fTlm8spGmij3RyOs2gJ4DpHM4hhVRwdF_hGb3WQ",
    })
    .to_string();
    let policy = |sender: &EncryptionKey| {
        JwePolicy::new(&[KeyManagement::Ecdh1PuA128Kw], &[ContentEncryption::A256CbcHs512])
            .sender(&sender.public().unwrap())
    };
    for recipient in [&bob, &charlie] {
        let opened = recipient.decrypt_jwe_json(&message, &policy(&alice)).unwrap();
        assert_eq!(opened.plaintext.as_slice(), b"Three is a magic number.");
        assert_eq!(opened.header.kid(), recipient.kid());
        assert_eq!(recipient.decrypt_jwe_json(&message, &policy(&charlie)), Err(Error::Decryption));
    }
}

/// RFC 8037 A.6 and A.7: X25519 and X448, by the recipient's halves of RFC 7748 6.1 and 6.2.
#[test]
fn rfc8037_a6_and_a7() {
    let agreed = |curve, public: &str, private: &str, peer: &str| {
        let public = PublicMaterial::Okp { curve, x: hex(public) };
        let private = PrivateMaterial::Okp { d: hex(private).into() };
        let peer = PublicMaterial::Okp { curve, x: hex(peer) };
        ciphers().agreement(&public, &private).and_then(|agreement| agreement.agree(&peer))
    };
    let secret = agreed(
        OkpCurve::X25519,
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
        "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
    );
    assert_eq!(*secret.unwrap(), hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));
    if cfg!(feature = "curve448") {
        let secret = agreed(
            OkpCurve::X448,
            "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609",
            "1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d6927c120bb5ee8972b0d3e21374c9c921b09d1b0366f10b65173992d",
            "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d40c5b12da88120d53177f80e532c41fa0",
        );
        assert_eq!(
            *secret.unwrap(),
            hex(
                "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a449a5037514a879d"
            )
        );
    }
}
