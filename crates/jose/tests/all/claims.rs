//! Row S13, and what a policy says of times and required claims.

use std::time::Duration;

use authmint_jose::{Algorithm, Clock, Error, Key, ManualClock, Policy, Timestamp};
use serde_json::{Value, json};

use crate::support::{NOW, claims, forge, policy};

fn check(claims: &Value, policy: &Policy) -> Result<(), Error> {
    let key = Key::generate(Algorithm::HS256).unwrap();
    key.verify_jwt::<Value>(&key.sign_jwt("JWT", claims).unwrap(), policy, NOW).map(drop)
}

#[test]
fn s13_time_claims_of_another_type_are_invalid_and_never_absent() {
    let key = Key::generate(Algorithm::HS256).unwrap();
    for (name, error) in [("exp", "exp"), ("nbf", "nbf"), ("iat", "iat")] {
        for value in [
            r#""1000600""#,
            "true",
            "null",
            "[1000600]",
            "{}",
            "-1",
            "1e400",
            "-0.5",
            "1e16",
            "18446744073709551616",
        ] {
            let others = ["exp", "iat"]
                .iter()
                .filter(|other| **other != name)
                .map(|other| format!(r#""{other}":1000600,"#))
                .collect::<Vec<_>>()
                .concat();
            let payload = format!(r#"{{{others}"iss":"https://op.example","aud":"api","{name}":{value}}}"#);
            let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, &payload);
            let refused = key.verify_jwt::<Value>(&token, &policy(), NOW).unwrap_err();
            assert_eq!(refused, Error::InvalidClaim(error), "{name}: {value}");
        }
    }
    for (name, value) in
        [("iss", "1"), ("sub", "null"), ("sub", "[]"), ("aud", "null"), ("aud", "[1]"), ("jti", "5")]
    {
        let payload = format!(r#"{{"exp":1000600,"{name}":{value}}}"#);
        let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, &payload);
        assert_eq!(key.verify_jwt::<Value>(&token, &policy(), NOW).unwrap_err(), Error::InvalidClaim(name));
    }
}

#[test]
fn times_have_sharp_edges() {
    let mut claims = claims();
    for (exp, accepted) in [(1_000_001, true), (1_000_000, false), (999_999, false)] {
        claims["exp"] = json!(exp);
        assert_eq!(check(&claims, &policy()).is_ok(), accepted, "{exp}");
    }
    claims["exp"] = json!(999_980);
    assert!(check(&claims, &policy().leeway(Duration::from_secs(30))).is_ok());
    assert_eq!(check(&claims, &policy()), Err(Error::Expired));
    assert!(check(&claims, &policy().accept_expired()).is_ok());
    claims["exp"] = json!(1_000_600.75);
    assert!(check(&claims, &policy()).is_ok());
    claims["nbf"] = json!(1_000_001);
    assert_eq!(check(&claims, &policy()), Err(Error::NotYetValid));
    claims["nbf"] = json!(1_000_000);
    assert!(check(&claims, &policy()).is_ok());
    claims["iat"] = json!(1_000_301);
    assert_eq!(check(&claims, &policy()), Err(Error::NotYetValid));
    claims.as_object_mut().unwrap().remove("exp");
    claims["iat"] = json!(1_000_000);
    assert_eq!(check(&claims, &policy()), Err(Error::MissingClaim("exp".into())));
}

#[test]
fn a_leeway_is_never_more_than_five_minutes() {
    let mut claims = claims();
    claims["exp"] = json!(1_000_000 - 301);
    assert_eq!(check(&claims, &policy().leeway(Duration::from_secs(86_400))), Err(Error::Expired));
}

#[test]
fn lifetime_age_subject_and_required_claims_are_checked() {
    let claims = claims();
    assert_eq!(check(&claims, &policy().max_lifetime(Duration::from_secs(599))), Err(Error::LivesTooLong));
    assert!(check(&claims, &policy().max_lifetime(Duration::from_secs(600))).is_ok());
    assert_eq!(check(&claims, &policy().max_age(Duration::from_secs(9))), Err(Error::TooOld));
    assert!(check(&claims, &policy().max_age(Duration::from_secs(10))).is_ok());
    assert_eq!(check(&claims, &policy().subject("other")), Err(Error::WrongSubject));
    assert!(check(&claims, &policy().subject("s").require(&["jti", "sub", "iat"])).is_ok());
    assert_eq!(
        check(&claims, &policy().require(&["jti", "nonce"])),
        Err(Error::MissingClaim("nonce".into()))
    );
    let mut null = claims.clone();
    null["nonce"] = Value::Null;
    assert_eq!(check(&null, &policy().require(&["nonce"])), Err(Error::MissingClaim("nonce".into())));
}

#[test]
fn clocks_and_times_never_overflow() {
    let end = Timestamp::from_secs(u64::MAX);
    assert_eq!(end.saturating_add(Duration::from_secs(1)), end);
    assert_eq!(Timestamp::default().saturating_sub(Duration::from_secs(1)), Timestamp::default());
    assert_eq!(Timestamp::default().since(end), Duration::ZERO);
    let clock = ManualClock::new(NOW);
    let same = clock.clone();
    clock.set(Timestamp::from_secs(5));
    assert_eq!(same.now().as_secs(), 5);
}

#[test]
fn s15_each_profile_takes_its_own_kind_of_token_and_no_other() {
    let algorithms = &[Algorithm::HS256];
    let key = Key::generate(Algorithm::HS256).unwrap();
    let logout = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let tokens = [
        (
            "JWT",
            json!({ "iss": "op", "aud": "app", "sub": "s", "iat": 999_990, "exp": 1_000_600, "nonce": "n" }),
        ),
        (
            "at+jwt",
            json!({ "iss": "op", "aud": "app", "sub": "s", "client_id": "c", "iat": 999_990, "exp": 1_000_600, "jti": "1" }),
        ),
        (
            "logout+jwt",
            json!({ "iss": "op", "aud": "app", "sub": "s", "iat": 999_990, "exp": 1_000_600, "jti": "2", "events": logout }),
        ),
        (
            "client-authentication+jwt",
            json!({ "iss": "app", "aud": "op", "sub": "app", "iat": 999_990, "exp": 1_000_600, "jti": "3" }),
        ),
        ("dpop+jwt", json!({ "jti": "4", "htm": "POST", "htu": "https://op/token", "iat": 999_990 })),
    ];
    let policies = [
        Policy::id_token(algorithms, "op", "app"),
        Policy::access_token(algorithms, "op", "app"),
        Policy::logout_token(algorithms, "op", "app"),
        Policy::client_assertion(algorithms, "app", "op"),
        Policy::dpop_proof(algorithms, Duration::from_secs(60)),
    ];
    for (at, (typ, claims)) in tokens.iter().enumerate() {
        let token = key.sign_jwt(typ, claims).unwrap();
        for (known, policy) in policies.iter().enumerate() {
            assert_eq!(
                key.verify_jwt::<Value>(&token, policy, NOW).is_ok(),
                at == known,
                "{typ} by policy {known}"
            );
        }
    }
    // What makes a logout token one.
    for (name, value) in
        [("events", json!({})), ("events", json!({ "other": {} })), ("nonce", json!("n")), ("sub", json!(1))]
    {
        let mut claims = tokens[2].1.clone();
        claims[name] = value;
        let token = key.sign_jwt("logout+jwt", &claims).unwrap();
        assert!(key.verify_jwt::<Value>(&token, &policies[2], NOW).is_err(), "{name}");
    }
}

#[test]
fn a_check_of_the_callers_own_comes_last() {
    let key = Key::generate(Algorithm::HS256).unwrap();
    let policy = policy().check("the subject is s", |claims| claims["sub"] == "s");
    assert!(key.verify_jwt::<Value>(&key.sign_jwt("JWT", &claims()).unwrap(), &policy, NOW).is_ok());
    let mut other = claims();
    other["sub"] = json!("t");
    let token = key.sign_jwt("JWT", &other).unwrap();
    assert_eq!(
        key.verify_jwt::<Value>(&token, &policy, NOW).unwrap_err(),
        Error::CheckFailed("the subject is s")
    );
}
