//! The home page of someone who is not signed in: what will happen, and the link that starts it.

use askama::Template;

use super::assets::STYLESHEET_PATH;
use super::render;

/// The home page before sign-in.
#[derive(Clone, Debug)]
pub(crate) struct SignedOut {
    /// The issuer that will sign the person in.
    pub(crate) issuer: String,
    /// A message about what was just done, such as a logout.
    pub(crate) notice: Option<String>,
}

#[derive(Template)]
#[template(path = "sample/signed_out.html")]
struct Html<'a> {
    stylesheet: &'a str,
    page: &'a SignedOut,
}

impl SignedOut {
    /// The page as an HTML document.
    pub(crate) fn render(&self) -> String {
        render::html(&Html { stylesheet: &STYLESHEET_PATH, page: self })
    }
}
