//! Requests inside a request object, by value: honoured, also when nobody signed it.

use authmint::jose::JwsBuilder;
use authmint::oauth2::Params;
use serde_json::{Map, Value, json};

use crate::module::{Module, Variant, dynamic, run};
use crate::op::{CALLBACK, ISSUER, Op, random, unsigned};
use crate::web::suite;

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

/// By reference, at an address that the client registers: `prepare` makes the object of the claims.
fn by_reference(variants: Vec<Variant>, algorithm: Option<&str>, prepare: fn(&Module<'_>, &Value) -> String) {
    let op = Op::new();
    assert_eq!(op.metadata()["request_uri_parameter_supported"], true);
    for variant in variants {
        let address = suite(&format!("requesturi/{}", random(96)));
        // The hash of Core 6.2, of a content that is not known yet.
        let named = format!("{address}#{}", random(43));
        let members = json!({ "request_uris": [named], "request_object_signing_alg": algorithm });
        dynamic(&op, variant, members, |module| {
            let request = module.request();
            let (claims, mut outer) = object_and_rest(&request);
            op.web.serve(&address, "application/jwt", prepare(module, &claims));
            outer.set("request_uri", &named);
            let callback = module.callback(&outer);
            module.complete(&request, callback);
        });
    }
}

/// Where it is the runner's choice: honoured.
#[test]
fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() {
    by_reference(Variant::static_plans(), None, |_, claims| unsigned(claims));
}

/// In the plan dynamic it must be.
#[test]
fn oidcc_request_uri_unsigned() {
    by_reference(Variant::dynamic_plan(), None, |_, claims| unsigned(claims));
}

/// With issuer and audience, no `exp`, no `typ` and no `kid`.
#[test]
fn oidcc_request_uri_signed_rs256() {
    by_reference(Variant::dynamic_plan(), Some("RS256"), |module, claims| {
        let mut claims = claims.clone();
        claims["iss"] = json!(module.rp.id);
        claims["aud"] = json!(ISSUER);
        let key = module.rp.key.as_ref().unwrap();
        JwsBuilder::new().sign(key, claims.to_string().as_bytes()).unwrap()
    });
}
