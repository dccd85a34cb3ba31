//! A transport that is a [`tower_service::Service`]: any HTTP client or server of that kind, with its own layers around it.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;

use crate::transport::{FetchError, MAX_RESPONSE_BYTES, Reply, Transport};

type Call = dyn Fn(Request<Bytes>) -> Reply<'static> + Send + Sync;

/// A transport over a service. The service follows no redirect and bounds its own time; the size is bounded here.
///
/// ```
/// use authmint_fetch::{ServiceTransport, Transport};
/// use bytes::Bytes;
/// use http::{Request, Response};
///
/// let service = tower::service_fn(|request: Request<Bytes>| async move {
///     Ok::<_, std::io::Error>(Response::new(Bytes::from(request.uri().path().to_owned())))
/// });
/// let transport = ServiceTransport::new(service);
/// # let _: &dyn Transport = &transport;
/// ```
#[derive(Clone)]
pub struct ServiceTransport {
    call: Arc<Call>,
}

impl ServiceTransport {
    /// A transport over `service`, of which each request gets a clone.
    pub fn new<S>(service: S) -> Self
    where
        S: Service<Request<Bytes>, Response = Response<Bytes>> + Clone + Send + Sync + 'static,
        S::Future: Send,
        S::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let call = move |request: Request<Bytes>| -> Reply<'static> {
            let mut service = service.clone();
            Box::pin(async move {
                let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
                let failed = |error: S::Error| FetchError::Unreachable {
                    host: host.clone(),
                    reason: error.into().to_string(),
                };
                poll_fn(|context| service.poll_ready(context)).await.map_err(failed)?;
                let response = service.call(request).await.map_err(failed)?;
                if response.body().len() > MAX_RESPONSE_BYTES {
                    return Err(FetchError::Content { host, problem: "more than 1 MiB" });
                }
                Ok(response)
            })
        };
        Self { call: Arc::new(call) }
    }
}

impl Transport for ServiceTransport {
    fn send(&self, request: Request<Bytes>) -> Reply<'_> {
        (self.call)(request)
    }
}

impl fmt::Debug for ServiceTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServiceTransport")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send(transport: &ServiceTransport) -> Result<Response<Bytes>, FetchError> {
        let request = Request::get("https://op.example/x").body(Bytes::new()).unwrap();
        pollster::block_on(transport.send(request))
    }

    #[test]
    fn a_service_carries_and_its_failure_is_told() {
        let answers = tower::service_fn(|request: Request<Bytes>| async move {
            Ok::<_, std::io::Error>(Response::new(Bytes::from(request.uri().path().to_owned())))
        });
        assert_eq!(send(&ServiceTransport::new(answers)).unwrap().body(), "/x");
        let fails =
            tower::service_fn(|_| async { Err::<Response<Bytes>, _>(std::io::Error::other("cut off")) });
        let error = send(&ServiceTransport::new(fails)).unwrap_err();
        assert_eq!(error.to_string(), "op.example could not be reached: cut off");
    }

    #[test]
    fn s21_an_answer_that_is_too_long_is_refused() {
        let floods = tower::service_fn(|_| async {
            Ok::<_, std::io::Error>(Response::new(Bytes::from(vec![0; MAX_RESPONSE_BYTES + 1])))
        });
        assert!(matches!(send(&ServiceTransport::new(floods)), Err(FetchError::Content { .. })));
    }
}
