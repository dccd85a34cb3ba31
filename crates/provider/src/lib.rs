//! A whole OpenID Provider over the `authmint-server` engine: accounts, login sessions, and the pages people see.
//!
//! [`Provider::handle`] takes every request under the issuer's address. What machines call goes to the engine; what people
//! see is rendered here, usable without JavaScript. `authmint-axum` mounts it, the binary `authmint` runs it.
//!
//! | module | what |
//! |---|---|
//! | [`accounts`], [`passwords`] | user names, argon2id |
//! | [`limits`] | how often a secret may be guessed |
//! | `browser` | cookies and CSRF tokens |
//! | `routes` | authorize, login, consent, device, logout, session frame, home: one file a page |
//! | [`pages`] | the pages' words and looks |
//! | [`storage`] | what is kept, as traits |
//!
//! # What guards which page
//! | | host | limits | CSRF | interaction of this browser | session |
//! |---|---|---|---|---|---|
//! | `GET /authorize` | ✓ | | | makes one | read |
//! | `GET /login` | ✓ | | gives | ✓ if named | read |
//! | `POST /login` | ✓ | ✓ | ✓ | ✓ if named | makes a new one |
//! | `GET /consent` | ✓ | | gives | ✓ | ✓ |
//! | `POST /consent` | ✓ | | ✓ | ✓ consumes | ✓ |
//! | `GET /logout` | ✓ | | gives | | read |
//! | `POST /logout` | ✓ | | ✓ | | ends |
//! | `GET /device` | ✓ | | gives | | ✓ or to the login |
//! | `POST /device`: the code | ✓ | ✓ | ✓ for this login | | ✓ or to the login |
//! | `POST /device`: the decision | ✓ | | ✓ for this login and code | | ✓ or to the login |
//! | `GET /check-session` | ✓ | | | | not read; may be framed |
//!
//! ```no_run
//! use std::sync::Arc;
//! use authmint_jose::SealingKey;
//! use authmint_provider::{Provider, ProviderConfig, storage::ProviderStorage};
//!
//! fn provider(storage: Arc<dyn ProviderStorage>) -> Result<Provider, Box<dyn std::error::Error>> {
//!     let config = ProviderConfig::new("https://login.example".parse()?);
//!     let sealing_key = SealingKey::from_base64url(&std::env::var("AUTHMINT_SECRET")?)?;
//!     Ok(Provider::new(config, storage, &sealing_key)?)
//! }
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod accounts;
mod browser;
mod config;
mod error;
pub mod limits;
pub mod pages;
mod password_grant;
pub mod passwords;
mod provider;
mod reply;
mod routes;
pub mod storage;
#[cfg(feature = "test-suite")]
pub mod suite;

pub use config::{LoginLimits, ProviderConfig};
pub use error::Error;
pub use limits::PeerAddress;
pub use provider::Provider;
