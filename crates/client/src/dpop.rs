//! The client's side of DPoP (RFC 9449): a proof with each request, and the nonce that a server asks for.
//!
//! A server's nonce is good for its whole origin and until it sends another one, so it is remembered by origin. A request that
//! was refused for its nonce is sent once more with the one that came with the refusal.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use authmint_jose::{Entropy, Key, Timestamp, random_token};
use authmint_oauth2::dpop::{DPOP, DPOP_NONCE, DpopProof};
use authmint_oauth2::error::ErrorMessage;
use bytes::Bytes;
use http::header::{HeaderValue, WWW_AUTHENTICATE};
use http::{HeaderMap, Method, Response, StatusCode, Uri};

use crate::error::Error;

/// How many servers' nonces are remembered.
const MOST_ORIGINS: usize = 256;
/// The longest nonce that is remembered, in bytes.
const MAX_NONCE_BYTES: usize = 1024;
/// The code by which a server asks for its nonce (RFC 9449 8, 9).
const USE_NONCE: &str = "use_dpop_nonce";

/// A key, and the nonces of the servers that it was used with.
#[derive(Debug)]
pub(crate) struct Dpop {
    key: Key,
    nonces: Mutex<HashMap<String, String>>,
}

impl Dpop {
    pub(crate) fn new(key: Key) -> Self {
        Self { key, nonces: Mutex::default() }
    }

    /// The name of the key, which a request for a code commits itself to (RFC 9449 10).
    pub(crate) fn thumbprint(&self) -> String {
        self.key.thumbprint()
    }

    /// Puts a proof into a request, in place of an earlier one.
    pub(crate) fn prove(
        &self,
        headers: &mut HeaderMap,
        method: &Method,
        uri: &Uri,
        access_token: Option<&str>,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<(), Error> {
        let jti = random_token(entropy)?;
        let nonce = self.with(|nonces| nonces.get(&origin(uri)).cloned());
        let address = uri.to_string();
        let proof =
            DpopProof::sign(&self.key, method, &address, access_token, nonce.as_deref(), jti.expose(), now)?;
        let mut value = HeaderValue::try_from(proof.expose())
            .map_err(|_| Error::Configuration("the DPoP key makes no proof that fits a header"))?;
        value.set_sensitive(true);
        headers.insert(DPOP, value);
        Ok(())
    }

    /// Remembers the nonce of an answer. `true` when the answer refuses the request for its nonce and has another one: then the
    /// request is worth sending again.
    pub(crate) fn learn(&self, uri: &Uri, response: &Response<Bytes>) -> bool {
        let nonce = response.headers().get(DPOP_NONCE).and_then(|value| value.to_str().ok());
        let Some(nonce) = nonce.filter(|nonce| !nonce.is_empty() && nonce.len() <= MAX_NONCE_BYTES) else {
            return false;
        };
        let is_new = self.with(|nonces| {
            if nonces.len() >= MOST_ORIGINS {
                nonces.clear();
            }
            nonces.insert(origin(uri), nonce.to_owned()).as_deref() != Some(nonce)
        });
        is_new && asks_for_nonce(response)
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<String, String>) -> T) -> T {
        work(&mut self.nonces.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An authorization server says it in the body (RFC 9449 8), an API in the challenge (9).
fn asks_for_nonce(response: &Response<Bytes>) -> bool {
    match response.status() {
        StatusCode::BAD_REQUEST => serde_json::from_slice::<ErrorMessage>(response.body())
            .is_ok_and(|message| message.error == USE_NONCE),
        StatusCode::UNAUTHORIZED => {
            let challenges = response.headers().get_all(WWW_AUTHENTICATE);
            let in_challenge =
                challenges.iter().any(|value| value.to_str().is_ok_and(|text| text.contains(USE_NONCE)));
            in_challenge
                || serde_json::from_slice::<ErrorMessage>(response.body())
                    .is_ok_and(|message| message.error == USE_NONCE)
        }
        _ => false,
    }
}

fn origin(uri: &Uri) -> String {
    let authority = uri.authority().map_or("", http::uri::Authority::as_str);
    format!("{}://{authority}", uri.scheme_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use authmint_jose::{Algorithm, SystemEntropy, peek_unverified};
    use serde_json::Value;

    use super::*;

    fn refusal(nonce: &str) -> Response<Bytes> {
        let response = Response::builder().status(400).header(DPOP_NONCE, nonce);
        response.body(Bytes::from_static(br#"{"error":"use_dpop_nonce"}"#)).unwrap()
    }

    #[test]
    fn a_nonce_belongs_to_the_server_that_sent_it() {
        let dpop = Dpop::new(Key::generate(Algorithm::ES256).unwrap());
        let (one, other) =
            (Uri::from_static("https://op.example/token"), Uri::from_static("https://api.example/"));
        assert!(dpop.learn(&one, &refusal("n1")));
        assert!(!dpop.learn(&one, &refusal("n1")), "the same nonce again is no reason to try again");
        for (uri, expected) in [(&one, Some("n1")), (&other, None)] {
            let mut headers = HeaderMap::new();
            dpop.prove(&mut headers, &Method::POST, uri, None, Timestamp::from_secs(1), &SystemEntropy)
                .unwrap();
            let (_, claims): (_, Value) = peek_unverified(headers[DPOP].to_str().unwrap()).unwrap();
            assert_eq!(claims.get("nonce").and_then(Value::as_str), expected);
        }
    }
}
