//! An issuer that signs and says what a test wants, and an API on a clock of ours.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use authmint_jose::{Algorithm, Key, KeySet, ManualClock, Timestamp};
use authmint_resource::{
    AccessToken, Builder, ClientAuth, InMemory, IntrospectionIssuer, JwtIssuer, Rejection, Requirement,
    ResourceServer, TrustedIssuer,
};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) const ISSUER: &str = "https://op.example";
pub(crate) const API: &str = "https://api.example";
pub(crate) const NOW: u64 = 1_800_000_000;

/// One issuer: its key, its answers, and how often it was asked.
pub(crate) struct World {
    pub(crate) key: Key,
    pub(crate) clock: ManualClock,
    /// What introspection answers, or the key set where a test changes it.
    pub(crate) answer: Arc<Mutex<Value>>,
    pub(crate) requests: Arc<Mutex<Vec<Request<Bytes>>>>,
    count: Arc<AtomicUsize>,
    pub(crate) down: Arc<AtomicBool>,
}

impl World {
    pub(crate) fn new() -> Self {
        let key = Key::generate(Algorithm::ES256).unwrap().with_kid("k1");
        let clock = ManualClock::new(Timestamp::from_secs(NOW));
        let answer = Arc::new(Mutex::new(Value::Null));
        Self { key, clock, answer, requests: Arc::default(), count: Arc::default(), down: Arc::default() }
    }

    /// A way to the issuer: its keys at `/jwks`, its answer anywhere else.
    pub(crate) fn transport(&self) -> Arc<InMemory> {
        let jwks = KeySet::new([self.key.clone()]).to_public_jwks();
        let (answer, requests) = (Arc::clone(&self.answer), Arc::clone(&self.requests));
        let (count, down) = (Arc::clone(&self.count), Arc::clone(&self.down));
        Arc::new(InMemory::new(move |request: Request<Bytes>| {
            count.fetch_add(1, Ordering::SeqCst);
            let keys = request.uri().path() == "/jwks";
            let body = if keys { jwks.clone() } else { answer.lock().unwrap().to_string() };
            requests.lock().unwrap().push(request);
            let mut response = Response::new(Bytes::from(body));
            response.headers_mut().insert("content-type", "application/json".parse().unwrap());
            if down.load(Ordering::SeqCst) {
                *response.status_mut() = StatusCode::BAD_GATEWAY;
            }
            async { response }
        }))
    }

    pub(crate) fn asked(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    pub(crate) fn jwts(&self) -> JwtIssuer {
        TrustedIssuer::jwt(ISSUER, &format!("{ISSUER}/jwks"), self.transport()).unwrap()
    }

    pub(crate) fn introspection(&self) -> IntrospectionIssuer {
        let auth = ClientAuth::Secret("s3cret".into());
        let at = format!("{ISSUER}/introspect");
        TrustedIssuer::introspection(ISSUER, &at, "orders-api", auth, self.transport()).unwrap()
    }

    pub(crate) fn builder(&self) -> Builder {
        ResourceServer::builder(API).clock(Arc::new(self.clock.clone()))
    }

    /// An API that takes JWTs of RFC 9068.
    pub(crate) fn api(&self) -> ResourceServer {
        self.builder().issuer(self.jwts()).build().unwrap()
    }

    /// An API that takes JWTs without a type.
    pub(crate) fn untyped(&self) -> ResourceServer {
        let issuer = self.jwts().accept_tokens_that_are_not_typed_as_access_tokens();
        self.builder().issuer(issuer).build().unwrap()
    }

    /// An API that asks about opaque tokens.
    pub(crate) fn opaque(&self) -> ResourceServer {
        self.builder().issuer(self.introspection()).build().unwrap()
    }

    pub(crate) fn token(&self, claims: &Value) -> String {
        self.key.sign_jwt("at+jwt", claims).unwrap()
    }
}

/// The claims of a good token, changed: `null` takes one out.
pub(crate) fn claims(changes: &Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "sub": "ada", "aud": API, "client_id": "app", "scope": "orders:read", "jti": "1",
        "iat": NOW, "exp": NOW + 300,
    });
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

pub(crate) fn request(headers: &[(&str, &str)]) -> Request<()> {
    let mut request = Request::builder().method(Method::GET).uri("/orders?page=2");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap()
}

pub(crate) fn send(
    api: &ResourceServer,
    headers: &[(&str, &str)],
    requirement: &Requirement,
) -> Result<AccessToken, Rejection> {
    pollster::block_on(api.authorize(&request(headers), requirement))
}

/// Presents a token as a bearer token.
pub(crate) fn bearer(api: &ResourceServer, token: &str) -> Result<AccessToken, Rejection> {
    send(api, &[("authorization", &format!("Bearer {token}"))], &Requirement::any_token())
}

/// The challenges of a response, one for each scheme.
pub(crate) fn challenges(rejection: &Rejection) -> Vec<String> {
    let response = rejection.response();
    let values = response.headers().get_all("www-authenticate").iter();
    values.map(|value| value.to_str().unwrap().to_owned()).collect()
}
