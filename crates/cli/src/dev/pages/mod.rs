//! The pages of the sample application: one file a page, each a plain view with `render`.
//!
//! The application looks different from the provider on purpose, so that a person sees when they leave the one for the
//! other. Like the provider's pages they hold no script and no inline style, and every value is escaped.
//!
//! | page | what it holds |
//! |---|---|
//! | [`SignedOut`] | link `login` |
//! | [`SignedIn`] | `user-name`, table `claims`, `tokens`, `api-result`; forms `call-api`, `refresh`, `logout` with a hidden `csrf` |
//! | [`ErrorPage`] | `error`, link `try-again` |
//!
//! A page that has something to say after an action shows it in `notice`.

mod assets;
mod claims;
mod error;
mod render;
mod signed_in;
mod signed_out;
mod words;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

pub(crate) use assets::{STYLESHEET, STYLESHEET_PATH};
pub(crate) use claims::Claim;
pub(crate) use error::{ErrorKind, ErrorPage};
pub(crate) use signed_in::{ApiResult, SignedIn, TokenLife};
pub(crate) use signed_out::SignedOut;
