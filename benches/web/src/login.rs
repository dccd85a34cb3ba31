//! A whole login at one provider in memory: start, the provider's redirect (the person is signed in already), tokens, the ID token
//! verified. Both clients do the same, and the provider does most of the work.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use authmint::client::{Client, ClientAuth, ClientConfig, InMemory, LoginOptions};
use authmint::jose::SealingKey;
use authmint::oauth2::{ClientAuthMethod, ClientMetadata, GrantType, Params, RedirectUri};
use authmint::oidc::PersonClaims;
use authmint::provider::{Provider, ProviderConfig};
use authmint::server::NewClient;
use authmint::store::MemoryStore;
use bytes::Bytes;
use http::{Request, Response};
use huskarl::core::client_auth::ClientSecret;
use huskarl::core::secrets::{ProvidedSecret, SecretString};
use huskarl::core::server_metadata::AuthorizationServerMetadata;
use huskarl::grant::authorization_code::{AuthorizationCodeGrant, CompleteInput, StartInput};

use crate::peer::Peer;
use crate::{Contender, race};

const ISSUER: &str = "https://op.example";
const CALLBACK: &str = "https://app.example/callback";

pub(crate) async fn run() {
    let store = Arc::new(MemoryStore::new());
    let config = ProviderConfig::new(ISSUER.parse().unwrap());
    let provider = Provider::new(config, store, &SealingKey::generate().unwrap()).unwrap();
    provider.add_account("ada", "correct horse battery staple".into(), PersonClaims::default()).await.unwrap();
    let new = NewClient {
        metadata: ClientMetadata {
            redirect_uris: vec![RedirectUri::parse(CALLBACK).unwrap()],
            grant_types: vec![GrantType::AuthorizationCode],
            token_endpoint_auth_method: ClientAuthMethod::ClientSecretPost,
            scope: "openid".parse().unwrap(),
            ..ClientMetadata::default()
        },
        trusted: true,
        ..NewClient::default()
    };
    let registered = provider.server().register_client(new).await.unwrap();
    let (id, secret) = (registered.client.id, registered.secret.unwrap());
    let served = provider.clone();
    let transport = Arc::new(InMemory::new(move |request| {
        let provider = served.clone();
        async move { provider.handle(request).await }
    }));
    let browser = Rc::new(Browser { provider, cookies: RefCell::default() });
    browser.sign_in().await;

    let config = ClientConfig::new(ISSUER.parse().unwrap(), &id, ClientAuth::SecretPost(secret.clone()))
        .redirect_uri(CALLBACK)
        .scope("openid".parse().unwrap());
    let ours = Client::discover(config, transport.clone()).await.unwrap();
    // huskarl asks no UserInfo: neither do we here.
    let mut metadata = ours.metadata().clone();
    metadata.userinfo_endpoint = None;
    let config = ClientConfig::new(ISSUER.parse().unwrap(), &id, ClientAuth::SecretPost(secret.clone()))
        .redirect_uri(CALLBACK)
        .scope("openid".parse().unwrap());
    let ours = Client::with_metadata(config, metadata, transport.clone()).unwrap();

    let peer = Peer(transport);
    let metadata = AuthorizationServerMetadata::fetch().http_client(&peer).issuer(ISSUER).call().await.unwrap();
    let auth = ClientSecret::builder().client_secret(ProvidedSecret::new(SecretString::new(secret.expose()))).build();
    let theirs: AuthorizationCodeGrant = AuthorizationCodeGrant::builder_from_metadata(&metadata)
        .unwrap()
        .client_id(id)
        .http_client(peer)
        .client_auth(auth)
        .redirect_uri(CALLBACK)
        .prefer_pushed_authorization_requests(false)
        .build()
        .await
        .unwrap();
    let theirs = Rc::new(theirs);

    let (by_us, by_them) = (Rc::clone(&browser), browser);
    let contenders: Vec<(&str, Contender<'_>)> = vec![
        (
            "authmint-client",
            Box::new(move || {
                let (client, browser) = (ours.clone(), Rc::clone(&by_us));
                Box::pin(async move {
                    let (address, pending) = client.start(&LoginOptions::new()).await.unwrap();
                    let callback = browser.open(&address).await;
                    let login = client.callback(&pending, callback.split_once('?').unwrap().1).await.unwrap();
                    assert!(login.id_token.is_some());
                })
            }),
        ),
        (
            "huskarl",
            Box::new(move || {
                let (grant, browser) = (Rc::clone(&theirs), Rc::clone(&by_them));
                Box::pin(async move {
                    let started = grant.start(StartInput::scope(vec!["openid".to_owned()])).await.unwrap();
                    let callback = browser.open(&started.authorization_url.to_string()).await;
                    let input: CompleteInput = callback.parse().unwrap();
                    let done = grant.complete(&started.pending_state, input).await.unwrap();
                    assert!(done.id_token.is_some());
                })
            }),
        ),
    ];
    race("a login, provider and all", contenders, 30, 50).await;
}

struct Browser {
    provider: Provider,
    cookies: RefCell<Vec<(String, String)>>,
}

impl Browser {
    async fn send(&self, mut request: Request<Bytes>) -> Response<Bytes> {
        let cookies: Vec<String> =
            self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.headers_mut().insert("host", "op.example".parse().unwrap());
        request.headers_mut().insert("cookie", cookies.join("; ").parse().unwrap());
        let response = self.provider.handle(request).await;
        for set in response.headers().get_all("set-cookie") {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            let mut cookies = self.cookies.borrow_mut();
            cookies.retain(|(known, _)| known != name);
            cookies.push((name.to_owned(), rest.split(';').next().unwrap().to_owned()));
        }
        response
    }

    /// The address that the person is sent to.
    async fn open(&self, address: &str) -> String {
        let response = self.send(Request::get(address).body(Bytes::new()).unwrap()).await;
        response.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn sign_in(&self) {
        let page = self.send(Request::get(format!("{ISSUER}/login")).body(Bytes::new()).unwrap()).await;
        let html = String::from_utf8(page.body().to_vec()).unwrap();
        let csrf = html.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap();
        let form: Params =
            [("csrf", csrf), ("username", "ada"), ("password", "correct horse battery staple")].into_iter().collect();
        let request = Request::post(format!("{ISSUER}/login"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form.to_query()));
        self.send(request.unwrap()).await;
    }
}
