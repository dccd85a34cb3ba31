//! Wycheproof's JOSE vectors (C2SP, `testvectors_v1`): whole files.

use authmint_jose::crypto::{PrivateMaterial, PublicMaterial, ciphers};
use authmint_jose::{
    Algorithm, ContentEncryption, EncryptionKey, EncryptionKeySet, JwePolicy, Jwk, KeyManagement, KeySet,
    OkpCurve, base64url,
};
use serde_json::{Value, json};

use crate::support::{read, vectors};

/// Vectors that are not decided as they demand, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "invalidBase64Padding",
        "the token is the one that ValidMac expects to verify: the padding was lost in the file",
    ),
    ("invalidBase64PaddingInPayload", "as invalidBase64Padding"),
    (
        "InvalidCharacterInsertedInHeader",
        "expects a decoder that reads over foreign characters; RFC 7515 2 allows none",
    ),
    ("InvalidCharacterInsertedInPayload", "as InvalidCharacterInsertedInHeader"),
    (
        "Figure20",
        "the key says PS256 and the token PS384: the vector expects it to verify, and a key's alg is binding here",
    ),
    (
        "ES521",
        "the key names an algorithm that is not registered; ES512 is, so the key is refused, and the vector expects it to verify",
    ),
    (
        "DuplicateKid",
        "two keys of one name: of those that fit, a bounded few are tried (RFC 7517 4.5 leaves it open)",
    ),
];

fn is_exception(group: &Value, test: &Value) -> bool {
    let flags = test["flags"].as_array().unwrap().iter();
    flags
        .chain([&group["private"]["alg"], &test["comment"]])
        .filter_map(Value::as_str)
        .any(|name| EXCEPTIONS.iter().any(|(known, _)| *known == name))
}

/// What a group's keys say of a signed token.
fn verifies(keys: &Value, token: &Value) -> bool {
    let set = if keys["keys"].is_array() { keys.clone() } else { json!({ "keys": [keys] }) };
    let Ok(set) = KeySet::from_jwks(&set.to_string()) else { return false };
    // A token in the JSON form is not one in the compact form.
    token.as_str().is_some_and(|token| set.verify_jws(token, Algorithm::ALL).is_ok())
}

/// What a group's key makes of an encrypted message.
fn decrypts(key: &Value, message: &Value) -> Option<Vec<u8>> {
    let jwk = Jwk::from_json(&key.to_string()).ok()?;
    let key = match jwk.alg() {
        Some("RSA1_5") => EncryptionKey::dangerously_for_rsa1_5(&jwk),
        _ => EncryptionKey::new(&jwk),
    };
    let policy = JwePolicy::new(KeyManagement::ALL, ContentEncryption::ALL);
    let set = EncryptionKeySet::from(key.ok()?);
    set.decrypt_jwe(message.as_str()?, &policy).ok().map(|opened| opened.plaintext.to_vec())
}

/// Runs a file, and counts what was to be accepted, what was to be refused, and the exceptions.
fn run(file: &str) -> [usize; 3] {
    let Some(folder) = vectors() else { return [0; 3] };
    let mut counted = [0; 3];
    let content = read(&folder, file);
    for group in content["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            if is_exception(group, test) {
                counted[2] += 1;
                continue;
            }
            let valid = test["result"] == "valid";
            let name = format!("{file} {}: {}", test["tcId"], test["comment"]);
            if test["jwe"].is_null() {
                let keys = if group["public"].is_object() { &group["public"] } else { &group["private"] };
                assert_eq!(verifies(keys, &test["jws"]), valid, "{name}");
            } else {
                let opened = decrypts(&group["private"], &test["jwe"]);
                assert_eq!(opened.is_some(), valid, "{name}");
                if let (Some(opened), Some(_)) = (opened, test["pt"].as_str()) {
                    assert_eq!(opened, hex(&test["pt"]), "{name}");
                }
            }
            counted[usize::from(!valid)] += 1;
        }
    }
    assert_eq!(
        counted.iter().sum::<usize>(),
        usize::try_from(content["numberOfTests"].as_u64().unwrap()).unwrap()
    );
    counted
}

fn hex(text: &Value) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_str().unwrap().as_bytes()).unwrap()
}

fn expect(file: &str, counts: [usize; 3]) {
    if vectors().is_some() {
        assert_eq!(run(file), counts, "{file}: accepted, refused, exceptions");
    }
}

#[test]
fn s10_json_web_signature() {
    expect("wycheproof/json_web_signature_test.json", [40, 353, 8]);
}

#[test]
fn s10_json_web_crypto() {
    expect("wycheproof/json_web_crypto_test.json", [6, 77, 0]);
}

#[test]
fn s10_json_web_key() {
    expect("wycheproof/json_web_key_test.json", [5, 20, 1]);
}

#[test]
fn s08_s09_s10_json_web_encryption() {
    expect("wycheproof/json_web_encryption_test.json", [65, 74, 0]);
}

/// Keys of Montgomery curves: what is right is computed rightly; what is refused is of low order or no key.
fn agreements(file: &str, curve: OkpCurve) -> [usize; 3] {
    let Some(folder) = vectors() else { return [0; 3] };
    let mut counted = [0; 3];
    let decode = |value: &Value| base64url::decode(value.as_str().unwrap_or_default()).unwrap_or_default();
    for test in read(&folder, file)["testGroups"][0]["tests"].as_array().unwrap() {
        let public = |jwk: &Value| PublicMaterial::Okp { curve, x: decode(&jwk["x"]) };
        let peer = Jwk::from_json(&test["public"].to_string());
        let right_curve = test["public"]["crv"] == curve.name() && test["private"]["crv"] == curve.name();
        let own = PrivateMaterial::Okp { d: decode(&test["private"]["d"]).into() };
        let agreed = peer.ok().filter(|_| right_curve).and_then(|_| {
            let key = ciphers().agreement(&public(&test["private"]), &own).ok()?;
            key.agree(&public(&test["public"])).ok()
        });
        let name = format!("{file} {}: {}", test["tcId"], test["comment"]);
        match (test["result"].as_str().unwrap(), agreed) {
            ("valid", agreed) => {
                assert_eq!(agreed.unwrap().as_slice(), hex(&test["shared"]), "{name}");
                counted[0] += 1;
            }
            ("acceptable", Some(agreed)) => {
                assert_eq!(agreed.as_slice(), hex(&test["shared"]), "{name}");
                assert!(agreed.iter().any(|byte| *byte != 0), "{name}");
                counted[0] += 1;
            }
            ("acceptable", None) => {
                assert!(hex(&test["shared"]).iter().all(|byte| *byte == 0), "{name}");
                counted[1] += 1;
            }
            (_, agreed) => {
                assert!(agreed.is_none(), "{name}");
                counted[2] += 1;
            }
        }
    }
    counted
}

#[test]
fn s09_x25519() {
    let counted = agreements("wycheproof/x25519_jwk_test.json", OkpCurve::X25519);
    assert!(vectors().is_none() || (counted.iter().sum::<usize>() == 531 && counted[2] == 13), "{counted:?}");
}

#[cfg(feature = "curve448")]
#[test]
fn s09_x448() {
    let counted = agreements("wycheproof/x448_jwk_test.json", OkpCurve::X448);
    assert!(vectors().is_none() || (counted.iter().sum::<usize>() == 523 && counted[2] == 25), "{counted:?}");
}
