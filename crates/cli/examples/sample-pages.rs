//! Writes every page of the sample application to a folder, for any static file server:
//!
//! ```sh
//! cargo run -p authmint-cli --example sample-pages -- /tmp/sample-pages
//! ```

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use pages::{
    ApiResult, Claim, ErrorKind, ErrorPage, STYLESHEET, STYLESHEET_PATH, SignedIn, SignedOut, TokenLife,
};

#[path = "../src/dev/pages/fixtures.rs"]
mod fixtures;
#[path = "../src/dev/pages/mod.rs"]
mod pages;

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map_or_else(|| PathBuf::from("sample-pages"), PathBuf::from);
    let mut list = String::new();
    for (name, page) in fixtures::pages() {
        write(&folder, &format!("{name}.html"), &page)?;
        let _ = writeln!(list, "<li><a href=\"{name}.html\">{name}</a>");
    }
    write(&folder, STYLESHEET_PATH.trim_start_matches('/'), STYLESHEET)?;
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
