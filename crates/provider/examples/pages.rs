//! Writes every page in every state to a folder, for any static file server:
//!
//! ```sh
//! cargo run -p authmint-provider --example pages -- /tmp/pages
//! ```

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use authmint_provider::pages::{
    Application, CheckSession, Consent, DeviceCode, DeviceCodeError, DeviceConsent, DeviceDone, ErrorDetails,
    ErrorKind, ErrorPage, FormPost, HiddenField, Home, Layout, Link, Login, LoginError, Logout, LogoutFrame,
    STYLESHEET, STYLESHEET_PATH, SignedIn, SignedOut, User,
};

#[path = "../src/pages/fixtures.rs"]
mod fixtures;

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map_or_else(|| PathBuf::from("pages"), PathBuf::from);
    let mut list = String::new();
    let special = fixtures::special_pages().into_iter().map(|(name, page, _)| (name, page));
    let frame = ("check-session", fixtures::check_session("authmint-state"));
    for (name, page) in fixtures::pages().into_iter().chain(special).chain([frame]) {
        write(&folder, &format!("{name}.html"), &page)?;
        let _ = writeln!(list, "<li><a href=\"{name}.html\">{name}</a>");
    }
    // The pages of a provider at the root and of one at `/tenant` both find their stylesheet.
    for base in ["", "tenant/"] {
        write(&folder, &format!("{base}{}", STYLESHEET_PATH.trim_start_matches('/')), STYLESHEET)?;
    }
    let index = format!(
        "<!doctype html>\n<html lang=\"en\">\n<title>Pages</title>\n<h1>Pages</h1>\n<ul>\n{list}</ul>\n"
    );
    write(&folder, "index.html", &index)
}

fn write(folder: &Path, name: &str, content: &str) -> io::Result<()> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, content)
}
