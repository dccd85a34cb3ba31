//! Row S21, over a socket of this machine.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{self, ServerConfig};

use super::*;

/// A server on this machine that answers everything with `answer`, and how many connections it has seen.
async fn server(answer: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 4096];
            let length = stream.read(&mut request).await.unwrap_or_default();
            // The request itself, so that a test sees what was sent.
            let sent = String::from_utf8_lossy(&request[..length]).into_owned();
            let answer = answer.replace("SENT", &sent).replace("LENGTH", &sent.len().to_string());
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, seen)
}

const HELLO: &str = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";

/// A resolver that answers every name with the same addresses, and another one the second time.
struct Fixed(Vec<IpAddr>, AtomicUsize);

impl Fixed {
    fn new(addresses: &[&str]) -> Arc<Self> {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self(addresses, AtomicUsize::new(0)))
    }
}

impl Resolve for Fixed {
    fn resolve(&self, _: Name) -> Resolving {
        self.1.fetch_add(1, Ordering::SeqCst);
        let addresses: Vec<_> = self.0.iter().map(|address| SocketAddr::new(*address, 0)).collect();
        Box::pin(async move { Ok(Box::new(addresses.into_iter()) as Addrs) })
    }
}

async fn get(transport: &Guarded, url: &str) -> Result<Response<Bytes>, FetchError> {
    let request = Request::get(url).header("authorization", "Bearer secret").header("cookie", "a=b");
    transport.send(request.body(Bytes::new()).unwrap()).await
}

fn allowing(allowed: &[&str]) -> GuardedBuilder {
    Guarded::builder().allow(allowed.iter().map(|one| one.parse().unwrap()))
}

#[tokio::test]
async fn s21_this_machine_is_refused_unless_it_is_allowed() {
    let (address, seen) = server(HELLO).await;
    let port = address.port();
    let closed = Guarded::new().unwrap();
    for host in
        ["127.0.0.1", "127.1", "0x7f.0.0.1", "2130706433", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"]
    {
        for scheme in ["http", "https"] {
            let error = get(&closed, &format!("{scheme}://{host}:{port}/")).await.unwrap_err();
            assert!(error.to_string().contains("neither public nor allowed"), "{scheme} {host}: {error}");
        }
    }
    assert_eq!(seen.load(Ordering::SeqCst), 0, "nothing may even connect");
    for (allowed, host) in [
        ("127.0.0.0/8", "127.0.0.1"),
        ("127.0.0.1", "127.1"),
        ("localhost", "localhost"),
        ("127.0.0.1", "[::ffff:127.0.0.1]"),
    ] {
        let open = allowing(&[allowed]).build().unwrap();
        let reply = get(&open, &format!("http://{host}:{port}/")).await.unwrap();
        assert_eq!(reply.body(), "hello", "{allowed} {host}");
    }
}

#[tokio::test]
async fn s21_a_name_with_an_address_that_is_not_public_is_refused() {
    let (address, seen) = server(HELLO).await;
    for addresses in
        [&["127.0.0.1"][..], &["8.8.8.8", "127.0.0.1"], &["::ffff:127.0.0.1"], &["169.254.169.254"]]
    {
        let closed = Guarded::builder().resolver(Fixed::new(addresses)).build().unwrap();
        let error = get(&closed, &format!("https://keys.example:{}/", address.port())).await.unwrap_err();
        assert!(error.to_string().contains("neither public nor allowed"), "{addresses:?}: {error}");
    }
    assert_eq!(seen.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn s21_the_connection_goes_to_the_address_that_was_judged() {
    let (address, seen) = server(HELLO).await;
    let resolver = Fixed::new(&["127.0.0.1"]);
    let open = allowing(&["keys.example"]).resolver(Arc::clone(&resolver) as _).build().unwrap();
    let reply = get(&open, &format!("http://keys.example:{}/", address.port())).await.unwrap();
    assert_eq!(reply.body(), "hello");
    assert_eq!((resolver.1.load(Ordering::SeqCst), seen.load(Ordering::SeqCst)), (1, 1), "resolved once");
    let error = get(&open, &format!("http://other.example:{}/", address.port())).await.unwrap_err();
    assert!(error.to_string().contains("neither public nor allowed"), "{error}");
}

#[tokio::test]
async fn s21_plain_http_is_for_what_is_allowed_alone() {
    let public = allowing(&["127.0.0.0/8"]).resolver(Fixed::new(&["8.8.8.8"])).build().unwrap();
    for url in ["http://keys.example/", "http://8.8.8.8/"] {
        let error = get(&public, url).await.unwrap_err();
        assert!(error.to_string().contains("neither public nor allowed"), "{url}: {error}");
    }
    let error = get(&public, "https://user:password@keys.example/").await.unwrap_err();
    assert!(error.to_string().contains("user name"), "{error}");
}

#[tokio::test]
async fn s21_no_redirect_is_followed_and_no_credential_sent() {
    let (target, seen) = server(HELLO).await;
    let moved = format!(
        "HTTP/1.1 302 Found\r\nlocation: http://{target}/\r\ncontent-length: LENGTH\r\nconnection: close\r\n\r\nSENT"
    );
    let (address, _) = server(moved.leak()).await;
    let open = allowing(&["127.0.0.0/8"]).build().unwrap();
    let reply = get(&open, &format!("http://{address}/")).await.unwrap();
    assert_eq!(reply.status(), http::StatusCode::FOUND);
    assert_eq!(seen.load(Ordering::SeqCst), 0);
    let sent = String::from_utf8_lossy(reply.body()).to_ascii_lowercase();
    assert!(sent.starts_with("get / http/1.1"), "{sent}");
    assert!(!sent.contains("secret") && !sent.contains("cookie"), "{sent}");
}

#[tokio::test]
async fn s21_a_long_answer_is_not_read_to_its_end() {
    let long = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}", "a".repeat(1024 * 1024 + 1));
    let (address, _) = server(long.leak()).await;
    let open = allowing(&["127.0.0.1"]).build().unwrap();
    let error = get(&open, &format!("http://{address}/")).await.unwrap_err();
    assert!(error.to_string().contains("more than 1 MiB"), "{error}");
}

#[tokio::test]
async fn a_certification_authority_of_ones_own_is_trusted_where_it_is_named() {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = rcgen::CertifiedIssuer::self_signed(params, key).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let names = rcgen::CertificateParams::new(vec!["keys.example".to_owned()]).unwrap();
    let certificate = names.signed_by(&key, &authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let (listener, acceptor) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), TlsAcceptor::from(Arc::new(config)));
    let url = format!("https://keys.example:{}/jwks", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(HELLO.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    let builder = || allowing(&["127.0.0.1"]).resolver(Fixed::new(&["127.0.0.1"]));
    let error = get(&builder().build().unwrap(), &url).await.unwrap_err();
    assert!(error.to_string().to_ascii_lowercase().contains("certificate"), "{error}");
    let trusting = builder().trust_pem(authority.pem().as_bytes()).unwrap().build().unwrap();
    assert_eq!(get(&trusting, &url).await.unwrap().body(), "hello");
}

#[test]
fn what_is_allowed_is_a_host_an_address_or_a_network() {
    assert_eq!("Keys.Example".parse(), Ok(Allowed::Host("keys.example".to_owned())));
    assert_eq!("::1".parse::<Allowed>().unwrap(), "::1/128".parse().unwrap());
    for text in ["", "http://keys.example", "10.0.0.0/33", "a b"] {
        assert!(text.parse::<Allowed>().is_err(), "{text}");
    }
}

#[test]
fn a_file_without_a_certificate_is_a_mistake() {
    assert!(Guarded::builder().trust_pem(b"no certificate").is_err());
}
