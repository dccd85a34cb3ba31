//! An OpenID Connect relying party and OAuth 2 client. Flows are values: nothing is kept between two steps but what the
//! application keeps itself.
//!
//! ```text
//! Client::discover ─▶ start ─▶ (address, PendingLogin) ── browser ──▶ callback ─▶ Login ─▶ TokenSource, user_info, logout_url
//! ```
//!
//! # The first login
//! An application has a name at a provider, a way to prove it, and an address that browsers come back to:
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
//! `Reqwest` (feature `reqwest`) carries requests; `ReqwestBlocking` and `block_on` (`blocking`) do so in programs without a
//! runtime, `ServiceTransport` (`tower`) over any tower service, [`InMemory`] straight to a function. A web application need not
//! write the rest: `authmint-axum` and `authmint-actix` keep `pending`, the session and the logout.
//!
//! What is checked, always: `state` in constant time, the provider that the login was begun with, `iss` (RFC 9207), PKCE S256, the ID
//! token's signature by the issuer's keys, algorithm, issuer, audience, `azp`, expiry, `nonce`, `at_hash`, and that UserInfo speaks of the
//! same person; `auth_time`, `acr` and the person where [`LoginOptions`] ask for them.
//!
//! # Other ways to prove a name
//! A secret can be stolen at both ends. A key stays here: [`ClientAuth::PrivateKey`] signs an assertion for each request, and the
//! provider has its public half. [`ClientAuth::None`] is for programs on people's own devices; PKCE then is what binds a code to them.
//!
//! # Calling an API
//! [`TokenSource`] gives a token that is good now, however many tasks ask, and sends requests with it:
//!
//! ```
//! # use authmint_client::{Client, Error, Login, TokenSource};
//! # use bytes::Bytes;
//! async fn orders(client: Client, login: Login) -> Result<(), Error> {
//!     let source = TokenSource::of_login(client, login.tokens, login.id_token);
//!     let request = http::Request::get("https://api.example/orders").body(Bytes::new()).unwrap();
//!     println!("{}", source.send(request).await?.status());
//!     Ok(())
//! }
//! ```
//!
//! For several processes the tokens are kept in a [`TokenStore`], and one process renews for all. An application that acts for itself
//! has [`TokenSource::client_credentials`], a program with a key file [`ServiceAccount`]. An access token that is for one API alone is
//! asked for by [`ClientConfig::resource`].
//!
//! # Where no browser is
//! A command-line program waits for the browser on a port of its own machine ([`Loopback`]). A device shows a code, and the person
//! signs in elsewhere ([`Client::start_device`]).
//!
//! # Providers that are known, and those that do otherwise
//! [`known`] has what people log in with: where it is, what to ask for, and where it does otherwise than the specifications say.
//!
//! ```
//! # use std::sync::Arc;
//! use authmint_client::{Client, ClientAuth, Error, Transport, known};
//!
//! async fn github(transport: Arc<dyn Transport>) -> Result<Client, Error> {
//!     let github = known::find("github").ok_or(Error::Configuration("no such provider"))?;
//!     let config = github.config("my-client", ClientAuth::Secret("s3cret".into()))?;
//!     Client::discover(config.redirect_uri("https://app.example/callback"), transport).await
//! }
//! ```
//!
//! # Requests that nobody reads or changes
//! The browser carries the request, and whoever looks over its shoulder reads it. [`ClientConfig::push_requests`] hands it to the
//! provider first (RFC 9126), [`ClientConfig::sign_requests`] signs it (RFC 9101); both go together. [`ClientConfig::form_post`] has the answer
//! brought by a form, [`ClientConfig::hybrid`] with an ID token beside the code.
//!
//! # Tokens that a thief can't use
//! A bearer token is good for whoever has it. Bound to a key (DPoP, RFC 9449) it is good for whoever has the key: one line, and every
//! request of this client proves it, with the nonces that each server asks for.
//!
//! ```
//! use authmint_client::{ClientConfig, Key};
//!
//! fn bound(config: ClientConfig, key: Key) -> ClientConfig {
//!     config.dpop(key).push_requests()
//! }
//! ```
//!
//! # The end of a login
//! [`Client::logout_url`] ends it at the provider too. Where the provider ends it, it says so: [`Client::logout_notice`] reads what
//! it posts, [`Client::front_channel_logout`] what its frames say.
//!
//! # When it goes wrong
//! Every step returns one [`Error`]. [`Error::Refused`] and [`Error::ForeignCallback`] are for the person, who may try again;
//! [`Error::is_temporary`] for the program, which may; the rest for the operator, with the section of the specification. None holds a
//! token, a code or a secret.
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
