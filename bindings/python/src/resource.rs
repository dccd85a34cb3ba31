//! Protected APIs (RFC 6750, RFC 7662, RFC 9068, RFC 9449): the resource server of the core, on HTTP that Python lends.
//!
//! A request is judged in one step where keys and answers are at hand. Where something must be fetched, it is left [`Pending`] for
//! a thread that may wait.

use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_lock::Mutex as Turn;
use authmint_fetch::Transport;
use authmint_jose::{Algorithm, Clock as _, SystemClock, Timestamp};
use authmint_resource::{
    AccessToken, ClientAuth, IntrospectionIssuer, JwtIssuer, Reason, Rejection, RequestHead, Requirement,
    ResourceServer, SealingKey, SetupError, TrustedIssuer,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::json;
use crate::key_set::KeySet;
use crate::log;
use crate::transport::{Lent, Marks, watching};

/// How long nobody asks again for metadata that could not be had.
const COOL_DOWN: Duration = Duration::from_secs(5);

/// What an API is told, as `authmint.resource.Api` takes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    resource: String,
    issuer: String,
    /// What tokens call this API, where that is not `resource`.
    audience: Option<String>,
    jwts: Option<Jwts>,
    introspection: Option<Introspection>,
    external_address: Option<String>,
    realm: Option<String>,
    bound_tokens: bool,
    nonce_key: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Jwts {
    jwks_uri: Option<String>,
    algorithms: Option<Vec<Algorithm>>,
    untyped: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Introspection {
    endpoint: Option<String>,
    client_id: String,
    client_secret: String,
    needs_audience: bool,
    keep_for: Option<u64>,
}

impl Settings {
    /// The API, with the addresses that the issuer's metadata says where none are set.
    async fn build(&self, lent: &Means, is_trial: bool) -> Result<ResourceServer, SetupError> {
        // A trial fetches nothing: any address is as good as the right one for finding out what is wrong with the rest.
        let nowhere = Some(&self.issuer).filter(|_| is_trial);
        let Means { keys, transport, used_proofs } = lent;
        let mut builder = ResourceServer::builder(&self.resource);
        if let Some(jwts) = &self.jwts {
            let issuer = match (keys, jwts.jwks_uri.as_ref().or(nowhere)) {
                (Some(keys), _) => TrustedIssuer::jwt_with_keys(&self.issuer, keys.clone())?,
                (None, Some(at)) => TrustedIssuer::jwt(&self.issuer, at, Arc::clone(transport))?,
                (None, None) => TrustedIssuer::discover(&self.issuer, Arc::clone(transport)).await?,
            };
            builder = builder.issuer(self.of_jwts(jwts, issuer));
        }
        if let Some(introspection) = &self.introspection {
            let Introspection { endpoint, client_id, client_secret, .. } = introspection;
            let auth = ClientAuth::Secret(client_secret.as_str().into());
            let transport = Arc::clone(transport);
            let issuer = match endpoint.as_ref().or(nowhere) {
                Some(at) => TrustedIssuer::introspection(&self.issuer, at, client_id, auth, transport)?,
                None => {
                    TrustedIssuer::discover_introspection(&self.issuer, client_id, auth, transport).await?
                }
            };
            builder = builder.issuer(self.of_introspection(introspection, issuer));
        }
        if let Some(address) = &self.external_address {
            builder = builder.external_address(address);
        }
        if let Some(realm) = &self.realm {
            builder = builder.realm(realm);
        }
        if self.bound_tokens {
            builder = builder.requires_bound_tokens();
        }
        if let Some(key) = &self.nonce_key {
            let key = SealingKey::from_base64url(key);
            builder = builder.requires_nonces(key.map_err(|_| {
                SetupError::Settings("a nonce_key is 32 random bytes in base64url: secrets.token_urlsafe(32)")
            })?);
        }
        if let Some(store) = used_proofs {
            builder = builder.replay_store(Arc::clone(store) as _);
        }
        builder.build()
    }

    fn of_jwts(&self, jwts: &Jwts, mut issuer: JwtIssuer) -> JwtIssuer {
        if let Some(algorithms) = &jwts.algorithms {
            issuer = issuer.algorithms(algorithms);
        }
        if let Some(audience) = &self.audience {
            issuer = issuer.audience(audience);
        }
        if jwts.untyped {
            issuer = issuer.accept_tokens_that_are_not_typed_as_access_tokens();
        }
        issuer
    }

    fn of_introspection(
        &self,
        asked: &Introspection,
        mut issuer: IntrospectionIssuer,
    ) -> IntrospectionIssuer {
        if let Some(audience) = &self.audience {
            issuer = issuer.audience(audience);
        }
        if !asked.needs_audience {
            issuer = issuer.accept_tokens_without_an_audience();
        }
        if let Some(seconds) = asked.keep_for {
            let bad = Duration::from_secs(seconds.min(5));
            issuer = issuer.keep_answers_for(Duration::from_secs(seconds), bad);
        }
        issuer
    }
}

/// What an API works with.
struct Means {
    keys: Option<authmint_jose::KeySet>,
    transport: Arc<dyn Transport>,
    used_proofs: Option<Arc<Marks>>,
}

/// An API, or why it is not there yet.
struct Inner {
    settings: Settings,
    means: Means,
    /// Where its metadata is, and what they say (RFC 9728).
    published: Option<(String, Vec<u8>)>,
    built: OnceLock<ResourceServer>,
    turn: Turn<Option<(Timestamp, SetupError)>>,
}

impl Inner {
    async fn server(&self) -> Result<&ResourceServer, SetupError> {
        if let Some(server) = self.built.get() {
            return Ok(server);
        }
        let mut last = self.turn.lock().await;
        if let Some(server) = self.built.get() {
            return Ok(server);
        }
        let now = SystemClock.now();
        if let Some((at, error)) = &*last
            && now < at.saturating_add(COOL_DOWN)
        {
            return Err(error.clone());
        }
        match self.settings.build(&self.means, false).await {
            Ok(server) => Ok(self.built.get_or_init(|| server)),
            Err(error) => {
                // From its end: one that took long would leave no rest to those who waited for it, and each would ask in turn.
                *last = Some((SystemClock.now(), error.clone()));
                Err(error)
            }
        }
    }
}

enum Refused {
    Request(Rejection),
    Setup(SetupError),
}

type Verdict = Result<AccessToken, Refused>;

async fn judge(inner: Arc<Inner>, head: Head, requirement: Requirement) -> Verdict {
    let server = inner.server().await.map_err(Refused::Setup)?;
    server.authorize(head.borrow(), &requirement).await.map_err(Refused::Request)
}

/// The head of a request.
struct Head {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

impl Head {
    fn read(method: &str, uri: &str, headers: Vec<(String, String)>) -> PyResult<Self> {
        let invalid = |what: &str| PyValueError::new_err(format!("the request has no valid {what}"));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().map_err(|_| invalid("header"))?;
            map.append(name, HeaderValue::from_str(&value).map_err(|_| invalid("header"))?);
        }
        Ok(Self {
            method: method.parse().map_err(|_| invalid("method"))?,
            uri: uri.parse().map_err(|_| invalid("address"))?,
            headers: map,
        })
    }

    fn borrow(&self) -> RequestHead<'_> {
        RequestHead::new(&self.method, &self.uri, &self.headers)
    }
}

/// What the core says to a request: the claims of its token; or status, headers and body of the answer, code and description of
/// the error.
type Said<'py> = (Option<Bound<'py, PyDict>>, Option<Answer>);
type Answer = (u16, Vec<(String, String)>, Vec<u8>, String, String);

fn say(py: Python<'_>, verdict: Verdict) -> PyResult<Said<'_>> {
    log::tell(py);
    match verdict {
        Ok(token) => {
            let claims = claims(token).to_string();
            Ok((Some(json::read_object(py, "the token", &claims)?), None))
        }
        Err(refused) => Ok((None, Some(answer(&refused)))),
    }
}

/// The claims of a token under their registered names, whatever the issuer called them.
fn claims(token: AccessToken) -> Value {
    let mut claims = token.claims;
    let mut add = |name: &str, value: Value| {
        if !value.is_null() {
            claims.insert(name.to_owned(), value);
        }
    };
    add("iss", json!(token.issuer));
    add("sub", json!(token.subject));
    add("client_id", json!(token.client_id));
    add("scope", json!(token.scope));
    add("aud", json!(token.audience));
    add("iat", json!(token.issued_at));
    add("exp", json!(token.expires_at));
    add("jti", json!(token.id));
    add("auth_time", json!(token.auth_time));
    add("acr", json!(token.acr));
    if let Some(jkt) = token.cnf.jkt {
        add("cnf", json!({ "jkt": jkt }));
    }
    Value::Object(claims)
}

fn answer(refused: &Refused) -> Answer {
    let rejection = match refused {
        Refused::Request(rejection) => rejection,
        Refused::Setup(error) => {
            let headers = vec![("cache-control".to_owned(), "no-store".to_owned())];
            return (503, headers, Vec::new(), "temporarily_unavailable".to_owned(), error.to_string());
        }
    };
    let response = rejection.response();
    let headers = response.headers().iter().filter_map(|(name, value)| {
        value.to_str().ok().map(|value| (name.as_str().to_owned(), value.to_owned()))
    });
    let code = match rejection.reason() {
        Reason::NoToken => "missing_authorization",
        Reason::Refused(error) => error.code().as_str(),
        _ => "temporarily_unavailable",
    };
    let code = code.to_owned();
    let description = match rejection.reason() {
        Reason::Refused(error) => error.description().to_owned(),
        reason => reason.to_string(),
    };
    (response.status().as_u16(), headers.collect(), response.body().to_vec(), code, description)
}

/// A protected API.
#[pyclass(frozen, module = "authmint._core")]
pub(crate) struct Api(Arc<Inner>);

#[pymethods]
impl Api {
    #[new]
    #[pyo3(signature = (settings, transport, keys = None, use_once = None))]
    fn new(
        py: Python<'_>,
        settings: &Bound<'_, PyDict>,
        transport: Py<PyAny>,
        keys: Option<Py<KeySet>>,
        use_once: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let mut text = Vec::new();
        json::write(settings, &mut text)?;
        let settings: Settings =
            serde_json::from_slice(&text).map_err(|error| PyValueError::new_err(error.to_string()))?;
        let means = Means {
            keys: keys.map(|keys| keys.get().signatures().clone()),
            transport: Arc::new(Lent(transport)),
            used_proofs: use_once.map(|function| Arc::new(Marks(function))),
        };
        // What is wrong in the settings is said now, not to the first caller. The issuer is asked when that one comes.
        let trial = py.detach(|| pollster::block_on(settings.build(&means, true)));
        let trial = trial.map_err(|error| PyValueError::new_err(error.to_string()))?;
        let metadata = serde_json::to_vec(trial.metadata()).unwrap_or_default();
        let published = trial.metadata_path().map(|path| (path.to_owned(), metadata));
        let inner =
            Arc::new(Inner { settings, means, published, built: OnceLock::new(), turn: Turn::default() });
        Ok(Self(inner))
    }

    /// Judges a request, and waits for what must be fetched.
    fn authorize<'py>(
        &self,
        py: Python<'py>,
        method: &str,
        uri: &str,
        headers: Vec<(String, String)>,
        demands: &Demands,
    ) -> PyResult<Said<'py>> {
        let future = judge(Arc::clone(&self.0), Head::read(method, uri, headers)?, demands.0.clone());
        say(py, py.detach(|| pollster::block_on(future)))
    }

    /// Judges a request, unless something must be fetched.
    fn begin<'py>(
        &self,
        py: Python<'py>,
        method: &str,
        uri: &str,
        headers: Vec<(String, String)>,
        demands: &Demands,
    ) -> PyResult<(Option<Said<'py>>, Option<Pending>)> {
        let head = Head::read(method, uri, headers)?;
        let mut future: Judging = Box::pin(judge(Arc::clone(&self.0), head, demands.0.clone()));
        let poll = || future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        match py.detach(|| watching(poll)) {
            (Poll::Ready(verdict), _) => Ok((Some(say(py, verdict)?), None)),
            (Poll::Pending, fetches) => {
                Ok((None, Some(Pending { judging: Mutex::new(Some(future)), fetches })))
            }
        }
    }

    /// The path of the metadata and their JSON, where the resource is an address.
    fn metadata(&self) -> Option<(&str, &[u8])> {
        self.0.published.as_ref().map(|(path, json)| (path.as_str(), json.as_slice()))
    }

    /// A nonce for the next proof, where they are demanded.
    fn next_nonce(&self) -> Option<String> {
        self.0.built.get().and_then(ResourceServer::next_nonce)
    }
}

type Judging = Pin<Box<dyn Future<Output = Verdict> + Send>>;

/// A request whose judgement waits for something that must be fetched.
#[pyclass(frozen, module = "authmint._core")]
pub(crate) struct Pending {
    judging: Mutex<Option<Judging>>,
    /// Whether it is about to fetch, and holds what others wait for: it must not wait for a thread that one of those has. If not, it
    /// waits for one that fetches, or is about to mark its proof.
    #[pyo3(get)]
    fetches: bool,
}

#[pymethods]
impl Pending {
    /// Fetches it and judges the request: once.
    fn wait<'py>(&self, py: Python<'py>) -> PyResult<Said<'py>> {
        let future = self.judging.lock().unwrap_or_else(PoisonError::into_inner).take();
        let future = future.ok_or_else(|| PyRuntimeError::new_err("this request was judged already"))?;
        say(py, py.detach(|| pollster::block_on(future)))
    }
}

/// What is demanded of a token.
#[pyclass(frozen, module = "authmint._core")]
pub(crate) struct Demands(Requirement);

#[pymethods]
impl Demands {
    #[new]
    #[pyo3(signature = (scopes = Vec::new(), *, acr_values = None, max_age = None, bound_token = false))]
    fn new(
        scopes: Vec<String>,
        acr_values: Option<Vec<String>>,
        max_age: Option<u64>,
        bound_token: bool,
    ) -> PyResult<Self> {
        let invalid = |error: authmint_resource::ProtocolError| PyValueError::new_err(error.to_string());
        let mut requirement = Requirement::any_token();
        for (number, scope) in scopes.iter().enumerate() {
            let added = if number == 0 { Requirement::scope(scope) } else { requirement.or_scope(scope) };
            requirement = added.map_err(invalid)?;
        }
        if let Some(values) = acr_values {
            requirement = requirement.acr_values(values);
        }
        if let Some(seconds) = max_age {
            requirement = requirement.max_age(Duration::from_secs(seconds));
        }
        if bound_token {
            requirement = requirement.bound_token();
        }
        Ok(Self(requirement))
    }
}
