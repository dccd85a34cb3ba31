//! The UserInfo endpoint in each of its ways.

use authmint::jose::{Algorithm, KeySet, Policy, Timestamp};
use authmint::oauth2::Params;
use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::checks;
use crate::module::{Variant, dynamic, run};
use crate::op::{ISSUER, Op, header, json_of};

fn variants() -> Vec<Variant> {
    Variant::all().into_iter().filter(Variant::has_userinfo).collect()
}

#[test]
fn oidcc_userinfo_get() {
    run(variants(), |module| {
        let done = module.succeed(&module.request());
        let info = module.person(&done);
        assert_eq!(info.as_object().unwrap().len(), 1, "openid alone asks for sub alone: {info}");
    });
}

/// The token in the header of a POST, whose body is empty or a form without it.
#[test]
fn oidcc_userinfo_post_header() {
    run(variants(), |module| {
        let done = module.succeed(&module.request());
        for content_type in [None, Some("application/x-www-form-urlencoded")] {
            let mut request = Request::post(format!("{ISSUER}/userinfo"))
                .header("accept", "application/json")
                .header("authorization", format!("Bearer {}", done.access_token().unwrap()));
            if let Some(content_type) = content_type {
                request = request.header("content-type", content_type);
            }
            let response = module.op.send(request.body(Bytes::new()).unwrap());
            assert_eq!(response.status(), StatusCode::OK, "{response:?}");
            assert_eq!(json_of(&response)["sub"], done.id_token()["sub"]);
        }
    });
}

/// The token in the form; an error would be a warning.
#[test]
fn oidcc_userinfo_post_body() {
    run(variants(), |module| {
        let done = module.succeed(&module.request());
        let form: Params = [("access_token", done.access_token().unwrap())].into_iter().collect();
        let request = Request::post(format!("{ISSUER}/userinfo"))
            .header("content-type", "application/x-www-form-urlencoded;charset=UTF-8")
            .header("accept", "application/json");
        let response = module.op.send(request.body(Bytes::from(form.to_query())).unwrap());
        assert_eq!(response.status(), StatusCode::OK, "{response:?}");
        assert!(header(&response, "content-type").starts_with("application/json"));
        assert_eq!(json_of(&response)["sub"], done.id_token()["sub"]);
    });
}

/// A signed answer names its issuer and its audience, or it is a warning.
#[test]
fn oidcc_userinfo_rs256() {
    let op = Op::new();
    let algorithms = &op.metadata()["userinfo_signing_alg_values_supported"];
    assert!(algorithms.as_array().unwrap().contains(&json!("RS256")), "{algorithms}");
    let signed = json!({ "userinfo_signed_response_alg": "RS256" });
    for variant in Variant::dynamic_plan().into_iter().filter(Variant::has_userinfo) {
        dynamic(&op, variant, signed.clone(), |module| {
            // The flow that reads UserInfo as JSON is for the others.
            let request = module.request();
            let callback = module.callback(&request);
            let token = match callback.params.get("code") {
                Some(code) => {
                    let tokens = checks::token_response(&module.redeem_again(code));
                    tokens["access_token"].as_str().unwrap().to_owned()
                }
                None => callback.params.get("access_token").unwrap().to_owned(),
            };
            let response = module.userinfo(&token);
            assert_eq!(header(&response, "content-type").split(';').next(), Some("application/jwt"));
            let jwt = std::str::from_utf8(response.body()).unwrap();
            let keys = KeySet::from_jwks(&json!({ "keys": checks::key_set(&op) }).to_string()).unwrap();
            let policy =
                Policy::new(&[Algorithm::RS256]).typ_or_absent("JWT").issuer(ISSUER).audience(&module.rp.id);
            let (policy, now) = (policy.accept_expired(), Timestamp::from_secs(op.now()));
            let claims = keys.verify_jwt::<Value>(jwt, &policy, now).unwrap().claims;
            assert!(claims["sub"].is_string() && claims.get("nonce").is_none(), "{claims}");
            checks::person_claims(&claims, op.now());
        });
    }
}
