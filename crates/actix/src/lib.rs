//! Authmint for [actix-web](https://docs.rs/actix-web): protect routes, log people in, mount a provider.
//!
//! # An API that demands a scope
//! ```
//! use actix_web::{App, web};
//! use authmint_actix::{Bearer, ResourceServer, scope};
//!
//! scope!(ReadOrders = "orders:read");
//!
//! async fn orders(token: Bearer<ReadOrders>) -> String {
//!     format!("orders of {}", token.subject)
//! }
//!
//! fn application(api: web::Data<ResourceServer>) {
//!     let app = App::new().app_data(api).route("/orders", web::get().to(orders));
//!     # let _ = app;
//! }
//! ```
//!
//! # An application that people log in to
//! ```
//! use actix_web::{App, web};
//! use authmint_actix::{Login, LoggedIn, LoginRoutes};
//!
//! async fn home(user: LoggedIn) -> String {
//!     format!("hello {}", user.name())
//! }
//!
//! fn application(login: &Login) {
//!     let app = App::new().configure(login.routes()).route("/", web::get().to(home));
//!     # let _ = app;
//! }
//! ```
//!
//! [`LoginRoutes::routes`] answers `/login`, `/callback`, `/logout` and what the provider calls ([`authmint_web`] has the list);
//! [`mount`] serves a whole provider; [`engine`] serves the endpoints of an authorization server whose pages are your own.

mod bearer;
mod convert;
mod login;
mod serve;

pub use authmint_web::{
    AccessToken, Answer, AnyScope, Choice, Client, ClientAuth, ClientConfig, CookieSessions, Login,
    LoginBuilder, LoginFailure, LoginOptions, LoginSetupError, MemorySessions, ProtocolError, Reply,
    RequiredScope, Requirement, ResourceServer, SealingKey, SessionError, Sessions, TrustedIssuer,
    UserSession, escape, scope,
};
pub use bearer::{Bearer, resource_metadata};
pub use convert::{add_headers, headers};
pub use login::{LoggedIn, LoginRoutes};
pub use serve::{deliver, engine, mount, page};
