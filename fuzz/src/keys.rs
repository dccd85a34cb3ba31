//! Keys that never change, so that a seed that they made stays valid.

use std::sync::OnceLock;

use authmint_jose::{Algorithm, EncryptionKey, EncryptionKeySet, JwePolicy, Jwk, Key, KeyManagement, KeySet};

const MAC: &str = r#"{"kty":"oct","alg":"HS256","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const P256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
const X25519: &str = r#"{"kty":"OKP","crv":"X25519","x":"BT7aR0ItXfeDAldeeOlXL_wXqp-j5FltT0vRSG16kRw","d":"1gDirl_r_Y3-qUa3WXHgEXrrEHngWThU3c9zj9A2uBg"}"#;
const P256_AGREEMENT: &str = r#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#;
const SENDER: &str = r#"{"kty":"OKP","crv":"X25519","x":"Knbm_BcdQr7WIoz-uqit9M0wbcfEr6y-9UfIZ8QnBD4","d":"i9KuFhSzEBsiv3PKVL5115OCdsqQai5nj_Flzfkw5jU"}"#;

pub(crate) fn mac_key() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(|| Key::from_jwk(MAC).expect("a good key"))
}

pub(crate) fn signature_keys() -> (&'static KeySet, &'static [Algorithm]) {
    static KEYS: OnceLock<KeySet> = OnceLock::new();
    let key = |json| Key::from_jwk(json).expect("a good key");
    let keys = KEYS.get_or_init(|| {
        KeySet::new([
            mac_key().clone().with_kid("mac"),
            key(ED25519).with_kid("ed"),
            key(P256).with_kid("ec"),
        ])
    });
    (keys, &[Algorithm::HS256, Algorithm::EdDSA, Algorithm::ES256])
}

pub(crate) fn encryption_keys() -> (&'static EncryptionKeySet, &'static JwePolicy) {
    static KEYS: OnceLock<(EncryptionKeySet, JwePolicy)> = OnceLock::new();
    let (keys, policy) = KEYS.get_or_init(|| {
        let key = |json| EncryptionKey::new(&Jwk::from_json(json).expect("a good key")).expect("a good key");
        let secret = |bytes: &[u8], algorithm: KeyManagement| {
            EncryptionKey::from_secret(bytes, algorithm).expect("a good key").with_kid(algorithm.name())
        };
        let keys = EncryptionKeySet::new([
            secret(&[7; 16], KeyManagement::Dir),
            secret(&[7; 16], KeyManagement::A128Kw),
            secret(&[7; 32], KeyManagement::A256GcmKw),
            secret(b"correct horse", KeyManagement::Pbes2Hs256A128Kw),
            key(X25519).with_kid("x"),
            key(P256_AGREEMENT).with_kid("p"),
        ]);
        (keys, super::policy().sender(&key(SENDER).public().expect("a public half")))
    });
    (keys, policy)
}
