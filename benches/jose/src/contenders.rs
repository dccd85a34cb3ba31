//! Who runs, and on what.

use std::hint::black_box;

use authmint_jose::{
    Algorithm, Clock as _, ContentEncryption, Curve, EncryptionKey, JwePolicy, Jwk, Key, KeyManagement, KeySet, KeyType, Policy,
    PublicForm, SystemClock, base64url,
};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, ParsedPublicKey, RsaKeyPair};
use aws_lc_rs::hmac;
use jwt_simple::algorithms::{
    ECDSAP256KeyPairLike as _, ECDSAP256PublicKeyLike as _, EdDSAKeyPairLike as _, EdDSAPublicKeyLike as _, MACLike as _,
    RSAKeyPairLike as _, RSAPublicKeyLike as _,
};
use jwt_simple::prelude as simple;
use serde::{Deserialize, Serialize};

pub const ISSUER: &str = "https://login.example.com";
pub const AUDIENCE: &str = "https://api.example.com";

pub type Contender = Box<dyn Fn()>;

pub struct Row {
    pub name: String,
    /// Signatures: ours, the primitive, jsonwebtoken, josekit, jwt-simple, jose-rs. Encryption: ours, josekit, jose-rs.
    pub contenders: Vec<Option<Contender>>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    sub: String,
    aud: String,
    exp: u64,
    iat: u64,
    jti: String,
    scope: String,
    client_id: String,
}

/// What jwt-simple does not know by name.
#[derive(Clone, Serialize, Deserialize)]
struct Custom {
    scope: String,
    client_id: String,
}

pub fn claims() -> Claims {
    let now = SystemClock.now().as_secs();
    Claims {
        iss: ISSUER.into(),
        sub: "248289761001-the-subject".into(),
        aud: AUDIENCE.into(),
        exp: now + 3600,
        iat: now,
        jti: "x9Yq1mQ2kT3vB4nL5pR6sA".into(),
        scope: "openid profile email orders:read orders:write".into(),
        client_id: "s6BhdRkqt3-the-client-application".into(),
    }
}

pub fn work(work: impl Fn() + 'static) -> Option<Contender> {
    Some(Box::new(work))
}

pub fn jwk(algorithm: Algorithm) -> Jwk {
    let jwk = match algorithm.key_type() {
        KeyType::Secret => Jwk::from_secret(&[7; 32]),
        other => Jwk::generate(other),
    };
    jwk.unwrap().with_alg(algorithm.name()).unwrap()
}

pub fn signatures() -> Vec<Row> {
    [Algorithm::HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA].into_iter().flat_map(rows).collect()
}

fn rows(algorithm: Algorithm) -> [Row; 2] {
    let jwk = jwk(algorithm);
    let key = Key::new(&jwk).unwrap();
    let token = key.sign_jwt("JWT", &claims()).unwrap();
    let (bare_sign, bare_verify) = primitive(algorithm, &jwk, &token);
    let (jwt_sign, jwt_verify) = jsonwebtoken(algorithm, &jwk, &token);
    let (kit_sign, kit_verify) = josekit(algorithm, &jwk, &token);
    let (simple_sign, simple_verify) = jwt_simple(algorithm, &jwk);
    let (rs_sign, rs_verify) = jose_rs(algorithm, &jwk, &token);
    let ours_sign = {
        let (key, claims) = (key.clone(), claims());
        work(move || drop(black_box(key.sign_jwt("JWT", black_box(&claims)).unwrap())))
    };
    let policy = Policy::new(&[algorithm]).typ("JWT").issuer(ISSUER).audience(AUDIENCE);
    let ours_verify =
        work(move || drop(black_box(key.verify_jwt::<Claims>(black_box(&token), &policy, SystemClock.now()).unwrap())));
    [
        Row {
            name: format!("{algorithm} sign"),
            contenders: vec![ours_sign, bare_sign, jwt_sign, kit_sign, simple_sign, rs_sign],
        },
        Row {
            name: format!("{algorithm} verify"),
            contenders: vec![ours_verify, bare_verify, jwt_verify, kit_verify, simple_verify, rs_verify],
        },
    ]
}

type Pair = (Option<Contender>, Option<Contender>);

fn pkcs8(jwk: &Jwk) -> Vec<u8> {
    jwk.export_private_der(authmint_jose::PrivateForm::Pkcs8).unwrap().to_vec()
}

/// aws-lc-rs with a parsed key: no JSON, no base64.
fn primitive(algorithm: Algorithm, jwk: &Jwk, token: &str) -> Pair {
    let (input, encoded) = token.rsplit_once('.').unwrap();
    let (message, signature) = (input.as_bytes().to_vec(), base64url::decode(encoded).unwrap());
    let input = message.clone();
    if algorithm == Algorithm::HS256 {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let signing = key.clone();
        return (
            work(move || drop(black_box(hmac::sign(&signing, black_box(&input))))),
            work(move || hmac::verify(&key, black_box(&message), &signature).unwrap()),
        );
    }
    let spki = jwk.to_public_der(PublicForm::Spki).unwrap();
    let (parameters, sign): (&'static dyn signature::VerificationAlgorithm, Option<Contender>) = match algorithm {
        Algorithm::RS256 => {
            let pair = RsaKeyPair::from_pkcs8(&pkcs8(jwk)).unwrap();
            let sign = work(move || {
                let mut signature = [0; 256];
                let random = SystemRandom::new();
                pair.sign(&signature::RSA_PKCS1_SHA256, &random, black_box(&input), &mut signature).unwrap();
                black_box(signature);
            });
            (&signature::RSA_PKCS1_2048_8192_SHA256, sign)
        }
        Algorithm::ES256 => {
            let pair = EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, &pkcs8(jwk)).unwrap();
            let sign = work(move || drop(black_box(pair.sign(&SystemRandom::new(), black_box(&input)).unwrap())));
            (&signature::ECDSA_P256_SHA256_FIXED, sign)
        }
        _ => {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pkcs8(jwk)).unwrap();
            let sign = work(move || drop(black_box(pair.sign(black_box(&input)))));
            (&signature::ED25519, sign)
        }
    };
    let key = ParsedPublicKey::new(parameters, &spki).unwrap();
    (sign, work(move || key.verify_sig(black_box(&message), &signature).unwrap()))
}

fn jsonwebtoken(algorithm: Algorithm, jwk: &Jwk, token: &str) -> Pair {
    use jsonwebtoken as peer;
    let secret = [7; 32];
    let pem = || jwk.export_private_pem().unwrap().expose().as_bytes().to_vec();
    let public = || jwk.to_public_pem().unwrap().into_bytes();
    let (known, encoding, decoding) = match algorithm {
        Algorithm::HS256 => (
            peer::Algorithm::HS256,
            peer::EncodingKey::from_secret(&secret),
            peer::DecodingKey::from_secret(&secret),
        ),
        Algorithm::RS256 => (
            peer::Algorithm::RS256,
            peer::EncodingKey::from_rsa_pem(&pem()).unwrap(),
            peer::DecodingKey::from_rsa_pem(&public()).unwrap(),
        ),
        Algorithm::ES256 => (
            peer::Algorithm::ES256,
            peer::EncodingKey::from_ec_pem(&pem()).unwrap(),
            peer::DecodingKey::from_ec_pem(&public()).unwrap(),
        ),
        _ => (
            peer::Algorithm::EdDSA,
            peer::EncodingKey::from_ed_pem(&pem()).unwrap(),
            peer::DecodingKey::from_ed_pem(&public()).unwrap(),
        ),
    };
    let mut validation = peer::Validation::new(known);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    let (header, claims, token) = (peer::Header::new(known), claims(), token.to_owned());
    (
        work(move || drop(black_box(peer::encode(&header, black_box(&claims), &encoding).unwrap()))),
        work(move || drop(black_box(peer::decode::<Claims>(black_box(&token), &decoding, &validation).unwrap()))),
    )
}

fn josekit(algorithm: Algorithm, jwk: &Jwk, token: &str) -> Pair {
    use josekit::jws::{self, JwsHeader, JwsSigner, JwsVerifier};
    use josekit::jwt;
    let pem = || jwk.export_private_pem().unwrap().expose().to_owned();
    let public = || jwk.to_public_pem().unwrap();
    let (signer, verifier): (Box<dyn JwsSigner>, Box<dyn JwsVerifier>) = match algorithm {
        Algorithm::HS256 => (
            Box::new(jws::HS256.signer_from_bytes([7; 32]).unwrap()),
            Box::new(jws::HS256.verifier_from_bytes([7; 32]).unwrap()),
        ),
        Algorithm::RS256 => (
            Box::new(jws::RS256.signer_from_pem(pem()).unwrap()),
            Box::new(jws::RS256.verifier_from_pem(public()).unwrap()),
        ),
        Algorithm::ES256 => (
            Box::new(jws::ES256.signer_from_pem(pem()).unwrap()),
            Box::new(jws::ES256.verifier_from_pem(public()).unwrap()),
        ),
        _ => (
            Box::new(jws::EdDSA.signer_from_pem(pem()).unwrap()),
            Box::new(jws::EdDSA.verifier_from_pem(public()).unwrap()),
        ),
    };
    let mut header = JwsHeader::new();
    header.set_token_type("JWT");
    let map = match serde_json::to_value(claims()).unwrap() {
        serde_json::Value::Object(map) => map,
        _ => unreachable!(),
    };
    let (payload, token) = (jwt::JwtPayload::from_map(map).unwrap(), token.to_owned());
    let mut validator = jwt::JwtPayloadValidator::new();
    validator.set_base_time(std::time::SystemTime::now());
    validator.set_issuer(ISSUER);
    validator.set_audience(AUDIENCE);
    (
        work(move || drop(black_box(jwt::encode_with_signer(black_box(&payload), &header, &*signer).unwrap()))),
        work(move || {
            let (payload, _) = jwt::decode_with_verifier(black_box(&token), &*verifier).unwrap();
            validator.validate(&payload).unwrap();
            black_box(payload);
        }),
    )
}

fn jwt_simple(algorithm: Algorithm, jwk: &Jwk) -> Pair {
    let known = claims();
    let custom = Custom { scope: known.scope, client_id: known.client_id };
    let claims = simple::Claims::with_custom_claims(custom, simple::Duration::from_hours(1))
        .with_issuer(ISSUER)
        .with_audience(AUDIENCE)
        .with_subject(known.sub)
        .with_jwt_id(known.jti);
    let options = simple::VerificationOptions {
        allowed_issuers: Some([ISSUER.to_owned()].into()),
        allowed_audiences: Some([AUDIENCE.to_owned()].into()),
        ..simple::VerificationOptions::default()
    };
    let der = || pkcs8(jwk);
    macro_rules! pair {
        ($key:expr, $public:expr) => {{
            let (key, public) = ($key, $public);
            let token = key.sign(claims.clone()).unwrap();
            (
                work(move || drop(black_box(key.sign(claims.clone()).unwrap()))),
                work(move || {
                    drop(black_box(public.verify_token::<Custom>(black_box(&token), Some(options.clone())).unwrap()));
                }),
            )
        }};
    }
    match algorithm {
        Algorithm::HS256 => {
            let make = || simple::HS256Key::from_bytes(&[7; 32]);
            let (key, public) = (make(), make());
            let token = key.authenticate(claims.clone()).unwrap();
            (
                work(move || drop(black_box(key.authenticate(claims.clone()).unwrap()))),
                work(move || {
                    drop(black_box(public.verify_token::<Custom>(black_box(&token), Some(options.clone())).unwrap()));
                }),
            )
        }
        Algorithm::RS256 => pair!(
            simple::RS256KeyPair::from_der(&der()).unwrap(),
            simple::RS256KeyPair::from_der(&der()).unwrap().public_key()
        ),
        Algorithm::ES256 => pair!(
            simple::ES256KeyPair::from_pem(jwk.export_private_pem().unwrap().expose()).unwrap(),
            simple::ES256KeyPair::from_pem(jwk.export_private_pem().unwrap().expose()).unwrap().public_key()
        ),
        _ => {
            let key = simple::Ed25519KeyPair::generate();
            let public = key.public_key();
            pair!(key, public)
        }
    }
}

fn peer_jwk(jwk: &Jwk) -> jose_rs::jwk::Jwk {
    serde_json::from_str(jwk.export_private_json().unwrap().expose()).unwrap()
}

fn jose_rs(algorithm: Algorithm, jwk: &Jwk, token: &str) -> Pair {
    use jose_rs::{JoseHeader, jwt};
    let key = peer_jwk(jwk);
    let header = JoseHeader::jwt(algorithm.name());
    let peer_claims = jwt::Claims::from_json_str(&serde_json::to_string(&claims()).unwrap()).unwrap();
    let validation = jwt::Validation::new().with_issuer(ISSUER).with_audience(AUDIENCE).require_exp();
    let (checking, token) = (key.clone(), token.to_owned());
    (
        work(move || drop(black_box(jwt::encode_with_jwk(&key, &header, black_box(&peer_claims)).unwrap()))),
        work(move || drop(black_box(jwt::decode_with_jwk(&checking, black_box(&token), &validation).unwrap()))),
    )
}

pub fn encryption() -> Vec<Row> {
    let rsa = Jwk::generate(KeyType::Rsa).unwrap();
    let ec = Jwk::generate(KeyType::Ec(Curve::P256)).unwrap();
    [
        (KeyManagement::RsaOaep256, rsa, ContentEncryption::A256Gcm),
        (KeyManagement::EcdhEsA128Kw, ec, ContentEncryption::A128CbcHs256),
    ]
    .into_iter()
    .flat_map(|(algorithm, jwk, encryption)| encryption_rows(algorithm, jwk, encryption))
    .collect()
}

fn encryption_rows(algorithm: KeyManagement, jwk: Jwk, encryption: ContentEncryption) -> [Row; 2] {
    use josekit::jwe::{self, JweDecrypter, JweEncrypter, JweHeader};
    let jwk = jwk.with_alg(algorithm.name()).unwrap();
    let plaintext = serde_json::to_vec(&claims()).unwrap();
    let key = EncryptionKey::new(&jwk).unwrap();
    let public = key.public().unwrap();
    let message = public.encrypt_jwe(&plaintext, encryption).unwrap();
    let policy = JwePolicy::new(&[algorithm], &[encryption]);

    let (pem, spki) = (jwk.export_private_pem().unwrap(), jwk.to_public_pem().unwrap());
    let (encrypter, decrypter): (Box<dyn JweEncrypter>, Box<dyn JweDecrypter>) = match algorithm {
        KeyManagement::RsaOaep256 => (
            Box::new(jwe::RSA_OAEP_256.encrypter_from_pem(&spki).unwrap()),
            Box::new(jwe::RSA_OAEP_256.decrypter_from_pem(pem.expose()).unwrap()),
        ),
        _ => (
            Box::new(jwe::ECDH_ES_A128KW.encrypter_from_pem(&spki).unwrap()),
            Box::new(jwe::ECDH_ES_A128KW.decrypter_from_pem(pem.expose()).unwrap()),
        ),
    };
    let mut header = JweHeader::new();
    header.set_content_encryption(encryption.name());
    let rs = peer_jwk(&jwk);
    let rs_public: jose_rs::jwk::Jwk = serde_json::from_str(&jwk.to_public_json().unwrap()).unwrap();
    let rs_encryption = match encryption {
        ContentEncryption::A256Gcm => jose_rs::JweEncryption::A256GCM,
        _ => jose_rs::JweEncryption::A128CbcHs256,
    };
    let theirs = jose_rs::jwe::compact::encrypt_with_jwk(&rs_public, &plaintext, rs_encryption);
    let rs_works = theirs.is_ok();
    let (mine, kits, rss) = (message.clone(), message.clone(), theirs.unwrap_or_default());
    let (for_kit, for_rs) = (plaintext.clone(), plaintext.clone());
    [
        Row {
            name: format!("{algorithm} + {encryption} encrypt"),
            contenders: vec![
                work(move || drop(black_box(public.encrypt_jwe(black_box(&plaintext), encryption).unwrap()))),
                work(move || drop(black_box(jwe::serialize_compact(black_box(&for_kit), &header, &*encrypter).unwrap()))),
                rs_works.then(|| -> Contender {
                    Box::new(move || {
                        drop(black_box(
                            jose_rs::jwe::compact::encrypt_with_jwk(&rs_public, black_box(&for_rs), rs_encryption).unwrap(),
                        ));
                    })
                }),
            ],
        },
        Row {
            name: format!("{algorithm} + {encryption} decrypt"),
            contenders: vec![
                work(move || drop(black_box(key.decrypt_jwe(black_box(&mine), &policy).unwrap()))),
                work(move || drop(black_box(jwe::deserialize_compact(black_box(&kits), &*decrypter).unwrap()))),
                rs_works.then(|| -> Contender {
                    Box::new(move || drop(black_box(jose_rs::jwe::compact::decrypt_with_jwk(&rs, black_box(&rss)).unwrap())))
                }),
            ],
        },
    ]
}

/// A set of a hundred keys costs the same as one.
pub fn sets() -> Vec<Option<Contender>> {
    let key = Key::generate(Algorithm::HS256).unwrap().with_kid("k0");
    let token = key.sign_jwt("JWT", &claims()).unwrap();
    let others = (1..100).map(|n| Key::generate(Algorithm::HS256).unwrap().with_kid(format!("k{n}")));
    let (one, hundred) = (KeySet::new([key.clone()]), KeySet::new(others.chain([key])));
    let verify = |set: KeySet, token: String| {
        let policy = Policy::new(&[Algorithm::HS256]).typ("JWT").issuer(ISSUER).audience(AUDIENCE);
        work(move || drop(black_box(set.verify_jwt::<Claims>(black_box(&token), &policy, SystemClock.now()).unwrap())))
    };
    vec![verify(one, token.clone()), verify(hundred, token)]
}
