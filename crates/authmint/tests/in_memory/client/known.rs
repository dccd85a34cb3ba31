//! Providers that do otherwise, played by one in memory: no ID token, no nonce, a tenant's issuer, a signed secret.

use std::sync::{Arc, Mutex};

use authmint::client::{Client, ClientAuth, ClientConfig, Error, InMemory, LoginOptions, known};
use authmint::jose::{Algorithm, Key, peek_unverified};
use authmint::oauth2::Params;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};

use crate::world::{block_on, query};

const TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// A provider that answers each address as it was told to, and remembers what it was asked.
#[derive(Clone, Default)]
struct Actor {
    answers: Arc<Mutex<Vec<(String, Value)>>>,
    asked: Arc<Mutex<Vec<Request<Bytes>>>>,
}

impl Actor {
    fn answer(&self, address: &str, body: Value) {
        self.answers.lock().unwrap().insert(0, (address.to_owned(), body));
    }

    fn client(&self, config: ClientConfig) -> Client {
        let actor = self.clone();
        let transport = Arc::new(InMemory::new(move |request: Request<Bytes>| {
            let address = request.uri().to_string();
            actor.asked.lock().unwrap().push(request);
            let known = actor.answers.lock().unwrap().iter().find(|(of, _)| *of == address).cloned();
            let (status, body) = known.map_or((404, json!({})), |(_, body)| (200, body));
            let reply = Response::builder().status(status).header("content-type", "application/json");
            let reply = reply.body(Bytes::from(body.to_string())).unwrap();
            async move { reply }
        }));
        block_on(Client::discover(config.redirect_uri("https://app.example/callback"), transport)).unwrap()
    }

    /// The form of the last request to the token endpoint.
    fn form(&self) -> Params {
        let asked = self.asked.lock().unwrap();
        let post = asked.iter().rev().find(|request| request.method() == "POST").unwrap();
        Params::parse(post.body()).unwrap()
    }
}

fn answer(address: &str) -> String {
    let state = query(address).get("state").unwrap().to_owned();
    Params::from_iter([("code", "c"), ("state", &*state)]).to_query()
}

#[test]
fn github_is_asked_for_the_person_and_their_address() {
    let actor = Actor::default();
    let config = known::find("github").unwrap().config("app", ClientAuth::Secret("s3cret".into())).unwrap();
    let client = actor.client(config);
    actor.answer(
        "https://github.com/login/oauth/access_token",
        json!({ "access_token": "t", "token_type": "bearer", "scope": "read:user,user:email" }),
    );
    actor.answer(
        "https://api.github.com/user",
        json!({ "id": 7, "login": "ada", "name": "Ada", "email": null }),
    );
    actor.answer(
        "https://api.github.com/user/emails",
        json!([{ "email": "ada@example.com", "primary": true, "verified": true }]),
    );
    let (address, pending) = block_on(client.start(&LoginOptions::new())).unwrap();
    assert_eq!(query(&address).get("nonce"), None);
    assert!(query(&address).get("code_challenge").is_some());
    let login = block_on(client.callback(&pending, &answer(&address))).unwrap();
    assert!(login.id_token.is_none());
    let person = login.user_info;
    assert_eq!((person.sub.as_str(), person.claims.email_verified), ("7", Some(true)));
    assert_eq!(actor.form().get("client_secret"), Some("s3cret"), "in the form");
    // It answers 200 to what it refuses.
    actor.answer(
        "https://github.com/login/oauth/access_token",
        json!({ "error": "bad_verification_code", "error_description": "The code passed is incorrect or expired." }),
    );
    let error = block_on(client.callback(&pending, &answer(&address))).unwrap_err();
    assert!(
        matches!(&error, Error::Endpoint { error, .. } if error.error == "bad_verification_code"),
        "{error}"
    );
}

#[test]
fn s32_what_was_demanded_of_a_person_is_not_forgotten_where_there_is_no_id_token() {
    let actor = Actor::default();
    let config = known::find("github").unwrap().config("app", ClientAuth::Secret("s3cret".into())).unwrap();
    let client = actor.client(config);
    actor.answer(
        "https://github.com/login/oauth/access_token",
        json!({ "access_token": "t", "token_type": "bearer" }),
    );
    actor.answer("https://api.github.com/user/emails", json!([]));
    let log_in = |id: u64, options: &LoginOptions| {
        actor.answer("https://api.github.com/user", json!({ "id": id }));
        let (address, pending) = block_on(client.start(options)).unwrap();
        block_on(client.callback(&pending, &answer(&address)))
    };
    let first = log_in(7, &LoginOptions::new()).unwrap();
    let same = LoginOptions::new().same_person(&first);
    assert!(log_in(7, &same).is_ok());
    let error = log_in(8, &same).unwrap_err();
    assert!(matches!(&error, Error::IdToken(text) if text.contains("another person")), "{error}");
    // Nobody says here when and how the person logged in.
    for demanding in [LoginOptions::new().max_age(60), LoginOptions::new().acr_values(["mfa"])] {
        let asked = actor.asked.lock().unwrap().len();
        let error = log_in(7, &demanding).unwrap_err();
        assert!(matches!(error, Error::Configuration(_)), "{error}");
        assert_eq!(actor.asked.lock().unwrap().len(), asked, "the code was sent nowhere");
    }
}

/// What an ID token says, signed by the provider whose keys the actor publishes.
fn id_token(key: &Key, pending: &authmint::client::PendingLogin, change: impl FnOnce(&mut Value)) -> String {
    let pending: Value = serde_json::to_value(pending).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let mut claims = json!({
        "iss": format!("https://login.microsoftonline.com/{TENANT}/v2.0"), "tid": TENANT, "aud": "app", "sub": "ada",
        "iat": now, "exp": now + 60, "nonce": pending["nonce"],
    });
    change(&mut claims);
    key.sign_jwt("JWT", &claims).unwrap()
}

#[test]
fn s14_microsofts_issuer_is_the_tenants_and_nobody_elses() {
    let actor = Actor::default();
    let key = Key::generate(Algorithm::RS256).unwrap().with_kid("k");
    let config = known::find("microsoft").unwrap().config("app", ClientAuth::Secret("s".into())).unwrap();
    let client = actor.client(config);
    let jwks: Value =
        serde_json::from_str(&format!(r#"{{"keys":[{}]}}"#, key.public_jwk().unwrap())).unwrap();
    actor.answer("https://login.microsoftonline.com/common/discovery/v2.0/keys", jwks);
    actor.answer("https://graph.microsoft.com/oidc/userinfo", json!({ "sub": "ada", "name": "Ada" }));
    let log_in = |change: fn(&mut Value)| {
        let (address, pending) = block_on(client.start(&LoginOptions::new())).unwrap();
        actor.answer(
            "https://login.microsoftonline.com/common/oauth2/v2.0/token",
            json!({ "access_token": "t", "token_type": "Bearer", "expires_in": 60, "id_token": id_token(&key, &pending, change) }),
        );
        block_on(client.callback(&pending, &answer(&address)))
    };
    assert_eq!(log_in(|_| {}).unwrap().user_info.claims.name.as_deref(), Some("Ada"));
    for change in [
        (|claims| claims["tid"] = "11111111-1111-1111-1111-111111111111".into()) as fn(&mut Value),
        |claims| claims["iss"] = "https://login.microsoftonline.com/common/v2.0".into(),
        |claims| claims["iss"] = format!("https://evil.example/{TENANT}/v2.0").into(),
        |claims| {
            claims["tid"] = "../evil".into();
            claims["iss"] = "https://login.microsoftonline.com/../evil/v2.0".into();
        },
        |claims| drop(claims.as_object_mut().unwrap().remove("tid")),
        |claims| drop(claims.as_object_mut().unwrap().remove("nonce")),
    ] {
        let error = log_in(change).unwrap_err();
        assert!(matches!(error, Error::IdToken(_)), "{error}");
    }
}

#[test]
fn linkedin_repeats_no_nonce_and_a_wrong_one_is_still_refused() {
    let actor = Actor::default();
    let key = Key::generate(Algorithm::RS256).unwrap().with_kid("k");
    let issuer = "https://www.linkedin.com/oauth";
    actor.answer(
        &format!("{issuer}/.well-known/openid-configuration"),
        json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/v2/authorization"),
            "token_endpoint": format!("{issuer}/v2/accessToken"), "jwks_uri": format!("{issuer}/jwks"),
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }),
    );
    let jwks: Value =
        serde_json::from_str(&format!(r#"{{"keys":[{}]}}"#, key.public_jwk().unwrap())).unwrap();
    actor.answer(&format!("{issuer}/jwks"), jwks);
    let config = known::find("linkedin").unwrap().config("app", ClientAuth::Secret("s".into())).unwrap();
    let client = actor.client(config);
    let log_in = |nonce: Option<&str>| {
        let (address, pending) = block_on(client.start(&LoginOptions::new())).unwrap();
        let token = id_token(&key, &pending, |claims| {
            claims["iss"] = issuer.into();
            claims["locale"] = json!({ "country": "US", "language": "en" });
            match nonce {
                Some(nonce) => claims["nonce"] = nonce.into(),
                None => drop(claims.as_object_mut().unwrap().remove("nonce")),
            }
        });
        actor.answer(
            &format!("{issuer}/v2/accessToken"),
            json!({ "access_token": "t", "token_type": "Bearer", "id_token": token }),
        );
        block_on(client.callback(&pending, &answer(&address)))
    };
    assert_eq!(log_in(None).unwrap().user_info.sub, "ada");
    assert!(log_in(Some("another")).is_err());
}

#[test]
fn apples_secret_is_signed_anew_and_its_answer_comes_by_a_form() {
    let actor = Actor::default();
    let issuer = "https://appleid.apple.com";
    actor.answer(
        &format!("{issuer}/.well-known/openid-configuration"),
        json!({
            "issuer": issuer, "authorization_endpoint": format!("{issuer}/auth/authorize"),
            "token_endpoint": format!("{issuer}/auth/token"), "jwks_uri": format!("{issuer}/auth/keys"),
        }),
    );
    let apple = known::find("apple").unwrap();
    assert!(apple.wants_signed_secret());
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("key-1");
    let config = apple.config("com.example.app", ClientAuth::PrivateKey(key.clone())).unwrap().team("TEAM");
    let client = actor.client(config);
    let (address, pending) = block_on(client.start(&LoginOptions::new())).unwrap();
    assert_eq!(query(&address).get("response_mode"), Some("form_post"));
    assert!(block_on(client.callback(&pending, &answer(&address))).is_err(), "it answers nothing here");
    let secret = actor.form().get("client_secret").unwrap().to_owned();
    let (header, claims): (Value, Value) = peek_unverified(&secret).unwrap();
    assert_eq!((&header["kid"], &header["alg"]), (&json!("key-1"), &json!("ES256")));
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["aud"]),
        (&json!("TEAM"), &json!("com.example.app"), &json!(issuer))
    );
    assert!(actor.form().get("client_assertion").is_none());
}
