//! A provider in an application, and an authorization server of one's own: the engine's endpoints, and its answers for the
//! browser.

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, rt};
use authmint_provider::{PeerAddress, Provider};
use authmint_server::{AuthorizationServer, Delivery};

use crate::convert::{answer, read};

/// Serves a provider, for [`App::configure`](actix_web::App::configure): at the root of the issuer's host, for every path that
/// nothing else answers.
///
/// The limits of the provider go by the address of the connection. Behind a proxy all connections are the proxy's: put the
/// [`PeerAddress`] that you trust into the request's extensions, and that one counts.
///
/// ```
/// use actix_web::App;
/// use authmint_actix::mount;
///
/// fn application(provider: authmint_provider::Provider) {
///     let app = App::new().configure(mount(provider));
///     # let _ = app;
/// }
/// ```
pub fn mount(provider: Provider) -> impl FnOnce(&mut ServiceConfig) {
    let serve = move |request: HttpRequest, payload: web::Payload| {
        let provider = provider.clone();
        async move { serve_provider(provider, &request, payload).await }
    };
    move |config| {
        config.default_service(web::route().to(serve));
    }
}

async fn serve_provider(provider: Provider, request: &HttpRequest, payload: web::Payload) -> HttpResponse {
    let mut converted = match read(request, payload).await {
        Ok(converted) => converted,
        Err(broken) => return broken,
    };
    let trusted = request.extensions().get::<PeerAddress>().copied();
    if let Some(peer) = trusted.or_else(|| Some(PeerAddress(request.peer_addr()?.ip()))) {
        converted.extensions_mut().insert(peer);
    }
    // To its end also when the browser has gone: a logout that is under way still reaches its clients.
    match rt::spawn(async move { provider.handle(converted).await }).await {
        Ok(reply) => answer(reply),
        Err(error) => {
            tracing::error!(%error, "a request could not be served to its end");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// Every endpoint of the engine that machines call, for [`App::configure`](actix_web::App::configure): beside the pages that are
/// one's own.
///
/// ```
/// use actix_web::App;
/// use authmint_actix::engine;
///
/// fn application(server: authmint_server::AuthorizationServer) {
///     let app = App::new().configure(engine(server));
///     # let _ = app;
/// }
/// ```
pub fn engine(server: AuthorizationServer) -> impl FnOnce(&mut ServiceConfig) {
    let serve = move |request: HttpRequest, payload: web::Payload| {
        let server = server.clone();
        async move { serve_engine(&server, &request, payload).await }
    };
    move |config| {
        config.default_service(web::route().to(serve));
    }
}

async fn serve_engine(
    server: &AuthorizationServer,
    request: &HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let request = match read(request, payload).await {
        Ok(request) => request,
        Err(broken) => return broken,
    };
    server.handle(&request).await.map_or_else(|| HttpResponse::NotFound().finish(), answer)
}

/// Brings the engine's answer to the client by way of the browser.
pub fn deliver(delivery: Delivery) -> HttpResponse {
    answer(authmint_web::deliver(delivery))
}

/// A page that no other site frames and no cache keeps. `content` is HTML: what is not your own in it goes through
/// [`escape`](crate::escape). Its forms lead here, and where `form_target` says: the redirect that answers a form counts.
pub fn page(title: &str, content: &str, form_target: Option<&str>) -> HttpResponse {
    answer(authmint_web::page(title, content, form_target))
}
