//! The page on which a person chooses among several providers.

use std::fmt::Write;

use http::StatusCode;

use crate::page::{self, Allows, escape};
use crate::reply::Reply;

/// A provider to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Choice {
    /// Its name in addresses.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// The address that begins a login with it, and leads back to where the person was.
    pub address: String,
}

/// The page for applications that have none of their own. Links need no exception in the policy: a form's redirect would.
pub(crate) fn plain_choice(choices: &[Choice]) -> Reply {
    let mut content = "<main><h1>Sign in</h1>".to_owned();
    for Choice { name, title, address } in choices {
        let (name, title, address) = (escape(name), escape(title), escape(address));
        let _ = write!(
            content,
            r#"<a class="provider" id="provider-{name}" href="{address}">Sign in with {title}</a>"#
        );
    }
    content.push_str("</main>");
    page::build(StatusCode::OK, "Sign in", &content, Allows { styled: true, ..Allows::default() })
}
