//! Pages that no other site frames and no cache keeps (RFC 9700 4.16), and the form that brings an answer to a client (OAuth 2.0
//! Form Post Response Mode).

use authmint_oauth2::Params;
use authmint_server::Delivery;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_SECURITY_POLICY, HeaderValue};

use crate::reply::{Reply, see_other, with_body};

/// How the pages of a login look. The policy allows this text alone.
const STYLE: &str = "body{font:1.125rem/1.5 system-ui,sans-serif;color:#1b1b1b;background:#fff;max-width:26rem;margin:4rem auto;\
    padding:0 1rem}a{display:block;color:#0b57d0}a.provider{margin:.75rem 0;padding:.75rem 1rem;border:1px solid #767676;\
    border-radius:.5rem;text-decoration:none}a:focus-visible{outline:3px solid #0b57d0;outline-offset:2px}\
    @media(prefers-color-scheme:dark){body{color:#eee;background:#1b1b1b}a{color:#a8c7fa}}";
/// Its name in the policy.
const STYLE_SOURCE: &str = "'sha256-1ivggePmHCjK1dK8tKRouEESDslyVjELNHC8nb3ZiJs='";

/// What a page is allowed beyond what every page is.
#[derive(Clone, Copy, Default)]
pub(crate) struct Allows<'a> {
    /// An address that its forms lead to, besides this application.
    pub(crate) form_target: Option<&'a str>,
    /// Origins whose pages may frame it.
    pub(crate) framed_by: &'a [&'a str],
    /// Our own style.
    pub(crate) styled: bool,
}

/// A page that no other site frames and no cache keeps. `content` is HTML: what is not your own in it goes through [`escape`].
/// Its forms lead here, and where `form_target` says: the redirect that answers a form counts.
///
/// ```
/// let page = authmint_web::page("Hello", &format!("<p>{}</p>", authmint_web::escape("<you>")), None);
/// assert_eq!(page.headers()["cache-control"], "no-store");
/// ```
#[must_use]
pub fn page(title: &str, content: &str, form_target: Option<&str>) -> Reply {
    build(StatusCode::OK, title, content, Allows { form_target, ..Allows::default() })
}

pub(crate) fn build(status: StatusCode, title: &str, content: &str, allows: Allows<'_>) -> Reply {
    let style = if allows.styled { format!("<style>{STYLE}</style>\n") } else { String::new() };
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n{style}{content}\n",
        escape(title)
    );
    let mut reply = with_body(status, Some("text/html; charset=utf-8"), Bytes::from(html));
    if let Ok(policy) = HeaderValue::try_from(policy(&allows)) {
        reply.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    reply
}

fn policy(allows: &Allows<'_>) -> String {
    let style = if allows.styled { format!("style-src {STYLE_SOURCE}; ") } else { String::new() };
    let target = allows.form_target.map(source).unwrap_or_default();
    let frames: Vec<String> = allows.framed_by.iter().map(|origin| source(origin)).collect();
    let frames = if frames.is_empty() { "'none'".to_owned() } else { frames.join(" ") };
    format!(
        "default-src 'none'; {style}form-action 'self' {target}; frame-ancestors {frames}; base-uri 'none'"
    )
}

/// The origin of an address as a policy names it; `https:` where it has characters that mean something to a policy.
fn source(address: &str) -> String {
    let origin: String = address.split('/').take(3).collect::<Vec<_>>().join("/");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '/');
    if origin.chars().all(is_plain) { origin } else { "https:".to_owned() }
}

/// Brings an authorization server's answer to the client by way of the browser.
///
/// ```
/// use authmint_server::Delivery;
///
/// let reply = authmint_web::deliver(Delivery::Redirect("https://app.example/callback?code=x".to_owned()));
/// assert_eq!(reply.status(), 303);
/// ```
#[must_use]
pub fn deliver(delivery: Delivery) -> Reply {
    match delivery {
        Delivery::Redirect(address) => see_other(&address),
        Delivery::FormPost { action, fields } => form_post(&action, &fields),
    }
}

fn form_post(action: &str, fields: &Params) -> Reply {
    let field = |(name, value): (&str, &str)| {
        format!(r#"<input type="hidden" name="{}" value="{}">"#, escape(name), escape(value))
    };
    let fields: String = fields.iter().map(field).collect();
    let form = format!(
        r#"<form method="post" action="{}">{fields}<button>Continue</button></form>"#,
        escape(action)
    );
    page("Going back", &form, Some(action))
}

/// Text that is safe within HTML, also within an attribute in double quotes.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy_of(reply: &Reply) -> &str {
        reply.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap()
    }

    #[test]
    fn s30_nothing_breaks_out_of_a_form_or_into_the_policy() {
        let fields: Params = [("state", "\"><script>alert(1)</script>")].into_iter().collect();
        let reply = form_post("https://a;script-src *.example/cb", &fields);
        let policy = policy_of(&reply);
        assert!(policy.contains("form-action 'self' https:;") && !policy.contains("script-src"), "{policy}");
        assert!(!String::from_utf8(reply.body().to_vec()).unwrap().contains("<script>"));
        let reply = form_post("https://app.example/cb?x", &fields);
        assert!(policy_of(&reply).contains("form-action 'self' https://app.example;"));
        assert!(policy_of(&reply).contains("frame-ancestors 'none'"));
        assert_eq!(escape("\"><b>&"), "&quot;&gt;&lt;b&gt;&amp;");
    }

    #[test]
    fn s30_a_frame_is_allowed_to_whom_it_is_for_and_the_style_by_its_hash() {
        let allows = Allows { framed_by: &["https://op.example"], styled: true, ..Allows::default() };
        let reply = build(StatusCode::OK, "t", "", allows);
        let policy = policy_of(&reply);
        assert!(policy.contains("frame-ancestors https://op.example;"), "{policy}");
        let hash = data_encoding::BASE64.encode(&authmint_jose::sha256(STYLE.as_bytes()));
        assert!(policy.contains(&format!("style-src 'sha256-{hash}'")), "{hash}");
    }
}
