//! The shared tests, behind actix-web's services.
#![allow(clippy::unwrap_used)]

use std::future::Future;
use std::pin::Pin;

use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::{self, Data};
use actix_web::{App, Error, HttpRequest, HttpResponse, rt};
use authmint_actix::{
    Bearer, LoggedIn, Login, LoginRoutes, add_headers, engine, headers, mount, resource_metadata,
};
use authmint_provider::Provider;
use authmint_server::AuthorizationServer;
use authmint_web::suite::{Adapter, Application, NoScope, ReadOrders, Sample, describe, renew};
use bytes::Bytes;
use http::{Request, Response};

struct Actix;
struct Served<S>(S);

impl<S, B> Application for Served<S>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    fn send(&self, request: Request<Bytes>) -> Pin<Box<dyn Future<Output = Response<Bytes>> + '_>> {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let method = Method::from_bytes(parts.method.as_str().as_bytes()).unwrap();
            let mut request = TestRequest::with_uri(&parts.uri.to_string()).method(method);
            for (name, value) in &parts.headers {
                request = request.append_header((name.as_str(), value.as_bytes()));
            }
            let response = self.0.call(request.set_payload(body).to_request()).await.unwrap();
            let mut answer = Response::builder().status(response.status().as_u16());
            for (name, value) in response.headers() {
                answer = answer.header(name.as_str(), value.as_bytes());
            }
            let body = to_bytes(response.into_body()).await.map_err(|_| "a broken body").unwrap();
            answer.body(body).unwrap()
        })
    }
}

async fn home(user: Option<LoggedIn>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| describe(&user))
}

async fn private(user: LoggedIn) -> String {
    describe(&user)
}

async fn refresh(login: Data<Login>, user: LoggedIn, request: HttpRequest) -> HttpResponse {
    let renewed = renew(&login, &user).await.unwrap();
    let Some(kept) = login.update(&headers(&request), renewed).await.unwrap() else {
        return HttpResponse::Conflict().finish();
    };
    let mut answer = HttpResponse::Ok().finish();
    add_headers(&mut answer, &kept);
    answer
}

async fn orders(token: Bearer<ReadOrders>) -> String {
    format!("orders of {}", token.subject)
}

async fn broken(_: Bearer<NoScope>) -> &'static str {
    "never"
}

async fn served<F>(configure: F) -> Box<dyn Application>
where
    F: FnOnce(&mut web::ServiceConfig),
{
    let service = init_service(App::new().configure(configure)).await;
    Box::new(Served::<_>(service)) as Box<dyn Application>
}

impl Adapter for Actix {
    fn run(test: impl Future<Output = ()>) {
        rt::System::new().block_on(test);
    }

    async fn application(Sample { login, api }: Sample) -> Box<dyn Application> {
        let metadata = resource_metadata(&api);
        let routes = login.routes();
        served(move |config| {
            config
                .configure(routes)
                .configure(metadata)
                .app_data(Data::new(api))
                .route("/", web::get().to(home))
                .route("/private", web::get().to(private))
                .route("/refresh", web::post().to(refresh))
                .route("/broken", web::get().to(broken))
                .service(web::scope("/v1").route("/orders", web::get().to(orders)));
        })
        .await
    }

    async fn mount(provider: Provider) -> Box<dyn Application> {
        served(mount(provider)).await
    }

    async fn engine(server: AuthorizationServer) -> Box<dyn Application> {
        served(engine(server)).await
    }
}

authmint_web::adapter_suite!(Actix);
