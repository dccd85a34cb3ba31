//! Keys that RFCs print. The data of RFC 7517 stand beside, under the names of their sections.

use authmint_jose::{
    Algorithm, ContentEncryption, Curve, EncryptionKey, EncryptionKeySet, Error, JwePolicy, Jwk, Key,
    KeyManagement, KeySet, KeyType, KeyUse,
};
use serde_json::{Value, json};

/// RFC 8037 A.1.
pub(crate) const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn rfc7517(section: &str) -> Value {
    let mut all: Value = serde_json::from_str(include_str!("rfc/rfc7517.json")).unwrap();
    all[section].take()
}

/// What is read is written as it was, but for members that only others use.
fn same(original: &Value) -> Jwk {
    let jwk = Jwk::from_json(&original.to_string()).unwrap();
    let written = match jwk.export_private_json() {
        Ok(private) => private.expose().to_owned(),
        Err(_) => jwk.to_public_json().unwrap(),
    };
    let written: Value = serde_json::from_str(&written).unwrap();
    let mut expected = original.clone();
    expected.as_object_mut().unwrap().remove("x5c");
    assert_eq!(written, expected);
    jwk
}

/// RFC 7517 A.1: public keys, one for encryption and one for signatures.
#[test]
fn rfc7517_a1() {
    let set = rfc7517("A.1");
    let keys: Vec<Jwk> = set["keys"].as_array().unwrap().iter().map(same).collect();
    assert_eq!(
        (keys[0].key_type(), keys[0].key_use(), keys[0].kid()),
        (KeyType::Ec(Curve::P256), Some(KeyUse::Encryption), Some("1"))
    );
    assert_eq!(
        (keys[1].key_type(), keys[1].alg(), keys[1].kid()),
        (KeyType::Rsa, Some("RS256"), Some("2011-04-29"))
    );
    assert!(keys.iter().all(|key| !key.is_private()));
    let signatures = KeySet::from_jwks(&set.to_string()).unwrap();
    assert_eq!(signatures.iter().map(Key::kid).collect::<Vec<_>>(), [Some("2011-04-29")]);
    assert_eq!(signatures.iter().map(Key::algorithm).collect::<Vec<_>>(), [Some(Algorithm::RS256)]);
    let encryption = EncryptionKeySet::from_jwks(&set.to_string()).unwrap();
    assert_eq!(encryption.iter().map(EncryptionKey::kid).collect::<Vec<_>>(), [Some("1")]);
}

/// RFC 7517 A.2: the private halves of the same.
#[test]
fn rfc7517_a2() {
    let (private, public) = (rfc7517("A.2"), rfc7517("A.1"));
    for (private, public) in
        private["keys"].as_array().unwrap().iter().zip(public["keys"].as_array().unwrap())
    {
        let key = same(private);
        assert!(key.is_private());
        assert_eq!(serde_json::from_str::<Value>(&key.to_public_json().unwrap()).unwrap(), *public);
        // Written in DER and read again, its numbers are the same.
        let pem = key.export_private_pem().unwrap();
        assert_eq!(Jwk::from_pem(pem.expose()).unwrap().thumbprint(), key.thumbprint());
    }
    let signer = Key::from_jwk(&private["keys"][1].to_string()).unwrap();
    let token = signer.sign_jws(b"x").unwrap();
    let published = KeySet::from_jwks(&public.to_string()).unwrap();
    assert_eq!(published.verify_jws(&token, &[Algorithm::RS256]).unwrap().payload, b"x");
    // The first is for encryption, and signs nothing.
    assert_eq!(Key::from_jwk(&private["keys"][0].to_string()).unwrap_err(), Error::KeyMismatch);
}

/// RFC 7517 A.3: secrets.
#[test]
fn rfc7517_a3() {
    let set = rfc7517("A.3");
    let keys: Vec<Jwk> = set["keys"].as_array().unwrap().iter().map(same).collect();
    assert!(keys.iter().all(Jwk::is_secret));
    let wraps = EncryptionKey::new(&keys[0]).unwrap();
    assert_eq!(wraps.algorithm(), Some(KeyManagement::A128Kw));
    assert_eq!(Key::new(&keys[0]).unwrap_err(), Error::KeyMismatch);
    // The second names no algorithm; unless the caller does, its length decides.
    assert_eq!(Key::new(&keys[1]).unwrap().algorithm(), Some(Algorithm::HS512));
    let mac = Key::new(&keys[1].clone().with_alg("HS256").unwrap()).unwrap();
    assert_eq!(mac.kid(), Some("HMAC key used in JWS A.1 example"));
}

/// RFC 7517 B: a key and its certificate, which say the same.
#[test]
fn rfc7517_b() {
    let example = rfc7517("B");
    let key = same(&example);
    assert_eq!((key.kid(), key.key_use()), (Some("1b94c"), Some(KeyUse::Signature)));
    let certificate = example["x5c"][0].as_str().unwrap();
    let der = data_encoding::BASE64.decode(certificate.as_bytes()).unwrap();
    let certified = Jwk::from_der(&der).unwrap();
    assert_eq!(certified.thumbprint(), key.thumbprint());
    let pem = format!("-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n");
    assert_eq!(Jwk::from_pem(&pem).unwrap().thumbprint(), key.thumbprint());
}

/// RFC 7517 C: a private key under a password, by 4096 iterations.
#[test]
fn rfc7517_c() {
    let example = rfc7517("C");
    let password = example["password"].as_str().unwrap().as_bytes();
    let key = EncryptionKey::from_password(password, KeyManagement::Pbes2Hs256A128Kw).unwrap();
    let policy = JwePolicy::new(&[KeyManagement::Pbes2Hs256A128Kw], &[ContentEncryption::A128CbcHs256]);
    let opened = key.decrypt_jwe(example["compact"].as_str().unwrap(), &policy).unwrap();
    assert_eq!(opened.header.content_type(), Some("jwk+json"));
    assert_eq!(opened.header.get("p2c"), Some(&json!(4096)));
    let inside: Value = serde_json::from_slice(&opened.plaintext).unwrap();
    assert_eq!(inside, example["key"]);
    let jwk = same(&inside);
    assert_eq!(jwk.kid(), Some("juliet@capulet.lit"));
    assert!(EncryptionKey::new(&jwk).unwrap().can_decrypt());
    assert_eq!(
        key.decrypt_jwe(example["compact"].as_str().unwrap(), &policy.max_iterations(4095)).unwrap_err(),
        Error::OutOfBounds("the number of iterations (p2c)")
    );
}

/// RFC 7638 3.1: the thumbprint of an RSA key; RFC 9278 5: the same as a URI.
#[test]
fn rfc7638_3_1() {
    let key = Jwk::from_json(&rfc7517("A.1")["keys"][1].to_string()).unwrap();
    assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_eq!(
        key.thumbprint_uri(),
        "urn:ietf:params:oauth:jwk-thumbprint:sha-256:NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
}

/// RFC 8037 A.1 to A.3: an Ed25519 key, its public half, its thumbprint.
#[test]
fn rfc8037_a1_to_a3() {
    let key = same(&serde_json::from_str(ED25519).unwrap());
    assert_eq!(
        serde_json::from_str::<Value>(&key.to_public_json().unwrap()).unwrap(),
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" })
    );
    assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

/// RFC 8812 3.1: a secp256k1 key has the form of the other EC keys, with coordinates and a private number of 32 bytes.
#[test]
fn rfc8812_3_1() {
    let jwk = Jwk::generate(KeyType::Ec(Curve::Secp256k1)).unwrap();
    let members: Value = serde_json::from_str(jwk.export_private_json().unwrap().expose()).unwrap();
    assert_eq!((&members["kty"], &members["crv"]), (&json!("EC"), &json!("secp256k1")));
    for name in ["x", "y", "d"] {
        let encoded = members[name].as_str().unwrap();
        assert_eq!(encoded.len(), 43, "{name}");
        let mut short = members.clone();
        short[name] = json!(authmint_jose::base64url::encode(&[1; 31]));
        assert!(Jwk::from_json(&short.to_string()).is_err(), "{name}");
    }
    assert_eq!(Key::new(&jwk).unwrap().algorithm(), Some(Algorithm::ES256K));
    assert!(matches!(jwk.clone().with_alg("ES256"), Err(Error::KeyMismatch)));
    assert!(EncryptionKey::new(&jwk).is_err());
}
