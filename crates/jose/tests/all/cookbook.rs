//! The examples of RFC 7520, RFC 7797 and RFC 8037, from ietf-jose/cookbook: all of them.

use authmint_jose::{
    Algorithm, ContentEncryption, EncryptionKey, EncryptionKeySet, JwePolicy, Jwk, JwsBuilder, JwsPolicy,
    JwsSigner, Key, KeyManagement, KeySet, Policy, Timestamp,
};
use serde_json::{Value, json};

use crate::support::{read, vectors};

fn files(folder: &std::path::Path, under: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join(under)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<_> =
        names.filter(|name| name != "README.md").map(|name| format!("{under}/{name}")).collect();
    files.sort();
    files
}

fn several(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

fn without(value: &Value, names: &[&str]) -> Value {
    let members = value.as_object().unwrap().iter().filter(|(name, _)| !names.contains(&name.as_str()));
    Value::Object(
        members.map(|(name, value)| (name.clone(), value.clone())).collect::<serde_json::Map<_, _>>(),
    )
}

#[test]
fn every_signature_verifies_and_the_deterministic_ones_are_reproduced() {
    let Some(folder) = vectors() else { return };
    let mut files = files(&folder, "cookbook/jws");
    files.push("cookbook/curve25519/jws.json".to_owned());
    assert_eq!(files.len(), 9);
    for file in files {
        let example = read(&folder, &file);
        let payload = example["input"]["payload"].as_str().unwrap().as_bytes();
        let algorithms: Vec<Algorithm> = several(&example["input"]["alg"])
            .iter()
            .map(|alg| alg.as_str().unwrap().parse().unwrap())
            .collect();
        let keys: Vec<Key> = several(&example["input"]["key"])
            .iter()
            .zip(&algorithms)
            .map(|(key, algorithm)| {
                Key::from_jwk(&key.to_string()).unwrap().with_algorithm(*algorithm).unwrap()
            })
            .collect();
        let (set, policy) = (KeySet::new(keys.clone()), JwsPolicy::new(&algorithms));
        let output = example["output"].as_object().unwrap();
        let detached = file.contains("detached");
        for (form, message) in output {
            let text = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
            let verified = match (form.as_str(), detached) {
                ("compact", false) => set.verify_jws_with(&text, &policy).map(|jws| jws.payload),
                ("compact", true) => {
                    set.verify_detached_jws(&text, payload, &policy).map(|_| payload.to_vec())
                }
                (_, false) => set.verify_jws_json(&text, &policy).map(|jws| jws.payload),
                (_, true) => set.verify_detached_jws_json(&text, payload, &policy).map(|jws| jws.payload),
            };
            assert_eq!(verified.as_deref(), Ok(payload), "{file} {form}");
        }
        if example["reproducible"] == true
            && let Some(compact) = output.get("compact")
        {
            let builder = if detached { JwsBuilder::new().detached() } else { JwsBuilder::new() };
            assert_eq!(builder.sign(&keys[0], payload).unwrap(), compact.as_str().unwrap(), "{file}");
        }
        if let (Some(general), [key]) = (output.get("json"), keys.as_slice()) {
            // What is protected and what is not comes out as the example has it.
            let signature = &general["signatures"][0];
            let mut signer = JwsSigner::new(key);
            if signature["protected"].is_null() {
                signer = signer.without_protected_header();
            } else if let Some(header) = signature["header"].as_object() {
                signer = header
                    .iter()
                    .fold(signer, |signer, (name, value)| signer.unprotected(name, value.clone()));
            }
            let builder = if detached { JwsBuilder::new().detached() } else { JwsBuilder::new() };
            let ours: Value = serde_json::from_str(&builder.sign_json(&[signer], payload).unwrap()).unwrap();
            if example["reproducible"] == true {
                assert_eq!(ours, *general, "{file}");
            } else {
                assert_eq!(ours["signatures"][0]["header"], signature["header"], "{file}");
            }
        }
    }
}

#[test]
fn unencoded_payloads_verify_and_are_reproduced() {
    let Some(folder) = vectors() else { return };
    let files = files(&folder, "cookbook/rfc7797");
    assert_eq!(files.len(), 2);
    for file in files {
        let example = read(&folder, &file);
        let payload = example["input"]["payload"].as_str().unwrap().as_bytes();
        let key = Key::from_jwk(&example["input"]["key"].to_string()).unwrap();
        let keys = KeySet::from(key.clone());
        let policy = JwsPolicy::new(&[Algorithm::HS256]).accept_unencoded();
        let output = &example["output"];
        // RFC 7797 4.2 prints a header without crit, which its own section 6 forbids.
        let allowed = !file.ends_with("4.2.hmac-sha2_b64_false.json");
        for form in ["json", "json_flat"] {
            let verified = keys.verify_jws_json(&output[form].to_string(), &policy);
            assert_eq!(
                verified.map(|jws| jws.payload).ok().as_deref(),
                allowed.then_some(payload),
                "{file} {form}"
            );
            assert!(
                keys.verify_jws_json(&output[form].to_string(), &JwsPolicy::new(&[Algorithm::HS256]))
                    .is_err()
            );
        }
        if let Some(compact) = output["compact"].as_str() {
            // The file carries the payload in the compact form as well; only the detached form is allowed (RFC 7797 5.2),
            // since a dot in the payload would be a new segment.
            let segments: Vec<_> = compact.split('.').collect();
            let detached = format!("{}..{}", segments[0], segments.last().unwrap());
            assert!(keys.verify_jws_with(compact, &policy).is_err(), "{file}");
            keys.verify_detached_jws(&detached, payload, &policy).unwrap();
        }
        let ours = JwsBuilder::new().unencoded().detached().sign(&key, payload).unwrap();
        keys.verify_detached_jws(&ours, payload, &policy).unwrap();
        let ours = JwsBuilder::new().unencoded().sign_flattened(&JwsSigner::new(&key), payload).unwrap();
        assert_eq!(keys.verify_jws_json(&ours, &policy).unwrap().payload, payload);
    }
}

/// The key of an example, for its algorithm.
fn encryption_key(jwk: &Value, algorithm: KeyManagement) -> EncryptionKey {
    let jwk = Jwk::from_json(&jwk.to_string()).unwrap();
    match algorithm {
        KeyManagement::Rsa1_5 => EncryptionKey::dangerously_for_rsa1_5(&jwk).unwrap(),
        _ => EncryptionKey::new(&jwk).unwrap().with_algorithm(algorithm).unwrap(),
    }
}

#[test]
fn every_encrypted_message_is_decrypted() {
    let Some(folder) = vectors() else { return };
    let mut files = files(&folder, "cookbook/jwe");
    files.push("cookbook/curve25519/ecdh-es.json".to_owned());
    assert_eq!(files.len(), 14);
    for file in files {
        let example = read(&folder, &file);
        let input = &example["input"];
        let plaintext = input["plaintext"].as_str().unwrap().as_bytes();
        let algorithms: Vec<KeyManagement> =
            several(&input["alg"]).iter().map(|alg| alg.as_str().unwrap().parse().unwrap()).collect();
        let keys: Vec<EncryptionKey> = match input["pwd"].as_str() {
            Some(password) => vec![EncryptionKey::from_password(password.as_bytes(), algorithms[0]).unwrap()],
            None => several(&input["key"])
                .iter()
                .zip(&algorithms)
                .map(|(key, algorithm)| encryption_key(key, *algorithm))
                .collect(),
        };
        for (key, algorithm) in keys.iter().zip(&algorithms) {
            let policy = JwePolicy::new(&[*algorithm], ContentEncryption::ALL);
            for (form, message) in example["output"].as_object().unwrap() {
                let opened = match message.as_str() {
                    Some(compact) => key.decrypt_jwe(compact, &policy),
                    None => key.decrypt_jwe_json(&message.to_string(), &policy),
                };
                let opened = opened.unwrap_or_else(|problem| panic!("{file} {form} {algorithm}: {problem}"));
                assert_eq!(opened.plaintext.as_slice(), plaintext, "{file} {form}");
                assert_eq!(opened.aad.as_deref(), input["aad"].as_str().map(str::as_bytes), "{file} {form}");
            }
        }
    }
}

/// RFC 7520 6: signed, then encrypted.
#[test]
fn the_nested_token_is_decrypted_and_verified() {
    let Some(folder) = vectors() else { return };
    let example = read(&folder, "cookbook/6.nesting_signatures_and_encryption.json");
    let signer = Key::from_jwk(&example["sign"]["input"]["key"].to_string()).unwrap();
    let keys = KeySet::from(signer.public().unwrap());
    let decryption =
        EncryptionKeySet::from(encryption_key(&example["encrypt"]["input"]["key"], KeyManagement::RsaOaep));
    let encryption = JwePolicy::new(&[KeyManagement::RsaOaep], &[ContentEncryption::A128Gcm]);
    let policy = Policy::new(&[Algorithm::PS256]).typ("JWT").issuer("hobbiton.example").any_audience();
    let token = example["encrypt"]["output"]["compact"].as_str().unwrap();
    let now = Timestamp::from_secs(1_300_819_379);
    let verified = decryption.decrypt_nested_jwt::<Value>(token, &encryption, &keys, &policy, now).unwrap();
    let expected: Value =
        serde_json::from_str(example["sign"]["input"]["payload"].as_str().unwrap()).unwrap();
    assert_eq!(verified.claims, expected);
    // The signed token alone is not an encrypted one.
    let signed = example["sign"]["output"]["compact"].as_str().unwrap();
    assert!(decryption.decrypt_nested_jwt::<Value>(signed, &encryption, &keys, &policy, now).is_err());
}

/// RFC 7520 3: keys are read, and written as they were.
#[test]
fn every_key_is_read_and_written_as_it_was() {
    let Some(folder) = vectors() else { return };
    let files = files(&folder, "cookbook/jwk");
    assert_eq!(files.len(), 6);
    for file in files {
        let original = read(&folder, &file);
        let jwk = Jwk::from_json(&original.to_string()).unwrap();
        let written = if jwk.is_private() {
            jwk.export_private_json().unwrap().expose().to_owned()
        } else {
            jwk.to_public_json().unwrap()
        };
        let written: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(without(&written, &[]), without(&original, &[]), "{file}");
        if !jwk.is_secret() {
            let public: Value = serde_json::from_str(&jwk.to_public_json().unwrap()).unwrap();
            assert_eq!(public, without(&original, &["d", "p", "q", "dp", "dq", "qi"]), "{file}");
            assert_eq!(public["d"], json!(null));
        }
    }
}
