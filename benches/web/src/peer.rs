//! The transport of the peer, huskarl: straight to a function, as ours.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use huskarl::core::Error;
use huskarl::core::http::{HttpClient, HttpResponse, Idempotency};
use huskarl::core::platform::MaybeSendBoxFuture;

use authmint::fetch::{InMemory, Transport};

#[derive(Clone)]
pub(crate) struct Peer(pub(crate) Arc<InMemory>);

impl HttpClient for Peer {
    fn execute(&self, request: Request<Bytes>, _: Idempotency) -> MaybeSendBoxFuture<'_, Result<HttpResponse, Error>> {
        Box::pin(async move {
            let response: Response<Bytes> = self.0.send(request).await.expect("in memory");
            let (parts, body) = response.into_parts();
            Ok(HttpResponse { status: parts.status, headers: parts.headers, body })
        })
    }
}
