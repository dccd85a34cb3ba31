//! Properties of what is written: it is read back as it was, in every form, and in no other state.

use std::sync::OnceLock;

use authmint_jose::{
    Algorithm, ContentEncryption, EncryptionKey, EncryptionKeySet, JweBuilder, JwePolicy, JweRecipient, Jwk,
    JwsBuilder, JwsPolicy, JwsSigner, Key, KeyManagement, KeySet, PrivateForm, PublicForm, base64url,
};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value, json};

use crate::encryption::{any as any_jwe, needs_sender};
use crate::jwk::{private, types};
use crate::properties::all as signers;

/// One key of every type; made once, since RSA is slow to make.
pub(crate) fn jwks() -> &'static [Jwk] {
    static KEYS: OnceLock<Vec<Jwk>> = OnceLock::new();
    KEYS.get_or_init(|| types().into_iter().map(crate::jwk::jwk).collect())
}

/// One key for every algorithm of encryption; `dir` takes the content's length with it.
pub(crate) fn recipients() -> &'static [EncryptionKey] {
    static KEYS: OnceLock<Vec<EncryptionKey>> = OnceLock::new();
    let make =
        |algorithm: &KeyManagement| crate::encryption::key(*algorithm, ContentEncryption::A256CbcHs512);
    KEYS.get_or_init(|| KeyManagement::ALL.iter().map(make).collect())
}

fn sender() -> &'static EncryptionKey {
    static KEY: OnceLock<EncryptionKey> = OnceLock::new();
    KEY.get_or_init(|| EncryptionKey::generate(KeyManagement::Ecdh1Pu).unwrap())
}

/// A builder that the recipient's algorithm can do with, and a policy for what it makes.
pub(crate) fn jwe(recipient: &EncryptionKey) -> (JweBuilder, JwePolicy) {
    let builder = JweBuilder::new(ContentEncryption::A256CbcHs512).iterations(1_000);
    if needs_sender(recipient.algorithm().unwrap()) {
        return (builder.sender(sender()), any_jwe().sender(&sender().public().unwrap()));
    }
    (builder, any_jwe())
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..600)
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Parameters whose names are nobody's.
fn any_header() -> impl Strategy<Value = Vec<(String, Value)>> {
    prop::collection::btree_map("x-.{0,8}", any_json(), 0..4)
        .prop_map(|members| members.into_iter().collect())
}

fn flip(encoded: &str, at: Index, bit: u8) -> Option<String> {
    let mut bytes = base64url::decode(encoded).unwrap();
    if bytes.is_empty() {
        return None;
    }
    let at = at.index(bytes.len());
    bytes[at] ^= 1 << bit;
    Some(base64url::encode(&bytes))
}

/// The compact form with one bit of one decoded segment changed.
fn flip_segment(message: &str, segment: Index, at: Index, bit: u8) -> Option<String> {
    let mut segments: Vec<String> = message.split('.').map(str::to_owned).collect();
    let segment = segment.index(segments.len());
    segments[segment] = flip(&segments[segment], at, bit)?;
    Some(segments.join("."))
}

/// A JSON form with one bit of one of its encoded members changed.
fn flip_member(message: &str, names: &[&str], which: Index, at: Index, bit: u8) -> Option<String> {
    let mut message: Value = serde_json::from_str(message).unwrap();
    let member = message.get_mut(names[which.index(names.len())])?;
    *member = flip(member.as_str().unwrap(), at, bit)?.into();
    Some(message.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_key_is_read_back_from_every_form(index in 0..jwks().len(), kid in ".{0,40}", comment in "[ -~]{0,40}") {
        let jwk = jwks()[index].clone().with_kid(&kid);
        let back = Jwk::from_json(jwk.export_private_json().unwrap().expose()).unwrap();
        prop_assert_eq!(back.kid(), Some(kid.as_str()));
        prop_assert_eq!(private(&back), private(&jwk));
        let public = Jwk::from_json(&jwk.to_public_json().unwrap()).unwrap();
        prop_assert_eq!(public.kid(), Some(kid.as_str()));
        prop_assert!(!public.is_private());

        let bare = private(&jwks()[index]);
        prop_assert_eq!(private(&Jwk::from_pem(jwk.export_private_pem().unwrap().expose()).unwrap()), bare.clone());
        for form in [PrivateForm::Pkcs8, PrivateForm::Pkcs1, PrivateForm::Sec1] {
            if let Ok(der) = jwk.export_private_der(form) {
                prop_assert_eq!(private(&Jwk::from_der(&der).unwrap()), bare.clone());
            }
        }
        let mut read = vec![public, Jwk::from_pem(&jwk.to_public_pem().unwrap()).unwrap()];
        for form in [PublicForm::Spki, PublicForm::Pkcs1] {
            read.extend(jwk.to_public_der(form).ok().map(|der| Jwk::from_der(&der).unwrap()));
        }
        read.extend(jwk.to_openssh(&comment).ok().map(|line| Jwk::from_openssh(&line).unwrap()));
        prop_assert!(read.iter().all(|key| !key.is_private() && key.thumbprint() == jwk.thumbprint()));
    }

    #[test]
    fn a_jws_is_read_back_in_every_form(
        index in 0..signers().len(), payload in any_bytes(), header in any_header(), unprotected in any_json(),
    ) {
        let key = &signers()[index];
        let keys = KeySet::from(key.clone());
        let policy = JwsPolicy::new(Algorithm::ALL).accept_unencoded();
        let builder = header.iter().fold(JwsBuilder::new(), |builder, (name, value)| builder.header(name, value.clone()));
        let told = |read: &authmint_jose::Header| header.iter().all(|(name, value)| read.get(name).as_ref() == Some(value));

        let compact = keys.verify_jws_with(&builder.sign(key, &payload).unwrap(), &policy).unwrap();
        prop_assert_eq!(&compact.payload, &payload);
        prop_assert!(told(&compact.header));
        for builder in [builder.clone(), builder.clone().unencoded()] {
            let detached = builder.clone().detached();
            let token = detached.sign(key, &payload).unwrap();
            prop_assert!(told(&keys.verify_detached_jws(&token, &payload, &policy).unwrap()));
            let signer = JwsSigner::new(key).unprotected("beside", unprotected.clone());
            let token = detached.sign_json(std::slice::from_ref(&signer), &payload).unwrap();
            let read = keys.verify_detached_jws_json(&token, &payload, &policy).unwrap();
            prop_assert_eq!(&read.payload, &payload);
            // A payload that stands in JSON as it is must be text.
            for token in [builder.sign_flattened(&signer, &payload), builder.sign_json(&[signer.clone(), signer], &payload)] {
                let Ok(token) = token else {
                    prop_assert!(std::str::from_utf8(&payload).is_err());
                    continue;
                };
                let read = keys.verify_jws_json(&token, &policy).unwrap();
                prop_assert_eq!(&read.payload, &payload);
                prop_assert!(read.signatures.iter().all(|one| told(&one.header) && one.unprotected["beside"] == unprotected));
            }
        }
    }

    #[test]
    fn a_jwe_is_read_back_in_every_form(
        index in 0..recipients().len(), plaintext in any_bytes(), header in any_header(), aad in any_bytes(),
        beside in any_json(), own in any_json(), compress in any::<bool>(),
    ) {
        let key = &recipients()[index];
        let (builder, policy) = jwe(key);
        let builder = if compress { builder.compress() } else { builder };
        let builder = header.iter().fold(builder, |builder, (name, value)| builder.header(name, value.clone()));
        let keys = EncryptionKeySet::from(key.clone());

        let compact = keys.decrypt_jwe(&builder.encrypt(key, &plaintext).unwrap(), &policy).unwrap();
        prop_assert_eq!(&*compact.plaintext, &plaintext);
        let builder = builder.aad(&aad).unprotected("beside", beside.clone());
        let recipient = JweRecipient::new(key).header("own", own.clone());
        for message in [
            builder.encrypt_flattened(&recipient, &plaintext).unwrap(),
            builder.encrypt_json(std::slice::from_ref(&recipient), &plaintext).unwrap(),
        ] {
            let read = keys.decrypt_jwe_json(&message, &policy).unwrap();
            prop_assert_eq!(&*read.plaintext, &plaintext);
            prop_assert_eq!(read.aad.as_deref(), Some(aad.as_slice()));
            prop_assert_eq!((read.header.get("beside"), read.header.get("own")), (Some(&beside), Some(&own)));
            prop_assert!(header.iter().all(|(name, value)| read.header.get(name) == Some(value) && read.header.is_protected(name)));
        }
    }

    #[test]
    fn s10_any_bit_of_a_jws_counts(
        index in 0..signers().len(), which in any::<Index>(), at in any::<Index>(), bit in 0..8_u8,
    ) {
        let key = &signers()[index];
        let (keys, policy) = (KeySet::from(key.clone()), JwsPolicy::new(Algorithm::ALL));
        let builder = JwsBuilder::new().typ("test");
        if let Some(changed) = flip_segment(&builder.sign(key, b"attack at dawn").unwrap(), which, at, bit) {
            prop_assert!(keys.verify_jws_with(&changed, &policy).is_err(), "{}", changed);
        }
        let flattened = builder.sign_flattened(&JwsSigner::new(key), b"attack at dawn").unwrap();
        if let Some(changed) = flip_member(&flattened, &["protected", "payload", "signature"], which, at, bit) {
            prop_assert!(keys.verify_jws_json(&changed, &policy).is_err(), "{}", changed);
        }
    }

    #[test]
    fn s10_any_bit_of_a_jwe_counts(
        index in 0..recipients().len(), which in any::<Index>(), at in any::<Index>(), bit in 0..8_u8,
    ) {
        let key = &recipients()[index];
        let (builder, policy) = jwe(key);
        if let Some(changed) = flip_segment(&builder.encrypt(key, b"attack at dawn").unwrap(), which, at, bit) {
            prop_assert!(key.decrypt_jwe(&changed, &policy).is_err(), "{}", changed);
        }
        let flattened = builder.aad(b"beside").encrypt_flattened(&JweRecipient::new(key), b"attack at dawn").unwrap();
        let names = ["protected", "encrypted_key", "iv", "ciphertext", "tag", "aad"];
        if let Some(changed) = flip_member(&flattened, &names, which, at, bit) {
            prop_assert!(key.decrypt_jwe_json(&changed, &policy).is_err(), "{}", changed);
        }
    }
}

/// Each costs 600,000 iterations twice, so there are few.
#[test]
fn a_key_under_a_password_is_read_back() {
    for (jwk, password) in
        jwks().iter().zip(["", "p", "correct horse battery staple", "пароль\0"].iter().cycle()).take(5)
    {
        let pem = jwk.export_encrypted_pem(password.as_bytes()).unwrap();
        assert_eq!(private(&Jwk::from_encrypted_pem(&pem, password.as_bytes()).unwrap()), private(jwk));
    }
}

/// Else an unencoded payload could go out without the crit that warns of it, or a crit that every verifier refuses.
#[test]
fn s04_what_is_critical_has_one_way_in() {
    let key = Key::generate(Algorithm::HS256).unwrap();
    for name in ["alg", "kid", "typ", "crit", "b64"] {
        assert!(JwsBuilder::new().header(name, json!("x")).sign(&key, b"x").is_err(), "{name}");
        assert!(JwsBuilder::new().critical(name, json!("x")).sign(&key, b"x").is_err(), "{name}");
    }
    let unwarned = JwsBuilder::new().header("crit", "b64").unencoded().detached();
    assert!(unwarned.sign(&key, b"x").is_err());
    assert!(JwsBuilder::new().critical("x5c", json!([])).sign(&key, b"x").is_err());
    let builder = JwsBuilder::new().critical("x", 1).critical("x", 2);
    let policy = JwsPolicy::new(&[Algorithm::HS256]).understand(&["x"]);
    let keys = KeySet::from(key.clone());
    let read = keys.verify_jws_with(&builder.sign(&key, b"x").unwrap(), &policy).unwrap();
    assert_eq!((read.header.get("x"), read.header.get("crit")), (Some(json!(2)), Some(json!(["x"]))));
    assert!(builder.sign_flattened(&JwsSigner::new(&key).unprotected("x", 3), b"x").is_err());
}

/// RFC 7516 5.2: what one recipient can't process is no reason for another not to read.
#[test]
fn a_recipient_of_an_unknown_algorithm_keeps_nobody_from_reading() {
    let key = EncryptionKey::generate(KeyManagement::A128Kw).unwrap();
    let message = JweBuilder::new(ContentEncryption::A128Gcm);
    let other = EncryptionKey::generate(KeyManagement::A256Kw).unwrap();
    let message = message.encrypt_json(&[JweRecipient::new(&other), JweRecipient::new(&key)], b"x").unwrap();
    let mut message: Value = serde_json::from_str(&message).unwrap();
    message["recipients"][0]["header"]["alg"] = json!("HPKE-9");
    assert_eq!(*key.decrypt_jwe_json(&message.to_string(), &any_jwe()).unwrap().plaintext, b"x");
    message["recipients"][1]["header"]["alg"] = json!("none");
    let refused = key.decrypt_jwe_json(&message.to_string(), &any_jwe());
    assert_eq!(refused, Err(authmint_jose::Error::AlgorithmNotAllowed));
}
