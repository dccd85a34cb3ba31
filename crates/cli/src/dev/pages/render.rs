//! From a template to a page. A template that fails leaves plain words, and the reason in the log.

use askama::Template;

const FALLBACK: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Sample application</title>\n\
                        <h1>Sample application</h1>\n<p>We could not show this page. <a href=\"/\">Try again</a>.</p>\n";

pub(super) fn html(template: &impl Template) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a page template failed to render");
        FALLBACK.into()
    })
}
