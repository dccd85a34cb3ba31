//! More attacks on the rows S01 to S19 and S47: what a stranger to the crate tried, hostile shapes of keys, headers and claims, and
//! the two backends against each other.

#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

#[cfg(all(feature = "pure", feature = "aws-lc"))]
mod backends;

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

/// serde_json unwraps the one member of this name when it reads a `Value`: the text inside was a string to the strict walk.
#[test]
fn s05_no_duplicate_member_hides_in_a_string_that_serde_json_unwraps() {
    let key = hmac();
    let mut payload = claims();
    payload["act"] = raw(r#"{"sub":"ada","sub":"admin"}"#);
    let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, &payload.to_string());
    if let Ok(verified) = key.verify_jwt::<Value>(&token, &policy(), NOW) {
        assert_eq!(verified.claims["act"], payload["act"], "the verified claims are not those of the token");
    }
}

#[test]
fn s05_depth_is_bounded_in_what_the_caller_gets() {
    let key = hmac();
    let mut payload = claims();
    payload["deep"] = raw(&format!("{}{}", "[".repeat(100), "]".repeat(100)));
    let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, &payload.to_string());
    let Ok(verified) = key.verify_jwt::<Value>(&token, &policy(), NOW) else { return };
    let (mut depth, mut at) = (0, &verified.claims["deep"]);
    while let Some(inner) = at.as_array() {
        depth += 1;
        let Some(first) = inner.first() else { break };
        at = first;
    }
    assert!(depth <= 16, "{depth} arrays, one in another, passed a bound of 16");
}

#[test]
fn s13_a_required_claim_that_reads_as_null_is_missing() {
    let key = hmac();
    let mut payload = claims();
    payload["tenant"] = raw("null");
    let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, &payload.to_string());
    if let Ok(verified) = key.verify_jwt::<Value>(&token, &policy().require(&["tenant"]), NOW) {
        assert!(!verified.claims["tenant"].is_null(), "a required claim is null");
    }
}

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

/// As above, before any signature: the claims of a token that anyone can write.
#[test]
fn s47_peeking_at_a_token_does_not_overflow_the_stack() {
    let payload = base64url::encode(format!(r#"{{"x":{}}}"#, nested_bomb(45_000)).as_bytes());
    let token = format!("{}.{payload}.AAAA", base64url::encode(br#"{"alg":"ES256"}"#));
    let peeked = std::thread::spawn(move || peek_unverified::<Value>(&token).is_err());
    assert!(peeked.join().unwrap());
}

#[test]
fn s02_public_keys_in_der_of_every_curve_are_no_secrets() {
    let mut taken = Vec::new();
    for key_type in [
        KeyType::Ec(Curve::P256),
        KeyType::Ec(Curve::P384),
        KeyType::Ec(Curve::P521),
        KeyType::Ec(Curve::Secp256k1),
        KeyType::Okp(OkpCurve::Ed25519),
        KeyType::Okp(OkpCurve::X25519),
        KeyType::MlDsa(authmint_jose::MlDsa::MlDsa44),
    ] {
        let jwk = Jwk::generate(key_type).unwrap();
        let der = jwk.to_public_der(PublicForm::Spki).unwrap();
        if Key::from_secret(&der, Algorithm::HS256).is_ok() {
            taken.push(format!("{key_type:?} SPKI in DER"));
        }
        let unpadded = data_encoding(&der);
        if Key::from_secret(unpadded.as_bytes(), Algorithm::HS256).is_ok() {
            taken.push(format!("{key_type:?} SPKI in base64url"));
        }
        if let Ok(line) = jwk.to_openssh("") {
            let body = line.split(' ').nth(1).unwrap();
            if Key::from_secret(body.as_bytes(), Algorithm::HS256).is_ok() {
                taken.push(format!("{key_type:?} body of the OpenSSH line"));
            }
            if Key::from_secret(format!("restrict {line}").as_bytes(), Algorithm::HS256).is_ok() {
                taken.push(format!("{key_type:?} OpenSSH line with options"));
            }
        }
    }
    assert!(taken.is_empty(), "taken for secrets: {taken:#?}");
}

fn data_encoding(bytes: &[u8]) -> String {
    base64url::encode(bytes)
}

#[test]
fn s11_a_generated_secret_can_be_read_back() {
    // What Jwk::generate_secret makes once in some four million times.
    let mut secret = vec![0x11; 32];
    secret[..3].copy_from_slice(&[0x30, 0x59, 0x30]);
    let jwk = format!(r#"{{"kty":"oct","alg":"HS256","k":"{}"}}"#, base64url::encode(&secret));
    assert!(Key::from_jwk(&jwk).is_ok(), "32 random bytes that begin so are no key file");
}

/// The identity of the curve as a public key: every message has the signature (identity, 0).
#[test]
fn s09_an_ed25519_key_of_low_order_is_refused() {
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut minus_one = [0xff; 32];
    minus_one[0] = 0xec;
    minus_one[31] = 0x7f;
    let mut non_canonical = [0xff; 32];
    non_canonical[0] = 0xee;
    non_canonical[31] = 0x7f;
    let zero = [0; 32];
    let mut forged = Vec::new();
    for point in [identity, minus_one, non_canonical, zero] {
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, base64url::encode(&point));
        let Ok(key) = Key::from_jwk(&jwk) else { continue };
        let mut signature = [0; 64];
        signature[0] = 1;
        for number in 0..16 {
            let input = format!(
                "{}.{}",
                base64url::encode(br#"{"alg":"EdDSA"}"#),
                base64url::encode(format!("forged {number}").as_bytes())
            );
            let token = format!("{input}.{}", base64url::encode(&signature));
            if key.verify_jws(&token, &[Algorithm::EdDSA]).is_ok() {
                forged.push(format!("{} {number}", base64url::encode(&point)));
            }
        }
    }
    assert!(forged.is_empty(), "signed by nobody, and verified: {forged:#?}");
}

#[test]
fn s10_ed25519_signatures_have_one_spelling() {
    let key = Key::generate(Algorithm::EdDSA).unwrap();
    let token = key.sign_jws(b"hello").unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let mut bytes = base64url::decode(signature).unwrap();
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut carry = 0_u16;
    for (byte, of_order) in bytes[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(of_order) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    let token = format!("{input}.{}", base64url::encode(&bytes));
    assert!(key.verify_jws(&token, &[Algorithm::EdDSA]).is_err());
}

/// A logout token as OpenID Connect Back-Channel Logout 2.4 had it before it had a type.
#[test]
fn s15_a_logout_token_is_no_id_token() {
    let key = hmac();
    let logout = json!({
        "iss": "https://op.example", "aud": "api", "sub": "s", "iat": 999_990, "exp": 1_000_100, "jti": "j",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    for header in [r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","typ":"JWT"}"#] {
        let token = forge(&key, header, &logout.to_string());
        let id_token = Policy::id_token(&[Algorithm::HS256], "https://op.example", "api");
        assert!(key.verify_jwt::<Value>(&token, &id_token, NOW).is_err(), "{header}");
    }
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

/// The same key in a device: what its host is handed for the device must be a point, and what comes back no zeros.
#[test]
fn s09_a_device_is_not_handed_points_of_low_order_or_off_the_curve() {
    let zeros = base64url::encode(&[0; 32]);
    let one = base64url::encode(&{
        let mut one = [0; 32];
        one[31] = 1;
        one
    });
    let mut handed = Vec::new();
    for (key_type, epk) in [
        (KeyType::Okp(OkpCurve::X25519), json!({ "kty": "OKP", "crv": "X25519", "x": zeros })),
        (KeyType::Ec(Curve::P256), json!({ "kty": "EC", "crv": "P-256", "x": one, "y": one })),
    ] {
        let jwk = Jwk::generate(key_type).unwrap().with_alg("ECDH-ES").unwrap();
        let public = EncryptionKey::new(&jwk.public().unwrap()).unwrap();
        let header = json!({ "alg": "ECDH-ES", "enc": "A256GCM", "epk": epk }).to_string();
        let header = base64url::encode(header.as_bytes());
        // Concat KDF of a secret of zeros.
        let info = [
            &1_u32.to_be_bytes()[..],
            &[0; 32],
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
        let Ok(pending) = public.begin_decrypt(&format!("{header}..{parts}"), any()) else { continue };
        if let RemoteStep::Agree { peers } = pending.step() {
            handed.push(format!("{:?} handed out", peers[0].key_type()));
        }
        if let Ok(opened) = pending.finish(Ok(vec![0; 32].into())) {
            handed.push(format!("{key_type:?}: a secret of zeros opened {} bytes", opened.plaintext.len()));
        }
    }
    assert!(handed.is_empty(), "{handed:#?}");
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
fn s09_a_public_key_off_its_curve_is_no_encryption_key() {
    let mut one = [0; 32];
    one[31] = 1;
    let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{0}","y":"{0}"}}"#, base64url::encode(&one));
    let jwk = Jwk::from_json(&jwk).unwrap();
    assert!(Key::new(&jwk).is_err());
    assert!(
        EncryptionKey::new(&jwk).is_err(),
        "EncryptionKey::new promises InvalidKey for numbers that are no key"
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
fn s18_what_key_ops_rule_out_stays_ruled_out() {
    let key = Key::generate(Algorithm::ES256).unwrap();
    let mut jwk: Value = serde_json::from_str(key.export_private_jwk().unwrap().expose()).unwrap();
    jwk["key_ops"] = json!(["verify"]);
    let limited = Key::from_jwk(&jwk.to_string()).unwrap();
    assert!(!limited.can_sign());
    let back = Key::from_jwk(limited.export_private_jwk().unwrap().expose()).unwrap();
    assert!(!back.can_sign(), "key_ops were lost on the way out");
}

/// A MAC that is handed out is the key of something else.
#[test]
fn s18_no_mac_is_a_derived_key() {
    let key = SealingKey::generate().unwrap();
    let mac = key.mac(b"cookie\x01");
    let sealed = key.derive("mac").derive("cookie").seal("c", b"secret").unwrap();
    let guessed = SealingKey::from_base64url(&base64url::encode(&mac)).unwrap();
    assert!(
        guessed.open("c", &sealed).is_err(),
        "mac(\"cookie\\x01\") is the key derive(\"mac\").derive(\"cookie\")"
    );
}

#[test]
fn s18_what_is_sealed_can_be_opened() {
    let key = SealingKey::generate().unwrap();
    if let Ok(sealed) = key.seal("c", &vec![7; 900 * 1024]) {
        assert!(key.open("c", &sealed).is_ok(), "sealed without a word, and lost");
    }
}

#[test]
fn s13_a_claim_may_be_required_twice() {
    let key = hmac();
    let token = key.sign_jwt("JWT", &claims()).unwrap();
    let twice = Policy::id_token(&[Algorithm::HS256], "https://op.example", "api").require(&["sub"]);
    assert!(key.verify_jwt::<Value>(&token, &twice, NOW).is_ok(), "sub is there");
}

#[test]
fn s13_every_required_claim_is_required() {
    let key = hmac();
    let token = key.sign_jwt("JWT", &claims()).unwrap();
    let names: Vec<String> = (0..64).map(|_| "sub".to_owned()).collect();
    let _ = names;
    let many: Vec<String> = (0..64).map(|number| format!("c{number}")).collect();
    let mut full = claims();
    for name in &many {
        full[name.as_str()] = json!(1);
    }
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let with_all = key.sign_jwt("JWT", &full).unwrap();
    let strict = policy().require(&many).require(&["tenant"]);
    assert!(key.verify_jwt::<Value>(&token, &strict, NOW).is_err());
    assert!(
        key.verify_jwt::<Value>(&with_all, &strict, NOW).is_err(),
        "the 65th required claim is not required"
    );
}

/// A proof of possession is fresh for `age`, and no longer because it lies ahead.
#[test]
fn s13_a_proof_is_not_accepted_for_longer_than_its_age() {
    let key = hmac();
    let proof = Policy::dpop_proof(&[Algorithm::HS256], Duration::from_secs(60));
    let claims =
        json!({ "jti": "j", "htm": "GET", "htu": "https://api.example", "iat": NOW.as_secs() + 300 });
    let token = forge(&key, r#"{"alg":"HS256","typ":"dpop+jwt"}"#, &claims.to_string());
    let accepted = |at: u64| {
        key.verify_jwt::<Value>(&token, &proof, NOW.saturating_add(Duration::from_secs(at))).is_ok()
    };
    let first = (0..1000).find(|at| accepted(*at));
    let last = (0..1000).rev().find(|at| accepted(*at));
    let window = last.unwrap_or_default().saturating_sub(first.unwrap_or_default());
    assert!(window <= 60, "one proof is good for {window} seconds though the policy says 60 and no leeway");
}

#[test]
fn s05_one_recipient_that_is_not_understood_does_not_hide_the_others() {
    let key = EncryptionKey::generate(KeyManagement::A256Kw).unwrap();
    let message = JweBuilder::new(ContentEncryption::A256Gcm)
        .encrypt_json(&[JweRecipient::new(&key)], b"hello")
        .unwrap();
    let mut message: Value = serde_json::from_str(&message).unwrap();
    message["recipients"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "header": { "alg": "ECDH-ES+XC20PKW" }, "encrypted_key": "AAAA" }));
    assert!(key.decrypt_jwe_json(&message.to_string(), &any()).is_ok());
}

#[test]
fn s05_key_ops_are_few() {
    let jwk = |count: usize| {
        let operations: Vec<String> = (0..count).map(|number| format!("{number:x}")).collect();
        let (x, y) = (base64url::encode(&[1; 32]), base64url::encode(&[1; 32]));
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "key_ops": operations }).to_string()
    };
    assert!(Jwk::from_json(&jwk(16)).is_ok());
    assert_eq!(Jwk::from_json(&jwk(17)).unwrap_err(), Error::TooLong("key_ops"));
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

#[test]
fn s11_private_rsa_keys_whose_numbers_disagree_are_refused() {
    let good: Value = serde_json::from_str(rsa().export_private_jwk().unwrap().expose()).unwrap();
    let other: Value =
        serde_json::from_str(Key::generate(Algorithm::RS256).unwrap().export_private_jwk().unwrap().expose())
            .unwrap();
    let mut taken = Vec::new();
    let mut try_it = |name: String, jwk: &Value| {
        if Key::from_jwk(&jwk.to_string()).is_ok() {
            taken.push(format!("Key: {name}"));
        }
        let mut jwk = jwk.clone();
        jwk["use"] = json!("enc");
        jwk["alg"] = json!("RSA-OAEP");
        if Jwk::from_json(&jwk.to_string()).is_ok_and(|jwk| EncryptionKey::new(&jwk).is_ok()) {
            taken.push(format!("EncryptionKey: {name}"));
        }
    };
    for member in ["n", "d", "p", "q", "dp", "dq", "qi"] {
        let mut bytes = base64url::decode(good[member].as_str().unwrap()).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 2;
        let mut changed = good.clone();
        changed[member] = json!(base64url::encode(&bytes));
        try_it(format!("{member} changed"), &changed);
        changed[member] = other[member].clone();
        try_it(format!("{member} of another"), &changed);
    }
    let mut same = good.clone();
    same["q"] = good["p"].clone();
    try_it("p = q".to_owned(), &same);
    for (name, e) in [("3", vec![3]), ("2^64+1", vec![1, 0, 0, 0, 0, 0, 0, 0, 1])] {
        let mut changed = good.clone();
        changed["e"] = json!(base64url::encode(&e));
        try_it(format!("e = {name}"), &changed);
    }
    assert!(taken.is_empty(), "{taken:#?}");
}

#[test]
fn s05_a_public_rsa_key_of_odd_form_is_refused() {
    let good: Value = serde_json::from_str(&rsa().public_jwk().unwrap()).unwrap();
    let mut even = base64url::decode(good["n"].as_str().unwrap()).unwrap();
    even[255] &= 0xfe;
    let mut changed = good.clone();
    changed["n"] = json!(base64url::encode(&even));
    assert!(Key::from_jwk(&changed.to_string()).is_err(), "an even modulus");
    let mut huge = good.clone();
    huge["e"] = json!(base64url::encode(&vec![0xff; 255]));
    assert!(Key::from_jwk(&huge.to_string()).is_err(), "an exponent of 2040 bits");
    huge["e"] = json!(base64url::encode(&[1, 0, 0, 0, 1]));
    eprintln!("e = 2^32 + 1: {:?}", Key::from_jwk(&huge.to_string()).is_ok());
}

/// Many private keys in the list that a client publishes: how long does reading take?
#[test]
fn s05_s18_private_keys_in_a_published_list_are_not_loaded() {
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    let text = format!(r#"{{"keys":[{}]}}"#, key.export_private_jwk().unwrap().expose());
    let set = KeySet::from_jwks(&text).unwrap();
    assert!(set.len() == 1 && set.iter().all(|key| !key.can_sign()));
    assert!(KeySet::from_private_jwks(&text).unwrap().get("k").unwrap().can_sign());
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

/// What was not signed shows as if it were, in the header of a verified signature.
#[test]
fn s15_the_type_of_a_verified_signature_was_signed() {
    let key = hmac();
    let token = forge(&key, r#"{"alg":"HS256"}"#, "{}");
    let parts: Vec<&str> = token.split('.').collect();
    let changed = json!({ "protected": parts[0], "payload": parts[1], "signature": parts[2], "header": { "typ": "secevent+jwt", "kid": "k" } });
    let set = KeySet::new([key.with_kid("k")]);
    let verified = set.verify_jws_json(&changed.to_string(), &JwsPolicy::new(&[Algorithm::HS256])).unwrap();
    assert_eq!(verified.signatures[0].header.typ(), None, "typ was added on the way");
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
fn s13_times_of_odd_spelling() {
    let key = hmac();
    for exp in [
        "1e400",
        "-1",
        "-0.5",
        "\"1000600\"",
        "true",
        "null",
        "[1000600]",
        "NaN",
        "18446744073709551616",
        "1e16",
        "-1e400",
        "9007199254740993.0",
    ] {
        let payload = format!(r#"{{"iss":"https://op.example","aud":"api","exp":{exp}}}"#);
        let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, &payload);
        assert!(key.verify_jwt::<Value>(&token, &policy(), NOW).is_err(), "{exp}");
    }
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

/// An exponent as long as the modulus: what does a signature cost to check?
#[test]
fn s05_a_huge_exponent_is_refused_when_the_key_is_read() {
    let mut n = vec![0xab; 1024];
    n[1023] = 1;
    let read = |e: &[u8]| {
        let (n, e) = (base64url::encode(&n), base64url::encode(e));
        Key::from_jwk(&format!(r#"{{"kty":"RSA","alg":"RS256","n":"{n}","e":"{e}"}}"#)).is_ok()
    };
    assert!(read(&[1, 0, 1]));
    assert!(!read(&[1, 0, 0, 0, 1]) && !read(&[0xff; 1024]), "an exponent of 8192 bits was taken");
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

/// Encrypted PKCS#8 with parameters of an attacker's.
#[test]
fn s47_the_parameters_of_an_encrypted_key_are_bounded() {
    let jwk = Jwk::generate(KeyType::Ec(Curve::P256)).unwrap();
    let pem = jwk.export_encrypted_pem(b"password").unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let standard: String = body
        .chars()
        .filter(|c| *c != '=')
        .map(|c| match c {
            '+' => '-',
            '/' => '_',
            c => c,
        })
        .collect();
    let der = base64url::decode(&standard).unwrap();
    let at = der.windows(5).position(|window| window == [2, 3, 9, 0x27, 0xc0]).unwrap();
    let mut most = der.clone();
    for iterations in [[0, 0, 0], [0, 0, 1], [0xff, 0xff, 0xff]] {
        most[at + 2..at + 5].copy_from_slice(&iterations);
        assert!(Jwk::from_encrypted_der(&most, b"password").is_err());
    }
    for (index, _) in
        der.iter().enumerate().filter(|(index, _)| *index != at && !(at..at + 5).contains(index))
    {
        let mut changed = der.clone();
        changed[at + 2..at + 5].copy_from_slice(&[1, 0, 0]);
        changed[index] ^= 0x41;
        let _ = Jwk::from_encrypted_der(&changed, b"password");
        changed.truncate(index);
        let _ = Jwk::from_encrypted_der(&changed, b"password");
    }
}

#[cfg(feature = "curve448")]
#[test]
fn s09_an_ed448_key_of_low_order_is_refused() {
    let mut forged = Vec::new();
    for first in [0_u8, 1, 0xfe] {
        let mut point = [0_u8; 57];
        point[0] = first;
        if first == 0xfe {
            point[..56].fill(0xff);
            point[0] = 0xfe;
            point[28] = 0xfe;
        }
        let jwk = format!(r#"{{"kty":"OKP","crv":"Ed448","x":"{}"}}"#, base64url::encode(&point));
        let Ok(key) = Key::from_jwk(&jwk) else { continue };
        let mut signature = [0; 114];
        signature[0] = 1;
        for number in 0..8 {
            let token = format!(
                "{}.{}.{}",
                base64url::encode(br#"{"alg":"Ed448"}"#),
                base64url::encode(&[number]),
                base64url::encode(&signature)
            );
            if key.verify_jws(&token, &[Algorithm::Ed448]).is_ok() {
                forged.push((first, number));
            }
        }
    }
    assert!(forged.is_empty(), "{forged:?}");
}
