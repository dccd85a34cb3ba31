//! A provider on a clock of ours, a client of it, and a person with a browser.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use authmint::client::{Client, ClientAuth, ClientConfig, InMemory};
use authmint::jose::{ManualClock, SealingKey, SystemEntropy, Timestamp};
use authmint::oauth2::{ClientAuthMethod, ClientMetadata, GrantType, Params, RedirectUri};
use authmint::oidc::PersonClaims;
use authmint::provider::{Provider, ProviderConfig};
use authmint::server::NewClient;
use authmint::server::storage::AccessTokenFormat;
use authmint::store::MemoryStore;
use bytes::Bytes;
use http::{Request, Response, StatusCode};

pub(crate) const ISSUER: &str = "https://op.example";
pub(crate) const CALLBACK: &str = "https://app.example/callback";
/// The verifier and the challenge of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct World {
    pub(crate) provider: Provider,
    pub(crate) clock: ManualClock,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut ProviderConfig)) -> Self {
        let clock = ManualClock::new(Timestamp::from_secs(1_800_000_000));
        let store = Arc::new(MemoryStore::new());
        let key = SealingKey::generate().unwrap();
        let mut config = ProviderConfig::new(ISSUER.parse().unwrap());
        // Limits go by the real clock, and a loaded machine is slow.
        config.limits.refill = Duration::from_secs(60 * 60);
        change(&mut config);
        let provider =
            Provider::with(config, store, &key, Arc::new(clock.clone()), Arc::new(SystemEntropy)).unwrap();
        let world = Self { provider, clock };
        let claims = PersonClaims {
            name: Some("Ada Lovelace".into()),
            email: Some("ada@example.com".into()),
            ..PersonClaims::default()
        };
        block_on(world.provider.add_account("ada", PASSWORD.into(), claims)).unwrap();
        world
    }

    /// Registers a client; returns its identifier and secret.
    pub(crate) fn register(&self, change: impl FnOnce(&mut NewClient)) -> (String, String) {
        let mut new = NewClient {
            metadata: ClientMetadata {
                client_name: Some("App".into()),
                redirect_uris: vec![RedirectUri::parse(CALLBACK).unwrap()],
                post_logout_redirect_uris: vec![RedirectUri::parse("https://app.example/bye").unwrap()],
                grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
                scope: "openid profile email offline_access".parse().unwrap(),
                ..ClientMetadata::default()
            },
            ..NewClient::default()
        };
        change(&mut new);
        let registered = block_on(self.provider.server().register_client(new)).unwrap();
        (registered.client.id, registered.secret.map(|secret| secret.expose().to_owned()).unwrap_or_default())
    }

    pub(crate) fn opaque(&self) -> (String, String) {
        self.register(|new| new.access_token_format = AccessTokenFormat::Opaque)
    }

    pub(crate) fn public(&self) -> String {
        self.register(|new| new.metadata.token_endpoint_auth_method = ClientAuthMethod::None).0
    }

    pub(crate) fn client(&self, id: &str, secret: &str) -> Client {
        self.client_with(id, ClientAuth::Secret(secret.into()))
    }

    pub(crate) fn client_with(&self, id: &str, auth: ClientAuth) -> Client {
        self.connect(settings(id, auth))
    }

    pub(crate) fn connect(&self, config: ClientConfig) -> Client {
        let metadata = self.provider.server().metadata();
        let clock = Arc::new(self.clock.clone());
        Client::with(config, metadata, self.transport(), clock, Arc::new(SystemEntropy)).unwrap()
    }

    /// Straight to the provider.
    pub(crate) fn transport(&self) -> Arc<InMemory> {
        let provider = self.provider.clone();
        Arc::new(InMemory::new(move |request| {
            let provider = provider.clone();
            async move { provider.handle(request).await }
        }))
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let response = block_on(self.provider.handle(request));
        let failed = response.status().is_server_error();
        assert!(!failed || response.status() == StatusCode::SERVICE_UNAVAILABLE, "{response:?}");
        response
    }

    pub(crate) fn get(&self, address: &str) -> Response<Bytes> {
        self.send(Request::get(address).header("host", "op.example").body(Bytes::new()).unwrap())
    }

    pub(crate) fn post(&self, path: &str, form: &[(&str, &str)]) -> Response<Bytes> {
        self.post_as(path, None, form)
    }

    /// Posts a form, authenticated with HTTP Basic.
    pub(crate) fn post_as(
        &self,
        path: &str,
        basic: Option<(&str, &str)>,
        form: &[(&str, &str)],
    ) -> Response<Bytes> {
        let body = form.iter().copied().collect::<Params>().to_query();
        let mut request = Request::post(format!("{ISSUER}{path}"))
            .header("host", "op.example")
            .header("content-type", "application/x-www-form-urlencoded");
        if let Some((id, secret)) = basic {
            let pair = data_encoding::BASE64.encode(format!("{id}:{secret}").as_bytes());
            request = request.header("authorization", format!("Basic {pair}"));
        }
        self.send(request.body(Bytes::from(body)).unwrap())
    }
}

/// What the client of these tests says of itself.
pub(crate) fn settings(id: &str, auth: ClientAuth) -> ClientConfig {
    ClientConfig::new(ISSUER.parse().unwrap(), id, auth)
        .redirect_uri(CALLBACK)
        .post_logout_redirect_uri("https://app.example/bye")
        .scope("openid profile email offline_access".parse().unwrap())
}

/// A browser: cookies, and forms that are filled in and posted.
#[derive(Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn open(&mut self, world: &World, address: &str) -> Response<Bytes> {
        self.send(world, Request::get(address).body(Bytes::new()).unwrap())
    }

    pub(crate) fn submit(&mut self, world: &World, path: &str, form: &[(&str, &str)]) -> Response<Bytes> {
        let body = form.iter().copied().collect::<Params>().to_query();
        let request = Request::post(format!("{ISSUER}{path}"))
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(world, request.body(Bytes::from(body)).unwrap())
    }

    fn send(&mut self, world: &World, mut request: Request<Bytes>) -> Response<Bytes> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.headers_mut().insert("host", "op.example".parse().unwrap());
        request.headers_mut().insert("cookie", cookies.join("; ").parse().unwrap());
        let response = world.send(request);
        for set in response.headers().get_all("set-cookie") {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
        }
        response
    }

    pub(crate) fn session(&self) -> Option<&str> {
        self.cookies.get("__Host-authmint-session").map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The value of a cookie of the provider's.
    pub(crate) fn cookie(&self, what: &str) -> Option<&str> {
        let value = self.cookies.get(&format!("__Host-authmint-{what}"))?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    pub(crate) fn set_session(&mut self, value: &str) {
        self.cookies.insert("__Host-authmint-session".into(), value.into());
    }

    /// Follows redirects within the provider; returns the first page, or the address of another site.
    pub(crate) fn follow(
        &mut self,
        world: &World,
        mut response: Response<Bytes>,
    ) -> Result<Response<Bytes>, String> {
        while response.status() == StatusCode::SEE_OTHER {
            let location = response.headers()["location"].to_str().unwrap().to_owned();
            if !location.starts_with('/') && !location.starts_with(ISSUER) {
                return Err(location);
            }
            let address = if location.starts_with('/') { format!("{ISSUER}{location}") } else { location };
            response = self.open(world, &address);
        }
        Ok(response)
    }

    /// Logs in and agrees, wherever the provider asks; returns the address that the client gets back.
    pub(crate) fn authorize(&mut self, world: &World, address: &str) -> String {
        self.go_through(world, address).expect_err("the provider leads to the client")
    }

    /// The same for a client that has its answer brought by a form; returns what is posted.
    pub(crate) fn authorize_by_form(&mut self, world: &World, address: &str) -> String {
        let page = self.go_through(world, address).expect("the provider shows a form");
        let text = text(&page);
        assert!(text.contains(&format!("action=\"{CALLBACK}\"")), "{text}");
        let fields = text.split("<input type=\"hidden\" name=\"").skip(1).map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            (name, rest.split('"').next().unwrap())
        });
        fields.collect::<Params>().to_query()
    }

    /// Logs in and agrees; the page that is neither, or the address of another site.
    fn go_through(&mut self, world: &World, address: &str) -> Result<Response<Bytes>, String> {
        let mut response = self.open(world, address);
        for _ in 0..6 {
            let page = self.follow(world, response)?;
            let asks_for = |what: &str| text(&page).contains(&format!("id=\"{what}\""));
            if !asks_for("login-submit") && !asks_for("consent-allow") {
                return Ok(page);
            }
            let (csrf, interaction) = (field(&page, "csrf"), field(&page, "interaction"));
            response = if asks_for("login-submit") {
                let form = [
                    ("csrf", &*csrf),
                    ("interaction", &interaction),
                    ("username", "ada"),
                    ("password", PASSWORD),
                ];
                self.submit(world, "/login", &form)
            } else {
                let form = [("csrf", &*csrf), ("interaction", &interaction), ("decision", "allow")];
                self.submit(world, "/consent", &form)
            };
        }
        panic!("the provider leads nowhere");
    }
}

pub(crate) fn text(response: &Response<Bytes>) -> String {
    String::from_utf8(response.body().to_vec()).unwrap()
}

pub(crate) fn json(response: &Response<Bytes>) -> serde_json::Value {
    serde_json::from_slice(response.body()).unwrap()
}

/// The value of a hidden field.
pub(crate) fn field(page: &Response<Bytes>, name: &str) -> String {
    let text = text(page);
    let (_, rest) = text
        .split_once(&format!("name=\"{name}\" value=\""))
        .unwrap_or_else(|| panic!("no {name} in {text}"));
    rest.split('"').next().unwrap().to_owned()
}

/// The parameters of a callback address.
pub(crate) fn query(address: &str) -> Params {
    Params::parse(address.split_once('?').unwrap().1.as_bytes()).unwrap()
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    pollster::block_on(future)
}

/// An authorization request; `more` changes it.
pub(crate) fn request(id: &str, scope: &str, more: &[(&str, &str)]) -> String {
    let mut params: Params = [
        ("response_type", "code"),
        ("client_id", id),
        ("redirect_uri", CALLBACK),
        ("scope", scope),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]
    .into_iter()
    .collect();
    for (name, value) in more {
        params.set(*name, *value);
    }
    format!("{ISSUER}/authorize?{}", params.to_query())
}

/// The token request for a code of [`request`].
pub(crate) fn redeem(code: &str) -> [(&str, &str); 4] {
    [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]
}

pub(crate) fn code_of(callback: &str) -> String {
    query(callback).get("code").unwrap().to_owned()
}

/// The claims of a JWT that nobody verified.
pub(crate) fn claims(token: &str) -> serde_json::Value {
    authmint::jose::peek_unverified::<serde_json::Value>(token).unwrap().1
}

pub(crate) fn location(response: &Response<Bytes>) -> String {
    response.headers().get("location").map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default()
}
