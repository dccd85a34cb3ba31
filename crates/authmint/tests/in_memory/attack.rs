//! Ways round the rules that were tried once, by the number of their row: S31, S32, S33, S36, S37, S40, S41, S42, S47.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use authmint::fetch::{FetchError, InMemory, Reply, Transport};
use authmint::jose::{Algorithm, Clock, Key};
use authmint::oauth2::{ClientAuthMethod, GrantType, Params, RedirectUri, ResponseType};
use authmint::provider::{PeerAddress, ProviderConfig};
use authmint::resource::{Requirement, ResourceServer, TrustedIssuer};
use authmint::server::storage::{Client, TokenHash};
use authmint::server::{Profile, Registration};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::world::{
    Browser, CALLBACK, CHALLENGE, ISSUER, PASSWORD, World, block_on, claims, code_of, json as body, location,
    query, redeem, request,
};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn legacy(config: &mut ProviderConfig) {
    config.server.profile = Profile::Legacy;
}

fn open(config: &mut ProviderConfig) {
    config.server.registration = Registration::Open;
}

/// Posts a form from an address.
fn post_from(world: &World, peer: [u8; 4], path: &str, form: &[(&str, &str)]) -> StatusCode {
    let body = form.iter().copied().collect::<Params>().to_query();
    let request = Request::post(format!("{ISSUER}{path}"))
        .header("host", "op.example")
        .header("content-type", "application/x-www-form-urlencoded")
        .extension(PeerAddress(peer.into()));
    world.send(request.body(Bytes::from(body)).unwrap()).status()
}

fn register(world: &World, metadata: &Value) -> Response<Bytes> {
    let request = Request::post(format!("{ISSUER}/register"))
        .header("host", "op.example")
        .header("content-type", "application/json");
    world.send(request.body(Bytes::from(metadata.to_string())).unwrap())
}

/// The parameters of a request for a code, without the client's name.
fn asked(id: &str) -> Params {
    query(&request(id, "openid", &[])).iter().filter(|(name, _)| *name != "client_id").collect()
}

#[test]
fn s31_what_is_kept_of_a_pushed_request_holds_no_secret_of_the_client() {
    let world = World::new();
    let (id, secret) =
        world.register(|new| new.metadata.token_endpoint_auth_method = ClientAuthMethod::ClientSecretPost);
    let asked = asked(&id);
    let mut form: Vec<_> = asked.iter().collect();
    form.extend([("client_id", &*id), ("client_secret", &*secret), ("state", "st")]);
    let pushed = body(&world.post("/par", &form));
    let name = pushed["request_uri"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
    let kept = block_on(world.provider.server().storage().pushed_request(TokenHash::of(&name)));
    let kept = kept.unwrap().unwrap();
    assert!(kept.request.contains("state=st"), "{}", kept.request);
    assert!(!kept.request.contains(&secret), "{}", kept.request);
    assert!(!kept.request.contains("client_secret"), "{}", kept.request);
}

#[test]
fn s42_no_endpoint_that_takes_a_client_secret_lets_it_be_guessed_without_limit() {
    for path in ["/token", "/par", "/device_authorization", "/introspect", "/revoke"] {
        let world = World::with(|config| config.limits.per_address = 5.try_into().unwrap());
        let (id, secret) = world
            .register(|new| new.metadata.token_endpoint_auth_method = ClientAuthMethod::ClientSecretPost);
        let guess = |secret| {
            post_from(&world, [192, 0, 2, 1], path, &[("client_id", &id), ("client_secret", secret)])
        };
        for _ in 0..5 {
            assert_eq!(guess("wrong"), StatusCode::UNAUTHORIZED, "{path}");
        }
        assert_eq!(guess(&secret), StatusCode::TOO_MANY_REQUESTS, "{path}: a right one is no better");
    }
}

#[test]
fn s47_who_proves_nothing_cannot_push_or_begin_without_end() {
    let world = World::new();
    let public = world.public();
    let device = world
        .register(|new| {
            new.metadata.grant_types = vec![GrantType::DeviceCode];
            new.metadata.token_endpoint_auth_method = ClientAuthMethod::None;
        })
        .0;
    let asked = asked(&public);
    let mut pushed: Vec<_> = asked.iter().collect();
    pushed.push(("client_id", &public));
    let begun = vec![("client_id", &*device)];
    for (peer, path, form) in [(1, "/par", &pushed), (2, "/device_authorization", &begun)] {
        let peer = [192, 0, 2, peer];
        let kept = (0..2500).filter(|_| post_from(&world, peer, path, form).is_success()).count();
        assert!((2000..2400).contains(&kept), "{path}: {kept}");
        assert!(post_from(&world, [192, 0, 2, 9], path, form).is_success(), "{path}: others go on");
    }
}

#[test]
fn s47_who_registered_itself_is_no_less_a_stranger_for_its_secret() {
    let world = World::with(open);
    let metadata = json!({ "grant_types": [DEVICE], "token_endpoint_auth_method": "client_secret_post" });
    let client = body(&register(&world, &metadata));
    let text = |name: &str| client[name].as_str().unwrap();
    let form = [("client_id", text("client_id")), ("client_secret", text("client_secret"))];
    let begin = || post_from(&world, [192, 0, 2, 1], "/device_authorization", &form);
    let kept = (0..2500).filter(|_| begin().is_success()).count();
    assert!((2000..2400).contains(&kept), "{kept}");
}

#[test]
fn s47_what_is_pushed_is_no_longer_than_an_address() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let push = |bytes: usize| {
        let (one, asked) = ("a".repeat(bytes), asked(&id));
        let mut form: Vec<_> = asked.iter().collect();
        form.extend(["state", "nonce", "login_hint", "id_token_hint"].map(|name| (name, &*one)));
        form.pop();
        form.push(("claims_locales", &one));
        world.post_as("/par", Some((&id, &secret)), &form).status()
    };
    assert_eq!(push(1000), StatusCode::CREATED);
    assert_eq!(push(4096), StatusCode::BAD_REQUEST);
}

#[test]
fn s47_who_proves_a_secret_pushes_for_everybody_behind_it() {
    let world = World::new();
    let (id, secret) =
        world.register(|new| new.metadata.token_endpoint_auth_method = ClientAuthMethod::ClientSecretPost);
    let asked = asked(&id);
    let mut form: Vec<_> = asked.iter().collect();
    form.extend([("client_id", &*id), ("client_secret", &*secret)]);
    for _ in 0..2500 {
        assert!(post_from(&world, [192, 0, 2, 1], "/par", &form).is_success());
    }
}

#[test]
fn s20_one_address_cannot_have_the_server_fetch_without_end() {
    let fetched = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&fetched);
    let world = World::with(move |config| {
        config.transport = Some(Arc::new(InMemory::new(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            async { Response::new(Bytes::new()) }
        })));
    });
    let uri = "https://app.example/request.jwt";
    let (id, _) = world.register(|new| new.metadata.request_uris = vec![uri.to_owned()]);
    for _ in 0..2500 {
        let request = Request::get(format!("{ISSUER}/authorize?client_id={id}&request_uri={uri}"))
            .header("host", "op.example")
            .extension(PeerAddress([192, 0, 2, 1].into()));
        world.send(request.body(Bytes::new()).unwrap());
    }
    let fetched = fetched.load(Ordering::Relaxed);
    assert!((2000..2400).contains(&fetched), "{fetched}");
}

/// A network in which some hosts are there.
#[derive(Debug)]
struct Network;

impl Transport for Network {
    fn send(&self, request: Request<Bytes>) -> Reply<'_> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        Box::pin(async move {
            let mut response = Response::new(Bytes::from_static(b"<h1>It works. Really. Yes.</h1>"));
            match &*host {
                "closed.example" => *response.status_mut() = StatusCode::FORBIDDEN,
                "here.example" => {}
                "empty.example" => *response.body_mut() = Bytes::new(),
                _ => return Err(FetchError::Unreachable { host, reason: "nobody is there".to_owned() }),
            }
            Ok(response)
        })
    }
}

#[test]
fn s21_nobody_learns_by_a_request_object_what_answers_in_the_network_behind() {
    let world = World::with(|config| config.transport = Some(Arc::new(Network)));
    let hosts = ["nowhere.example", "closed.example", "here.example", "empty.example"];
    let uris: Vec<_> = hosts.iter().map(|host| format!("https://{host}/request")).collect();
    let (id, _) = world.register(|new| new.metadata.request_uris.clone_from(&uris));
    let told = |beside: &str| {
        let address =
            format!("{ISSUER}/authorize?client_id={id}&redirect_uri={CALLBACK}&request_uri={beside}");
        location(&world.get(&address))
    };
    assert!(told(&uris[0]).contains("invalid_request_uri"), "{}", told(&uris[0]));
    for uri in &uris {
        assert_eq!(told(uri), told(&uris[0]), "{uri}");
    }
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    let told = hosts.map(|host| {
        let (id, _) = world.register(|new| new.metadata.jwks_uri = Some(format!("https://{host}/jwks")));
        let claims = json!({ "iss": id, "aud": ISSUER, "exp": world.clock.now().as_secs() + 60 });
        let object = key.sign_jwt("oauth-authz-req+jwt", &claims).unwrap();
        let beside = format!("redirect_uri={CALLBACK}&request={object}");
        let refused = location(&world.get(&format!("{ISSUER}/authorize?client_id={id}&{beside}")));
        query(&refused).get("error_description").unwrap().to_owned()
    });
    assert!(told.iter().all(|one| *one == told[0] && one.contains("refused")), "{told:?}");
}

#[test]
fn s40_a_request_for_a_person_gets_no_audience_that_is_not_the_clients() {
    let world = World::with(legacy);
    let api = "https://api.example";
    let (id, secret) = world.register(|new| {
        new.metadata.grant_types = vec![GrantType::Password];
        new.metadata.redirect_uris.clear();
        new.metadata.post_logout_redirect_uris.clear();
        new.audience = vec![api.to_owned()];
    });
    let ask = |resources: &[&str]| {
        let mut form = vec![("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)];
        form.extend(resources.iter().map(|resource| ("resource", *resource)));
        body(&world.post_as("/token", Some((&id, &secret)), &form))
    };
    assert_eq!(claims(ask(&[api])["access_token"].as_str().unwrap())["aud"][0], api);
    assert_eq!(ask(&["https://bank.example"])["error"], "invalid_target");
    assert_eq!(ask(&[api, "https://bank.example"])["error"], "invalid_target");
}

#[test]
fn s36_a_refresh_gives_no_audience_that_the_client_has_lost() {
    let world = World::new();
    let (one, two) = ("https://one.example", "https://two.example");
    let (id, secret) = world.register(|new| new.audience = vec![one.to_owned(), two.to_owned()]);
    let address = format!("{}&resource={one}&resource={two}", request(&id, "openid", &[]));
    let code = code_of(&Browser::default().authorize(&world, &address));
    let mut tokens = body(&world.post_as("/token", Some((&id, &secret)), &redeem(&code)));
    let storage = world.provider.server().storage();
    for (audience, expected) in
        [(vec![two.to_owned()], json!([two, ISSUER])), (Vec::new(), json!("invalid_target"))]
    {
        let client = block_on(storage.client(&id)).unwrap().unwrap();
        assert!(block_on(storage.replace_client(Client { audience, ..(*client).clone() })).unwrap());
        let refresh = tokens["refresh_token"].as_str().unwrap().to_owned();
        let form = [("grant_type", "refresh_token"), ("refresh_token", &*refresh)];
        tokens = body(&world.post_as("/token", Some((&id, &secret)), &form));
        match tokens["access_token"].as_str() {
            Some(token) => assert_eq!(claims(token)["aud"], expected),
            None => assert_eq!(tokens["error"], expected),
        }
    }
}

#[test]
fn s33_beside_a_request_that_must_be_signed_nothing_counts_in_any_profile() {
    let world = World::with(legacy);
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    let jwks = serde_json::from_str(&format!(r#"{{"keys":[{}]}}"#, key.public_jwk().unwrap())).unwrap();
    let (id, _) = world.register(|new| {
        new.metadata.jwks = Some(jwks);
        new.metadata.require_signed_request_object = true;
        new.metadata.redirect_uris.push(RedirectUri::parse("https://app.example/other").unwrap());
    });
    let now = world.clock.now().as_secs();
    let mut signed = json!({
        "iss": id, "aud": ISSUER, "exp": now + 60, "client_id": id, "response_type": "code", "scope": "openid",
        "code_challenge": CHALLENGE, "code_challenge_method": "S256", "redirect_uri": CALLBACK, "prompt": "none",
    });
    let answer = |signed: &Value| {
        let object = key.sign_jwt("oauth-authz-req+jwt", signed).unwrap();
        let beside = format!("&state=forged&redirect_uri={CALLBACK}");
        world.get(&format!("{ISSUER}/authorize?client_id={id}&request={object}{beside}"))
    };
    let callback = location(&answer(&signed));
    assert_eq!(query(&callback).get("error"), Some("login_required"));
    assert_eq!(query(&callback).get("state"), None, "{callback}");
    signed.as_object_mut().unwrap().remove("redirect_uri");
    assert_eq!(answer(&signed).status(), StatusCode::BAD_REQUEST, "which of the two was not signed");
}

#[test]
fn s32_a_hint_and_a_sub_that_name_two_people_are_no_request() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let mut browser = Browser::default();
    let code = code_of(&browser.authorize(&world, &request(&id, "openid", &[])));
    let tokens = body(&world.post_as("/token", Some((&id, &secret)), &redeem(&code)));
    let hint = tokens["id_token"].as_str().unwrap();
    let sub = claims(hint)["sub"].as_str().unwrap().to_owned();
    let mut ask = |sub: &str| {
        let wanted = json!({ "id_token": { "sub": { "value": sub } } }).to_string();
        let more = [("id_token_hint", hint), ("claims", &*wanted), ("prompt", "none")];
        let callback = location(&browser.open(&world, &request(&id, "openid", &more)));
        query(&callback).get("error").map(str::to_owned)
    };
    assert_eq!(ask(&sub), None);
    assert_eq!(ask("somebody-else").as_deref(), Some("invalid_request"));
}

#[test]
fn s37_a_client_whose_tokens_are_bound_gets_none_through_the_browser() {
    let world = World::with(legacy);
    let (id, _) = world.register(|new| {
        new.metadata.grant_types = vec![GrantType::AuthorizationCode, GrantType::Implicit];
        new.metadata.response_types = ResponseType::ALL.to_vec();
        new.metadata.dpop_bound_access_tokens = true;
    });
    let mut browser = Browser::default();
    for (response_type, error) in [
        ("token", Some("unauthorized_client")),
        ("code token", Some("unauthorized_client")),
        ("code id_token token", Some("unauthorized_client")),
        ("code id_token", None),
    ] {
        let more = [("response_type", response_type), ("nonce", "n1")];
        let callback = browser.authorize(&world, &request(&id, "openid", &more));
        let params = Params::parse(callback.split_once('#').unwrap().1.as_bytes()).unwrap();
        assert_eq!(params.get("error"), error, "{response_type}");
        assert_eq!(params.get("access_token"), None, "{response_type}");
    }
}

/// A server that strangers register at, and the sector document of somebody else.
fn sectors() -> World {
    World::with(|config| {
        open(config);
        config.transport = Some(Arc::new(InMemory::new(|_| async {
            Response::new(Bytes::from_static(br#"["https://bank.example/callback"]"#))
        })));
    })
}

#[test]
fn s41_nobody_claims_a_sector_that_no_redirect_uri_proves() {
    let world = sectors();
    let sector = "https://bank.example/sector.json";
    for metadata in [
        // Nothing is listed that is not: there is nothing.
        json!({ "grant_types": [DEVICE], "sector_identifier_uri": sector }),
        // The code comes to the device, whatever the redirect URI.
        json!({ "grant_types": [DEVICE], "redirect_uris": ["https://bank.example/callback"] }),
        json!({ "grant_types": [DEVICE, "authorization_code"], "redirect_uris": ["https://bank.example/callback"],
                "sector_identifier_uri": sector }),
        // Whoever has the scheme writes any host behind it.
        json!({ "application_type": "native", "redirect_uris": ["com.evil.app://bank.example/callback"] }),
        // Every native application has it.
        json!({ "application_type": "native", "redirect_uris": ["http://localhost/callback"] }),
    ] {
        let mut metadata = metadata;
        metadata["subject_type"] = json!("pairwise");
        let refused = register(&world, &metadata);
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{metadata}");
        assert_eq!(body(&refused)["error"], "invalid_client_metadata", "{metadata}");
    }
}

#[test]
fn s41_a_client_does_not_move_into_anothers_sector_with_the_tokens_it_has() {
    let world = sectors();
    for subject_type in ["pairwise", "public"] {
        let mut metadata = json!({
            "redirect_uris": [CALLBACK], "subject_type": subject_type,
            "grant_types": ["authorization_code", "refresh_token"],
        });
        let client = body(&register(&world, &metadata));
        let text = |name: &str| client[name].as_str().unwrap().to_owned();
        let (id, secret) = (text("client_id"), text("client_secret"));
        let code = code_of(&Browser::default().authorize(&world, &request(&id, "openid", &[])));
        let tokens = body(&world.post_as("/token", Some((&id, &secret)), &redeem(&code)));
        let sub = |tokens: &Value| claims(tokens["id_token"].as_str().unwrap())["sub"].clone();
        metadata["client_id"] = json!(id);
        metadata["subject_type"] = json!("pairwise");
        metadata["redirect_uris"] = json!(["https://bank.example/callback"]);
        let change = Request::put(text("registration_client_uri"))
            .header("host", "op.example")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", text("registration_access_token")));
        let changed = world.send(change.body(Bytes::from(metadata.to_string())).unwrap());
        assert_eq!(changed.status(), StatusCode::BAD_REQUEST, "{subject_type}");
        let refresh = tokens["refresh_token"].as_str().unwrap();
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let again = body(&world.post_as("/token", Some((&id, &secret)), &form));
        assert_eq!(sub(&again), sub(&tokens), "{subject_type}");
    }
}

#[test]
fn s41_a_stranger_is_not_shown_under_a_host_that_is_not_its_own() {
    let world = World::with(open);
    for (uri, shown) in [("https://bank.example/", false), ("https://app.example/about", true)] {
        let metadata = json!({ "redirect_uris": [CALLBACK], "client_name": "Bank", "client_uri": uri });
        let client = body(&register(&world, &metadata));
        assert_eq!(client.get("client_uri").is_some(), shown, "{uri}");
        let id = client["client_id"].as_str().unwrap();
        let mut browser = Browser::default();
        let begun = browser.open(&world, &request(id, "openid", &[]));
        let page = crate::world::text(&browser.follow(&world, begun).unwrap());
        assert!(page.contains("Bank") && !page.contains("bank.example"), "{page}");
    }
}

#[test]
fn s47_the_keys_of_a_client_that_are_kept_are_no_longer_than_it_could_register() {
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    for (bytes, good) in [(1000, true), (100_000, false)] {
        let jwks = format!(r#"{{"x":"{}","keys":[{}]}}"#, "a".repeat(bytes), key.public_jwk().unwrap());
        let world = World::with(move |config| {
            config.transport = Some(Arc::new(InMemory::new(move |_| {
                let mut response = Response::new(Bytes::from(jwks.clone()));
                response.headers_mut().insert("content-type", "application/json".parse().unwrap());
                async { response }
            })));
        });
        let (id, _) = world.register(|new| {
            new.metadata.token_endpoint_auth_method = ClientAuthMethod::PrivateKeyJwt;
            new.metadata.jwks_uri = Some("https://app.example/jwks".to_owned());
        });
        let now = world.clock.now().as_secs();
        let claims = json!({ "iss": id, "sub": id, "aud": ISSUER, "jti": "1", "iat": now, "exp": now + 60 });
        let assertion = key.sign_jwt("client-authentication+jwt", &claims).unwrap();
        let form = [
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &*assertion),
            ("token", "x"),
        ];
        assert_eq!(world.post("/introspect", &form).status() == StatusCode::OK, good, "{bytes}");
    }
}

#[test]
fn s38_a_token_that_is_bound_to_a_certificate_is_no_bearer_token_at_an_api() {
    let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    let jwks = format!(r#"{{"keys":[{}]}}"#, key.public_jwk().unwrap());
    let transport = InMemory::new(move |_| {
        let mut response = Response::new(Bytes::from(jwks.clone()));
        response.headers_mut().insert("content-type", "application/json".parse().unwrap());
        async { response }
    });
    let world = World::new();
    let (api, at) = ("https://api.example", format!("{ISSUER}/jwks"));
    let issuer = TrustedIssuer::jwt(ISSUER, &at, Arc::new(transport)).unwrap();
    let server =
        ResourceServer::builder(api).issuer(issuer).clock(Arc::new(world.clock.clone())).build().unwrap();
    let now = world.clock.now().as_secs();
    for (binding, good) in [
        (None, true),
        (Some(json!({})), true),
        (Some(json!({ "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" })), false),
        (Some(json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" })), false),
    ] {
        let mut claims = json!({
            "iss": ISSUER, "aud": api, "sub": "ada", "client_id": "c", "jti": "1", "iat": now, "exp": now + 60,
        });
        if let Some(binding) = binding {
            claims["cnf"] = binding;
        }
        let token = key.sign_jwt("at+jwt", &claims).unwrap();
        let request = Request::get("/").header("authorization", format!("Bearer {token}")).body(()).unwrap();
        let judged = block_on(server.authorize(&request, &Requirement::any_token()));
        assert_eq!(judged.is_ok(), good, "{claims}");
    }
}
