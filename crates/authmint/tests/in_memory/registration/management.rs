//! A client reads, changes and removes its own registration (RFC 7592).

use authmint::oauth2::ClientInformation;
use http::StatusCode;
use serde_json::{Value, json};

use super::{body, error, open, registered, send, text};
use crate::world::{Browser, CALLBACK, ISSUER, World, claims, code_of, redeem, request};

/// What a change sends: what was answered, without what is the server's.
fn change(client: &Value, with: &Value) -> String {
    let mut members = client.as_object().unwrap().clone();
    for name in [
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_id_issued_at",
    ] {
        members.remove(name);
    }
    members.extend(with.as_object().unwrap().clone());
    Value::Object(members).to_string()
}

struct Managed {
    world: World,
    client: Value,
    address: String,
    token: String,
}

impl Managed {
    fn new(metadata: &Value) -> Self {
        let world = World::with(open);
        let client = registered(&world, metadata);
        let (address, token) =
            (text(&client, "registration_client_uri"), text(&client, "registration_access_token"));
        Self { world, client, address, token }
    }

    fn send(&self, method: &str, json: &str) -> http::Response<bytes::Bytes> {
        send(&self.world, method, &self.address, Some(&self.token), json)
    }
}

#[test]
fn a_client_reads_what_is_registered_of_it() {
    let managed = Managed::new(&json!({ "redirect_uris": [CALLBACK], "client_name": "Orders" }));
    let response = managed.send("GET", "");
    assert_eq!(
        (response.status(), &response.headers()["cache-control"]),
        (StatusCode::OK, &"no-store".parse().unwrap())
    );
    let mut read = body(&response);
    assert_eq!(read["registration_access_token"], managed.token);
    assert!(read.get("client_secret").is_none(), "its hash alone is kept");
    read["client_secret"] = managed.client["client_secret"].clone();
    read["client_secret_expires_at"] = json!(0);
    assert_eq!(read, managed.client);
    assert!(serde_json::from_value::<ClientInformation>(read).is_ok());
}

#[test]
fn a_secret_that_is_a_key_is_read_back() {
    let hs256 = json!({ "redirect_uris": [CALLBACK], "id_token_signed_response_alg": "HS256" });
    let managed = Managed::new(&hs256);
    assert_eq!(body(&managed.send("GET", "")), managed.client);
}

#[test]
fn a_change_takes_the_place_of_everything() {
    let managed =
        Managed::new(&json!({ "redirect_uris": [CALLBACK], "client_name": "Orders", "contacts": ["a"] }));
    let with = json!({ "client_name": "Orders 2", "contacts": null, "redirect_uris": [CALLBACK, "https://app.example/2"] });
    let response = managed.send("PUT", &change(&managed.client, &with));
    assert_eq!(response.status(), StatusCode::OK, "{}", body(&response));
    let changed = body(&response);
    assert_eq!(changed["client_name"], "Orders 2");
    assert!(changed.get("contacts").is_none());
    assert!(changed.get("client_secret").is_none(), "the secret is as it was");
    assert_eq!(changed["registration_access_token"], managed.token);
    assert_eq!(body(&managed.send("GET", "")), changed);
    let (id, secret) = (text(&managed.client, "client_id"), text(&managed.client, "client_secret"));
    let callback = Browser::default().authorize(&managed.world, &request(&id, "openid", &[]));
    let tokens = managed.world.post_as("/token", Some((&id, &secret)), &redeem(&code_of(&callback)));
    assert_eq!(tokens.status(), StatusCode::OK);
    let minimal = json!({ "client_id": id, "redirect_uris": ["https://app.example/3"] });
    assert!(body(&managed.send("PUT", &minimal.to_string())).get("client_name").is_none());
}

#[test]
fn a_client_that_comes_to_need_a_secret_gets_one() {
    let managed = Managed::new(&json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none" }));
    let with = json!({ "token_endpoint_auth_method": "client_secret_post" });
    let changed = body(&managed.send("PUT", &change(&managed.client, &with)));
    let secret = text(&changed, "client_secret");
    assert!(secret.len() >= 43 && changed["client_secret_expires_at"] == 0, "{changed}");
    let again = body(&managed.send("PUT", &change(&changed, &json!({ "client_name": "New" }))));
    assert!(again.get("client_secret").is_none(), "it has one");
    let with = json!({ "client_secret": secret, "id_token_signed_response_alg": "HS256" });
    let keyed = body(&managed.send("PUT", &change(&again, &with)));
    assert_ne!(text(&keyed, "client_secret"), secret, "a hash is no key, so a new one is made");
    let with = json!({ "token_endpoint_auth_method": "none", "id_token_signed_response_alg": "RS256", "client_secret": null });
    let public = body(&managed.send("PUT", &change(&keyed, &with)));
    assert!(public.get("client_secret").is_none());
    let stored = crate::world::block_on(managed.world.provider.storage().client(&text(&public, "client_id")));
    assert_eq!(stored.unwrap().unwrap().secret_hash, None);
}

#[test]
fn a_change_may_not_choose_what_is_the_servers() {
    let managed = Managed::new(&json!({ "redirect_uris": [CALLBACK] }));
    for with in [
        json!({ "client_id": "another" }),
        json!({ "client_id": null }),
        json!({ "client_secret": "mine" }),
        json!({ "client_secret": 5 }),
        json!({ "registration_access_token": managed.token }),
        json!({ "registration_client_uri": managed.address }),
        json!({ "client_id_issued_at": 1 }),
        json!({ "client_secret_expires_at": 1 }),
    ] {
        let response = managed.send("PUT", &change(&managed.client, &with));
        assert_eq!(
            (response.status(), &*error(&response)),
            (StatusCode::BAD_REQUEST, "invalid_request"),
            "{with}"
        );
    }
    for (with, code) in [
        (json!({ "redirect_uris": ["javascript:alert(1)"] }), "invalid_redirect_uri"),
        (json!({ "grant_types": ["password"] }), "invalid_client_metadata"),
        (json!({ "scope": "orders:write" }), "invalid_client_metadata"),
    ] {
        assert_eq!(error(&managed.send("PUT", &change(&managed.client, &with))), code);
    }
    let mut unchanged = body(&managed.send("GET", ""));
    unchanged["client_secret"] = managed.client["client_secret"].clone();
    unchanged["client_secret_expires_at"] = json!(0);
    assert_eq!(unchanged, managed.client);
}

#[test]
fn a_client_removes_itself_with_its_tokens() {
    let managed = Managed::new(&json!({ "redirect_uris": [CALLBACK] }));
    let (id, secret) = (text(&managed.client, "client_id"), text(&managed.client, "client_secret"));
    let callback = Browser::default().authorize(&managed.world, &request(&id, "openid", &[]));
    let tokens = body(&managed.world.post_as("/token", Some((&id, &secret)), &redeem(&code_of(&callback))));
    let user_info =
        |token: &str| send(&managed.world, "GET", &format!("{ISSUER}/userinfo"), Some(token), "").status();
    assert_eq!(user_info(&text(&tokens, "access_token")), StatusCode::OK);
    assert_eq!(claims(&text(&tokens, "id_token"))["aud"], id);
    let response = managed.send("DELETE", "");
    assert_eq!((response.status(), response.body().len()), (StatusCode::NO_CONTENT, 0));
    assert!(!response.headers().contains_key("content-type"));
    assert_eq!(user_info(&text(&tokens, "access_token")), StatusCode::UNAUTHORIZED);
    assert_eq!(managed.send("GET", "").status(), StatusCode::UNAUTHORIZED);
}

#[test]
fn s41_the_token_of_another_client_opens_nothing() {
    let managed = Managed::new(&json!({ "redirect_uris": [CALLBACK] }));
    let other = registered(&managed.world, &json!({ "redirect_uris": [CALLBACK] }));
    let (operators, secret) = managed.world.register(|_| {});
    let foreign = text(&other, "registration_access_token");
    let id = text(&managed.client, "client_id");
    for method in ["GET", "PUT", "DELETE"] {
        let answers: Vec<_> = [
            (id.as_str(), foreign.as_str()),
            (&id, "wrong"),
            (&id, &text(&managed.client, "client_secret")),
            (&operators, &foreign),
            (&operators, &secret),
            ("there-is-no-such-client", &foreign),
            ("", &foreign),
        ]
        .into_iter()
        .map(|(id, token)| {
            let response =
                send(&managed.world, method, &format!("{ISSUER}/register/{id}"), Some(token), "{}");
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{method} {id} {token}");
            (response.headers().clone(), response.into_body())
        })
        .collect();
        assert!(answers.windows(2).all(|two| two[0] == two[1]), "one answer for all");
        assert!(
            answers[0].0["www-authenticate"].to_str().unwrap().starts_with("Bearer error=\"invalid_token\"")
        );
    }
    let without = send(&managed.world, "GET", &managed.address, None, "");
    assert_eq!(
        (without.status(), &without.headers()["www-authenticate"]),
        (StatusCode::UNAUTHORIZED, &"Bearer".parse().unwrap())
    );
    assert_eq!(managed.send("GET", "").status(), StatusCode::OK);
}

#[test]
fn s41_a_registration_token_is_no_access_token_and_cannot_be_guessed_for_ever() {
    let managed = Managed::new(&json!({ "redirect_uris": [CALLBACK] }));
    let user_info = send(&managed.world, "GET", &format!("{ISSUER}/userinfo"), Some(&managed.token), "");
    assert_eq!(user_info.status(), StatusCode::UNAUTHORIZED);
    for _ in 0..100 {
        send(&managed.world, "GET", &managed.address, Some("guess"), "");
    }
    assert_eq!(managed.send("GET", "").status(), StatusCode::TOO_MANY_REQUESTS);
}
