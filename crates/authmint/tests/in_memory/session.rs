//! Session Management: what a client's frame compares; rows S30, S32.

use authmint::jose::{base64url, sha256};
use authmint::oauth2::{ClientAuthMethod, RedirectUri};
use http::StatusCode;

use crate::world::{Browser, ISSUER, World, field, json, query, request, text};

/// What the provider's frame answers a client's (Session Management 3.2), as its script computes it.
fn answer(browser: &Browser, client_id: &str, origin: &str, session_state: &str) -> &'static str {
    let (hash, salt) = session_state.split_once('.').unwrap();
    let Some(state) = browser.cookie("state") else { return "changed" };
    let computed = sha256(format!("{client_id} {origin} {state} {salt}").as_bytes());
    if base64url::encode(&computed) == hash { "unchanged" } else { "changed" }
}

fn session_state(callback: &str) -> String {
    query(callback).get("session_state").unwrap().to_owned()
}

#[test]
fn the_session_is_unchanged_until_a_logout_or_another_login() {
    let world = World::new();
    let (id, _) = world.register(|_| {});
    let mut browser = Browser::default();
    let first = session_state(&browser.authorize(&world, &request(&id, "openid", &[])));
    let ask = |browser: &Browser, state: &str| answer(browser, &id, "https://app.example", state);
    assert_eq!(ask(&browser, &first), "unchanged");
    assert_eq!(answer(&browser, &id, "https://evil.example", &first), "changed");
    assert_eq!(answer(&browser, "another", "https://app.example", &first), "changed");
    // The same person proving themselves again is nothing that a client has to know.
    let again = session_state(&browser.authorize(&world, &request(&id, "openid", &[("prompt", "login")])));
    assert_eq!((ask(&browser, &first), ask(&browser, &again)), ("unchanged", "unchanged"));
    assert_ne!(first, again, "another salt each time");
    let silent = session_state(&browser.authorize(&world, &request(&id, "openid", &[("prompt", "none")])));
    assert_eq!(ask(&browser, &silent), "unchanged");

    let asked = browser.open(&world, &format!("{ISSUER}/logout"));
    browser.submit(&world, "/logout", &[("csrf", &field(&asked, "csrf"))]);
    assert_eq!(ask(&browser, &first), "changed");
    let refused = browser.authorize(&world, &request(&id, "openid", &[("prompt", "none")]));
    assert_eq!(query(&refused).get("error"), Some("login_required"));
    let new = session_state(&browser.authorize(&world, &request(&id, "openid", &[])));
    assert_eq!((ask(&browser, &first), ask(&browser, &new)), ("changed", "unchanged"));
}

#[test]
fn the_origin_is_the_one_that_a_browser_tells() {
    let world = World::new();
    for (uri, origin) in [
        ("https://app.example/callback?x=1", Some("https://app.example")),
        ("https://app.example:8443/callback", Some("https://app.example:8443")),
        ("http://127.0.0.1:5000/callback", Some("http://127.0.0.1:5000")),
        ("com.example.app:/callback", None),
    ] {
        let (id, _) = world.register(|new| {
            new.metadata.redirect_uris = vec![RedirectUri::parse(uri).unwrap()];
            new.metadata.token_endpoint_auth_method = ClientAuthMethod::None;
        });
        let mut browser = Browser::default();
        let callback = browser.authorize(&world, &request(&id, "openid", &[("redirect_uri", uri)]));
        let state = query(&callback).get("session_state").map(str::to_owned);
        match origin {
            Some(origin) => assert_eq!(answer(&browser, &id, origin, &state.unwrap()), "unchanged", "{uri}"),
            None => assert_eq!(state, None, "an application without frames"),
        }
    }
    let (id, _) = world.register(|_| {});
    let callback = Browser::default().authorize(&world, &request(&id, "profile", &[]));
    assert_eq!(query(&callback).get("session_state"), None, "not asked by OpenID Connect");
}

/// Scripts of a framed page read it, so it must be worth nothing, and must be sent nowhere in clear.
#[test]
fn s32_the_state_cookie_opens_nothing_and_says_nothing_of_the_session() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let mut browser = Browser::default();
    let started = browser.open(&world, &request(&id, "openid", &[]));
    let page = browser.follow(&world, started).unwrap();
    let form = [
        ("csrf", &*field(&page, "csrf")),
        ("interaction", &*field(&page, "interaction")),
        ("username", "ada"),
        ("password", crate::world::PASSWORD),
    ];
    let logged_in = browser.submit(&world, "/login", &form);
    let set: Vec<_> =
        logged_in.headers().get_all("set-cookie").iter().map(|set| set.to_str().unwrap()).collect();
    let state = set.iter().find(|set| set.starts_with("__Host-authmint-state=")).unwrap();
    assert!(state.ends_with("; Path=/; SameSite=None; Secure; Max-Age=43200"), "{state}");
    for other in set.iter().filter(|set| !set.starts_with("__Host-authmint-state=")) {
        assert!(other.contains("HttpOnly; SameSite=Lax"), "{other}");
    }
    let callback = browser.authorize(&world, &request(&id, "openid", &[]));
    let code = crate::world::code_of(&callback);
    let tokens = json(&world.post_as("/token", Some((&id, &secret)), &crate::world::redeem(&code)));
    let sid = crate::world::claims(tokens["id_token"].as_str().unwrap())["sid"].as_str().unwrap().to_owned();
    let state = browser.cookie("state").unwrap().to_owned();
    assert!(!state.contains(&sid) && Some(&*state) != browser.session());
    let mut thief = Browser::default();
    thief.set_session(&state);
    assert!(!text(&thief.open(&world, &format!("{ISSUER}/"))).contains("Ada Lovelace"));
}

#[test]
fn s30_the_frame_may_be_framed_by_anyone_and_no_other_page_may() {
    let world = World::new();
    let metadata = json(&world.get(&format!("{ISSUER}/.well-known/openid-configuration")));
    let address = metadata["check_session_iframe"].as_str().unwrap();
    assert_eq!(address, format!("{ISSUER}/check-session"));
    let frame = world.get(address);
    assert_eq!(frame.status(), StatusCode::OK);
    assert!(frame.headers().get("x-frame-options").is_none() && frame.headers().get("set-cookie").is_none());
    let policy = frame.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(!policy.contains("frame-ancestors") && !policy.contains("unsafe"), "{policy}");
    assert!(text(&frame).contains("data-cookie=\"__Host-authmint-state\""));
    for path in ["/", "/login", "/logout", "/device", "/consent"] {
        let mut browser = Browser::default();
        let opened = browser.open(&world, &format!("{ISSUER}{path}"));
        let page = browser.follow(&world, opened).unwrap();
        assert_eq!(page.headers()["x-frame-options"], "DENY", "{path}");
        let policy = page.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
    }
}
