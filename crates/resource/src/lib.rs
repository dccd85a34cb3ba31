//! Protect an API.
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
