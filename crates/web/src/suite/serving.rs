//! A provider and an engine behind a framework; row S47.

use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::Value;

use super::{Adapter, Setting, World};

const DISCOVERY: &str = "/.well-known/openid-configuration";

fn get(path: &str) -> Request<Bytes> {
    Request::get(path).header("host", "one.example").body(Bytes::new()).unwrap()
}

fn post(path: &str, body: Vec<u8>) -> Request<Bytes> {
    let request = Request::post(path).header("host", "one.example");
    request.header("content-type", "application/x-www-form-urlencoded").body(Bytes::from(body)).unwrap()
}

pub async fn a_provider_is_mounted<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mounted = A::mount(world.providers[0].clone()).await;
    let metadata = mounted.send(get(DISCOVERY)).await;
    assert_eq!(metadata.headers()["content-type"], "application/json");
    let metadata: Value = serde_json::from_slice(metadata.body()).unwrap();
    assert_eq!(metadata["issuer"], "https://one.example");
    // Headers that come more than once stay so, and the body comes through.
    let page = mounted.send(get("/login")).await;
    assert!(page.headers().contains_key("content-security-policy"));
    let unknown = mounted.send(post("/token", b"grant_type=client_credentials".to_vec())).await;
    assert_eq!(unknown.status(), StatusCode::UNAUTHORIZED);
    let long = mounted.send(post("/token", vec![b'a'; 65_537])).await;
    assert_eq!(long.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(mounted.send(get("/nothing-here")).await.status(), StatusCode::NOT_FOUND);
}

pub async fn an_engine_is_mounted<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mounted = A::engine(world.providers[0].server().clone()).await;
    assert_eq!(mounted.send(get(DISCOVERY)).await.status(), StatusCode::OK);
    let unknown = mounted.send(post("/token", b"grant_type=client_credentials".to_vec())).await;
    assert_eq!(unknown.status(), StatusCode::UNAUTHORIZED);
    let long = mounted.send(post("/token", vec![b'a'; 65_537])).await;
    assert_eq!(long.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(mounted.send(get("/login")).await.status(), StatusCode::NOT_FOUND);
}
