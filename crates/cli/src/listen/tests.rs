//! Connections that hold a seat without using it, over real sockets.

use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";
const PING: &[u8] = b"\x00\x00\x08\x06\x00\x00\x00\x00\x00authmint";
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
/// More than the buffers of both kernels hold.
const LARGE: usize = 32 << 20;

const BOUNDS: Bounds = Bounds {
    connections: 64,
    connections_per_address: 64,
    head: Duration::from_millis(400),
    request: Duration::from_secs(5),
    idle: Duration::from_millis(400),
    grace: Duration::from_millis(100),
};

async fn server(bounds: Bounds, proxies: &[&str]) -> SocketAddr {
    let router = Router::new()
        .route("/", axum::routing::get(async || "here"))
        .route("/large", axum::routing::get(async || vec![0; LARGE]))
        .route(
            "/slow",
            axum::routing::get(async || {
                tokio::time::sleep(Duration::from_millis(1200)).await;
                "slow"
            }),
        );
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let proxies: Vec<IpNet> = proxies.iter().map(|network| network.parse().unwrap()).collect();
    let front = Front { trusted_proxies: proxies.into(), ..Front::plain(listener, router) };
    tokio::spawn(serve_within(bounds, front, std::future::pending()));
    address
}

async fn connect(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// Whatever comes until the server closes the connection.
async fn all(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = async {
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut chunk).await {
            bytes.extend_from_slice(&chunk[..count]);
        }
    };
    tokio::time::timeout(Duration::from_secs(4), read).await.expect("the connection stays open");
    bytes
}

#[tokio::test]
async fn s47_a_connection_without_a_request_is_closed() {
    let address = server(BOUNDS, &[]).await;
    for begun in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n", PREFACE, b"GET / HT", b"GET / HTTP/1.1\r\nHost:"] {
        let started = Instant::now();
        all(&mut connect(address, begun).await).await;
        assert!(started.elapsed() >= BOUNDS.head.min(BOUNDS.idle), "{begun:?} was closed early");
    }
    let used = all(&mut connect(address, REQUEST).await).await;
    assert!(used.starts_with(b"HTTP/1.1 200") && used.ends_with(b"here"));
}

#[tokio::test]
async fn s47_pings_and_drops_of_bytes_are_no_requests() {
    let address = server(BOUNDS, &[]).await;
    for (begun, again) in [(PREFACE, PING), (b"PRI * HTTP".as_slice(), b"".as_slice())] {
        let mut stream = connect(address, begun).await;
        let started = Instant::now();
        let (mut reader, mut writer) = stream.split();
        let drip = async {
            loop {
                tokio::time::sleep(Duration::from_millis(50)).await;
                if writer.write_all(again).await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        let mut bytes = Vec::new();
        tokio::select! {
            _ = reader.read_to_end(&mut bytes) => {}
            () = drip => {}
        }
        assert!(started.elapsed() < Duration::from_secs(3));
    }
}

#[tokio::test]
async fn s47_who_does_not_read_the_answer_loses_the_connection() {
    let address = server(BOUNDS, &[]).await;
    let mut stream = connect(address, b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(all(&mut stream).await.len() < LARGE);
}

#[tokio::test]
async fn a_request_that_takes_longer_than_an_idle_connection_may_is_answered() {
    let address = server(BOUNDS, &[]).await;
    let answer = all(&mut connect(address, b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await).await;
    assert!(answer.ends_with(b"slow"));
}

#[tokio::test]
async fn s47_one_address_cannot_take_every_seat() {
    let few = Bounds { connections_per_address: 2, idle: Duration::from_secs(60), ..BOUNDS };
    let address = server(few, &[]).await;
    let first = connect(address, b"").await;
    let _second = connect(address, b"").await;
    // Closed at once, long before the others would be.
    let mut third = TcpStream::connect(address).await.unwrap();
    assert!(all(&mut third).await.is_empty());
    drop(first);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut fourth = connect(address, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(all(&mut fourth).await.ends_with(b"here"));

    let address = server(few, &["127.0.0.0/8"]).await;
    let mut many = Vec::new();
    for _ in 0..5 {
        many.push(connect(address, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await);
    }
    for stream in &mut many {
        assert!(all(stream).await.ends_with(b"here"), "a trusted proxy brings everybody");
    }
}
