//! Row S11, and keys in and out.

use authmint_jose::{Algorithm, Curve, Error, Jwk, Key, KeySet, KeyType, PrivateForm, SealingKey};
use serde_json::{Value, json};

use crate::support::{keys, rsa};

#[test]
fn s11_weak_keys_are_refused() {
    for (length, algorithm) in
        [(0, Algorithm::HS256), (31, Algorithm::HS256), (47, Algorithm::HS384), (63, Algorithm::HS512)]
    {
        assert!(matches!(Key::from_secret(&vec![7; length], algorithm), Err(Error::WeakKey(_))), "{length}");
        let jwk = json!({ "kty": "oct", "alg": algorithm.name(), "k": authmint_jose::base64url::encode(&vec![7; length]) });
        assert!(matches!(Key::from_jwk(&jwk.to_string()), Err(Error::WeakKey(_))), "{length}");
    }
    assert!(Key::from_secret(&[7; 32], Algorithm::HS256).is_ok());
    // RFC 8037 A and RFC 7515 A hold no small RSA key; any 1024-bit number will do for the size check.
    let n = authmint_jose::base64url::encode(&[0xc1; 128]);
    let small = json!({ "kty": "RSA", "n": n, "e": "AQAB" });
    assert!(matches!(Key::from_jwk(&small.to_string()), Err(Error::WeakKey(_))));
    let n = authmint_jose::base64url::encode(&[0xc1; 1025]);
    let huge = json!({ "kty": "RSA", "n": n, "e": "AQAB" });
    assert!(Key::from_jwk(&huge.to_string()).is_err());
}

#[test]
fn s11_a_short_secret_is_taken_where_that_is_said() {
    let jwk = Jwk::from_secret(b"short").unwrap();
    let key = Key::dangerously_for_short_secret(&jwk.clone().with_alg("HS512").unwrap()).unwrap();
    let signed = key.sign_jws(b"payload").unwrap();
    assert_eq!(key.verify_jws(&signed, &[Algorithm::HS512]).unwrap().payload, b"payload");
    assert!(matches!(Key::new(&jwk), Err(Error::WeakKey(_))));
    assert!(matches!(Jwk::from_secret(b""), Err(Error::WeakKey(_))));
    assert!(matches!(Jwk::from_json(r#"{"kty":"oct","k":""}"#), Err(Error::WeakKey(_))));
    // Nothing but the length is another rule: a public key is no secret here either.
    let public = rsa().public_jwk().unwrap();
    assert!(matches!(Jwk::from_secret(public.as_bytes()), Err(Error::InvalidKey(_))));
}

#[test]
fn a_jwk_survives_the_way_out_and_in() {
    for key in keys() {
        let key = key.with_kid("k");
        let exported = key.export_private_jwk().unwrap();
        let back = Key::from_jwk(exported.expose()).unwrap();
        assert_eq!(back.algorithm(), key.algorithm());
        assert_eq!(back.thumbprint(), key.thumbprint());
        assert_eq!(back.kid(), Some("k"));
        let signed = back.sign_jws(b"payload").unwrap();
        assert_eq!(key.verify_jws(&signed, Algorithm::ALL).unwrap().payload, b"payload");
    }
}

#[test]
fn halves_of_different_keys_do_not_make_one() {
    for algorithm in [Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA] {
        let export = || -> Value {
            serde_json::from_str(Key::generate(algorithm).unwrap().export_private_jwk().unwrap().expose())
                .unwrap()
        };
        let (mut one, other) = (export(), export());
        one["d"] = other["d"].clone();
        assert!(Key::from_jwk(&one.to_string()).is_err(), "{algorithm}");
    }
    let mut jwk: Value = serde_json::from_str(rsa().export_private_jwk().unwrap().expose()).unwrap();
    jwk["dp"] = jwk["dq"].clone();
    assert!(Key::from_jwk(&jwk.to_string()).is_err());
}

#[test]
fn points_off_the_curve_and_short_coordinates_are_refused() {
    let mut jwk: Value =
        serde_json::from_str(&Key::generate(Algorithm::ES256).unwrap().public_jwk().unwrap()).unwrap();
    let x = jwk["x"].as_str().unwrap().to_owned();
    jwk["y"] = json!(x);
    assert!(Key::from_jwk(&jwk.to_string()).is_err());
    jwk["y"] = json!(authmint_jose::base64url::encode(&[1; 31]));
    assert!(Key::from_jwk(&jwk.to_string()).is_err());
    jwk["crv"] = json!("secp256k1");
    assert!(Key::from_jwk(&jwk.to_string()).is_err());
}

// Made with `openssl genpkey` for this test.
const EC_PKCS8: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2
OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r
1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G
-----END PRIVATE KEY-----
";
const EC_SPKI: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9
q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==
-----END PUBLIC KEY-----
";

#[test]
fn pem_is_read() {
    let private = Key::from_pem(EC_PKCS8, Algorithm::ES256).unwrap();
    let public = Key::from_pem(EC_SPKI, Algorithm::ES256).unwrap();
    assert_eq!(private.thumbprint(), public.thumbprint());
    let token = private.sign_jws(b"x").unwrap();
    assert!(public.verify_jws(&token, &[Algorithm::ES256]).is_ok());
    for algorithm in [Algorithm::ES384, Algorithm::RS256, Algorithm::EdDSA, Algorithm::HS256] {
        assert_eq!(Key::from_pem(EC_PKCS8, algorithm).unwrap_err(), Error::KeyMismatch, "{algorithm}");
    }
    for text in [
        "",
        "-----BEGIN PUBLIC KEY-----",
        &EC_SPKI.replace("PUBLIC", "CERTIFICATE"),
        &EC_SPKI[..90],
        &EC_SPKI.replace("MFkw", "MFkx"),
    ] {
        assert!(Key::from_pem(text, Algorithm::ES256).is_err(), "{text}");
    }
}

#[test]
fn a_set_leaves_out_what_it_does_not_understand() {
    let good: Value =
        serde_json::from_str(&Key::generate(Algorithm::ES256).unwrap().public_jwk().unwrap()).unwrap();
    let set = json!({ "keys": [
        good,
        { "kty": "EC", "crv": "brainpoolP256r1", "x": "AA", "y": "AA" },
        { "kty": "new" },
        { "kty": "RSA", "n": "AQAB", "e": "AQAB" },
        { "kty": "OKP", "crv": "X25519", "x": "AA", "use": "enc" },
    ]});
    assert_eq!(KeySet::from_jwks(&set.to_string()).unwrap().len(), 1);
    for broken in ["", "[]", "{}", r#"{"keys":{}}"#, r#"{"keys":[],"keys":[]}"#] {
        assert!(KeySet::from_jwks(broken).is_err(), "{broken}");
    }
    let many = format!(r#"{{"keys":[{}]}}"#, vec!["{}"; 257].join(","));
    assert!(KeySet::from_jwks(&many).is_err());
}

#[test]
fn a_secret_among_public_keys_is_no_secret() {
    let jwk = |key: &Key| serde_json::from_str::<Value>(key.export_private_jwk().unwrap().expose()).unwrap();
    let (mac, ec) = (Key::generate(Algorithm::HS256).unwrap(), Key::generate(Algorithm::ES256).unwrap());
    let mixed = json!({ "keys": [jwk(&mac), jwk(&ec)] });
    let set = KeySet::from_jwks(&mixed.to_string()).unwrap();
    assert_eq!(set.iter().map(Key::algorithm).collect::<Vec<_>>(), [Some(Algorithm::ES256)]);
    let secrets = json!({ "keys": [jwk(&mac)] });
    assert_eq!(KeySet::from_jwks(&secrets.to_string()).unwrap().len(), 1);
}

#[test]
fn what_is_sealed_opens_for_its_purpose_only() {
    let key = SealingKey::generate().unwrap();
    let sealed = key.seal("one", b"text").unwrap();
    assert_eq!(&**key.open("one", &sealed).unwrap(), b"text");
    assert!(!sealed.contains("text"));
    assert_eq!(key.open("two", &sealed).unwrap_err(), Error::Sealed);
    assert_eq!(SealingKey::generate().unwrap().open("one", &sealed).unwrap_err(), Error::Sealed);
    assert_eq!(key.derive("x").open("one", &sealed).unwrap_err(), Error::Sealed);
    for at in 0..sealed.len() {
        let mut changed = sealed.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        assert!(key.open("one", std::str::from_utf8(&changed).unwrap()).is_err(), "{at}");
    }
    for broken in ["", "....", "a.b.c", &format!("{sealed}."), &sealed.replace("..", ".x.")] {
        assert!(key.open("one", broken).is_err());
    }
    let again = SealingKey::from_base64url(key.export().expose()).unwrap();
    assert_eq!(again.mac(b"a"), key.mac(b"a"));
    assert_ne!(key.mac(b"a"), key.mac(b"b"));
}

// Made with `openssl genpkey` for this test.
const SECP256K1_PKCS8: &str = "-----BEGIN PRIVATE KEY-----
MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgPrHq/0LYYswBf3Al950r
FeqW+Lr1iSjBhdDLUmLqJsqhRANCAASs9wGeJKVmcDfOnCwQSc82EJIhqLXOGEQb
qEm9qsg+JhlI4nFtKKoxN0vTDzVwSNKX8x1vsA+nVBUHW2Xbdf/C
-----END PRIVATE KEY-----
";
const SECP256K1_SPKI: &str = "-----BEGIN PUBLIC KEY-----
MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAErPcBniSlZnA3zpwsEEnPNhCSIai1zhhE
G6hJvarIPiYZSOJxbSiqMTdL0w81cEjSl/Mdb7APp1QVB1tl23X/wg==
-----END PUBLIC KEY-----
";

#[test]
fn a_secp256k1_key_signs_es256k_and_nothing_else() {
    let private = Key::from_pem(SECP256K1_PKCS8, Algorithm::ES256K).unwrap();
    let public = Key::from_pem(SECP256K1_SPKI, Algorithm::ES256K).unwrap();
    assert_eq!(private.thumbprint(), public.thumbprint());
    let token = private.sign_jws(b"x").unwrap();
    assert_eq!(
        public.verify_jws(&token, &[Algorithm::ES256K]).unwrap().header.algorithm(),
        Algorithm::ES256K
    );
    assert_eq!(public.verify_jws(&token, &[Algorithm::ES256]).unwrap_err(), Error::AlgorithmNotAllowed);
    assert_eq!(Key::from_pem(SECP256K1_PKCS8, Algorithm::ES256).unwrap_err(), Error::KeyMismatch);
}

#[test]
fn rfc9864_names_mean_the_same_signature_of_one_curve() {
    let key = Key::generate(Algorithm::Ed25519).unwrap();
    assert_eq!(key.algorithm(), Some(Algorithm::Ed25519));
    let token = key.sign_jws(b"x").unwrap();
    let mut jwk: Value = serde_json::from_str(&key.public_jwk().unwrap()).unwrap();
    assert_eq!(jwk["alg"], "Ed25519");
    jwk.as_object_mut().unwrap().remove("alg");
    let either = Key::from_jwk(&jwk.to_string()).unwrap();
    assert_eq!(either.algorithm(), Some(Algorithm::EdDSA));
    assert!(either.verify_jws(&token, &[Algorithm::Ed25519]).is_ok());
    assert_eq!(either.verify_jws(&token, &[Algorithm::EdDSA]).unwrap_err(), Error::AlgorithmNotAllowed);
    jwk["alg"] = json!("EdDSA");
    let older = Key::from_jwk(&jwk.to_string()).unwrap();
    assert_eq!(older.verify_jws(&token, Algorithm::ALL).unwrap_err(), Error::KeyMismatch);
    if cfg!(feature = "curve448") {
        let key = Key::generate(Algorithm::Ed448).unwrap();
        let token = key.sign_jws(b"payload").unwrap();
        assert_eq!(
            key.public().unwrap().verify_jws(&token, &[Algorithm::Ed448]).unwrap().payload,
            b"payload"
        );
        assert_eq!(older.verify_jws(&token, Algorithm::ALL).unwrap_err(), Error::KeyMismatch);
    } else {
        assert_eq!(Key::generate(Algorithm::Ed448).unwrap_err(), Error::Unsupported("Ed448"));
    }
}

#[test]
fn an_akp_key_is_bound_to_its_parameter_set() {
    for (algorithm, other) in [
        (Algorithm::MlDsa44, "ML-DSA-65"),
        (Algorithm::MlDsa65, "ML-DSA-87"),
        (Algorithm::MlDsa87, "ML-DSA-44"),
    ] {
        let key = Key::generate(algorithm).unwrap();
        let mut jwk: Value = serde_json::from_str(key.export_private_jwk().unwrap().expose()).unwrap();
        assert_eq!((jwk["kty"].as_str(), jwk["alg"].as_str()), (Some("AKP"), Some(algorithm.name())));
        let stranger = Key::generate(algorithm).unwrap();
        let token = key.sign_jws(b"x").unwrap();
        assert_eq!(stranger.verify_jws(&token, &[algorithm]).unwrap_err(), Error::BadSignature);
        let seed = jwk["priv"].clone();
        jwk["priv"] = json!(authmint_jose::base64url::encode(&[7; 32]));
        assert!(Key::from_jwk(&jwk.to_string()).is_err(), "the halves are of two keys");
        jwk["priv"] = seed;
        jwk["alg"] = json!(other);
        assert!(Key::from_jwk(&jwk.to_string()).is_err(), "{algorithm} as {other}");
        jwk.as_object_mut().unwrap().remove("alg");
        assert!(Key::from_jwk(&jwk.to_string()).is_err(), "alg is required");
    }
}

/// RFC 5915 3 fixes the length of the private number. What is shorter was read by one backend, refused by the other, and written as
/// a JWK that nobody reads.
#[test]
fn a_private_number_has_the_length_of_its_curve() {
    for curve in Curve::ALL {
        let der = Jwk::generate(KeyType::Ec(*curve)).unwrap().export_private_der(PrivateForm::Sec1).unwrap();
        let length = curve.coordinate_len();
        // SEQUENCE, version, OCTET STRING of the number: 30 (81) LL 02 01 01 04 LL ...
        let at = der.windows(4).position(|window| window[..3] == [2, 1, 1] && window[3] == 4).unwrap() + 4;
        assert_eq!(usize::from(der[at]), length);
        let number = &der[at + 1..=at + length];
        let curve_name = curve_parameters(*curve);
        let sec1 = |number: &[u8]| {
            let octets = [&[4, u8::try_from(number.len()).unwrap()], number].concat();
            let inner = [&[2, 1, 1][..], &octets, &curve_name].concat();
            [&[0x30, u8::try_from(inner.len()).unwrap()][..], &inner].concat()
        };
        assert!(Jwk::from_der(&sec1(number)).is_ok(), "{curve:?}");
        assert!(Jwk::from_der(&sec1(&number[1..])).is_err(), "{curve:?}");
        assert!(Jwk::from_der(&sec1(&[&[0], number].concat())).is_err(), "{curve:?}");
    }
}

/// `[0] EXPLICIT` with the curve's identifier.
fn curve_parameters(curve: Curve) -> Vec<u8> {
    let oid: &[u8] = match curve {
        Curve::P256 => &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7],
        Curve::P384 => &[0x2b, 0x81, 4, 0, 0x22],
        Curve::P521 => &[0x2b, 0x81, 4, 0, 0x23],
        _ => &[0x2b, 0x81, 4, 0, 0x0a],
    };
    let length = u8::try_from(oid.len()).unwrap();
    [&[0xa0, length + 2, 6, length], oid].concat()
}
