//! `/login`, `/callback` and `/logout` for an application, with its session.
//!
//! The pending login waits in a sealed cookie named after its `state`, so that several tabs can log in at once and a
//! callback in another browser finds nothing. It is good for half an hour, and for one callback at each process that shares
//! the key. The session has a new random cookie after each login.

use std::fmt;
use std::sync::Arc;

use authmint_client::{Client, Error, LoginOptions};
use authmint_jose::{SealingKey, Secret, SystemEntropy, base64url, constant_time_eq, random_token, sha256};
use authmint_oauth2::Params;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRef, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, SET_COOKIE};
use http::uri::PathAndQuery;
use http::{HeaderMap, StatusCode};

use crate::cookie::{self, is_local_path};
use crate::pending::{Finished, LIFETIME, Pending};
use crate::session::{LoggedIn, MemorySessions, Sessions, UserSession};

/// The most bytes of a form.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// Why a login ended without a session.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoginFailure {
    /// The client refused the callback, or the provider refused the login.
    Client(Error),
    /// No login is pending in this browser: an old link, another browser, or a forged callback.
    NothingPending,
    /// A form came without its token.
    Csrf,
}

type FailurePage = dyn Fn(LoginFailure) -> Response + Send + Sync;

/// Logs people in to an application. Cheap to clone; put it into the router's state.
#[derive(Clone)]
pub struct Login {
    inner: Arc<LoginBuilder>,
}

/// The settings of a [`Login`]; the defaults are complete.
pub struct LoginBuilder {
    client: Client,
    key: SealingKey,
    sessions: Arc<dyn Sessions>,
    finished: Finished,
    name: String,
    secure: bool,
    options: LoginOptions,
    failure_page: Box<FailurePage>,
}

impl LoginBuilder {
    /// Keeps sessions elsewhere than in memory.
    #[must_use]
    pub fn sessions(self, sessions: Arc<dyn Sessions>) -> Self {
        Self { sessions, ..self }
    }

    /// Begins the names of the cookies differently: applications on one host need different ones.
    #[must_use]
    pub fn cookie_name(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Lets the cookies travel without TLS: for an application that browsers reach by `http`, on this machine. Anywhere
    /// else, whoever is on the way can take a session over.
    #[must_use]
    pub fn allow_cookies_over_plain_http(self) -> Self {
        Self { secure: false, ..self }
    }

    /// Asks for more at each login.
    #[must_use]
    pub fn options(self, options: LoginOptions) -> Self {
        Self { options, ..self }
    }

    /// Shows failures on a page of the application's.
    #[must_use]
    pub fn failure_page(self, page: impl Fn(LoginFailure) -> Response + Send + Sync + 'static) -> Self {
        Self { failure_page: Box::new(page), ..self }
    }

    /// The finished value.
    #[must_use]
    pub fn build(mut self) -> Login {
        if self.secure {
            // No other host can plant a cookie of this name (RFC 6265bis 4.1.3.2).
            self.name.insert_str(0, "__Host-");
        }
        Login { inner: Arc::new(self) }
    }
}

impl Login {
    /// Logins by `client`. `key` seals logins that are under way: keep it, and they outlive a restart; all processes of an
    /// application share it. Cookies are for https, see [`LoginBuilder::allow_cookies_over_plain_http`].
    pub fn builder(client: Client, key: SealingKey) -> LoginBuilder {
        LoginBuilder {
            client,
            key,
            sessions: Arc::new(MemorySessions::default()),
            finished: Finished::default(),
            name: "app".to_owned(),
            secure: true,
            options: LoginOptions::default(),
            failure_page: Box::new(plain_failure),
        }
    }

    /// The routes: `GET /login`, `GET /callback`, `POST /logout`.
    pub fn routes<S>(&self) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
        Self: FromRef<S>,
    {
        Router::new()
            .route("/login", get(begin::<S>))
            .route("/callback", get(finish::<S>))
            .route("/logout", post(end::<S>))
    }

    /// The person of a request.
    pub async fn current(&self, headers: &HeaderMap) -> Option<LoggedIn> {
        let cookie = cookie::read(headers, &self.session_cookie())?;
        let session = self.inner.sessions.get(sha256(cookie.as_bytes())).await?;
        Some(LoggedIn { session: Arc::new(session), csrf: self.csrf(cookie) })
    }

    /// The client, for calls of the application's own.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.inner.client
    }

    /// Keeps new tokens in the session of a request, after a refresh; `false` when the person has logged out meanwhile.
    pub async fn update(&self, headers: &HeaderMap, session: UserSession) -> bool {
        match cookie::read(headers, &self.session_cookie()) {
            Some(cookie) => self.inner.sessions.replace(sha256(cookie.as_bytes()), session).await,
            None => false,
        }
    }

    /// Whether a form's `csrf` belongs to the session of the request that brought it.
    #[must_use]
    pub fn check_csrf(&self, headers: &HeaderMap, presented: Option<&str>) -> bool {
        let Some(cookie) = cookie::read(headers, &self.session_cookie()) else { return false };
        constant_time_eq(self.csrf(cookie).as_bytes(), presented.unwrap_or_default().as_bytes())
    }

    pub(crate) fn login_path(back_to: Option<&PathAndQuery>) -> String {
        let back_to = back_to.map_or("/", PathAndQuery::as_str);
        format!("/login?{}", Params::from_iter([("return_to", back_to)]).to_query())
    }

    fn csrf(&self, cookie: &str) -> String {
        base64url::encode(&self.inner.key.derive("authmint app csrf").mac(cookie.as_bytes()))
    }

    fn session_cookie(&self) -> String {
        format!("{}-session", self.inner.name)
    }

    /// Short and harmless in a cookie's name, whatever the callback says the state is.
    fn pending_cookie(&self, state: &str) -> String {
        let hash = base64url::encode(&sha256(state.as_bytes()));
        format!("{}-login-{}", self.inner.name, hash.get(..12).unwrap_or_default())
    }

    fn set(&self, name: &str, value: Option<&str>, max_age: Option<u64>) -> HeaderValue {
        cookie::set(name, value, self.inner.secure, max_age)
    }

    fn fail(&self, failure: LoginFailure) -> Response {
        match &failure {
            LoginFailure::Client(error) if is_for_the_operator(error) => {
                tracing::warn!(%error, "login failed: compare this application's settings with the provider's");
            }
            LoginFailure::Client(error) => tracing::info!(%error, "login failed"),
            LoginFailure::NothingPending => {
                tracing::info!("login failed: no login is under way in this browser");
            }
            LoginFailure::Csrf => tracing::info!("a form came without its token"),
        }
        no_store((self.inner.failure_page)(failure))
    }

    async fn start(&self, return_to: &str) -> Result<Response, Error> {
        let (address, login) = self.inner.client.start(&self.inner.options).await?;
        let name = self.pending_cookie(login.state());
        let sealed = Pending::new(login, return_to).seal(&self.inner.key)?;
        let mut response = Redirect::to(&address).into_response();
        let cookie = self.set(&name, Some(&sealed), Some(LIFETIME.as_secs()));
        response.headers_mut().append(SET_COOKIE, cookie);
        Ok(no_store(response))
    }

    async fn receive(&self, headers: &HeaderMap, query: &str) -> Result<Response, LoginFailure> {
        let params = Params::parse(query.as_bytes()).map_err(|error| LoginFailure::Client(error.into()))?;
        let name = self.pending_cookie(params.get("state").unwrap_or_default());
        let sealed = cookie::read(headers, &name).ok_or(LoginFailure::NothingPending)?;
        let pending = Pending::open(&self.inner.key, sealed).ok_or(LoginFailure::NothingPending)?;
        if !self.inner.finished.use_once(&pending) {
            return Err(LoginFailure::NothingPending);
        }
        let login = self.inner.client.callback(&pending.login, query).await.map_err(|error| {
            if error.is_temporary() {
                self.inner.finished.give_back(&pending);
            }
            LoginFailure::Client(error)
        })?;
        let session =
            UserSession { tokens: login.tokens, id_token: login.id_token, user_info: login.user_info };
        if let Some(old) = cookie::read(headers, &self.session_cookie()) {
            self.inner.sessions.take(sha256(old.as_bytes())).await;
        }
        let secret = random_token(&SystemEntropy).map_err(|error| LoginFailure::Client(error.into()))?;
        self.inner.sessions.put(sha256(secret.expose().as_bytes()), session).await;
        Ok(self.welcome(&name, &secret, &pending.return_to))
    }

    fn welcome(&self, pending: &str, secret: &Secret, return_to: &str) -> Response {
        let mut response = Redirect::to(return_to).into_response();
        let headers = response.headers_mut();
        headers.append(SET_COOKIE, self.set(pending, None, None));
        headers.append(SET_COOKIE, self.set(&self.session_cookie(), Some(secret.expose()), None));
        no_store(response)
    }
}

async fn begin<S>(State(state): State<S>, request: Request) -> Response
where
    Login: FromRef<S>,
{
    let login = Login::from_ref(&state);
    let params = Params::parse(request.uri().query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let return_to = params.get("return_to").filter(|path| is_local_path(path)).unwrap_or("/");
    login.start(return_to).await.unwrap_or_else(|error| login.fail(LoginFailure::Client(error)))
}

async fn finish<S>(State(state): State<S>, request: Request) -> Response
where
    Login: FromRef<S>,
    S: Send + Sync,
{
    let login = Login::from_ref(&state);
    let (parts, _) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    login.receive(&parts.headers, query).await.unwrap_or_else(|failure| login.fail(failure))
}

async fn end<S>(State(state): State<S>, request: Request) -> Response
where
    Login: FromRef<S>,
    S: Send + Sync,
{
    let login = Login::from_ref(&state);
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_FORM_BYTES).await.unwrap_or_default();
    let params = Params::parse(&body).unwrap_or_default();
    if !login.check_csrf(&parts.headers, params.get("csrf")) {
        return login.fail(LoginFailure::Csrf);
    }
    let name = login.session_cookie();
    let ended = match cookie::read(&parts.headers, &name) {
        Some(cookie) => login.inner.sessions.take(sha256(cookie.as_bytes())).await,
        None => None,
    };
    let address = ended.and_then(|session| login.inner.client.logout_url(&session.tokens, None));
    let mut response = Redirect::to(address.as_deref().unwrap_or("/")).into_response();
    response.headers_mut().append(SET_COOKIE, login.set(&name, None, None));
    no_store(response)
}

/// Whether a person can do nothing about it: the client is set up otherwise than it is registered, or nobody answers.
fn is_for_the_operator(error: &Error) -> bool {
    match error {
        Error::Refused(message) => message.error != "access_denied",
        Error::Endpoint { error: message, .. } => message.error != "invalid_grant",
        Error::ForeignCallback(_) => false,
        _ => true,
    }
}

fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn plain_failure(failure: LoginFailure) -> Response {
    let (status, text) = match failure {
        LoginFailure::Client(error) if error.is_temporary() => {
            (StatusCode::BAD_GATEWAY, "The sign-in service does not answer. Try again in a moment.")
        }
        LoginFailure::Client(Error::Refused(_)) => {
            (StatusCode::FORBIDDEN, "You did not sign in. You can try again.")
        }
        LoginFailure::Client(_) => (StatusCode::BAD_REQUEST, "The sign-in did not finish. Please try again."),
        LoginFailure::NothingPending => {
            (StatusCode::BAD_REQUEST, "This sign-in was not started here. Please try again.")
        }
        LoginFailure::Csrf => (StatusCode::FORBIDDEN, "This page has expired. Go back and try again."),
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("client", &self.inner.client).finish_non_exhaustive()
    }
}

impl fmt::Debug for LoginBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginBuilder").field("client", &self.client).finish_non_exhaustive()
    }
}
