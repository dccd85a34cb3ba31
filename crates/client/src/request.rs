//! Posting a form with the client's authentication, and judging the answer (RFC 6749 2.3, 5.2).

use authmint_oauth2::Params;
use authmint_oauth2::error::ErrorMessage;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Request, Response};
use serde::de::DeserializeOwned;

use crate::assertion;
use crate::client::Client;
use crate::error::Error;

/// Posts a form to an endpoint of the provider, authenticated as the client.
pub(crate) async fn post(client: &Client, url: &str, mut params: Params) -> Result<Response<Bytes>, Error> {
    let mut headers = HeaderMap::new();
    assertion::credentials(client)?.apply(&mut headers, &mut params);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let request = Request::post(url).body(Bytes::from(params.to_query()));
    let mut request = request.map_err(|_| Error::Metadata {
        issuer: client.config().issuer.to_string(),
        problem: "an endpoint is no address".to_owned(),
    })?;
    *request.headers_mut() = headers;
    Ok(client.transport().send(request).await?)
}

/// Reads a successful answer.
pub(crate) fn read<T: DeserializeOwned>(
    endpoint: &'static str,
    response: &Response<Bytes>,
) -> Result<T, Error> {
    check(endpoint, response)?;
    serde_json::from_slice(response.body())
        .map_err(|_| Error::Response { endpoint, problem: "an answer that has not the form it should have" })
}

/// Refuses an answer that is not a success.
pub(crate) fn check(endpoint: &'static str, response: &Response<Bytes>) -> Result<(), Error> {
    if response.status().is_success() {
        return Ok(());
    }
    let error = serde_json::from_slice(response.body()).unwrap_or_else(|_| ErrorMessage {
        error: "no error code".to_owned(),
        error_description: None,
        error_uri: None,
    });
    Err(Error::Endpoint { endpoint, status: response.status().as_u16(), error })
}
