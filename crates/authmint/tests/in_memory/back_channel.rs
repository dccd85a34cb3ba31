//! Logout tokens, from the provider to clients that receive and verify them; rows S15, S21, S32.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use authmint::fetch::{FetchError, Reply, Transport};
use authmint::jose::{
    Algorithm, Clock, ContentEncryption, EncryptionKey, EncryptionKeySet, JwePolicy, Jwk, Key, KeyManagement,
    KeySet, KeyType, Policy, peek_unverified,
};
use authmint::oauth2::{ClientMetadata, Params, RedirectUri, SubjectType};
use authmint::oidc::LogoutTokenClaims;
use authmint::oidc::PersonClaims;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::Value;

use crate::world::{
    Browser, ISSUER, PASSWORD, World, block_on, claims, code_of, field, json, location, redeem, request, text,
};

/// What clients answer, by host: a status, or nothing where nobody listens.
type Answers = BTreeMap<&'static str, Option<StatusCode>>;

/// The network to the clients: notes what is posted, and answers.
#[derive(Debug, Default)]
pub(crate) struct Network {
    answers: Answers,
    posted: Mutex<Vec<(String, String)>>,
}

impl Transport for Network {
    fn send(&self, request: Request<Bytes>) -> Reply<'_> {
        assert_eq!(request.method(), "POST");
        assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
        assert!(
            request.headers().get("cookie").is_none() && request.headers().get("authorization").is_none()
        );
        let host = request.uri().host().unwrap().to_owned();
        let form = Params::parse(request.body()).unwrap();
        assert_eq!(form.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["logout_token"]);
        let token = form.get("logout_token").unwrap().to_owned();
        self.posted.lock().unwrap().push((request.uri().to_string(), token));
        let answer = self.answers.get(&*host).copied().unwrap_or(Some(StatusCode::OK));
        Box::pin(async move {
            let status =
                answer.ok_or(FetchError::Unreachable { host, reason: "connection refused".into() })?;
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = status;
            Ok(response)
        })
    }
}

impl Network {
    /// What came to an address since the last look.
    fn taken(&self, uri: &str) -> Vec<String> {
        let mut posted = self.posted.lock().unwrap();
        let (taken, rest) = std::mem::take(&mut *posted).into_iter().partition(|(to, _)| to == uri);
        *posted = rest;
        let taken: Vec<(String, String)> = taken;
        taken.into_iter().map(|(_, token)| token).collect()
    }
}

fn connected(answers: Answers) -> (World, Arc<Network>) {
    let network = Arc::new(Network { answers, posted: Mutex::default() });
    let transport = Arc::clone(&network) as Arc<dyn Transport>;
    (World::with(|config| config.transport = Some(transport)), network)
}

/// Registers a client that wants to be told at `https://HOST/out`.
fn listener(world: &World, host: &str, change: impl FnOnce(&mut ClientMetadata)) -> (String, String) {
    world.register(|new| {
        new.metadata.backchannel_logout_uri = Some(format!("https://{host}/out"));
        change(&mut new.metadata);
    })
}

/// Logs in at a client; returns its tokens.
fn log_in(world: &World, browser: &mut Browser, id: &str, secret: &str) -> Value {
    let callback = browser.authorize(world, &request(id, "openid", &[]));
    json(&world.post_as("/token", Some((id, secret)), &redeem(&code_of(&callback))))
}

fn log_out(world: &World, browser: &mut Browser, tokens: &Value) -> Response<Bytes> {
    let hint = tokens["id_token"].as_str().unwrap();
    browser.open(
        world,
        &format!(
            "{ISSUER}/logout?id_token_hint={hint}&post_logout_redirect_uri=https%3A%2F%2Fapp.example%2Fbye"
        ),
    )
}

fn keys(world: &World) -> KeySet {
    KeySet::from_jwks(&text(&world.get(&format!("{ISSUER}/jwks")))).unwrap()
}

fn check(token: &LogoutTokenClaims, id_token: &Value, world: &World) {
    assert_eq!(token.sub.as_deref(), id_token["sub"].as_str());
    assert_eq!(token.sid.as_deref(), id_token["sid"].as_str());
    assert_eq!(token.iat, world.clock.now());
    assert!((1..=120).contains(&(token.exp.as_secs() - token.iat.as_secs())));
}

#[test]
fn every_client_of_the_session_gets_a_logout_token_signed_as_its_id_tokens() {
    let (world, network) = connected(Answers::new());
    let mut browser = Browser::default();
    let mut clients = Vec::new();
    for (host, algorithm) in [("a.example", "RS256"), ("b.example", "ES256"), ("c.example", "HS256")] {
        let (id, secret) = listener(&world, host, |metadata| {
            metadata.id_token_signed_response_alg = Some(algorithm.into());
        });
        let tokens = log_in(&world, &mut browser, &id, &secret);
        clients.push((host, algorithm.parse::<Algorithm>().unwrap(), id, secret, tokens));
    }
    let stranger = listener(&world, "stranger.example", |_| {});
    log_in(&world, &mut Browser::default(), &stranger.0, &stranger.1);
    let done = log_out(&world, &mut browser, &clients[0].4);
    assert_eq!(location(&done), "https://app.example/bye");
    let mut identifiers = Vec::new();
    for (host, algorithm, id, secret, tokens) in &clients {
        let posted = network.taken(&format!("https://{host}/out"));
        let [token] = &posted[..] else { panic!("{host}: {posted:?}") };
        let (header, _) = peek_unverified::<Value>(token).unwrap();
        assert_eq!((&header["typ"], &header["alg"]), (&"logout+jwt".into(), &algorithm.name().into()));
        let policy = Policy::logout_token(&[*algorithm], ISSUER, id);
        let now = world.clock.now();
        let verified = if algorithm.is_symmetric() {
            Key::from_secret(secret.as_bytes(), *algorithm).unwrap().verify_jwt(token, &policy, now)
        } else {
            keys(&world).verify_jwt::<LogoutTokenClaims>(token, &policy, now)
        };
        let token = verified.unwrap().claims;
        check(&token, &claims(tokens["id_token"].as_str().unwrap()), &world);
        identifiers.push(token.jti);
    }
    identifiers.sort_unstable();
    identifiers.dedup();
    assert_eq!(identifiers.len(), clients.len());
    assert!(network.posted.lock().unwrap().is_empty(), "nobody else is told");
    // The session is over: nothing is left to tell.
    log_out(&world, &mut browser, &clients[0].4);
    assert!(network.posted.lock().unwrap().is_empty());
}

#[test]
fn a_client_with_pairwise_names_is_told_its_own_name_of_the_person() {
    let (world, network) = connected(Answers::new());
    let (id, secret) =
        listener(&world, "a.example", |metadata| metadata.subject_type = SubjectType::Pairwise);
    let mut browser = Browser::default();
    let tokens = log_in(&world, &mut browser, &id, &secret);
    let ada = block_on(world.provider.storage().account_by_username("ada")).unwrap().unwrap();
    log_out(&world, &mut browser, &tokens);
    let token = network.taken("https://a.example/out").remove(0);
    check(
        &serde_json::from_value(claims(&token)).unwrap(),
        &claims(tokens["id_token"].as_str().unwrap()),
        &world,
    );
    assert_ne!(claims(&token)["sub"], ada.subject.as_str());
}

#[test]
fn a_client_that_gets_encrypted_id_tokens_gets_encrypted_logout_tokens() {
    let (world, network) = connected(Answers::new());
    let algorithm = KeyManagement::EcdhEs;
    let jwk = Jwk::generate(KeyType::Ec(authmint::jose::Curve::P256)).unwrap();
    let own = EncryptionKeySet::from(
        EncryptionKey::new(&jwk.with_alg(algorithm.name()).unwrap().with_kid("e")).unwrap(),
    );
    let jwks = serde_json::from_str(&own.to_public_jwks()).unwrap();
    let (id, secret) = listener(&world, "a.example", |metadata| {
        metadata.jwks = Some(jwks);
        metadata.id_token_encrypted_response_alg = Some(algorithm.name().into());
    });
    let mut browser = Browser::default();
    log_in(&world, &mut browser, &id, &secret);
    let asked = browser.open(&world, &format!("{ISSUER}/logout"));
    browser.submit(&world, "/logout", &[("csrf", &field(&asked, "csrf"))]);
    let token = network.taken("https://a.example/out").remove(0);
    let outer = JwePolicy::new(&[algorithm], &[ContentEncryption::A128CbcHs256]);
    let policy = Policy::logout_token(&[Algorithm::RS256], ISSUER, &id);
    let now = world.clock.now();
    assert!(own.decrypt_nested_jwt::<LogoutTokenClaims>(&token, &outer, &keys(&world), &policy, now).is_ok());
}

/// Who logs out is logged out, whatever becomes of the clients; a failure that was quick is tried once more.
#[test]
fn a_client_that_is_down_holds_nobody_up_and_is_asked_twice() {
    let answers = Answers::from([
        ("down.example", None),
        ("failing.example", Some(StatusCode::BAD_GATEWAY)),
        ("refusing.example", Some(StatusCode::BAD_REQUEST)),
        ("elsewhere.example", Some(StatusCode::FOUND)),
        ("quiet.example", Some(StatusCode::NO_CONTENT)),
    ]);
    let (world, network) = connected(answers);
    let mut browser = Browser::default();
    let hosts = ["down.example", "failing.example", "refusing.example", "elsewhere.example", "quiet.example"];
    let mut last = Value::Null;
    for host in hosts {
        let (id, secret) = listener(&world, host, |_| {});
        last = log_in(&world, &mut browser, &id, &secret);
    }
    assert_eq!(location(&log_out(&world, &mut browser, &last)), "https://app.example/bye");
    assert!(browser.session().is_none());
    let asked = hosts.map(|host| network.taken(&format!("https://{host}/out")));
    assert_eq!(asked.each_ref().map(Vec::len), [2, 2, 1, 1, 1]);
    assert_eq!(asked[0][0], asked[0][1], "one token, so that a client that was told notices");
}

/// Somebody else at the same browser: the session of the one before is over, and its clients must know.
#[test]
fn s32_a_login_as_another_person_tells_the_clients_of_the_one_before() {
    let (world, network) = connected(Answers::new());
    block_on(world.provider.add_account("bob", PASSWORD.into(), PersonClaims::default())).unwrap();
    let (id, secret) = listener(&world, "a.example", |_| {});
    let mut browser = Browser::default();
    let tokens = log_in(&world, &mut browser, &id, &secret);
    let log_in_as = |browser: &mut Browser, name: &str| {
        let started = browser.open(&world, &request(&id, "openid", &[("prompt", "login")]));
        let page = browser.follow(&world, started).unwrap();
        let form = [
            ("csrf", &*field(&page, "csrf")),
            ("interaction", &*field(&page, "interaction")),
            ("username", name),
            ("password", PASSWORD),
        ];
        assert_eq!(browser.submit(&world, "/login", &form).status(), StatusCode::SEE_OTHER);
    };
    log_in_as(&mut browser, "ada");
    assert!(network.taken("https://a.example/out").is_empty(), "the same person goes on");
    log_in_as(&mut browser, "bob");
    let token = network.taken("https://a.example/out").remove(0);
    let id_token = claims(tokens["id_token"].as_str().unwrap());
    assert_eq!((&claims(&token)["sub"], &claims(&token)["sid"]), (&id_token["sub"], &id_token["sid"]));
}

/// A session that has expired is still one that its clients may go on in.
#[test]
fn a_logout_after_the_session_expired_tells_its_clients() {
    let (world, network) = connected(Answers::new());
    let (id, secret) = listener(&world, "a.example", |_| {});
    let mut browser = Browser::default();
    let tokens = log_in(&world, &mut browser, &id, &secret);
    world.pass(13 * 60 * 60);
    log_out(&world, &mut browser, &tokens);
    assert_eq!(network.taken("https://a.example/out").len(), 1);
}

#[test]
fn s15_a_logout_token_is_no_other_token() {
    let (world, network) = connected(Answers::new());
    let (id, secret) = listener(&world, "a.example", |_| {});
    let mut browser = Browser::default();
    let tokens = log_in(&world, &mut browser, &id, &secret);
    log_out(&world, &mut browser, &tokens);
    let token = network.taken("https://a.example/out").remove(0);
    let (keys, now) = (keys(&world), world.clock.now());
    assert!(
        keys.verify_jwt::<Value>(&token, &Policy::id_token(&[Algorithm::RS256], ISSUER, &id), now).is_err()
    );
    let id_token = tokens["id_token"].as_str().unwrap();
    let policy = Policy::logout_token(&[Algorithm::RS256], ISSUER, &id);
    assert!(keys.verify_jwt::<Value>(id_token, &policy, now).is_err());
    let page = world.get(&format!("{ISSUER}/logout?id_token_hint={token}"));
    assert_eq!(page.status(), StatusCode::BAD_REQUEST, "nor is it a hint");
}

#[test]
fn s21_without_a_transport_nobody_is_called_and_no_client_is_promised_that() {
    let world = World::new();
    let mut new = authmint::server::NewClient::default();
    new.metadata.redirect_uris = vec![RedirectUri::parse("https://app.example/cb").unwrap()];
    new.metadata.backchannel_logout_uri = Some("https://app.example/out".into());
    let refused = block_on(world.provider.server().register_client(new)).unwrap_err();
    assert!(refused.to_string().contains("backchannel_logout_uri"), "{refused}");
    let promised = |world: &World| {
        let metadata = json(&world.get(&format!("{ISSUER}/.well-known/openid-configuration")));
        ["backchannel_logout_supported", "backchannel_logout_session_supported"]
            .map(|name| metadata[name] == true)
    };
    assert_eq!(promised(&world), [false, false]);
    assert_eq!(promised(&connected(Answers::new()).0), [true, true]);
}
