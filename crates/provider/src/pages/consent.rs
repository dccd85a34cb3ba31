//! The page where a person decides what an application may do.

use std::collections::BTreeMap;

use askama::Template;

use super::link::Destination;
use super::scopes::{self, ScopeLine};
use super::{Application, Layout, User, render};

/// The question whether an application may have what it asks for.
#[derive(Clone)]
pub struct Consent {
    /// The frame of the page.
    pub layout: Layout,
    /// Where the form is posted.
    pub action: String,
    /// The token that binds the form to this browser's session.
    pub csrf: String,
    /// The handle of the authorization request that is decided.
    pub interaction: String,
    /// The application that asks.
    pub application: Application,
    /// The verified `redirect_uri`; its host is shown, because a name can be chosen freely and a host cannot.
    pub redirect_uri: String,
    /// The person who decides.
    pub user: User,
    /// The scopes that are asked for, in the order in which they are shown.
    pub scopes: Vec<String>,
    /// What scopes of APIs mean, by name; a scope without a sentence is shown as it is, with a warning.
    pub descriptions: BTreeMap<String, String>,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Html<'a> {
    layout: &'a Layout,
    page: &'a Consent,
}

impl Consent {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        render::html(&Html { layout: &self.layout, page: self }, "Allow access?")
    }

    fn scope_lines(&self) -> impl Iterator<Item = ScopeLine<'_>> {
        self.scopes.iter().map(|scope| scopes::line(scope, &self.descriptions))
    }

    fn destination(&self) -> Option<Destination> {
        Destination::of(&self.redirect_uri)
    }
}
