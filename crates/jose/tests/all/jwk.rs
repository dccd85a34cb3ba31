//! Keys as data: every form of every type, in and out.

use authmint_jose::{
    Algorithm, Curve, Error, Jwk, Key, KeyType, KeyUse, MlDsa, OkpCurve, PrivateForm, PublicForm, RsaSize,
};
use serde_json::{Value, json};

pub(crate) fn types() -> Vec<KeyType> {
    let mut types = vec![KeyType::Rsa];
    types.extend(Curve::ALL.iter().map(|curve| KeyType::Ec(*curve)));
    let is_known = |curve: &&OkpCurve| {
        matches!(curve, OkpCurve::Ed25519 | OkpCurve::X25519) || cfg!(feature = "curve448")
    };
    types.extend(OkpCurve::ALL.iter().filter(is_known).map(|curve| KeyType::Okp(*curve)));
    types.extend(MlDsa::ALL.iter().map(|set| KeyType::MlDsa(*set)));
    types
}

pub(crate) fn jwk(key_type: KeyType) -> Jwk {
    match key_type {
        KeyType::Rsa => crate::support::rsa().to_jwk().public_and_private(),
        _ => Jwk::generate(key_type).unwrap(),
    }
}

/// A key without its purpose, so that what is read from DER, which has none, is the same.
pub(crate) trait Bare {
    fn public_and_private(self) -> Jwk;
}

impl Bare for Jwk {
    fn public_and_private(self) -> Jwk {
        let mut members: Value = serde_json::from_str(self.export_private_json().unwrap().expose()).unwrap();
        for name in ["alg", "use", "kid"] {
            members.as_object_mut().unwrap().remove(name);
        }
        Jwk::from_json(&members.to_string()).unwrap()
    }
}

pub(crate) fn private(jwk: &Jwk) -> Value {
    serde_json::from_str(jwk.export_private_json().unwrap().expose()).unwrap()
}

#[test]
fn every_type_is_read_back_from_every_form() {
    for key_type in types() {
        let key = jwk(key_type);
        assert_eq!(key.key_type(), key_type);
        let original = private(&key);
        let same = |other: &Jwk| assert_eq!(private(other), original, "{key_type:?}");
        same(&Jwk::from_json(&original.to_string()).unwrap());
        same(&Jwk::from_pem(key.export_private_pem().unwrap().expose()).unwrap());
        let forms = [PrivateForm::Pkcs8, PrivateForm::Pkcs1, PrivateForm::Sec1];
        let written: Vec<_> = forms.iter().filter_map(|form| key.export_private_der(*form).ok()).collect();
        assert_eq!(written.len(), if matches!(key_type, KeyType::Rsa | KeyType::Ec(_)) { 2 } else { 1 });
        for der in &written {
            same(&Jwk::from_der(der).unwrap());
        }

        let public = key.public().unwrap();
        assert!(!public.is_private() && public.export_private_json().is_err());
        let published = public.to_public_json().unwrap();
        let same = |other: &Jwk| assert_eq!(other.to_public_json().unwrap(), published, "{key_type:?}");
        same(&Jwk::from_json(&published).unwrap());
        same(&Jwk::from_pem(&key.to_public_pem().unwrap()).unwrap());
        same(&Jwk::from_der(&key.to_public_der(PublicForm::Spki).unwrap()).unwrap());
        assert_eq!(key.to_public_der(PublicForm::Pkcs1).is_ok(), key_type == KeyType::Rsa);
        if let Ok(der) = key.to_public_der(PublicForm::Pkcs1) {
            same(&Jwk::from_der(&der).unwrap());
        }
        if let Ok(line) = key.to_openssh("ada@example.com") {
            same(&Jwk::from_openssh(&line).unwrap());
            assert!(line.ends_with(" ada@example.com"));
        }
        assert_eq!(key.thumbprint(), public.thumbprint());
    }
}

#[test]
fn a_key_is_kept_under_a_password() {
    let key = Jwk::generate(KeyType::Ec(Curve::P256)).unwrap();
    let pem = key.export_encrypted_pem(b"correct horse").unwrap();
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    assert_eq!(private(&Jwk::from_encrypted_pem(&pem, b"correct horse").unwrap()), private(&key));
    assert!(matches!(Jwk::from_encrypted_pem(&pem, b"battery staple"), Err(Error::InvalidKey(_))));
    let said = Jwk::from_pem(&pem).unwrap_err().to_string();
    assert_eq!(said, "the key can't be read: it is encrypted: give its password");
    assert!(Jwk::from_encrypted_pem(key.export_private_pem().unwrap().expose(), b"x").is_err());
}

/// Made with OpenSSL 3: `genpkey -algorithm ed25519 -aes128 -pass pass:secret`.
#[test]
fn an_encrypted_key_of_openssl_is_read() {
    let pem = include_str!("openssl-ed25519-aes128.pem");
    let key = Key::new(&Jwk::from_encrypted_pem(pem, b"secret").unwrap()).unwrap();
    assert_eq!(key.algorithm(), Some(Algorithm::EdDSA));
    assert_eq!(key.thumbprint(), include_str!("openssl-ed25519-aes128.thumbprint").trim());
}

#[test]
fn purposes_are_written_kept_and_obeyed() {
    let key =
        Jwk::generate(KeyType::Okp(OkpCurve::Ed25519)).unwrap().with_alg("EdDSA").unwrap().with_kid("k");
    let published: Value = serde_json::from_str(&key.to_public_json().unwrap()).unwrap();
    assert_eq!(
        (&published["alg"], &published["use"], &published["kid"]),
        (&json!("EdDSA"), &json!("sig"), &json!("k"))
    );
    assert_eq!(key.clone().with_alg("ES256").unwrap_err(), Error::KeyMismatch);
    assert_eq!(Key::new(&key.with_use(KeyUse::Encryption)).unwrap_err(), Error::KeyMismatch);
}

#[test]
fn sizes_are_what_was_asked_for() {
    let key = Jwk::generate_rsa(RsaSize::Bits3072).unwrap();
    let members: Value = serde_json::from_str(&key.to_public_json().unwrap()).unwrap();
    assert_eq!(authmint_jose::base64url::decode(members["n"].as_str().unwrap()).unwrap().len(), 384);
    assert!(Jwk::generate_secret(15).is_err() && Jwk::generate_secret(1025).is_err());
    assert_eq!(Jwk::generate(KeyType::Secret).unwrap_err(), Error::KeyMismatch);
}
