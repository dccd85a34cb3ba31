//! The layer in front of a service.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use authmint_resource::{AccessToken, RequireToken, Requirement};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::json;
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

use crate::world::{World, claims};

/// A body that can be sent and not shared, as those of frameworks are.
type Body = std::cell::Cell<u8>;

fn is_send<T: Send>(future: T) -> T {
    future
}

#[test]
fn the_service_sees_verified_requests_alone() {
    let world = World::new();
    let reached = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reached);
    let mut service = ServiceBuilder::new()
        .layer(RequireToken::new(world.api(), Requirement::scope("orders:read").unwrap()))
        .service(service_fn(move |request: Request<Body>| {
            counted.fetch_add(1, Ordering::SeqCst);
            async move {
                let token = request.extensions().get::<AccessToken>().unwrap();
                Ok::<_, Infallible>(Response::new(Bytes::from(token.subject.clone())))
            }
        }));
    let mut call = |path: &str, token: Option<String>| {
        let mut request = Request::get(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        pollster::block_on(async {
            let ready = service.ready().await.unwrap();
            is_send(ready.call(request.body(Body::new(1)).unwrap())).await.unwrap()
        })
    };
    let good = call("/orders", Some(world.token(&claims(&json!({})))));
    assert_eq!((good.status(), &**good.body()), (StatusCode::OK, &b"ada"[..]));
    assert_eq!(call("/orders", None).status(), StatusCode::UNAUTHORIZED);
    let lacking = world.token(&claims(&json!({ "scope": "other" })));
    assert_eq!(call("/orders", Some(lacking)).status(), StatusCode::FORBIDDEN);
    let metadata = call("/.well-known/oauth-protected-resource", None);
    assert_eq!(metadata.status(), StatusCode::OK);
    assert_eq!(reached.load(Ordering::SeqCst), 1);
}
