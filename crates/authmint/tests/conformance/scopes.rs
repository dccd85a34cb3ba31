//! Which claims a scope brings, and where: at UserInfo, or in the ID token where no access token is issued (Core 5.4).

use authmint::oauth2::Params;
use serde_json::{Value, json};

use crate::module::{Done, Variant, run};

const PROFILE: &[&str] = &[
    "name",
    "given_name",
    "family_name",
    "middle_name",
    "nickname",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
    "preferred_username",
];
const EMAIL: &[&str] = &["email", "email_verified"];
const ADDRESS: &[&str] = &["address"];
const PHONE: &[&str] = &["phone_number", "phone_number_verified"];

/// Every claim of the scope is there, none of another, and the ID token has them only where it must.
fn brings(scope: &str, expected: &[&[&str]]) {
    let expected = expected.concat();
    run(Variant::all(), |module| {
        let supported = &module.op.metadata()["scopes_supported"];
        assert!(scope.split(' ').all(|word| supported.as_array().unwrap().contains(&json!(word))));
        let done = module.succeed(&module.with("scope", scope));
        let person = module.person(&done);
        for name in [PROFILE, EMAIL, ADDRESS, PHONE].concat() {
            assert_eq!(person.get(name).is_some(), expected.contains(&name), "{name} by {scope}: {person}");
        }
        if module.variant.has_userinfo() {
            nothing_of_the_person(&done);
        }
    });
}

fn nothing_of_the_person(done: &Done) {
    let all = [PROFILE, EMAIL, ADDRESS, PHONE].concat();
    assert!(done.id_tokens().all(|claims| all.iter().all(|name| claims.get(name).is_none())));
}

#[test]
fn oidcc_scope_profile() {
    brings("openid profile", &[PROFILE]);
}

#[test]
fn oidcc_scope_email() {
    brings("openid email", &[EMAIL]);
}

#[test]
fn oidcc_scope_address() {
    brings("openid address", &[ADDRESS]);
}

#[test]
fn oidcc_scope_phone() {
    brings("openid phone", &[PHONE]);
}

#[test]
fn oidcc_scope_all() {
    brings("openid profile email address phone", &[PROFILE, EMAIL, ADDRESS, PHONE]);
}

#[test]
fn oidcc_ensure_other_scope_order_succeeds() {
    brings("email openid", &[EMAIL]);
}

/// The same with the parameters the other way round, which takes its place in newer releases.
#[test]
fn oidcc_alternate_happy_flow() {
    run(Variant::all(), |module| {
        let request = module.with("scope", "email openid");
        let mut pairs: Vec<_> = request.iter().collect();
        pairs.sort_unstable_by(|one, two| two.cmp(one));
        let request: Params = pairs.into_iter().collect();
        let done = module.succeed(&request);
        assert_eq!(module.person(&done)["email"], "ada@example.com");
    });
}

/// One claim by name, essential: at UserInfo, or in the ID token where that is all there is; and in no other place.
#[test]
fn oidcc_claims_essential() {
    run(Variant::all(), |module| {
        assert_eq!(module.op.metadata()["claims_parameter_supported"], true);
        let place = if module.variant.has_userinfo() { "userinfo" } else { "id_token" };
        let claims = json!({ place: { "name": { "essential": true } } });
        let done = module.succeed(&module.with("claims", &claims.to_string()));
        let person: Value = module.person(&done);
        assert_eq!(person["name"], "Ada King Lovelace", "{:?}: {person}", module.variant);
        assert_eq!(person.get("given_name"), None);
        if module.variant.has_userinfo() {
            nothing_of_the_person(&done);
        }
    });
}
