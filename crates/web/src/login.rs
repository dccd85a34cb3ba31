//! Logins of an application: what each of its paths does, and the person of a request.

use std::fmt;
use std::sync::Arc;

use authmint_client::{Client, LoginOptions};
use authmint_jose::{Clock, SealingKey, base64url, constant_time_eq, sha256};
use authmint_oauth2::Params;
use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};

use crate::address::is_local_path;
use crate::builder::{ChoicePage, FailurePage};
use crate::cookie::{self, Jar};
use crate::cookie_sessions::{self, CookieSessions};
use crate::failure::LoginFailure;
use crate::pending::Finished;
use crate::provider::{Endpoint, Provider, Route};
use crate::reply::{Reply, private, see_other, status};
use crate::session::{LoggedIn, UserSession};
use crate::sessions::{SessionError, Sessions};

/// The longest body that is looked at. An adapter reads one byte more and hands it on: what is too long is answered here.
pub const MAX_BODY: usize = 64 * 1024;

/// Logs people in to an application. Cheap to clone; all clones are one.
///
/// An adapter hands every request to one of [`paths`](Self::paths) to [`handle`](Self::handle), and asks
/// [`current`](Self::current) who a request is of.
#[derive(Clone)]
pub struct Login {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) main: Client,
    pub(crate) providers: Vec<Provider>,
    pub(crate) routes: Vec<Route>,
    pub(crate) key: SealingKey,
    pub(crate) csrf_key: SealingKey,
    pub(crate) keeping: Keeping,
    pub(crate) finished: Finished,
    pub(crate) jar: Jar,
    pub(crate) options: LoginOptions,
    pub(crate) failure_page: Box<FailurePage>,
    pub(crate) choice_page: Box<ChoicePage>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Where sessions are.
pub(crate) enum Keeping {
    Store(Arc<dyn Sessions>),
    Cookies(CookieSessions),
}

impl Login {
    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// Every path that [`handle`](Self::handle) answers, for an adapter to mount.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.inner.routes.iter().map(|route| route.path.as_str())
    }

    /// Answers a request to one of [`paths`](Self::paths); `None` for every other.
    ///
    /// ```
    /// # async fn example(login: authmint_web::Login) {
    /// let request = http::Request::get("/login?return_to=/orders").body(bytes::Bytes::new()).unwrap();
    /// if let Some(reply) = login.handle(request).await {
    ///     println!("{}", reply.status()); // 303, to the provider
    /// }
    /// # }
    /// ```
    pub async fn handle(&self, request: Request<Bytes>) -> Option<Reply> {
        let route = self.inner.routes.iter().find(|route| route.path == request.uri().path())?;
        if request.body().len() > MAX_BODY {
            return Some(status(StatusCode::PAYLOAD_TOO_LARGE));
        }
        let provider = route.provider.and_then(|place| self.inner.providers.get(place));
        let answer = match (route.endpoint, provider) {
            (Endpoint::Login, provider) => self.begin(provider, &request).await,
            (Endpoint::Logout, _) => self.log_out(&request).await,
            (Endpoint::Callback, Some(provider)) => self.finish(provider, &request).await,
            (Endpoint::BackChannel, Some(provider)) => Ok(self.back_channel(provider, &request).await),
            (Endpoint::FrontChannel, Some(provider)) => self.front_channel(provider, &request).await,
            (_, None) => return None,
        };
        Some(answer.unwrap_or_else(|failure| self.fail(failure)))
    }

    /// The person of a request. A store that fails is told to the log; nobody is logged in then.
    pub async fn current(&self, headers: &HeaderMap) -> Option<LoggedIn> {
        match self.find(headers).await {
            Ok(found) => found.map(|(id, session)| LoggedIn::new(session, self.csrf(&id))),
            Err(error) => {
                tracing::error!(%error, "nobody can be found logged in");
                None
            }
        }
    }

    /// Sends somebody to log in who has to, and back to where they were.
    #[must_use]
    pub fn demand(&self, method: &Method, uri: &Uri) -> Reply {
        // What was posted is lost: its address alone leads nowhere.
        let back_to = uri.path_and_query().map(http::uri::PathAndQuery::as_str);
        let back_to = back_to.filter(|path| *method == Method::GET && is_local_path(path)).unwrap_or("/");
        see_other(&format!("/login?{}", Params::from_iter([("return_to", back_to)]).to_query()))
    }

    /// The client of the first provider, for calls of the application's own.
    ///
    /// With several providers, [`client_of`](Self::client_of) is the one of a session.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.inner.main
    }

    /// The client that a session came from; `None` when the application does not know that provider any more.
    #[must_use]
    pub fn client_of(&self, session: &UserSession) -> Option<&Client> {
        let mut providers = self.inner.providers.iter();
        let known = |known: &&Provider| known.name == session.provider && known.issuer() == session.issuer;
        Some(&providers.find(known)?.client)
    }

    /// Keeps new tokens in the session of a request, after a refresh. The headers belong into the answer: they are the session
    /// where the browser keeps it. `None` when the person has logged out meanwhile.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn update(
        &self,
        headers: &HeaderMap,
        session: UserSession,
    ) -> Result<Option<HeaderMap>, SessionError> {
        let inner = &self.inner;
        match &inner.keeping {
            Keeping::Store(store) => {
                let Some(cookie) = cookie::read(headers, &self.session_cookie()) else { return Ok(None) };
                let is_kept = store.replace(sha256(cookie.as_bytes()), session).await?;
                Ok(is_kept.then(HeaderMap::new))
            }
            Keeping::Cookies(_) => {
                let now = inner.clock.now();
                let Some(known) = cookie_sessions::open(&inner.jar, &inner.key, headers, now) else {
                    return Ok(None);
                };
                let set = cookie_sessions::rewrite(&inner.jar, &inner.key, known, session, now)?;
                Ok(Some(set.into_iter().map(|value| (SET_COOKIE, value)).collect()))
            }
        }
    }

    /// Whether a form's `csrf` belongs to the session of the request that brought it.
    #[must_use]
    pub fn check_csrf(&self, headers: &HeaderMap, presented: Option<&str>) -> bool {
        let inner = &self.inner;
        let id = match &inner.keeping {
            Keeping::Store(_) => cookie::read(headers, &self.session_cookie()).map(str::to_owned),
            Keeping::Cookies(_) => cookie_sessions::open(&inner.jar, &inner.key, headers, inner.clock.now())
                .map(|known| known.id),
        };
        let expected = id.map(|id| self.csrf(&id));
        expected.is_some_and(|expected| {
            constant_time_eq(expected.as_bytes(), presented.unwrap_or_default().as_bytes())
        })
    }

    fn csrf(&self, id: &str) -> String {
        base64url::encode(&self.inner.csrf_key.mac(id.as_bytes()))
    }

    pub(crate) fn session_cookie(&self) -> String {
        format!("{}-session", self.inner.jar.name)
    }

    /// The session of a request, and what its forms are bound to.
    pub(crate) async fn find(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<(String, UserSession)>, SessionError> {
        let inner = &self.inner;
        let found = match &inner.keeping {
            Keeping::Store(store) => {
                let Some(cookie) = cookie::read(headers, &self.session_cookie()) else { return Ok(None) };
                let session = store.get(sha256(cookie.as_bytes())).await?;
                session.map(|session| (cookie.to_owned(), session))
            }
            Keeping::Cookies(_) => {
                let found = cookie_sessions::open(&inner.jar, &inner.key, headers, inner.clock.now());
                found.map(|found| (found.id, found.session))
            }
        };
        // Nobody vouches any more for a session of a provider that the application has given up.
        Ok(found.filter(|(_, session)| self.client_of(session).is_some()))
    }

    /// Ends the session of a request; what it was, and the cookies that go.
    pub(crate) async fn end_own(
        &self,
        headers: &HeaderMap,
    ) -> Result<(Option<UserSession>, Vec<HeaderValue>), SessionError> {
        let inner = &self.inner;
        match &inner.keeping {
            Keeping::Store(store) => {
                let name = self.session_cookie();
                let ended = match cookie::read(headers, &name) {
                    Some(cookie) => store.take(sha256(cookie.as_bytes())).await?,
                    None => None,
                };
                Ok((ended, vec![inner.jar.remove(&name)]))
            }
            Keeping::Cookies(_) => {
                let found = self.find(headers).await?.map(|(_, session)| session);
                Ok((found, cookie_sessions::remove(&inner.jar, headers)))
            }
        }
    }

    pub(crate) fn fail(&self, failure: LoginFailure) -> Reply {
        failure.log();
        let mut reply = (self.inner.failure_page)(failure);
        private(reply.headers_mut());
        reply
    }
}

/// The parameters of a request as text: its query, or its form.
pub(crate) fn parameters(request: &Request<Bytes>) -> &str {
    if *request.method() == Method::POST {
        return std::str::from_utf8(request.body()).unwrap_or_default();
    }
    request.uri().query().unwrap_or_default()
}

pub(crate) fn add_cookies(reply: &mut Reply, cookies: impl IntoIterator<Item = HeaderValue>) {
    for cookie in cookies {
        reply.headers_mut().append(SET_COOKIE, cookie);
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("providers", &self.inner.providers).finish_non_exhaustive()
    }
}
