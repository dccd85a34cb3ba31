//! One backend must not take what the other refuses: a token would be good on one machine and not on the next.
use authmint_jose::crypto::{AwsLc, Ciphers, Pure};

use super::*;

fn differ(name: &str, jwk: &str, differences: &mut Vec<String>) {
    let Ok(jwk) = Jwk::from_json(jwk) else { return };
    let (aws, pure) = (Key::with_backend(&jwk, &AwsLc).map(drop), Key::with_backend(&jwk, &Pure).map(drop));
    if aws.is_ok() != pure.is_ok() {
        differences.push(format!("{name}: AwsLc {aws:?}, Pure {pure:?}"));
    }
}

#[test]
fn s10_both_take_the_same_keys() {
    let mut found = Vec::new();
    let okp = |bytes: &[u8]| format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, base64url::encode(bytes));
    // AWS-LC loads what is no point as well; nothing verifies under it. Of what is a point, they agree.
    for seed in 0..64_u8 {
        let key = Key::generate(Algorithm::EdDSA).unwrap().public_jwk().unwrap();
        differ(&format!("Ed25519 {seed}"), &key, &mut found);
    }
    for last in [0x7f, 0xff] {
        for first in 0xec..=0xff_u8 {
            let mut point = [0xff; 32];
            point[0] = first;
            point[31] = last;
            let jwk = Jwk::from_json(&okp(&point)).and_then(|jwk| Key::with_backend(&jwk, &AwsLc));
            if let Ok(key) = jwk {
                let token =
                    format!("{}..{}", base64url::encode(br#"{"alg":"EdDSA"}"#), base64url::encode(&[1; 64]));
                assert!(key.verify_jws(&token, Algorithm::ALL).is_err());
            }
        }
    }
    let good: Value = serde_json::from_str(&rsa().public_jwk().unwrap()).unwrap();
    for (name, e) in [
        ("2^32+1", vec![1, 0, 0, 0, 1]),
        ("2^33+1", vec![2, 0, 0, 0, 1]),
        ("2^33-1", vec![1, 0xff, 0xff, 0xff, 0xff]),
        ("2^64+1", vec![1, 0, 0, 0, 0, 0, 0, 0, 1]),
        ("3", vec![3]),
        ("9", vec![9]),
        ("n", base64url::decode(good["n"].as_str().unwrap()).unwrap()),
    ] {
        let mut jwk = good.clone();
        jwk["e"] = json!(base64url::encode(&e));
        differ(&format!("RSA e = {name}"), &jwk.to_string(), &mut found);
    }
    let mut even = base64url::decode(good["n"].as_str().unwrap()).unwrap();
    even[255] &= 0xfe;
    let mut jwk = good.clone();
    jwk["n"] = json!(base64url::encode(&even));
    differ("RSA even n", &jwk.to_string(), &mut found);
    for length in [256, 257, 300, 513, 1023, 1024] {
        let mut n = vec![0xab; length];
        n[length - 1] = 1;
        jwk["n"] = json!(base64url::encode(&n));
        differ(&format!("RSA of {length} bytes"), &jwk.to_string(), &mut found);
    }
    let rsa: Vec<_> = found.iter().filter(|name| name.starts_with("RSA")).collect();
    assert!(
        found.is_empty(),
        "{} differences, of RSA {rsa:#?}, the first of the others {:?}",
        found.len(),
        found.first()
    );
}

#[test]
fn s10_both_take_the_same_signatures() {
    let mut found = Vec::new();
    let mut compare = |name: &str, jwk: &Jwk, token: &str| {
        let check =
            |key: Result<Key, Error>| key.and_then(|key| key.verify_jws(token, Algorithm::ALL)).is_ok();
        let (aws, pure) = (check(Key::with_backend(jwk, &AwsLc)), check(Key::with_backend(jwk, &Pure)));
        if aws != pure {
            found.push(format!("{name}: AwsLc {aws}, Pure {pure}"));
        }
    };
    for (bytes, name) in
        [(1_u8, "identity"), (0, "order 4"), (0xec, "order 2"), (0xee, "non-canonical identity")]
    {
        let mut point = [if bytes > 1 { 0xff } else { 0 }; 32];
        point[0] = bytes;
        if bytes > 1 {
            point[31] = 0x7f;
        }
        let jwk = Jwk::from_json(&format!(
            r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#,
            base64url::encode(&point)
        ));
        // Refused as keys, so that neither backend gets to say what it thinks of their signatures.
        assert!(jwk.is_err(), "{name}");
        let Ok(jwk) = jwk else { continue };
        for number in 0..8 {
            let mut signature = [0; 64];
            signature[0] = 1;
            let token = format!(
                "{}.{}.{}",
                base64url::encode(br#"{"alg":"EdDSA"}"#),
                base64url::encode(&[number]),
                base64url::encode(&signature)
            );
            compare(name, &jwk, &token);
        }
    }
    // ECDSA with n - s.
    for (algorithm, order) in [
        (Algorithm::ES256, "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"),
        (Algorithm::ES256K, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141"),
    ] {
        let order: Vec<u8> =
            (0..32).map(|at| u8::from_str_radix(&order[2 * at..2 * at + 2], 16).unwrap()).collect();
        let key = Key::generate(algorithm).unwrap();
        let token = key.sign_jws(b"hello").unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let mut bytes = base64url::decode(signature).unwrap();
        let mut borrow = 0_i16;
        for at in (0..32).rev() {
            let difference = i16::from(order[at]) - i16::from(bytes[32 + at]) - borrow;
            borrow = i16::from(difference < 0);
            bytes[32 + at] = (difference & 0xff) as u8;
        }
        let jwk = Jwk::from_json(&key.public_jwk().unwrap()).unwrap();
        compare(&format!("{algorithm} n - s"), &jwk, &format!("{input}.{}", base64url::encode(&bytes)));
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn s11_both_refuse_private_keys_that_disagree() {
    let good: Value = serde_json::from_str(rsa().export_private_jwk().unwrap().expose()).unwrap();
    let mut found = Vec::new();
    for member in ["n", "d", "p", "q", "dp", "dq", "qi"] {
        let mut bytes = base64url::decode(good[member].as_str().unwrap()).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 2;
        let mut changed = good.clone();
        changed[member] = json!(base64url::encode(&bytes));
        if Key::with_backend(&Jwk::from_json(&changed.to_string()).unwrap(), &Pure).is_ok() {
            found.push(member);
        }
    }
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn s47_no_length_panics_in_the_pure_backend() {
    for kek in [16, 24, 32] {
        for length in 0..100 {
            let _ = Pure.unwrap(&vec![1; kek], &vec![1; length]);
            let _ = Pure.decrypt_cbc(&vec![1; kek], [0; 16], &vec![1; length]);
            let _ = AwsLc.unwrap(&vec![1; kek], &vec![1; length]);
            let _ = AwsLc.decrypt_cbc(&vec![1; kek], [0; 16], &vec![1; length]);
        }
    }
}
