//! Protect an API: verify the bearer token of a request by the issuer's keys, and demand scopes.
//!
//! ```
//! use std::sync::Arc;
//! use authmint_resource::{Rejection, ResourceServer, Transport};
//!
//! async fn orders(api: &ResourceServer, request: &http::Request<()>) -> Result<String, Rejection> {
//!     let token = api.authorize(request.headers(), &"orders:read".parse()?).await?;
//!     Ok(format!("orders of {}", token.subject))
//! }
//!
//! async fn set_up(transport: Arc<dyn Transport>) -> Result<ResourceServer, authmint_resource::FetchError> {
//!     ResourceServer::discover("https://login.example", "https://api.example", transport).await
//! }
//! ```
//!
//! A token counts if it is a JWT access token (RFC 9068: `typ` is `at+jwt`) that the issuer signed, for this audience, not
//! expired, with every required claim. Keys are cached and renewed as `authmint-fetch` describes. Revocation is not seen
//! before a JWT expires: keep lifetimes short, or use opaque tokens and introspection.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod rejection;
mod server;

#[cfg(feature = "reqwest")]
pub use authmint_fetch::Reqwest;
pub use authmint_fetch::{FetchError, InMemory, Transport};
pub use authmint_oauth2::Scope;
pub use rejection::Rejection;
pub use server::{AccessToken, ResourceServer};
