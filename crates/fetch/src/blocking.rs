//! The transport for programs without a runtime: a thread of its own carries the requests.
//!
//! What the rest of the house calls a future is then waited for with [`block_on`]. It works in an asynchronous program too, on any
//! runtime, and never panics there, as a runtime within a runtime would.

use std::fmt;
use std::thread;

use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::{mpsc, oneshot};

use crate::reqwest_transport::Reqwest;
use crate::transport::{FetchError, Reply, Transport};

/// Waits for a future on this thread.
pub use pollster::block_on;

type Answer = Result<Response<Bytes>, FetchError>;

/// A transport over reqwest that needs no runtime where it is awaited.
///
/// ```no_run
/// use std::sync::Arc;
/// use authmint_fetch::{ReqwestBlocking, Transport, block_on};
///
/// let transport = ReqwestBlocking::new()?;
/// let request = http::Request::get("https://login.example/jwks").body(bytes::Bytes::new()).unwrap();
/// let response = block_on(transport.send(request))?;
/// # Ok::<(), authmint_fetch::FetchError>(())
/// ```
#[derive(Clone)]
pub struct ReqwestBlocking {
    requests: mpsc::UnboundedSender<(Request<Bytes>, oneshot::Sender<Answer>)>,
}

impl ReqwestBlocking {
    /// A transport that gives up after ten seconds and follows no redirect. Its thread ends with the last clone.
    ///
    /// # Errors
    /// When TLS can't be set up, or no thread begun.
    pub fn new() -> Result<Self, FetchError> {
        let transport = Reqwest::new()?;
        let setup = |error: std::io::Error| FetchError::Setup(error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(setup)?;
        let (requests, mut waiting) = mpsc::unbounded_channel::<(Request<Bytes>, oneshot::Sender<Answer>)>();
        let work = move || {
            runtime.block_on(async move {
                while let Some((request, answer)) = waiting.recv().await {
                    let transport = transport.clone();
                    tokio::spawn(async move {
                        // Who asked may be gone.
                        let _ = answer.send(transport.send(request).await);
                    });
                }
            });
        };
        thread::Builder::new().name("authmint-fetch".to_owned()).spawn(work).map_err(setup)?;
        Ok(Self { requests })
    }
}

impl Transport for ReqwestBlocking {
    fn send(&self, request: Request<Bytes>) -> Reply<'_> {
        Box::pin(async move {
            let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
            let gone =
                || FetchError::Unreachable { host: host.clone(), reason: "its thread has ended".to_owned() };
            let (answer, answered) = oneshot::channel();
            self.requests.send((request, answer)).map_err(|_| gone())?;
            answered.await.map_err(|_| gone())?
        })
    }
}

impl fmt::Debug for ReqwestBlocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReqwestBlocking")
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    fn server() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 1024]);
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi")
                    .unwrap();
            }
        });
        address
    }

    fn get(address: &str) -> Request<Bytes> {
        Request::get(address).body(Bytes::new()).unwrap()
    }

    #[test]
    fn it_needs_no_runtime() {
        let (transport, address) = (ReqwestBlocking::new().unwrap(), server());
        assert_eq!(block_on(transport.send(get(&address))).unwrap().body(), "hi");
        let nobody = block_on(transport.send(get("http://127.0.0.1:1/"))).unwrap_err();
        assert!(matches!(nobody, FetchError::Unreachable { .. }));
    }

    #[test]
    fn it_may_be_awaited_within_one_and_ends_in_one() {
        let address = server();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let transport = ReqwestBlocking::new().unwrap();
            assert_eq!(transport.clone().send(get(&address)).await.unwrap().body(), "hi");
            drop(transport);
        });
    }
}
