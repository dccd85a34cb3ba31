//! A tower layer that lets requests in by their token, for whatever serves `http::Request<B>`.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{fmt, mem};

use authmint_oauth2::dpop::{DPOP, DPOP_NONCE};
use bytes::Bytes;
use http::header::HeaderValue;
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::requirement::Requirement;
use crate::server::ResourceServer;

/// Lets in what has a token that the requirement is content with.
///
/// The [`AccessToken`](crate::AccessToken) is among the request's extensions then. Every other request gets the
/// [`Rejection`](crate::Rejection)'s response and reaches nobody; a request for the API's metadata gets that. Paths count as the
/// request has them when it comes here, so the layer goes around whatever takes a part of them away, or the API is told its
/// [`external_address`](crate::Builder::external_address). A layer for CORS goes around this one, since browsers send no token when
/// they ask whether they may.
///
/// ```
/// use authmint_resource::{AccessToken, RequireToken, Requirement, ResourceServer};
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use tower::{ServiceBuilder, service_fn};
///
/// fn protect(api: ResourceServer) -> Result<(), Box<dyn std::error::Error>> {
///     let service = ServiceBuilder::new()
///         .layer(RequireToken::new(api, Requirement::scope("orders:read")?))
///         .service(service_fn(|request: Request<Bytes>| async move {
///             let subject = request.extensions().get::<AccessToken>().map(|token| token.subject.clone());
///             Ok::<_, std::convert::Infallible>(Response::new(Bytes::from(subject.unwrap_or_default())))
///         }));
///     # let _ = service;
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RequireToken {
    api: ResourceServer,
    requirement: Requirement,
}

impl RequireToken {
    /// Demands `requirement` of every request.
    #[must_use]
    pub fn new(api: ResourceServer, requirement: Requirement) -> Self {
        Self { api, requirement }
    }
}

impl<S> Layer<S> for RequireToken {
    type Service = Protected<S>;

    fn layer(&self, inner: S) -> Protected<S> {
        Protected { inner, door: self.clone() }
    }
}

/// A service behind [`RequireToken`].
#[derive(Clone)]
pub struct Protected<S> {
    inner: S,
    door: RequireToken,
}

impl<S> fmt::Debug for Protected<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Protected").field("door", &self.door).finish_non_exhaustive()
    }
}

impl<S, B, R> Service<Request<B>> for Protected<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: From<Bytes> + Send,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<R>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let RequireToken { api, requirement } = self.door.clone();
        // The one that said it is ready gets the request; its clone has yet to say so.
        let spare = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, spare);
        Box::pin(async move {
            if let Some(metadata) = api.answer_metadata(&request) {
                return Ok(metadata.map(R::from));
            }
            let (mut parts, body) = request.into_parts();
            match api.authorize(&parts, &requirement).await {
                Err(rejection) => Ok(rejection.response().map(R::from)),
                Ok(token) => {
                    let proves = parts.headers.contains_key(DPOP);
                    parts.extensions.insert(token);
                    let mut response = inner.call(Request::from_parts(parts, body)).await?;
                    let nonce = if proves { api.next_nonce() } else { None };
                    if let Some(nonce) = nonce.and_then(|nonce| HeaderValue::try_from(nonce).ok()) {
                        response.headers_mut().insert(DPOP_NONCE, nonce);
                    }
                    Ok(response)
                }
            }
        })
    }
}
