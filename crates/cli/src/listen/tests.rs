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
            "/peer",
            axum::routing::get(async |request: axum::extract::Request| {
                request.extensions().get::<PeerAddress>().map(|peer| peer.0.to_string()).unwrap_or_default()
            }),
        )
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

#[tokio::test]
async fn s45_a_forwarded_address_counts_from_a_trusted_proxy_only() {
    let request = b"GET /peer HTTP/1.1\r\nHost: a\r\nConnection: close\r\nForwarded: for=198.51.100.1\r\n\
        X-Real-IP: 198.51.100.2\r\nX-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 203.0.113.9, 10.0.0.2\r\n\r\n";
    for (proxies, seen) in [
        (&[][..], "127.0.0.1"),
        (&["10.0.0.0/8"], "127.0.0.1"),
        (&["127.0.0.1/32"], "10.0.0.2"),
        (&["127.0.0.0/8", "10.0.0.0/8"], "203.0.113.9"),
    ] {
        let address = server(BOUNDS, proxies).await;
        let answer = all(&mut connect(address, request).await).await;
        assert!(answer.ends_with(format!("\r\n\r\n{seen}").as_bytes()), "{proxies:?}");
    }
}

/// TLS, with certificates that are made here.
mod with_tls {
    use std::fs;
    use std::path::Path;

    use reqwest::{Certificate, Client, ClientBuilder, Version, tls};
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    use super::super::tls::{Files, Tls};
    use super::*;

    /// A new pair in `folder`.
    fn make(folder: &Path) -> Files {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let files = Files { certificate: folder.join("tls.pem"), key: folder.join("tls-key.pem") };
        fs::write(&files.certificate, made.cert.pem()).unwrap();
        fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
        #[cfg(unix)]
        fs::set_permissions(&files.key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        files
    }

    async fn server(files: &Files) -> SocketAddr {
        let router = Router::new()
            .route("/", axum::routing::get(async || "here"))
            .route("/large", axum::routing::get(async || vec![0; LARGE]));
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = listener.local_addr().unwrap();
        let tls = Tls::open(files.clone()).unwrap();
        tokio::spawn(tls.clone().follow(Duration::from_millis(50)));
        let front = Front { tls: Some(tls.acceptor()), ..Front::plain(listener, router) };
        tokio::spawn(serve_within(BOUNDS, front, std::future::pending()));
        address
    }

    fn client(files: &Files) -> ClientBuilder {
        let certificate = Certificate::from_pem(&fs::read(&files.certificate).unwrap()).unwrap();
        Client::builder().tls_certs_only([certificate]).no_proxy()
    }

    async fn get(client: ClientBuilder, address: SocketAddr) -> reqwest::Result<(Version, String)> {
        let url = format!("https://localhost:{}/", address.port());
        let response = client.build()?.get(url).send().await?;
        Ok((response.version(), response.text().await?))
    }

    #[tokio::test]
    async fn both_versions_of_tls_and_of_http_are_spoken() {
        let folder = tempfile::tempdir().unwrap();
        let files = make(folder.path());
        let address = server(&files).await;
        for version in [tls::Version::TLS_1_2, tls::Version::TLS_1_3] {
            let only = || client(&files).tls_version_min(version).tls_version_max(version);
            assert_eq!(get(only(), address).await.unwrap(), (Version::HTTP_2, "here".to_owned()));
            assert_eq!(
                get(only().http1_only(), address).await.unwrap(),
                (Version::HTTP_11, "here".to_owned())
            );
        }
        // In plain, nothing is answered.
        let plain = all(&mut connect(address, REQUEST).await).await;
        assert!(!plain.starts_with(b"HTTP/"));
    }

    #[tokio::test]
    async fn new_files_are_taken_over_and_broken_ones_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let old = make(folder.path());
        let address = server(&old).await;
        let with_old = client(&old).build().unwrap();
        get(client(&old), address).await.unwrap();

        let good = fs::read(&old.certificate).unwrap();
        fs::write(&old.certificate, "no certificate").unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        let url = format!("https://localhost:{}/", address.port());
        assert!(with_old.get(&url).send().await.is_ok(), "the old one stays in use");
        fs::write(&old.certificate, &good).unwrap();

        let other = tempfile::tempdir().unwrap();
        let new = make(other.path());
        fs::copy(&new.key, &old.key).unwrap();
        fs::copy(&new.certificate, &old.certificate).unwrap();
        let mut taken_over = false;
        for _ in 0..40 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            taken_over = get(client(&new), address).await.is_ok();
            if taken_over {
                break;
            }
        }
        assert!(taken_over);
    }

    #[tokio::test]
    async fn s47_a_handshake_that_does_not_come_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let address = server(&make(folder.path())).await;
        // Nothing; the beginning of a record; a drop now and then.
        for begun in [&b""[..], b"\x16\x03\x01\x02\x00"] {
            let started = Instant::now();
            let mut stream = connect(address, begun).await;
            let (mut reader, mut writer) = stream.split();
            let drip = async {
                loop {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    if begun.is_empty() || writer.write_all(b"\x01").await.is_err() {
                        std::future::pending::<()>().await;
                    }
                }
            };
            let mut bytes = Vec::new();
            tokio::select! {
                _ = reader.read_to_end(&mut bytes) => {}
                () = drip => {}
            }
            assert!((BOUNDS.head..Duration::from_secs(3)).contains(&started.elapsed()), "{begun:?}");
        }
    }

    #[tokio::test]
    async fn s47_a_connection_without_a_request_is_closed_behind_tls_too() {
        let folder = tempfile::tempdir().unwrap();
        let files = make(folder.path());
        let address = server(&files).await;
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&files.certificate).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let name = "localhost".try_into().unwrap();
        let started = Instant::now();
        let tcp = TcpStream::connect(address).await.unwrap();
        let mut stream = connector.connect(name, tcp).await.unwrap();
        let mut bytes = Vec::new();
        // Whether it ends in order is no matter.
        let _ = stream.read_to_end(&mut bytes).await;
        assert!((BOUNDS.head.min(BOUNDS.idle)..Duration::from_secs(3)).contains(&started.elapsed()));

        let tcp = TcpStream::connect(address).await.unwrap();
        let mut stream = connector.connect("localhost".try_into().unwrap(), tcp).await.unwrap();
        stream.write_all(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(1500)).await;
        let mut read = 0;
        let mut chunk = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = stream.read(&mut chunk).await {
            read += count;
        }
        assert!(read < LARGE, "who does not read loses the connection");
    }

    #[test]
    fn files_that_do_not_fit_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let files = make(folder.path());
        let foreign = make(other.path());
        let said = |certificate: &Path, key: &Path| {
            let files = Files { certificate: certificate.to_owned(), key: key.to_owned() };
            let failure = Tls::open(files).unwrap_err().to_string();
            failure
                .replace(folder.path().to_str().unwrap(), "[a]")
                .replace(other.path().to_str().unwrap(), "[b]")
        };
        let missing = folder.path().join("none.pem");
        let mut texts = vec![
            said(&missing, &files.key),
            said(&files.certificate, &foreign.key),
            said(&files.key, &files.key),
            said(&files.certificate, &files.certificate),
        ];
        #[cfg(unix)]
        {
            fs::set_permissions(&files.key, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
            texts.push(said(&files.certificate, &files.key));
        }
        insta::assert_snapshot!(texts.join("\n"));
    }
}
