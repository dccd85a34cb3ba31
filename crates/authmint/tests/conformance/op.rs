//! The provider under test, set up like the binary by `examples/conformance.toml`, and the clients that are registered there.

use std::sync::Arc;
use std::time::Duration;

use authmint::jose::{
    Algorithm, Clock, JwsBuilder, Key, ManualClock, SealingKey, SystemEntropy, Timestamp, base64url,
};
use authmint::oauth2::{ClientAuthMethod, ClientMetadata, GrantType, Params, RedirectUri, ResponseType};
use authmint::oidc::PersonClaims;
use authmint::oidc::userinfo::Address;
use authmint::provider::{Provider, ProviderConfig};
use authmint::server::{NewClient, Profile, Registration};
use authmint::store::MemoryStore;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::web::Web;

pub(crate) const ISSUER: &str = "https://op.example";
pub(crate) const CALLBACK: &str = "https://suite.example/test/a/authmint/callback";
pub(crate) const USER: &str = "ada";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// How a client authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Auth {
    Basic,
    Post,
    PrivateKeyJwt,
}

/// A registered client with what it needs to act.
#[derive(Clone)]
pub(crate) struct Rp {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) auth: Auth,
    pub(crate) key: Option<Arc<Key>>,
    pub(crate) redirect_uri: String,
}

pub(crate) struct Op {
    pub(crate) provider: Provider,
    pub(crate) clock: ManualClock,
    /// Where the provider fetches and posts.
    pub(crate) web: Web,
}

/// A person with every standard claim: a missing one is a warning.
pub(crate) fn person(now: Timestamp) -> PersonClaims {
    let text = |text: &str| Some(text.to_owned());
    PersonClaims {
        name: text("Ada King Lovelace"),
        given_name: text("Ada"),
        family_name: text("Lovelace"),
        middle_name: text("King"),
        nickname: text("Addie"),
        preferred_username: text("ada"),
        profile: text("https://people.example/ada"),
        picture: text("https://people.example/ada.png"),
        website: text("https://ada.example/"),
        gender: text("female"),
        birthdate: text("1815-12-10"),
        zoneinfo: text("Europe/London"),
        locale: text("en-GB"),
        updated_at: Some(now),
        email: text("ada@example.com"),
        email_verified: Some(true),
        phone_number: text("+44 20 7946 0000"),
        phone_number_verified: Some(true),
        address: Some(Address {
            formatted: text("12 St James's Square\nLondon\nSW1Y 4JH"),
            street_address: text("12 St James's Square"),
            locality: text("London"),
            region: text("Greater London"),
            postal_code: text("SW1Y 4JH"),
            country: text("United Kingdom"),
        }),
        ..PersonClaims::default()
    }
}

impl Op {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::new(Timestamp::from_secs(1_800_000_000));
        let mut config = ProviderConfig::new(ISSUER.parse().unwrap());
        config.server.profile = Profile::Legacy;
        config.server.require_pkce = false;
        config.server.registration = Registration::Open;
        let web = Web::default();
        config.transport = Some(Arc::new(web.clone()));
        let key = SealingKey::generate().unwrap();
        let store = Arc::new(MemoryStore::new());
        let provider =
            Provider::with(config, store, &key, Arc::new(clock.clone()), Arc::new(SystemEntropy)).unwrap();
        block_on(provider.add_account(USER, PASSWORD.into(), person(clock.now()))).unwrap();
        Self { provider, clock, web }
    }

    /// Registers a client as the operator does, for every response type.
    pub(crate) fn register(&self, auth: Auth, change: impl FnOnce(&mut ClientMetadata)) -> Rp {
        // Like the suite's keys: an algorithm, and no kid.
        let key = (auth == Auth::PrivateKeyJwt).then(|| Arc::new(Key::generate(Algorithm::RS256).unwrap()));
        let mut metadata = ClientMetadata {
            client_name: Some("Conformance".into()),
            redirect_uris: vec![RedirectUri::parse(CALLBACK).unwrap()],
            grant_types: vec![GrantType::AuthorizationCode, GrantType::Implicit, GrantType::RefreshToken],
            response_types: ResponseType::ALL.to_vec(),
            scope: "openid profile email address phone offline_access".parse().unwrap(),
            token_endpoint_auth_method: match auth {
                Auth::Basic => ClientAuthMethod::ClientSecretBasic,
                Auth::Post => ClientAuthMethod::ClientSecretPost,
                Auth::PrivateKeyJwt => ClientAuthMethod::PrivateKeyJwt,
            },
            jwks: key.as_ref().map(|key| {
                let key: Value = serde_json::from_str(&key.public_jwk().unwrap()).unwrap();
                json!({ "keys": [key] })
            }),
            ..ClientMetadata::default()
        };
        change(&mut metadata);
        let redirect_uri = metadata.redirect_uris[0].as_str().to_owned();
        let new = NewClient { metadata, ..NewClient::default() };
        let registered = block_on(self.provider.server().register_client(new)).unwrap();
        let secret = registered.secret.map(|secret| secret.expose().to_owned()).unwrap_or_default();
        Rp { id: registered.client.id, secret, auth, key, redirect_uri }
    }

    pub(crate) fn now(&self) -> u64 {
        self.clock.now().as_secs()
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn send(&self, mut request: Request<Bytes>) -> Response<Bytes> {
        request.headers_mut().insert("host", "op.example".parse().unwrap());
        let response = block_on(self.provider.handle(request));
        assert!(!response.status().is_server_error(), "{response:?}");
        response
    }

    pub(crate) fn get(&self, path: &str) -> Response<Bytes> {
        self.send(Request::get(format!("{ISSUER}{path}")).body(Bytes::new()).unwrap())
    }

    /// The discovery document, as the suite fetches it first in every module.
    pub(crate) fn metadata(&self) -> Value {
        let response = self.get("/.well-known/openid-configuration");
        assert_eq!(response.status(), StatusCode::OK);
        json_of(&response)
    }

    /// Calls the token endpoint as `rp`.
    pub(crate) fn token(&self, rp: &Rp, form: &[(&str, &str)]) -> Response<Bytes> {
        let audience = format!("{ISSUER}/token");
        self.token_with_audience(rp, form, &audience)
    }

    pub(crate) fn token_with_audience(
        &self,
        rp: &Rp,
        form: &[(&str, &str)],
        audience: &str,
    ) -> Response<Bytes> {
        let mut params: Params = form.iter().copied().collect();
        let mut request = Request::post(format!("{ISSUER}/token"))
            .header("content-type", "application/x-www-form-urlencoded;charset=UTF-8")
            .header("accept", "application/json");
        match rp.auth {
            Auth::Basic => {
                let pair = data_encoding::BASE64.encode(format!("{}:{}", rp.id, rp.secret).as_bytes());
                request = request.header("authorization", format!("Basic {pair}"));
            }
            Auth::Post => {
                params.set("client_id", &rp.id);
                params.set("client_secret", &rp.secret);
            }
            Auth::PrivateKeyJwt => {
                params.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
                params.set("client_assertion", self.assertion(rp, audience));
            }
        }
        self.send(request.body(Bytes::from(params.to_query())).unwrap())
    }

    /// An assertion like the suite's: no `typ`, no `kid` unless the key has one, a minute long.
    fn assertion(&self, rp: &Rp, audience: &str) -> String {
        let now = self.now();
        let claims = json!({
            "iss": rp.id, "sub": rp.id, "aud": audience, "jti": random(20), "iat": now, "exp": now + 60,
        });
        JwsBuilder::new().sign(rp.key.as_ref().unwrap(), claims.to_string().as_bytes()).unwrap()
    }
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    pollster::block_on(future)
}

pub(crate) fn json_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_else(|error| panic!("{error}: {response:?}"))
}

pub(crate) fn header<'r>(response: &'r Response<Bytes>, name: &str) -> &'r str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// Random letters and digits.
pub(crate) fn random(length: usize) -> String {
    let token = authmint::jose::random_token(&SystemEntropy).unwrap();
    let text: String = token.expose().chars().filter(char::is_ascii_alphanumeric).collect();
    text.chars().cycle().take(length).collect()
}

/// A JWT that nobody signed.
pub(crate) fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| base64url::encode(value.to_string().as_bytes());
    format!("{}.{}.", part(&json!({ "alg": "none" })), part(claims))
}
