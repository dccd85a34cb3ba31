//! Tokens that stay fresh, however many tasks and processes share them: row S36 from the client's side.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authmint::client::{
    Client, ClientAuth, Error, InMemory, KeptTokens, ServiceAccount, StoreAnswer, TokenSource, TokenStore,
    Transport,
};
use authmint::fetch::{FetchError, Reply};
use authmint::jose::{Algorithm, Jwk, Key, ManualClock, peek_unverified};
use authmint::oauth2::{GrantType, Params};
use authmint::oidc::ProviderMetadata;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::log_in;
use crate::world::{ISSUER, World, block_on, settings};

/// Counts what goes to the token endpoint, and takes its time.
#[derive(Debug)]
struct Counting {
    inner: Arc<InMemory>,
    refreshes: Arc<AtomicUsize>,
}

impl Transport for Counting {
    fn send(&self, request: Request<Bytes>) -> Reply<'_> {
        let is_token = request.uri().path() == "/token";
        Box::pin(async move {
            if is_token {
                self.refreshes.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            self.inner.send(request).await
        })
    }
}

fn counting(world: &World, id: &str, secret: &str) -> (Client, Arc<AtomicUsize>) {
    let refreshes = Arc::new(AtomicUsize::new(0));
    let transport = Counting { inner: world.transport(), refreshes: Arc::clone(&refreshes) };
    let client = Client::with(
        settings(id, ClientAuth::Secret(secret.into())),
        world.provider.server().metadata(),
        Arc::new(transport),
        Arc::new(world.clock.clone()),
        Arc::new(authmint::jose::SystemEntropy),
    );
    (client.unwrap(), refreshes)
}

fn get() -> Request<Bytes> {
    Request::get(format!("{ISSUER}/userinfo")).body(Bytes::new()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_tasks_with_an_expired_token_cause_one_refresh() {
    let world = World::new();
    let (id, secret) = world.opaque();
    let (client, refreshes) = counting(&world, &id, &secret);
    let login = tokio::task::block_in_place(|| log_in(&world, &world.client(&id, &secret)));
    let source = TokenSource::of_login(client, login.tokens, login.id_token);
    world.pass(60 * 60);
    let tasks: Vec<_> = (0..1000)
        .map(|_| {
            let source = source.clone();
            tokio::spawn(async move { source.send(get()).await.unwrap().status() })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), StatusCode::OK);
    }
    assert_eq!(refreshes.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_whose_token_was_refused_cause_one_refresh() {
    let world = World::new();
    let (id, secret) = world.opaque();
    let (client, refreshes) = counting(&world, &id, &secret);
    let login = tokio::task::block_in_place(|| log_in(&world, &world.client(&id, &secret)));
    let revoked = login.tokens.access_token.clone();
    client.revoke(&revoked, None).await.unwrap();
    let source = TokenSource::of_login(client, login.tokens, login.id_token);
    // Few, since the provider counts what it refuses by address.
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let source = source.clone();
            tokio::spawn(async move { source.send(get()).await.unwrap().status() })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), StatusCode::OK);
    }
    assert_eq!(refreshes.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_login_that_is_over_is_asked_for_once_and_not_again() {
    let world = World::new();
    let (id, secret) = world.opaque();
    let (client, refreshes) = counting(&world, &id, &secret);
    let login = tokio::task::block_in_place(|| log_in(&world, &world.client(&id, &secret)));
    client.revoke(login.tokens.refresh_token.as_ref().unwrap(), None).await.unwrap();
    let source = TokenSource::of_login(client, login.tokens, login.id_token);
    world.pass(60 * 60);
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let source = source.clone();
            tokio::spawn(async move { source.tokens().await.unwrap_err() })
        })
        .collect();
    for task in tasks {
        let error = task.await.unwrap();
        assert!(matches!(&error, Error::Endpoint { error, .. } if error.error == "invalid_grant"), "{error}");
    }
    assert!(source.tokens().await.is_err());
    assert_eq!(refreshes.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s44_a_task_that_is_dropped_while_it_renews_loses_nothing() {
    let world = World::new();
    let (id, secret) = world.opaque();
    let (client, refreshes) = counting(&world, &id, &secret);
    let login = tokio::task::block_in_place(|| log_in(&world, &world.client(&id, &secret)));
    let source = TokenSource::of_login(client, login.tokens, login.id_token);
    world.pass(60 * 60);
    assert!(tokio::time::timeout(Duration::from_millis(10), source.tokens()).await.is_err());
    let renewed = source.tokens().await.unwrap();
    assert_eq!(refreshes.load(Ordering::SeqCst), 1, "the same request is gone on with");
    assert_eq!(source.tokens().await.unwrap(), renewed);
}

/// A row of a database, as far as two processes see it.
#[derive(Debug, Default)]
struct Row {
    text: Mutex<Option<String>>,
    waits: AtomicUsize,
}

impl Row {
    fn with(tokens: authmint::client::Tokens) -> Arc<Self> {
        let text = serde_json::to_string(&KeptTokens::new(tokens)).unwrap();
        Arc::new(Self { text: Mutex::new(Some(text)), waits: AtomicUsize::new(0) })
    }
}

impl TokenStore for Row {
    fn load(&self) -> StoreAnswer<'_, Option<KeptTokens>> {
        let kept = self.text.lock().unwrap().as_ref().map(|text| serde_json::from_str(text).unwrap());
        Box::pin(async move { Ok(kept) })
    }

    fn compare_and_set<'a>(
        &'a self,
        expected: &'a KeptTokens,
        next: &'a KeptTokens,
    ) -> StoreAnswer<'a, bool> {
        let mut row = self.text.lock().unwrap();
        let is_expected = row.as_deref() == Some(&*serde_json::to_string(expected).unwrap());
        if is_expected {
            *row = Some(serde_json::to_string(next).unwrap());
        }
        Box::pin(async move { Ok(is_expected) })
    }

    fn wait(&self) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.waits.fetch_add(1, Ordering::SeqCst);
        Box::pin(tokio::time::sleep(Duration::from_millis(5)))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s36_processes_that_share_a_refresh_token_use_it_once() {
    let world = World::new();
    let (id, secret) = world.opaque();
    let (client, refreshes) = counting(&world, &id, &secret);
    let login = tokio::task::block_in_place(|| log_in(&world, &world.client(&id, &secret)));
    let row = Row::with(login.tokens.clone());
    for round in 1..=3 {
        world.pass(60 * 60);
        // Each is a process of its own: nothing but the row is shared.
        let processes: Vec<_> = (0..16)
            .map(|_| {
                let source = TokenSource::shared(client.clone(), row.clone(), login.id_token.clone());
                tokio::spawn(async move { source.send(get()).await.unwrap().status() })
            })
            .collect();
        for process in processes {
            assert_eq!(process.await.unwrap(), StatusCode::OK);
        }
        assert_eq!(refreshes.load(Ordering::SeqCst), round, "a second use would have ended the login");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_died_while_it_renewed_is_not_waited_for_forever() {
    let world = World::new();
    let (id, secret) = world.opaque();
    let (client, _) = counting(&world, &id, &secret);
    let login = tokio::task::block_in_place(|| log_in(&world, &world.client(&id, &secret)));
    let row = Row::with(login.tokens.clone());
    world.pass(60 * 60);
    // It wrote its claim, and was killed before it asked.
    let dying = TokenSource::shared(client.clone(), row.clone(), None);
    let died = tokio::time::timeout(Duration::from_millis(10), dying.tokens()).await;
    assert!(died.is_err());
    assert!(row.text.lock().unwrap().as_ref().unwrap().contains("claim"));
    let (next, clock) = (TokenSource::shared(client, row.clone(), None), world.clock.clone());
    let waiting = tokio::spawn(async move { next.tokens().await });
    while row.waits.load(Ordering::SeqCst) < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    clock.advance(Duration::from_secs(61));
    // The killed one never reached the server, so its refresh token is still good.
    assert!(waiting.await.unwrap().is_ok());
    *row.text.lock().unwrap() = None;
    world.pass(60 * 60);
    let ended = TokenSource::shared(world.client(&id, &secret), row, None);
    assert!(matches!(ended.tokens().await, Err(Error::Configuration(_))));
}

/// Each try with a refresh token that is over counts as guessing, and the provider counts for the whole application.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s42_a_shared_login_that_is_over_is_asked_for_once_until_there_is_another() {
    let world = World::new();
    let (id, secret) = world.opaque();
    let (client, refreshes) = counting(&world, &id, &secret);
    let log_in = || tokio::task::block_in_place(|| log_in(&world, &world.client(&id, &secret)));
    let login = log_in();
    client.revoke(login.tokens.refresh_token.as_ref().unwrap(), None).await.unwrap();
    let row = Row::with(login.tokens);
    let source = TokenSource::shared(client, row.clone(), None);
    world.pass(60 * 60);
    for _ in 0..5 {
        let error = source.tokens().await.unwrap_err();
        assert!(matches!(&error, Error::Endpoint { error, .. } if error.error == "invalid_grant"), "{error}");
    }
    assert_eq!(refreshes.load(Ordering::SeqCst), 1);
    let again = Row::with(log_in().tokens).text.lock().unwrap().take();
    *row.text.lock().unwrap() = again;
    world.pass(60 * 60);
    assert!(source.tokens().await.is_ok());
}

/// A row whose database has bad moments.
#[derive(Debug)]
struct Unsteady {
    row: Arc<Row>,
    /// How many times it fails to take renewed tokens.
    fails: AtomicUsize,
    /// What happens while somebody waits, and once a claim is written.
    meanwhile: fn(&ManualClock),
    claimed: Mutex<Option<TokenSource>>,
    clock: ManualClock,
}

impl TokenStore for Unsteady {
    fn load(&self) -> StoreAnswer<'_, Option<KeptTokens>> {
        self.row.load()
    }

    fn compare_and_set<'a>(
        &'a self,
        expected: &'a KeptTokens,
        next: &'a KeptTokens,
    ) -> StoreAnswer<'a, bool> {
        let is_claim = serde_json::to_string(next).unwrap().contains("claim");
        let other = if is_claim { self.claimed.lock().unwrap().take() } else { None };
        let fails = |count: usize| count.checked_sub(1);
        let is_down = !is_claim && self.fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fails).is_ok();
        Box::pin(async move {
            if is_down {
                return Err(Error::Store("down".to_owned()));
            }
            let is_set = self.row.compare_and_set(expected, next).await?;
            if let Some(other) = other {
                (self.meanwhile)(&self.clock);
                other.tokens().await.unwrap();
            }
            Ok(is_set)
        })
    }

    fn wait(&self) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        (self.meanwhile)(&self.clock);
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s43_renewed_tokens_outlive_a_store_that_does_not_take_them_at_once() {
    let late = |clock: &ManualClock| clock.advance(Duration::from_secs(61));
    // The database is away for a moment, and for longer than the claim holds.
    for (fails, meanwhile) in [(3, (|_| ()) as fn(&ManualClock)), (2, late)] {
        let world = World::new();
        let (id, secret) = world.opaque();
        let (client, refreshes) = counting(&world, &id, &secret);
        let login = tokio::task::block_in_place(|| log_in(&world, &world.client(&id, &secret)));
        let row = Row::with(login.tokens);
        world.pass(60 * 60);
        let store = Unsteady {
            row: row.clone(),
            fails: AtomicUsize::new(fails),
            meanwhile,
            claimed: Mutex::default(),
            clock: world.clock.clone(),
        };
        let source = TokenSource::shared(client.clone(), Arc::new(store), None);
        let mut tokens = source.tokens().await;
        if tokens.is_err() {
            tokens = source.tokens().await;
        }
        assert_eq!(refreshes.load(Ordering::SeqCst), 1, "the old refresh token is used up");
        let other = TokenSource::shared(client, row, None);
        assert_eq!(other.tokens().await.unwrap(), tokens.unwrap());
        assert_eq!(refreshes.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn s44_a_process_that_was_held_up_until_its_claim_ended_claims_anew() {
    let world = World::new();
    let (id, secret) = world.opaque();
    let (client, refreshes) = counting(&world, &id, &secret);
    let login = tokio::task::block_in_place(|| log_in(&world, &world.client(&id, &secret)));
    let row = Row::with(login.tokens);
    world.pass(60 * 60);
    let other = TokenSource::shared(client.clone(), row.clone(), None);
    let store = Unsteady {
        row,
        fails: AtomicUsize::new(0),
        meanwhile: |clock| clock.advance(Duration::from_secs(61)),
        claimed: Mutex::new(Some(other.clone())),
        clock: world.clock.clone(),
    };
    let held_up = TokenSource::shared(client, Arc::new(store), None);
    let tokens = held_up.tokens().await.unwrap();
    assert_eq!(refreshes.load(Ordering::SeqCst), 1, "two processes with one refresh token end the login");
    assert_eq!(other.tokens().await.unwrap(), tokens);
}

/// Knows everything but the keys of the provider.
#[derive(Debug)]
struct Keyless(Arc<InMemory>);

impl Transport for Keyless {
    fn send(&self, request: Request<Bytes>) -> Reply<'_> {
        if request.uri().path().contains("jwks") {
            let down = FetchError::Unreachable { host: ISSUER.to_owned(), reason: "down".to_owned() };
            return Box::pin(std::future::ready(Err(down)));
        }
        self.0.send(request)
    }
}

#[test]
fn s36_a_new_refresh_token_is_not_lost_while_the_keys_cant_be_had() {
    let world = World::new();
    let (id, secret) = world.opaque();
    let login = log_in(&world, &world.client(&id, &secret));
    let client = Client::with(
        settings(&id, ClientAuth::Secret(secret.into())),
        world.provider.server().metadata(),
        Arc::new(Keyless(world.transport())),
        Arc::new(world.clock.clone()),
        Arc::new(authmint::jose::SystemEntropy),
    );
    let before = login.tokens.id_token.clone();
    let source = TokenSource::of_login(client.unwrap(), login.tokens, login.id_token);
    for _ in 0..2 {
        world.pass(60 * 60);
        let renewed = block_on(source.tokens()).unwrap();
        assert_eq!(renewed.id_token, before, "one that nobody verified takes no one's place");
    }
}

#[test]
fn s47_an_issuer_that_gives_the_same_token_again_is_not_asked_without_end() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let transport = InMemory::new(move |request: Request<Bytes>| {
        let is_token = request.uri().path() == "/token";
        let has_enough = is_token && count.fetch_add(1, Ordering::SeqCst) > 10;
        async move {
            let mut answer = Response::new(Bytes::from_static(
                br#"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#,
            ));
            if has_enough {
                *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            } else if !is_token {
                *answer.status_mut() = StatusCode::UNAUTHORIZED;
            }
            answer
        }
    });
    let mut metadata = ProviderMetadata::new(ISSUER.parse().unwrap());
    metadata.server.token_endpoint = Some(format!("{ISSUER}/token"));
    let config = settings("app", ClientAuth::Secret("secret".into()));
    let client = Client::with_metadata(config, metadata, Arc::new(transport)).unwrap();
    let source = TokenSource::client_credentials(client, "orders:read".parse().unwrap());
    // Nobody but the API knows why it takes no token of that issuer.
    assert_eq!(block_on(source.send(get())).unwrap().status(), StatusCode::UNAUTHORIZED);
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn the_applications_own_tokens_are_kept_and_go_nowhere_insecure() {
    let world = World::new();
    let (id, secret) = world.register(|new| {
        new.metadata.grant_types = vec![GrantType::ClientCredentials];
        new.metadata.redirect_uris.clear();
        new.metadata.post_logout_redirect_uris.clear();
        new.metadata.scope = "orders:read".parse().unwrap();
    });
    let source = TokenSource::client_credentials(world.client(&id, &secret), "orders:read".parse().unwrap());
    let first = block_on(source.tokens()).unwrap();
    assert_eq!(block_on(source.clone().tokens()).unwrap(), first);
    world.pass(60 * 60);
    assert_ne!(block_on(source.tokens()).unwrap(), first);
    let insecure = Request::get("http://api.example/orders").body(Bytes::new()).unwrap();
    assert!(matches!(block_on(source.send(insecure)), Err(Error::Configuration(_))));
}

#[test]
fn a_service_account_signs_its_own_way_in() {
    let key = Key::generate(Algorithm::RS256).unwrap();
    let pem =
        Jwk::from_json(key.export_private_jwk().unwrap().expose()).unwrap().export_private_pem().unwrap();
    let file = json!({
        "type": "service_account", "client_email": "robot@project.example", "private_key_id": "k1",
        "private_key": pem.expose(), "token_uri": "https://oauth2.example/token",
    });
    let asked = Arc::new(Mutex::new(Vec::<Params>::new()));
    let seen = Arc::clone(&asked);
    let transport = InMemory::new(move |request: Request<Bytes>| {
        seen.lock().unwrap().push(Params::parse(request.body()).unwrap());
        async {
            Response::new(Bytes::from_static(
                br#"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#,
            ))
        }
    });
    let account = ServiceAccount::from_json(&file.to_string()).unwrap();
    let account =
        account.scope("https://www.example/auth/drive".parse().unwrap()).on_behalf_of("ada@example.com");
    let source = account.tokens(Arc::new(transport)).unwrap();
    for _ in 0..3 {
        assert_eq!(block_on(source.tokens()).unwrap().access_token.expose(), "t");
    }
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].get("grant_type"), Some("urn:ietf:params:oauth:grant-type:jwt-bearer"));
    let (header, claims): (Value, Value) = peek_unverified(asked[0].get("assertion").unwrap()).unwrap();
    assert_eq!((&header["kid"], &header["alg"]), (&json!("k1"), &json!("RS256")));
    assert_eq!(claims["aud"], "https://oauth2.example/token");
    assert_eq!(
        (&claims["sub"], &claims["iss"]),
        (&json!("ada@example.com"), &json!("robot@project.example"))
    );
    assert_eq!(claims["scope"], "https://www.example/auth/drive");
    for (name, value) in
        [("type", "authorized_user"), ("token_uri", "http://evil.example"), ("private_key", "x")]
    {
        let mut broken = file.clone();
        broken[name] = value.into();
        assert!(ServiceAccount::from_json(&broken.to_string()).is_err(), "{name}");
    }
}
