//! What the authorization endpoint returns, in every response type and mode, and the claims in it.

use authmint::oauth2::{GrantType, Params, ResponseType, SubjectType};
use authmint::oidc::id_token::half_hash;
use authmint::provider::ProviderConfig;
use authmint::server::{NewClient, Profile};
use http::StatusCode;

use crate::world::{
    Browser, CALLBACK, ISSUER, World, claims, code_of, field, json, location, redeem, request, text,
};

pub(crate) fn legacy(config: &mut ProviderConfig) {
    config.server.profile = Profile::Legacy;
}

/// A client of every response type.
pub(crate) fn all_responses(new: &mut NewClient) {
    new.metadata.grant_types =
        vec![GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::Implicit];
    new.metadata.response_types = ResponseType::ALL.to_vec();
}

/// The parameters behind the `#`.
fn fragment(callback: &str) -> Params {
    assert!(callback.starts_with(&format!("{CALLBACK}#")), "{callback}");
    Params::parse(callback.split_once('#').unwrap().1.as_bytes()).unwrap()
}

fn user_info(world: &World, token: &str) -> serde_json::Value {
    let request = http::Request::get(format!("{ISSUER}/userinfo"))
        .header("host", "op.example")
        .header("authorization", format!("Bearer {token}"));
    json(&world.send(request.body(bytes::Bytes::new()).unwrap()))
}

#[test]
fn every_response_type_gives_what_it_names_bound_together() {
    let world = World::with(legacy);
    let (id, secret) = world.register(all_responses);
    let mut browser = Browser::default();
    for response_type in ResponseType::ALL.iter().filter(|kind| kind.is_front_channel()) {
        let more = [("response_type", response_type.as_str()), ("nonce", "n1"), ("state", "st")];
        let params = fragment(&browser.authorize(&world, &request(&id, "openid profile", &more)));
        let has = |name: &str| params.get(name).is_some();
        assert_eq!(
            (has("code"), has("access_token"), has("id_token")),
            (response_type.has_code(), response_type.has_token(), response_type.has_id_token()),
            "{response_type}"
        );
        assert_eq!((params.get("state"), params.get("iss")), (Some("st"), Some(ISSUER)));
        let hash =
            |value: Option<&str>| value.and_then(|value| half_hash(authmint::jose::Algorithm::RS256, value));
        let text = |claims: &serde_json::Value, name: &str| claims[name].as_str().map(str::to_owned);
        if let Some(id_token) = params.get("id_token") {
            let claims = claims(id_token);
            assert_eq!(claims["nonce"], "n1");
            assert_eq!(text(&claims, "c_hash"), hash(params.get("code")), "{response_type}");
            assert_eq!(text(&claims, "at_hash"), hash(params.get("access_token")), "{response_type}");
            assert_eq!(text(&claims, "s_hash"), hash(Some("st")));
            // Core 5.4: only where no access token leads to UserInfo.
            let alone = *response_type == ResponseType::ID_TOKEN;
            assert_eq!(claims["name"] == "Ada Lovelace", alone, "{response_type}: {claims}");
        }
        if let Some(token) = params.get("access_token") {
            assert_eq!(params.get("token_type"), Some("Bearer"));
            assert_eq!(user_info(&world, token)["name"], "Ada Lovelace");
        }
        if let Some(code) = params.get("code") {
            let tokens = json(&world.post_as("/token", Some((&id, &secret)), &redeem(code)));
            assert_eq!(claims(tokens["id_token"].as_str().unwrap())["nonce"], "n1");
        }
    }
}

#[test]
fn s32_tokens_of_the_browser_end_with_the_session_and_with_a_replayed_code() {
    for opaque in [false, true] {
        let world = World::with(legacy);
        let (id, secret) = world.register(|new| {
            all_responses(new);
            if opaque {
                new.access_token_format = authmint::server::storage::AccessTokenFormat::Opaque;
            }
        });
        let mut browser = Browser::default();
        let mut token = |response_type| {
            let more = [("response_type", response_type), ("nonce", "n")];
            let params = fragment(&browser.authorize(&world, &request(&id, "openid", &more)));
            (params.get("access_token").unwrap().to_owned(), params.get("code").map(str::to_owned))
        };
        let (with_code, code) = token("code token");
        let (implicit, _) = token("id_token token");
        assert!(user_info(&world, &implicit)["sub"].is_string());
        for _ in 0..2 {
            world.post_as("/token", Some((&id, &secret)), &redeem(code.as_deref().unwrap()));
        }
        assert_eq!(user_info(&world, &with_code)["error"], "invalid_token", "opaque: {opaque}");
        assert!(user_info(&world, &implicit)["sub"].is_string());
        let page = browser.open(&world, &format!("{ISSUER}/logout"));
        let form = [("csrf", &*field(&page, "csrf")), ("action", "logout")];
        browser.submit(&world, "/logout", &form);
        assert_eq!(user_info(&world, &implicit)["error"], "invalid_token", "opaque: {opaque}");
    }
}

#[test]
fn the_default_profile_and_what_a_client_registered_bound_the_response_type() {
    let strict = World::new();
    let metadata = json(&strict.get(&format!("{ISSUER}/.well-known/openid-configuration")));
    assert_eq!(metadata["response_types_supported"], serde_json::json!(["code"]));
    let registered = pollster::block_on(strict.provider.server().register_client({
        let mut new = NewClient::default();
        all_responses(&mut new);
        new.metadata.redirect_uris = vec![authmint::oauth2::RedirectUri::parse(CALLBACK).unwrap()];
        new
    }));
    assert!(registered.unwrap_err().to_string().contains("not supported"));

    let world = World::with(legacy);
    let (id, _) = world.register(|_| {});
    let refused = world.get(&request(&id, "openid", &[("response_type", "id_token"), ("nonce", "n")]));
    assert_eq!(fragment(&location(&refused)).get("error"), Some("unauthorized_client"));
    let (id, _) = world.register(all_responses);
    for response_type in ["id_token", "id_token token", "code id_token", "code id_token token"] {
        let without = world.get(&request(&id, "openid", &[("response_type", response_type)]));
        let params = fragment(&location(&without));
        assert_eq!(params.get("error"), Some("invalid_request"), "{response_type}");
    }
    let not_openid = [("response_type", "id_token"), ("nonce", "n")];
    let params = fragment(&location(&world.get(&request(&id, "profile", &not_openid))));
    assert_eq!(params.get("error"), Some("invalid_request"));
}

#[test]
fn s24_form_post_brings_codes_and_errors_to_web_addresses_alone() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let mut browser = Browser::default();
    let ask = request(&id, "openid", &[("response_mode", "form_post"), ("state", "<\"&'>")]);
    let mut response = browser.open(&world, &ask);
    for form in
        [&[("username", "ada"), ("password", crate::world::PASSWORD)][..], &[("decision", "allow")][..]]
    {
        let page = browser.follow(&world, response).unwrap();
        let (csrf, interaction) = (field(&page, "csrf"), field(&page, "interaction"));
        let path = if form.len() == 2 { "/login" } else { "/consent" };
        let fields = [&[("csrf", &*csrf), ("interaction", &*interaction)], form].concat();
        response = browser.submit(&world, path, &fields);
    }
    assert_eq!(response.status(), StatusCode::OK);
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("form-action 'self' https://app.example"), "{policy}");
    assert!(policy.contains("script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    assert!(text(&response).contains(&format!("action=\"{CALLBACK}\"")));
    assert!(!text(&response).contains("<\"&'>"), "what a client sends is escaped");
    let code = field(&response, "code");
    assert_eq!(world.post_as("/token", Some((&id, &secret)), &redeem(&code)).status(), StatusCode::OK);

    let silent = request(&id, "openid", &[("response_mode", "form_post"), ("prompt", "none")]);
    assert_eq!(field(&world.get(&silent), "error"), "login_required");
    let native = "com.example.app:/callback";
    let (id, _) = world.register(|new| {
        new.metadata.redirect_uris = vec![authmint::oauth2::RedirectUri::parse(native).unwrap()];
    });
    let more = [("response_mode", "form_post"), ("redirect_uri", native)];
    let refused = location(&world.get(&request(&id, "openid", &more)));
    assert!(refused.starts_with(&format!("{native}?error=invalid_request")), "{refused}");
}

#[test]
fn single_claims_are_asked_for_shown_and_released_where_they_were_asked_for() {
    let world = World::new();
    let (id, secret) = world.register(|_| {});
    let asked = r#"{"userinfo":{"email":{"essential":true},"phone_number":null},"id_token":{"name":null}}"#;
    let address = request(&id, "openid", &[("claims", asked)]);
    let mut browser = Browser::default();
    let callback = browser.authorize(&world, &address);
    let tokens = json(&world.post_as("/token", Some((&id, &secret)), &redeem(&code_of(&callback))));
    let id_token = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!((&id_token["name"], id_token.get("email")), (&"Ada Lovelace".into(), None));
    let known = user_info(&world, tokens["access_token"].as_str().unwrap());
    assert_eq!((&known["email"], known.get("name")), (&"ada@example.com".into(), None));
    assert_eq!(known.get("phone_number"), None, "the client is not registered for phone");
    // The consent for single claims is one for their scopes: asked again, the person is not asked again.
    let again = browser.open(&world, &address);
    assert!(location(&again).starts_with(CALLBACK), "{again:?}");
    let more = browser.open(&world, &request(&id, "openid profile offline_access", &[]));
    assert!(location(&more).starts_with("/consent"), "{more:?}");
}

#[test]
fn the_level_of_authentication_is_told_and_an_essential_one_must_exist() {
    let world = World::with(|config| config.server.acr_values = vec!["urn:example:silver".into()]);
    let (id, secret) = world.register(|_| {});
    let mut browser = Browser::default();
    let callback = browser.authorize(&world, &request(&id, "openid", &[("acr_values", "gold other")]));
    let tokens = json(&world.post_as("/token", Some((&id, &secret)), &redeem(&code_of(&callback))));
    for token in ["id_token", "access_token"] {
        assert_eq!(claims(tokens[token].as_str().unwrap())["acr"], "urn:example:silver");
    }
    let essential = |value: &str| {
        let asked = format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":["{value}"]}}}}}}"#);
        location(&browser.open(&world, &request(&id, "openid", &[("claims", &asked)])))
    };
    let mut essential = essential;
    assert!(essential("urn:example:silver").contains("code="));
    assert!(essential("gold").contains("error=unmet_authentication_requirements"));
}

#[test]
fn pairwise_names_differ_by_sector_and_lead_back_to_the_person() {
    let world = World::new();
    let pairwise = |uri: &'static str| {
        move |new: &mut NewClient| {
            new.metadata.subject_type = SubjectType::Pairwise;
            new.metadata.redirect_uris = vec![authmint::oauth2::RedirectUri::parse(uri).unwrap()];
        }
    };
    let mut browser = Browser::default();
    let mut log_in = |(id, secret): (String, String), uri: &str| {
        let callback = browser.authorize(&world, &request(&id, "openid email", &[("redirect_uri", uri)]));
        let code = code_of(&callback);
        let mut form = redeem(&code);
        form[2].1 = uri;
        let tokens = json(&world.post_as("/token", Some((&id, &secret)), &form));
        let id_token = tokens["id_token"].as_str().unwrap().to_owned();
        let sub = claims(&id_token)["sub"].as_str().unwrap().to_owned();
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(claims(access)["sub"], sub.as_str());
        let known = user_info(&world, access);
        assert_eq!((known["sub"].as_str(), known["email"].as_str()), (Some(&*sub), Some("ada@example.com")));
        let asked = world.post_as("/introspect", Some((&id, &secret)), &[("token", access)]);
        assert_eq!(json(&asked)["sub"], sub.as_str());
        // A hint by that name is a hint at this person.
        let silent = [("redirect_uri", uri), ("prompt", "none"), ("id_token_hint", &*id_token)];
        assert!(location(&browser.open(&world, &request(&id, "openid email", &silent))).contains("code="));
        sub
    };
    let one = log_in(world.register(pairwise("https://a.example/cb")), "https://a.example/cb");
    let same = log_in(world.register(pairwise("https://a.example/other")), "https://a.example/other");
    let other = log_in(world.register(pairwise("https://b.example/cb")), "https://b.example/cb");
    let public = log_in(world.register(|_| {}), CALLBACK);
    assert_eq!(one, same);
    assert!(one != other && one != public && other != public);
}
