//! A provider as a router.

use authmint_provider::Provider;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;

/// One byte more than a provider takes, so that it sees what is too long and answers in its own way.
const READ_BYTES: usize = 64 * 1024 + 1;

/// Routes that serve a provider: mount them at the root of the issuer's host.
///
/// Whoever accepts connections puts [`PeerAddress`](authmint_provider::PeerAddress) into the request's extensions.
pub fn mount(provider: Provider) -> Router {
    Router::new().fallback(serve).with_state(provider)
}

async fn serve(State(provider): State<Provider>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = match to_bytes(body, READ_BYTES).await {
        Ok(body) => body,
        // Too long, or cut off: the provider answers for a body over its limit.
        Err(_) => Bytes::from(vec![0; READ_BYTES]),
    };
    provider.handle(Request::from_parts(parts, body)).await.map(Body::from)
}
