//! The messages of OpenID Connect, on top of `authmint-oauth2`.
//!
//! | module | what | source |
//! |---|---|---|
//! | [`authentication`] | the authentication request: `nonce`, `prompt`, `max_age`, hints | OpenID Connect Core 3.1.2.1 |
//! | [`claims_request`] | the `claims` parameter | Core 5.5 |
//! | [`id_token`] | the claims of an ID token | Core 2 |
//! | [`userinfo`] | the standard claims, and which scope asks for which | Core 5.1, 5.4 |
//! | [`discovery`] | provider metadata | Discovery 3 |
//! | [`logout`] | the RP-initiated logout request, the logout token | RP-Initiated Logout 2, Back-Channel Logout 2.4 |
//!
//! ```
//! use authmint_oidc::{AuthenticationRequest, Params, Prompt};
//!
//! let params = Params::parse(b"response_type=code&client_id=app&scope=openid&nonce=n1&prompt=login%20consent")?;
//! let request = AuthenticationRequest::from_params(&params)?;
//! assert!(request.prompt.contains(Prompt::Login));
//! assert_eq!(request.nonce.as_deref(), Some("n1"));
//! # Ok::<(), authmint_oidc::Error>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod authentication;
pub mod claims_request;
pub mod discovery;
pub mod id_token;
pub mod logout;
pub mod userinfo;

pub use authentication::{AuthenticationRequest, Display, Prompt, Prompts};
pub use authmint_oauth2::{Error, ErrorCode, Params};
pub use claims_request::{ClaimRequest, ClaimsRequest};
pub use discovery::ProviderMetadata;
pub use id_token::IdTokenClaims;
pub use logout::{LogoutRequest, LogoutTokenClaims};
pub use userinfo::{PersonClaims, UserInfo};
