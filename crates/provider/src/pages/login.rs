//! The page where a person signs in with a user name and a password.

use askama::Template;

use super::{Application, Layout, render, words};

/// The sign-in form.
#[derive(Clone)]
pub struct Login {
    /// The frame of the page.
    pub layout: Layout,
    /// Where the form is posted.
    pub action: String,
    /// The token that binds the form to this browser's session.
    pub csrf: String,
    /// The handle of the authorization request that waits for this sign-in; empty where none waits, and then there is
    /// nothing to cancel and no button for it.
    pub interaction: String,
    /// The application that asks; nothing if the person came by themselves.
    pub application: Option<Application>,
    /// The user name that is already filled in: `login_hint`, or what was typed before; empty for none.
    pub username: String,
    /// Whether the application asked for a new account (`prompt=create`), which people don't make here.
    pub wants_account: bool,
    /// The code of the device that is to be connected after the sign-in, empty if it is not known yet.
    pub device: Option<String>,
    /// Why the person sees the form again.
    pub error: Option<LoginError>,
}

/// Why a sign-in did not work. No variant tells whether an account exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginError {
    /// The user name is unknown, or the password is wrong: one sentence for both.
    WrongCredentials,
    /// Too many sign-ins were tried for this account or from this network.
    TooManyAttempts {
        /// When the next one will be looked at.
        retry_after_seconds: u64,
    },
    /// The form was older than its token.
    Expired,
}

impl LoginError {
    fn sentence(&self) -> String {
        match self {
            Self::WrongCredentials => {
                "That user name and password do not match. Check both and try again.".into()
            }
            Self::TooManyAttempts { retry_after_seconds } => {
                format!(
                    "Sign-in is paused after many tries. Wait {}, then try again.",
                    words::wait(*retry_after_seconds)
                )
            }
            Self::Expired => "This page was open for a while, so it expired. Please sign in again.".into(),
        }
    }

    fn is_about_fields(&self) -> bool {
        *self == Self::WrongCredentials
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct Html<'a> {
    layout: &'a Layout,
    page: &'a Login,
}

impl Login {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        render::html(&Html { layout: &self.layout, page: self }, "Sign in")
    }
}
