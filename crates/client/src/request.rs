//! Posting a form with the client's authentication and its DPoP proof, and judging the answer (RFC 6749 2.3, 5.2).

use authmint_jose::Secret;
use authmint_oauth2::error::ErrorMessage;
use authmint_oauth2::{Params, TokenType};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Method, Request, Response, Uri};
use serde::de::DeserializeOwned;

use crate::assertion;
use crate::client::Client;
use crate::error::Error;

/// Whether a request to the provider carries a proof of the client's key, if it has one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Where tokens are issued or asked for.
    Dpop,
    /// Everywhere else.
    None,
}

/// Posts a form to an endpoint of the provider, authenticated as the client.
pub(crate) async fn post(
    client: &Client,
    url: &str,
    params: &Params,
    proof: Proof,
) -> Result<Response<Bytes>, Error> {
    let uri = address(client, url)?;
    let dpop = client.dpop().filter(|_| proof == Proof::Dpop);
    let mut may_try_again = true;
    loop {
        // Anew for each try: an assertion and a proof are good once.
        let (mut headers, mut params) = (HeaderMap::new(), params.clone());
        assertion::credentials(client)?.apply(&mut headers, &mut params);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(dpop) = dpop {
            dpop.prove(&mut headers, &Method::POST, &uri, None, client.now(), client.entropy())?;
        }
        let mut request = Request::new(Bytes::from(params.to_query()));
        (*request.method_mut(), *request.uri_mut()) = (Method::POST, uri.clone());
        *request.headers_mut() = headers;
        let response = client.transport().send(request).await?;
        let asked_again = dpop.is_some_and(|dpop| dpop.learn(&uri, &response));
        if !(asked_again && std::mem::take(&mut may_try_again)) {
            return Ok(response);
        }
    }
}

/// Sends a request with an access token, and with a proof where the token is bound to the client's key (RFC 6750 2.1,
/// RFC 9449 7.1). A request that is refused for its nonce is sent once more.
pub(crate) async fn with_token(
    client: &Client,
    request: &Request<Bytes>,
    access_token: &Secret,
    token_type: TokenType,
) -> Result<Response<Bytes>, Error> {
    let mut authorization =
        HeaderValue::try_from(format!("{} {}", token_type.as_str(), access_token.expose())).map_err(
            |_| Error::Response {
                endpoint: "the token endpoint",
                problem: "an access token that can't be sent",
            },
        )?;
    authorization.set_sensitive(true);
    let dpop = match (token_type, client.dpop()) {
        (TokenType::Bearer, _) => None,
        (TokenType::Dpop, Some(dpop)) => Some(dpop),
        (TokenType::Dpop, None) => {
            return Err(Error::Configuration(
                "the token is bound to a DPoP key that this client does not have",
            ));
        }
    };
    let mut may_try_again = true;
    loop {
        let mut request = request.clone();
        let (method, uri) = (request.method().clone(), request.uri().clone());
        request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        if let Some(dpop) = dpop {
            let token = Some(access_token.expose());
            dpop.prove(request.headers_mut(), &method, &uri, token, client.now(), client.entropy())?;
        }
        let response = client.transport().send(request).await?;
        let asked_again = dpop.is_some_and(|dpop| dpop.learn(&uri, &response));
        if !(asked_again && std::mem::take(&mut may_try_again)) {
            return Ok(response);
        }
    }
}

/// The address of an endpoint.
pub(crate) fn address(client: &Client, url: &str) -> Result<Uri, Error> {
    url.parse().map_err(|_| Error::Metadata {
        issuer: client.config().issuer.to_string(),
        problem: "an endpoint is no address".to_owned(),
    })
}

/// An address with parameters added to its query.
pub(crate) fn with_query(endpoint: &str, params: &Params) -> String {
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    format!("{endpoint}{joint}{}", params.to_query())
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
