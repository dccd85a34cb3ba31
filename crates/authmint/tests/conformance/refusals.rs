//! Requests that must fail: at the client where the answer may go there, on a page of the provider's where it may not.

use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Callback, Channel, text};
use crate::checks;
use crate::module::{Module, Variant, dynamic, run};
use crate::op::{CALLBACK, Op, header};

/// A page on the provider's own origin, with words that are the same each time, and no way on.
pub(crate) fn error_page(module: &mut Module<'_>, request: &authmint::oauth2::Params, parameter: &str) {
    let page = module.visit(request).page();
    assert_eq!(page.status(), StatusCode::BAD_REQUEST);
    assert!(header(&page, "content-type").starts_with("text/html"));
    let page = text(&page);
    assert!(page.contains("This request cannot be completed"), "{page}");
    assert!(page.contains("id=\"error\"") && page.contains("<details id=\"error-details\">"), "{page}");
    assert!(page.contains(&format!("<dd dir=\"auto\">{parameter}</dd>")), "{parameter} in {page}");
    assert_eq!(module.browser.logins, 0, "before anybody is asked anything");
}

/// Without a response type its default mode is not known either: the query, unless the request says how to answer.
#[test]
fn oidcc_response_type_missing() {
    run(Variant::static_plans(), |module| {
        let request = module.without("response_type");
        let callback: Callback = module.visit(&request).callback();
        let expected = if module.variant.form_post { Channel::FormPost } else { Channel::Query };
        assert_eq!((callback.channel, &*callback.uri), (expected, CALLBACK));
        checks::authorization_error(&callback, &request, &["invalid_request", "unsupported_response_type"]);
    });
}

#[test]
fn oidcc_ensure_request_without_nonce_fails() {
    run(Variant::all().into_iter().filter(Variant::has_id_token).collect(), |module| {
        let request = module.without("nonce");
        let callback = module.callback(&request);
        checks::authorization_error(&callback, &request, &["invalid_request"]);
        assert_eq!(module.browser.logins, 0);
    });
}

#[test]
fn oidcc_ensure_registered_redirect_uri() {
    run(Variant::all(), |module| {
        let other = format!("{CALLBACK}/{}", crate::op::random(10));
        let request = module.with("redirect_uri", &other);
        error_page(module, &request, "redirect_uri");
    });
}

/// A client of two addresses that names none.
#[test]
fn oidcc_ensure_redirect_uri_in_authorization_request() {
    let op = Op::new();
    for variant in Variant::dynamic_plan() {
        let two = json!({ "redirect_uris": [CALLBACK, format!("{CALLBACK}?dummy1=lorem")] });
        dynamic(&op, variant, two, |module| {
            let request = module.without("redirect_uri");
            error_page(module, &request, "redirect_uri");
        });
    }
}

fn with_query() -> Value {
    json!({ "redirect_uris": [format!("{CALLBACK}?dummy1=lorem&dummy2=ipsum")] })
}

/// What is registered in the query comes back, beside the answer or before the fragment.
#[test]
#[allow(non_snake_case, reason = "the suite's name")]
fn oidcc_redirect_uri_query_OK() {
    let op = Op::new();
    for variant in Variant::dynamic_plan() {
        dynamic(&op, variant, with_query(), |module| {
            let done = module.succeed(&module.request());
            if done.callback.channel == Channel::Query {
                let params = &done.callback.params;
                assert_eq!((params.get("dummy1"), params.get("dummy2")), (Some("lorem"), Some("ipsum")));
            }
        });
    }
}

#[test]
fn oidcc_redirect_uri_query_mismatch() {
    let op = Op::new();
    for variant in Variant::dynamic_plan() {
        dynamic(&op, variant, with_query(), |module| {
            let request = module.with("redirect_uri", &format!("{CALLBACK}?dummy1=lorem&dummy2=dolor"));
            error_page(module, &request, "redirect_uri");
        });
    }
}

#[test]
fn oidcc_redirect_uri_query_added() {
    let op = Op::new();
    for registered in [CALLBACK.to_owned(), format!("{CALLBACK}?dummy1=lorem")] {
        for variant in Variant::dynamic_plan() {
            dynamic(&op, variant, json!({ "redirect_uris": [registered] }), |module| {
                let added = format!("{CALLBACK}?dummy1=lorem&dummy2=ipsum");
                let request = module.with("redirect_uri", &added);
                error_page(module, &request, "redirect_uri");
            });
        }
    }
}
