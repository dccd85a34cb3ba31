//! The suite's side of the network: what it serves to the provider, and what the provider posts to it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use authmint::fetch::{Reply, Transport};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

/// Another address of the suite, beside the callback.
pub(crate) fn suite(path: &str) -> String {
    format!("https://suite.example/test/a/authmint/{path}")
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Web(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// By address: the media type and the content.
    documents: BTreeMap<String, (&'static str, String)>,
    posted: Vec<Request<Bytes>>,
}

impl Web {
    pub(crate) fn serve(&self, address: &str, media_type: &'static str, content: String) {
        let mut state = self.0.lock().unwrap();
        state.documents.insert(address.to_owned(), (media_type, content));
    }

    /// What was posted since the last look.
    pub(crate) fn posted(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut self.0.lock().unwrap().posted)
    }
}

impl Transport for Web {
    fn send(&self, request: Request<Bytes>) -> Reply<'_> {
        let mut state = self.0.lock().unwrap();
        let mut response = Response::new(Bytes::new());
        if request.method() == Method::POST {
            state.posted.push(request);
        } else if let Some((media_type, content)) = state.documents.get(&request.uri().to_string()) {
            *response.body_mut() = Bytes::from(content.clone());
            response.headers_mut().insert("content-type", media_type.parse().unwrap());
        } else {
            *response.status_mut() = StatusCode::NOT_FOUND;
        }
        Box::pin(async move { Ok(response) })
    }
}
