//! Logout that a client asks for, and the frames that the browser loads then; rows S01, S16, S23, S30, S32.

use authmint::jose::{
    Algorithm, ContentEncryption, Curve, EncryptionKey, EncryptionKeySet, Jwk, Key, KeyManagement, KeyType,
};
use authmint::oauth2::{Params, RedirectUri, SubjectType};
use http::{Response, StatusCode};
use serde_json::Value;

use crate::world::{
    Browser, ISSUER, World, claims, code_of, field, json, location, query, redeem, request, text,
};

type Page = Response<bytes::Bytes>;

const BYE: &str = "https://app.example/bye";

struct Session {
    world: World,
    browser: Browser,
    id: String,
    secret: String,
    id_token: String,
}

impl Session {
    /// A person who is logged in at a client.
    fn begin(change: impl FnOnce(&mut authmint::server::NewClient)) -> Self {
        Self::begin_in(World::new(), change)
    }

    fn begin_in(world: World, change: impl FnOnce(&mut authmint::server::NewClient)) -> Self {
        let (id, secret) = world.register(change);
        let mut session = Self { world, browser: Browser::default(), id, secret, id_token: String::new() };
        session.id_token = session.join(&session.id.clone(), &session.secret.clone());
        session
    }

    /// Logs in at one more client in the same browser; returns the ID token.
    fn join(&mut self, id: &str, secret: &str) -> String {
        let callback = self.browser.authorize(&self.world, &request(id, "openid", &[]));
        let tokens = json(&self.world.post_as("/token", Some((id, secret)), &redeem(&code_of(&callback))));
        tokens["id_token"].as_str().unwrap().to_owned()
    }

    fn log_out(&mut self, params: &[(&str, &str)]) -> Page {
        let params: Params = params.iter().copied().collect();
        self.browser.open(&self.world, &format!("{ISSUER}/logout?{}", params.to_query()))
    }

    /// Presses the one obvious button.
    fn confirm(&mut self, page: &Page) -> Page {
        let names = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];
        let csrf = field(page, "csrf");
        let carried: Vec<_> = names
            .into_iter()
            .filter(|name| text(page).contains(&format!("name=\"{name}\" value=")))
            .map(|name| (name, field(page, name)))
            .collect();
        let mut form = vec![("csrf", &*csrf), ("action", "logout")];
        form.extend(carried.iter().map(|(name, value)| (*name, &**value)));
        self.browser.submit(&self.world, "/logout", &form)
    }

    fn is_signed_in(&mut self) -> bool {
        let callback = self.browser.open(&self.world, &request(&self.id, "openid", &[("prompt", "none")]));
        query(&location(&callback)).get("code").is_some()
    }
}

/// The page on which a refused request ends, with its fixed words and no way out.
fn is_error(page: &Page) -> bool {
    page.status() == StatusCode::BAD_REQUEST
        && page.headers().get("location").is_none()
        && text(page).contains("This request cannot be completed")
}

fn is_confirmation(page: &Page) -> bool {
    page.status() == StatusCode::OK && text(page).contains("id=\"logout-submit\"")
}

#[test]
fn with_a_hint_of_the_session_the_browser_goes_back_with_the_state_alone() {
    for (state, expected) in
        [(Some("a b&c"), "https://app.example/bye?state=a+b%26c"), (None, "https://app.example/bye")]
    {
        let mut session = Session::begin(|_| {});
        let hint = session.id_token.clone();
        let mut params = vec![
            ("id_token_hint", &*hint),
            ("post_logout_redirect_uri", BYE),
            ("logout_hint", "ada"),
            ("ui_locales", "fr-CA de"),
            ("unknown", "x"),
        ];
        params.extend(state.map(|state| ("state", state)));
        assert!(session.is_signed_in());
        assert_eq!(location(&session.log_out(&params)), expected);
        assert!(!session.is_signed_in());
    }
}

/// RP-Initiated Logout 2: a provider takes GET and POST.
#[test]
fn by_post_it_is_the_same() {
    let mut session = Session::begin(|_| {});
    let hint = session.id_token.clone();
    let form = [("id_token_hint", &*hint), ("post_logout_redirect_uri", BYE), ("state", "s")];
    let posted = session.browser.submit(&session.world, "/logout", &form);
    assert_eq!(session.browser.follow(&session.world, posted).unwrap_err(), format!("{BYE}?state=s"));
    assert!(!session.is_signed_in());
    let long = "x".repeat(40_000);
    let refused = session.browser.submit(&session.world, "/logout", &[("id_token_hint", &long)]);
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[test]
fn s23_what_is_wrong_ends_on_a_page_of_ours_and_the_person_stays_signed_in() {
    let mut session = Session::begin(|_| {});
    let hint = session.id_token.clone();
    let (head, signature) = hint.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    let modified = format!("{head}.{flipped}{}", &signature[1..]);
    let (header, rest) = hint.split_once('.').unwrap();
    let unsigned = format!(
        "{}.{}.",
        authmint::jose::base64url::encode(br#"{"alg":"none","typ":"JWT"}"#),
        rest.split('.').next().unwrap()
    );
    let (other, _) = session.world.register(|_| {});
    for params in [
        &[("id_token_hint", "not a token"), ("post_logout_redirect_uri", BYE)][..],
        &[("id_token_hint", &*modified), ("post_logout_redirect_uri", BYE), ("state", "s")],
        &[("id_token_hint", &*unsigned), ("post_logout_redirect_uri", BYE)],
        &[("id_token_hint", header)],
        &[("id_token_hint", "")],
        &[("post_logout_redirect_uri", BYE), ("state", "s")],
        &[("id_token_hint", &*hint), ("post_logout_redirect_uri", "https://app.example/other")],
        &[("id_token_hint", &*hint), ("post_logout_redirect_uri", "https://app.example/bye?foo=bar")],
        &[("id_token_hint", &*hint), ("post_logout_redirect_uri", "https://app.example/bye/")],
        &[("id_token_hint", &*hint), ("client_id", &*other), ("post_logout_redirect_uri", BYE)],
        &[("client_id", "nobody"), ("post_logout_redirect_uri", BYE)],
    ] {
        let page = session.log_out(params);
        let empty = params.first() == Some(&("id_token_hint", "")) && is_confirmation(&page);
        assert!(is_error(&page) || empty, "{params:?}: {}", text(&page));
        assert!(session.is_signed_in(), "{params:?}");
    }
    let twice = format!("{ISSUER}/logout?id_token_hint={hint}&id_token_hint={hint}");
    assert!(is_error(&session.browser.open(&session.world, &twice)));
    assert!(session.is_signed_in());
}

#[test]
fn without_a_hint_the_person_is_asked_and_one_button_signs_out() {
    for params in [&[][..], &[("state", "s")], &[("logout_hint", "ada"), ("ui_locales", "de")]] {
        let mut session = Session::begin(|_| {});
        let page = session.log_out(params);
        assert!(is_confirmation(&page), "{params:?}");
        assert_eq!(text(&page).matches("class=\"primary\"").count(), 1);
        assert!(session.is_signed_in());
        let done = session.confirm(&page);
        assert!(done.headers().get("location").is_none());
        assert!(text(&done).contains("You are signed out"));
        assert!(!session.is_signed_in());
        assert!(text(&session.log_out(params)).contains("You are signed out"), "again, and nobody is there");
    }
}

#[test]
fn with_a_client_alone_the_person_is_asked_and_then_goes_back() {
    let mut session = Session::begin(|_| {});
    let id = session.id.clone();
    let page = session.log_out(&[("client_id", &*id), ("post_logout_redirect_uri", BYE), ("state", "s")]);
    assert!(is_confirmation(&page) && text(&page).contains("App"));
    assert_eq!(location(&session.confirm(&page)), format!("{BYE}?state=s"));
}

/// A token of another session, or of another person, is no leave to end this one unasked.
#[test]
fn s32_a_hint_of_another_session_asks() {
    let mut session = Session::begin(|_| {});
    let old = session.id_token.clone();
    let page = session.log_out(&[]);
    session.confirm(&page);
    let (id, secret) = (session.id.clone(), session.secret.clone());
    session.join(&id, &secret);
    let page = session.log_out(&[("id_token_hint", &old), ("post_logout_redirect_uri", BYE)]);
    assert!(is_confirmation(&page) && session.is_signed_in());
    assert_eq!(location(&session.confirm(&page)), BYE);
}

#[test]
fn hints_may_have_expired_and_may_be_pairwise_or_signed_with_the_clients_secret() {
    for change in [
        (|_| {}) as fn(&mut authmint::oauth2::ClientMetadata),
        |metadata| metadata.subject_type = SubjectType::Pairwise,
        |metadata| metadata.id_token_signed_response_alg = Some("HS256".into()),
        |metadata| metadata.id_token_signed_response_alg = Some("ES256".into()),
    ] {
        let mut session = Session::begin(|new| change(&mut new.metadata));
        session.world.pass(60 * 60);
        let hint = session.id_token.clone();
        let silent = session.browser.open(
            &session.world,
            &request(&session.id, "openid", &[("prompt", "none"), ("id_token_hint", &hint)]),
        );
        assert!(query(&location(&silent)).get("code").is_some(), "the same person, silently");
        assert_eq!(
            location(&session.log_out(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE)])),
            BYE
        );
        assert!(!session.is_signed_in());
    }
}

/// Only the client's own secret, and only where it registered that algorithm.
#[test]
fn s16_a_hint_signed_with_another_secret_or_an_algorithm_nobody_registered_is_refused() {
    let mut session = Session::begin(|new| new.metadata.id_token_signed_response_alg = Some("HS256".into()));
    let (asymmetric, plain_secret) = session.world.register(|_| {});
    let (other, other_secret) =
        session.world.register(|new| new.metadata.id_token_signed_response_alg = Some("HS256".into()));
    let body = claims(&session.id_token);
    let sign = |secret: &str, algorithm, body: &Value| {
        Key::from_secret(secret.as_bytes(), algorithm).unwrap().sign_jwt("JWT", body).unwrap()
    };
    let mut for_other = body.clone();
    for_other["aud"] = other.clone().into();
    let mut for_plain = body.clone();
    for_plain["aud"] = asymmetric.into();
    let mut foreign = body.clone();
    foreign["iss"] = "https://evil.example".into();
    let own = session.secret.clone();
    for hint in [
        sign(&other_secret, Algorithm::HS256, &body),
        sign(&own, Algorithm::HS256, &for_other),
        sign(&own, Algorithm::HS384, &body),
        sign(&plain_secret, Algorithm::HS256, &for_plain),
        sign(&own, Algorithm::HS256, &foreign),
        Key::from_secret(own.as_bytes(), Algorithm::HS256).unwrap().sign_jwt("at+jwt", &body).unwrap(),
    ] {
        let page = session.log_out(&[("id_token_hint", &hint)]);
        assert!(is_error(&page), "{}", text(&page));
    }
    assert!(session.is_signed_in());
}

/// Core 3.1.2.1: a client decrypts its ID token before it sends it, and may encrypt it to the provider.
#[test]
fn an_encrypted_hint_is_read_if_it_is_encrypted_to_the_provider() {
    let world = World::new();
    let jwk = Jwk::generate(KeyType::Ec(Curve::P256)).unwrap().with_alg("ECDH-ES").unwrap().with_kid("e");
    let own = EncryptionKey::new(&jwk).unwrap();
    let jwks: Value = serde_json::from_str(&EncryptionKeySet::from(own.clone()).to_public_jwks()).unwrap();
    let mut session = Session::begin_in(world, |new| {
        new.metadata.jwks = Some(jwks);
        new.metadata.id_token_encrypted_response_alg = Some("ECDH-ES".into());
    });
    let encrypted = session.id_token.clone();
    assert_eq!(encrypted.split('.').count(), 5);
    assert!(is_error(&session.log_out(&[("id_token_hint", &encrypted)])), "encrypted to the client");
    let outer = authmint::jose::JwePolicy::new(&[KeyManagement::EcdhEs], &[ContentEncryption::A128CbcHs256]);
    let opened = EncryptionKeySet::from(own).decrypt_jwe(&encrypted, &outer).unwrap();
    let signed = String::from_utf8(opened.plaintext.to_vec()).unwrap();
    let published = text(&session.world.get(&format!("{ISSUER}/jwks")));
    let keys = EncryptionKeySet::from_jwks(&published).unwrap();
    let key = keys.iter().find(|key| key.algorithm() == Some(KeyManagement::EcdhEs)).unwrap();
    let again = key.encrypt_jwt(&signed, ContentEncryption::A256Gcm).unwrap();
    let done = session.log_out(&[("id_token_hint", &again), ("post_logout_redirect_uri", BYE)]);
    assert_eq!(location(&done), BYE);
}

fn framed(new: &mut authmint::server::NewClient, host: &str, session_required: bool) {
    let uri = RedirectUri::parse(&format!("https://{host}/callback")).unwrap();
    new.metadata.redirect_uris.push(uri);
    new.metadata.frontchannel_logout_uri = Some(format!("https://{host}/out?app=1"));
    new.metadata.frontchannel_logout_session_required = session_required;
}

/// The sources of the frames on a page.
fn frames(page: &Page) -> Vec<String> {
    let text = text(page);
    let sources = text.split("<iframe class=\"unseen\" src=\"").skip(1);
    sources.map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&")).collect()
}

#[test]
fn each_client_of_the_session_is_loaded_in_a_frame_before_the_browser_goes_back() {
    let mut session = Session::begin(|new| framed(new, "one.example", true));
    let (two, two_secret) = session.world.register(|new| framed(new, "two.example", false));
    session.join(&two, &two_secret);
    session.world.register(|new| framed(new, "stranger.example", true));
    let hint = session.id_token.clone();
    let sid = claims(&hint)["sid"].as_str().unwrap().to_owned();
    let params = [("id_token_hint", &*hint), ("post_logout_redirect_uri", BYE), ("state", "s")];
    let page = session.log_out(&params);
    assert_eq!(page.status(), StatusCode::OK);
    let mut loaded = frames(&page);
    loaded.sort_unstable();
    let issuer = "https%3A%2F%2Fop.example";
    assert_eq!(
        loaded,
        [
            format!("https://one.example/out?app=1&iss={issuer}&sid={sid}"),
            "https://two.example/out?app=1".to_owned()
        ]
    );
    let shown = text(&page);
    assert!(
        shown.contains(r#"<meta http-equiv="refresh" content="1; url=https://app.example/bye?state=s">"#)
    );
    assert!(shown.contains(r#"id="continue" href="https://app.example/bye?state=s""#));
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("; frame-src https://one.example https://two.example; script-src 'sha256-"));
    assert!(!session.is_signed_in());
    // They were told; a second logout goes back at once.
    assert_eq!(location(&session.log_out(&params)), format!("{BYE}?state=s"));
}

#[test]
fn s30_without_a_way_back_the_page_stays_and_runs_no_script() {
    let mut session = Session::begin(|new| framed(new, "one.example", true));
    let asked = session.log_out(&[]);
    let page = session.confirm(&asked);
    assert_eq!(frames(&page).len(), 1);
    assert!(text(&page).contains("id=\"sign-in-again\"") && !text(&page).contains("refresh"));
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-src https://one.example") && !policy.contains("script-src"), "{policy}");
}

#[test]
fn a_frame_must_be_of_the_clients_own_origin() {
    let world = World::new();
    let mut new = authmint::server::NewClient::default();
    framed(&mut new, "one.example", true);
    new.metadata.frontchannel_logout_uri = Some("https://victim.example/delete-everything".into());
    let refused = pollster::block_on(world.provider.server().register_client(new)).unwrap_err();
    assert!(refused.to_string().contains("frontchannel_logout_uri"), "{refused}");
    let metadata = json(&world.get(&format!("{ISSUER}/.well-known/openid-configuration")));
    for name in ["frontchannel_logout_supported", "frontchannel_logout_session_supported"] {
        assert_eq!(metadata[name], true);
    }
}
