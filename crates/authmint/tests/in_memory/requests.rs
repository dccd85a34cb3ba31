//! Requests that come pushed (RFC 9126), as a request object (RFC 9101), or with a resource (RFC 8707); rows S31, S33, S44.

use authmint::jose::{Algorithm, Clock, ContentEncryption, EncryptionKeySet, Key};
use authmint::oauth2::ClientAuthMethod;
use authmint::server::Profile;
use http::StatusCode;
use serde_json::{Value, json};

use crate::world::{
    Browser, CALLBACK, CHALLENGE, ISSUER, World, code_of, json as body, location, query, redeem, request,
    text,
};

/// A client with a key, and what it signs.
struct Signer {
    key: Key,
    id: String,
    secret: String,
}

impl Signer {
    fn new(world: &World, change: impl FnOnce(&mut authmint::oauth2::ClientMetadata)) -> Self {
        let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
        let jwks: Value =
            serde_json::from_str(&format!(r#"{{"keys":[{}]}}"#, key.public_jwk().unwrap())).unwrap();
        let (id, secret) = world.register(|new| {
            new.metadata.jwks = Some(jwks);
            change(&mut new.metadata);
        });
        Self { key, id, secret }
    }

    fn claims(&self, world: &World) -> Value {
        let now = world.clock.now().as_secs();
        json!({
            "iss": self.id, "aud": ISSUER, "exp": now + 60, "iat": now, "jti": "1",
            "client_id": self.id, "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid",
            "state": "signed", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
        })
    }

    fn sign(&self, claims: &Value) -> String {
        self.key.sign_jwt("oauth-authz-req+jwt", claims).unwrap()
    }

    fn address(&self, object: &str, more: &str) -> String {
        format!("{ISSUER}/authorize?client_id={}&request={object}{more}", self.id)
    }
}

fn push(world: &World, id: &str, secret: &str, more: &[(&str, &str)]) -> http::Response<bytes::Bytes> {
    let address = request(id, "openid", more);
    let params = query(&address);
    let form: Vec<_> = params.iter().filter(|(name, _)| *name != "client_id").collect();
    world.post_as("/par", Some((id, secret)), &form)
}

fn pushed_address(world: &World, id: &str, secret: &str) -> String {
    let pushed = body(&push(world, id, secret, &[("state", "st")]));
    format!("{ISSUER}/authorize?client_id={id}&request_uri={}", pushed["request_uri"].as_str().unwrap())
}

#[test]
fn a_pushed_request_logs_in_and_says_nothing_in_the_browser() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let pushed = push(&world, &id, &secret, &[("state", "st"), ("login_hint", "ada@example.com")]);
    assert_eq!(pushed.status(), StatusCode::CREATED);
    let answer = body(&pushed);
    assert_eq!(answer["expires_in"], 60);
    let name = answer["request_uri"].as_str().unwrap();
    assert!(name.starts_with("urn:ietf:params:oauth:request_uri:"));
    let mut browser = Browser::default();
    let address = format!("{ISSUER}/authorize?client_id={id}&request_uri={name}&state=forged&scope=email");
    let first = browser.open(&world, &address);
    assert!(!location(&first).contains("ada"), "S31: {first:?}");
    let page = browser.follow(&world, first).unwrap();
    assert!(!text(&page).contains("code_challenge"));
    let callback = browser.authorize(&world, &pushed_address(&world, &id, &secret));
    assert_eq!(query(&callback).get("state"), Some("st"), "only what was pushed counts");
    let tokens = body(&world.post_as("/token", Some((&id, &secret)), &redeem(&code_of(&callback))));
    assert_eq!(tokens["scope"], "openid");
}

#[test]
fn s31_a_pushed_request_is_used_once_by_its_client_in_its_time() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let (other, _) = world.register(|_| {});
    let address = pushed_address(&world, &id, &secret);
    let stolen = world.get(&address.replace(&id, &other));
    assert_eq!(stolen.status(), StatusCode::BAD_REQUEST);
    assert_eq!(world.get(&address).status(), StatusCode::SEE_OTHER, "another's attempt did not use it up");
    let again = world.get(&address);
    assert_eq!((again.status(), location(&again)), (StatusCode::BAD_REQUEST, String::new()));
    let late = pushed_address(&world, &id, &secret);
    world.pass(60);
    assert_eq!(world.get(&late).status(), StatusCode::BAD_REQUEST);
}

#[test]
fn s44_of_many_that_bring_one_pushed_request_one_gets_on() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let address = pushed_address(&world, &id, &secret);
    let won = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..64).map(|_| scope.spawn(|| world.get(&address).status())).collect();
        racers.into_iter().filter(|_| true).map(|racer| racer.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(won.iter().filter(|status| **status == StatusCode::SEE_OTHER).count(), 1);
}

#[test]
fn what_is_wrong_with_a_pushed_request_is_told_to_the_client_at_once() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    for (change, code) in [
        (("redirect_uri", "https://evil.example/"), "invalid_request"),
        (("scope", "admin"), "invalid_scope"),
        (("code_challenge", ""), "invalid_request"),
        (("request_uri", "urn:ietf:params:oauth:request_uri:x"), "invalid_request"),
        (("request", "x.y.z"), "invalid_request_object"),
        (("resource", "https://evil.example/"), "invalid_target"),
    ] {
        let answer = push(&world, &id, &secret, &[change]);
        assert_eq!((answer.status(), &body(&answer)["error"]), (StatusCode::BAD_REQUEST, &code.into()));
    }
    assert_eq!(push(&world, &id, "wrong", &[]).status(), StatusCode::UNAUTHORIZED);
}

#[test]
fn a_server_or_a_client_may_demand_that_requests_are_pushed_or_signed() {
    let demanding = World::with(|config| config.server.require_pushed_requests = true);
    let (id, secret) = demanding.register(|_| {});
    let plain = demanding.get(&request(&id, "openid", &[]));
    assert!(location(&plain).contains("error=invalid_request"));
    assert!(location(&demanding.get(&pushed_address(&demanding, &id, &secret))).starts_with("/login"));

    let world = World::new();
    let pushes = Signer::new(&world, |metadata| metadata.require_pushed_authorization_requests = true);
    assert!(location(&world.get(&request(&pushes.id, "openid", &[]))).contains("error=invalid_request"));
    let signs = Signer::new(&world, |metadata| metadata.require_signed_request_object = true);
    assert!(location(&world.get(&request(&signs.id, "openid", &[]))).contains("error=invalid_request"));
    let object = signs.sign(&signs.claims(&world));
    assert!(location(&world.get(&signs.address(&object, ""))).starts_with("/login"));
    let form = [("request", &*object)];
    let pushed = world.post_as("/par", Some((&signs.id, &signs.secret)), &form);
    assert_eq!(pushed.status(), StatusCode::CREATED, "{pushed:?}");
    // What was signed and pushed waits as such, and is good after the login too.
    let name = body(&pushed)["request_uri"].as_str().unwrap().to_owned();
    let address = format!("{ISSUER}/authorize?client_id={}&request_uri={name}", signs.id);
    assert!(Browser::default().authorize(&world, &address).contains("code="));
}

#[test]
fn s33_only_what_was_signed_counts() {
    let world = World::new();
    let signer = Signer::new(&world, |_| {});
    let object = signer.sign(&signer.claims(&world));
    let outer = "&state=forged&scope=email&nonce=forged&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&prompt=none";
    let callback = Browser::default().authorize(&world, &signer.address(&object, outer));
    assert_eq!(query(&callback).get("state"), Some("signed"));
    let tokens =
        body(&world.post_as("/token", Some((&signer.id, &signer.secret)), &redeem(&code_of(&callback))));
    assert_eq!(tokens["scope"], "openid");
    assert_eq!(crate::world::claims(tokens["id_token"].as_str().unwrap()).get("nonce"), None);
}

#[test]
fn s33_an_object_that_is_not_in_order_is_refused() {
    let world = World::new();
    let signer = Signer::new(&world, |_| {});
    let other = Signer::new(&world, |_| {});
    let now = world.clock.now().as_secs();
    let with = |name: &str, value: Value| {
        let mut claims = signer.claims(&world);
        claims[name] = value;
        signer.sign(&claims)
    };
    let without = |name: &str| {
        let mut claims = signer.claims(&world);
        claims.as_object_mut().unwrap().remove(name);
        signer.sign(&claims)
    };
    let assertion = signer.key.sign_jwt("client-authentication+jwt", &signer.claims(&world)).unwrap();
    for object in [
        with("iss", json!(other.id)),
        with("aud", json!("https://evil.example")),
        with("exp", json!(now - 60)),
        with("client_id", json!(other.id)),
        with("sub", json!(signer.id)),
        with("request_uri", json!("https://evil.example")),
        with("request", json!("x.y.z")),
        without("exp"),
        without("iss"),
        without("aud"),
        other.sign(&signer.claims(&world)),
        assertion,
        "a.b.c.d.e".to_owned(),
        format!("{}x", signer.sign(&signer.claims(&world))),
    ] {
        let answer = world.get(&signer.address(&object, ""));
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "no address is proven: {object}");
        let shown = format!("&redirect_uri={}", "https%3A%2F%2Fapp.example%2Fcallback");
        let told = location(&world.get(&signer.address(&object, &shown)));
        assert!(told.starts_with(&format!("{CALLBACK}?error=invalid_request_object")), "{object}: {told}");
    }
    let bound = Signer::new(&world, |metadata| metadata.request_object_signing_alg = Some("RS256".into()));
    let object = bound.sign(&bound.claims(&world));
    assert_eq!(world.get(&bound.address(&object, "")).status(), StatusCode::BAD_REQUEST);
}

#[test]
fn in_the_legacy_profile_an_object_adds_to_the_request_and_may_be_unsigned_where_nothing_else_is_registered()
{
    let world = World::with(|config| config.server.profile = Profile::Legacy);
    let unsigned = |claims: &Value| {
        let part = |json: &Value| data_encoding::BASE64URL_NOPAD.encode(json.to_string().as_bytes());
        format!("{}.{}.", part(&json!({ "alg": "none" })), part(claims))
    };
    let signer = Signer::new(&world, |_| {});
    let object = signer.sign(&json!({ "iss": signer.id, "aud": ISSUER, "state": "inner" }));
    let outer = request(&signer.id, "openid", &[("state", "outer"), ("request", &object)]);
    assert_eq!(query(&Browser::default().authorize(&world, &outer)).get("state"), Some("inner"));
    let contradiction =
        signer.sign(&json!({ "iss": signer.id, "aud": ISSUER, "response_type": "code token" }));
    let refused = location(&world.get(&request(&signer.id, "openid", &[("request", &contradiction)])));
    assert!(refused.contains("error=invalid_request_object"), "{refused}");
    let ask = |id: &str| request(id, "openid", &[("request", &unsigned(&json!({ "state": "inner" })))]);
    for registered in [None, Some("none")] {
        let lax = Signer::new(&world, |metadata| {
            metadata.request_object_signing_alg = registered.map(str::to_owned);
        });
        let callback = Browser::default().authorize(&world, &ask(&lax.id));
        assert_eq!(query(&callback).get("state"), Some("inner"), "{registered:?}");
    }
    let signs = Signer::new(&world, |metadata| metadata.request_object_signing_alg = Some("ES256".into()));
    assert!(location(&world.get(&ask(&signs.id))).contains("error=request_not_supported"));
    let must = Signer::new(&world, |metadata| metadata.require_signed_request_object = true);
    assert!(location(&world.get(&ask(&must.id))).contains("error=invalid_request"));
}

#[test]
fn a_request_object_may_be_encrypted_to_the_server() {
    let world = World::new();
    let signer = Signer::new(&world, |_| {});
    let jwks = text(&world.get(&format!("{ISSUER}/jwks")));
    let keys = EncryptionKeySet::from_jwks(&jwks).unwrap();
    let key = keys.iter().next().expect("the server publishes a key to encrypt to");
    let signed = signer.sign(&signer.claims(&world));
    let object = key.encrypt_jwt(&signed, ContentEncryption::A128CbcHs256).unwrap();
    let callback = Browser::default().authorize(&world, &signer.address(&object, ""));
    assert_eq!(query(&callback).get("state"), Some("signed"));
    let unsigned = key.encrypt_jwe(b"not a token", ContentEncryption::A128CbcHs256).unwrap();
    assert_eq!(world.get(&signer.address(&unsigned, "")).status(), StatusCode::BAD_REQUEST);
}

#[test]
fn tokens_are_for_the_resources_that_were_named_and_no_others() {
    let world = World::new();
    let (first, second) = ("https://a.example/api", "https://b.example/api");
    let (id, secret) = world.register(|new| new.audience = vec![first.into(), second.into()]);
    let aud = |tokens: &Value| crate::world::claims(tokens["access_token"].as_str().unwrap())["aud"].clone();
    let log_in = |more: &[(&str, &str)], at_token: &[(&str, &str)]| {
        let callback = Browser::default().authorize(&world, &request(&id, "openid offline_access", more));
        let code = code_of(&callback);
        let form = [&redeem(&code)[..], at_token].concat();
        body(&world.post_as("/token", Some((&id, &secret)), &form))
    };
    assert_eq!(aud(&log_in(&[], &[])), json!([first, second, ISSUER]));
    assert_eq!(aud(&log_in(&[("resource", first)], &[])), json!([first, ISSUER]));
    assert_eq!(aud(&log_in(&[], &[("resource", second)])), json!(second));
    assert_eq!(log_in(&[("resource", first)], &[("resource", second)])["error"], "invalid_target");
    let tokens = log_in(&[], &[]);
    let refresh = |resource: &str| {
        let token = tokens["refresh_token"].as_str().unwrap();
        let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("resource", resource)];
        body(&world.post_as("/token", Some((&id, &secret)), &form))
    };
    assert_eq!(refresh("https://evil.example/")["error"], "invalid_target");
    assert_eq!(aud(&refresh(first)), json!(first), "a refused request used nothing up");
    let foreign = location(&world.get(&request(&id, "openid", &[("resource", "https://evil.example/")])));
    assert!(foreign.contains("error=invalid_target"));
}

#[test]
fn public_clients_push_by_their_name_and_need_pkce_in_every_profile() {
    let world = World::with(|config| {
        config.server.profile = Profile::Legacy;
        config.server.require_pkce = false;
    });
    let public = world.register(|new| new.metadata.token_endpoint_auth_method = ClientAuthMethod::None).0;
    let (confidential, secret) = world.register(|_| {});
    let bare = |id: &str| request(id, "openid", &[("code_challenge", ""), ("code_challenge_method", "")]);
    assert!(location(&world.get(&bare(&public))).contains("error=invalid_request"));
    let callback = Browser::default().authorize(&world, &bare(&confidential));
    let code = code_of(&callback);
    let form = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
    let downgraded = world.post_as("/token", Some((&confidential, &secret)), &redeem(&code));
    assert_eq!(body(&downgraded)["error"], "invalid_grant", "S26: a verifier without a challenge");
    assert_eq!(world.post_as("/token", Some((&confidential, &secret)), &form).status(), StatusCode::OK);
    let params = query(&request(&public, "openid", &[]));
    let form: Vec<_> = params.iter().collect();
    assert_eq!(world.post("/par", &form).status(), StatusCode::CREATED);
}
