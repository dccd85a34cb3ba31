//! The provider's front door: what this is, for a person who types its address.

use askama::Template;

use super::{Layout, render};

/// The page at the issuer's own address.
#[derive(Clone)]
pub struct Home {
    /// The frame of the page.
    pub layout: Layout,
    /// The issuer identifier, which developers copy into their configuration.
    pub issuer: String,
    /// The path of the discovery document, with the issuer's own path.
    pub discovery_path: String,
    /// The path of the sign-in page, with the issuer's own path.
    pub login_path: String,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Html<'a> {
    layout: &'a Layout,
    page: &'a Home,
}

impl Home {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        render::html(&Html { layout: &self.layout, page: self }, "Sign-in service")
    }
}
