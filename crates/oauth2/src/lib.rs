//! The vocabulary of OAuth 2: one typed struct for each protocol message, shared by client and server.
//!
//! A message is parsed strictly where it arrives and serialised exactly where it leaves, so a client and a server
//! that both use this crate can't disagree about its form. Nothing here reads a socket, a clock or a database,
//! and nothing here decides: rules that need a registered client or a stored token live in `authmint-server`.
//!
//! | module | what | source |
//! |---|---|---|
//! | [`params`] | `application/x-www-form-urlencoded` parameters, bounded, never repeated | RFC 6749 3.1, appendix B |
//! | [`error`] | the registry of error codes, and the error every crate above reports | RFC 6749 4.1.2.1, 5.2 and their extensions |
//! | [`scope`] | a set of scope tokens | RFC 6749 3.3 |
//! | [`pkce`] | code verifier and challenge | RFC 7636 |
//! | [`redirect_uri`] | what may be registered, what matches, and the redirect itself | RFC 6749 3.1.2, RFC 8252 7, RFC 9700 4.1 |
//! | [`issuer`] | the issuer identifier and the addresses that follow from it | RFC 8414 2, RFC 9207 |
//! | [`response_type`] | what comes back through the browser, and how | Multiple Response Types, Form Post |
//! | [`authorization`] | authorization request and response | RFC 6749 4.1, 4.2, RFC 9207 |
//! | [`token`] | token request and response | RFC 6749 4.1.3, 4.4, 5, 6 |
//! | [`introspection`], [`revocation`] | asking about a token, ending a token | RFC 7662, RFC 7009 |
//! | [`client_auth`] | how a client shows who it is | RFC 6749 2.3, RFC 7523 |
//! | [`par`], [`device`] | pushed requests, requests of devices | RFC 9126, RFC 8628 |
//! | [`resource`] | which APIs a token is for | RFC 8707 |
//! | [`server_metadata`] | what a server says of itself | RFC 8414 |
//! | [`client_metadata`], [`registration`] | what is registered of a client | RFC 7591, RFC 7592 |
//! | [`bearer`] | the access token in a request, the challenge in a response | RFC 6750, RFC 9449 7.1, RFC 9470 3, RFC 9728 5.1 |
//! | [`resource_metadata`] | what an API says of itself | RFC 9728 |
//! | [`dpop`] | the proof of a key that a token is bound to | RFC 9449 |
//!
//! ```
//! use authmint_oauth2::{AuthorizationRequest, CodeVerifier, Params};
//!
//! let verifier = CodeVerifier::generate(&authmint_jose::SystemEntropy)?;
//! let request = AuthorizationRequest {
//!     client_id: "my-app".into(),
//!     redirect_uri: Some("https://app.example/callback".into()),
//!     scope: "openid profile".parse()?,
//!     state: Some("8f1c".into()),
//!     code_challenge: Some(verifier.challenge()),
//!     ..AuthorizationRequest::code()
//! };
//! let query = request.to_params().to_query();
//!
//! let received = AuthorizationRequest::from_params(&Params::parse(query.as_bytes())?)?;
//! assert_eq!(received, request);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod authorization;
pub mod bearer;
pub mod client_auth;
pub mod client_metadata;
pub mod device;
pub mod dpop;
pub mod error;
pub mod introspection;
pub mod issuer;
pub mod par;
pub mod params;
pub mod pkce;
pub mod redirect_uri;
mod registered;
pub mod registration;
pub mod resource;
pub mod resource_metadata;
pub mod response_type;
pub mod revocation;
pub mod scope;
pub mod server_metadata;
pub mod token;

pub use authorization::{AuthorizationRequest, AuthorizationResponse, AuthorizationSuccess};
pub use bearer::{Challenge, PresentedToken, TokenType};
pub use client_auth::{ClientAuth, ClientAuthMethod, ClientCredentials};
pub use client_metadata::{ApplicationType, ClientMetadata, SubjectType};
pub use device::DeviceAuthorizationResponse;
pub use dpop::DpopProof;
pub use error::{Error, ErrorCode};
pub use introspection::{IntrospectionRequest, IntrospectionResponse};
pub use issuer::Issuer;
pub use par::PushedAuthorizationResponse;
pub use params::Params;
pub use pkce::{CodeChallenge, CodeVerifier};
pub use redirect_uri::{MatchedRedirectUri, RedirectUri};
pub use registration::ClientInformation;
pub use resource_metadata::ResourceMetadata;
pub use response_type::{ResponseMode, ResponseType};
pub use revocation::RevocationRequest;
pub use scope::Scope;
pub use server_metadata::ServerMetadata;
pub use token::{GrantType, TokenRequest, TokenResponse, TokenTypeHint};
