//! One operation, so many times: for an instruction counter to look at.
//!
//!     counts OPERATION TIMES
#![allow(clippy::unwrap_used, clippy::panic)]

use std::hint::black_box;

use authmint_jose::crypto::{
    self, Backend, MacKey, PrivateMaterial, PublicMaterial, RsaSize, SigningKey, VerifyingKey,
};
use authmint_jose::{
    Algorithm, ContentEncryption, EncryptionKey, Error, JwePolicy, Jwk, Key, KeyManagement, KeySet, KeyType,
    Policy, Timestamp,
};
use serde::{Deserialize, Serialize};

const NOW: Timestamp = Timestamp::from_secs(1_000_000);

const HMAC_KEY: &str = r#"{"kty":"oct","alg":"HS256","k":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}"#;
/// RFC 7515 A.3.
const EC_KEY: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
/// RFC 8037 A.1.
const ED_KEY: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: u64,
    iat: u64,
    jti: String,
    scope: String,
    client_id: String,
}

fn claims() -> Claims {
    Claims {
        iss: "https://login.example.com".into(),
        sub: "248289761001-the-subject".into(),
        aud: "https://api.example.com".into(),
        exp: 1_003_600,
        iat: 1_000_000,
        jti: "x9Yq1mQ2kT3vB4nL5pR6sA".into(),
        scope: "openid profile email orders:read orders:write".into(),
        client_id: "s6BhdRkqt3-the-client-application".into(),
    }
}

/// A primitive that does nothing: what is left is what JSON, base64 and the policy take.
#[derive(Clone, Copy, Debug)]
struct Nothing;

impl SigningKey for Nothing {
    fn sign(&self, _: Algorithm, _: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        take(&[0; 64]);
        Ok(())
    }
}

impl VerifyingKey for Nothing {
    fn verify(&self, _: Algorithm, _: &[u8], _: &[u8]) -> Result<(), Error> {
        Ok(())
    }
}

impl Backend for Nothing {
    fn mac_key(&self, _: &[u8], _: Algorithm) -> Result<MacKey, Error> {
        Ok(MacKey { signing: Box::new(*self), verifying: Box::new(*self) })
    }

    fn verifying_key(&self, _: &PublicMaterial) -> Result<Box<dyn VerifyingKey>, Error> {
        Ok(Box::new(*self))
    }

    fn signing_key(&self, _: &PublicMaterial, _: &PrivateMaterial) -> Result<Box<dyn SigningKey>, Error> {
        Ok(Box::new(*self))
    }

    fn derive_public(&self, key_type: KeyType, private: &[u8]) -> Result<PublicMaterial, Error> {
        crypto::backend().derive_public(key_type, private)
    }

    fn generate(&self, key_type: KeyType) -> Result<(PublicMaterial, PrivateMaterial), Error> {
        crypto::backend().generate(key_type)
    }

    fn generate_rsa(&self, size: RsaSize) -> Result<(PublicMaterial, PrivateMaterial), Error> {
        crypto::backend().generate_rsa(size)
    }

    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        crypto::sha256(data)
    }

    fn sha384(&self, data: &[u8]) -> [u8; 48] {
        crypto::sha384(data)
    }

    fn sha512(&self, data: &[u8]) -> [u8; 64] {
        crypto::sha512(data)
    }

    fn constant_time_eq(&self, a: &[u8], b: &[u8]) -> bool {
        crypto::backend().constant_time_eq(a, b)
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), Error> {
        crypto::backend().fill_random(buffer)
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let operation = arguments.next().unwrap();
    let times: u32 = arguments.next().unwrap().parse().unwrap();
    let repeat = |work: &dyn Fn()| (0..times).for_each(|_| work());
    // Keys that are the same each time: seeding a random generator takes as long as it likes.
    let key = |algorithm| {
        let jwk = match algorithm {
            Algorithm::HS256 => HMAC_KEY,
            Algorithm::ES256 => EC_KEY,
            _ => ED_KEY,
        };
        Key::from_jwk(jwk).unwrap().with_kid("k")
    };
    let bare = || Key::with_backend(&Jwk::from_json(EC_KEY).unwrap(), &Nothing).unwrap().with_kid("k");
    let sign = |key: Key| {
        let claims = claims();
        repeat(&|| drop(black_box(key.sign_jwt("JWT", black_box(&claims)).unwrap())));
    };
    let verify = |key: Key| {
        let token = key.sign_jwt("JWT", &claims()).unwrap();
        let algorithm = key.algorithm().unwrap();
        let keys = KeySet::from(key);
        let policy = Policy::new(&[algorithm])
            .typ("JWT")
            .issuer("https://login.example.com")
            .audience("https://api.example.com");
        repeat(&|| drop(black_box(keys.verify_jwt::<Claims>(black_box(&token), &policy, NOW).unwrap())));
    };
    match operation.as_str() {
        "bare-sign" => sign(bare()),
        "bare-verify" => verify(bare()),
        "hs256-sign" => sign(key(Algorithm::HS256)),
        "hs256-verify" => verify(key(Algorithm::HS256)),
        "es256-sign" => sign(key(Algorithm::ES256)),
        "es256-verify" => verify(key(Algorithm::ES256)),
        "eddsa-verify" => verify(key(Algorithm::EdDSA)),
        "ecdh-es-decrypt" => {
            let key = EncryptionKey::generate(KeyManagement::EcdhEs).unwrap();
            let message = key.encrypt_jwe(b"for one pair of eyes", ContentEncryption::A256Gcm).unwrap();
            let policy = JwePolicy::new(&[KeyManagement::EcdhEs], &[ContentEncryption::A256Gcm]);
            repeat(&|| drop(black_box(key.decrypt_jwe(black_box(&message), &policy).unwrap())));
        }
        other => panic!("there is no operation {other}"),
    }
}
