//! Signing and verifying a JWT of some 300 bytes beside jsonwebtoken and beside the bare primitive with a parsed key.
//!
//! The three are timed in turns, so that a busy machine is unfair to all alike; the medians are compared.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use authmint_jose::{Algorithm, Clock, Key, KeySet, Policy, SystemClock, base64url};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, ParsedPublicKey, RsaKeyPair};
use aws_lc_rs::{hmac, rsa::KeySize};
use jsonwebtoken as peer;
use serde::{Deserialize, Serialize};

const ISSUER: &str = "https://login.example.com";
const AUDIENCE: &str = "https://api.example.com";
/// Rounds of which the median is taken.
const ROUNDS: usize = 15;
/// How long one round of one contender takes.
const SLICE: Duration = Duration::from_millis(40);

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

type Work<'a> = Box<dyn Fn() + 'a>;

fn claims() -> Claims {
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

/// Nanoseconds for one call.
fn time(work: &Work<'_>) -> f64 {
    let mut calls = 0_u32;
    let begun = Instant::now();
    while begun.elapsed() < SLICE {
        for _ in 0..8 {
            work();
        }
        calls += 8;
    }
    begun.elapsed().as_nanos() as f64 / f64::from(calls)
}

/// The median of each contender, timed in turns.
fn race<const N: usize>(works: &[Work<'_>; N]) -> [f64; N] {
    let rounds: Vec<[f64; N]> =
        (0..ROUNDS).map(|_| std::array::from_fn(|index| time(&works[index]))).collect();
    std::array::from_fn(|index| {
        let mut times: Vec<f64> = rounds.iter().map(|round| round[index]).collect();
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}

fn report(name: &str, [ours, peers, limit]: [f64; 3]) {
    let per_second = |nanoseconds: f64| 1e9 / nanoseconds;
    println!(
        "| {name} | {:.0} | {:.0} | {:.0} | {:.2} | {:.1} % | {:.0} ns |",
        per_second(ours),
        per_second(peers),
        per_second(limit),
        peers / ours,
        100.0 * limit / ours,
        ours - limit
    );
}

type Sign = Box<dyn Fn(&[u8]) -> Vec<u8>>;
type Verify = Box<dyn Fn(&[u8], &[u8]) -> bool>;

struct Contest {
    algorithm: Algorithm,
    key: Key,
    peer_algorithm: peer::Algorithm,
    encoding: peer::EncodingKey,
    decoding: peer::DecodingKey,
    sign: Sign,
    verify: Verify,
}

impl Contest {
    fn run(&self) {
        let claims = claims();
        let now = SystemClock.now();
        let header = peer::Header::new(self.peer_algorithm);
        let token = self.key.sign_jwt("JWT", &claims).unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = base64url::decode(signature).unwrap();
        assert!((self.verify)(input.as_bytes(), &signature), "the bare primitive agrees");
        let policy = Policy::new(&[self.algorithm]).typ("JWT").issuer(ISSUER).audience(AUDIENCE);
        let mut validation = peer::Validation::new(self.peer_algorithm);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        assert!(peer::decode::<Claims>(&token, &self.decoding, &validation).is_ok(), "the peer agrees");

        let sign = race::<3>(&[
            Box::new(|| drop(black_box(self.key.sign_jwt("JWT", black_box(&claims)).unwrap()))),
            Box::new(|| drop(black_box(peer::encode(&header, black_box(&claims), &self.encoding).unwrap()))),
            Box::new(|| drop(black_box((self.sign)(black_box(input.as_bytes()))))),
        ]);
        report(&format!("{} sign", self.algorithm), sign);
        let verify = race::<3>(&[
            Box::new(|| {
                drop(black_box(self.key.verify_jwt::<Claims>(black_box(&token), &policy, now).unwrap()));
            }),
            Box::new(|| {
                drop(black_box(
                    peer::decode::<Claims>(black_box(&token), &self.decoding, &validation).unwrap(),
                ));
            }),
            Box::new(|| assert!((self.verify)(black_box(input.as_bytes()), black_box(&signature)))),
        ]);
        report(&format!("{} verify", self.algorithm), verify);
    }
}

fn hs256() -> Contest {
    let secret = [7; 32];
    let bare = hmac::Key::new(hmac::HMAC_SHA256, &secret);
    let checking = bare.clone();
    Contest {
        algorithm: Algorithm::HS256,
        key: Key::from_secret(&secret, Algorithm::HS256).unwrap(),
        peer_algorithm: peer::Algorithm::HS256,
        encoding: peer::EncodingKey::from_secret(&secret),
        decoding: peer::DecodingKey::from_secret(&secret),
        sign: Box::new(move |message| hmac::sign(&bare, message).as_ref().to_vec()),
        verify: Box::new(move |message, tag| hmac::verify(&checking, message, tag).is_ok()),
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", data_encoding::BASE64.encode(der))
}

fn rs256() -> Contest {
    use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let pkcs8: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let private = pem("PRIVATE KEY", pkcs8.as_ref());
    let public = pem("PUBLIC KEY", spki.as_ref());
    let parsed =
        ParsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref()).unwrap();
    Contest {
        algorithm: Algorithm::RS256,
        key: Key::from_pem(&private, Algorithm::RS256).unwrap(),
        peer_algorithm: peer::Algorithm::RS256,
        encoding: peer::EncodingKey::from_rsa_pem(private.as_bytes()).unwrap(),
        decoding: peer::DecodingKey::from_rsa_pem(public.as_bytes()).unwrap(),
        sign: Box::new(move |message| {
            let mut signature = vec![0; 256];
            pair.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
            signature
        }),
        verify: Box::new(move |message, signature| parsed.verify_sig(message, signature).is_ok()),
    }
}

fn es256() -> Contest {
    use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
    let signing = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(signing, &SystemRandom::new()).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(signing, pkcs8.as_ref()).unwrap();
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let private = pem("PRIVATE KEY", pkcs8.as_ref());
    let public = pem("PUBLIC KEY", spki.as_ref());
    let parsed =
        ParsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref()).unwrap();
    Contest {
        algorithm: Algorithm::ES256,
        key: Key::from_pem(&private, Algorithm::ES256).unwrap(),
        peer_algorithm: peer::Algorithm::ES256,
        encoding: peer::EncodingKey::from_ec_pem(private.as_bytes()).unwrap(),
        decoding: peer::DecodingKey::from_ec_pem(public.as_bytes()).unwrap(),
        sign: Box::new(move |message| pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()),
        verify: Box::new(move |message, signature| parsed.verify_sig(message, signature).is_ok()),
    }
}

fn eddsa() -> Contest {
    use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
    let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let private = pem("PRIVATE KEY", pkcs8.as_ref());
    let public = pem("PUBLIC KEY", spki.as_ref());
    let parsed = ParsedPublicKey::new(&signature::ED25519, pair.public_key().as_ref()).unwrap();
    Contest {
        algorithm: Algorithm::EdDSA,
        key: Key::from_pem(&private, Algorithm::EdDSA).unwrap(),
        peer_algorithm: peer::Algorithm::EdDSA,
        encoding: peer::EncodingKey::from_ed_pem(private.as_bytes()).unwrap(),
        decoding: peer::DecodingKey::from_ed_pem(public.as_bytes()).unwrap(),
        sign: Box::new(move |message| pair.sign(message).as_ref().to_vec()),
        verify: Box::new(move |message, signature| parsed.verify_sig(message, signature).is_ok()),
    }
}

/// A set of a hundred keys costs the same as one.
fn sets() {
    let key = Key::generate(Algorithm::HS256).unwrap().with_kid("k0");
    let token = key.sign_jwt("JWT", &claims()).unwrap();
    let others = (1..100).map(|n| Key::generate(Algorithm::HS256).unwrap().with_kid(format!("k{n}")));
    let (one, hundred) = (KeySet::new([key.clone()]), KeySet::new(others.chain([key])));
    let policy = Policy::new(&[Algorithm::HS256]).typ("JWT").issuer(ISSUER).audience(AUDIENCE);
    let now = SystemClock.now();
    let verify =
        |set: &KeySet| drop(black_box(set.verify_jwt::<Claims>(black_box(&token), &policy, now).unwrap()));
    let [one, hundred] = race::<2>(&[Box::new(|| verify(&one)), Box::new(|| verify(&hundred))]);
    println!(
        "\nHS256 verify by a set of 1 key: {one:.0} ns; of 100 keys: {hundred:.0} ns; ratio {:.2}",
        hundred / one
    );
}

fn main() {
    println!(
        "| | authmint /s | jsonwebtoken /s | bare primitive /s | × jsonwebtoken | of the limit | above the limit |"
    );
    println!("|---|---|---|---|---|---|---|");
    for contest in [hs256(), rs256(), es256(), eddsa()] {
        contest.run();
    }
    sets();
}
