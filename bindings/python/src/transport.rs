//! What Python lends to the core: HTTP, which stays where its proxies, certificates and mocks are; and a store of used proofs, which
//! the processes of an API share.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;

use authmint_fetch::{FetchError, Reply, Transport};
use authmint_jose::{Timestamp, base64url, sha256};
use authmint_resource::{DpopProof, ReplayError, ReplayStore, Used};
use bytes::Bytes;
use http::{Request, Response};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes};

thread_local! {
    static STOPPED: Cell<bool> = const { Cell::new(false) };
}

/// Polls, and says whether a request that is to be sent stopped it.
pub(crate) fn watching<T>(poll: impl FnOnce() -> T) -> (T, bool) {
    STOPPED.set(false);
    let polled = poll();
    (polled, STOPPED.take())
}

/// Whoever only looks whether everything is at hand stops here: what comes next calls Python, and may take its time.
async fn step_aside() {
    let mut is_first = true;
    poll_fn(|context| {
        if !std::mem::take(&mut is_first) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// What an exception is called. Its text may hold what was sent.
fn name_of(py: Python<'_>, error: &PyErr) -> String {
    error.get_type(py).name().map_or_else(|_| String::new(), |name| name.to_string())
}

/// A function of Python that carries requests: method, address, headers and body. It answers with status, headers and body, and
/// keeps the contract of [`Transport`].
#[derive(Debug)]
pub(crate) struct Lent(pub(crate) Py<PyAny>);

impl Transport for Lent {
    fn send(&self, request: Request<Bytes>) -> Reply<'_> {
        Box::pin(async move {
            STOPPED.set(true);
            step_aside().await;
            let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
            Python::attach(|py| {
                let carried = self.carry(py, &request);
                carried.map_err(|error| FetchError::Unreachable { host, reason: name_of(py, &error) })
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

/// A function of Python that marks a name for so many seconds, in one step, and says whether it was new: the store of used proofs.
#[derive(Debug)]
pub(crate) struct Marks(pub(crate) Py<PyAny>);

impl ReplayStore for Marks {
    fn use_once<'a>(&'a self, proof: &'a DpopProof, now: Timestamp) -> Used<'a> {
        Box::pin(async move {
            step_aside().await;
            // Part of it is the caller's choice; a cache may bear neither its length nor its characters.
            let name = base64url::encode(&sha256(proof.single_use().as_bytes()));
            // Some caches forget up to a second early.
            let seconds = proof.remember_until().since(now).as_secs().saturating_add(1);
            Python::attach(|py| {
                let answer = self.0.bind(py).call1((name, seconds));
                let answer = answer.map_err(|error| ReplayError::Store(name_of(py, &error)))?;
                // Not whatever Python takes for true: a coroutine is.
                let is_new = answer.cast::<PyBool>().map(PyBoolMethods::is_true);
                is_new.map_err(|_| ReplayError::Store("use_once returned neither True nor False".to_owned()))
            })
        })
    }
}
