//! What the suite checks of each thing it gets, wherever it gets it.

use std::collections::BTreeMap;

use authmint::jose::{Algorithm, KeySet, Policy, Timestamp, base64url, sha256};
use authmint::oauth2::Params;
use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::browser::Callback;
use crate::op::{ISSUER, Op, Rp, header, json_of};

/// An ID token that was checked.
#[derive(Clone, Debug)]
pub(crate) struct IdToken {
    pub(crate) text: String,
    pub(crate) header: Value,
    pub(crate) claims: Value,
}

impl IdToken {
    /// What holds of every ID token, whichever module it comes in.
    #[track_caller]
    pub(crate) fn check(op: &Op, rp: &Rp, token: &str, nonce: Option<&str>) -> Self {
        let (head, claims) = authmint::jose::peek_unverified::<Value>(token).unwrap();
        verify(op, token, &head);
        assert_eq!(claims["iss"], ISSUER);
        let aud = &claims["aud"];
        assert!(aud == &json!(rp.id) || aud == &json!([rp.id]), "{aud}");
        let now = op.now();
        let time = |name: &str| claims[name].as_u64().unwrap_or_else(|| panic!("{name} in {claims}"));
        assert!(time("exp") > now && time("iat") <= now && time("auth_time") <= now);
        assert!(claims.get("nbf").is_none_or(|nbf| nbf.as_u64().unwrap() <= now));
        let sub = claims["sub"].as_str().unwrap();
        assert!(!sub.is_empty() && sub.len() <= 255 && sub.is_ascii());
        assert_eq!(claims.get("nonce").map(|nonce| nonce.as_str().unwrap()), nonce);
        assert!(claims.get("acr").is_none_or(Value::is_string));
        assert!(claims.get("amr").is_none_or(Value::is_array));
        assert!(claims.get("azp").is_none_or(|azp| azp == &json!(rp.id)));
        person_claims(&claims, now);
        Self { text: token.to_owned(), header: head, claims }
    }

    /// A hash must be right where it is, and be there where it is required.
    #[track_caller]
    pub(crate) fn check_hash(&self, name: &str, of: Option<&str>, required: bool) {
        let Some(claimed) = self.claims.get(name) else {
            assert!(!required, "{name} is missing in {}", self.claims);
            return;
        };
        let hash = sha256(of.unwrap_or_else(|| panic!("{name} of nothing")).as_bytes());
        assert_eq!(claimed, &json!(base64url::encode(&hash[..16])), "{name}");
    }
}

/// The signature is by a published key that is found by its `kid`, and is for this algorithm and for signatures.
#[track_caller]
fn verify(op: &Op, token: &str, head: &Value) {
    let published = op.get("/jwks");
    let jwks = json_of(&published);
    let kid = head["kid"].as_str().expect("a kid");
    let of_kid: Vec<&Value> =
        jwks["keys"].as_array().unwrap().iter().filter(|key| key["kid"] == kid).collect();
    let [key] = of_kid[..] else { panic!("one key of the kid {kid} in {jwks}") };
    assert_eq!((&key["alg"], &key["use"]), (&head["alg"], &json!("sig")));
    let algorithm: Algorithm = head["alg"].as_str().unwrap().parse().unwrap();
    let keys = KeySet::from_jwks(&json!({ "keys": [key] }).to_string()).unwrap();
    let policy = Policy::new(&[algorithm]).typ_or_absent("JWT").issuer(ISSUER).any_audience();
    keys.verify_jwt::<Value>(token, &policy, Timestamp::from_secs(op.now())).unwrap();
}

/// The algorithms of keys that it can use, of those that a key set here can have: it warns of any other.
const KEY_ALGORITHMS: &[&str] = &[
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "ES256K",
    "EdDSA",
    "RSA-OAEP",
    "RSA-OAEP-256",
    "ECDH-ES",
    "ECDH-ES+A128KW",
    "ECDH-ES+A192KW",
    "ECDH-ES+A256KW",
];

/// The key set as the suite wants it in every module.
#[track_caller]
pub(crate) fn key_set(op: &Op) -> Vec<Value> {
    let response = op.get("/jwks");
    assert_eq!(response.status(), StatusCode::OK);
    let keys = json_of(&response)["keys"].as_array().unwrap().clone();
    let mut kids: Vec<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    kids.sort_unstable();
    kids.dedup();
    assert_eq!(kids.len(), keys.len(), "distinct");
    for key in &keys {
        let members: &[&str] = match (key["kty"].as_str().unwrap(), key["use"].as_str().unwrap()) {
            ("RSA", _) => &["n", "e"],
            ("EC", _) => &["x", "y"],
            // The suite compares signing keys before and after a rotation, and knows no others there.
            ("OKP", "enc") => &["x"],
            (other, purpose) => panic!("a {other} key for {purpose}"),
        };
        for member in members {
            base64url::decode(key[member].as_str().unwrap()).expect("base64url without padding");
        }
        let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
        assert!(private.iter().all(|member| key.get(member).is_none()), "{key}");
        assert!(KEY_ALGORITHMS.contains(&key["alg"].as_str().unwrap()), "{key}");
        assert!(matches!(key["use"].as_str(), Some("sig" | "enc")));
    }
    keys
}

/// Standard claims are of the types that Core 5.1 gives them, wherever they are, and none is empty.
#[track_caller]
pub(crate) fn person_claims(claims: &Value, now: u64) {
    const TEXTS: &[&str] = &[
        "sub",
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "email",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "phone_number",
    ];
    for name in TEXTS {
        assert!(
            claims.get(name).is_none_or(|value| value.as_str().is_some_and(|text| !text.is_empty())),
            "{name}"
        );
    }
    for name in ["email_verified", "phone_number_verified"] {
        assert!(claims.get(name).is_none_or(Value::is_boolean), "{name}");
    }
    if let Some(time) = claims.get("updated_at") {
        let year_1990 = 631_152_000;
        assert!(time.as_u64().is_some_and(|time| time > year_1990 && time <= now + 300), "{time}");
    }
    if let Some(address) = claims.get("address") {
        let members = address.as_object().unwrap();
        assert!(!members.is_empty() && members.values().all(Value::is_string), "{address}");
    }
    if let Some(date) = claims.get("birthdate") {
        let parts: Vec<usize> = date.as_str().unwrap().split('-').map(str::len).collect();
        assert!(parts == [4] || parts == [4, 2, 2], "{date}");
    }
    assert_eq!(claims.get("_claim_names"), None);
}

/// A response of the token endpoint that brings tokens.
#[track_caller]
pub(crate) fn token_response(response: &Response<Bytes>) -> Value {
    assert_eq!(response.status(), StatusCode::OK, "{response:?}");
    assert_eq!(header(response, "content-type").split(';').next(), Some("application/json"));
    assert_eq!((header(response, "cache-control"), header(response, "pragma")), ("no-store", "no-cache"));
    let tokens = json_of(response);
    assert!(tokens["token_type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("Bearer")));
    assert!(tokens["expires_in"].as_u64().is_some_and(|seconds| seconds > 0), "a number: {tokens}");
    for name in ["access_token", "refresh_token"] {
        if let Some(token) = tokens.get(name) {
            let token = token.as_str().unwrap();
            assert!(token.bytes().all(|byte| (0x20..=0x7e).contains(&byte)), "RFC 6749 A.12, A.17");
            assert!(token.len() >= 16, "128 bits");
            has_entropy(token);
        }
    }
    tokens
}

/// An error of the token endpoint (RFC 6749 5.2).
#[track_caller]
pub(crate) fn token_error(response: &Response<Bytes>, code: &str) {
    assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{response:?}");
    assert_eq!(header(response, "content-type").split(';').next(), Some("application/json"));
    let error = json_of(response);
    assert_eq!(error["error"], code, "{error}");
    described(
        error.get("error_description").and_then(Value::as_str),
        error.get("error_uri").and_then(Value::as_str),
    );
}

/// What may come with an error.
const WITH_AN_ERROR: &[&str] = &["error", "error_description", "error_uri", "state", "session_state", "iss"];

/// An error of the authorization endpoint that was told to the client: nothing else came with it.
#[track_caller]
pub(crate) fn authorization_error(callback: &Callback, request: &Params, codes: &[&str]) {
    let params = &callback.params;
    let error = params.get("error").unwrap_or_else(|| panic!("no error: {callback:?}"));
    assert!(codes.contains(&error), "{error} is none of {codes:?}");
    assert_eq!(params.get("state"), request.get("state"));
    assert_eq!(params.get("iss"), Some(ISSUER));
    for (name, _) in params.iter() {
        assert!(WITH_AN_ERROR.contains(&name), "{name} beside an error");
    }
    described(params.get("error_description"), params.get("error_uri"));
}

/// RFC 6749 4.1.2.1, 5.2: which characters an explanation may have; line breaks and tabs the suite warns of.
#[track_caller]
fn described(description: Option<&str>, uri: Option<&str>) {
    let allowed = |byte: u8| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    assert!(description.is_none_or(|text| text.bytes().all(allowed)), "{description:?}");
    assert!(uri.is_none_or(|uri| uri.bytes().all(|byte| byte != b' ' && allowed(byte))), "{uri:?}");
}

/// Shannon's measure over the characters, which must come to 96 bits at least.
#[track_caller]
pub(crate) fn has_entropy(text: &str) {
    let mut counts = BTreeMap::new();
    for character in text.chars() {
        *counts.entry(character).or_insert(0_u32) += 1;
    }
    let length = f64::from(u32::try_from(text.chars().count()).unwrap());
    let each: f64 = counts.values().map(|count| f64::from(*count) / length).map(|p| -p * p.log2()).sum();
    assert!(each * length >= 96.0, "{} bits", each * length);
}
