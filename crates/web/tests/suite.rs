//! The shared tests, on the room itself: no framework, no runtime.
#![allow(clippy::unwrap_used)]

use std::future::Future;
use std::pin::Pin;

use authmint_provider::Provider;
use authmint_server::AuthorizationServer;
use authmint_server::suite::block_on;
use authmint_web::suite::{Adapter, Application, NoScope, ReadOrders, Sample, describe, renew};
use authmint_web::{answer_metadata, metadata_route, verify_bearer};
use bytes::Bytes;
use http::{Request, Response, StatusCode};

type Answered<'a> = Pin<Box<dyn Future<Output = Response<Bytes>> + 'a>>;

struct Bare;
struct BareApplication(Sample);
struct BareProvider(Provider);
struct BareEngine(AuthorizationServer);

fn reply(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut reply = Response::new(body.into());
    *reply.status_mut() = status;
    reply
}

impl Application for BareApplication {
    fn send(&self, request: Request<Bytes>) -> Answered<'_> {
        let Sample { login, api } = &self.0;
        Box::pin(async move {
            let (method, uri, headers) =
                (request.method().clone(), request.uri().clone(), request.headers().clone());
            if let Some(answer) = login.handle(request).await {
                return answer;
            }
            let user = login.current(&headers).await;
            match (uri.path(), user) {
                ("/", None) => reply(StatusCode::OK, "nobody"),
                ("/" | "/private", Some(user)) => reply(StatusCode::OK, describe(&user)),
                ("/refresh", Some(user)) => {
                    let renewed = renew(login, &user).await.unwrap();
                    let Some(kept) = login.update(&headers, renewed).await.unwrap() else {
                        return reply(StatusCode::CONFLICT, "");
                    };
                    let mut answer = reply(StatusCode::OK, "");
                    answer.headers_mut().extend(kept);
                    answer
                }
                ("/private" | "/refresh", None) => login.demand(&method, &uri),
                ("/v1/orders", _) => match verify_bearer::<ReadOrders>(api, &method, &uri, &headers).await {
                    Ok(token) => reply(StatusCode::OK, format!("orders of {}", token.subject)),
                    Err(refusal) => refusal,
                },
                ("/broken", _) => verify_bearer::<NoScope>(api, &method, &uri, &headers).await.unwrap_err(),
                (path, _) if Some(path) == metadata_route(api) => answer_metadata(api, &method, &uri),
                _ => reply(StatusCode::NOT_FOUND, ""),
            }
        })
    }
}

impl Application for BareProvider {
    fn send(&self, request: Request<Bytes>) -> Answered<'_> {
        Box::pin(self.0.handle(request))
    }
}

impl Application for BareEngine {
    fn send(&self, request: Request<Bytes>) -> Answered<'_> {
        Box::pin(
            async move { self.0.handle(&request).await.unwrap_or_else(|| reply(StatusCode::NOT_FOUND, "")) },
        )
    }
}

impl Adapter for Bare {
    fn run(test: impl Future<Output = ()>) {
        block_on(test);
    }

    async fn application(sample: Sample) -> Box<dyn Application> {
        Box::new(BareApplication(sample))
    }

    async fn mount(provider: Provider) -> Box<dyn Application> {
        Box::new(BareProvider(provider))
    }

    async fn engine(server: AuthorizationServer) -> Box<dyn Application> {
        Box::new(BareEngine(server))
    }
}

authmint_web::adapter_suite!(Bare);
