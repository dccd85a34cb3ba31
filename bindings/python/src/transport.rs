//! The transport of the core that Python lends: HTTP itself stays in Python, where its proxies, certificates and mocks are.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;

use authmint_fetch::{FetchError, Reply, Transport};
use bytes::Bytes;
use http::{Request, Response};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

thread_local! {
    static STOPPED: Cell<bool> = const { Cell::new(false) };
}

/// Polls, and says whether a request that is to be sent stopped it.
pub(crate) fn watching<T>(poll: impl FnOnce() -> T) -> (T, bool) {
    STOPPED.set(false);
    let polled = poll();
    (polled, STOPPED.take())
}

/// A function of Python that carries requests: method, address, headers and body. It answers with status, headers and body, and
/// keeps the contract of [`Transport`].
#[derive(Debug)]
pub(crate) struct Lent(pub(crate) Py<PyAny>);

impl Transport for Lent {
    fn send(&self, request: Request<Bytes>) -> Reply<'_> {
        Box::pin(async move {
            // Whoever only looks whether everything is at hand stops here, and has fetched nothing.
            let mut is_first = true;
            poll_fn(|context| {
                if !std::mem::take(&mut is_first) {
                    return Poll::Ready(());
                }
                STOPPED.set(true);
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
            let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
            Python::attach(|py| self.carry(py, &request)).map_err(|error| {
                // Its text may hold what was sent.
                let reason = Python::attach(|py| {
                    error.get_type(py).name().map_or_else(|_| String::new(), |name| name.to_string())
                });
                FetchError::Unreachable { host, reason }
            })
        })
    }
}

impl Lent {
    fn carry(&self, py: Python<'_>, request: &Request<Bytes>) -> PyResult<Response<Bytes>> {
        let headers: Vec<(&str, &str)> = request
            .headers()
            .iter()
            .filter_map(|(name, value)| value.to_str().ok().map(|value| (name.as_str(), value)))
            .collect();
        let body = PyBytes::new(py, request.body());
        let asked = (request.method().as_str(), request.uri().to_string(), headers, body);
        let (status, headers, body): (u16, Vec<(String, String)>, Vec<u8>) =
            self.0.call1(py, asked)?.extract(py)?;
        let mut response = Response::builder().status(status);
        for (name, value) in headers {
            response = response.header(name, value);
        }
        response.body(Bytes::from(body)).map_err(|error| PyValueError::new_err(error.to_string()))
    }
}
