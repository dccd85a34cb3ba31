//! The frame that an application's own frame asks whether the login has changed (Session Management 3.2, 3.3). It is the one page
//! that does nothing without script, and it is never seen.
//!
//! The hash is computed by js-sha256, since the browser's own digest answers later and is not there on plain `http`. What is
//! hashed is no secret of this server's: it only tells one login from another.

use askama::Template;

use super::render;
use super::script;

/// What the frame runs. The page's policy allows this text alone.
const SCRIPT: &str = concat!(
    include_str!("../../templates/vendor/js-sha256/sha256.min.js"),
    "\n",
    include_str!("../../templates/check_session.js")
);

/// The frame.
#[derive(Clone)]
pub struct CheckSession {
    /// The name of the cookie that holds the state of the browser, which scripts of this page may read.
    pub cookie: String,
}

#[derive(Template)]
#[template(path = "check_session.html")]
struct Html<'a> {
    page: &'a CheckSession,
    script: &'static str,
}

impl CheckSession {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        render::html(&Html { page: self, script: SCRIPT }, "Session")
    }

    /// The source by which a policy allows the page's script: `sha256-…`.
    pub fn script_hash() -> String {
        script::source(SCRIPT)
    }
}
