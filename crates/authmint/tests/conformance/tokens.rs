//! A code that is used twice, and keys that are rotated.

use http::StatusCode;
use serde_json::{Value, json};

use crate::checks;
use crate::module::{Module, Variant, run};
use crate::op::{Op, header, json_of};

fn with_code() -> Vec<Variant> {
    Variant::all().into_iter().filter(Variant::has_code).collect()
}

fn reuse(module: &mut Module<'_>, after: u64) -> Vec<String> {
    let done = module.succeed(&module.request());
    module.op.pass(after);
    let response = module.redeem_again(done.callback.params.get("code").unwrap());
    checks::token_error(&response, "invalid_grant");
    done.callback
        .params
        .get("access_token")
        .into_iter()
        .chain(done.access_token())
        .map(str::to_owned)
        .collect()
}

/// At once: a success would be a warning.
#[test]
fn oidcc_codereuse() {
    run(with_code(), |module| {
        reuse(module, 0);
    });
}

/// After half a minute; what the code once brought is dead, or it is a warning.
#[test]
fn oidcc_codereuse_30seconds() {
    run(with_code(), |module| {
        for token in reuse(module, 30) {
            let response = module.ask_userinfo(&token);
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{:?}", module.variant);
            assert!(header(&response, "www-authenticate").contains("error=\"invalid_token\""));
            assert_eq!(json_of(&response)["error"], "invalid_token");
        }
    });
}

fn signing_keys(op: &Op) -> Vec<Value> {
    checks::key_set(op).into_iter().filter(|key| key["use"] == "sig").collect()
}

/// A new signing key that shares nothing with the old ones, which are still there (a warning if not).
#[test]
fn oidcc_server_rotate_keys() {
    let op = Op::new();
    let before = signing_keys(&op);
    crate::op::block_on(op.provider.server().keys().rotate(false)).unwrap();
    let after = signing_keys(&op);
    assert!(before.iter().all(|key| after.contains(key)), "each as it was, to the last member");
    let fresh: Vec<&Value> = after.iter().filter(|key| !before.contains(key)).collect();
    assert!(fresh.iter().any(|key| key["alg"] == "RS256"), "the one that signs ID tokens: {fresh:?}");
    for key in fresh {
        let member = if key["kty"] == json!("RSA") { "n" } else { "x" };
        assert!(before.iter().all(|old| old["kid"] != key["kid"] && old[member] != key[member]));
    }
}
