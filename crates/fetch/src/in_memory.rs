//! A transport without a socket: hands the request to a function, such as a server's `handle`.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::{Request, Response};

use crate::transport::{Reply, Transport};

type Handler = dyn Fn(Request<Bytes>) -> Pin<Box<dyn Future<Output = Response<Bytes>> + Send>> + Send + Sync;

/// A transport that calls a function.
#[derive(Clone)]
pub struct InMemory {
    handler: Arc<Handler>,
}

impl InMemory {
    /// A transport to `handler`, which gets the request as a server would: with its `Host`.
    pub fn new<F, Answer>(handler: F) -> Self
    where
        F: Fn(Request<Bytes>) -> Answer + Send + Sync + 'static,
        Answer: Future<Output = Response<Bytes>> + Send + 'static,
    {
        Self { handler: Arc::new(move |request| Box::pin(handler(request))) }
    }
}

impl Transport for InMemory {
    fn send(&self, mut request: Request<Bytes>) -> Reply<'_> {
        let host =
            request.uri().authority().and_then(|authority| HeaderValue::try_from(authority.as_str()).ok());
        if let Some(host) = host {
            request.headers_mut().insert(HOST, host);
        }
        let answer = (self.handler)(request);
        Box::pin(async move { Ok(answer.await) })
    }
}

impl fmt::Debug for InMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InMemory")
    }
}
