//! Attacks that succeeded: each test fails until its row is mended.

use authmint::jose::Timestamp;
use authmint::oauth2::{GrantType, Params};
use bytes::Bytes;
use http::{Request, StatusCode};

use crate::world::{Browser, CALLBACK, ISSUER, PASSWORD, World, block_on, field, json, query, text};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn address(id: &str, scope: &str, more: &[(&str, &str)]) -> String {
    let mut params: Params = [
        ("response_type", "code"),
        ("client_id", id),
        ("redirect_uri", CALLBACK),
        ("scope", scope),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
    .into_iter()
    .collect();
    for (name, value) in more {
        params.set(*name, *value);
    }
    format!("{ISSUER}/authorize?{}", params.to_query())
}

fn redeem(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

fn code_of(callback: &str) -> String {
    query(callback).get("code").unwrap().to_owned()
}

fn claims(token: &str) -> serde_json::Value {
    authmint::jose::peek_unverified::<serde_json::Value>(token).unwrap().1
}

fn location(response: &http::Response<Bytes>) -> String {
    response.headers().get("location").map(|l| l.to_str().unwrap().to_owned()).unwrap_or_default()
}

/// The storage contract keeps redeemed codes so "that a replay is recognised as one for as long as a token of the grant
/// may live"; the engine looks at the code's own expiry first.
#[test]
fn s27_a_replay_after_the_codes_minute_ends_the_grant_too() {
    let world = World::new();
    let (id, key) = world.opaque();
    let callback = Browser::default().authorize(&world, &address(&id, "openid offline_access", &[]));
    let code = code_of(&callback);
    let first = json(&world.post_as("/token", Some((&id, &key)), &redeem(&code)));
    world.pass(61);
    let again = world.post_as("/token", Some((&id, &key)), &redeem(&code));
    assert_eq!(json(&again)["error"], "invalid_grant");
    let form = [("token", first["access_token"].as_str().unwrap())];
    assert_eq!(json(&world.post_as("/introspect", Some((&id, &key)), &form))["active"], false);
    let form =
        [("grant_type", "refresh_token"), ("refresh_token", first["refresh_token"].as_str().unwrap())];
    assert_eq!(json(&world.post_as("/token", Some((&id, &key)), &form))["error"], "invalid_grant");
}

/// The consent page is shown to Ada; Bob logs in in another tab; Ada's page then gives Bob's consent.
#[test]
fn s31_a_consent_page_shown_to_one_person_does_not_decide_for_another() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    block_on(world.provider.add_account("bob", PASSWORD.into(), Default::default())).unwrap();
    let bob = block_on(world.provider.storage().account_by_username("bob")).unwrap().unwrap();
    let mut browser = Browser::default();
    let login = |browser: &mut Browser, page: &http::Response<Bytes>, name: &str| {
        let form = [
            ("csrf", &*field(page, "csrf")),
            ("interaction", &*field(page, "interaction")),
            ("username", name),
            ("password", PASSWORD),
        ];
        browser.submit(&world, "/login", &form)
    };
    let started = browser.open(&world, &address(&id, "openid email", &[]));
    let page = browser.follow(&world, started).unwrap();
    let after = login(&mut browser, &page, "ada");
    let consent = browser.follow(&world, after).unwrap();
    assert!(text(&consent).contains("Ada Lovelace"));

    let second = browser.open(&world, &address(&id, "openid", &[("prompt", "login")]));
    let page = browser.follow(&world, second).unwrap();
    login(&mut browser, &page, "bob");

    let form = [
        ("csrf", &*field(&consent, "csrf")),
        ("interaction", &*field(&consent, "interaction")),
        ("decision", "allow"),
    ];
    let decided = browser.submit(&world, "/consent", &form);
    let remembered = block_on(world.provider.storage().consent(&bob.subject, &id)).unwrap();
    let to = location(&decided);
    let subject = to.starts_with(CALLBACK).then(|| {
        let issued = json(&world.post_as("/token", Some((&id, &key)), &redeem(&code_of(&to))));
        claims(issued["id_token"].as_str().unwrap())["sub"].as_str().unwrap().to_owned()
    });
    assert!(remembered.is_empty(), "Bob never saw a consent page, but agreed to {remembered}");
    assert_ne!(subject.as_deref(), Some(&*bob.subject), "a code for Bob came of a page shown to Ada");
}

/// "Fresh" means "another session than when the request began", and beginning without the cookie makes every old
/// session another one.
#[test]
fn s32_prompt_login_and_max_age_hold_for_an_old_session_that_was_hidden_at_the_start() {
    for more in [("prompt", "login"), ("prompt", "select_account"), ("max_age", "60")] {
        let world = World::new();
        let (id, key) = world.register(|_| {});
        let mut browser = Browser::default();
        browser.authorize(&world, &address(&id, "openid", &[]));
        let session = browser.session().unwrap().to_owned();
        world.pass(3600);

        browser.set_session("");
        let started = location(&browser.open(&world, &address(&id, "openid", &[more])));
        browser.set_session(&session);
        let (_, interaction) = started.split_once("interaction=").unwrap();
        let reply = browser.open(&world, &format!("{ISSUER}/consent?interaction={interaction}"));
        let to = location(&reply);
        let age = to.starts_with(CALLBACK).then(|| {
            let issued = json(&world.post_as("/token", Some((&id, &key)), &redeem(&code_of(&to))));
            let auth_time = claims(issued["id_token"].as_str().unwrap())["auth_time"].as_u64().unwrap();
            1_800_000_000 + 3600 - auth_time
        });
        assert_eq!(age, None, "{more:?}: a code without a new login; seconds since the last one");
    }
}

/// OpenID Connect Core 3.1.2.1: max_age=0 is prompt=login.
#[test]
fn s32_max_age_zero_asks_for_a_login_within_the_same_second_too() {
    let world = World::new();
    let (id, _) = world.register(|_| {});
    let mut browser = Browser::default();
    browser.authorize(&world, &address(&id, "openid", &[]));
    let to = location(&browser.open(&world, &address(&id, "openid", &[("max_age", "0")])));
    assert!(to.starts_with("/login"), "{to}");
}

/// `Grant::offline` says that a grant falls with its session; a changed password ends the sessions and leaves the grants.
#[test]
fn s32_a_changed_password_ends_the_tokens_of_the_sessions_it_ends() {
    let world = World::new();
    let (id, key) = world.opaque();
    let callback = Browser::default().authorize(&world, &address(&id, "openid", &[]));
    let issued = json(&world.post_as("/token", Some((&id, &key)), &redeem(&code_of(&callback))));
    block_on(world.provider.set_password("ada", "a wholly different password".into())).unwrap();
    let form = [("token", issued["access_token"].as_str().unwrap())];
    let active = json(&world.post_as("/introspect", Some((&id, &key)), &form))["active"].clone();
    let form =
        [("grant_type", "refresh_token"), ("refresh_token", issued["refresh_token"].as_str().unwrap())];
    let refreshed = world.post_as("/token", Some((&id, &key)), &form).status();
    assert_eq!((active, refreshed), (false.into(), StatusCode::BAD_REQUEST));
}

/// The same for a code that was issued and not yet redeemed, and for a locked account at introspection.
#[test]
fn s40_a_locked_persons_tokens_are_not_active() {
    for opaque in [true, false] {
        let world = World::new();
        let (id, key) = if opaque { world.opaque() } else { world.register(|_| {}) };
        let callback = Browser::default().authorize(&world, &address(&id, "openid", &[]));
        let issued = json(&world.post_as("/token", Some((&id, &key)), &redeem(&code_of(&callback))));
        let ada = block_on(world.provider.storage().account_by_username("ada")).unwrap().unwrap();
        block_on(world.provider.storage().set_disabled(&ada.subject, true)).unwrap();
        for token in ["access_token", "refresh_token"] {
            let form = [("token", issued[token].as_str().unwrap())];
            let reply = json(&world.post_as("/introspect", Some((&id, &key)), &form));
            assert_eq!(reply["active"], false, "opaque: {opaque}, {token}");
        }
    }
}

/// `authmint client remove`: "Remove an application with its tokens".
#[test]
fn s40_a_removed_clients_own_tokens_are_not_active() {
    let world = World::new();
    let machine = |name: &str| {
        world.register(|new| {
            new.id = Some(name.into());
            new.metadata.redirect_uris.clear();
            new.metadata.grant_types = vec![GrantType::ClientCredentials];
            new.metadata.scope = "orders:read".parse().unwrap();
            new.audience = vec!["orders-api".into()];
        })
    };
    let (api, api_key) = machine("orders-api");
    let (leaked, leaked_key) = machine("leaked");
    let form = [("grant_type", "client_credentials")];
    let issued = json(&world.post_as("/token", Some((&leaked, &leaked_key)), &form));
    assert!(block_on(world.provider.storage().remove_client(&leaked)).unwrap());
    let form = [("token", issued["access_token"].as_str().unwrap())];
    assert_eq!(json(&world.post_as("/introspect", Some((&api, &api_key)), &form))["active"], false);
}

/// The limit replaces the answer to a wrong guess and lets the right one through: guessing goes on at full speed.
#[test]
fn s42_the_right_client_secret_does_not_help_while_the_limit_holds() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let form = [("grant_type", "authorization_code"), ("code", "x")];
    for n in 0..300 {
        world.post_as("/token", Some((&id, &format!("guess{n}"))), &form);
    }
    let wrong = world.post_as("/token", Some((&id, "guess")), &form).status();
    assert_eq!(wrong, StatusCode::TOO_MANY_REQUESTS);
    let right = world.post_as("/token", Some((&id, &key)), &form).status();
    assert_eq!(right, StatusCode::TOO_MANY_REQUESTS);
}

/// "Counts what looks like guessing of client secrets, codes and tokens": codes and tokens are never counted.
#[test]
fn s42_guessing_codes_and_tokens_is_slowed_down() {
    let world = World::new();
    let public = world.public();
    let mut counted = Vec::new();
    let code = [redeem("guess").as_slice(), &[("client_id", &public)]].concat();
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", "guess"), ("client_id", &*public)];
    for form in [&code[..], &refresh] {
        let slowed = (0..400).any(|_| world.post("/token", form).status() == StatusCode::TOO_MANY_REQUESTS);
        counted.push(slowed);
    }
    let bearer = || {
        let request = Request::get(format!("{ISSUER}/userinfo")).header("host", "op.example");
        world.send(request.header("authorization", "Bearer guess").body(Bytes::new()).unwrap()).status()
    };
    counted.push((0..400).any(|_| bearer() == StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(counted, [true; 3], "codes, refresh tokens, access tokens");
}

/// S18: `Debug` shows the argon2 hash of a person, and the tokens in a waiting request.
#[test]
fn s18_debug_shows_no_password_hash_and_no_token_of_a_waiting_request() {
    let world = World::new();
    let ada = block_on(world.provider.storage().account_by_username("ada")).unwrap().unwrap();
    let shown = format!("{ada:?}");
    let interaction = authmint::server::storage::Interaction {
        request: "id_token_hint=eyJhbGciOi.x.y&login_hint=ada%40example.com".into(),
        browser: authmint::server::storage::TokenHash::of("x"),
        login: None,
        expires_at: Timestamp::from_secs(1),
    };
    let waiting = format!("{interaction:?}");
    assert_eq!((shown.contains("$argon2"), waiting.contains("eyJhbGciOi")), (false, false), "{shown}\n{waiting}");
}

/// One cookie of another application with a byte outside ASCII makes all cookies unreadable: nobody can log in, and a
/// logout says "signed out" while the session goes on.
#[test]
fn s32_a_foreign_cookie_outside_ascii_does_not_hide_the_session_from_a_logout() {
    let world = World::new();
    let (id, _) = world.register(|_| {});
    let mut browser = Browser::default();
    browser.authorize(&world, &address(&id, "openid", &[]));
    let session = browser.session().unwrap().to_owned();
    let get = |path: &str, foreign: &[u8]| {
        let mut cookie = format!("__Host-authmint-session={session}").into_bytes();
        cookie.extend_from_slice(foreign);
        let cookie = http::HeaderValue::from_bytes(&cookie).unwrap();
        let request = Request::get(format!("{ISSUER}{path}")).header("host", "op.example").header("cookie", cookie);
        world.send(request.body(Bytes::new()).unwrap())
    };
    assert!(text(&get("/", b"; city=Koeln")).contains("Ada Lovelace"));
    let out = get("/logout", b"; city=K\xc3\xb6ln");
    let claimed = text(&out).contains("signed out") || text(&out).contains("Signed out");
    let alive = text(&get("/", b"")).contains("Ada Lovelace");
    assert!(!(claimed && alive), "the page says signed out, and the session goes on");
}

fn log_in_from(world: &World, peer: &str, name: &str, password: &str) -> StatusCode {
    let peer = authmint::provider::PeerAddress(peer.parse().unwrap());
    let page = world.get(&format!("{ISSUER}/login"));
    let cookie = page.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let csrf = field(&page, "csrf");
    let form: Params = [("csrf", &*csrf), ("username", name), ("password", password)].into_iter().collect();
    let mut request = Request::post(format!("{ISSUER}/login"))
        .header("host", "op.example")
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(form.to_query()))
        .unwrap();
    request.extensions_mut().insert(peer);
    world.send(request).status()
}

/// A login that succeeds is no guess; an office behind one address has more than a hundred people.
#[test]
fn s42_logins_that_succeed_do_not_use_up_the_limit() {
    let world = World::new();
    let all: Vec<_> = (0..12).map(|_| log_in_from(&world, "203.0.113.7", "ada", PASSWORD).as_u16()).collect();
    assert_eq!(all, [303; 12]);
}

/// A home connection has 256 networks of IPv6 (/56), of which six are enough to lock any account for everybody.
#[test]
fn s42_one_home_connection_does_not_lock_a_person_out() {
    let world = World::new();
    for network in 0..6 {
        for _ in 0..10 {
            log_in_from(&world, &format!("2001:db8:1:{network:x}::1"), "ada", "guess");
        }
    }
    assert_eq!(log_in_from(&world, "203.0.113.7", "ada", PASSWORD), StatusCode::SEE_OTHER);
}

/// A parameter of a response that the server does not send must not come from the registered address either.
#[test]
fn s25_planted_state_and_error_do_not_reach_the_client() {
    let world = World::new();
    let crafted = "https://app.example/callback?state=planted&error=planted&keep=1";
    let (id, _) = world.register(|new| {
        new.metadata.redirect_uris = vec![authmint::oauth2::RedirectUri::parse(crafted).unwrap()];
    });
    let callback = Browser::default().authorize(&world, &address(&id, "openid", &[("redirect_uri", crafted)]));
    let params = query(&callback);
    assert!(params.get("code").is_some());
    assert_eq!((params.get("state"), params.get("error"), params.get("keep")), (None, None, Some("1")));
}

/// A login that began before a logout and ends after it goes on in the session that was ended: for ten minutes every code
/// of the person is dead before it is sent.
#[test]
fn s32_a_login_that_overlaps_a_logout_does_not_revive_the_ended_session() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let mut browser = Browser::default();
    let callback = browser.authorize(&world, &address(&id, "openid", &[]));
    let issued = json(&world.post_as("/token", Some((&id, &key)), &redeem(&code_of(&callback))));
    let hint = issued["id_token"].as_str().unwrap().to_owned();
    let session = browser.session().unwrap().to_owned();
    let started = browser.open(&world, &address(&id, "openid", &[("prompt", "login")]));
    let page = browser.follow(&world, started).unwrap();
    let form = [
        ("csrf", &*field(&page, "csrf")),
        ("interaction", &*field(&page, "interaction")),
        ("username", "ada"),
        ("password", PASSWORD),
    ];
    let answer = std::thread::scope(|scope| {
        // The password takes a while; meanwhile the same session is logged out by another tab.
        let login = scope.spawn(|| browser.submit(&world, "/login", &form));
        std::thread::sleep(std::time::Duration::from_millis(100));
        let mut tab = Browser::default();
        tab.set_session(&session);
        let out = tab.open(&world, &format!("{ISSUER}/logout?id_token_hint={hint}"));
        assert!(text(&out).contains("igned out"));
        login.join().unwrap()
    });
    let code = code_of(&location(&answer));
    let first = world.post_as("/token", Some((&id, &key)), &redeem(&code)).status();
    world.pass(300);
    let again = browser.authorize(&world, &address(&id, "openid", &[("prompt", "login")]));
    let later = world.post_as("/token", Some((&id, &key)), &redeem(&code_of(&again))).status();
    assert_eq!((first, later), (StatusCode::OK, StatusCode::OK));
}

/// The attack table: "array aud" of a client assertion is refused.
#[test]
fn s35_an_audience_in_an_array_is_refused() {
    use authmint::jose::{Algorithm, Clock, Key};
    use authmint::oauth2::ClientAuthMethod;
    let world = World::new();
    let signer = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
    let jwks = format!(r#"{{"keys":[{}]}}"#, signer.public_jwk().unwrap());
    let (id, _) = world.register(|new| {
        new.metadata.token_endpoint_auth_method = ClientAuthMethod::PrivateKeyJwt;
        new.metadata.grant_types = vec![GrantType::ClientCredentials];
        new.metadata.redirect_uris.clear();
        new.metadata.jwks = Some(serde_json::from_str(&jwks).unwrap());
    });
    let now = world.clock.now().as_secs();
    let claims = serde_json::json!({ "iss": id, "sub": id, "aud": [ISSUER], "jti": "1", "exp": now + 60, "iat": now });
    let assertion = signer.sign_jwt("client-authentication+jwt", &claims).unwrap();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &*assertion),
    ];
    assert_eq!(json(&world.post("/token", &form))["error"], "invalid_client");
}

/// `Login::update` keeps what it is given under the cookie, also when the session was taken away meanwhile.
#[cfg(feature = "axum")]
#[test]
fn s32_a_refresh_that_overlaps_a_logout_does_not_revive_the_applications_session() {
    use authmint::axum::{Login, MemorySessions, Sessions, UserSession};
    use authmint::jose::{SealingKey, sha256};
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let client = world.client(&id, &key);
    let (start, pending) = client.start(&authmint::client::LoginOptions::default()).unwrap();
    let callback = Browser::default().authorize(&world, &start);
    let done = block_on(client.callback(&pending, callback.split_once('?').unwrap().1)).unwrap();
    let session = UserSession { tokens: done.tokens, id_token: done.id_token, user_info: done.user_info };
    let sessions = std::sync::Arc::new(MemorySessions::default());
    let login = Login::builder(client.clone(), SealingKey::generate().unwrap(), true).sessions(sessions.clone()).build();
    let mut headers = http::HeaderMap::new();
    headers.insert("cookie", "__Host-app-session=cookie".parse().unwrap());
    block_on(sessions.put(sha256(b"cookie"), session));
    // One request refreshes …
    let user = block_on(login.current(&headers)).unwrap();
    let tokens = block_on(client.refresh(&user.session().tokens, &user.session().id_token)).unwrap();
    // … while another one logs out …
    block_on(sessions.take(sha256(b"cookie"))).unwrap();
    // … and the first one finishes.
    block_on(login.update(&headers, UserSession { tokens, ..user.session().clone() }));
    assert!(block_on(login.current(&headers)).is_none());
}

/// Core 3.1.2.6, RFC 8252 8.6: a public client on a loopback address can be anyone; it gets no code without a person.
#[test]
fn s32_prompt_none_gives_no_code_to_a_public_client_on_a_loopback_address() {
    use authmint::oauth2::{ClientAuthMethod, RedirectUri};
    let world = World::new();
    let (id, _) = world.register(|new| {
        new.metadata.token_endpoint_auth_method = ClientAuthMethod::None;
        new.metadata.redirect_uris = vec![RedirectUri::parse("http://127.0.0.1/cb").unwrap()];
    });
    let mut browser = Browser::default();
    browser.authorize(&world, &address(&id, "openid", &[("redirect_uri", "http://127.0.0.1:1111/cb")]));
    // Another program on the machine, under the same client_id.
    let other = [("redirect_uri", "http://127.0.0.1:6666/cb"), ("prompt", "none")];
    let to = location(&browser.open(&world, &address(&id, "openid", &other)));
    assert!(query(&to).get("code").is_none(), "{to}");
}

/// docs/security.md, S29: "the pending login … used once". Its cookie is only asked to go away: whoever kept it uses it again,
/// with another code for the same request, and it has no time in it.
#[cfg(feature = "axum")]
#[test]
fn s29_a_pending_login_is_used_once() {
    use authmint::axum::Login;
    use authmint::jose::SealingKey;
    use std::io::{Read, Write};
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let login = Login::builder(world.client(&id, &key), SealingKey::generate().unwrap(), true).build();
    let app: axum::Router = axum::Router::new().merge(login.routes::<Login>()).with_state(login);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let at = listener.local_addr().unwrap();
    runtime.spawn(async move { axum::serve(listener, app).await });
    let get = |path: &str, cookie: &str| {
        let mut stream = std::net::TcpStream::connect(at).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: app.example\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n").unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    };
    let header = |reply: &str, name: &str| {
        reply.lines().filter_map(|line| line.split_once(": ")).find(|(known, _)| *known == name).unwrap().1.to_owned()
    };
    let started = get("/login", "");
    let cookie = header(&started, "set-cookie").split(';').next().unwrap().to_owned();
    let request = header(&started, "location");
    let mut browser = Browser::default();
    let (first, second) = (browser.authorize(&world, &request), browser.authorize(&world, &request));
    let path = |callback: &str| callback.strip_prefix("https://app.example").unwrap().to_owned();
    assert!(get(&path(&first), &cookie).contains("-session="));
    let again = get(&path(&second), &cookie);
    assert!(!again.contains("-session="), "{again}");
}
