//! Responses to browsers: pages that no cache keeps and no other site frames, and redirects that never repeat a POST.

use authmint_server::Delivery;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, Response, StatusCode};

use crate::pages::{FormPost, HiddenField, Layout};

/// A response to a browser.
pub(crate) type Reply = Response<Bytes>;

/// A page. `form_target` is where its forms may lead besides this server: the redirect of a POST counts (CSP3 `form-action`).
pub(crate) fn page(status: StatusCode, html: String, form_target: Option<&str>) -> Reply {
    scripted_page(status, html, form_target, "")
}

/// Brings the response of an authorization request to the client: by a redirect, or by a form that the browser posts.
pub(crate) fn deliver(delivery: Delivery, layout: Layout) -> Reply {
    match delivery {
        Delivery::Redirect(location) => see_other(&location),
        Delivery::FormPost { action, fields } => {
            let origin = action.split('/').take(3).collect::<Vec<_>>().join("/");
            let fields = fields
                .iter()
                .map(|(name, value)| HiddenField { name: name.to_owned(), value: value.to_owned() });
            let page = FormPost { layout, action, fields: fields.collect() };
            let script = format!("; script-src '{}'", FormPost::script_hash());
            scripted_page(StatusCode::OK, page.render(), Some(&origin), &script)
        }
    }
}

fn scripted_page(status: StatusCode, html: String, form_target: Option<&str>, script: &str) -> Reply {
    let mut reply = Response::new(Bytes::from(html));
    *reply.status_mut() = status;
    let target = form_target.map(source).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'{target}; \
         frame-ancestors 'none'; base-uri 'none'{script}"
    );
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    private(headers);
    reply
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
    fn s30_an_origin_cannot_write_into_the_policy() {
        assert_eq!(source("https://a;script-src"), " https:");
        assert_eq!(source("http://[::1]:8080"), " http:");
        assert_eq!(source("com.example.app:"), " com.example.app:");
    }
}
