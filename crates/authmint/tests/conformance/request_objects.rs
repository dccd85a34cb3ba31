//! Requests inside a request object, by value: honoured, also when nobody signed it.

use authmint::oauth2::Params;
use serde_json::{Map, Value, json};

use crate::module::{Module, Variant, run};
use crate::op::{CALLBACK, unsigned};

/// The request as claims, and beside it what OAuth wants to see in the address (Core 6.1). The state is in the object alone.
pub(crate) fn object_and_rest(request: &Params) -> (Value, Params) {
    let claims: Map<String, Value> =
        request.iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    let beside = ["response_type", "client_id", "scope", "redirect_uri"];
    (Value::Object(claims), request.iter().filter(|(name, _)| beside.contains(name)).collect())
}

fn ask(module: &mut Module<'_>, change: impl FnOnce(&mut Params)) {
    let request = module.request();
    let (claims, mut outer) = object_and_rest(&request);
    outer.set("request", unsigned(&claims));
    change(&mut outer);
    let callback = module.callback(&outer);
    module.complete(&request, callback);
}

#[test]
fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    run(Variant::all(), |module| {
        let metadata = module.op.metadata();
        assert_eq!(metadata["request_parameter_supported"], true, "or it is a warning");
        let algorithms = metadata["request_object_signing_alg_values_supported"].as_array().unwrap();
        assert!(algorithms.contains(&json!("none")), "or the suite skips");
        ask(module, |_| {});
    });
}

/// The address that counts is the one in the object; the one beside it is not even registered.
#[test]
fn oidcc_ensure_request_object_with_redirect_uri() {
    run(Variant::all(), |module| {
        ask(module, |outer| outer.set("redirect_uri", format!("{CALLBACK}/invalid")));
    });
}

/// Where nothing is fetched, the metadata says so; the answer is the error that lets the suite skip.
#[test]
fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() {
    run(Variant::static_plans(), |module| {
        assert_eq!(module.op.metadata()["request_uri_parameter_supported"], false);
        let (_, mut outer) = object_and_rest(&module.request());
        if module.variant.form_post {
            outer.set("response_mode", "form_post");
        }
        outer.set("request_uri", "https://suite.example/test/a/authmint/requesturi/1");
        let callback = module.callback(&outer);
        assert_eq!(callback.params.get("error"), Some("request_uri_not_supported"));
    });
}
