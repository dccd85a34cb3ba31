//! What is allocated: little for what is hostile, next to nothing for what was seen before.
//!
//! The allocator counts per thread, so that tests don't count each other.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use allocation_counter::measure;
use authmint_jose::{
    Algorithm, ContentEncryption, EncryptionKey, EncryptionKeySet, JweBuilder, JwePolicy, Jwk, JwsPolicy,
    Key, KeyManagement, KeySet, SealingKey, base64url, peek_unverified,
};
use serde_json::Value;

const MIB: usize = 1024 * 1024;

/// No parser may hold more at once than this many bytes for each byte that it was given...
const PER_BYTE: usize = 32;
/// ...and this many whatever it was given: small inputs take their share of tables and buffers.
const AT_LEAST: usize = 64 * 1024;

/// The most bytes that were held at once.
fn peak(run: impl FnOnce()) -> usize {
    usize::try_from(measure(run).bytes_max).unwrap()
}

fn decryption() -> (EncryptionKeySet, JwePolicy) {
    let secret = |bytes: &[u8], algorithm| EncryptionKey::from_secret(bytes, algorithm).unwrap();
    let keys = EncryptionKeySet::new([
        secret(&[7; 16], KeyManagement::Dir),
        secret(&[7; 16], KeyManagement::A128Kw),
    ]);
    (keys, JwePolicy::new(KeyManagement::ALL, ContentEncryption::ALL))
}

/// Every parser, with what it holds at its peak.
fn peaks(input: &[u8]) -> Vec<(&'static str, usize)> {
    let text = String::from_utf8_lossy(input);
    let text = &*text;
    let keys = KeySet::from(Key::from_secret(&[7; 32], Algorithm::HS256).unwrap());
    let signatures = JwsPolicy::new(Algorithm::ALL).accept_unencoded().any_signature();
    let (decryption, policy) = decryption();
    let sealing = SealingKey::generate().unwrap();
    vec![
        ("a JWK", peak(|| drop(Jwk::from_json(text)))),
        ("PEM", peak(|| drop(Jwk::from_pem(text)))),
        ("encrypted PEM", peak(|| drop(Jwk::from_encrypted_pem(text, b"x")))),
        ("DER", peak(|| drop(Jwk::from_der(input)))),
        ("OpenSSH", peak(|| drop(Jwk::from_openssh(text)))),
        ("a secret", peak(|| drop(Jwk::from_secret(input)))),
        ("a JWK set", peak(|| drop(KeySet::from_jwks(text)))),
        ("a JWK set for encryption", peak(|| drop(EncryptionKeySet::from_jwks(text)))),
        ("a JWS", peak(|| drop(keys.verify_jws(text, Algorithm::ALL)))),
        ("a JWS of a JSON form", peak(|| drop(keys.verify_jws_json(text, &signatures)))),
        ("a detached JWS", peak(|| drop(keys.verify_detached_jws(text, b"x", &signatures)))),
        ("a JWT, unverified", peak(|| drop(peek_unverified::<Value>(text)))),
        ("a JWE", peak(|| drop(decryption.decrypt_jwe(text, &policy)))),
        ("a JWE of a JSON form", peak(|| drop(decryption.decrypt_jwe_json(text, &policy)))),
        ("a sealed value", peak(|| drop(sealing.open("x", text)))),
    ]
}

fn assert_small(shape: &str, input: &[u8]) {
    for (parser, peak) in peaks(input) {
        let most = AT_LEAST.max(PER_BYTE * input.len());
        assert!(peak <= most, "{shape}, {} bytes: {parser} held {peak} bytes, {most} at most", input.len());
    }
}

/// `before`, then `piece` as often as it fits into `length`, then `after`.
fn filled(length: usize, before: &str, piece: &str, after: &str) -> String {
    let room = length.saturating_sub(before.len() + after.len());
    format!("{before}{}{after}", piece.repeat(room / piece.len()))
}

/// Members of a JSON object, each with a name of its own.
fn members(count: usize, from: &str) -> String {
    (0..count).map(|at| format!("\"{from}{at}\":0,")).collect::<Vec<_>>().concat()
}

/// Each at the longest that its parser looks at, and at 1 MiB.
#[test]
fn s05_what_is_held_is_bounded_by_what_was_given() {
    for length in [16 * 1024, 64 * 1024, 256 * 1024, MIB] {
        let shapes = [
            ("deep arrays", filled(length, "", "[", "")),
            ("deep objects", filled(length, "", "{\"a\":", "")),
            ("many members", format!("{{{}\"z\":0}}", members(length / 10, ""))),
            ("many dots", filled(length, "", ".", "")),
            ("one segment", filled(length, "", "A", "")),
            ("many keys", filled(length, "{\"keys\":[", "{},", "{}]}")),
            ("many numbers for keys", filled(length, "{\"keys\":[", "1,", "1]}")),
            ("many secrets", filled(length, "{\"keys\":[", "{\"kty\":\"oct\",\"k\":\"AAAA\"},", "{}]}")),
            ("many operations", filled(length, "{\"kty\":\"oct\",\"key_ops\":[", "\"\",", "\"\"]}")),
            ("one long member", filled(length, "{\"kty\":\"oct\",\"k\":\"", "A", "\"}")),
            (
                "many signatures",
                filled(
                    length,
                    "{\"payload\":\"\",\"signatures\":[",
                    "{\"signature\":\"\"},",
                    "{\"signature\":\"\"}]}",
                ),
            ),
            ("many recipients", filled(length, "{\"ciphertext\":\"\",\"recipients\":[", "{},", "{}]}")),
            ("escapes", filled(length, "{\"kty\":\"", "\\u0041", "\"}")),
            ("one word", filled(length, "", "ssh-rsa ", "")),
            ("PEM", filled(length, "-----BEGIN PUBLIC KEY-----\n", "MIIB", "\n-----END PUBLIC KEY-----")),
            ("zeros", "\0".repeat(length)),
        ];
        for (shape, input) in shapes {
            assert_small(shape, input.as_bytes());
        }
        let der: Vec<u8> = [0x30, 0x84, 0xff, 0xff, 0xff, 0xff].into_iter().cycle().take(length).collect();
        assert_small("DER that promises more", &der);
    }
}

/// Headers are read into maps; recipients share what is not their own.
#[test]
fn s05_s07_headers_and_recipients_are_bounded_together() {
    let header = |inner: &str| {
        base64url::encode(format!("{{{inner}\"alg\":\"A128KW\",\"enc\":\"A128GCM\"}}").as_bytes())
    };
    let token = format!("{}.AA.AA.AA.AA", header(&members(600, "")));
    assert_small("many parameters of a JWE", token.as_bytes());
    let token = format!(
        "{}.AA.AA",
        base64url::encode(format!("{{{}\"alg\":\"HS256\"}}", members(300, "")).as_bytes())
    );
    assert_small("many parameters of a JWS", token.as_bytes());
    let recipients = vec!["{\"encrypted_key\":\"AAAA\"}"; 16].join(",");
    let message = format!(
        "{{\"protected\":\"{}\",\"unprotected\":{{{}\"y\":0}},\"recipients\":[{recipients}],\"ciphertext\":\"AA\"}}",
        header(&members(600, "")),
        members(800, "x"),
    );
    assert_small("many parameters for many recipients", message.as_bytes());
}

#[test]
fn s06_inflation_holds_no_more_than_the_bound() {
    let key = EncryptionKey::from_secret(&[7; 16], KeyManagement::Dir).unwrap();
    let bomb =
        JweBuilder::new(ContentEncryption::A128Gcm).compress().encrypt(&key, &vec![0; 32 * MIB]).unwrap();
    assert!(bomb.len() < 64 * 1024);
    let policy = JwePolicy::new(&[KeyManagement::Dir], &[ContentEncryption::A128Gcm]);
    for bound in [1_024, 64 * 1024, 256 * 1024] {
        let policy = policy.clone().max_plaintext(bound);
        let held = peak(|| assert!(key.decrypt_jwe(&bomb, &policy).is_err()));
        // The buffer doubles past the bound once, and what it was and what it becomes are held together.
        assert!(held <= 4 * bound + 4 * bomb.len() + AT_LEAST, "{bound}: {held} held");
    }
}

/// The header is remembered; what is left is one buffer, for the decoded signature and then for the payload.
#[test]
fn a_token_seen_before_costs_one_allocation() {
    for algorithm in [Algorithm::HS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256] {
        let key = Key::generate(algorithm).unwrap().with_kid("k");
        let token = key.sign_jws(&[7; 300]).unwrap();
        let verifier = if algorithm.is_symmetric() { key } else { key.public().unwrap() };
        let keys = KeySet::from(verifier.clone());
        let verify = || drop(verifier.verify_jws(&token, &[algorithm]).unwrap());
        let find = || drop(keys.verify_jws(&token, &[algorithm]).unwrap());
        let first = measure(verify).count_total;
        measure(find);
        for again in [measure(verify), measure(find)] {
            assert_eq!(again.bytes_current, 0, "{algorithm}: something stays");
            assert!(again.count_total < first, "{algorithm}: {} at first, then {}", first, again.count_total);
            // The Rust backend's big numbers are allocated; AWS-LC's are not Rust's to count.
            if cfg!(feature = "aws-lc") || !matches!(algorithm, Algorithm::RS256) {
                assert_eq!(again.count_total, 1, "{algorithm}");
            }
        }
    }
}
