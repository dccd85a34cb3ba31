//! Logins: the routes, and the extractor of the person.

use std::ops::Deref;

use authmint_web::Login;
use axum::Router;
use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts, OriginalUri, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::StatusCode;
use http::request::Parts;

use crate::convert::{answer, read};

/// What axum adds to [`Login`].
pub trait LoginRoutes {
    /// The routes `/login`, `/callback`, `/logout` and those that the provider calls: every one of [`Login::paths`]. Merge them into
    /// the router of the host, not into one that is nested.
    ///
    /// ```
    /// use authmint_axum::{Login, LoginRoutes};
    /// use axum::Router;
    ///
    /// fn routes(login: Login) -> Router {
    ///     Router::new().merge(login.routes()).with_state(login)
    /// }
    /// ```
    fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S>;
}

impl LoginRoutes for Login {
    fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        self.paths().fold(Router::new(), |router, path| {
            let login = self.clone();
            router.route(path, any(async move |request: Request| serve(&login, request).await))
        })
    }
}

async fn serve(login: &Login, request: Request) -> Response {
    let request = match read(request).await {
        Ok(request) => request,
        Err(broken) => return broken,
    };
    login.handle(request).await.map_or_else(|| StatusCode::NOT_FOUND.into_response(), answer)
}

/// The person of a request: the handler runs only for one who is logged in; others are sent to log in.
///
/// As `Option<LoggedIn>` the handler runs for everyone. Needs a [`Login`] in the state.
#[derive(Clone, Debug)]
pub struct LoggedIn(authmint_web::LoggedIn);

impl Deref for LoggedIn {
    type Target = authmint_web::LoggedIn;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<State> FromRequestParts<State> for LoggedIn
where
    State: Send + Sync,
    Login: FromRef<State>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let login = Login::from_ref(state);
        let user = login.current(&parts.headers).await;
        // A nested router takes its prefix away.
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
        user.map(Self).ok_or_else(|| answer(login.demand(&parts.method, uri)))
    }
}

impl<State> OptionalFromRequestParts<State> for LoggedIn
where
    State: Send + Sync,
    Login: FromRef<State>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Option<Self>, Response> {
        Ok(Login::from_ref(state).current(&parts.headers).await.map(Self))
    }
}
