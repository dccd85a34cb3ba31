//! The transport trait, and what every caller of it does the same way.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Request, Response, StatusCode, Uri};

/// The most bytes of a response that are read.
pub const MAX_RESPONSE_BYTES: usize = 1024 * 1024;

/// The future of a response.
pub type Reply<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, FetchError>> + Send + 'a>>;

/// Carries a request to another server.
///
/// # Contract
/// Follows no redirect, adds no credential or cookie, gives up after a bounded time, and reads at most
/// [`MAX_RESPONSE_BYTES`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` carries no requests",
    label = "not a transport",
    note = "use `Reqwest` (feature `reqwest`), `ReqwestBlocking` (`blocking`), `ServiceTransport` (`tower`) or `InMemory`, or implement `Transport`: one method"
)]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends `request`, whose URI is absolute.
    fn send(&self, request: Request<Bytes>) -> Reply<'_>;
}

/// Why a response could not be had or used. The text names the server, never a token.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// No response came.
    #[error("{host} could not be reached: {reason}")]
    Unreachable {
        /// The server.
        host: String,
        /// What happened.
        reason: String,
    },
    /// The response is not the one that was expected.
    #[error("{host} answered {status}, not 200 OK")]
    Status {
        /// The server.
        host: String,
        /// Its answer.
        status: StatusCode,
    },
    /// The response is too long, or its content is not what was expected.
    #[error("{host} sent {problem}")]
    Content {
        /// The server.
        host: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The server is not one that may be fetched from.
    #[error("{host} may not be fetched from: {reason}")]
    Forbidden {
        /// The server.
        host: String,
        /// Why.
        reason: &'static str,
    },
    /// The transport can't be set up.
    #[error("the transport can't be set up: {0}")]
    Setup(String),
    /// The address is not one that may be fetched.
    #[error("{0:?} is no address to fetch from: use https, or http for localhost")]
    Address(String),
}

/// Whether an address is `https`, or `http` on this machine: what may be fetched and where secrets may go.
#[must_use]
pub fn is_secure_url(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let local = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let no_user = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    no_user && (uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && local))
}

/// Fetches a JSON document.
///
/// # Errors
/// When the address is not secure, no answer comes, or the answer is not `200` with JSON.
pub async fn get_json(transport: &dyn Transport, url: &str) -> Result<Bytes, FetchError> {
    if !is_secure_url(url) {
        return Err(FetchError::Address(url.to_owned()));
    }
    let request = Request::get(url).header(ACCEPT, "application/json").body(Bytes::new());
    let request = request.map_err(|_| FetchError::Address(url.to_owned()))?;
    send_for_json(transport, request).await
}

/// Sends a request that is answered with a JSON document, to an address that was judged before.
///
/// # Errors
/// When no answer comes, or the answer is not `200` with JSON.
pub async fn send_for_json(transport: &dyn Transport, request: Request<Bytes>) -> Result<Bytes, FetchError> {
    let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    let response = transport.send(request).await?;
    if response.status() != StatusCode::OK {
        return Err(FetchError::Status { host, status: response.status() });
    }
    let content_type =
        response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media_type != "application/json" && !media_type.ends_with("+json") {
        return Err(FetchError::Content { host, problem: "something that is not JSON" });
    }
    if response.body().len() > MAX_RESPONSE_BYTES {
        return Err(FetchError::Content { host, problem: "more than 1 MiB" });
    }
    Ok(response.into_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s22_only_secure_addresses_are_fetched() {
        for url in
            ["https://op.example/x", "http://localhost:8080/x", "http://127.0.0.1/x", "http://[::1]:1/x"]
        {
            assert!(is_secure_url(url), "{url}");
        }
        for url in [
            "http://op.example",
            "http://localhost.evil.example",
            "https://u@op.example",
            "file:///x",
            "x",
            "",
        ] {
            assert!(!is_secure_url(url), "{url}");
        }
    }
}
