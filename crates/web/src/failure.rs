//! Why a login ended without a session, and the page that says so.

use authmint_client::Error;
use http::StatusCode;

use crate::page::{self, Allows};
use crate::reply::Reply;
use crate::sessions::SessionError;

/// Why a login ended without a session.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoginFailure {
    /// The client refused the callback, or the provider refused the login.
    Client(Error),
    /// No login is pending in this browser: an old link, another browser, or a forged callback.
    NothingPending,
    /// A form came without its token.
    Csrf,
    /// Somebody wanted a login with a provider that the application does not know (OpenID Connect Core 4).
    UnknownProvider,
    /// The person logged out at the provider while the login was under way.
    LoggedOut,
    /// The session could not be kept, or not be ended.
    Sessions(SessionError),
}

impl LoginFailure {
    /// Tells the log why: as a warning where the operator can do something about it.
    pub(crate) fn log(&self) {
        match self {
            Self::Client(error) if is_for_the_operator(error) => {
                tracing::warn!(%error, "login failed: compare this application's settings with the provider's");
            }
            Self::Client(error) => tracing::info!(%error, "login failed"),
            Self::NothingPending => tracing::info!("login failed: no login is under way in this browser"),
            Self::Csrf => tracing::info!("a form came without its token"),
            Self::UnknownProvider => {
                tracing::info!("a login was wanted with a provider that is not configured");
            }
            Self::LoggedOut => tracing::info!("login failed: the provider ended it while it was under way"),
            Self::Sessions(error) => tracing::error!(%error, "a session could not be kept or ended"),
        }
    }

    /// The page for people who have none of their own.
    pub(crate) fn page(&self) -> Reply {
        let (status, sentence) = self.words();
        let again = match self {
            Self::Csrf => "",
            _ => "<p><a href=\"/login\">Sign in</a></p>",
        };
        let content = format!("<main><h1>Not signed in</h1><p>{sentence}</p>{again}</main>");
        page::build(status, "Not signed in", &content, Allows { styled: true, ..Allows::default() })
    }

    fn words(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Client(error) if error.is_temporary() => {
                (StatusCode::BAD_GATEWAY, "The sign-in service does not answer. Try again in a moment.")
            }
            Self::Client(Error::Refused(_)) => {
                (StatusCode::FORBIDDEN, "You did not sign in. You can try again.")
            }
            Self::Client(_) => (StatusCode::BAD_REQUEST, "The sign-in did not finish. Please try again."),
            Self::NothingPending => {
                (StatusCode::BAD_REQUEST, "This sign-in was not started here. Please try again.")
            }
            Self::Csrf => (StatusCode::FORBIDDEN, "This page has expired. Go back and try again."),
            Self::UnknownProvider => {
                (StatusCode::BAD_REQUEST, "This application does not know that sign-in service.")
            }
            Self::LoggedOut => (StatusCode::FORBIDDEN, "You have signed out. You can sign in again."),
            Self::Sessions(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "This does not work at the moment. Try again in a moment.")
            }
        }
    }
}

impl From<Error> for LoginFailure {
    fn from(error: Error) -> Self {
        Self::Client(error)
    }
}

impl From<SessionError> for LoginFailure {
    fn from(error: SessionError) -> Self {
        Self::Sessions(error)
    }
}

/// Whether a person can do nothing about it: the client is set up otherwise than it is registered, or nobody answers.
fn is_for_the_operator(error: &Error) -> bool {
    match error {
        Error::Refused(message) => message.error != "access_denied",
        Error::Endpoint { error: message, .. } => message.error != "invalid_grant",
        Error::ForeignCallback(_) => false,
        _ => true,
    }
}
