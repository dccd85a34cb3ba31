//! The page that hands a response to the application as a form (OAuth 2.0 Form Post Response Mode 2): by itself where scripts
//! run, at a click where they don't.

use askama::Template;

use super::{HiddenField, Layout, render, script};

/// What posts the form. The page's policy allows this text alone.
const SCRIPT: &str = "document.forms[0].submit()";

/// The page.
#[derive(Clone)]
pub struct FormPost {
    /// The frame of the page.
    pub layout: Layout,
    /// The verified `redirect_uri`.
    pub action: String,
    /// The parameters of the response.
    pub fields: Vec<HiddenField>,
}

#[derive(Template)]
#[template(path = "form_post.html")]
struct Html<'a> {
    layout: &'a Layout,
    page: &'a FormPost,
    script: &'static str,
}

impl FormPost {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        render::html(&Html { layout: &self.layout, page: self, script: SCRIPT }, "Going back")
    }

    /// The source by which a policy allows the page's script: `sha256-…`.
    pub fn script_hash() -> String {
        script::source(SCRIPT)
    }
}
