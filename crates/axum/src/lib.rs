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
//! use authmint_axum::{Login, LoggedIn};
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
//! [`Login::routes`] answers `/login`, `/callback` and `/logout`; [`mount`] serves a whole provider; [`engine`] serves the
//! endpoints of an authorization server whose pages are your own (`examples/custom-server`).
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod bearer;
mod cookie;
mod engine;
mod login;
mod mount;
mod pending;
mod session;

pub use authmint_client::{Client, ClientAuth, ClientConfig, LoginOptions};
pub use authmint_resource::{AccessToken, ProtocolError, Requirement, ResourceServer, TrustedIssuer};
pub use bearer::{AnyScope, Bearer, RequiredScope, resource_metadata};
pub use engine::{deliver, engine, escape, page};
pub use login::{Login, LoginBuilder, LoginFailure};
pub use mount::mount;
pub use session::{Answer, LoggedIn, MemorySessions, Sessions, UserSession};
