//! How Authmint reaches other servers: one trait for transports, and the cache of a remote key set.
//!
//! Client and resource server (and the authorization server, when it fetches a client's keys) build a request and judge
//! the response without knowing who carries it. A [`Transport`] carries it: `Reqwest` over
//! sockets (feature `reqwest`), `ReqwestBlocking` without a runtime (`blocking`), `ServiceTransport` over a tower service (`tower`),
//! [`InMemory`] straight to a function, or any other in a dozen lines.
//!
//! Where strangers name the address, it is `Guarded` (feature `reqwest`): TLS, public addresses only ([`is_public`]), no
//! redirect, and what the operator allows beside that.
//!
//! ```
//! use authmint_fetch::{InMemory, Transport};
//! use bytes::Bytes;
//!
//! let transport = InMemory::new(|request: http::Request<Bytes>| async move {
//!     http::Response::new(Bytes::from(request.uri().path().to_owned()))
//! });
//! # let _: &dyn Transport = &transport;
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod address;
#[cfg(feature = "blocking")]
mod blocking;
#[cfg(feature = "reqwest")]
mod guarded;
mod in_memory;
mod jwks;
#[cfg(feature = "reqwest")]
pub mod reqwest_transport;
#[cfg(feature = "tower")]
mod service;
mod transport;

pub use address::is_public;
#[cfg(feature = "blocking")]
pub use blocking::{ReqwestBlocking, block_on};
#[cfg(feature = "reqwest")]
pub use guarded::{Allowed, Guarded, GuardedBuilder};
pub use in_memory::InMemory;
pub use jwks::{COOL_DOWN, Freshness, RemoteKeySet, STALE_LIMIT, TIME_TO_LIVE, VerifyError};
#[cfg(feature = "reqwest")]
pub use reqwest_transport::Reqwest;
#[cfg(feature = "tower")]
pub use service::ServiceTransport;
pub use transport::{
    FetchError, MAX_RESPONSE_BYTES, Reply, Transport, get_json, is_secure_url, send_for_json,
};
