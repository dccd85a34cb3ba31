//! A second authorization in the same browser: when the person is asked again, and what the ID tokens say of it.

use serde_json::Value;

use crate::checks;
use crate::module::{Done, Module, Variant, address, run};
use crate::op::{header, random};

/// What an error must be when a page would have been needed.
pub(crate) const NEEDS_A_PAGE: &[&str] =
    &["interaction_required", "login_required", "account_selection_required", "consent_required"];

fn auth_time(claims: &Value) -> u64 {
    claims["auth_time"].as_u64().unwrap()
}

/// Both runs were one login of one person.
fn same_login(first: &Done, second: &Done) {
    for claims in second.id_tokens() {
        assert_eq!(auth_time(claims), auth_time(first.id_token()));
        assert_eq!(claims["sub"], first.id_token()["sub"]);
    }
}

/// A login page where one was demanded: the request leads there although the browser is signed in.
fn asks_for_the_password(module: &mut Module<'_>, request: &authmint::oauth2::Params) {
    let step = module.browser.get(module.op, &address(request));
    assert!(header(&step, "location").starts_with("/login?"), "{step:?}");
}

#[test]
fn oidcc_prompt_login() {
    run(Variant::all(), |module| {
        let first = module.succeed(&module.request());
        module.op.pass(2);
        let again = module.with("prompt", "login");
        asks_for_the_password(module, &again);
        let second = module.succeed(&again);
        assert_eq!(module.browser.logins, 2, "{:?}", module.variant);
        assert!(second.id_tokens().all(|claims| auth_time(claims) > auth_time(first.id_token())));
    });
}

/// The state is long here, and must come back whole.
#[test]
fn oidcc_prompt_none_not_logged_in() {
    run(Variant::all(), |module| {
        let mut request = module.with("prompt", "none");
        request.set("state", random(128));
        let callback = module.callback(&request);
        checks::authorization_error(&callback, &request, NEEDS_A_PAGE);
        assert_eq!((module.browser.logins, callback.params.get("code")), (0, None));
    });
}

#[test]
fn oidcc_prompt_none_logged_in() {
    run(Variant::all(), |module| {
        let first = module.succeed(&module.request());
        module.op.pass(5);
        let (logins, consents) = (module.browser.logins, module.browser.consents);
        let second = module.succeed(&module.with("prompt", "none"));
        assert_eq!((module.browser.logins, module.browser.consents), (logins, consents));
        same_login(&first, &second);
    });
}

/// Two seconds later a login is too old for `max_age=1`; then `auth_time` is required, later, and recent.
#[test]
fn oidcc_max_age_1() {
    run(Variant::all(), |module| {
        let first = module.succeed(&module.request());
        module.op.pass(2);
        let again = module.with("max_age", "1");
        asks_for_the_password(module, &again);
        let second = module.succeed(&again);
        assert_eq!(module.browser.logins, 2, "{:?}", module.variant);
        for claims in second.id_tokens() {
            assert!(auth_time(claims) > auth_time(first.id_token()));
            assert!(module.op.now() - auth_time(claims) < 10);
        }
    });
}

#[test]
fn oidcc_max_age_10000() {
    run(Variant::all(), |module| {
        let request = module.with("max_age", "15000");
        let first = module.succeed(&request);
        module.op.pass(5);
        let second = module.succeed(&module.with("max_age", "10000"));
        assert_eq!(module.browser.logins, 1, "{:?}", module.variant);
        same_login(&first, &second);
    });
}

#[test]
fn oidcc_id_token_hint() {
    run(Variant::all(), |module| {
        let first = module.succeed(&module.request());
        module.op.pass(5);
        let hint = &first.back.as_ref().or(first.front.as_ref()).unwrap().text;
        let mut request = module.with("id_token_hint", hint);
        request.set("prompt", "none");
        let second = module.succeed(&request);
        assert_eq!(module.browser.logins, 1);
        same_login(&first, &second);
    });
}
