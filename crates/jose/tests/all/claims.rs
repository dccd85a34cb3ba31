//! Row S13, and what a policy says of times and required claims.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use authmint_jose::{Algorithm, Audience, Clock, Error, Key, ManualClock, Policy, Timestamp};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;
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

/// The claims of this payload as a `T`, as they come from a token and as serde_json has them.
fn both_ways<T: DeserializeOwned + Debug>(payload: &str) -> [String; 2] {
    let key = Key::generate(Algorithm::HS256).unwrap();
    let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, payload);
    let verified = key.verify_jwt::<T>(&token, &policy(), NOW).map(|verified| verified.claims);
    let plain = serde_json::from_str::<T>(payload).map_err(|_| Error::ClaimsForm);
    [format!("{verified:?}"), format!("{plain:?}")]
}

#[test]
fn claims_become_whatever_serde_json_makes_of_them() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Plain {
        sub: String,
        exp: u64,
        aud: Audience,
        nickname: Option<String>,
        absent: Option<bool>,
        nothing: Option<u8>,
        tenant: Tenant,
        #[serde(rename = "n\u{e9}e")]
        born: String,
        level: Level,
        ratio: f64,
        whole: f32,
        large: u128,
        small: i8,
        letter: char,
        pair: (u8, String),
        place: Place,
        roles: Vec<String>,
        raw: Box<RawValue>,
        #[serde(flatten)]
        more: BTreeMap<String, Value>,
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Tenant(String);
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Place {
        country: String,
    }
    #[derive(Debug, Deserialize)]
    enum Level {
        High,
        #[allow(dead_code)]
        Of(u8),
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Wrapped(Plain);
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    #[serde(tag = "level")]
    enum Tagged {
        High { sub: String },
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    #[serde(untagged)]
    enum Either {
        Number { sub: u8 },
        Text { sub: String },
    }
    #[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
    struct Name(String);
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    #[serde(deny_unknown_fields)]
    struct Narrow {
        sub: String,
    }
    let payload = |level: &str| {
        format!(
            r#" {{ "iss":"https://op.example","aud":["api","b"],"sub":"a\u0064a","exp":1000600,"nickname":"\"A\" \ud83d\ude00",
            "nothing":null,"tenant":"17","n\u00e9e":"x","level":{level},"ratio":-1.5e3,"whole":2,"large":18446744073709551616,
            "small":-8,"letter":"l","pair":[1,"b"],"place":{{"country":"NL","unknown":[{{}}]}},"roles":["a","b"],
            "raw": {{ "a" : [1, 2] }} ,"other":{{"deep":[true,null]}},"email":"ada@example.com"}} "#
        )
    };
    let [plain, _] = both_ways::<Plain>(&payload(r#""High""#));
    assert!(plain.starts_with("Ok(Plain { sub: \"ada\""), "{plain}");
    for level in [r#""High""#, r#"{"Of":3}"#, r#""Low""#, "5"] {
        let payload = payload(level);
        for [verified, plain] in [
            both_ways::<Plain>(&payload),
            both_ways::<Wrapped>(&payload),
            both_ways::<Value>(&payload),
            both_ways::<Box<RawValue>>(&payload),
            both_ways::<Tagged>(&payload),
            both_ways::<Either>(&payload),
            both_ways::<BTreeMap<Name, Value>>(&payload),
            both_ways::<BTreeMap<String, Box<RawValue>>>(&payload),
            both_ways::<BTreeMap<String, String>>(&payload),
            both_ways::<Option<Either>>(&payload),
            both_ways::<IgnoredAny>(&payload),
            both_ways::<Narrow>(&payload),
            both_ways::<Vec<u8>>(&payload),
            both_ways::<String>(&payload),
            both_ways::<()>(&payload),
        ] {
            assert_eq!(verified, plain);
        }
    }
}

#[test]
fn what_is_wrong_with_a_token_comes_before_what_its_reader_wants() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Numbers {
        sub: u64,
    }
    let key = Key::generate(Algorithm::HS256).unwrap();
    let refused = |payload: &str| {
        let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, payload);
        key.verify_jwt::<Numbers>(&token, &policy(), NOW).unwrap_err()
    };
    let sound = r#""sub":"a","iss":"https://op.example","aud":"api""#;
    assert_eq!(refused(&format!(r#"{{{sound},"exp":1000600}}"#)), Error::ClaimsForm);
    assert_eq!(refused(&format!(r#"{{{sound},"exp":1}}"#)), Error::Expired);
    assert_eq!(refused(&format!(r#"{{{sound},"exp":"1"}}"#)), Error::InvalidClaim("exp"));
    let twice = refused(&format!(r#"{{{sound},"exp":1000600,"a":1,"\u0061":2}}"#));
    assert_eq!(twice, Error::DuplicateMember("the claims set"));
    assert!(matches!(refused(&format!(r#"{{{sound},"exp":1000600}}}}"#)), Error::Malformed { .. }));
    assert!(matches!(refused(&format!("[{{{sound}}}]")), Error::Malformed { .. }));
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
