//! The page that says that someone is signed out, and lets the browser tell applications so (Front-Channel Logout 3).
//!
//! Where an application waits for the person, the page leads there once the frames have loaded, or after five seconds where one of
//! them hangs. Without script a browser does the first (HTML, "refresh": counted from when the document has loaded), and the
//! person can click.

use askama::Template;

use super::{Application, Layout, render, script};

/// What leads on. The page's policy allows this text alone.
const SCRIPT: &str = "(function(){\
    function go(){location.replace(document.getElementById(\"continue\").href)}\
    addEventListener(\"load\",go);setTimeout(go,5000)})()";

/// The end of a session.
#[derive(Clone)]
pub struct SignedOut {
    /// The frame of the page.
    pub layout: Layout,
    /// The application to go back to. Its link is shown only if its `uri` is a web address.
    pub application: Option<Application>,
    /// What the browser loads so that applications end their sessions too; only `https` and `http` addresses are.
    pub frames: Vec<LogoutFrame>,
    /// Where the person goes next: the verified `post_logout_redirect_uri`.
    pub next: Option<String>,
}

/// An address of an application that ends its session in this browser.
#[derive(Clone)]
pub struct LogoutFrame {
    /// The application.
    pub application: Application,
    /// Its `frontchannel_logout_uri`, with what it needs to know.
    pub uri: String,
}

impl LogoutFrame {
    fn source(&self) -> Option<&str> {
        super::link::web(&self.uri)
    }
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct Html<'a> {
    layout: &'a Layout,
    page: &'a SignedOut,
    script: &'static str,
}

impl SignedOut {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        render::html(&Html { layout: &self.layout, page: self, script: SCRIPT }, "You are signed out")
    }

    /// The source by which a policy allows the page's script: `sha256-…`.
    pub fn script_hash() -> String {
        script::source(SCRIPT)
    }
}
