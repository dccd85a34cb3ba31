//! Requests that must succeed: the plain flow, and everything that may be asked for beside it.

use serde_json::json;

use crate::module::{CHALLENGE, Variant, address, dynamic, run};
use crate::op::{Auth, ISSUER, Op};
use crate::registered::Registration;

/// What an ID token may say unasked.
const EXPECTED: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "nbf",
    "jti",
    "sid",
    "s_hash",
];

/// The plain flow; its ID tokens say nothing of the person that nobody asked for.
#[test]
fn oidcc_server() {
    run(Variant::all(), |module| {
        let done = module.succeed(&module.request());
        for claims in done.id_tokens() {
            let names = claims.as_object().unwrap().keys();
            let others: Vec<_> = names.filter(|name| !EXPECTED.contains(&name.as_str())).collect();
            assert!(others.is_empty(), "{others:?}");
        }
        assert_eq!(module.browser.logins, 1, "one sign-in: {:?}", module.variant);
    });
}

#[test]
fn oidcc_server_client_secret_post() {
    let variants = Variant::static_plans().into_iter().filter(Variant::has_code);
    run(variants.map(|variant| variant.with_auth(Auth::Post)).collect(), |module| {
        module.succeed(&module.request());
        let methods = &module.op.metadata()["token_endpoint_auth_methods_supported"];
        assert!(methods.as_array().unwrap().contains(&json!("client_secret_post")), "{methods}");
    });
}

#[test]
fn oidcc_idtoken_signature() {
    run(Variant::all(), |module| {
        let done = module.succeed(&module.request());
        for token in done.front.iter().chain(&done.back) {
            assert_eq!(token.header["alg"], "RS256", "where nothing is registered");
            assert!(token.header["kid"].is_string());
        }
    });
}

#[test]
fn oidcc_idtoken_rs256() {
    let op = Op::new();
    for variant in Variant::dynamic_plan() {
        dynamic(&op, variant, json!({ "id_token_signed_response_alg": "RS256" }), |module| {
            let done = module.succeed(&module.request());
            assert!(done.front.iter().chain(&done.back).all(|token| token.header["alg"] == "RS256"));
        });
    }
}

/// Unsigned ID tokens are refused on purpose. The suite reads that in the metadata, and skips.
#[test]
fn oidcc_idtoken_unsigned() {
    let op = Op::new();
    let algorithms = &op.metadata()["id_token_signing_alg_values_supported"];
    assert!(!algorithms.as_array().unwrap().contains(&json!("none")), "{algorithms}");
    let unsigned = json!({ "id_token_signed_response_alg": "none" });
    let registration = Registration::new(Auth::Basic, "code".parse().unwrap()).with(unsigned);
    registration.is_refused(&op, "invalid_client_metadata");
}

#[test]
fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let variants = Variant::all().into_iter().filter(|variant| !variant.has_id_token());
    run(variants.collect(), |module| {
        let done = module.succeed(&module.without("nonce"));
        assert_eq!(done.id_token().get("nonce"), None);
    });
}

#[test]
fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    run(Variant::all().into_iter().filter(Variant::has_code).collect(), |module| {
        let mut request = module.with("code_challenge", CHALLENGE);
        request.set("code_challenge_method", "S256");
        module.succeed(&request);
    });
}

/// By POST: the browser is turned to the GET that brings its cookies.
#[test]
fn oidcc_ensure_post_request_succeeds() {
    run(Variant::static_plans(), |module| {
        let request = module.request();
        let response = module.browser.post(module.op, &format!("{ISSUER}/authorize"), &request);
        let callback = module.browser.go_on(module.op, response).callback();
        module.complete(&request, callback);
    });
}

#[test]
fn oidcc_ensure_request_with_unknown_parameter_succeeds() {
    run(Variant::all(), |module| {
        module.succeed(&module.with("extra", "foobar"));
    });
}

#[test]
fn oidcc_display_page() {
    run(Variant::all(), |module| {
        module.succeed(&module.with("display", "page"));
    });
}

#[test]
fn oidcc_display_popup() {
    run(Variant::all(), |module| {
        module.succeed(&module.with("display", "popup"));
    });
}

#[test]
fn oidcc_ui_locales() {
    run(Variant::all(), |module| {
        module.succeed(&module.with("ui_locales", "se"));
    });
}

#[test]
fn oidcc_claims_locales() {
    run(Variant::all(), |module| {
        module.succeed(&module.with("claims_locales", "se"));
    });
}

/// The suite asks for somebody that there is not, and signs in as somebody else.
#[test]
fn oidcc_login_hint() {
    run(Variant::all(), |module| {
        module.succeed(&module.with("login_hint", "buffy@op.example"));
        assert!(module.browser.login_page.contains("buffy@op.example"));
    });
}

/// All levels that the metadata names are asked for; one of them must come back, or it is a warning.
#[test]
fn oidcc_ensure_request_with_acr_values_succeeds() {
    run(Variant::all(), |module| {
        let supported = module.op.metadata()["acr_values_supported"].as_array().unwrap().clone();
        let asked: Vec<&str> = supported.iter().map(|value| value.as_str().unwrap()).collect();
        let done = module.succeed(&module.with("acr_values", &asked.join(" ")));
        assert!(done.id_tokens().all(|claims| asked.contains(&claims["acr"].as_str().unwrap())));
    });
}

/// `aud` may be the issuer; anything but success is a warning.
#[test]
fn oidcc_ensure_client_assertion_with_iss_aud_succeeds() {
    run(Variant::dynamic_plan().into_iter().filter(Variant::has_code).collect(), |module| {
        let request = module.request();
        let callback = module.callback(&request);
        module.complete_with_audience(&request, callback, ISSUER);
    });
}

/// Not a module: what the suite's browser has to find on its way.
#[test]
fn the_pages_have_stable_ids_and_need_no_script() {
    run(vec![Variant::static_plans()[0]], |module| {
        let page = module.browser.get(module.op, &address(&module.request()));
        let address = format!("{ISSUER}{}", crate::op::header(&page, "location"));
        assert!(address.starts_with(&format!("{ISSUER}/login?")), "{address}");
        let page = crate::browser::text(&module.browser.get(module.op, &address));
        for id in ["login", "username", "password", "login-submit"] {
            assert!(page.contains(&format!("id=\"{id}\"")), "{id} in {page}");
        }
        assert!(!page.contains("<script"));
    });
}
