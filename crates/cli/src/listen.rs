//! Accepting connections: bounded in number and in patience, with the peer's address told to the provider.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use authmint_provider::PeerAddress;
use axum::Router;
use http::{HeaderMap, Request};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use ipnet::IpNet;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt;

use crate::output::Failure;

/// How many connections are open at once; further ones wait to be accepted.
const CONNECTIONS: usize = 4096;
/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a request may take, its body included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// How long requests in flight may go on after the end was asked for.
const GRACE: Duration = Duration::from_secs(10);

/// Takes an address.
///
/// # Errors
/// When it is taken already, or not ours.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(format!("{address} can't be listened on: {error}"))
            .advice("stop what uses the port, or choose another one")
    })
}

/// Serves `router` until `end` is over, then lets requests in flight finish.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    trusted_proxies: Arc<[IpNet]>,
    end: impl Future<Output = ()>,
) {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(64 * 1024);
    http.http2().timer(TokioTimer::new()).max_header_list_size(64 * 1024);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    tokio::pin!(end);
    loop {
        let Ok(seat) = Arc::clone(&room).acquire_owned().await else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut end => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: a pause lets some connections end.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let (router, proxies) = (router.clone(), Arc::clone(&trusted_proxies));
        let service = service_fn(move |request: Request<Incoming>| {
            answer(router.clone(), Arc::clone(&proxies), peer, request)
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service).into_owned());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(seat);
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

async fn answer(
    router: Router,
    proxies: Arc<[IpNet]>,
    peer: SocketAddr,
    mut request: Request<Incoming>,
) -> Result<axum::response::Response, Infallible> {
    let address = client_address(&proxies, peer.ip(), request.headers());
    request.extensions_mut().insert(PeerAddress(address));
    let answered =
        tokio::time::timeout(REQUEST_TIMEOUT, router.oneshot(request.map(axum::body::Body::new))).await;
    Ok(match answered {
        Ok(Ok(response)) => response,
        Err(_) => {
            let mut response = axum::response::Response::default();
            *response.status_mut() = http::StatusCode::REQUEST_TIMEOUT;
            response
        }
    })
}

/// The address a request came from. `X-Forwarded-For` counts only behind a trusted proxy, and only up to the first address
/// that is none: what stands before it was written by whoever sent the request.
fn client_address(proxies: &[IpNet], peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let trusted = |address: IpAddr| proxies.iter().any(|network| network.contains(&address.to_canonical()));
    if !trusted(peer) {
        return peer;
    }
    let header = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let chain: Vec<&str> = header.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut address = peer;
    for hop in chain.into_iter().rev() {
        let Ok(hop) = hop.parse::<IpAddr>() else { break };
        address = hop;
        if !trusted(hop) {
            break;
        }
    }
    address
}

/// Waits until the process is asked to end.
pub(crate) async fn asked_to_end() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            },
            Err(_) => drop(interrupted.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupted.await);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s45_forwarded_addresses_count_behind_a_trusted_proxy_only() {
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        let at = |peer: &str, forwarded: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
            client_address(&proxies, peer.parse().unwrap(), &headers).to_string()
        };
        assert_eq!(at("203.0.113.9", "1.2.3.4"), "203.0.113.9");
        assert_eq!(at("10.0.0.1", "1.2.3.4"), "1.2.3.4");
        assert_eq!(at("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2"), "1.2.3.4");
        assert_eq!(at("10.0.0.1", "nonsense"), "10.0.0.1");
    }

    /// A proxy appends to the line that the client sent; one byte outside ASCII in it hides the client's own address.
    #[test]
    fn s45_a_client_cannot_hide_behind_the_proxys_address() {
        let proxies = ["10.0.0.0/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", http::HeaderValue::from_bytes(b"\xff, 203.0.113.9").unwrap());
        let address = client_address(&proxies, "10.0.0.1".parse().unwrap(), &headers);
        assert_eq!(address.to_string(), "203.0.113.9");
    }
}
