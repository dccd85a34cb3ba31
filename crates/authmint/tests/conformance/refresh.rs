//! Refresh tokens: what they bring, and whose they are.

use http::StatusCode;
use serde_json::Value;

use crate::checks::{self, IdToken};
use crate::module::{Done, Module, Variant};
use crate::op::{Auth, Op, Rp};
use crate::registered::Registration;

/// Refreshes as the suite does: a second later, for the client's own scope, and compares the ID tokens (Core 12.2).
pub(crate) fn refresh(module: &Module<'_>, done: &Done, scope: Option<&str>) -> Value {
    let token = done.refresh_token().expect("a refresh token");
    module.op.pass(1);
    let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
    form.extend(scope.map(|scope| ("scope", scope)));
    let tokens = checks::token_response(&module.op.token(&module.rp, &form));
    assert_ne!(tokens["access_token"].as_str(), done.access_token());
    if let Some(text) = tokens.get("id_token") {
        let text = text.as_str().unwrap();
        let nonce = authmint::jose::peek_unverified::<Value>(text).unwrap().1;
        let nonce = nonce.get("nonce").map(|nonce| nonce.as_str().unwrap().to_owned());
        assert!(nonce.is_none() || nonce.as_deref() == done.id_token()["nonce"].as_str());
        let second = IdToken::check(module.op, &module.rp, text, nonce.as_deref());
        let (first, second) = (done.id_token(), &second.claims);
        for name in ["iss", "sub", "aud", "azp", "auth_time"] {
            assert_eq!(first.get(name), second.get(name), "{name}");
        }
        assert_ne!(first["iat"], second["iat"]);
    }
    module.userinfo(tokens["access_token"].as_str().unwrap());
    tokens
}

/// A client that may refresh.
fn client(op: &Op, variant: Variant) -> Rp {
    if variant.form_post || variant.auth == Auth::PrivateKeyJwt {
        let registration = Registration::new(variant.auth, variant.response_type);
        return registration.with_grant("refresh_token").register(op).0;
    }
    op.register(variant.auth, |_| {})
}

/// With two clients; the token of the second is worth nothing to the first.
#[test]
fn oidcc_refresh_token() {
    let op = Op::new();
    let grants = op.metadata()["grant_types_supported"].clone();
    assert!(grants.as_array().unwrap().iter().any(|grant| grant == "refresh_token"), "or it is a warning");
    for variant in Variant::all().into_iter().filter(Variant::has_code) {
        let (one, two) = (client(&op, variant), client(&op, variant));
        for scope in ["openid", "openid offline_access"] {
            let ask = |rp: &Rp| {
                let mut module = Module::new(&op, rp.clone(), variant);
                let mut request = module.with("scope", scope);
                if scope.contains("offline_access") {
                    request.set("prompt", "consent");
                }
                let done = module.succeed(&request);
                (module, done)
            };
            let (module, done) = ask(&one);
            refresh(&module, &done, Some(scope));
            let (module, done) = ask(&two);
            let tokens = refresh(&module, &done, None);
            let token = tokens["refresh_token"].as_str().or(done.refresh_token()).unwrap();
            let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope)];
            checks::token_error(&op.token(&one, &form), "invalid_grant");
            let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
            assert_eq!(op.token(&two, &form).status(), StatusCode::OK, "its owner lost nothing");
        }
    }
}
