//! Two providers in memory, and what stands between them and the application.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authmint_client::{Client, ClientAuth, ClientConfig, InMemory};
use authmint_fetch::{Reply, Transport};
use authmint_jose::{Algorithm, Key, KeySet, ManualClock, SealingKey, SystemEntropy, Timestamp};
use authmint_oauth2::{ClientMetadata, GrantType, RedirectUri};
use authmint_oidc::PersonClaims;
use authmint_provider::{Provider, ProviderConfig};
use authmint_resource::{ResourceServer, TrustedIssuer};
use authmint_server::NewClient;
use authmint_store::MemoryStore;
use bytes::Bytes;
use http::{Request, Response};

use super::{Adapter, Application, Sample, scope};
use crate::{Login, LoginBuilder};

pub(crate) const ONE: &str = "https://one.example";
pub(crate) const TWO: &str = "https://two.example";
pub(crate) const APP: &str = "https://app.example";
pub(crate) const API: &str = "https://api.example";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// What is different in a test.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setting {
    /// Answers come by a form.
    pub form_post: bool,
    /// Both providers, of which the second says nowhere who it is (`iss`).
    pub several: bool,
}

/// What providers post to the application, as it was sent.
#[derive(Debug, Default)]
struct Mailbox(Mutex<Vec<(String, Bytes)>>);

impl Transport for Mailbox {
    fn send(&self, request: Request<Bytes>) -> Reply<'_> {
        let path = request.uri().path().to_owned();
        self.0.lock().unwrap().push((path, request.into_body()));
        Box::pin(async { Ok(Response::new(Bytes::new())) })
    }
}

/// Two providers, the clock of all, and the key that signs access tokens for the API.
#[derive(Debug)]
pub struct World {
    /// The time everywhere.
    pub clock: ManualClock,
    /// The providers.
    pub providers: [Provider; 2],
    /// What signs access tokens for the API.
    pub api_key: Key,
    setting: Setting,
    mailbox: Arc<Mailbox>,
    redeemed: Arc<AtomicUsize>,
}

impl World {
    /// A world.
    pub async fn new(setting: Setting) -> Self {
        let clock = ManualClock::new(Timestamp::from_secs(1_800_000_000));
        let mailbox = Arc::new(Mailbox::default());
        let providers = [provider(ONE, &clock, &mailbox), provider(TWO, &clock, &mailbox)];
        for (provider, name) in providers.iter().zip(["Ada Lovelace", "Grace Hopper"]) {
            let claims = PersonClaims { name: Some(name.to_owned()), ..PersonClaims::default() };
            provider.add_account("person", PASSWORD.into(), claims).await.unwrap();
        }
        let api_key = Key::generate(Algorithm::ES256).unwrap().with_kid("k");
        Self { clock, providers, api_key, setting, mailbox, redeemed: Arc::default() }
    }

    /// The builder of the application's logins.
    pub async fn builder(&self) -> LoginBuilder {
        let key = SealingKey::generate().unwrap();
        let main = self.client(0, "").await;
        let builder = Login::builder(main, key).clock(Arc::new(self.clock.clone()));
        if self.setting.several {
            return builder.title("First").provider("two", "The <Second>", self.client(1, "/two").await);
        }
        builder
    }

    /// The application, made by an adapter with these logins.
    pub async fn application<A: Adapter>(&self, login: Login) -> Box<dyn Application> {
        A::application(Sample { login, api: self.api() }).await
    }

    /// An application with a browser.
    pub async fn open<A: Adapter>(&self) -> super::Browser<'_> {
        let login = self.builder().await.build().unwrap();
        super::Browser::new(self, self.application::<A>(login).await)
    }

    /// Registers the application at a provider; the client of it.
    pub async fn client(&self, place: usize, end: &str) -> Client {
        let provider = &self.providers[place];
        let redirect_uri = format!("{APP}/callback{end}");
        let new = NewClient {
            metadata: ClientMetadata {
                redirect_uris: vec![RedirectUri::parse(&redirect_uri).unwrap()],
                post_logout_redirect_uris: vec![RedirectUri::parse("https://app.example/").unwrap()],
                grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
                backchannel_logout_uri: Some(format!("{APP}/backchannel-logout{end}")),
                backchannel_logout_session_required: true,
                scope: scope(),
                ..ClientMetadata::default()
            },
            ..NewClient::default()
        };
        let registered = provider.server().register_client(new).await.unwrap();
        let mut metadata = provider.server().metadata();
        metadata.server.authorization_response_iss_parameter_supported = place == 0;
        let issuer = metadata.server.issuer.clone();
        let auth = ClientAuth::Secret(registered.secret.unwrap());
        let config = ClientConfig::new(issuer, registered.client.id, auth)
            .redirect_uri(redirect_uri)
            .post_logout_redirect_uri(format!("{APP}/"))
            .scope(scope());
        let config = if self.setting.form_post { config.form_post() } else { config };
        let (provider, redeemed) = (provider.clone(), Arc::clone(&self.redeemed));
        let transport = InMemory::new(move |request| {
            if request.uri().path() == "/token" {
                redeemed.fetch_add(1, Ordering::SeqCst);
            }
            let provider = provider.clone();
            async move { provider.handle(request).await }
        });
        let clock = Arc::new(self.clock.clone());
        Client::with(config, metadata, Arc::new(transport), clock, Arc::new(SystemEntropy)).unwrap()
    }

    fn api(&self) -> ResourceServer {
        let issuer = TrustedIssuer::jwt_with_keys(ONE, KeySet::from(self.api_key.clone())).unwrap();
        ResourceServer::builder(API).issuer(issuer).clock(Arc::new(self.clock.clone())).build().unwrap()
    }

    /// How often a code was sent to a provider.
    pub fn redeemed(&self) -> usize {
        self.redeemed.load(Ordering::SeqCst)
    }

    /// What providers posted since the last look: paths and forms.
    pub fn posted(&self) -> Vec<(String, Bytes)> {
        std::mem::take(&mut *self.mailbox.0.lock().unwrap())
    }
}

fn provider(issuer: &str, clock: &ManualClock, mailbox: &Arc<Mailbox>) -> Provider {
    let key = SealingKey::generate().unwrap();
    let mut config = ProviderConfig::new(issuer.parse().unwrap());
    // Limits go by the real clock, and a loaded machine is slow.
    config.limits.refill = Duration::from_secs(60 * 60);
    config.transport = Some(Arc::clone(mailbox) as Arc<dyn Transport>);
    let store = Arc::new(MemoryStore::new());
    Provider::with(config, store, &key, Arc::new(clock.clone()), Arc::new(SystemEntropy)).unwrap()
}
