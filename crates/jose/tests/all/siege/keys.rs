//! Hostile keys: files taken for secrets, points of low order, numbers that disagree, rights that are not there.

use super::*;

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
        let unpadded = base64url::encode(&der);
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
