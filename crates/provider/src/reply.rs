//! Responses to browsers: pages that no cache keeps and no other site frames, and redirects that never repeat a POST.

use authmint_server::Delivery;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, Response, StatusCode};
use url::Url;

use crate::pages::{FormPost, HiddenField, Layout};

/// A response to a browser.
pub(crate) type Reply = Response<Bytes>;

/// What one page may do beyond what every page may: each an exception in its policy.
#[derive(Default)]
pub(crate) struct Allows {
    /// The origin where its forms may lead besides this server: the redirect of a POST counts (CSP3 `form-action`).
    pub(crate) form_target: Option<String>,
    /// The origin of an application's logo.
    pub(crate) image: Option<String>,
    /// The origins of what it frames.
    pub(crate) frames: Vec<String>,
    /// The hash of its script.
    pub(crate) script: Option<String>,
}

/// A page. `form_target` is where its forms may lead besides this server.
pub(crate) fn page(status: StatusCode, html: String, form_target: Option<&str>) -> Reply {
    let allows = Allows { form_target: form_target.map(str::to_owned), ..Allows::default() };
    page_that(status, html, &allows)
}

/// A page with exceptions in its policy.
pub(crate) fn page_that(status: StatusCode, html: String, allows: &Allows) -> Reply {
    let Allows { form_target, image, frames, script } = allows;
    let sources = |origins: &[String]| -> String { origins.iter().map(|origin| source(origin)).collect() };
    let frames = if frames.is_empty() { String::new() } else { format!("; frame-src{}", sources(frames)) };
    let script = script.as_ref().map(|hash| format!("; script-src '{hash}'")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:{}; form-action 'self'{}; \
         frame-ancestors 'none'; base-uri 'none'{frames}{script}",
        sources(image.as_slice()),
        sources(form_target.as_slice()),
    );
    let mut reply = html_with(status, html, policy);
    reply.headers_mut().insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    private(reply.headers_mut());
    reply
}

/// A page that any site may frame, the same for everybody: it runs its script and loads nothing.
pub(crate) fn public_frame(html: String, script_hash: &str) -> Reply {
    let policy =
        format!("default-src 'none'; script-src '{script_hash}'; form-action 'none'; base-uri 'none'");
    let mut reply = html_with(StatusCode::OK, html, policy);
    private(reply.headers_mut());
    reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    reply
}

fn html_with(status: StatusCode, html: String, policy: String) -> Reply {
    let mut reply = Response::new(Bytes::from(html));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Ok(policy) = HeaderValue::try_from(policy) {
        reply.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    reply
}

/// The origin of an address, as a policy names it.
pub(crate) fn origin(uri: &str) -> Option<String> {
    let origin = Url::parse(uri).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// Brings the response of an authorization request to the client: by a redirect, or by a form that the browser posts.
pub(crate) fn deliver(delivery: Delivery, layout: Layout) -> Reply {
    match delivery {
        Delivery::Redirect(location) => see_other(&location),
        Delivery::FormPost { action, fields } => {
            let allows = Allows {
                form_target: origin(&action),
                script: Some(FormPost::script_hash()),
                ..Allows::default()
            };
            let fields = fields
                .iter()
                .map(|(name, value)| HiddenField { name: name.to_owned(), value: value.to_owned() });
            let page = FormPost { layout, action, fields: fields.collect() };
            page_that(StatusCode::OK, page.render(), &allows)
        }
    }
}

/// Sends the browser on, with GET (RFC 9700 4.12: never 307).
pub(crate) fn see_other(location: &str) -> Reply {
    let mut reply = Response::new(Bytes::new());
    *reply.status_mut() = StatusCode::SEE_OTHER;
    // Locations are built from parsed addresses; one that is no header value is shown as a page that leads nowhere.
    match HeaderValue::try_from(location) {
        Ok(location) => reply.headers_mut().insert(LOCATION, location),
        Err(_) => return page(StatusCode::BAD_REQUEST, String::new(), None),
    };
    private(reply.headers_mut());
    reply
}

/// What every answer to a person carries.
fn private(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
}

/// Tells browsers to keep to TLS, where the issuer does.
pub(crate) fn keep_to_tls(reply: &mut Reply) {
    let two_years = HeaderValue::from_static("max-age=63072000");
    reply.headers_mut().insert(STRICT_TRANSPORT_SECURITY, two_years);
}

/// A source of a policy: the origin as it is, or its scheme where it can't be written as a host (an IPv6 address, a
/// private-use scheme, characters that mean something to the policy).
fn source(origin: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '/' | '_' | '+');
    match origin.split_once(':') {
        Some((scheme, _)) if !origin.chars().all(plain) => format!(" {scheme}:"),
        _ => format!(" {origin}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s30_pages_carry_the_whole_armour() {
        let reply = page(StatusCode::OK, String::new(), Some("https://app.example"));
        let header = |name: &str| reply.headers()[name].to_str().unwrap().to_owned();
        assert!(
            header("content-security-policy")
                .contains("form-action 'self' https://app.example; frame-ancestors 'none'")
        );
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(see_other("https://app.example/cb").status(), StatusCode::SEE_OTHER);
    }

    #[test]
    fn s30_each_exception_is_one_and_names_its_origin() {
        let policy = |allows: &Allows| {
            let reply = page_that(StatusCode::OK, String::new(), allows);
            reply.headers()["content-security-policy"].to_str().unwrap().to_owned()
        };
        let plain = policy(&Allows::default());
        assert!(!plain.contains("script-src") && !plain.contains("frame-src") && !plain.contains("http"));
        let allows = Allows {
            form_target: None,
            image: origin("https://cdn.example/logo.png?x"),
            frames: vec!["https://a.example".into(), "https://b.example:8443".into()],
            script: Some("sha256-x".into()),
        };
        assert_eq!(
            policy(&allows),
            "default-src 'none'; style-src 'self'; img-src 'self' data: https://cdn.example; form-action 'self'; \
             frame-ancestors 'none'; base-uri 'none'; frame-src https://a.example https://b.example:8443; \
             script-src 'sha256-x'"
        );
    }

    #[test]
    fn a_frame_for_every_site_runs_its_script_and_nothing_else() {
        let reply = public_frame(String::new(), "sha256-x");
        assert!(reply.headers().get("x-frame-options").is_none());
        let policy = reply.headers()["content-security-policy"].to_str().unwrap();
        assert_eq!(policy, "default-src 'none'; script-src 'sha256-x'; form-action 'none'; base-uri 'none'");
    }

    #[test]
    fn s30_an_origin_cannot_write_into_the_policy() {
        assert_eq!(source("https://a;script-src"), " https:");
        assert_eq!(source("http://[::1]:8080"), " http:");
        assert_eq!(source("com.example.app:"), " com.example.app:");
    }
}
