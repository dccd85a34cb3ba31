//! The pages that people see: one file a page, one view struct a file, and no protocol rule in any of them.
//!
//! A view is plain data. Fill its public fields and call `render`; what comes back is a whole HTML document. Rendering
//! cannot fail for the caller, every value is escaped, and a link that comes from an application is shown only if it
//! is `http` or `https`.
//!
//! The pages hold no inline style, and no script but for three: [`FormPost`] posts itself where it may, [`SignedOut`] leads
//! on once its frames have loaded (both work without), and [`CheckSession`] is nothing else. Each has a function that names
//! its script for the policy. They work under the policy below, together with a `form-action`, and with the origins of
//! [`Application::logo`] in `img-src` and of [`SignedOut::frames`] in `frame-src`. Some browsers apply `form-action` to the
//! redirect that answers a form as well: on [`Login`], [`Consent`] and [`Logout`] it must allow the address that the
//! application waits at, or the person is stuck on the page.
//!
//! ```text
//! default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'
//! ```
//!
//! Every form and control has a stable `id` and `name`: password managers, tests and operators' own automation depend
//! on them, so a change to one is a breaking change.
//!
//! | page | form `id` | fields posted | buttons |
//! |---|---|---|---|
//! | [`Login`] | `login` | `csrf`, `interaction`, `next`, `user_code`, `username`, `password` | `login-submit`, `login-cancel` (`action=cancel`) |
//! | [`Consent`] | `consent` | `csrf`, `interaction` | `consent-allow` (`decision=allow`), `consent-deny` (`decision=deny`) |
//! | [`Logout`] | `logout` | `csrf` and [`Logout::fields`] | `logout-submit` (`action=logout`), `logout-cancel` (`action=cancel`) |
//! | [`FormPost`] | `form-post` | those of the response | `form-post-submit` |
//! | [`DeviceCode`] | `device` | `csrf`, `user_code` | `device-submit` |
//! | [`DeviceConsent`] | `device-consent` | `csrf`, `user_code` | `device-allow` (`decision=allow`), `device-deny` (`decision=deny`) |
//! | [`SignedIn`] | `logout` | `csrf` | `logout-submit` |
//! | [`SignedOut`] | | | the link `continue` |
//! | [`DeviceDone`], [`ErrorPage`], [`Home`] | | | |

mod assets;
mod check_session;
mod consent;
mod device;
mod error;
mod form_post;
mod home;
mod layout;
mod link;
mod login;
mod logout;
mod parties;
mod render;
mod scopes;
mod script;
mod signed_in;
mod signed_out;
mod words;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

pub use assets::{STYLESHEET, STYLESHEET_PATH, fingerprint};
pub use check_session::CheckSession;
pub use consent::Consent;
pub use device::{DeviceCode, DeviceCodeError, DeviceConsent, DeviceDone};
pub use error::{ErrorDetails, ErrorKind, ErrorPage};
pub use form_post::FormPost;
pub use home::Home;
pub use layout::Layout;
pub use link::Link;
pub use login::{Login, LoginError};
pub use logout::{HiddenField, Logout};
pub use parties::{Application, User};
pub use signed_in::SignedIn;
pub use signed_out::{LogoutFrame, SignedOut};
