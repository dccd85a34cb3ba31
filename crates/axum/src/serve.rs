//! A provider as a router, and an authorization server of one's own: the engine's endpoints, and its answers for the browser.

use authmint_provider::Provider;
use authmint_server::{AuthorizationServer, Delivery};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::convert::{answer, read};

/// Routes that serve a provider: mount them at the root of the issuer's host.
///
/// Whoever accepts connections puts [`PeerAddress`](authmint_provider::PeerAddress) into the request's extensions.
///
/// ```
/// use authmint_axum::mount;
///
/// fn routes(provider: authmint_provider::Provider) -> axum::Router {
///     mount(provider)
/// }
/// ```
pub fn mount(provider: Provider) -> Router {
    Router::new().fallback(serve_provider).with_state(provider)
}

async fn serve_provider(State(provider): State<Provider>, request: Request) -> Response {
    let request = match read(request).await {
        Ok(request) => request,
        Err(broken) => return broken,
    };
    // To its end also when the browser has gone: a logout that is under way still reaches its clients.
    match tokio::spawn(async move { provider.handle(request).await }).await {
        Ok(reply) => answer(reply),
        Err(error) => {
            tracing::error!(%error, "a request could not be served to its end");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Routes for every endpoint of the engine that machines call: a fallback for the pages that are one's own.
///
/// ```
/// use authmint_axum::engine;
///
/// fn routes(pages: axum::Router, server: authmint_server::AuthorizationServer) -> axum::Router {
///     pages.fallback_service(engine(server))
/// }
/// ```
pub fn engine(server: AuthorizationServer) -> Router {
    Router::new().fallback(serve_engine).with_state(server)
}

async fn serve_engine(State(server): State<AuthorizationServer>, request: Request) -> Response {
    let request = match read(request).await {
        Ok(request) => request,
        Err(broken) => return broken,
    };
    server.handle(&request).await.map_or_else(|| StatusCode::NOT_FOUND.into_response(), answer)
}

/// Brings the engine's answer to the client by way of the browser.
pub fn deliver(delivery: Delivery) -> Response {
    answer(authmint_web::deliver(delivery))
}

/// A page that no other site frames and no cache keeps. `content` is HTML: what is not your own in it goes through
/// [`escape`](crate::escape). Its forms lead here, and where `form_target` says: the redirect that answers a form counts.
pub fn page(title: &str, content: &str, form_target: Option<&str>) -> Response {
    answer(authmint_web::page(title, content, form_target))
}
