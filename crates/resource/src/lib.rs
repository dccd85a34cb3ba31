//! Protect an API with OAuth 2: verify the access token of a request, demand what an operation needs, and say how to come back.
//!
//! # The first check
//! An API has an identifier, which its tokens name as their audience, and an issuer that it trusts:
//!
//! ```
//! use std::sync::Arc;
//! use authmint_resource::{Rejection, Requirement, ResourceServer, SetupError, Transport};
//!
//! async fn set_up(transport: Arc<dyn Transport>) -> Result<ResourceServer, SetupError> {
//!     ResourceServer::discover("https://login.example", "https://api.example", transport).await
//! }
//!
//! async fn orders(
//!     api: &ResourceServer,
//!     read: &Requirement, // Requirement::scope("orders:read")?, made once
//!     request: &http::Request<String>,
//! ) -> Result<String, Rejection> {
//!     let token = api.authorize(request, read).await?;
//!     Ok(format!("orders of {}", token.subject))
//! }
//! ```
//!
//! A [`Rejection`] is turned into the [`response`](Rejection::response) that the specifications ask for: 401 with a challenge, 403 where a scope
//! is lacking, 503 where the issuer can't be reached. With the feature `tower`, `RequireToken` does all this in front of
//! a service; `authmint-axum` has an extractor. Any other framework hands over method, address and headers
//! ([`RequestHead`]).
//!
//! A token counts if it is a JWT access token (RFC 9068: its `typ` is `at+jwt`) that the issuer signed, for this audience, not
//! expired, with every required claim. Revocation is not seen before a JWT expires: keep lifetimes short, or use opaque tokens.
//!
//! # Other issuers, and several
//! Keycloak, Auth0, Okta and Entra ID do not type their access tokens. They are taken from an issuer of which that is said, by
//! a name that one can search for; nothing but an access token passes all the same. An API may trust several issuers; a
//! token is judged by the rules of the one it names.
//!
//! ```
//! # use std::sync::Arc;
//! use authmint_resource::{ResourceServer, SetupError, Transport, TrustedIssuer};
//!
//! async fn set_up(transport: Arc<dyn Transport>) -> Result<ResourceServer, SetupError> {
//!     let own = TrustedIssuer::discover("https://login.example", transport.clone()).await?;
//!     let partners = TrustedIssuer::discover("https://partners.eu.auth0.com/", transport)
//!         .await?
//!         .accept_tokens_that_are_not_typed_as_access_tokens();
//!     ResourceServer::builder("https://api.example").issuer(own).issuer(partners).build()
//! }
//! ```
//!
//! # Opaque tokens
//! A token that says nothing is shown to its issuer (RFC 7662), as a client that authenticates. What the issuer says is kept
//! for half a minute ([`IntrospectionIssuer::keep_answers_for`]): so long a revoked token may go on. Many requests with one token
//! cause one question, a flood of random tokens pushes out no good one, and an issuer that is down is a 503, never a "no".
//!
//! ```
//! # use std::sync::Arc;
//! use authmint_resource::{ClientAuth, ResourceServer, SetupError, Transport, TrustedIssuer};
//!
//! async fn set_up(transport: Arc<dyn Transport>) -> Result<ResourceServer, SetupError> {
//!     let auth = ClientAuth::Secret("s3cret".into());
//!     let issuer =
//!         TrustedIssuer::discover_introspection("https://login.example", "orders-api", auth, transport).await?;
//!     ResourceServer::builder("https://api.example").issuer(issuer).build()
//! }
//! ```
//!
//! # What the API says of itself
//! An API whose identifier is an address tells clients whom it trusts and what it demands (RFC 9728), at
//! [`metadata_path`](ResourceServer::metadata_path), and each challenge says where that is. Nothing of it is written twice:
//!
//! ```
//! use authmint_resource::{KeySet, Requirement, ResourceServer, TrustedIssuer};
//!
//! let read = Requirement::scope("orders:read")?;
//! let issuer = TrustedIssuer::jwt_with_keys("https://login.example", KeySet::default())?;
//! let api = ResourceServer::builder("https://api.example").issuer(issuer).publishes([&read]).build()?;
//! assert_eq!(api.metadata().scopes_supported, ["orders:read"]);
//! assert_eq!(api.metadata_path(), Some("/.well-known/oauth-protected-resource"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Tokens that are bound to a key
//! Whoever steals a bearer token can use it. One that is bound to a key (DPoP, RFC 9449) is worth nothing without the key's proof
//! for this very request. They are taken beside bearer tokens wherever the API's address is known, and nothing has to be
//! switched on; they can be demanded of all ([`Builder::requires_bound_tokens`]) or of one operation
//! ([`Requirement::bound_token`]). Proofs are used once: several nodes share a [`ReplayStore`].
//!
//! ```
//! use authmint_resource::{KeySet, Requirement, ResourceServer, SealingKey, TrustedIssuer};
//!
//! let issuer = TrustedIssuer::jwt_with_keys("https://login.example", KeySet::default())?;
//! let api = ResourceServer::builder("https://api.example")
//!     .issuer(issuer)
//!     .requires_bound_tokens()
//!     .requires_nonces(SealingKey::generate()?) // the same on all nodes
//!     .build()?;
//! assert!(api.metadata().dpop_bound_access_tokens_required);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A stronger or fresher login
//! Some operations need more than a token: a login with a second factor, or one of the last five minutes (RFC 9470). Where the
//! token's login will not do, the challenge tells the client what to ask the issuer for.
//!
//! ```
//! use std::time::Duration;
//! use authmint_resource::Requirement;
//!
//! let refund = Requirement::scope("refunds")?.acr_values(["mfa"]).max_age(Duration::from_secs(300));
//! # Ok::<(), authmint_resource::ProtocolError>(())
//! ```
//!
//! # When the issuer is down, or changes its keys
//! Keys are cached and renewed in the background of requests ([`Freshness`]). While an issuer is down, its old keys are used
//! for a day. New keys are found by the first token that is signed with one; tokens with keys that nobody knows cause a few
//! fetches, however many come.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod answers;
mod builder;
mod error;
mod introspection;
mod issuer;
mod jwt;
mod proof;
mod rejection;
mod replay;
mod request;
mod requirement;
mod server;
mod token;
#[cfg(feature = "tower")]
mod tower;
mod verify;

#[cfg(feature = "reqwest")]
pub use authmint_fetch::Reqwest;
pub use authmint_fetch::{FetchError, Freshness, InMemory, Transport};
pub use authmint_jose::{Algorithm, Audience, Clock, KeySet, SealingKey, Timestamp};
pub use authmint_oauth2::dpop::Confirmation;
pub use authmint_oauth2::{
    ClientAuth, DpopProof, Error as ProtocolError, ErrorCode, ResourceMetadata, Scope,
};
pub use builder::Builder;
pub use error::SetupError;
pub use issuer::{IntrospectionIssuer, JwtIssuer, TrustedIssuer};
pub use rejection::{Reason, Rejection};
pub use replay::{MemoryReplays, ReplayError, ReplayStore, Used};
pub use request::RequestHead;
pub use requirement::Requirement;
pub use server::ResourceServer;
pub use token::AccessToken;
#[cfg(feature = "tower")]
pub use tower::{Protected, RequireToken};
