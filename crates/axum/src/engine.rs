//! An authorization server of one's own: the engine's endpoints as routes, and its answers for the browser.

use authmint_oauth2::Params;
use authmint_server::{AuthorizationServer, Delivery};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY};

/// Routes for every endpoint of the engine that machines call: a fallback for the pages that are one's own.
pub fn engine(server: AuthorizationServer) -> Router {
    Router::new().fallback(serve).with_state(server)
}

async fn serve(State(server): State<AuthorizationServer>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, authmint_oauth2::params::MAX_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    match server.handle(&Request::from_parts(parts, body)).await {
        Some(reply) => reply.map(Body::from),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Brings the engine's answer to the client by way of the browser.
pub fn deliver(delivery: Delivery) -> Response {
    match delivery {
        Delivery::Redirect(address) => Redirect::to(&address).into_response(),
        Delivery::FormPost { action, fields } => form_post(&action, &fields),
    }
}

fn form_post(action: &str, fields: &Params) -> Response {
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

/// A page that no other site frames and no cache keeps. `content` is HTML: what is not your own in it goes through [`escape`].
/// Its forms lead here, and where `form_target` says: the redirect that answers a form counts.
pub fn page(title: &str, content: &str, form_target: Option<&str>) -> Response {
    let html = format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{}</title>\n{content}\n",
        escape(title)
    );
    let target: String = form_target.unwrap_or_default().split('/').take(3).collect::<Vec<_>>().join("/");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '/');
    let target = if target.chars().all(is_plain) { target } else { "https:".to_owned() };
    let policy =
        format!("default-src 'none'; form-action 'self' {target}; frame-ancestors 'none'; base-uri 'none'");
    let mut reply = Html(html).into_response();
    let headers = reply.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    reply
}

/// Text that is safe within HTML, also within an attribute in double quotes.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s30_nothing_breaks_out_of_a_form_or_into_the_policy() {
        let fields: Params = [("state", "\"><script>alert(1)</script>")].into_iter().collect();
        let reply = form_post("https://a;script-src *.example/cb", &fields);
        let policy = reply.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("form-action 'self' https:;") && !policy.contains("script-src"), "{policy}");
        let reply = form_post("https://app.example/cb?x", &fields);
        let policy = reply.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("form-action 'self' https://app.example;"), "{policy}");
        assert_eq!(escape("\"><b>&"), "&quot;&gt;&lt;b&gt;&amp;");
    }
}
