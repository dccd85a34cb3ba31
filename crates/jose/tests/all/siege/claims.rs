//! Hostile claims and headers of signed messages: JSON that reads as something else, claims that are not there, types that nobody
//! signed.

use super::*;

/// serde_json unwraps the one member of this name when it reads a `Value`: the text inside was a string to the strict walk.
#[test]
fn s05_no_duplicate_member_hides_in_a_string_that_serde_json_unwraps() {
    let key = hmac();
    let mut payload = claims();
    payload["act"] = raw(r#"{"sub":"ada","sub":"admin"}"#);
    let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, &payload.to_string());
    if let Ok(verified) = key.verify_jwt::<Value>(&token, &policy(), NOW) {
        assert_eq!(verified.claims["act"], payload["act"], "the verified claims are not those of the token");
    }
}

#[test]
fn s05_depth_is_bounded_in_what_the_caller_gets() {
    let key = hmac();
    let mut payload = claims();
    payload["deep"] = raw(&format!("{}{}", "[".repeat(100), "]".repeat(100)));
    let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, &payload.to_string());
    let Ok(verified) = key.verify_jwt::<Value>(&token, &policy(), NOW) else { return };
    let (mut depth, mut at) = (0, &verified.claims["deep"]);
    while let Some(inner) = at.as_array() {
        depth += 1;
        let Some(first) = inner.first() else { break };
        at = first;
    }
    assert!(depth <= 16, "{depth} arrays, one in another, passed a bound of 16");
}

#[test]
fn s13_a_required_claim_that_reads_as_null_is_missing() {
    let key = hmac();
    let mut payload = claims();
    payload["tenant"] = raw("null");
    let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, &payload.to_string());
    if let Ok(verified) = key.verify_jwt::<Value>(&token, &policy().require(&["tenant"]), NOW) {
        assert!(!verified.claims["tenant"].is_null(), "a required claim is null");
    }
}

/// As above, before any signature: the claims of a token that anyone can write.
#[test]
fn s47_peeking_at_a_token_does_not_overflow_the_stack() {
    let payload = base64url::encode(format!(r#"{{"x":{}}}"#, nested_bomb(45_000)).as_bytes());
    let token = format!("{}.{payload}.AAAA", base64url::encode(br#"{"alg":"ES256"}"#));
    let peeked = std::thread::spawn(move || peek_unverified::<Value>(&token).is_err());
    assert!(peeked.join().unwrap());
}

/// A logout token as OpenID Connect Back-Channel Logout 2.4 had it before it had a type.
#[test]
fn s15_a_logout_token_is_no_id_token() {
    let key = hmac();
    let logout = json!({
        "iss": "https://op.example", "aud": "api", "sub": "s", "iat": 999_990, "exp": 1_000_100, "jti": "j",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    for header in [r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","typ":"JWT"}"#] {
        let token = forge(&key, header, &logout.to_string());
        let id_token = Policy::id_token(&[Algorithm::HS256], "https://op.example", "api");
        assert!(key.verify_jwt::<Value>(&token, &id_token, NOW).is_err(), "{header}");
    }
}

#[test]
fn s13_a_claim_may_be_required_twice() {
    let key = hmac();
    let token = key.sign_jwt("JWT", &claims()).unwrap();
    let twice = Policy::id_token(&[Algorithm::HS256], "https://op.example", "api").require(&["sub"]);
    assert!(key.verify_jwt::<Value>(&token, &twice, NOW).is_ok(), "sub is there");
}

#[test]
fn s13_every_required_claim_is_required() {
    let key = hmac();
    let token = key.sign_jwt("JWT", &claims()).unwrap();
    let names: Vec<String> = (0..64).map(|_| "sub".to_owned()).collect();
    let _ = names;
    let many: Vec<String> = (0..64).map(|number| format!("c{number}")).collect();
    let mut full = claims();
    for name in &many {
        full[name.as_str()] = json!(1);
    }
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let with_all = key.sign_jwt("JWT", &full).unwrap();
    let strict = policy().require(&many).require(&["tenant"]);
    assert!(key.verify_jwt::<Value>(&token, &strict, NOW).is_err());
    assert!(
        key.verify_jwt::<Value>(&with_all, &strict, NOW).is_err(),
        "the 65th required claim is not required"
    );
}

/// A proof of possession is fresh for `age`, and no longer because it lies ahead.
#[test]
fn s13_a_proof_is_not_accepted_for_longer_than_its_age() {
    let key = hmac();
    let proof = Policy::dpop_proof(&[Algorithm::HS256], Duration::from_secs(60));
    let claims =
        json!({ "jti": "j", "htm": "GET", "htu": "https://api.example", "iat": NOW.as_secs() + 300 });
    let token = forge(&key, r#"{"alg":"HS256","typ":"dpop+jwt"}"#, &claims.to_string());
    let accepted = |at: u64| {
        key.verify_jwt::<Value>(&token, &proof, NOW.saturating_add(Duration::from_secs(at))).is_ok()
    };
    let first = (0..1000).find(|at| accepted(*at));
    let last = (0..1000).rev().find(|at| accepted(*at));
    let window = last.unwrap_or_default().saturating_sub(first.unwrap_or_default());
    assert!(window <= 60, "one proof is good for {window} seconds though the policy says 60 and no leeway");
}

/// What was not signed shows as if it were, in the header of a verified signature.
#[test]
fn s15_the_type_of_a_verified_signature_was_signed() {
    let key = hmac();
    let token = forge(&key, r#"{"alg":"HS256"}"#, "{}");
    let parts: Vec<&str> = token.split('.').collect();
    let changed = json!({ "protected": parts[0], "payload": parts[1], "signature": parts[2], "header": { "typ": "secevent+jwt", "kid": "k" } });
    let set = KeySet::new([key.with_kid("k")]);
    let verified = set.verify_jws_json(&changed.to_string(), &JwsPolicy::new(&[Algorithm::HS256])).unwrap();
    assert_eq!(verified.signatures[0].header.typ(), None, "typ was added on the way");
}

#[test]
fn s13_times_of_odd_spelling() {
    let key = hmac();
    for exp in [
        "1e400",
        "-1",
        "-0.5",
        "\"1000600\"",
        "true",
        "null",
        "[1000600]",
        "NaN",
        "18446744073709551616",
        "1e16",
        "-1e400",
        "9007199254740993.0",
    ] {
        let payload = format!(r#"{{"iss":"https://op.example","aud":"api","exp":{exp}}}"#);
        let token = forge(&key, r#"{"alg":"HS256","typ":"JWT"}"#, &payload);
        assert!(key.verify_jwt::<Value>(&token, &policy(), NOW).is_err(), "{exp}");
    }
}
