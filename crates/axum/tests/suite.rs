//! The shared tests, behind axum's router.
#![allow(clippy::unwrap_used)]

use std::future::Future;
use std::pin::Pin;

use authmint_axum::{Bearer, LoggedIn, Login, LoginRoutes, ResourceServer, engine, mount, resource_metadata};
use authmint_provider::Provider;
use authmint_server::AuthorizationServer;
use authmint_web::suite::{Adapter, Application, NoScope, ReadOrders, Sample, describe, renew};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{FromRef, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt;

struct Axum;
struct Served(Router);

#[derive(Clone)]
struct Parts(Sample);

impl FromRef<Parts> for Login {
    fn from_ref(parts: &Parts) -> Self {
        parts.0.login.clone()
    }
}

impl FromRef<Parts> for ResourceServer {
    fn from_ref(parts: &Parts) -> Self {
        parts.0.api.clone()
    }
}

impl Application for Served {
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = http::Response<Bytes>> + '_>> {
        Box::pin(async move {
            let response = self.0.clone().oneshot(request.map(Body::from)).await.unwrap();
            let (parts, body) = response.into_parts();
            http::Response::from_parts(parts, to_bytes(body, usize::MAX).await.unwrap())
        })
    }
}

async fn home(user: Option<LoggedIn>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| describe(&user))
}

async fn private(user: LoggedIn) -> String {
    describe(&user)
}

async fn refresh(State(login): State<Login>, user: LoggedIn, headers: HeaderMap) -> Response {
    let renewed = renew(&login, &user).await.unwrap();
    match login.update(&headers, renewed).await.unwrap() {
        Some(kept) => (kept, "").into_response(),
        None => StatusCode::CONFLICT.into_response(),
    }
}

async fn orders(token: Bearer<ReadOrders>) -> String {
    format!("orders of {}", token.subject)
}

async fn broken(_: Bearer<NoScope>) {}

impl Adapter for Axum {
    fn run(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test);
    }

    async fn application(sample: Sample) -> Box<dyn Application> {
        let routes: Router<Parts> = Router::new()
            .route("/", get(home))
            .route("/private", get(private))
            .route("/refresh", post(refresh))
            .route("/broken", get(broken))
            .nest("/v1", Router::new().route("/orders", get(orders)))
            .merge(sample.login.routes())
            .merge(resource_metadata(&sample.api));
        Box::new(Served(routes.with_state(Parts(sample))))
    }

    async fn mount(provider: Provider) -> Box<dyn Application> {
        Box::new(Served(mount(provider)))
    }

    async fn engine(server: AuthorizationServer) -> Box<dyn Application> {
        Box::new(Served(engine(server)))
    }
}

authmint_web::adapter_suite!(Axum);
