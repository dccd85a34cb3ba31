//! Clients that register themselves (RFC 7591, RFC 7592, OpenID Connect Registration): what they get, and what they don't.

mod addresses;
mod invitation;
mod management;
mod software;

use authmint::client::LoginOptions;
use authmint::oauth2::GrantType;
use authmint::provider::{PeerAddress, ProviderConfig};
use authmint::server::{Profile, Registration};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::world::{Browser, CALLBACK, ISSUER, World, block_on, json as body, request};

fn open(config: &mut ProviderConfig) {
    config.server.registration = Registration::Open;
}

/// Sends JSON to an address, with a token if there is one.
fn send(world: &World, method: &str, address: &str, token: Option<&str>, json: &str) -> Response<Bytes> {
    let mut request = Request::builder()
        .method(method)
        .uri(address)
        .header("host", "op.example")
        .header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    world.send(request.body(Bytes::from(json.to_owned())).unwrap())
}

fn register(world: &World, metadata: &Value) -> Response<Bytes> {
    send(world, "POST", &format!("{ISSUER}/register"), None, &metadata.to_string())
}

/// A client that must be registered.
fn registered(world: &World, metadata: &Value) -> Value {
    let response = register(world, metadata);
    assert_eq!(response.status(), StatusCode::CREATED, "{}", body(&response));
    body(&response)
}

fn error(response: &Response<Bytes>) -> String {
    body(response)["error"].as_str().unwrap_or_default().to_owned()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_client_registers_itself_and_logs_people_in() {
    let world = World::with(open);
    let response = register(
        &world,
        &json!({
            "client_name": "Orders",
            "redirect_uris": [CALLBACK],
            "post_logout_redirect_uris": ["https://app.example/bye"],
            "grant_types": ["authorization_code", "refresh_token"],
        }),
    );
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let client = body(&response);
    let (id, secret) = (text(&client, "client_id"), text(&client, "client_secret"));
    assert_eq!(client["client_secret_expires_at"], 0);
    assert_eq!(client["client_id_issued_at"], 1_800_000_000);
    assert_eq!(client["registration_client_uri"], format!("{ISSUER}/register/{id}"));
    assert!(client["registration_access_token"].as_str().is_some_and(|token| token.len() >= 43));

    let client = world.client(&id, &secret);
    let (address, pending) = block_on(client.start(&LoginOptions::default())).unwrap();
    let callback = Browser::default().authorize(&world, &address);
    let login = block_on(client.callback(&pending, callback.split_once('?').unwrap().1)).unwrap();
    assert_eq!(login.user_info.claims.name.as_deref(), Some("Ada Lovelace"));
    assert!(login.tokens.refresh_token.is_some());
}

#[test]
fn what_is_not_said_is_as_the_specifications_say() {
    let world = World::with(open);
    let client = registered(&world, &json!({ "redirect_uris": [CALLBACK], "unknown": { "x": 1 } }));
    assert_eq!(client["grant_types"], json!(["authorization_code"]));
    assert_eq!(client["response_types"], json!(["code"]));
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(client["application_type"], "web");
    assert_eq!(client["subject_type"], "public");
    assert_eq!(client["id_token_signed_response_alg"], "RS256");
    assert_eq!(client["scope"], "openid profile email phone address");
    assert!(client.get("unknown").is_none());
    let grants = json!(["authorization_code", "refresh_token"]);
    let client = registered(&world, &json!({ "redirect_uris": [CALLBACK], "grant_types": grants }));
    assert_eq!(client["scope"], "openid profile email phone address offline_access");
    let public = json!({ "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none" });
    let client = registered(&world, &public);
    assert!(client.get("client_secret").is_none() && client.get("client_secret_expires_at").is_none());
}

#[test]
fn what_is_said_comes_back_and_is_kept() {
    let world = World::with(|config| {
        open(config);
        // Without one there is no back-channel logout to register for.
        let nobody = authmint::fetch::InMemory::new(|_| async { Response::new(Bytes::new()) });
        config.transport = Some(std::sync::Arc::new(nobody));
    });
    let said = json!({
        "client_name": "Orders",
        "client_uri": "https://app.example/",
        "logo_uri": "https://app.example/logo.png",
        "policy_uri": "https://app.example/policy",
        "tos_uri": "https://app.example/tos",
        "contacts": ["ada@app.example"],
        "redirect_uris": ["https://app.example/callback?tenant=1"],
        "application_type": "web",
        "default_max_age": 3600,
        "require_auth_time": true,
        "default_acr_values": ["urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"],
        "initiate_login_uri": "https://app.example/login",
        "userinfo_signed_response_alg": "RS256",
        "id_token_signed_response_alg": "ES256",
        "software_id": "orders",
        "software_version": "1.2",
        "frontchannel_logout_uri": "https://app.example/logout",
        "dpop_bound_access_tokens": true,
    });
    let client = registered(&world, &said);
    let (address, token) =
        (text(&client, "registration_client_uri"), text(&client, "registration_access_token"));
    let read = body(&send(&world, "GET", &address, Some(&token), ""));
    for (name, value) in said.as_object().unwrap() {
        assert_eq!(client[name], *value, "{name}");
        assert_eq!(read[name], *value, "{name}");
    }
}

#[test]
fn a_closed_server_has_no_such_endpoint_and_names_none() {
    let closed = World::new();
    assert_eq!(closed.provider.server().metadata().server.registration_endpoint, None);
    assert_eq!(register(&closed, &json!({})).status(), StatusCode::NOT_FOUND);
    assert_eq!(closed.get(&format!("{ISSUER}/register/x")).status(), StatusCode::NOT_FOUND);
    let open = World::with(open);
    let named = open.provider.server().metadata().server.registration_endpoint;
    assert_eq!(named, Some(format!("{ISSUER}/register")));
    let other_method = open.get(&format!("{ISSUER}/register"));
    assert_eq!(
        (other_method.status(), &other_method.headers()["allow"]),
        (StatusCode::METHOD_NOT_ALLOWED, &"POST".parse().unwrap())
    );
}

#[test]
fn s41_script_addresses_fragments_and_foreign_schemes_cannot_be_registered() {
    let world = World::with(open);
    for uri in [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://app.example/callback#x",
        "http://app.example/callback",
        "https://*.example/",
        "app:/x",
    ] {
        let response = register(&world, &json!({ "redirect_uris": [CALLBACK, uri] }));
        assert_eq!(
            (response.status(), &*error(&response)),
            (StatusCode::BAD_REQUEST, "invalid_redirect_uri"),
            "{uri}"
        );
    }
    for name in [
        "client_uri",
        "logo_uri",
        "policy_uri",
        "tos_uri",
        "initiate_login_uri",
        "jwks_uri",
        "backchannel_logout_uri",
    ] {
        let response = register(&world, &json!({ "redirect_uris": [CALLBACK], name: "javascript:alert(1)" }));
        assert_eq!(error(&response), "invalid_client_metadata", "{name}");
    }
    let script = registered(
        &world,
        &json!({ "redirect_uris": [CALLBACK], "client_name": "<script>alert(1)</script>" }),
    );
    let page = Browser::default().open(&world, &request(&text(&script, "client_id"), "openid", &[]));
    assert!(!String::from_utf8_lossy(page.body()).contains("<script"));
}

#[test]
fn the_application_type_says_where_browsers_may_be_sent() {
    let world = World::with(|config| {
        open(config);
        config.server.profile = Profile::Legacy;
    });
    let implicit = |uri: &str| json!({ "redirect_uris": [uri], "grant_types": ["implicit"], "response_types": ["id_token"] });
    for uri in ["http://localhost/cb", "http://127.0.0.1/cb", "https://localhost/cb", "com.example.app:/cb"] {
        assert_eq!(error(&register(&world, &implicit(uri))), "invalid_redirect_uri", "{uri}");
    }
    registered(&world, &implicit(CALLBACK));
    let native = |uri: &str| json!({ "redirect_uris": [uri], "application_type": "native" });
    assert_eq!(error(&register(&world, &native(CALLBACK))), "invalid_redirect_uri");
    for uri in ["http://localhost/cb", "http://127.0.0.1/cb", "com.example.app:/cb"] {
        registered(&world, &native(uri));
    }
}

#[test]
fn s41_what_cannot_be_read_in_one_way_is_refused() {
    let world = World::with(open);
    let address = format!("{ISSUER}/register");
    let deep = format!(r#"{{"redirect_uris":["{CALLBACK}"],"x":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    for json in [
        "",
        "[]",
        "null",
        "{",
        r#"{"redirect_uris":["https://app.example/callback"]} x"#,
        r#"{"redirect_uris":["https://app.example/callback"],"redirect_uris":["https://evil.example/"]}"#,
        r#"{"redirect_uris":["https://app.example/callback"],"x":{"y":1,"y":2}}"#,
        &deep,
    ] {
        let response = send(&world, "POST", &address, None, json);
        assert_eq!(error(&response), "invalid_client_metadata", "{json}");
    }
    let form = world.post("/register", &[("redirect_uris", CALLBACK)]);
    assert_eq!((form.status(), &*error(&form)), (StatusCode::BAD_REQUEST, "invalid_request"));
}

#[test]
fn s41_huge_documents_and_lists_are_refused() {
    let world = World::with(open);
    let huge = json!({ "redirect_uris": [CALLBACK], "x": "a".repeat(64 * 1024) });
    assert_eq!(register(&world, &huge).status(), StatusCode::PAYLOAD_TOO_LARGE);
    let uris: Vec<_> = (0..65).map(|number| format!("https://app.example/{number}")).collect();
    assert_eq!(error(&register(&world, &json!({ "redirect_uris": uris }))), "invalid_client_metadata");
    let name = json!({ "redirect_uris": [CALLBACK], "client_name": "a".repeat(257) });
    assert_eq!(error(&register(&world, &name)), "invalid_client_metadata");
}

#[test]
fn s41_one_address_cannot_register_without_end() {
    let world = World::with(open);
    let from = |address: [u8; 4]| {
        let mut request = Request::post(format!("{ISSUER}/register"))
            .header("host", "op.example")
            .header("content-type", "application/json")
            .body(Bytes::from(json!({ "redirect_uris": [CALLBACK] }).to_string()))
            .unwrap();
        request.extensions_mut().insert(PeerAddress(address.into()));
        world.send(request)
    };
    for _ in 0..100 {
        assert_eq!(from([203, 0, 113, 1]).status(), StatusCode::CREATED);
    }
    let refused = from([203, 0, 113, 1]);
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(from([203, 0, 113, 2]).status(), StatusCode::CREATED);
}

#[test]
fn a_stranger_gets_neither_passwords_nor_scopes_of_apis() {
    let world = World::with(|config| {
        open(config);
        config.server.profile = Profile::Legacy;
    });
    for grant in ["password", "urn:ietf:params:oauth:grant-type:jwt-bearer", "custom"] {
        let response = register(&world, &json!({ "redirect_uris": [CALLBACK], "grant_types": [grant] }));
        assert_eq!(error(&response), "invalid_client_metadata", "{grant}");
    }
    let some = registered(&world, &json!({ "redirect_uris": [CALLBACK], "scope": "orders:write openid" }));
    assert_eq!(some["scope"], "openid");
    let none = register(&world, &json!({ "redirect_uris": [CALLBACK], "scope": "orders:write" }));
    assert_eq!(error(&none), "invalid_client_metadata");
    let machine = registered(&world, &json!({ "grant_types": ["client_credentials"], "response_types": [] }));
    assert_eq!(machine.get("scope"), None, "an empty scope is none");
    let (id, secret) = (text(&machine, "client_id"), text(&machine, "client_secret"));
    let form = [("grant_type", GrantType::ClientCredentials.as_str()), ("scope", "orders:write")];
    assert_eq!(error(&world.post_as("/token", Some((&id, &secret)), &form)), "invalid_scope");
}

#[test]
fn people_are_asked_before_a_stranger_learns_about_them() {
    let world = World::with(open);
    let client = registered(&world, &json!({ "redirect_uris": [CALLBACK] }));
    let stored = block_on(world.provider.storage().client(&text(&client, "client_id"))).unwrap().unwrap();
    assert!(stored.consent_required && stored.audience.is_empty());
    assert!(
        !format!("{stored:?}").contains(&text(&client, "registration_access_token")),
        "hashes alone are kept"
    );
}

#[test]
fn pages_of_every_origin_may_register() {
    let world = World::with(open);
    let preflight = Request::options(format!("{ISSUER}/register")).header("host", "op.example");
    let preflight = world.send(preflight.body(Bytes::new()).unwrap());
    assert_eq!(preflight.status(), StatusCode::NO_CONTENT);
    let response = register(&world, &json!({ "redirect_uris": [CALLBACK] }));
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
}
