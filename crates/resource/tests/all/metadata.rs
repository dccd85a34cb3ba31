//! Protected resource metadata (RFC 9728).

use authmint_resource::{Requirement, ResourceMetadata, ResourceServer};
use http::{Method, Request};

use crate::world::{ISSUER, World};

#[test]
fn what_an_api_says_of_itself_is_what_it_is_set_up_with() {
    let world = World::new();
    let read = Requirement::scope("orders:read").unwrap();
    let write = Requirement::scope("orders:write orders:read").unwrap();
    let api = ResourceServer::builder("https://api.example/v1")
        .issuer(world.jwts())
        .name("Orders")
        .documentation("https://docs.example")
        .publishes([&read, &write])
        .build()
        .unwrap();
    let path = "/.well-known/oauth-protected-resource/v1";
    assert_eq!(api.metadata_path(), Some(path));
    let answer = api.answer_metadata(&Request::get(path).body(()).unwrap()).unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    let metadata: ResourceMetadata = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(&metadata, api.metadata());
    assert_eq!(
        (&*metadata.resource, &*metadata.authorization_servers),
        ("https://api.example/v1", &[ISSUER.to_owned()][..])
    );
    assert_eq!(metadata.scopes_supported, ["orders:read", "orders:write"]);
    assert_eq!(metadata.bearer_methods_supported, ["header"]);
    assert_eq!(metadata.resource_name.as_deref(), Some("Orders"));
    assert!(metadata.dpop_signing_alg_values_supported.iter().any(|name| name == "ES256"));
    assert!(!metadata.dpop_bound_access_tokens_required);
}

#[test]
fn no_other_request_is_answered_with_it() {
    let world = World::new();
    let api = world.api();
    let path = api.metadata_path().unwrap();
    let ask = |method: Method, path: &str| {
        api.answer_metadata(&Request::builder().method(method).uri(path).body(()).unwrap()).is_some()
    };
    assert!(ask(Method::GET, path) && ask(Method::HEAD, path));
    assert!(!ask(Method::POST, path));
    for other in ["/", "/.well-known/oauth-protected-resource/v1", "/x/.well-known/oauth-protected-resource"]
    {
        assert!(!ask(Method::GET, other), "{other}");
    }
    let named = ResourceServer::builder("orders").issuer(world.jwts()).build().unwrap();
    assert!(named.metadata_path().is_none());
    assert!(named.answer_metadata(&Request::get(path).body(()).unwrap()).is_none());
}
