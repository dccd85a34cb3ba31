//! Passwords, sessions and logout: rows S32 and S42.

use http::StatusCode;

use crate::world::{Browser, ISSUER, PASSWORD, World, block_on, field, text};

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
    block_on(world.provider.add_account(
        "locked",
        PASSWORD.into(),
        authmint::oidc::StandardClaims::default(),
    ))
    .unwrap();
    let locked = block_on(world.provider.storage().account_by_username("locked")).unwrap().unwrap();
    assert!(block_on(world.provider.storage().set_disabled(&locked.subject, true)).unwrap());
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
        block_on(world.provider.add_account(
            "ada",
            PASSWORD.into(),
            authmint::oidc::StandardClaims::default()
        ))
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
