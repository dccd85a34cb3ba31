//! Software statements (RFC 7591 2.3).

use std::time::Duration;

use authmint::jose::{Algorithm, Key, KeySet};
use authmint::server::{Invitation, IssuerKeys, TrustedIssuer};
use http::StatusCode;
use serde_json::{Value, json};

use super::{body, error, open, register, registered, send, text};
use crate::world::{CALLBACK, ISSUER, World};

const DIRECTORY: &str = "https://directory.example";

struct Directory {
    world: World,
    key: Key,
}

impl Directory {
    fn new() -> Self {
        let key = Key::generate(Algorithm::ES256).unwrap().with_kid("d1");
        let keys = IssuerKeys::Jwks(KeySet::new([key.clone()]).to_public_jwks());
        let world = World::with(|config| {
            open(config);
            config.server.software_statement_issuers =
                vec![TrustedIssuer { issuer: DIRECTORY.to_owned(), keys }];
        });
        Self { world, key }
    }

    fn statement(&self, more: &Value) -> String {
        let mut claims = json!({
            "iss": DIRECTORY, "iat": 1_800_000_000, "software_id": "orders", "client_name": "Orders, as certified",
            "redirect_uris": [CALLBACK],
        });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.key.sign_jwt("JWT", &claims).unwrap()
    }
}

#[test]
fn what_the_statement_says_wins_over_what_the_client_says() {
    let directory = Directory::new();
    let statement = directory.statement(&json!({}));
    let client = registered(
        &directory.world,
        &json!({
            "software_statement": statement, "client_name": "Your bank", "redirect_uris": ["https://evil.example/"],
            "contacts": ["ada@app.example"],
        }),
    );
    assert_eq!(client["client_name"], "Orders, as certified");
    assert_eq!(client["redirect_uris"], json!([CALLBACK]));
    assert_eq!(client["contacts"], json!(["ada@app.example"]));
    assert_eq!(client["software_statement"], statement);
    assert_ne!(client["client_id"], DIRECTORY);
}

#[test]
fn a_change_does_not_shake_the_statement_off() {
    let directory = Directory::new();
    let statement = directory.statement(&json!({ "exp": 1_800_000_600_u64 }));
    let client = registered(&directory.world, &json!({ "software_statement": statement }));
    directory.world.pass(3600);
    let change = json!({ "client_id": client["client_id"], "client_name": "Your bank", "redirect_uris": ["https://evil.example/"] });
    let (address, token) =
        (text(&client, "registration_client_uri"), text(&client, "registration_access_token"));
    let changed = body(&send(&directory.world, "PUT", &address, Some(&token), &change.to_string()));
    assert_eq!(changed["client_name"], "Orders, as certified", "{changed}");
    assert_eq!(changed["redirect_uris"], json!([CALLBACK]));
    let late = register(&directory.world, &json!({ "software_statement": statement }));
    assert_eq!(error(&late), "invalid_software_statement", "a new client needs one that is good");
}

#[test]
fn a_statement_of_a_stranger_or_that_is_broken_is_refused() {
    let directory = Directory::new();
    let stranger = Key::generate(Algorithm::ES256).unwrap().with_kid("d1");
    let claims = json!({ "iss": DIRECTORY, "software_id": "orders", "redirect_uris": [CALLBACK] });
    let with = |more: &Value| directory.statement(more);
    for (statement, code) in [
        (with(&json!({ "iss": "https://evil.example" })), "unapproved_software_statement"),
        (with(&json!({ "iss": null })), "unapproved_software_statement"),
        (stranger.sign_jwt("JWT", &claims).unwrap(), "invalid_software_statement"),
        (directory.key.sign_jwt("at+jwt", &claims).unwrap(), "invalid_software_statement"),
        (with(&json!({ "software_id": null })), "invalid_software_statement"),
        (with(&json!({ "exp": 1_700_000_000 })), "invalid_software_statement"),
        (with(&json!({ "exp": "later" })), "invalid_software_statement"),
        (with(&json!({ "aud": "https://other.example" })), "invalid_software_statement"),
        (with(&json!({ "redirect_uris": ["javascript:alert(1)"] })), "invalid_redirect_uri"),
        ("x".to_owned(), "invalid_software_statement"),
        (String::new(), "invalid_software_statement"),
    ] {
        let response = register(
            &directory.world,
            &json!({ "software_statement": statement, "redirect_uris": [CALLBACK] }),
        );
        assert_eq!((response.status(), &*error(&response)), (StatusCode::BAD_REQUEST, code), "{statement}");
    }
    let no_text =
        register(&directory.world, &json!({ "software_statement": {}, "redirect_uris": [CALLBACK] }));
    assert_eq!(error(&no_text), "invalid_software_statement");
    let for_us = with(&json!({ "aud": [ISSUER], "exp": 1_800_000_600_u64 }));
    registered(&directory.world, &json!({ "software_statement": for_us }));
    let trusting_nobody = World::with(open);
    let response = register(&trusting_nobody, &json!({ "software_statement": with(&json!({})) }));
    assert_eq!(error(&response), "unapproved_software_statement");
}

#[test]
fn an_invitation_may_demand_a_statement() {
    let directory = Directory::new();
    let invitation =
        Invitation { lifetime: Duration::from_secs(600), once: false, needs_software_statement: true };
    let token = directory.world.provider.server().invite(invitation).unwrap();
    let register = |metadata: Value| {
        send(
            &directory.world,
            "POST",
            &format!("{ISSUER}/register"),
            Some(token.expose()),
            &metadata.to_string(),
        )
    };
    assert_eq!(error(&register(json!({ "redirect_uris": [CALLBACK] }))), "invalid_software_statement");
    let with = register(json!({ "software_statement": directory.statement(&json!({})) }));
    assert_eq!(with.status(), StatusCode::CREATED);
}
