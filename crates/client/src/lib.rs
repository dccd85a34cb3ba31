//! An OpenID Connect relying party and OAuth 2 client. Flows are values: nothing is kept between two steps but what the
//! application keeps itself.
//!
//! ```text
//! Client::discover ─▶ start ─▶ (address, PendingLogin) ── browser ──▶ callback ─▶ Login ─▶ user_info, refresh, logout_url
//! ```
//!
//! ```
//! use std::sync::Arc;
//! use authmint_client::{Client, ClientAuth, ClientConfig, Error, LoginOptions, Transport};
//!
//! async fn log_in(transport: Arc<dyn Transport>) -> Result<(), Error> {
//!     let client = Client::discover(
//!         ClientConfig::new("https://login.example".parse()?, "my-app", ClientAuth::Secret("s3cret".into()))
//!             .redirect_uri("https://app.example/callback"),
//!         transport,
//!     )
//!     .await?;
//!     let (address, pending) = client.start(&LoginOptions::new()).await?;
//!     // Keep `pending` in the session of this browser, send it to `address`; it comes back with a query:
//!     # let (_, query) = (address, "");
//!     let login = client.callback(&pending, query).await?;
//!     println!("hello {}", login.user_info.claims.name.unwrap_or(login.user_info.sub));
//!     Ok(())
//! }
//! ```
//!
//! What is checked, always: `state` in constant time, `iss` (RFC 9207), PKCE S256, the ID token's signature by the
//! issuer's keys, algorithm, issuer, audience, `azp`, expiry, `nonce`, `at_hash`, `auth_time` where `max_age` was asked
//! for, and that UserInfo speaks of the same person.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod assertion;
mod authorization;
mod client;
mod config;
mod device;
mod discovery;
mod dpop;
mod error;
mod id_token;
mod inspect;
pub mod known;
mod lenient;
mod login;
mod logout;
mod loopback;
mod options;
mod pending;
mod quirks;
mod registration;
mod request;
mod service_account;
mod source;
mod third_party;
mod token;
mod user_info;

#[cfg(feature = "reqwest")]
pub use authmint_fetch::Reqwest;
#[cfg(feature = "tower")]
pub use authmint_fetch::ServiceTransport;
pub use authmint_fetch::{InMemory, Transport};
#[cfg(feature = "blocking")]
pub use authmint_fetch::{ReqwestBlocking, block_on};
pub use authmint_jose::{Key, Secret};
pub use authmint_oauth2::{ClientAuth, Issuer, Scope};
pub use authmint_oidc::{IdTokenClaims, PersonClaims, Prompt, Prompts, UserInfo};
pub use client::Client;
pub use config::ClientConfig;
pub use device::{DeviceLogin, DevicePoll};
pub use discovery::discover;
pub use error::Error;
pub use login::Login;
pub use logout::LogoutNotice;
pub use loopback::Loopback;
pub use options::LoginOptions;
pub use pending::PendingLogin;
pub use quirks::{Quirks, UserInfoMap};
pub use registration::Registration;
pub use service_account::ServiceAccount;
pub use source::{KeptTokens, StoreAnswer, TokenSource, TokenStore};
pub use third_party::ThirdPartyLogin;
pub use token::Tokens;
