//! Authmint for [axum](https://docs.rs/axum): protect routes, log people in, mount a provider.
//!
//! # An API that demands a scope
//! ```
//! use authmint_axum::{Bearer, ResourceServer, scope};
//! use axum::{Router, routing::get};
//!
//! scope!(ReadOrders = "orders:read");
//!
//! async fn orders(token: Bearer<ReadOrders>) -> String {
//!     format!("orders of {}", token.subject)
//! }
//!
//! fn routes(api: ResourceServer) -> Router {
//!     Router::new().route("/orders", get(orders)).with_state(api)
//! }
//! ```
//!
//! # An application that people log in to
//! ```
//! use authmint_axum::{Login, LoggedIn, LoginRoutes};
//! use axum::{Router, routing::get};
//!
//! async fn home(user: LoggedIn) -> String {
//!     format!("hello {}", user.name())
//! }
//!
//! fn routes(login: Login) -> Router {
//!     Router::new().route("/", get(home)).merge(login.routes()).with_state(login)
//! }
//! ```
//!
//! [`LoginRoutes::routes`] answers `/login`, `/callback`, `/logout` and what the provider calls ([`authmint_web`] has the list);
//! [`mount`] serves a whole provider; [`engine`] serves the endpoints of an authorization server whose pages are your own
//! (`examples/custom-server`).

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
pub use login::{LoggedIn, LoginRoutes};
pub use serve::{deliver, engine, mount, page};
