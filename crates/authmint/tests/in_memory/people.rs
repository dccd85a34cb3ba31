//! Passwords, sessions and logout: rows S32 and S42.

use authmint::jose::Timestamp;
use authmint::oauth2::Params;
use bytes::Bytes;
use http::{Request, StatusCode};

use crate::world::{
    Browser, ISSUER, PASSWORD, World, block_on, code_of, field, json, location, redeem, request, text,
};

fn try_login(world: &World, browser: &mut Browser, username: &str, password: &str) -> (StatusCode, String) {
    let page = browser.open(world, &format!("{ISSUER}/login"));
    let form = [("csrf", &*field(&page, "csrf")), ("username", username), ("password", password)];
    let response = browser.submit(world, "/login", &form);
    let alert =
        text(&response).split_once("role=\"alert\"").map(|(_, rest)| rest.chars().take(200).collect());
    (response.status(), alert.unwrap_or_default())
}

#[test]
fn s42_unknown_locked_and_wrong_get_one_answer() {
    let world = World::new();
    block_on(world.provider.add_account("locked", PASSWORD.into(), authmint::oidc::PersonClaims::default()))
        .unwrap();
    let locked = block_on(world.provider.storage().account_by_username("locked")).unwrap().unwrap();
    assert!(
        block_on(world.provider.storage().set_disabled(
            &locked.subject,
            true,
            world.provider.server().revoked_until()
        ))
        .unwrap()
    );
    let mut browser = Browser::default();
    let wrong = try_login(&world, &mut browser, "ada", "not the password");
    assert_eq!(wrong.0, StatusCode::UNAUTHORIZED);
    assert_eq!(try_login(&world, &mut browser, "nobody", PASSWORD), wrong);
    assert_eq!(try_login(&world, &mut browser, "locked", PASSWORD), wrong);
    assert_eq!(try_login(&world, &mut browser, "", ""), wrong);
    assert_eq!(try_login(&world, &mut browser, "ada", &"x".repeat(5000)), wrong);
    assert_eq!(try_login(&world, &mut browser, "ADA", PASSWORD).0, StatusCode::SEE_OTHER);
}

#[test]
fn s42_guessing_is_slowed_down_and_says_for_how_long() {
    let world = World::new();
    let mut browser = Browser::default();
    let statuses: Vec<_> = (0..12).map(|_| try_login(&world, &mut browser, "ada", "guess").0).collect();
    assert!(statuses[..10].iter().all(|status| *status == StatusCode::UNAUTHORIZED));
    assert_eq!(statuses[11], StatusCode::TOO_MANY_REQUESTS);
    // The right password does not help while the limit holds, and another account is not touched.
    assert_eq!(try_login(&world, &mut browser, "ada", PASSWORD).0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(try_login(&world, &mut browser, "nobody", "guess").0, StatusCode::UNAUTHORIZED);
}

#[test]
fn s42_guessing_client_secrets_is_slowed_down() {
    let world = World::new();
    let (id, _) = world.register(|_| {});
    let guess = |n: usize| {
        let form = [("grant_type", "authorization_code"), ("code", "x")];
        world.post_as("/token", Some((&id, &format!("guess{n}"))), &form).status()
    };
    let statuses: Vec<_> = (0..110).map(guess).collect();
    assert_eq!(statuses[0], StatusCode::UNAUTHORIZED);
    assert_eq!(statuses[109], StatusCode::TOO_MANY_REQUESTS);
}

#[test]
fn a_changed_password_ends_every_session() {
    let world = World::new();
    let mut browser = Browser::default();
    assert_eq!(try_login(&world, &mut browser, "ada", PASSWORD).0, StatusCode::SEE_OTHER);
    assert!(text(&browser.open(&world, &format!("{ISSUER}/"))).contains("Ada Lovelace"));
    block_on(world.provider.set_password("ada", "another good password".into())).unwrap();
    assert!(!text(&browser.open(&world, &format!("{ISSUER}/"))).contains("Ada Lovelace"));
    assert!(block_on(world.provider.set_password("ada", "short".into())).is_err());
    assert!(
        block_on(world.provider.add_account("ada", PASSWORD.into(), authmint::oidc::PersonClaims::default()))
            .is_err()
    );
}

#[test]
fn a_session_ends_by_itself() {
    let world = World::new();
    let mut browser = Browser::default();
    try_login(&world, &mut browser, "ada", PASSWORD);
    world.pass(12 * 60 * 60);
    assert!(!text(&browser.open(&world, &format!("{ISSUER}/"))).contains("Ada Lovelace"));
}

#[test]
fn s32_nobody_is_logged_out_by_a_link() {
    let world = World::new();
    let mut browser = Browser::default();
    try_login(&world, &mut browser, "ada", PASSWORD);
    let asked = browser.open(&world, &format!("{ISSUER}/logout"));
    assert!(text(&asked).contains("logout-submit"));
    assert!(browser.session().is_some());
    for form in [&[("csrf", "forged")][..], &[("csrf", "forged"), ("action", "logout")]] {
        assert_eq!(browser.submit(&world, "/logout", form).status(), StatusCode::BAD_REQUEST);
        assert!(browser.session().is_some());
    }
    let foreign =
        browser.open(&world, &format!("{ISSUER}/logout?post_logout_redirect_uri=https%3A%2F%2Fevil.example"));
    assert_eq!(foreign.status(), StatusCode::BAD_REQUEST);
    assert!(foreign.headers().get("location").is_none());
    let done = browser.submit(&world, "/logout", &[("csrf", &field(&asked, "csrf")), ("action", "logout")]);
    assert_eq!(done.status(), StatusCode::OK);
    assert!(browser.session().is_none());
}

/// `Grant::offline` says that a grant falls with its session; a changed password ends the sessions and leaves the grants.
#[test]
fn s32_a_changed_password_ends_the_tokens_of_the_sessions_it_ends() {
    let world = World::new();
    let (id, key) = world.opaque();
    let callback = Browser::default().authorize(&world, &request(&id, "openid", &[]));
    let issued = json(&world.post_as("/token", Some((&id, &key)), &redeem(&code_of(&callback))));
    block_on(world.provider.set_password("ada", "a wholly different password".into())).unwrap();
    let form = [("token", issued["access_token"].as_str().unwrap())];
    let active = json(&world.post_as("/introspect", Some((&id, &key)), &form))["active"].clone();
    let form =
        [("grant_type", "refresh_token"), ("refresh_token", issued["refresh_token"].as_str().unwrap())];
    let refreshed = world.post_as("/token", Some((&id, &key)), &form).status();
    assert_eq!((active, refreshed), (false.into(), StatusCode::BAD_REQUEST));
}

/// A limit that let the right guess through would be none.
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

/// Codes and tokens that there are not count like wrong secrets.
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
        let get = Request::get(format!("{ISSUER}/userinfo")).header("host", "op.example");
        world.send(get.header("authorization", "Bearer guess").body(Bytes::new()).unwrap()).status()
    };
    counted.push((0..400).any(|_| bearer() == StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(counted, [true; 3], "codes, refresh tokens, access tokens");
}

/// What was good once is no guess: an office whose tokens expire is not slowed down.
#[test]
fn s42_tokens_that_were_good_once_do_not_count() {
    for opaque in [true, false] {
        let world = World::new();
        let (id, key) = if opaque { world.opaque() } else { world.register(|_| {}) };
        let callback = Browser::default().authorize(&world, &request(&id, "openid", &[]));
        let issued = json(&world.post_as("/token", Some((&id, &key)), &redeem(&code_of(&callback))));
        world.pass(600);
        let bearer = format!("Bearer {}", issued["access_token"].as_str().unwrap());
        for _ in 0..150 {
            let get = Request::get(format!("{ISSUER}/userinfo")).header("host", "op.example");
            let get = get.header("authorization", &bearer).body(Bytes::new()).unwrap();
            assert_eq!(world.send(get).status(), StatusCode::UNAUTHORIZED);
        }
        let form = [("grant_type", "refresh_token"), ("refresh_token", "unknown")];
        for _ in 0..150 {
            let refused = world.post_as("/token", Some((&id, &key)), &form).status();
            assert_eq!(refused, StatusCode::BAD_REQUEST, "the client said who it is");
        }
    }
}

/// Strangers use up what an account has for everybody; the person's own browser does not need it.
#[test]
fn s42_who_has_logged_in_here_before_is_not_locked_out_by_strangers() {
    let world = World::with(|config| config.limits.per_account = 5.try_into().unwrap());
    let mut browser = Browser::default();
    assert_eq!(try_login(&world, &mut browser, "ada", PASSWORD).0, StatusCode::SEE_OTHER);
    for stranger in 0..5 {
        log_in_from(&world, &format!("203.0.113.{stranger}"), "ada", "guess");
    }
    assert_eq!(log_in_from(&world, "198.51.100.7", "ada", PASSWORD), StatusCode::TOO_MANY_REQUESTS);
    browser.set_session("");
    assert_eq!(try_login(&world, &mut browser, "ada", PASSWORD).0, StatusCode::SEE_OTHER);
    // After a new password it is a stranger, too.
    block_on(world.provider.set_password("ada", "another good password".into())).unwrap();
    let (status, _) = try_login(&world, &mut browser, "ada", "another good password");
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
}

/// A log that shows records must not show what opens an account.
#[test]
fn s18_debug_shows_no_password_hash_and_no_token_of_a_waiting_request() {
    let world = World::new();
    let ada = block_on(world.provider.storage().account_by_username("ada")).unwrap().unwrap();
    let shown = format!("{ada:?}");
    let interaction = authmint::server::storage::Interaction {
        origin: authmint::server::storage::Origin::default(),
        request: "id_token_hint=eyJhbGciOi.x.y&login_hint=ada%40example.com".into(),
        browser: authmint::server::storage::TokenHash::of("x"),
        login: None,
        started_at: Timestamp::from_secs(0),
        expires_at: Timestamp::from_secs(1),
    };
    let waiting = format!("{interaction:?}");
    assert_eq!(
        (shown.contains("$argon2"), waiting.contains("eyJhbGciOi")),
        (false, false),
        "{shown}\n{waiting}"
    );
}

/// One cookie of another application with a byte outside ASCII makes all cookies unreadable: nobody can log in, and a
/// logout says "signed out" while the session goes on.
#[test]
fn s32_a_foreign_cookie_outside_ascii_does_not_hide_the_session_from_a_logout() {
    let world = World::new();
    let (id, _) = world.register(|_| {});
    let mut browser = Browser::default();
    browser.authorize(&world, &request(&id, "openid", &[]));
    let session = browser.session().unwrap().to_owned();
    let get = |path: &str, foreign: &[u8]| {
        let mut cookie = format!("__Host-authmint-session={session}").into_bytes();
        cookie.extend_from_slice(foreign);
        let cookie = http::HeaderValue::from_bytes(&cookie).unwrap();
        let request =
            Request::get(format!("{ISSUER}{path}")).header("host", "op.example").header("cookie", cookie);
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

/// A login that began before a logout and ends after it goes on in the session that was ended: for ten minutes every code
/// of the person is dead before it is sent.
#[test]
fn s32_a_login_that_overlaps_a_logout_does_not_revive_the_ended_session() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let mut browser = Browser::default();
    let callback = browser.authorize(&world, &request(&id, "openid", &[]));
    let issued = json(&world.post_as("/token", Some((&id, &key)), &redeem(&code_of(&callback))));
    let hint = issued["id_token"].as_str().unwrap().to_owned();
    let session = browser.session().unwrap().to_owned();
    let started = browser.open(&world, &request(&id, "openid", &[("prompt", "login")]));
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
    let again = browser.authorize(&world, &request(&id, "openid", &[("prompt", "login")]));
    let later = world.post_as("/token", Some((&id, &key)), &redeem(&code_of(&again))).status();
    assert_eq!((first, later), (StatusCode::OK, StatusCode::OK));
}

#[test]
fn a_wrong_host_is_dressed_and_explained_to_the_operator_alone() {
    let world = World::new();
    let ask = |path: &str, peer: [u8; 4]| {
        let mut request =
            http::Request::get(path).header("host", "other.example").header("accept", "text/html");
        request = request.extension(authmint::provider::PeerAddress(peer.into()));
        world.send(request.body(bytes::Bytes::new()).unwrap())
    };
    let near = ask("/", [127, 0, 0, 1]);
    assert_eq!(near.status(), http::StatusCode::MISDIRECTED_REQUEST);
    assert!(text(&near).contains("This provider is https://op.example"), "{}", text(&near));
    let far = text(&ask("/", [203, 0, 113, 9]));
    assert!(!far.contains("op.example"), "{far}");
    let stylesheet = far.split("href=\"").find(|part| part.starts_with("/assets/")).unwrap();
    let stylesheet = ask(stylesheet.split('"').next().unwrap(), [203, 0, 113, 9]);
    assert_eq!(stylesheet.status(), http::StatusCode::OK);
}
