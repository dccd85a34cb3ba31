//! An OAuth 2 authorization server and OpenID Provider engine, without a web framework, a runtime, SQL or HTML.
//!
//! [`AuthorizationServer`] takes an `http::Request<Bytes>` and returns an `http::Response<Bytes>` for the endpoints
//! that machines call. Where a person takes part, it returns a decision ([`authorize::Authorization`],
//! [`Logout`]) and leaves the pages to the caller; `authmint-provider` is such a caller.
//!
//! | path | endpoint | source |
//! |---|---|---|
//! | [`paths::TOKEN`] | `token`: authorization_code, refresh_token, client_credentials | RFC 6749 3.2 |
//! | [`paths::USERINFO`] | `userinfo` | OpenID Connect Core 5.3 |
//! | [`paths::INTROSPECTION`] | `introspection` | RFC 7662 |
//! | [`paths::REVOCATION`] | `revocation` | RFC 7009 |
//! | [`paths::JWKS`], metadata | `metadata` | RFC 7517 5, RFC 8414, Discovery 4 |
//! | [`paths::REGISTRATION`] | `registration`: for clients that register themselves | RFC 7591, RFC 7592, Registration |
//! | `/.well-known/webfinger` | `webfinger` | RFC 7033, Discovery 2 |
//! | [`paths::AUTHORIZATION`] | [`authorize`], as decisions | RFC 6749 3.1, Core 3.1.2 |
//! | [`paths::END_SESSION`] | `logout`, as decisions | RP-Initiated Logout |
//! | [`paths::CHECK_SESSION`] | a frame of the caller's | Session Management 3.3 |
//! | [`paths::DEVICE`] | `device`, as decisions | RFC 8628 3.3 |
//!
//! ```
//! use std::sync::Arc;
//! use authmint_jose::SealingKey;
//! use authmint_server::{AuthorizationServer, ClaimsSource, ServerConfig, storage::Storage};
//! use bytes::Bytes;
//! use http::{Request, Response};
//!
//! fn server(storage: Arc<dyn Storage>, people: Arc<dyn ClaimsSource>, key: SealingKey) -> AuthorizationServer {
//!     let issuer = "https://login.example".parse().expect("an issuer");
//!     AuthorizationServer::new(ServerConfig::new(issuer), storage, people, key).expect("settings that fit together")
//! }
//!
//! async fn serve(server: &AuthorizationServer, request: Request<Bytes>) -> Response<Bytes> {
//!     match server.handle(&request).await {
//!         Some(response) => response,
//!         None => Response::new(Bytes::from("a page of yours")),
//!     }
//! }
//! ```
//!
//! # What guards which endpoint
//! | | host | method | form | client authentication | token | browser binding |
//! |---|---|---|---|---|---|---|
//! | authorization | ✓ | caller | ✓ | by `redirect_uri` | | ✓ |
//! | token | ✓ | POST | ✓ | ✓ (or `none` with PKCE) | | |
//! | introspection | ✓ | POST | ✓ | ✓ confidential | | |
//! | revocation | ✓ | POST | ✓ | ✓ | | |
//! | UserInfo | ✓ | GET, POST | | | ✓ `openid` | |
//! | registration | ✓ | POST | JSON | | ✓ initial access token, if invited | |
//! | client configuration | ✓ | GET, PUT, DELETE | JSON | | ✓ registration access token | |
//! | JWKS, metadata, WebFinger | ✓ | GET | | | | |
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod active_token;
pub mod audit;
pub mod authorize;
mod claims;
mod client_auth;
mod client_jwt;
mod client_keys;
mod config;
mod device;
mod dpop;
mod endpoint;
mod error;
pub mod extension;
mod id_token;
mod introspection;
mod issue;
mod key_ring;
mod logout;
mod metadata;
mod profile;
mod pushed_request;
mod registration;
mod revocation;
mod server;
pub mod storage;
mod subject;
#[cfg(feature = "test-suite")]
pub mod suite;
mod token;
mod trusted_issuers;
mod userinfo;
mod webfinger;

pub use authorize::{Authorization, Delivery, PendingInteraction, Session, VerifiedRequest};
pub use claims::ClaimsSource;
pub use client_auth::VerifiedClient;
pub use config::{Registration, ServerConfig};
pub use device::PendingDevice;
pub use endpoint::paths;
pub use error::{Error, Guess, STORE_TARGET, Stranger};
pub use key_ring::KeyRing;
pub use logout::{EndedSession, Logout};
pub use profile::{Profile, Rule};
pub use registration::{Invitation, NewClient, RegisteredClient};
pub use server::{AuthorizationServer, ServerBuilder};
pub use trusted_issuers::{IssuerKeys, TrustedIssuer};

/// A client for unit tests.
#[cfg(test)]
fn test_client(id: &str) -> storage::Client {
    storage::Client {
        id: id.to_owned(),
        metadata: authmint_oauth2::ClientMetadata::default(),
        secret_hash: None,
        sealed_secret: None,
        registration_token: None,
        audience: Vec::new(),
        access_token_format: storage::AccessTokenFormat::Jwt,
        consent_required: true,
        created_at: authmint_jose::Timestamp::from_secs(0),
    }
}
