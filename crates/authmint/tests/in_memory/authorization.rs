//! The authorization endpoint under attack: rows S23 to S26, S30 to S32, S45.

use authmint::client::LoginOptions;
use authmint::oidc::Prompt;
use http::StatusCode;

use crate::world::{
    Browser, CALLBACK, ISSUER, PASSWORD, World, block_on, claims, code_of, field, json, location, query,
    redeem, request, text,
};

fn address(id: &str, more: &[(&str, &str)]) -> String {
    request(id, "openid", &[&[("state", "st")], more].concat())
}

#[test]
fn s23_without_a_verified_client_and_address_there_is_a_page_and_no_redirect() {
    let world = World::new();
    let (id, _) = world.register(|_| {});
    let base = address(&id, &[]);
    for bad in [
        address("unknown", &[]),
        address("", &[]),
        address(&id, &[("redirect_uri", "https://evil.example/")]),
        address(&id, &[("redirect_uri", "https://app.example/callback/")]),
        address(&id, &[("redirect_uri", "javascript:alert(1)")]),
        address(&id, &[("redirect_uri", "https://evil.example/"), ("response_type", "token")]),
        address("unknown", &[("redirect_uri", "https://evil.example/"), ("prompt", "none")]),
        format!("{base}&client_id=x"),
        format!("{base}&state=again"),
        format!("{base}&x=%zz"),
        format!("{ISSUER}/authorize"),
        format!("{ISSUER}/authorize?redirect_uri=https%3A%2F%2Fevil.example%2F&error=x"),
    ] {
        let response = world.get(&bad);
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{bad}");
        assert!(response.headers().get("location").is_none(), "{bad}");
        assert!(text(&response).contains("id=\"error\""), "{bad}");
    }
}

#[test]
fn s26_and_other_errors_go_to_the_verified_address_with_state_and_issuer() {
    let world = World::new();
    let (id, _) = world.register(|_| {});
    for (change, code) in [
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", "code id_token"), "unsupported_response_type"),
        (("response_mode", "query.jwt"), "invalid_request"),
        (("scope", "openid admin"), "invalid_scope"),
        (("scope", ""), "invalid_scope"),
        (("prompt", "none login"), "invalid_request"),
        (("max_age", "-1"), "invalid_request"),
        (("id_token_hint", "x.y.z"), "invalid_request"),
        (("prompt", "none"), "login_required"),
    ] {
        refused(&world, &address(&id, &[change]), code);
    }
}

#[test]
fn s33_a_request_object_that_is_not_the_clients_is_refused_and_nothing_in_it_counts() {
    let world = World::new();
    let (id, _) = world.register(|_| {});
    let inside =
        serde_json::json!({ "redirect_uri": "https://evil.example/", "state": "forged", "scope": "openid" });
    let encoded =
        |json: &serde_json::Value| data_encoding::BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let unsigned = format!("{}.{}.", encoded(&serde_json::json!({ "alg": "none" })), encoded(&inside));
    let key = authmint::jose::Key::generate(authmint::jose::Algorithm::ES256).unwrap();
    let signed = key.sign_jwt("oauth-authz-req+jwt", &inside).unwrap();
    for (object, code) in [
        ("x.y.z", "invalid_request_object"),
        (&*unsigned, "request_not_supported"),
        (&signed, "invalid_request_object"),
    ] {
        refused(&world, &address(&id, &[("request", object)]), code);
    }
    let elsewhere = address(&id, &[("request_uri", "https://evil.example/")]);
    refused(&world, &elsewhere, "request_uri_not_supported");
}

/// The error reaches the registered address, with the state of the outer request and the issuer, and no code.
fn refused(world: &World, request: &str, code: &str) {
    let response = world.get(request);
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{request}");
    let location = response.headers()["location"].to_str().unwrap();
    let mode = if request.contains("id_token&") || request.contains("=token&") { '#' } else { '?' };
    assert!(location.starts_with(&format!("{CALLBACK}{mode}")), "{location}");
    let params = query(&location.replace('#', "?"));
    assert_eq!(params.get("error"), Some(code), "{request}");
    assert_eq!(params.get("state"), Some("st"));
    assert_eq!(params.get("iss"), Some(ISSUER));
    assert_eq!(params.get("code"), None);
}

#[test]
fn s25_the_servers_parameters_win_over_those_of_the_registered_address() {
    let world = World::new();
    let crafted = "https://app.example/callback?code=forged&state=forged&keep=1";
    let (id, _) = world.register(|new| {
        new.metadata.redirect_uris = vec![crafted.parse_redirect()];
    });
    let callback = Browser::default().authorize(&world, &address(&id, &[("redirect_uri", crafted)]));
    let params = query(&callback);
    assert_ne!(params.get("code"), Some("forged"));
    assert_eq!((params.get("state"), params.get("keep")), (Some("st"), Some("1")));
}

trait ParseRedirect {
    fn parse_redirect(&self) -> authmint::oauth2::RedirectUri;
}

impl ParseRedirect for str {
    fn parse_redirect(&self) -> authmint::oauth2::RedirectUri {
        authmint::oauth2::RedirectUri::parse(self).unwrap()
    }
}

#[test]
fn s30_every_page_is_armoured_and_every_redirect_is_303() {
    let world = World::new();
    let (id, _) = world.register(|new| new.metadata.client_name = Some("<script>alert(1)</script>".into()));
    let mut browser = Browser::default();
    let first = browser.open(&world, &address(&id, &[("login_hint", "\"><script>alert(1)</script>")]));
    assert_eq!(first.status(), StatusCode::SEE_OTHER);
    let login = browser.follow(&world, first).unwrap();
    let pages = [
        login,
        world.get(&format!("{ISSUER}/")),
        world.get(&format!("{ISSUER}/nowhere")),
        world.get(&address("x", &[])),
    ];
    for page in pages {
        let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("strict-transport-security"), "max-age=63072000");
        assert!(!text(&page).contains("<script"), "{}", text(&page));
    }
}

#[test]
fn s31_an_interaction_belongs_to_one_browser_and_a_form_to_one_token() {
    let world = World::new();
    let (id, _) = world.register(|_| {});
    let (mut victim, mut attacker) = (Browser::default(), Browser::default());
    let started = victim.open(&world, &address(&id, &[]));
    let login = victim.follow(&world, started).unwrap();
    let (csrf, interaction) = (field(&login, "csrf"), field(&login, "interaction"));

    let theirs = attacker.open(&world, &format!("{ISSUER}/login?interaction={interaction}"));
    assert_eq!(theirs.status(), StatusCode::BAD_REQUEST);
    for forged in ["", "x", &csrf[1..]] {
        let form = [
            ("csrf", forged),
            ("interaction", &interaction),
            ("username", "ada"),
            ("password", crate::world::PASSWORD),
        ];
        assert_eq!(victim.submit(&world, "/login", &form).status(), StatusCode::FORBIDDEN);
        assert!(victim.session().is_none());
    }
    let form = [
        ("csrf", &*csrf),
        ("interaction", &interaction),
        ("username", "ada"),
        ("password", crate::world::PASSWORD),
    ];
    let after = victim.submit(&world, "/login", &form);
    let consent = victim.follow(&world, after).unwrap();
    // The token of the login form does not open the consent form.
    let stale = victim.submit(
        &world,
        "/consent",
        &[("csrf", &csrf), ("interaction", &interaction), ("decision", "allow")],
    );
    assert_eq!(stale.status(), StatusCode::BAD_REQUEST);
    let csrf = field(&consent, "csrf");
    for decision in ["", "yes", "ALLOW"] {
        let form = [("csrf", &*csrf), ("interaction", &interaction), ("decision", decision)];
        assert_eq!(victim.submit(&world, "/consent", &form).status(), StatusCode::BAD_REQUEST);
    }
    let form = [("csrf", &*csrf), ("interaction", &interaction), ("decision", "allow")];
    assert_eq!(victim.submit(&world, "/consent", &form).status(), StatusCode::SEE_OTHER);
    // Decided once is decided.
    assert_eq!(victim.submit(&world, "/consent", &form).status(), StatusCode::BAD_REQUEST);
}

#[test]
fn s31_an_interaction_expires() {
    let world = World::new();
    let (id, _) = world.register(|_| {});
    let mut browser = Browser::default();
    let started = browser.open(&world, &address(&id, &[]));
    let login = browser.follow(&world, started).unwrap();
    let interaction = field(&login, "interaction");
    world.pass(31 * 60);
    assert_eq!(
        browser.open(&world, &format!("{ISSUER}/login?interaction={interaction}")).status(),
        StatusCode::BAD_REQUEST
    );
}

#[test]
fn s32_a_login_makes_a_new_session_cookie_and_a_planted_one_is_worthless() {
    let world = World::new();
    let (id, _) = world.register(|_| {});
    let mut browser = Browser::default();
    let planted = "A".repeat(43);
    browser.set_session(&planted);
    browser.authorize(&world, &address(&id, &[]));
    let first = browser.session().unwrap().to_owned();
    assert_ne!(first, planted);
    browser.authorize(&world, &address(&id, &[("prompt", "login")]));
    let second = browser.session().unwrap().to_owned();
    assert_ne!(first, second);
    let mut thief = Browser::default();
    thief.set_session(&first);
    assert!(!text(&thief.open(&world, &format!("{ISSUER}/"))).contains("Ada Lovelace"));
}

#[test]
fn s32_prompt_none_shows_nothing_and_a_hint_of_another_person_asks_anew() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let client = world.client(&id, &secret);
    let mut browser = Browser::default();
    let (start, pending) = block_on(client.start(&LoginOptions::default())).unwrap();
    let callback = browser.authorize(&world, &start);
    let login = block_on(client.callback(&pending, callback.split_once('?').unwrap().1)).unwrap();
    let silent = |browser: &mut Browser, more: &[(&str, &str)]| {
        let response = browser.open(&world, &address(&id, &[&[("prompt", "none")], more].concat()));
        query(response.headers()["location"].to_str().unwrap())
    };
    assert!(silent(&mut browser, &[]).get("code").is_some());
    assert!(silent(&mut browser, &[("scope", "openid profile email offline_access")]).get("code").is_some());
    let hint = login.tokens.id_token.unwrap();
    assert!(silent(&mut browser, &[("id_token_hint", hint.expose())]).get("code").is_some());
    world.pass(100);
    assert_eq!(silent(&mut browser, &[("max_age", "60")]).get("error"), Some("login_required"));
    assert_eq!(silent(&mut Browser::default(), &[]).get("error"), Some("login_required"));

    block_on(world.provider.add_account(
        "bob",
        crate::world::PASSWORD.into(),
        authmint::oidc::PersonClaims::default(),
    ))
    .unwrap();
    let mut bob = Browser::default();
    let page = bob.open(&world, &format!("{ISSUER}/login"));
    let form = [("csrf", &*field(&page, "csrf")), ("username", "bob"), ("password", crate::world::PASSWORD)];
    bob.submit(&world, "/login", &form);
    assert_eq!(silent(&mut bob, &[("id_token_hint", hint.expose())]).get("error"), Some("login_required"));
    assert_eq!(silent(&mut bob, &[]).get("error"), Some("consent_required"));
}

#[test]
fn prompt_login_and_consent_ask_again() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let client = world.client(&id, &secret);
    let mut browser = Browser::default();
    browser.authorize(&world, &address(&id, &[]));
    for (prompt, page) in [
        (Prompt::Login, "login-submit"),
        (Prompt::SelectAccount, "login-submit"),
        (Prompt::Consent, "consent-allow"),
    ] {
        let options = LoginOptions::new().prompt(&[prompt]);
        let (start, _) = block_on(client.start(&options)).unwrap();
        let response = browser.open(&world, &start);
        let shown = browser.follow(&world, response).unwrap();
        assert!(text(&shown).contains(page), "{prompt:?}");
    }
}

#[test]
fn s45_another_host_is_turned_away_and_never_becomes_the_issuer() {
    let world = World::new();
    for host in ["evil.example", "op.example:8443", "op.example.evil.example"] {
        for path in ["/.well-known/openid-configuration", "/authorize", "/token", "/login", "/"] {
            let request =
                http::Request::get(path).header("host", host).header("x-forwarded-host", "op.example");
            let response = world.send(request.body(bytes::Bytes::new()).unwrap());
            assert_eq!(response.status(), StatusCode::MISDIRECTED_REQUEST, "{host} {path}");
            assert!(!text(&response).contains(host));
        }
    }
    let person =
        http::Request::get("/authorize").header("host", "evil.example").header("accept", "text/html,*/*");
    let page = world.send(person.body(bytes::Bytes::new()).unwrap());
    assert_eq!(page.status(), StatusCode::MISDIRECTED_REQUEST);
    assert!(text(&page).contains("id=\"error\"") && !text(&page).contains("evil"));
    let request = http::Request::get("/.well-known/openid-configuration")
        .header("host", "op.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "http");
    let response = world.send(request.body(bytes::Bytes::new()).unwrap());
    assert!(
        text(&response).contains("\"issuer\":\"https://op.example\"") && !text(&response).contains("evil")
    );
}

/// The consent page is shown to Ada; Bob logs in in another tab; Ada's page then gives Bob's consent.
#[test]
fn s31_a_consent_page_shown_to_one_person_does_not_decide_for_another() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    block_on(world.provider.add_account("bob", PASSWORD.into(), authmint::oidc::PersonClaims::default()))
        .unwrap();
    let bob = block_on(world.provider.storage().account_by_username("bob")).unwrap().unwrap();
    let mut browser = Browser::default();
    let login = |browser: &mut Browser, page: &http::Response<bytes::Bytes>, name: &str| {
        let form = [
            ("csrf", &*field(page, "csrf")),
            ("interaction", &*field(page, "interaction")),
            ("username", name),
            ("password", PASSWORD),
        ];
        browser.submit(&world, "/login", &form)
    };
    let started = browser.open(&world, &request(&id, "openid email", &[]));
    let page = browser.follow(&world, started).unwrap();
    let after = login(&mut browser, &page, "ada");
    let consent = browser.follow(&world, after).unwrap();
    assert!(text(&consent).contains("Ada Lovelace"));

    let second = browser.open(&world, &request(&id, "openid", &[("prompt", "login")]));
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
        browser.authorize(&world, &request(&id, "openid", &[]));
        let session = browser.session().unwrap().to_owned();
        world.pass(3600);

        browser.set_session("");
        let started = location(&browser.open(&world, &request(&id, "openid", &[more])));
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

/// A login for this very request is fresh for the time it takes to read a page, and no longer.
#[test]
fn s32_max_age_holds_for_the_login_of_the_request_itself() {
    let world = World::new();
    for (pause, again) in [(200, false), (400, true)] {
        let (id, _) = world.register(|_| {});
        let mut browser = Browser::default();
        let started = browser.open(&world, &request(&id, "openid", &[("max_age", "0")]));
        let page = browser.follow(&world, started).unwrap();
        let (csrf, interaction) = (field(&page, "csrf"), field(&page, "interaction"));
        world.pass(5);
        let form =
            [("csrf", &*csrf), ("interaction", &interaction), ("username", "ada"), ("password", PASSWORD)];
        let after = browser.submit(&world, "/login", &form);
        let consent = browser.follow(&world, after).unwrap();
        world.pass(pause);
        let form =
            [("csrf", &*field(&consent, "csrf")), ("interaction", &interaction), ("decision", "allow")];
        let to = location(&browser.submit(&world, "/consent", &form));
        assert_eq!(to.starts_with("/login"), again, "{to}");
    }
}

/// OpenID Connect Core 3.1.2.1: max_age=0 is prompt=login.
#[test]
fn s32_max_age_zero_asks_for_a_login_within_the_same_second_too() {
    let world = World::new();
    let (id, _) = world.register(|_| {});
    let mut browser = Browser::default();
    browser.authorize(&world, &request(&id, "openid", &[]));
    let to = location(&browser.open(&world, &request(&id, "openid", &[("max_age", "0")])));
    assert!(to.starts_with("/login"), "{to}");
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
    browser.authorize(&world, &request(&id, "openid", &[("redirect_uri", "http://127.0.0.1:1111/cb")]));
    // Another program on the machine, under the same client_id.
    let other = [("redirect_uri", "http://127.0.0.1:6666/cb"), ("prompt", "none")];
    let to = location(&browser.open(&world, &request(&id, "openid", &other)));
    assert!(query(&to).get("code").is_none(), "{to}");
}

/// A parameter of a response that the server does not send must not come from the registered address either.
#[test]
fn s25_planted_state_and_error_do_not_reach_the_client() {
    let world = World::new();
    let crafted = "https://app.example/callback?state=planted&error=planted&keep=1";
    let (id, _) = world.register(|new| {
        new.metadata.redirect_uris = vec![authmint::oauth2::RedirectUri::parse(crafted).unwrap()];
    });
    let callback =
        Browser::default().authorize(&world, &request(&id, "openid", &[("redirect_uri", crafted)]));
    let params = query(&callback);
    assert!(params.get("code").is_some());
    assert_eq!((params.get("state"), params.get("error"), params.get("keep")), (None, None, Some("1")));
}

/// RFC 9110 9.2.1: a HEAD, as mail scanners and link checkers send it, changes nothing.
#[test]
fn s32_a_head_makes_no_code_and_ends_no_session() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let mut browser = Browser::default();
    let callback = browser.authorize(&world, &request(&id, "openid", &[]));
    let issued = json(&world.post_as("/token", Some((&id, &key)), &redeem(&code_of(&callback))));
    let hint = issued["id_token"].as_str().unwrap();
    let session = browser.session().unwrap().to_owned();
    let send = |method: &str, address: &str| {
        let request = http::Request::builder().method(method).uri(address).header("host", "op.example");
        let cookie = format!("__Host-authmint-session={session}");
        world.send(request.header("cookie", cookie).body(bytes::Bytes::new()).unwrap())
    };
    let logout = format!("{ISSUER}/logout?id_token_hint={hint}");
    for address in [&request(&id, "openid", &[]), &logout, &format!("{ISSUER}/consent?interaction=x")] {
        for method in ["HEAD", "PUT"] {
            let reply = send(method, address);
            assert_eq!(reply.status(), StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(reply.headers()["allow"], "GET, POST");
            assert!(reply.headers().get("location").is_none());
        }
    }
    assert!(text(&send("GET", ISSUER)).contains("Ada Lovelace"));
    assert_eq!(send("HEAD", &format!("{ISSUER}/login")).status(), StatusCode::SEE_OTHER);
    assert_eq!(send("DELETE", &format!("{ISSUER}/login")).headers()["allow"], "GET, HEAD, POST");
    assert_eq!(send("POST", ISSUER).headers()["allow"], "GET, HEAD");
    assert_eq!(world.get(&format!("{ISSUER}/token")).headers()["allow"], "POST");
}

/// What another person's program allowed itself under the same name is asked of the person each time.
#[test]
fn s32_a_client_that_may_be_anyone_is_asked_about_each_time() {
    use authmint::oauth2::{ClientAuthMethod, RedirectUri};
    let world = World::new();
    for (public, uri, asked) in [
        (true, "http://127.0.0.1/cb", true),
        (true, "http://localhost:1234/cb", true),
        (true, "com.example.app:/cb", true),
        (true, "https://app.example/cb", false),
        (false, "http://127.0.0.1/cb", false),
    ] {
        let (id, _) = world.register(|new| {
            if public {
                new.metadata.token_endpoint_auth_method = ClientAuthMethod::None;
            }
            new.metadata.redirect_uris = vec![RedirectUri::parse(uri).unwrap()];
        });
        let mut browser = Browser::default();
        let address = request(&id, "openid", &[("redirect_uri", uri)]);
        assert!(browser.authorize(&world, &address).starts_with(uri));
        assert_eq!(location(&browser.open(&world, &address)).starts_with("/consent"), asked, "{uri}");
        let silent = request(&id, "openid", &[("redirect_uri", uri), ("prompt", "none")]);
        let error = query(&location(&browser.open(&world, &silent))).get("error").map(str::to_owned);
        assert_eq!(error.as_deref(), asked.then_some("consent_required"), "{uri}");
        // To say yes is still enough.
        assert!(browser.authorize(&world, &address).starts_with(uri));
    }
}
