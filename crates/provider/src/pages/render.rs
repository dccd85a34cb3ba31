//! From a template to a page, whatever happens: a person who waits for a page never gets an empty answer.

use askama::Template;

/// Renders `template`; if that fails, a page with `heading` says so in plain words.
pub(super) fn html(template: &impl Template, heading: &str) -> String {
    template.render().unwrap_or_else(|error| {
        tracing::error!(%error, page = heading, "a page template failed to render");
        fallback(heading)
    })
}

fn fallback(heading: &str) -> String {
    let heading = escape(heading);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{heading}</title>\n<h1>{heading}</h1>\n\
         <p>We could not show this page. Go back and try again.</p>\n</html>\n"
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#x27;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken;

    impl std::fmt::Display for Broken {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            Err(std::fmt::Error)
        }
    }

    #[derive(Template)]
    #[template(source = "{{ value }}", ext = "html")]
    struct Breaks {
        value: Broken,
    }

    #[test]
    fn a_template_that_fails_still_gives_an_escaped_page() {
        let page = html(&Breaks { value: Broken }, "Sign in to <b>\"A&B's\"</b>");
        assert!(page.contains("<h1>Sign in to &lt;b&gt;&quot;A&amp;B&#x27;s&quot;&lt;/b&gt;</h1>"), "{page}");
        assert!(page.contains("Go back and try again."));
    }
}
