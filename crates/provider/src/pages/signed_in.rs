//! The page for someone who is signed in and whom no application waits for.

use askama::Template;

use super::words::Moment;
use super::{Layout, User, render};

/// Who is signed in, and since when.
#[derive(Clone)]
pub struct SignedIn {
    /// The frame of the page.
    pub layout: Layout,
    /// Where the form that signs out is posted.
    pub action: String,
    /// The token that binds the form to this browser's session.
    pub csrf: String,
    /// The person.
    pub user: User,
    /// When the person signed in, in seconds since 1970, as in the claim `auth_time`.
    pub since: i64,
}

#[derive(Template)]
#[template(path = "signed_in.html")]
struct Html<'a> {
    layout: &'a Layout,
    page: &'a SignedIn,
}

impl SignedIn {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        render::html(&Html { layout: &self.layout, page: self }, "You are signed in")
    }

    fn moment(&self) -> Option<Moment> {
        Moment::from_unix(self.since)
    }
}
