//! A provider as a router.

use std::error::Error;

use authmint_provider::Provider;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use http_body_util::LengthLimitError;

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
        // The provider answers for a body over its limit.
        Err(error) if error.source().is_some_and(<dyn Error>::is::<LengthLimitError>) => {
            Bytes::from(vec![0; READ_BYTES])
        }
        Err(error) => {
            tracing::debug!(%error, "a body could not be read");
            return (StatusCode::BAD_REQUEST, "The body of the request was cut off or broken.\n")
                .into_response();
        }
    };
    // To its end also when the browser has gone: a logout that is under way still reaches its clients.
    let request = Request::from_parts(parts, body);
    match tokio::spawn(async move { provider.handle(request).await }).await {
        Ok(reply) => reply.map(Body::from),
        Err(error) => {
            tracing::error!(%error, "a request could not be served to its end");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
