//! Signatures that RFCs print. The data of RFC 7515 stand beside, under the names of their sections.

use authmint_jose::{Algorithm, Error, Jwk, JwsBuilder, JwsPolicy, JwsSigner, Key, KeySet, base64url};
use serde_json::{Value, json};

fn rfc7515(section: &str) -> Value {
    let mut all: Value = serde_json::from_str(include_str!("rfc/rfc7515.json")).unwrap();
    all[section].take()
}

fn key_of(example: &Value) -> Key {
    let jwk = Jwk::from_json(&example["key"].to_string()).unwrap();
    Key::new(&jwk.with_alg(example["alg"].as_str().unwrap()).unwrap()).unwrap()
}

const CLAIMS: &[u8] = b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

/// RFC 7515 A.1 to A.4: HS256, RS256, ES256, ES512.
#[test]
fn rfc7515_a1_to_a4_verify_and_the_deterministic_ones_are_reproduced() {
    for (section, payload, reproducible) in [
        ("A.1", CLAIMS, false),
        ("A.2", CLAIMS, true),
        ("A.3", CLAIMS, false),
        ("A.4", &b"Payload"[..], false),
    ] {
        let example = rfc7515(section);
        let (key, token) = (key_of(&example), example["compact"].as_str().unwrap());
        let algorithm = key.algorithm().unwrap();
        let verified = key.verify_jws(token, &[algorithm]).unwrap();
        assert_eq!(verified.payload, payload, "{section}");
        assert_eq!(verified.header.algorithm(), algorithm);
        assert_eq!(verified.header.typ(), (section == "A.1").then_some("JWT"));
        if let Ok(public) = key.public() {
            assert!(public.verify_jws(token, &[algorithm]).is_ok(), "{section}");
        }
        if reproducible {
            assert_eq!(key.sign_jws(payload).unwrap(), token, "{section}");
        }
        let own = key.sign_jws(payload).unwrap();
        assert_eq!(key.verify_jws(&own, &[algorithm]).unwrap().payload, payload, "{section}");
    }
}

/// RFC 7515 A.1: the header is written in two lines, so the builder can't make it; its MAC can be made all the same.
#[test]
fn rfc7515_a1_is_reproduced_by_its_input() {
    let example = rfc7515("A.1");
    let header = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
    let payload = std::str::from_utf8(CLAIMS).unwrap();
    assert_eq!(
        crate::support::forge(&key_of(&example), header, payload),
        example["compact"].as_str().unwrap()
    );
}

/// RFC 7515 A.5: unsecured, and refused for it whatever the caller allows.
#[test]
fn s01_rfc7515_a5_is_refused() {
    let token = rfc7515("A.5")["compact"].as_str().unwrap().to_owned();
    for section in ["A.1", "A.2", "A.3", "A.4"] {
        let key = key_of(&rfc7515(section));
        assert_eq!(key.verify_jws(&token, Algorithm::ALL), Err(Error::AlgorithmNotAllowed));
        let keys = KeySet::from(key);
        assert_eq!(keys.verify_jws(&token, Algorithm::ALL), Err(Error::AlgorithmNotAllowed));
    }
    assert!("none".parse::<Algorithm>().is_err());
}

/// RFC 7515 A.6 and A.7: two signatures in the general form, one in the flattened.
#[test]
fn rfc7515_a6_and_a7_verify() {
    let rsa = key_of(&rfc7515("A.2")).with_kid("2010-12-29");
    let ec = key_of(&rfc7515("A.3")).with_kid("e9bc097a-ce51-4036-9562-d2ade882db0d");
    let keys = KeySet::new([rsa.public().unwrap(), ec.public().unwrap()]);
    let policy = JwsPolicy::new(&[Algorithm::RS256, Algorithm::ES256]);

    let verified = keys.verify_jws_json(&rfc7515("A.6").to_string(), &policy).unwrap();
    assert_eq!(verified.payload, CLAIMS);
    let headers: Vec<_> = verified.signatures.iter().map(|one| &one.header).collect();
    assert_eq!(
        headers.iter().map(|header| header.algorithm()).collect::<Vec<_>>(),
        [Algorithm::RS256, Algorithm::ES256]
    );
    // Nobody signed the names of the keys.
    assert_eq!(headers.iter().map(|header| header.kid()).collect::<Vec<_>>(), [None, None]);
    let unprotected: Vec<_> = verified.signatures.iter().map(|one| one.unprotected["kid"].clone()).collect();
    assert_eq!(unprotected, [json!(rsa.kid()), json!(ec.kid())]);

    let verified = keys.verify_jws_json(&rfc7515("A.7").to_string(), &policy).unwrap();
    assert_eq!((verified.payload.as_slice(), verified.signatures.len()), (CLAIMS, 1));
    // All must be ours, unless the policy says otherwise.
    let one = KeySet::from(ec.public().unwrap());
    assert_eq!(one.verify_jws_json(&rfc7515("A.6").to_string(), &policy), Err(Error::UnknownKey));
    // RSASSA-PKCS1-v1_5 is deterministic: the first signature comes out as it is printed.
    let bare = key_of(&rfc7515("A.2"));
    let signer = JwsSigner::new(&bare).unprotected("kid2", "x");
    let ours: Value = serde_json::from_str(&JwsBuilder::new().sign_json(&[signer], CLAIMS).unwrap()).unwrap();
    let printed = &rfc7515("A.6")["signatures"][0];
    assert_eq!(ours["signatures"][0]["signature"], printed["signature"]);
    assert_eq!(ours["signatures"][0]["protected"], printed["protected"]);
}

/// RFC 7515 appendix C.
#[test]
fn rfc7515_c() {
    assert_eq!(base64url::encode(&[3, 236, 255, 224, 193]), "A-z_4ME");
    assert_eq!(base64url::decode("A-z_4ME").unwrap(), [3, 236, 255, 224, 193]);
}

/// RFC 7515 appendix E: an extension that nobody defines must be refused.
#[test]
fn s04_rfc7515_e_is_refused() {
    let token = "eyJhbGciOiJub25lIiwNCiAiY3JpdCI6WyJodHRwOi8vZXhhbXBsZS5jb20vVU5ERUZJTkVEIl0sDQogImh0dHA6Ly9leGFtcGxlLmNvbS9VTkRFRklORUQiOnRydWUNCn0.RkFJTA.";
    assert_eq!(key_of(&rfc7515("A.1")).verify_jws(token, Algorithm::ALL), Err(Error::CriticalHeader));
}

/// RFC 7797 4: one payload, encoded and not; the second has no compact form that carries it.
#[test]
fn rfc7797_4() {
    let key = key_of(&rfc7515("A.1"));
    let keys = KeySet::from(key.clone());
    let encoded = "eyJhbGciOiJIUzI1NiJ9.JC4wMg.5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ";
    assert_eq!(key.sign_jws(b"$.02").unwrap(), encoded);
    assert_eq!(key.verify_jws(encoded, &[Algorithm::HS256]).unwrap().payload, b"$.02");

    let protected = "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19";
    let signature = "A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY";
    let message = json!({ "protected": protected, "payload": "$.02", "signature": signature }).to_string();
    let plain = JwsPolicy::new(&[Algorithm::HS256]);
    let policy = plain.clone().accept_unencoded();
    assert_eq!(keys.verify_jws_json(&message, &policy).unwrap().payload, b"$.02");
    assert_eq!(keys.verify_jws_json(&message, &plain), Err(Error::CriticalHeader));
    let detached = format!("{protected}..{signature}");
    assert!(keys.verify_detached_jws(&detached, b"$.02", &policy).is_ok());
    assert_eq!(keys.verify_detached_jws(&detached, b"$.03", &policy), Err(Error::BadSignature));
}

/// RFC 8037 A.4 and A.5: Ed25519 signs and verifies.
#[test]
fn rfc8037_a4_and_a5() {
    let key = Key::from_jwk(crate::rfc_jwk::ED25519).unwrap();
    let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_eq!(key.sign_jws(b"Example of Ed25519 signing").unwrap(), token);
    let verified = key.public().unwrap().verify_jws(token, &[Algorithm::EdDSA]).unwrap();
    assert_eq!(verified.payload, b"Example of Ed25519 signing");
}

/// RFC 9964 (ML-DSA for JOSE and COSE), its ML-DSA-44 example: the key of a seed of zeros, its thumbprint, its signature.
#[test]
fn rfc9964_ml_dsa_44() {
    let example: Value = serde_json::from_str(include_str!("rfc/rfc9964.json")).unwrap();
    let key = Key::from_jwk(&example["key"].to_string()).unwrap();
    assert_eq!(Some(key.thumbprint().as_str()), key.kid());
    let token = example["compact"].as_str().unwrap();
    let payload = "It’s a dangerous business, Frodo, going out your door.".as_bytes();
    let verified = key.public().unwrap().verify_jws(token, &[Algorithm::MlDsa44]).unwrap();
    assert_eq!(verified.payload, payload);
    let own = key.sign_jws(payload).unwrap();
    assert_eq!(own.len(), token.len());
    assert!(key.verify_jws(&own, &[Algorithm::MlDsa44]).is_ok());
    // Without a random number in it, which FIPS 204 leaves open, the signature is the printed one.
    if cfg!(not(feature = "aws-lc")) {
        assert_eq!(own, token);
    }
}
