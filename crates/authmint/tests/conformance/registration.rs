//! The registration modules of the plan dynamic, and the plan of logins that a third party begins.

use authmint::jose::{Algorithm, Key};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::module::{Module, Variant};
use crate::op::{Auth, CALLBACK, Op, header, json_of, random};
use crate::registered::{Registration, manage, public_set, unregister};
use crate::web::suite;

fn registration(variant: Variant) -> Registration {
    Registration::new(Auth::PrivateKeyJwt, variant.response_type)
}

/// The login page that the client's request leads to.
fn login_page(op: &Op, registration: Registration, variant: Variant) -> (String, String) {
    let (rp, answer) = registration.register(op);
    let mut module = Module::new(op, rp, variant);
    let request = module.request();
    let first = module.browser.get(op, &crate::module::address(&request));
    let address = format!("{}{}", crate::op::ISSUER, header(&first, "location"));
    let page = module.browser.get(op, &address);
    let policy = header(&page, "content-security-policy").to_owned();
    // Signing in after all does no harm.
    module.succeed(&request);
    unregister(op, &answer);
    (crate::browser::text(&page), policy)
}

#[test]
fn oidcc_registration_logo_uri() {
    let op = Op::new();
    for variant in Variant::dynamic_plan() {
        let logo = suite("logo.png");
        let registration = registration(variant).with(json!({ "logo_uri": logo }));
        let (page, policy) = login_page(&op, registration, variant);
        assert!(
            page.contains("id=\"application-logo\"") && page.contains(&format!("src=\"{logo}\"")),
            "{page}"
        );
        assert!(policy.contains("img-src") && policy.contains("https://suite.example"), "{policy}");
    }
}

#[test]
fn oidcc_registration_policy_uri() {
    let op = Op::new();
    for variant in Variant::dynamic_plan() {
        let policy = suite("policy.html");
        let registration = registration(variant).with(json!({ "policy_uri": policy }));
        let (page, _) = login_page(&op, registration, variant);
        assert!(page.contains(&format!("id=\"application-policy\" href=\"{policy}\"")), "{page}");
    }
}

#[test]
fn oidcc_registration_tos_uri() {
    let op = Op::new();
    for variant in Variant::dynamic_plan() {
        let terms = suite("tos.html");
        let registration = registration(variant).with(json!({ "tos_uri": terms }));
        let (page, _) = login_page(&op, registration, variant);
        assert!(page.contains(&format!("id=\"application-terms\" href=\"{terms}\"")), "{page}");
    }
}

/// A client whose keys are at an address of its own.
fn with_jwks_uri(op: &Op, variant: Variant, kid: &str) -> (Registration, String) {
    let address = suite(&format!("{}/jwks", random(10)));
    let key = Key::generate(Algorithm::RS256).unwrap().with_kid(kid);
    op.web.serve(&address, "application/json", public_set(&key).to_string());
    let registration = Registration::with_key(Auth::PrivateKeyJwt, variant.response_type, key);
    (registration.with(json!({ "jwks": null, "jwks_uri": address })), address)
}

#[test]
fn oidcc_registration_jwks_uri() {
    let op = Op::new();
    for variant in Variant::dynamic_plan().into_iter().filter(Variant::has_code) {
        let (rp, answer) = with_jwks_uri(&op, variant, "1").0.register(&op);
        let mut module = Module::new(&op, rp, variant);
        module.succeed(&module.request());
        unregister(&op, &answer);
    }
}

/// A new key with a new `kid` where the old one was, a minute later, and a refresh that is signed with it.
#[test]
fn oidcc_refresh_token_rp_key_rotation() {
    let op = Op::new();
    for variant in Variant::dynamic_plan().into_iter().filter(Variant::has_code) {
        let (registration, address) = with_jwks_uri(&op, variant, "1");
        let (mut rp, answer) = registration.with_grant("refresh_token").register(&op);
        let mut module = Module::new(&op, rp.clone(), variant);
        let mut request = module.with("scope", "openid offline_access");
        request.set("prompt", "consent");
        let done = module.succeed(&request);
        let key = Key::generate(Algorithm::RS256).unwrap().with_kid("2");
        op.web.serve(&address, "application/json", public_set(&key).to_string());
        rp.key = Some(std::sync::Arc::new(key));
        op.pass(60);
        module.rp = rp;
        crate::refresh::refresh(&module, &done, Some("openid offline_access"));
        unregister(&op, &answer);
    }
}

#[test]
fn oidcc_registration_sector_uri() {
    let op = Op::new();
    let address = suite("redirect_uris.json");
    op.web.serve(&address, "application/json", json!([CALLBACK]).to_string());
    for variant in Variant::dynamic_plan() {
        let sector = json!({ "subject_type": "pairwise", "sector_identifier_uri": address });
        let (_, answer) = registration(variant).with(sector).register(&op);
        unregister(&op, &answer);
    }
}

/// A sector that does not name the client's address; another code would be a warning.
#[test]
fn oidcc_registration_sector_bad() {
    let op = Op::new();
    let address = suite("redirect_uris.json");
    op.web.serve(&address, "application/json", json!(["https://suite.example/other"]).to_string());
    for variant in Variant::dynamic_plan() {
        let sector = json!({ "subject_type": "pairwise", "sector_identifier_uri": address });
        registration(variant).with(sector).is_refused(&op, "invalid_client_metadata");
    }
}

#[test]
fn oidcc_redirect_uri_regfrag() {
    let op = Op::new();
    for variant in Variant::dynamic_plan() {
        let uris = json!({ "redirect_uris": [format!("{CALLBACK}#foobar")] });
        registration(variant).with(uris).is_refused(&op, "invalid_redirect_uri");
    }
}

/// The address is in the answer, and is read back from the client configuration endpoint.
#[test]
fn oidcc_3rd_party_init_login() {
    let op = Op::new();
    for variant in Variant::static_plans() {
        let address = suite("initiate_login");
        let registration = Registration::new(Auth::Basic, variant.response_type);
        let (_, answer) = registration.with(json!({ "initiate_login_uri": address })).register(&op);
        assert_eq!(answer["initiate_login_uri"], json!(address));
        let response = manage(&op, &answer, Method::GET);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, "content-type").split(';').next(), Some("application/json"));
        let read: Value = json_of(&response);
        assert_eq!(
            (&read["initiate_login_uri"], &read["client_id"]),
            (&json!(address), &answer["client_id"])
        );
        unregister(&op, &answer);
    }
}

#[test]
fn oidcc_3rd_party_init_login_nohttps() {
    let op = Op::new();
    for variant in Variant::static_plans() {
        let address = suite("initiate_login").replace("https:", "http:");
        let registration = Registration::new(Auth::Basic, variant.response_type);
        let registration = registration.with(json!({ "initiate_login_uri": address }));
        registration.is_refused(&op, "invalid_client_metadata");
    }
}
