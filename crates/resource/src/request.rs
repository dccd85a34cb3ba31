//! What of a request is looked at: method, address and headers, of whatever kind the request is.

use http::request::Parts;
use http::{HeaderMap, Method, Request, Uri};

/// The head of a request, borrowed. `&http::Request<B>` and `&http::request::Parts` turn into one by themselves; a framework
/// with types of its own makes one by [`new`](Self::new).
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
}

impl<'a> RequestHead<'a> {
    /// The head of a request. Of `uri` only path and query count: the host is the API's own, whatever the request says.
    #[must_use]
    pub fn new(method: &'a Method, uri: &'a Uri, headers: &'a HeaderMap) -> Self {
        Self { method, uri, headers }
    }
}

impl<'a, B> From<&'a Request<B>> for RequestHead<'a> {
    fn from(request: &'a Request<B>) -> Self {
        Self::new(request.method(), request.uri(), request.headers())
    }
}

impl<'a> From<&'a Parts> for RequestHead<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self::new(&parts.method, &parts.uri, &parts.headers)
    }
}
