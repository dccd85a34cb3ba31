//! Answers, and what each of them carries.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY};
use http::{HeaderMap, Response, StatusCode};

/// An answer, complete.
pub type Reply = Response<Bytes>;

/// Sends the browser on, with GET (RFC 9700 4.12: never 307).
#[must_use]
pub fn see_other(location: &str) -> Reply {
    let mut reply = status(StatusCode::SEE_OTHER);
    match HeaderValue::try_from(location) {
        Ok(location) => drop(reply.headers_mut().insert(LOCATION, location)),
        Err(_) => *reply.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    reply
}

/// An answer without a body.
pub(crate) fn status(status: StatusCode) -> Reply {
    with_body(status, None, Bytes::new())
}

/// A text for developers.
pub(crate) fn text(status: StatusCode, text: &'static str) -> Reply {
    with_body(status, Some("text/plain; charset=utf-8"), Bytes::from_static(text.as_bytes()))
}

/// 405, with the method that is taken. With a text: browsers show an error of their own for an empty answer.
pub(crate) fn not_allowed(allowed: &'static str) -> Reply {
    let mut reply = text(StatusCode::METHOD_NOT_ALLOWED, "This address takes another method.\n");
    reply.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    reply
}

pub(crate) fn with_body(status: StatusCode, content_type: Option<&'static str>, body: Bytes) -> Reply {
    let mut reply = Response::new(body);
    *reply.status_mut() = status;
    if let Some(content_type) = content_type {
        reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    private(reply.headers_mut());
    reply
}

/// No cache keeps it, and no other site learns its address.
pub(crate) fn private(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
}
