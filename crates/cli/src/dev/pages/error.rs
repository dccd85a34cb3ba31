//! What the sample application says when a sign-in does not come to its end.

use askama::Template;

use super::assets::STYLESHEET_PATH;
use super::render;

/// What went wrong, and what to do about it.
#[derive(Clone, Debug)]
pub(crate) struct ErrorPage {
    /// What happened, in a few words.
    pub(crate) title: String,
    /// What happened, in a sentence.
    pub(crate) message: String,
    /// What to do now.
    pub(crate) advice: String,
    /// Where the button leads.
    pub(crate) retry_path: String,
    /// What the button says.
    pub(crate) retry_label: String,
    /// The error code, if there is one.
    pub(crate) code: Option<String>,
    /// What the provider or the client library said about it.
    pub(crate) explanation: Option<String>,
}

/// The ways in which a sign-in or a call fails here. [`ErrorPage::new`] has the words for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The person did not allow it: `access_denied`.
    AccessDenied,
    /// The callback does not belong to a sign-in that this browser started.
    StateMismatch,
    /// The provider did not answer.
    ProviderUnreachable,
    /// The provider, or the check of its answer, refused.
    SignInFailed,
    /// A form came back with a token that does not fit the session.
    ExpiredForm,
    /// There is no such page.
    NotFound,
}

impl ErrorPage {
    /// A page with the words for `kind`; change or add any field before rendering.
    pub(crate) fn new(kind: ErrorKind) -> Self {
        let (title, message, advice) = match kind {
            ErrorKind::AccessDenied => (
                "You did not sign in",
                "You chose not to continue at the sign-in service, so nothing was shared with this application.",
                "You can sign in whenever you like.",
            ),
            ErrorKind::StateMismatch => (
                "This sign-in was not started here",
                "The answer does not belong to a sign-in that this browser began. It may be an old link, or someone \
                 else’s, so it was not used.",
                "Start a fresh sign-in from here.",
            ),
            ErrorKind::ProviderUnreachable => (
                "The sign-in service does not answer",
                "This application could not reach the service that signs you in.",
                "Check that the service is running, then try again.",
            ),
            ErrorKind::SignInFailed => (
                "The sign-in did not finish",
                "The sign-in service sent an answer that this application could not use.",
                "Try again. If it fails once more, the details below show the reason.",
            ),
            ErrorKind::ExpiredForm => (
                "This page has expired",
                "To keep you safe, its buttons work only in the session that opened it.",
                "Go back to the start page and try again.",
            ),
            ErrorKind::NotFound => (
                "There is no page here",
                "The address may have a typing mistake.",
                "Start again from the home page.",
            ),
        };
        let retry_path = match kind {
            ErrorKind::ExpiredForm | ErrorKind::NotFound => "/",
            _ => "/login",
        };
        Self {
            title: title.into(),
            message: message.into(),
            advice: advice.into(),
            retry_path: retry_path.into(),
            retry_label: if retry_path == "/" { "Home page" } else { "Try again" }.into(),
            code: None,
            explanation: None,
        }
    }

    /// The page as an HTML document.
    pub(crate) fn render(&self) -> String {
        render::html(&Html { stylesheet: &STYLESHEET_PATH, page: self })
    }
}

#[derive(Template)]
#[template(path = "sample/error.html")]
struct Html<'a> {
    stylesheet: &'a str,
    page: &'a ErrorPage,
}
