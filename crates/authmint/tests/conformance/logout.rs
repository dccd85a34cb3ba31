//! The plans of the logout: asked for by the client, told to others by frames, by logout tokens and by the session's state.

use authmint::jose::{Algorithm, JwsBuilder, Key, KeySet, Policy, Timestamp, base64url, sha256};
use authmint::oauth2::{ClientMetadata, Params, RedirectUri};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::browser::{Callback, Channel, End, text};
use crate::checks;
use crate::module::{Done, Module, Variant};
use crate::op::{Auth, ISSUER, Op, header, random, unsigned};
use crate::sessions::NEEDS_A_PAGE;
use crate::web::suite;

const SIGNED_OUT: &str = "You are signed out";

/// The response types a runner may choose, by basic authentication and in the default mode.
fn variants() -> Vec<Variant> {
    Variant::static_plans().into_iter().filter(|variant| !variant.form_post).collect()
}

/// Runs a module after a sign-in, with the client that the plan registers.
fn run(change: impl Fn(&mut ClientMetadata), module: impl Fn(&mut Module<'_>, &Done)) {
    let op = Op::new();
    let rp = op.register(Auth::Basic, |metadata| {
        metadata.post_logout_redirect_uris =
            vec![RedirectUri::parse(&suite("post_logout_redirect")).unwrap()];
        change(metadata);
    });
    for variant in variants() {
        let mut run = Module::new(&op, rp.clone(), variant);
        let mut request = run.request();
        request.set("state", random(128));
        let done = run.succeed(&request);
        module(&mut run, &done);
    }
}

fn hint(done: &Done) -> &str {
    &done.back.as_ref().or(done.front.as_ref()).unwrap().text
}

/// The request that every module begins with.
fn request(done: &Done) -> Params {
    [
        ("id_token_hint", hint(done)),
        ("post_logout_redirect_uri", &suite("post_logout_redirect")),
        ("state", &random(128)),
    ]
    .into_iter()
    .collect()
}

fn without(request: &Params, names: &[&str]) -> Params {
    request.iter().filter(|(name, _)| !names.contains(name)).collect()
}

fn log_out(module: &mut Module<'_>, request: &Params) -> End {
    let question = if request.iter().next().is_some() { "?" } else { "" };
    module.browser.visit(module.op, &format!("{ISSUER}/logout{question}{}", request.to_query()))
}

/// Back at the client with the state and nothing else; another parameter is a warning.
fn back(callback: &Callback, request: &Params) {
    assert_eq!((callback.channel, &*callback.uri), (Channel::Query, &*suite("post_logout_redirect")));
    let expected: Params = request.iter().filter(|(name, _)| *name == "state").collect();
    assert_eq!(callback.params, expected);
}

/// What the suite then asks to see that nobody is signed in.
fn nobody_is_signed_in(module: &mut Module<'_>) {
    let request = module.with("prompt", "none");
    let callback = module.callback(&request);
    checks::authorization_error(&callback, &request, NEEDS_A_PAGE);
}

/// A page that neither leads back nor signs out.
fn refused(module: &mut Module<'_>, request: &Params, parameter: &str) {
    let page = log_out(module, request).page();
    assert_eq!(page.status(), StatusCode::BAD_REQUEST);
    let page = text(&page);
    assert!(page.contains("This request cannot be completed"), "{page}");
    assert!(page.contains(&format!("<dd dir=\"auto\">{parameter}</dd>")), "{parameter} in {page}");
    module.succeed(&module.with("prompt", "none"));
}

/// A page that says so, after one that asks where the request proves nothing.
fn signed_out(module: &mut Module<'_>, request: &Params, asks: bool) {
    let before = module.browser.logouts;
    let page = log_out(module, request).page();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(text(&page).contains(SIGNED_OUT));
    assert_eq!(module.browser.logouts - before, usize::from(asks));
    nobody_is_signed_in(module);
}

fn metadata_has(members: &[&str]) {
    let metadata = Op::new().metadata();
    assert!(metadata["end_session_endpoint"].as_str().unwrap().starts_with("https://"));
    assert!(members.iter().all(|member| metadata[member] == true), "{members:?} in {metadata}");
}

#[test]
fn oidcc_rp_initiated_logout_discovery_endpoint_verification() {
    metadata_has(&[]);
}

#[test]
fn oidcc_frontchannel_logout_discovery_endpoint_verification() {
    metadata_has(&["frontchannel_logout_supported", "frontchannel_logout_session_supported"]);
}

#[test]
fn oidcc_backchannel_logout_discovery_endpoint_verification() {
    metadata_has(&["backchannel_logout_supported", "backchannel_logout_session_supported"]);
}

#[test]
fn oidcc_session_management_discovery_endpoint_verification() {
    metadata_has(&[]);
    let frame = Op::new().metadata()["check_session_iframe"].clone();
    assert!(frame.as_str().unwrap().starts_with("https://"), "{frame}");
}

#[test]
fn oidcc_rp_initiated_logout() {
    run(
        |_| {},
        |module, done| {
            let request = request(done);
            back(&log_out(module, &request).callback(), &request);
            assert_eq!(module.browser.logouts, 0, "the ID token of this login says enough");
            nobody_is_signed_in(module);
        },
    );
}

#[test]
fn oidcc_rp_initiated_logout_no_state() {
    run(
        |_| {},
        |module, done| {
            let request = without(&request(done), &["state"]);
            back(&log_out(module, &request).callback(), &request);
            nobody_is_signed_in(module);
        },
    );
}

#[test]
fn oidcc_rp_initiated_logout_bad_post_logout_redirect_uri() {
    run(
        |_| {},
        |module, done| {
            let mut request = request(done);
            request.set("post_logout_redirect_uri", suite(&random(10)));
            refused(module, &request, "post_logout_redirect_uri");
        },
    );
}

#[test]
fn oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri() {
    run(
        |_| {},
        |module, done| {
            let mut request = request(done);
            request.set("post_logout_redirect_uri", suite("post_logout_redirect?foo=bar"));
            refused(module, &request, "post_logout_redirect_uri");
        },
    );
}

/// Signed by somebody else, with the right claims.
#[test]
fn oidcc_rp_initiated_logout_bad_id_token_hint() {
    let key = Key::generate(Algorithm::RS256).unwrap();
    run(
        |_| {},
        |module, done| {
            let forged = JwsBuilder::new().sign(&key, done.id_token().to_string().as_bytes()).unwrap();
            let mut request = request(done);
            request.set("id_token_hint", forged);
            refused(module, &request, "id_token_hint");
        },
    );
}

/// The right claims, with `alg` none.
#[test]
fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    run(
        |_| {},
        |module, done| {
            let mut request = request(done);
            request.set("id_token_hint", unsigned(done.id_token()));
            refused(module, &request, "id_token_hint");
        },
    );
}

#[test]
fn oidcc_rp_initiated_logout_no_id_token_hint() {
    run(
        |_| {},
        |module, done| {
            let request = without(&request(done), &["id_token_hint"]);
            refused(module, &request, "post_logout_redirect_uri");
        },
    );
}

#[test]
fn oidcc_rp_initiated_logout_no_params() {
    run(|_| {}, |module, _| signed_out(module, &Params::new(), true));
}

#[test]
fn oidcc_rp_initiated_logout_only_state() {
    run(
        |_| {},
        |module, done| {
            let request = without(&request(done), &["id_token_hint", "post_logout_redirect_uri"]);
            signed_out(module, &request, true);
        },
    );
}

#[test]
fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    run(
        |_| {},
        |module, done| {
            let request = without(&request(done), &["post_logout_redirect_uri"]);
            signed_out(module, &request, false);
        },
    );
}

/// One frame, told issuer and session and nothing else; then back.
#[test]
fn oidcc_frontchannel_rp_initiated_logout() {
    run(
        |metadata| {
            metadata.frontchannel_logout_uri = Some(suite("frontchannel_logout"));
            metadata.frontchannel_logout_session_required = true;
        },
        |module, done| {
            let request = request(done);
            back(&log_out(module, &request).callback(), &request);
            let [frame] = &module.browser.frames[..] else { panic!("{:?}", module.browser.frames) };
            let (uri, query) = frame.split_once('?').unwrap();
            assert_eq!(uri, suite("frontchannel_logout"));
            let params = Params::parse(query.as_bytes()).unwrap();
            assert_eq!(params.get("iss"), Some(ISSUER));
            assert_eq!(params.get("sid"), done.id_token()["sid"].as_str());
            assert_eq!(params.iter().count(), 2);
            nobody_is_signed_in(module);
        },
    );
}

/// One logout token, of this person and session; then back.
#[test]
fn oidcc_backchannel_rp_initiated_logout() {
    run(
        |metadata| {
            metadata.backchannel_logout_uri = Some(suite("backchannel_logout"));
            metadata.backchannel_logout_session_required = true;
        },
        |module, done| {
            let request = request(done);
            back(&log_out(module, &request).callback(), &request);
            let posted = module.op.web.posted();
            let [post] = &posted[..] else { panic!("{posted:?}") };
            assert_eq!((post.method(), post.uri().to_string()), (&Method::POST, suite("backchannel_logout")));
            assert_eq!(post.headers()["content-type"], "application/x-www-form-urlencoded");
            let form = Params::parse(post.body()).unwrap();
            assert_eq!(form.iter().count(), 1);
            logout_token(module, form.get("logout_token").unwrap(), done.id_token());
            nobody_is_signed_in(module);
        },
    );
}

fn logout_token(module: &Module<'_>, token: &str, id_token: &Value) {
    let keys = KeySet::from_jwks(&json!({ "keys": checks::key_set(module.op) }).to_string()).unwrap();
    let policy = Policy::new(&[Algorithm::RS256]).typ("logout+jwt").issuer(ISSUER).audience(&module.rp.id);
    let now = Timestamp::from_secs(module.op.now());
    let claims = keys.verify_jwt::<Value>(token, &policy, now).unwrap().claims;
    assert!(claims["iat"].as_u64().unwrap() <= module.op.now() && claims["jti"].is_string());
    assert_eq!(claims["events"], json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
    assert_eq!((&claims["sub"], &claims["sid"]), (&id_token["sub"], &id_token["sid"]));
    assert!(claims["sid"].is_string() && claims.get("nonce").is_none());
}

/// The frame answers that nothing changed, and after the logout that something did.
#[test]
fn oidcc_session_management_rp_initiated_logout() {
    run(
        |_| {},
        |module, done| {
            let state = done.callback.params.get("session_state").expect("a session_state").to_owned();
            assert_eq!(ask_frame(module, &state), "unchanged");
            let request = request(done);
            back(&log_out(module, &request).callback(), &request);
            assert_eq!(ask_frame(module, &state), "changed");
        },
    );
}

/// What the provider's frame computes in this browser (Session Management 3.2, 3.3).
fn ask_frame(module: &mut Module<'_>, session_state: &str) -> &'static str {
    let address = module.op.metadata()["check_session_iframe"].as_str().unwrap().to_owned();
    let frame = module.browser.get(module.op, &address);
    assert_eq!((frame.status(), header(&frame, "x-frame-options")), (StatusCode::OK, ""));
    assert!(!header(&frame, "content-security-policy").contains("frame-ancestors"));
    let page = text(&frame);
    let (_, rest) = page.split_once("data-cookie=\"").unwrap();
    let cookie = rest.split('"').next().unwrap();
    let (hash, salt) = session_state.split_once('.').unwrap();
    assert!(!session_state.contains(' '));
    let Some(state) = module.browser.cookie(cookie) else { return "changed" };
    let text = format!("{} https://suite.example {state} {salt}", module.rp.id);
    if base64url::encode(&sha256(text.as_bytes())) == hash { "unchanged" } else { "changed" }
}
