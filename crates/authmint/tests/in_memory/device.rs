//! The page for devices (RFC 8628 3.3): rows S31, S39, S42.

use authmint::oauth2::{ClientAuthMethod, GrantType};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::Value;

use crate::world::{Browser, ISSUER, PASSWORD, World, field, json, location, text};

struct Device {
    id: String,
    code: String,
    user_code: String,
    complete: String,
}

impl Device {
    fn begin(world: &World) -> Self {
        let (id, _) = world.register(|new| {
            new.metadata.client_name = Some("Television".into());
            new.metadata.grant_types = vec![GrantType::DeviceCode, GrantType::RefreshToken];
            new.metadata.token_endpoint_auth_method = ClientAuthMethod::None;
            new.metadata.redirect_uris.clear();
            new.metadata.post_logout_redirect_uris.clear();
        });
        let answer =
            json(&world.post("/device_authorization", &[("client_id", &id), ("scope", "openid email")]));
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        assert_eq!(text("verification_uri"), format!("{ISSUER}/device"));
        Self {
            id,
            code: text("device_code"),
            user_code: text("user_code"),
            complete: text("verification_uri_complete"),
        }
    }

    fn poll(&self, world: &World) -> Value {
        world.pass(10);
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", &self.id),
            ("device_code", &self.code),
        ];
        json(&world.post("/token", &form))
    }
}

/// Opens the page, and signs in where it asks; returns the form for the code.
pub(crate) fn open(world: &World, browser: &mut Browser, address: &str) -> Response<Bytes> {
    let opened = browser.open(world, address);
    let page = browser.follow(world, opened).unwrap();
    if !text(&page).contains("id=\"login-submit\"") {
        return page;
    }
    assert!(text(&page).contains("to connect a device"));
    let form = [
        ("csrf", &*field(&page, "csrf")),
        ("next", &*field(&page, "next")),
        ("user_code", &*field(&page, "user_code")),
        ("username", "ada"),
        ("password", PASSWORD),
    ];
    let answer = browser.submit(world, "/login", &form);
    browser.follow(world, answer).unwrap()
}

pub(crate) fn type_code(
    world: &World,
    browser: &mut Browser,
    page: &Response<Bytes>,
    code: &str,
) -> Response<Bytes> {
    browser.submit(world, "/device", &[("csrf", &field(page, "csrf")), ("user_code", code)])
}

pub(crate) fn decide(
    world: &World,
    browser: &mut Browser,
    page: &Response<Bytes>,
    decision: &str,
) -> Response<Bytes> {
    let form =
        [("csrf", &*field(page, "csrf")), ("user_code", &*field(page, "user_code")), ("decision", decision)];
    browser.submit(world, "/device", &form)
}

#[test]
fn a_person_signs_in_sees_what_the_device_wants_and_allows_it() {
    let world = World::new();
    let device = Device::begin(&world);
    assert_eq!(device.poll(&world)["error"], "authorization_pending");
    let mut browser = Browser::default();
    let page = open(&world, &mut browser, &format!("{ISSUER}/device"));
    // As people type: without the hyphen, in lower case, with spaces.
    let typed = format!(" {} ", device.user_code.replace('-', " ").to_lowercase());
    let asked = type_code(&world, &mut browser, &page, &typed);
    let shown = text(&asked);
    assert!(shown.contains("Television") && shown.contains("See your e-mail address"), "{shown}");
    assert!(shown.contains(&format!(">{}</code>", device.user_code)), "the code as the device shows it");
    assert_eq!(device.poll(&world)["error"], "authorization_pending", "nothing is decided by looking");
    let done = decide(&world, &mut browser, &asked, "allow");
    assert!(text(&done).contains("id=\"device-allowed\""));
    let tokens = device.poll(&world);
    assert!(tokens["access_token"].is_string() && tokens["id_token"].is_string(), "{tokens}");
}

#[test]
fn a_person_refuses_and_a_decision_is_made_once() {
    let world = World::new();
    let device = Device::begin(&world);
    let mut browser = Browser::default();
    let page = open(&world, &mut browser, &device.complete);
    let asked = type_code(&world, &mut browser, &page, &device.user_code);
    let odd = decide(&world, &mut browser, &asked, "perhaps");
    assert_eq!(odd.status(), StatusCode::BAD_REQUEST);
    assert_eq!(device.poll(&world)["error"], "authorization_pending");
    assert!(text(&decide(&world, &mut browser, &asked, "deny")).contains("id=\"device-denied\""));
    let late = decide(&world, &mut browser, &asked, "allow");
    assert!(text(&late).contains("id=\"device-error\""), "{}", text(&late));
    assert_eq!(device.poll(&world)["error"], "access_denied");
}

/// A link with the code in it, opened by the person or by a page of the attacker's, fills a form in and nothing more.
#[test]
fn s39_a_code_in_the_address_is_filled_in_and_decides_nothing() {
    let world = World::new();
    let device = Device::begin(&world);
    let mut browser = Browser::default();
    let page = open(&world, &mut browser, &device.complete);
    assert_eq!(field_of(&page, "user_code"), device.user_code, "it survives the login");
    assert!(!text(&page).contains("device-allow"));
    for address in [
        format!("{}&decision=allow", device.complete),
        format!("{}&decision=allow&csrf={}", device.complete, field(&page, "csrf")),
    ] {
        let opened = browser.open(&world, &address);
        assert!(text(&opened).contains("id=\"device-submit\""));
    }
    assert_eq!(device.poll(&world)["error"], "authorization_pending");
    let hostile = browser.open(&world, &format!("{ISSUER}/device?user_code=%22%3E%3Cscript%3E"));
    assert!(text(&hostile).contains("value=\"SCRIPT\""), "{}", text(&hostile));
}

/// The value of the visible field.
fn field_of(page: &Response<Bytes>, name: &str) -> String {
    let text = text(page);
    let (_, rest) = text.split_once(&format!("name=\"{name}\" type=\"text\" value=\"")).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn s31_a_decision_is_bound_to_the_browser_the_login_and_the_very_code() {
    let world = World::new();
    let (device, another) = (Device::begin(&world), Device::begin(&world));
    let mut browser = Browser::default();
    let page = open(&world, &mut browser, &device.complete);
    let form_token = field(&page, "csrf");
    let asked = type_code(&world, &mut browser, &page, &device.user_code);
    let decision_token = field(&asked, "csrf");
    let attempt = |browser: &mut Browser, csrf: &str, code: &str| {
        let form = [("csrf", csrf), ("user_code", code), ("decision", "allow")];
        browser.submit(&world, "/device", &form).status()
    };
    // Another device's code, the token of the other form, none.
    assert_eq!(attempt(&mut browser, &decision_token, &another.user_code), StatusCode::BAD_REQUEST);
    assert_eq!(attempt(&mut browser, &form_token, &device.user_code), StatusCode::BAD_REQUEST);
    assert_eq!(attempt(&mut browser, "", &device.user_code), StatusCode::BAD_REQUEST);
    // Another browser of the same person.
    let mut other = Browser::default();
    open(&world, &mut other, &device.complete);
    assert_eq!(attempt(&mut other, &decision_token, &device.user_code), StatusCode::BAD_REQUEST);
    // Nobody.
    assert_eq!(attempt(&mut Browser::default(), &decision_token, &device.user_code), StatusCode::SEE_OTHER);
    // Another login in the same browser: who is there now has not seen the page.
    let started = browser.open(&world, &format!("{ISSUER}/logout"));
    browser.submit(&world, "/logout", &[("csrf", &field(&started, "csrf"))]);
    open(&world, &mut browser, &device.complete);
    assert_eq!(attempt(&mut browser, &decision_token, &device.user_code), StatusCode::BAD_REQUEST);
    for device in [&device, &another] {
        assert_eq!(device.poll(&world)["error"], "authorization_pending");
    }
}

#[test]
fn s31_a_code_that_another_site_posts_is_not_looked_up() {
    let world = World::new();
    let device = Device::begin(&world);
    let mut browser = Browser::default();
    open(&world, &mut browser, &device.complete);
    for csrf in ["", "forged"] {
        let form = [("csrf", csrf), ("user_code", &*device.user_code)];
        let again = browser.submit(&world, "/device", &form);
        assert!(text(&again).contains("id=\"device-submit\"") && !text(&again).contains("device-allow"));
    }
}

/// Ten tries for a person, in however many logins; a right code is none of them.
#[test]
fn s39_guessing_codes_is_slowed_down_and_locks_out_also_who_is_right() {
    let world = World::new();
    let device = Device::begin(&world);
    let mut browser = Browser::default();
    let page = open(&world, &mut browser, &format!("{ISSUER}/device"));
    for _ in 0..12 {
        let right = type_code(&world, &mut browser, &page, &device.user_code);
        assert_eq!(right.status(), StatusCode::OK);
    }
    let mut guess = |code: &str| type_code(&world, &mut browser, &page, code);
    let statuses: Vec<_> = (0..11).map(|_| guess("BBBB-BBBB").status().as_u16()).collect();
    assert_eq!(statuses[..10], [400; 10]);
    assert_eq!(statuses[10], 429);
    let right = guess(&device.user_code);
    assert_eq!(right.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(right.headers().contains_key("retry-after") && text(&right).contains("Too many codes"));
    // Another login of the same person changes nothing.
    let mut other = Browser::default();
    let page = open(&world, &mut other, &format!("{ISSUER}/device"));
    let again = type_code(&world, &mut other, &page, &device.user_code);
    assert_eq!(again.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[test]
fn s42_one_address_cannot_guess_codes_with_many_accounts() {
    let world = World::with(|config| config.limits.per_address = 15.try_into().unwrap());
    let guess = |browser: &mut Browser, name: &str| {
        let page = browser.open(&world, &format!("{ISSUER}/login?next=device"));
        let form = [("csrf", &*field(&page, "csrf")), ("username", name), ("password", PASSWORD)];
        browser.submit(&world, "/login", &form);
        let page = browser.open(&world, &format!("{ISSUER}/device"));
        (0..10).map(|_| type_code(&world, browser, &page, "BBBB-BBBB").status()).collect::<Vec<_>>()
    };
    pollster::block_on(world.provider.add_account(
        "bob",
        PASSWORD.into(),
        authmint::oidc::PersonClaims::default(),
    ))
    .unwrap();
    assert!(guess(&mut Browser::default(), "ada").iter().all(|status| *status == StatusCode::BAD_REQUEST));
    let bob = guess(&mut Browser::default(), "bob");
    assert!(bob.contains(&StatusCode::TOO_MANY_REQUESTS), "{bob:?}");
}

#[test]
fn an_expired_code_and_one_of_another_method_lead_nowhere() {
    let world = World::new();
    let device = Device::begin(&world);
    let mut browser = Browser::default();
    let page = open(&world, &mut browser, &device.complete);
    let asked = type_code(&world, &mut browser, &page, &device.user_code);
    world.pass(11 * 60);
    let late = decide(&world, &mut browser, &asked, "allow");
    assert!(text(&late).contains("id=\"device-error\""));
    let put = Request::put(format!("{ISSUER}/device")).header("host", "op.example");
    let refused = world.send(put.body(Bytes::new()).unwrap());
    assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(refused.headers()["allow"], "GET, HEAD, POST");
    let signed_out = world.get(&format!("{ISSUER}/device?user_code=https://evil.example"));
    assert_eq!(location(&signed_out), "/login?next=device&user_code=HTTPSEVILEXAMPLE");
}
