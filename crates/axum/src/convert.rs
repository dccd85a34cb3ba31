//! Requests and answers between axum and Authmint: the same types, but for the body.

use std::error::Error;

use authmint_web::{MAX_BODY, Reply};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use http_body_util::LengthLimitError;

/// A request with its body. What is too long arrives as something that is too long, and is answered where all else is.
///
/// # Errors
/// The answer to a body that was cut off or broken.
pub(crate) async fn read(request: Request) -> Result<http::Request<Bytes>, Response> {
    let (parts, body) = request.into_parts();
    let most = MAX_BODY.saturating_add(1);
    let body = match to_bytes(body, most).await {
        Ok(body) => body,
        Err(error) if error.source().is_some_and(<dyn Error>::is::<LengthLimitError>) => {
            Bytes::from(vec![0; most])
        }
        Err(error) => {
            tracing::debug!(%error, "a body could not be read");
            return Err(
                (StatusCode::BAD_REQUEST, "The body of the request was cut off or broken.\n").into_response()
            );
        }
    };
    Ok(http::Request::from_parts(parts, body))
}

/// An answer of Authmint's as one of axum's.
pub(crate) fn answer(reply: Reply) -> Response {
    reply.map(Body::from)
}
