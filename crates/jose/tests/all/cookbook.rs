//! The signature examples of RFC 7520 and RFC 8037, from ietf-jose/cookbook.

use authmint_jose::{Algorithm, Key};

use crate::support::{read, vectors};

#[test]
fn compact_signatures_verify_and_deterministic_ones_are_reproduced() {
    let Some(folder) = vectors() else { return };
    for (file, deterministic) in [
        ("cookbook/jws/4_1.rsa_v15_signature.json", true),
        ("cookbook/jws/4_2.rsa-pss_signature.json", false),
        ("cookbook/jws/4_3.ecdsa_signature.json", false),
        ("cookbook/jws/4_4.hmac-sha2_integrity_protection.json", true),
        ("cookbook/curve25519/jws.json", true),
    ] {
        let example = read(&folder, file);
        let algorithm: Algorithm = example["input"]["alg"].as_str().unwrap().parse().unwrap();
        let key =
            Key::from_jwk(&example["input"]["key"].to_string()).unwrap().with_algorithm(algorithm).unwrap();
        let payload = example["input"]["payload"].as_str().unwrap().as_bytes();
        let compact = example["output"]["compact"].as_str().unwrap();
        assert_eq!(key.verify_jws(compact, &[algorithm]).unwrap().payload, payload, "{file}");
        if deterministic {
            let ours = key.sign_jws(payload).unwrap();
            assert_eq!(ours.split('.').count(), 3);
            assert_eq!(key.verify_jws(&ours, &[algorithm]).unwrap().payload, payload, "{file}");
        }
    }
}
