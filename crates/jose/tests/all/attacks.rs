//! Rows S01 to S05, S10, S14 to S19 of the threat table.

use authmint_jose::{
    Algorithm, Audience, Error, Key, KeySet, Policy, SealingKey, Secret, base64url, constant_time_eq,
};
use serde_json::{Value, json};

use crate::support::{NOW, claims, forge, keys, policy, rsa};

fn verify(key: &Key, token: &str) -> Result<Value, Error> {
    key.verify_jwt::<Value>(token, &policy(), NOW).map(|jwt| jwt.claims)
}

fn hmac() -> Key {
    Key::generate(Algorithm::HS256).unwrap()
}

#[test]
fn s01_alg_none_is_refused_for_every_key_in_any_case() {
    let payload = base64url::encode(claims().to_string().as_bytes());
    for key in keys() {
        let good = key.sign_jwt("JWT", &claims()).unwrap();
        assert!(verify(&key, &good).is_ok());
        let signature = good.rsplit('.').next().unwrap();
        for header in [
            json!({ "alg": "none", "typ": "JWT" }),
            json!({ "alg": "None", "typ": "JWT" }),
            json!({ "alg": "nOnE", "typ": "JWT" }),
            json!({ "alg": "", "typ": "JWT" }),
            json!({ "typ": "JWT" }),
        ] {
            let header = base64url::encode(header.to_string().as_bytes());
            for signature in ["", signature] {
                let token = format!("{header}.{payload}.{signature}");
                assert_eq!(verify(&key, &token), Err(Error::AlgorithmNotAllowed));
            }
        }
        let unsigned = format!("{}.", good.rsplit_once('.').unwrap().0);
        assert_eq!(verify(&key, &unsigned), Err(Error::BadSignature));
    }
}

#[test]
fn s02_a_public_key_cannot_become_an_hmac_secret() {
    let rsa = rsa().with_kid("k");
    let jwk = rsa.public_jwk().unwrap();
    let pem = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n";
    let der = rsa.to_jwk().to_public_der(authmint_jose::PublicForm::Spki).unwrap();
    for secret in [
        pem.as_bytes(),
        format!("\n  {pem}").as_bytes(),
        b"-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUf0000000000000\n-----END CERTIFICATE-----",
        b"-----BEGIN RSA PUBLIC KEY-----\nMIIBCgKCAQEA0000000000000000000000\n-----END RSA PUBLIC KEY-----",
        b"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC0000000000000000000000000000 me@host",
        b"ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBB me@host",
        b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me@host",
        jwk.as_bytes(),
        &der,
    ] {
        assert!(
            matches!(Key::from_secret(secret, Algorithm::HS256), Err(Error::InvalidKey(_))),
            "{secret:?}"
        );
    }
    // A public key never verifies what was MACed with its own bytes, whatever the caller allows.
    let attacker = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, jwk.as_bytes());
    let header = base64url::encode(br#"{"alg":"HS256","typ":"JWT","kid":"k"}"#);
    let input = format!("{header}.{}", base64url::encode(claims().to_string().as_bytes()));
    let token =
        format!("{input}.{}", base64url::encode(aws_lc_rs::hmac::sign(&attacker, input.as_bytes()).as_ref()));
    let public = rsa.public().unwrap();
    assert_eq!(verify(&public, &token), Err(Error::KeyMismatch));
    let set = KeySet::new([public]);
    assert_eq!(set.verify_jwt::<Value>(&token, &policy(), NOW).unwrap_err(), Error::KeyMismatch);
}

#[test]
fn s02_header_key_and_list_must_all_agree() {
    let key = Key::generate(Algorithm::ES256).unwrap();
    let token = key.sign_jwt("JWT", &claims()).unwrap();
    let only = |algorithm| Policy::new(&[algorithm]).typ("JWT").any_issuer().any_audience();
    assert!(key.verify_jwt::<Value>(&token, &only(Algorithm::ES256), NOW).is_ok());
    let refused = key.verify_jwt::<Value>(&token, &only(Algorithm::RS256), NOW).unwrap_err();
    assert_eq!(refused, Error::AlgorithmNotAllowed);
    let rs = rsa();
    let ps = rs.export_private_jwk().unwrap().expose().replace("RS256", "PS256");
    let ps = Key::from_jwk(&ps).unwrap();
    assert_eq!(verify(&rs, &ps.sign_jwt("JWT", &claims()).unwrap()), Err(Error::KeyMismatch));
}

#[test]
fn s03_a_key_in_the_header_is_never_used() {
    let (trusted, attacker) = (hmac().with_kid("trusted"), hmac());
    let jwk: Value = serde_json::from_str(attacker.export_private_jwk().unwrap().expose()).unwrap();
    for (name, value) in [
        ("jwk", jwk.clone()),
        ("jku", json!("https://evil.example/jwks")),
        ("x5u", json!("https://evil.example/cert")),
        ("x5c", json!(["MIIB"])),
    ] {
        for kid in ["trusted", "../../etc/passwd", "x' OR 1=1 --"] {
            let header = json!({ "alg": "HS256", "typ": "JWT", "kid": kid, name: value });
            let token = forge(&attacker, &header.to_string(), &claims().to_string());
            let set = KeySet::new([trusted.clone()]);
            let error = set.verify_jwt::<Value>(&token, &policy(), NOW).unwrap_err();
            assert_eq!(error, if kid == "trusted" { Error::BadSignature } else { Error::UnknownKey });
        }
    }
}

#[test]
fn s04_crit_is_refused_though_the_signature_is_valid() {
    let key = hmac();
    for crit in [
        json!(["unknown"]),
        json!([]),
        json!(["exp", "exp"]),
        json!(["alg"]),
        json!(["b64"]),
        json!("exp"),
        json!(null),
        json!({}),
    ] {
        let header = json!({ "alg": "HS256", "typ": "JWT", "crit": crit, "unknown": 1, "exp": 1 });
        let token = forge(&key, &header.to_string(), &claims().to_string());
        assert_eq!(verify(&key, &token), Err(Error::CriticalHeader), "{crit}");
    }
}

#[test]
fn s17_an_unencoded_payload_is_refused() {
    let key = hmac();
    for b64 in [json!(false), json!(true)] {
        let token = forge(
            &key,
            &json!({ "alg": "HS256", "typ": "JWT", "b64": b64 }).to_string(),
            &claims().to_string(),
        );
        assert_eq!(verify(&key, &token), Err(Error::CriticalHeader));
    }
}

#[test]
fn s05_size_dots_and_depth_are_bounded_before_anything_is_decoded() {
    let key = hmac();
    let huge = "A".repeat(100 * 1024);
    assert_eq!(verify(&key, &huge), Err(Error::TooLong("the token")));
    assert_eq!(verify(&key, &format!("{}.e30.AA", "A".repeat(5000))), Err(Error::TooLong("the header")));
    for token in ["", ".", "..", "a.b", &".".repeat(60_000), "a.b.c.d.e"] {
        assert!(verify(&key, token).is_err());
    }
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, &deep);
    assert!(matches!(verify(&key, &token), Err(Error::Malformed { .. })));
    let deep_header = format!(r#"{{"alg":"HS256","typ":"JWT","a":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    let token = forge(&key, &deep_header, &claims().to_string());
    assert!(matches!(verify(&key, &token), Err(Error::Malformed { .. })));
}

#[test]
fn s05_no_member_may_be_named_twice() {
    let key = hmac();
    let twice = r#"{"iss":"https://op.example","aud":"api","exp":1000600,"sub":"a","sub":"b"}"#;
    let nested = r#"{"iss":"https://op.example","aud":"api","exp":1000600,"act":{"sub":"a","\u0073ub":"b"}}"#;
    for payload in [twice, nested] {
        let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, payload);
        assert_eq!(verify(&key, &token), Err(Error::DuplicateMember("the claims set")));
    }
    let token = forge(&key, r#"{"alg":"HS256","typ":"JWT","alg":"HS256"}"#, &claims().to_string());
    assert_eq!(verify(&key, &token), Err(Error::DuplicateMember("the header")));
    assert_eq!(
        Key::from_jwk(r#"{"kty":"oct","kty":"oct","k":"AA"}"#).unwrap_err(),
        Error::DuplicateMember("the JWK")
    );
    let many = (0..300).map(|n| format!(r#""c{n}":{n},"#)).collect::<Vec<_>>().concat();
    let payload = format!(r#"{{{many}"iss":"https://op.example","aud":"api","exp":1000600,"c17":0}}"#);
    let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, &payload);
    assert_eq!(verify(&key, &token), Err(Error::DuplicateMember("the claims set")));
}

#[test]
fn s05_errors_never_carry_the_token() {
    let key = hmac();
    let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"secret":"hunter2","exp":"hunter2"}"#);
    for token in [token.clone(), token.replace('.', ",hunter2."), format!("{token}.hunter2")] {
        let error = verify(&key, &token).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

#[test]
fn s10_signatures_of_wrong_form_are_refused() {
    for key in keys() {
        let token = key.sign_jwt("JWT", &claims()).unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let raw = base64url::decode(signature).unwrap();
        let zeros = vec![0; raw.len()];
        let mut longer = raw.clone();
        longer.push(0);
        for forged in [&zeros[..], &longer, &raw[1..], &raw[..raw.len() - 1], &[0x30, 0x06, 2, 1, 0, 2, 1, 0]]
        {
            let token = format!("{input}.{}", base64url::encode(forged));
            assert_eq!(verify(&key, &token), Err(Error::BadSignature), "{:?}", key.algorithm());
        }
    }
}

#[test]
fn s10_base64_has_one_spelling() {
    let key = hmac();
    let token = key.sign_jwt("JWT", &claims()).unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    // A MAC of 32 bytes ends in a character of which four bits count: the others must be zero.
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = alphabet.find(signature.chars().last().unwrap()).unwrap();
    let stray = alphabet.chars().nth(last + 1).unwrap();
    let stray = format!("{}{stray}", &signature[..signature.len() - 1]);
    for signature in [
        format!("{signature}="),
        format!("{signature} "),
        format!("{signature}\n"),
        format!(" {signature}"),
        stray,
    ] {
        assert!(verify(&key, &format!("{input}.{signature}")).is_err(), "{signature:?}");
    }
    let (header, rest) = token.split_once('.').unwrap();
    assert!(verify(&key, &format!("{header}=.{rest}")).is_err());
}

#[test]
fn s14_issuer_and_audience_are_compared_exactly() {
    let key = hmac();
    for issuer in
        ["https://op.example/", "https://op.exampl", "HTTPS://op.example", "https://op.example.evil", ""]
    {
        let mut claims = claims();
        claims["iss"] = json!(issuer);
        assert_eq!(verify(&key, &key.sign_jwt("JWT", &claims).unwrap()), Err(Error::WrongIssuer), "{issuer}");
    }
    for audience in [
        json!("API"),
        json!("ap"),
        json!("apis"),
        json!("x api y"),
        json!(["apis", "ap"]),
        json!([]),
        json!(["api "]),
    ] {
        let mut claims = claims();
        claims["aud"] = audience.clone();
        assert_eq!(
            verify(&key, &key.sign_jwt("JWT", &claims).unwrap()),
            Err(Error::WrongAudience),
            "{audience}"
        );
    }
    let mut several = claims();
    several["aud"] = json!(["other", "api"]);
    let token = key.sign_jwt("JWT", &several).unwrap();
    assert!(verify(&key, &token).is_ok());
    let sole = Policy::new(Algorithm::ALL).typ("JWT").any_issuer().sole_audience("api");
    assert_eq!(key.verify_jwt::<Value>(&token, &sole, NOW).unwrap_err(), Error::WrongAudience);
}

#[test]
fn s15_every_use_fixes_its_type_and_a_silent_policy_refuses() {
    let key = hmac();
    let token = key.sign_jwt("at+jwt", &claims()).unwrap();
    assert_eq!(verify(&key, &token), Err(Error::WrongType));
    let at = |typ: &str| Policy::new(Algorithm::ALL).typ(typ).any_issuer().any_audience();
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        assert!(key.verify_jwt::<Value>(&token, &at(typ), NOW).is_ok(), "{typ}");
    }
    for typ in ["", "jwt", "at+jwt2", "text/at+jwt"] {
        assert_eq!(key.verify_jwt::<Value>(&token, &at(typ), NOW).unwrap_err(), Error::WrongType, "{typ}");
    }
    let untyped = forge(&key, r#"{"alg":"HS256"}"#, &claims().to_string());
    assert_eq!(verify(&key, &untyped), Err(Error::WrongType));
    let lenient = Policy::new(Algorithm::ALL).typ_or_absent("JWT").any_issuer().any_audience();
    assert!(key.verify_jwt::<Value>(&untyped, &lenient, NOW).is_ok());
    assert_eq!(key.verify_jwt::<Value>(&token, &lenient, NOW).unwrap_err(), Error::WrongType);

    let token = key.sign_jwt("JWT", &claims()).unwrap();
    for silent in [
        Policy::new(Algorithm::ALL),
        Policy::new(Algorithm::ALL).typ("JWT"),
        Policy::new(Algorithm::ALL).typ("JWT").any_issuer(),
        Policy::new(Algorithm::ALL).typ("JWT").any_audience(),
        Policy::new(Algorithm::ALL).any_issuer().any_audience(),
    ] {
        let error = key.verify_jwt::<Value>(&token, &silent, NOW).unwrap_err();
        assert!(matches!(error, Error::PolicyIncomplete(_)), "{error}");
    }
}

#[test]
fn s16_kid_algorithm_and_use_must_all_fit() {
    let signer = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    let token = signer.sign_jwt("JWT", &claims()).unwrap();
    let check = |keys: Vec<Key>| KeySet::new(keys).verify_jwt::<Value>(&token, &policy(), NOW).map(drop);
    assert!(check(vec![signer.public().unwrap()]).is_ok());
    // The right kid on a key of another algorithm.
    assert_eq!(check(vec![Key::generate(Algorithm::EdDSA).unwrap().with_kid("k")]), Err(Error::KeyMismatch));
    // Two keys of one name: the fitting one is found.
    let other = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    let wrong_kind = Key::generate(Algorithm::HS256).unwrap().with_kid("k");
    assert!(check(vec![wrong_kind, other.public().unwrap(), signer.public().unwrap()]).is_ok());
    // Of many keys of one name only a few are tried.
    let crowd = (0..8)
        .map(|_| Key::generate(Algorithm::ES256).unwrap().with_kid("k"))
        .chain([signer.clone()])
        .collect();
    assert_eq!(check(crowd), Err(Error::BadSignature));
    assert_eq!(check(vec![signer.clone().with_kid("other")]), Err(Error::UnknownKey));
    // A key without a name is asked by itself; among others, it is not the one that is named.
    let nameless = || {
        let jwk: Value = serde_json::from_str(&signer.public_jwk().unwrap()).unwrap();
        let members = jwk.as_object().unwrap().iter().filter(|(name, _)| *name != "kid");
        Key::from_jwk(
            &Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect()).to_string(),
        )
        .unwrap()
    };
    assert!(check(vec![nameless()]).is_ok());
    assert_eq!(check(vec![Key::generate(Algorithm::ES256).unwrap()]), Err(Error::BadSignature));
    assert_eq!(check(vec![nameless(), nameless()]), Err(Error::UnknownKey));
    assert_eq!(check(vec![nameless(), signer.clone().with_kid("other")]), Err(Error::UnknownKey));
}

#[test]
fn s16_use_and_key_ops_are_obeyed() {
    let mut jwk: Value =
        serde_json::from_str(Key::generate(Algorithm::ES256).unwrap().export_private_jwk().unwrap().expose())
            .unwrap();
    let with = |name: &str, value: Value| {
        let mut jwk = jwk.clone();
        jwk[name] = value;
        Key::from_jwk(&jwk.to_string())
    };
    assert_eq!(with("use", json!("enc")).unwrap_err(), Error::KeyMismatch);
    assert!(matches!(with("key_ops", json!(["encrypt"])).unwrap_err(), Error::InvalidKey(_)));
    assert!(matches!(with("key_ops", json!(["verify", "verify"])).unwrap_err(), Error::InvalidKey(_)));
    assert_eq!(with("key_ops", json!([])).unwrap_err(), Error::KeyMismatch);
    assert!(!with("key_ops", json!(["verify"])).unwrap().can_sign());
    assert_eq!(
        with("key_ops", json!(["verify"])).unwrap().sign_jwt("JWT", &claims()).unwrap_err(),
        Error::KeyMismatch
    );
    assert_eq!(with("alg", json!("ES384")).unwrap_err(), Error::KeyMismatch);
    jwk["d"] = Value::Null;
    let token_of = Key::generate(Algorithm::HS256).unwrap();
    let mut secret: Value = serde_json::from_str(token_of.export_private_jwk().unwrap().expose()).unwrap();
    secret["key_ops"] = json!(["sign"]);
    let sign_only = Key::from_jwk(&secret.to_string()).unwrap();
    assert_eq!(verify(&sign_only, &sign_only.sign_jwt("JWT", &claims()).unwrap()), Err(Error::KeyMismatch));
}

#[test]
fn s18_nothing_secret_is_printed() {
    for key in keys() {
        let jwk: Value = serde_json::from_str(key.export_private_jwk().unwrap().expose()).unwrap();
        let printed = format!("{key:?} {:?}", KeySet::new([key.clone()]));
        for member in ["k", "d", "p", "q", "dp", "dq", "qi"] {
            if let Some(secret) = jwk[member].as_str() {
                assert!(!printed.contains(secret), "{member}");
            }
        }
        if let Ok(public) = key.public_jwk() {
            let public: Value = serde_json::from_str(&public).unwrap();
            assert!(
                ["k", "d", "p", "q", "dp", "dq", "qi"].iter().all(|member| public.get(*member).is_none())
            );
        }
    }
    let sealing = SealingKey::generate().unwrap();
    assert!(!format!("{sealing:?}").contains(sealing.export().expose()));
    assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(***)");
    assert_eq!(KeySet::new([hmac()]).to_public_jwks(), r#"{"keys":[]}"#);
}

#[test]
fn s19_comparisons_look_at_everything() {
    assert!(constant_time_eq(b"abc", b"abc"));
    for other in [&b"abd"[..], b"ab", b"abcd", b""] {
        assert!(!constant_time_eq(b"abc", other));
    }
    assert_eq!(Secret::new("a"), Secret::new("a"));
    assert_ne!(Secret::new("a"), Secret::new("b"));
}

#[test]
fn an_audience_is_written_as_it_should_be() {
    assert_eq!(
        serde_json::to_string(&Audience::from(vec!["a".to_owned(), "b".to_owned()])).unwrap(),
        r#"["a","b"]"#
    );
    assert!(serde_json::from_str::<Audience>("null").is_err());
    assert!(serde_json::from_str::<Audience>(r#"["a",1]"#).is_err());
}

/// A public key is no secret, whichever door it comes in by.
#[test]
fn s02_a_public_key_wrapped_in_an_oct_jwk_or_without_its_armour_is_no_secret() {
    let spki = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaRFJgWzpbD0FLYTWo6iHjvDW3+8dGJpxwYZ2g0tHYw3mRTmQXJrMvHgbUnqBzPIG0fUu5DuzMBFQhUPVwBqrmg==";
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{spki}\n-----END PUBLIC KEY-----\n");
    let wrapped = format!(r#"{{"kty":"oct","alg":"HS256","k":"{}"}}"#, base64url::encode(pem.as_bytes()));
    let accepted = [
        ("PEM", Key::from_secret(pem.as_bytes(), Algorithm::HS256).is_ok()),
        ("oct JWK of the PEM", Key::from_jwk(&wrapped).is_ok()),
        ("the PEM's body", Key::from_secret(spki.as_bytes(), Algorithm::HS256).is_ok()),
    ];
    let accepted: Vec<_> = accepted.into_iter().filter(|(_, taken)| *taken).map(|(name, _)| name).collect();
    assert!(accepted.is_empty(), "{accepted:?}");
}

#[test]
fn s11_an_rsa_key_whose_exponent_is_one_or_even_is_refused() {
    let key = Key::generate(Algorithm::RS256).unwrap();
    let jwk = key.public_jwk().unwrap();
    let taken: Vec<_> = ["AA", "AQ", "Ag", "BA"]
        .into_iter()
        .filter(|e| Key::from_jwk(&jwk.replace("\"e\":\"AQAB\"", &format!("\"e\":\"{e}\""))).is_ok())
        .collect();
    assert!(taken.is_empty(), "taken: {taken:?}");
}

/// With the exponent one, the padded hash is its own signature: anyone can make it.
#[test]
fn s11_nothing_verifies_under_the_exponent_one() {
    let jwk = Key::generate(Algorithm::RS256).unwrap().public_jwk().unwrap();
    let Ok(key) = Key::from_jwk(&jwk.replace("\"e\":\"AQAB\"", "\"e\":\"AQ\"")) else { return };
    let signed = format!("{}.{}", base64url::encode(br#"{"alg":"RS256"}"#), base64url::encode(b"forged"));
    let info = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
        0x04, 0x20,
    ];
    let mut padded = vec![0, 1];
    padded.extend(std::iter::repeat_n(0xff, 256 - 3 - info.len() - 32));
    padded.push(0);
    padded.extend(info);
    padded.extend(authmint_jose::sha256(signed.as_bytes()));
    let token = format!("{signed}.{}", base64url::encode(&padded));
    assert!(key.verify_jws(&token, &[Algorithm::RS256]).is_err());
}
