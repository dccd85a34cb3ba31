//! The page that asks before it signs someone out, so that no other site can do it behind their back.

use askama::Template;

use super::{Application, Layout, User, render};

/// The question whether to sign out.
#[derive(Clone)]
pub struct Logout {
    /// The frame of the page.
    pub layout: Layout,
    /// Where the form is posted.
    pub action: String,
    /// The token that binds the form to this browser's session.
    pub csrf: String,
    /// What else the form must carry to finish the logout that was asked for.
    pub fields: Vec<HiddenField>,
    /// The application that asks for the logout, if one does.
    pub application: Option<Application>,
    /// The person who is signed in, if that is known.
    pub user: Option<User>,
}

/// A value that the form carries unseen.
#[derive(Clone)]
pub struct HiddenField {
    /// The name of the field.
    pub name: String,
    /// Its value.
    pub value: String,
}

#[derive(Template)]
#[template(path = "logout.html")]
struct Html<'a> {
    layout: &'a Layout,
    page: &'a Logout,
}

impl Logout {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        render::html(&Html { layout: &self.layout, page: self }, "Sign out?")
    }
}
