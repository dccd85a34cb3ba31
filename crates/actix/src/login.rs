//! Logins: the routes, and the extractor of the person.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse};
use authmint_web::Login;

use crate::convert::{answer, head, headers, not_set_up, read, refuse};

/// What actix-web adds to [`Login`].
pub trait LoginRoutes {
    /// The routes `/login`, `/callback`, `/logout` and those that the provider calls: every one of [`Login::paths`], for
    /// [`App::configure`](actix_web::App::configure). The [`Login`] becomes part of the application's data, where
    /// [`LoggedIn`] finds it.
    ///
    /// ```
    /// use actix_web::App;
    /// use authmint_actix::{Login, LoginRoutes};
    ///
    /// fn application(login: &Login) {
    ///     let app = App::new().configure(login.routes());
    ///     # let _ = app;
    /// }
    /// ```
    fn routes(&self) -> impl FnOnce(&mut ServiceConfig) + use<Self>;
}

impl LoginRoutes for Login {
    fn routes(&self) -> impl FnOnce(&mut ServiceConfig) + use<> {
        let login = self.clone();
        move |config| {
            for path in login.paths() {
                let login = login.clone();
                config.route(
                    path,
                    web::route().to(move |request: HttpRequest, payload: web::Payload| {
                        let login = login.clone();
                        async move { serve(&login, &request, payload).await }
                    }),
                );
            }
            config.app_data(Data::new(login));
        }
    }
}

async fn serve(login: &Login, request: &HttpRequest, payload: web::Payload) -> HttpResponse {
    let request = match read(request, payload).await {
        Ok(request) => request,
        Err(broken) => return broken,
    };
    login.handle(request).await.map_or_else(|| HttpResponse::NotFound().finish(), answer)
}

/// The person of a request: the handler runs only for one who is logged in; others are sent to log in.
///
/// As `Option<LoggedIn>` the handler runs for everyone. Needs the routes of a [`Login`] in the application, or a `Data<Login>`.
#[derive(Clone, Debug)]
pub struct LoggedIn(authmint_web::LoggedIn);

impl Deref for LoggedIn {
    type Target = authmint_web::LoggedIn;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl FromRequest for LoggedIn {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let login = request.app_data::<Data<Login>>().ok_or_else(|| not_set_up("Login"))?;
            if let Some(user) = login.current(&headers(&request)).await {
                return Ok(Self(user));
            }
            let refusal = head(&request).map(|(method, uri)| answer(login.demand(&method, &uri)));
            Err(refuse(refusal.unwrap_or_else(|| HttpResponse::BadRequest().finish())))
        })
    }
}
