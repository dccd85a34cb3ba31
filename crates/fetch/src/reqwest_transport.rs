//! The transport over sockets, by reqwest: TLS by rustls, no redirects, bounded in time and size.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{Request, Response};

use crate::transport::{FetchError, MAX_RESPONSE_BYTES, Reply, Transport};

/// A transport over reqwest. Needs a tokio runtime where it is awaited.
#[derive(Clone, Debug)]
pub struct Reqwest {
    client: reqwest::Client,
}

impl Reqwest {
    /// A transport that gives up after ten seconds and follows no redirect.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new() -> Result<Self, FetchError> {
        let client = bounded().build().map_err(|error| unreachable(String::new(), &error))?;
        Ok(Self { client })
    }
}

impl Transport for Reqwest {
    fn send(&self, request: Request<Bytes>) -> Reply<'_> {
        Box::pin(async move {
            let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
            let request = reqwest::Request::try_from(request).map_err(|error| unreachable(host, &error))?;
            carry(&self.client, request).await
        })
    }
}

/// A client that is bounded in time and follows no redirect.
pub(crate) fn bounded() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(10))
        .user_agent(concat!("authmint/", env!("CARGO_PKG_VERSION")))
}

/// Sends a request, and reads no more of the answer than is allowed.
pub(crate) async fn carry(
    client: &reqwest::Client,
    request: reqwest::Request,
) -> Result<Response<Bytes>, FetchError> {
    let host = request.url().authority().to_owned();
    let mut response = client.execute(request).await.map_err(|error| unreachable(host.clone(), &error))?;
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(host.clone(), &error))? {
        if body.len().saturating_add(chunk.len()) > MAX_RESPONSE_BYTES {
            return Err(FetchError::Content { host, problem: "more than 1 MiB" });
        }
        body.extend_from_slice(&chunk);
    }
    let mut carried = Response::new(body.freeze());
    *carried.status_mut() = response.status();
    *carried.headers_mut() = response.headers().clone();
    Ok(carried)
}

/// reqwest's own text may hold the whole address with its query; the causes below it do not.
pub(crate) fn unreachable(host: String, error: &reqwest::Error) -> FetchError {
    let mut reason =
        if error.is_timeout() { "it took too long".to_owned() } else { "the connection failed".to_owned() };
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        reason = error.to_string();
        cause = error.source();
    }
    FetchError::Unreachable { host, reason }
}
