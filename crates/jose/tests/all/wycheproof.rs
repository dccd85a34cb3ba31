//! Wycheproof's JOSE vectors (C2SP, `testvectors_v1`), as far as signatures go.

use authmint_jose::{Algorithm, KeySet};
use serde_json::{Value, json};

use crate::support::{read, vectors};

/// Vectors that are not run, and why.
const SKIPPED: &[(&str, &str)] = &[
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

fn skipped(name: &str) -> bool {
    SKIPPED.iter().any(|(known, _)| *known == name)
}

/// What a group's keys say of a token.
fn accepts(keys: &Value, token: &Value) -> bool {
    let set = if keys["keys"].is_array() { keys.clone() } else { json!({ "keys": [keys] }) };
    let Ok(set) = KeySet::from_jwks(&set.to_string()) else { return false };
    // A token in the JSON form is not one in the compact form.
    token.as_str().is_some_and(|token| set.verify_jws(token, Algorithm::ALL).is_ok())
}

fn run(file: &str) -> (usize, usize) {
    let Some(folder) = vectors() else { return (0, 0) };
    let (mut valid, mut invalid) = (0, 0);
    for group in read(&folder, file)["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let flagged = test["flags"].as_array().unwrap().iter().filter_map(Value::as_str).any(skipped);
            let unknown = [&group["private"]["alg"], &test["comment"]]
                .into_iter()
                .filter_map(Value::as_str)
                .any(skipped);
            if test.get("jws").is_none() || flagged || unknown {
                continue;
            }
            let keys = if group["public"].is_object() { &group["public"] } else { &group["private"] };
            let expected = test["result"] == "valid";
            assert_eq!(accepts(keys, &test["jws"]), expected, "{file} {}: {}", test["tcId"], test["comment"]);
            *(if expected { &mut valid } else { &mut invalid }) += 1;
        }
    }
    (valid, invalid)
}

fn at_least(counted: (usize, usize), valid: usize, invalid: usize) {
    if vectors().is_some() {
        assert!(counted.0 >= valid && counted.1 >= invalid, "only {counted:?} vectors ran");
    }
}

#[test]
fn s10_json_web_signature() {
    at_least(run("wycheproof/json_web_signature_test.json"), 20, 340);
}

#[test]
fn s10_json_web_crypto() {
    at_least(run("wycheproof/json_web_crypto_test.json"), 4, 40);
}

#[test]
fn s10_json_web_key() {
    at_least(run("wycheproof/json_web_key_test.json"), 4, 15);
}
