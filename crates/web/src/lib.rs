//! What Authmint's adapters for web frameworks share. No framework's type is named here: [`Login::handle`] takes an
//! `http::Request<Bytes>` and gives an `http::Response<Bytes>`, and runs on any runtime.
//!
//! Use an adapter (`authmint-axum`, `authmint-actix`); come here to write one (`docs/adapters.md`), or to log people in without a
//! framework:
//!
//! ```
//! use authmint_web::{Login, Reply};
//! use bytes::Bytes;
//! use http::{Request, Response};
//!
//! async fn serve(login: &Login, request: Request<Bytes>) -> Reply {
//!     let user = login.current(request.headers()).await;
//!     let (method, uri) = (request.method().clone(), request.uri().clone());
//!     match (login.handle(request).await, user) {
//!         (Some(reply), _) => reply,
//!         (None, Some(user)) => Response::new(Bytes::from(format!("hello {}", user.name()))),
//!         (None, None) => login.demand(&method, &uri),
//!     }
//! }
//! ```
//!
//! | path | what |
//! |---|---|
//! | `GET /login` | to the provider, or to a page to choose one; `return_to` leads back. With `iss` also for other sites, by GET or POST (OpenID Connect Core 4) |
//! | `GET /login/NAME` | to the provider of that name; the first one is called `main` |
//! | `GET /callback`, `GET /callback/NAME` | back from the provider; POST where the client asks for a form (`form_post`) |
//! | `POST /logout` | out, here and at the provider; the form carries `csrf` |
//! | `POST /backchannel-logout`, `…/NAME` | the provider says who logged out |
//! | `GET /frontchannel-logout`, `…/NAME` | a frame of the provider's says so |
//!
//! The pending login waits in a sealed cookie named after its `state`, so that several tabs can log in at once and a
//! callback in another browser finds nothing. It is good for half an hour, and for one callback at each process that shares
//! the key. A session has a new random cookie after each login.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod address;
mod bearer;
mod begin;
mod builder;
mod callback;
mod choice;
mod cookie;
mod cookie_sessions;
mod failure;
mod login;
mod logout;
mod notices;
mod page;
mod pending;
mod provider;
mod reply;
mod session;
mod sessions;
#[cfg(feature = "test-suite")]
pub mod suite;

pub use authmint_client::{Client, ClientAuth, ClientConfig, LoginOptions};
pub use authmint_jose::SealingKey;
pub use authmint_resource::{AccessToken, ProtocolError, Requirement, ResourceServer, TrustedIssuer};
pub use bearer::{AnyScope, RequiredScope, answer_metadata, metadata_route, verify_bearer};
pub use builder::LoginBuilder;
pub use choice::Choice;
pub use cookie_sessions::CookieSessions;
pub use failure::LoginFailure;
pub use login::{Login, MAX_BODY};
pub use page::{deliver, escape, page};
pub use provider::LoginSetupError;
pub use reply::{Reply, see_other};
pub use session::{LoggedIn, UserSession};
pub use sessions::{Answer, MemorySessions, SessionError, Sessions};
