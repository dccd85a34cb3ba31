//! The page that says that someone is signed out.

use askama::Template;

use super::{Application, Layout, render};

/// The end of a session.
#[derive(Clone)]
pub struct SignedOut {
    /// The frame of the page.
    pub layout: Layout,
    /// The application to go back to. Its link is shown only if its `uri` is a web address.
    pub application: Option<Application>,
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct Html<'a> {
    layout: &'a Layout,
    page: &'a SignedOut,
}

impl SignedOut {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        render::html(&Html { layout: &self.layout, page: self }, "You are signed out")
    }
}
