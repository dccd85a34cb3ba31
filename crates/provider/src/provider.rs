//! The provider as a value, and the table of its pages.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use authmint_jose::{Clock, Entropy, SealingKey, Secret, SystemClock, SystemEntropy};
use authmint_oauth2::Error as ProtocolError;
use authmint_oidc::PersonClaims;
use authmint_server::{AuthorizationServer, Guess, Registration, Stranger, audit, paths};
use bytes::Bytes;
use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Method, Request, Response, StatusCode};
use tracing::Instrument;

use crate::accounts::{self, AccountClaims};
use crate::browser::Cookies;
use crate::config::ProviderConfig;
use crate::error::Error;
use crate::limits::{Limits, PeerAddress};
use crate::pages::{ErrorKind, ErrorPage, Layout, STYLESHEET, STYLESHEET_PATH};
use crate::password_grant::PasswordGrant;
use crate::passwords::Passwords;
use crate::reply::{self, Reply};
use crate::routes;
use crate::storage::{Account, ProviderStorage};

/// How sure a password makes, where the settings name no level of their own (SAML 2.0 Authentication Context 3.4.8).
const PASSWORD_ACR: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";

/// The most bytes of a body.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// An OpenID Provider. Cheap to clone; all clones are one provider.
#[derive(Clone)]
pub struct Provider {
    inner: Arc<Inner>,
}

struct Inner {
    config: ProviderConfig,
    server: AuthorizationServer,
    storage: Arc<dyn ProviderStorage>,
    passwords: Passwords,
    limits: Arc<Limits>,
    cookies: Cookies,
    layout: Layout,
}

impl Provider {
    /// A provider over a store. `sealing_key` protects signing keys at rest and forms in flight: keep it apart from the
    /// store.
    ///
    /// # Errors
    /// When the password workers can't be started.
    pub fn new(
        config: ProviderConfig,
        storage: Arc<dyn ProviderStorage>,
        sealing_key: &SealingKey,
    ) -> Result<Self, Error> {
        Self::with(config, storage, sealing_key, Arc::new(SystemClock), Arc::new(SystemEntropy))
    }

    /// A provider with a clock and a source of randomness of the caller's, for tests that own both.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with(
        config: ProviderConfig,
        storage: Arc<dyn ProviderStorage>,
        sealing_key: &SealingKey,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, Error> {
        let issuer = &config.server.issuer;
        let layout = Layout {
            product_name: config.product_name.clone(),
            base_path: issuer.path().to_owned(),
            ..Layout::default()
        };
        let mut server_config = config.server.clone();
        server_config.front_channel_logout = true;
        server_config.session_management = true;
        if server_config.acr_values.is_empty() {
            server_config.acr_values = vec![PASSWORD_ACR.to_owned()];
        }
        let server = AuthorizationServer::builder(
            server_config,
            Arc::clone(&storage) as _,
            Arc::new(AccountClaims(Arc::clone(&storage))),
            sealing_key.derive("authmint signing keys"),
        );
        let (passwords, limits) =
            (Passwords::new(config.password_workers)?, Arc::new(Limits::new(&config.limits)));
        let password_grant = PasswordGrant {
            storage: Arc::clone(&storage),
            passwords: passwords.clone(),
            limits: Arc::clone(&limits),
        };
        let server = server.clock(clock).entropy(entropy).passwords(Arc::new(password_grant));
        let server = match &config.transport {
            Some(transport) => server.transport(Arc::clone(transport)),
            None => server,
        };
        let server = server.build()?;
        let inner = Inner {
            server,
            passwords,
            limits,
            cookies: Cookies::new(issuer.is_https(), sealing_key),
            layout,
            storage,
            config,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Serves any request under the issuer's address.
    ///
    /// Whoever accepted the connection puts the peer's [`PeerAddress`] into the request's extensions. Never fails: whatever
    /// is wrong becomes a response that explains.
    pub async fn handle(&self, request: Request<Bytes>) -> Response<Bytes> {
        let peer = request.extensions().get::<PeerAddress>().map(|peer| tracing::field::display(peer.0));
        let span = tracing::debug_span!(target: audit::REQUEST, "request", peer);
        self.serve(request).instrument(span).await
    }

    async fn serve(&self, request: Request<Bytes>) -> Response<Bytes> {
        // The stylesheet under any host: the page that says that the host is wrong is dressed too.
        let machine = if request.uri().path() == self.path(STYLESHEET_PATH) {
            None
        } else {
            self.serve_machine(&request).await
        };
        let mut reply = match machine {
            Some(reply) if reply.status() == StatusCode::MISDIRECTED_REQUEST && wants_page(&request) => {
                self.misdirected_page(&request)
            }
            Some(reply) => reply,
            None => self.serve_person(&request).await,
        };
        if self.inner.server.issuer().is_https() {
            reply::keep_to_tls(&mut reply);
        }
        reply
    }

    /// Adds an account.
    ///
    /// # Errors
    /// [`Error::Account`] when name or password can't be used, or the name is taken.
    pub async fn add_account(
        &self,
        name: &str,
        password: Secret,
        claims: PersonClaims,
    ) -> Result<Account, Error> {
        let now = self.inner.server.now();
        accounts::add(self.storage(), &self.inner.passwords, name, password, claims, now).await
    }

    /// Changes a password and ends the account's login sessions and all its tokens.
    ///
    /// # Errors
    /// [`Error::Account`] when the password can't be used or there is no such account.
    pub async fn set_password(&self, name: &str, password: Secret) -> Result<(), Error> {
        let revoked_until = self.inner.server.revoked_until();
        accounts::set_password(self.storage(), &self.inner.passwords, name, password, revoked_until).await
    }

    /// The engine.
    #[must_use]
    pub fn server(&self) -> &AuthorizationServer {
        &self.inner.server
    }

    /// The store.
    #[must_use]
    pub fn storage(&self) -> &dyn ProviderStorage {
        self.inner.storage.as_ref()
    }

    pub(crate) fn config(&self) -> &ProviderConfig {
        &self.inner.config
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    pub(crate) fn cookies(&self) -> &Cookies {
        &self.inner.cookies
    }

    pub(crate) fn layout(&self) -> Layout {
        self.inner.layout.clone()
    }

    /// The path of a page, with the issuer's own path.
    pub(crate) fn path(&self, path: &str) -> String {
        self.inner.layout.path(path)
    }

    async fn serve_person(&self, request: &Request<Bytes>) -> Reply {
        let path = request.uri().path();
        let Some(local) = path.strip_prefix(self.inner.server.issuer().path()) else {
            return self.error_page(ErrorKind::NotFound);
        };
        if request.body().len() > MAX_BODY_BYTES {
            return self.error_page(ErrorKind::TooLarge);
        }
        let get = *request.method() == Method::GET;
        let post = *request.method() == Method::POST;
        // A HEAD must do nothing, and there are pages that may end in a code or the end of a session when they are opened.
        let look = get || *request.method() == Method::HEAD;
        let served = match local {
            "" | "/" if look => routes::home::show(self, request).await,
            "/authorize" if get => routes::authorize::begin(self, request).await,
            "/authorize" if post => routes::authorize::turn_into_get(self, request),
            "/login" if look => routes::login::show(self, request).await,
            "/login" if post => routes::login::submit(self, request).await,
            "/consent" if get => routes::consent::show(self, request).await,
            "/consent" if post => routes::consent::submit(self, request).await,
            "/logout" if get => routes::logout::show(self, request).await,
            "/logout" if post => routes::logout::submit(self, request).await,
            paths::DEVICE if look => routes::device::show(self, request).await,
            paths::DEVICE if post => routes::device::submit(self, request).await,
            paths::CHECK_SESSION if look => Ok(routes::check_session::show(self)),
            STYLESHEET_PATH if look => Ok(stylesheet()),
            "" | "/" | STYLESHEET_PATH | paths::CHECK_SESSION => Ok(self.method_page("GET, HEAD")),
            "/login" | paths::DEVICE => Ok(self.method_page("GET, HEAD, POST")),
            "/authorize" | "/consent" | "/logout" => Ok(self.method_page("GET, POST")),
            _ => Ok(self.error_page(ErrorKind::NotFound)),
        };
        served.unwrap_or_else(|error| self.failure_page(&error))
    }

    /// Serves an endpoint that machines call. Who has guessed too often is refused before the next secret is looked at, so
    /// that a right one is no better than a wrong one.
    async fn serve_machine(&self, request: &Request<Bytes>) -> Option<Reply> {
        let peer = request.extensions().get::<PeerAddress>().copied();
        let local = request.uri().path().strip_prefix(self.inner.server.issuer().path()).unwrap_or_default();
        if self.inner.config.server.registration != Registration::Closed
            && writes_clients(request.method(), local)
            && let Err(wait) = self.inner.limits.register(peer)
        {
            tracing::warn!(target: audit::TARGET, event = "registrations_limited", ?peer, "too many registrations of clients");
            return Some(too_many(wait, "too many clients were registered or changed from here; wait"));
        }
        if takes_secrets(local)
            && let Err(wait) = self.inner.limits.client(peer)
        {
            tracing::warn!(target: audit::TARGET, event = "guesses_limited", ?peer, "too many unknown client secrets, codes or tokens");
            return Some(too_many(wait, "too many failed attempts; wait"));
        }
        if keeps_requests(local)
            && let Err(wait) = self.inner.limits.may_begin(peer)
        {
            tracing::warn!(?peer, "too many requests were pushed or begun for devices");
            return Some(too_many(wait, "too many requests were begun from here; wait"));
        }
        let reply = self.inner.server.handle(request).await?;
        if reply.extensions().get::<Stranger>().is_some() {
            // Who is over the limit is refused before the next one is looked at.
            let _ = self.inner.limits.begin(peer);
        }
        if reply.extensions().get::<Guess>().is_some() {
            self.inner.limits.client_guessed(peer);
        }
        Some(reply)
    }

    /// A page for a kind of error.
    pub(crate) fn error_page(&self, kind: ErrorKind) -> Reply {
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        reply::page(status, ErrorPage::new(self.layout(), kind).render(), None)
    }

    /// The page for a method that an address does not take; `Allow` is required (RFC 9110 15.5.6).
    fn method_page(&self, allowed: &'static str) -> Reply {
        let mut reply = self.error_page(ErrorKind::MethodNotAllowed);
        reply.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
        reply
    }

    /// Whoever calls from this machine is likely setting the provider up, and is told its right address.
    fn misdirected_page(&self, request: &Request<Bytes>) -> Reply {
        let kind = ErrorKind::Misdirected;
        let mut page = ErrorPage::new(self.layout(), kind);
        if request.extensions().get::<PeerAddress>().is_some_and(|peer| peer.0.to_canonical().is_loopback()) {
            let issuer = self.inner.server.issuer();
            page.advice = Some(format!(
                "This provider is {issuer}, and answers there only. If you run it: open that address, have your proxy \
                 pass the Host header on, or change the issuer in its settings."
            ));
        }
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        reply::page(status, page.render(), None)
    }

    /// A page for a request that must not be answered by a redirect.
    pub(crate) fn refusal_page(&self, error: &ProtocolError) -> Reply {
        let mut page = ErrorPage::new(self.layout(), ErrorKind::Request);
        page.details.code = Some(error.code().as_str().to_owned());
        page.details.parameter = error.wrong_parameter().map(str::to_owned);
        page.details.explanation = Some(error.description().to_owned());
        page.details.section = error.source_section().map(str::to_owned);
        reply::page(StatusCode::BAD_REQUEST, page.render(), None)
    }

    fn failure_page(&self, error: &Error) -> Reply {
        match error {
            Error::Server(authmint_server::Error::Protocol(error)) => self.refusal_page(error),
            Error::Server(authmint_server::Error::InteractionOver) => self.error_page(ErrorKind::SignInOver),
            Error::Busy => self.error_page(ErrorKind::TooManyRequests),
            Error::Server(authmint_server::Error::Storage(error)) => {
                tracing::error!(target: authmint_server::STORE_TARGET, %error, "the store failed");
                self.error_page(ErrorKind::Internal)
            }
            internal => {
                tracing::error!(error = %internal, "a page could not be served");
                self.error_page(ErrorKind::Internal)
            }
        }
    }
}

/// Whether an endpoint below the issuer's path takes secrets of clients, codes or tokens.
fn takes_secrets(local: &str) -> bool {
    let secret = [paths::TOKEN, paths::INTROSPECTION, paths::REVOCATION, paths::USERINFO];
    secret.contains(&local) || keeps_requests(local) || is_registration(local)
}

/// Whether an endpoint below the issuer's path keeps requests until a person comes. Clients authenticate at it too.
fn keeps_requests(local: &str) -> bool {
    [paths::PUSHED_AUTHORIZATION_REQUEST, paths::DEVICE_AUTHORIZATION].contains(&local)
}

/// Whether a request registers a client or changes one.
fn writes_clients(method: &Method, local: &str) -> bool {
    (*method == Method::POST || *method == Method::PUT) && is_registration(local)
}

fn is_registration(local: &str) -> bool {
    local.strip_prefix(paths::REGISTRATION).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn too_many(wait: Duration, why: &str) -> Reply {
    let body = format!(r#"{{"error":"temporarily_unavailable","error_description":"{why}"}}"#);
    let mut reply = Response::new(Bytes::from(body));
    *reply.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().saturating_add(1)));
    reply
}

/// Whether a person's browser asks, and not a program.
fn wants_page(request: &Request<Bytes>) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The stylesheet; its path changes with its content, so it may be kept for ever.
fn stylesheet() -> Reply {
    let mut reply = Response::new(Bytes::from_static(STYLESHEET.as_bytes()));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    reply
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("issuer", self.inner.server.issuer()).finish_non_exhaustive()
    }
}
