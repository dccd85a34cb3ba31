//! What every endpoint shares: paths, guards for host, method and form, and the responses.

use authmint_oauth2::params::MAX_BYTES;
use authmint_oauth2::{Challenge, Error as ProtocolError, ErrorCode, Issuer, Params, TokenType};
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE,
    HOST, HeaderValue, PRAGMA, WWW_AUTHENTICATE,
};
use http::{Method, Request, Response, StatusCode};
use serde::Serialize;

use crate::dpop;
use crate::error::{Error, Guess};
use crate::server::AuthorizationServer;

/// The paths of the endpoints, below the issuer's own path.
pub mod paths {
    /// RFC 6749 3.1.
    pub const AUTHORIZATION: &str = "/authorize";
    /// RFC 6749 3.2.
    pub const TOKEN: &str = "/token";
    /// OpenID Connect Core 5.3.
    pub const USERINFO: &str = "/userinfo";
    /// RFC 7662.
    pub const INTROSPECTION: &str = "/introspect";
    /// RFC 7009.
    pub const REVOCATION: &str = "/revoke";
    /// RFC 9126 2.
    pub const PUSHED_AUTHORIZATION_REQUEST: &str = "/par";
    /// RFC 8628 3.1.
    pub const DEVICE_AUTHORIZATION: &str = "/device_authorization";
    /// RFC 8628 3.3: the page for people.
    pub const DEVICE: &str = "/device";
    /// RFC 7591 3; each client's own, RFC 7592 2, is below it.
    pub const REGISTRATION: &str = "/register";
    /// RFC 7517 5.
    pub const JWKS: &str = "/jwks";
    /// RP-Initiated Logout 2.
    pub const END_SESSION: &str = "/logout";
    /// Session Management 3.3: the frame that tells whether the login has changed.
    pub const CHECK_SESSION: &str = "/check-session";
    /// Discovery 4, after the issuer's path.
    pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
    /// RFC 8414 3, before the issuer's path.
    pub const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
}

/// A response with a body of its own.
pub(crate) type Reply = Response<Bytes>;

/// Refuses a request that was not sent to the issuer's host. The answer never repeats what was sent.
///
/// HTTP/2 has the host in the URI, HTTP/1.1 in the header (RFC 9110 7.2, 7.4).
pub(crate) fn is_our_host(request: &Request<Bytes>, issuer: &Issuer) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    let header = hosts.next().map(HeaderValue::as_bytes);
    if hosts.next().is_some() {
        return false;
    }
    let authority = request.uri().authority().map(|authority| authority.as_str().as_bytes());
    let ours = |host: &[u8]| host.eq_ignore_ascii_case(issuer.authority().as_bytes());
    match (header, authority) {
        (None, None) => false,
        (header, authority) => header.is_none_or(ours) && authority.is_none_or(ours),
    }
}

/// The part of the path below the issuer's, or nothing for a path that is not ours.
pub(crate) fn local_path<'r>(request: &'r Request<Bytes>, issuer: &Issuer) -> Option<&'r str> {
    let path = request.uri().path();
    match path.strip_prefix(issuer.path()) {
        Some(rest) if rest.starts_with('/') => Some(rest),
        _ => None,
    }
}

/// The parameters of a POST with a form (RFC 6749 3.2, appendix B).
pub(crate) fn form(request: &Request<Bytes>) -> Result<Params, ProtocolError> {
    let content_type =
        request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(ProtocolError::new(
            ErrorCode::InvalidRequest,
            "the Content-Type must be application/x-www-form-urlencoded",
        )
        .section("RFC 6749 appendix B"));
    }
    Params::parse(request.body())
}

/// The methods of an endpoint; others get 405 with `Allow`.
pub(crate) fn allow(request: &Request<Bytes>, methods: &[Method]) -> Result<(), Box<Reply>> {
    if methods.contains(request.method()) {
        return Ok(());
    }
    let names = methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
    let error = ProtocolError::new(ErrorCode::InvalidRequest, format!("use {names} here"));
    let mut reply = json(StatusCode::METHOD_NOT_ALLOWED, &error.to_message());
    if let Ok(value) = HeaderValue::try_from(names) {
        reply.headers_mut().insert(ALLOW, value);
    }
    Err(Box::new(reply))
}

/// A body over the limit; the transport may have refused it already.
pub(crate) fn too_large(request: &Request<Bytes>) -> Option<Reply> {
    (request.body().len() > MAX_BYTES).then(|| {
        let error = ProtocolError::new(ErrorCode::InvalidRequest, "the body is longer than 64 KiB");
        json(StatusCode::PAYLOAD_TOO_LARGE, &error.to_message())
    })
}

/// JSON that no cache may keep (RFC 6749 5.1).
pub(crate) fn json<T: Serialize>(status: StatusCode, body: &T) -> Reply {
    let body = serde_json::to_vec(body).unwrap_or_else(|_| b"{\"error\":\"server_error\"}".to_vec());
    let mut reply = Response::new(Bytes::from(body));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    reply
}

/// JSON that is the same for everyone: caches may keep it for a while, pages of any origin may read it.
pub(crate) fn public_json(body: String, content_type: &'static str, max_age: &'static str) -> Reply {
    let mut reply = Response::new(Bytes::from(body));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(max_age));
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    reply
}

/// What a page of another origin may send to an endpoint that reads no cookie: a form, a token, a proof.
pub(crate) fn preflight() -> Reply {
    let mut reply = Response::new(Bytes::new());
    *reply.status_mut() = StatusCode::NO_CONTENT;
    let headers = reply.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PUT, DELETE"));
    headers
        .insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type, dpop"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    reply
}

/// Lets pages of any origin read the answer. No cookie opens these endpoints, so a page learns what its own token or code is
/// worth, and nothing of the person whose browser shows it.
pub(crate) fn for_every_origin(mut reply: Reply) -> Reply {
    let headers = reply.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("dpop-nonce, retry-after, www-authenticate"),
    );
    reply
}

/// The error response of an endpoint that a client authenticates at (RFC 6749 5.2).
pub(crate) fn client_error(server: &AuthorizationServer, request: &Request<Bytes>, error: &Error) -> Reply {
    let (error, mut reply) = refusal(error);
    dpop::give_nonce(server, request, error.code() == ErrorCode::UseDpopNonce, &mut reply);
    if error.code() == ErrorCode::InvalidClient && request.headers().contains_key(AUTHORIZATION) {
        // RFC 6749 5.2: the scheme that the client used.
        reply.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"client\""));
    }
    reply
}

/// The error response of an endpoint that an access token opens (RFC 6750 3, RFC 9449 7.1, 9).
pub(crate) fn token_error(
    server: &AuthorizationServer,
    request: &Request<Bytes>,
    token_type: TokenType,
    error: &Error,
) -> Reply {
    let (error, mut reply) = refusal(error);
    let asked = error.code() == ErrorCode::UseDpopNonce;
    if asked || error.code() == ErrorCode::InvalidDpopProof {
        *reply.status_mut() = StatusCode::UNAUTHORIZED;
    }
    if error.code() != ErrorCode::ServerError {
        let challenge = Challenge { token_type, error: Some(&error), ..Challenge::default() };
        reply.headers_mut().insert(WWW_AUTHENTICATE, challenge.to_header());
    }
    dpop::give_nonce(server, request, asked, &mut reply);
    reply
}

fn refusal(error: &Error) -> (ProtocolError, Reply) {
    let guess = matches!(error, Error::Guess(_));
    let error = error.for_peer();
    let mut reply = json(error.code().status(), &error.to_message());
    if guess {
        reply.extensions_mut().insert(Guess);
    }
    (error, reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str, host: &[&str]) -> Request<Bytes> {
        let mut builder = Request::get(uri);
        for host in host {
            builder = builder.header(HOST, *host);
        }
        builder.body(Bytes::new()).unwrap()
    }

    #[test]
    fn s45_only_the_issuers_host_is_served() {
        let issuer: Issuer = "https://op.example:8443/t".parse().unwrap();
        assert!(is_our_host(&request("/t/token", &["op.example:8443"]), &issuer));
        assert!(is_our_host(&request("/t/token", &["OP.example:8443"]), &issuer));
        assert!(is_our_host(&request("https://op.example:8443/t/token", &[]), &issuer));
        for (uri, hosts) in [
            ("/t/token", &["op.example"][..]),
            ("/t/token", &[]),
            ("/t/token", &["evil.example"]),
            ("/t/token", &["op.example:8443", "evil.example"]),
            ("https://evil.example/t/token", &["op.example:8443"]),
            ("https://op.example:8443/t/token", &["evil.example"]),
        ] {
            assert!(!is_our_host(&request(uri, hosts), &issuer), "{uri} {hosts:?}");
        }
    }

    #[test]
    fn paths_are_below_the_issuers() {
        let issuer: Issuer = "https://op.example/t".parse().unwrap();
        assert_eq!(local_path(&request("/t/token", &[]), &issuer), Some("/token"));
        assert_eq!(local_path(&request("/tenant/token", &[]), &issuer), None);
        assert_eq!(local_path(&request("/token", &[]), &issuer), None);
    }
}
