//! OAuth 2, OpenID Connect and JOSE for Rust: clients, authorization servers and resource servers on one core.
//!
//! This crate names the others, so that a program has one dependency and compiles only what it uses:
//!
//! | feature | module | what |
//! |---|---|---|
//! | always | [`jose`] | keys, signatures, tokens |
//! | always | [`oauth2`], [`oidc`] | the protocol's messages |
//! | `client` | `client` | log people in, get tokens |
//! | `resource` | `resource` | protect an API |
//! | `server` | `server` | an authorization server engine |
//! | `provider` | `provider` | a whole OpenID Provider |
//! | `store` | `store` | SQLite and memory |
//! | `web` | `web` | logins and sessions for any web framework |
//! | `axum` | `axum` | routes and extractors for axum |
//! | `actix` | `actix` | the same for actix-web |
//! | `reqwest` | `fetch::Reqwest` | the transport over sockets |
//!
//! ```
//! use authmint::jose::{Algorithm, Key, Policy, Timestamp};
//!
//! let key = Key::generate(Algorithm::EdDSA)?;
//! let token = key.sign_jwt("JWT", &serde_json::json!({ "iss": "me", "aud": "you", "exp": 600 }))?;
//! let policy = Policy::new(&[Algorithm::EdDSA]).typ("JWT").issuer("me").audience("you");
//! assert!(key.verify_jwt::<serde_json::Value>(&token, &policy, Timestamp::from_secs(0)).is_ok());
//! # Ok::<(), authmint::jose::Error>(())
//! ```

#[cfg(feature = "actix")]
pub use authmint_actix as actix;
#[cfg(feature = "axum")]
pub use authmint_axum as axum;
#[cfg(feature = "client")]
pub use authmint_client as client;
#[cfg(any(feature = "client", feature = "resource", feature = "server"))]
pub use authmint_fetch as fetch;
pub use authmint_jose as jose;
pub use authmint_oauth2 as oauth2;
pub use authmint_oidc as oidc;
#[cfg(feature = "provider")]
pub use authmint_provider as provider;
#[cfg(feature = "resource")]
pub use authmint_resource as resource;
#[cfg(feature = "server")]
pub use authmint_server as server;
#[cfg(feature = "store")]
pub use authmint_store as store;
#[cfg(feature = "web")]
pub use authmint_web as web;

/// Its programs compile.
#[cfg(all(doctest, feature = "actix", feature = "axum", feature = "reqwest"))]
#[doc = include_str!("../../../README.md")]
struct Readme;
