//! The sample application's stylesheet, at a path that changes with its content.

use std::str;
use std::sync::LazyLock;

use authmint_provider::pages::fingerprint;

/// Serve it as `text/css` at [`STYLESHEET_PATH`]; a browser may keep it for ever.
pub(crate) const STYLESHEET: &str = include_str!("../../../templates/sample/sample.css");

/// Where the pages look for [`STYLESHEET`].
pub(crate) static STYLESHEET_PATH: LazyLock<String> = LazyLock::new(|| {
    let hash = fingerprint(STYLESHEET);
    format!("/assets/sample-{}.css", str::from_utf8(&hash).unwrap_or_default())
});
