//! Request objects: an authorization request as a JWT, in the request or where it says (RFC 9101; OpenID Connect Core 6).

use authmint_fetch::VerifyError;
use authmint_jose::{Algorithm, Error as JoseError, Policy, peek_unverified};
use authmint_oauth2::{Error as ProtocolError, ErrorCode, Params};
use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::{Map, Value};

use crate::client_auth::ASSERTION_ALGORITHMS;
use crate::client_jwt;
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::Client;

/// The `typ` of a request object (RFC 9101 10.8).
const TYP: &str = "oauth-authz-req+jwt";
/// The algorithm of one that nobody signed, as it is registered.
pub(crate) const UNSIGNED: &str = "none";
/// The longest request object, in bytes.
const MAX_BYTES: usize = 32 * 1024;
/// Members that are about the JWT and not of the request.
const OF_THE_JWT: &[&str] = &["iss", "aud", "exp", "nbf", "iat", "jti"];

/// The parameters that count, and whether they were signed.
pub(super) async fn resolve(
    server: &AuthorizationServer,
    client: &Client,
    params: &Params,
) -> Result<(Params, bool), Error> {
    let object = match (params.get("request"), params.get("request_uri")) {
        (None, None) => return Ok((params.clone(), false)),
        (Some(_), Some(_)) => {
            let text = "request and request_uri exclude each other";
            return Err(ProtocolError::new(ErrorCode::InvalidRequest, text)
                .parameter("request_uri")
                .section("RFC 9101 5")
                .into());
        }
        (Some(object), None) => object.to_owned(),
        (None, Some(uri)) => fetch(server, client, uri).await?,
    };
    if object.len() > MAX_BYTES {
        return Err(invalid("the request object is longer than 32 KiB").into());
    }
    let object = if object.split('.').count() == 5 { server.keys().decrypt(&object).await? } else { object };
    let (claims, signed) = open(server, client, &object).await?;
    let inner = parameters(&claims)?;
    if inner.get("client_id").is_some_and(|named| named != client.id) {
        return Err(invalid("client_id of the request object is another client").into());
    }
    // Who registered that it signs its requests has said that nothing beside them is its own (RFC 9101 10.5).
    let merges =
        server.config().profile.merges_request_objects() && !client.metadata.require_signed_request_object;
    let mut resolved = if merges {
        let mut outer = Params::new();
        for (name, value) in params.iter().filter(|(name, _)| !matches!(*name, "request" | "request_uri")) {
            // RFC 6749 and Core 6.1: what the address says of these must be what was signed.
            let contradicts = matches!(name, "response_type" | "client_id")
                && inner.get(name).is_some_and(|signed| signed != value);
            if contradicts {
                return Err(invalid(
                    "response_type and client_id must be the same beside the request object",
                )
                .into());
            }
            if inner.get(name).is_none() {
                outer.append(name, value);
            }
        }
        outer.extend(&inner);
        outer
    } else {
        inner
    };
    resolved.set("client_id", &client.id);
    Ok((resolved, signed))
}

/// Fetches a request object from an address that the client registered (Core 6.2).
async fn fetch(server: &AuthorizationServer, client: &Client, uri: &str) -> Result<String, Error> {
    let refused = |description: &'static str| {
        ProtocolError::new(ErrorCode::InvalidRequestUri, description)
            .parameter("request_uri")
            .section("OpenID Connect Core 6.2.3, RFC 9101 5.2")
    };
    let Some(transport) = server.transport() else {
        return Err(ProtocolError::new(
            ErrorCode::RequestUriNotSupported,
            "this server fetches no request_uri; push the request, or send it as request",
        )
        .parameter("request_uri")
        .section("OpenID Connect Core 3.1.2.6")
        .into());
    };
    let plain = |uri: &str| uri.split('#').next().unwrap_or_default().to_owned();
    if !client.metadata.request_uris.iter().any(|registered| plain(registered) == plain(uri)) {
        return Err(refused("request_uri is not one that this client registered in request_uris").into());
    }
    let request =
        Request::get(plain(uri)).header("accept", "application/oauth-authz-req+jwt, application/jwt, */*");
    let request = request.body(Bytes::new()).map_err(|_| refused("request_uri is no address"))?;
    // One answer for everything: who is told why learns about the network behind this server.
    let wrong = |error: &dyn std::fmt::Display| {
        tracing::info!(client_id = client.id, %error, "a request_uri could not be fetched");
        refused("request_uri must answer 200 with a JWT of at most 32 KiB").into()
    };
    let response = transport.send(request).await.map_err(|error| wrong(&error))?;
    if response.status() != StatusCode::OK || response.body().len() > MAX_BYTES {
        return Err(wrong(&format_args!(
            "it answered {} with {} bytes",
            response.status(),
            response.body().len()
        )));
    }
    let of_a_jwt = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let text = std::str::from_utf8(response.body()).unwrap_or_default().trim();
    if text.is_empty() || !text.bytes().all(of_a_jwt) {
        return Err(wrong(&"it is no JWT"));
    }
    Ok(text.to_owned())
}

/// The claims of a request object, and whether they were signed.
async fn open(
    server: &AuthorizationServer,
    client: &Client,
    object: &str,
) -> Result<(Map<String, Value>, bool), Error> {
    let malformed = |_| invalid("the request object is no JWT with an object of claims");
    let (header, peeked) = peek_unverified::<Map<String, Value>>(object).map_err(malformed)?;
    let text = |name: &str| header.get(name).and_then(Value::as_str);
    let registered = client.metadata.request_object_signing_alg.as_deref();
    if text("alg") == Some(UNSIGNED) {
        // It proves no more than the parameters in whose place it stands. Core 6.1, Registration 2: a client that names no
        // algorithm may use any that the server has, and this one is among them.
        let may = server.config().profile.merges_request_objects()
            && registered.is_none_or(|algorithm| algorithm == UNSIGNED);
        if !may || !object.ends_with('.') {
            return Err(ProtocolError::new(
                ErrorCode::RequestNotSupported,
                "unsigned request objects are not supported; sign it, or send plain parameters",
            )
            .parameter("request")
            .section("OpenID Connect Core 6.1, RFC 9101 10.1")
            .into());
        }
        return Ok((peeked, false));
    }
    let algorithms = match registered {
        Some(name) => {
            vec![name.parse().map_err(|_| invalid("the client registered none for its request objects"))?]
        }
        None => ASSERTION_ALGORITHMS.to_vec(),
    };
    let policy = Policy::new(&algorithms)
        .issuer(&client.id)
        .audience(server.issuer().as_str())
        // A client's assertion of who it is has one, and must not pass for a request.
        .forbid("sub")
        .leeway(super::LEEWAY);
    let is_typed =
        text("typ").is_some_and(|typ| typ.trim_start_matches("application/").eq_ignore_ascii_case(TYP));
    let policy = if is_typed { policy.typ(TYP) } else { policy.typ_or_absent("JWT") };
    // Core 6.1 asks for no exp; whoever sends one means it.
    let lasts = server.config().profile.merges_request_objects() && !peeked.contains_key("exp");
    let policy = if lasts { policy.accept_expired() } else { policy };
    let symmetric = algorithms.iter().copied().find(|algorithm: &Algorithm| algorithm.is_symmetric());
    let verified = match symmetric {
        Some(algorithm) => client_jwt::secret_key(server, client, algorithm)?
            .verify_jwt::<Map<String, Value>>(object, &policy, server.now())
            .map_err(VerifyError::from),
        None => server.client_keys().verify_jwt(client, object, &policy).await,
    };
    verified.map(|jwt| (jwt.claims, true)).map_err(|error| {
        tracing::info!(client_id = client.id, %error, "request object refused");
        // Keys that can't be fetched are as good as none, and who is told which learns about the network behind this server.
        let error = match error {
            VerifyError::Token(error) => error,
            _ => JoseError::UnknownKey,
        };
        let text = format!("the request object is refused: {error}");
        ProtocolError::new(ErrorCode::InvalidRequestObject, text)
            .parameter("request")
            .section("RFC 9101 6")
            .into()
    })
}

/// The members of a request object as parameters: strings as they are, everything else as JSON.
fn parameters(claims: &Map<String, Value>) -> Result<Params, ProtocolError> {
    let mut params = Params::new();
    for (name, value) in claims.iter().filter(|(name, _)| !OF_THE_JWT.contains(&name.as_str())) {
        if matches!(name.as_str(), "request" | "request_uri") {
            return Err(invalid("a request object holds neither request nor request_uri"));
        }
        match value {
            Value::Null => {}
            Value::String(text) => params.set(name, text),
            Value::Array(items) if name == authmint_oauth2::resource::RESOURCE => {
                items.iter().filter_map(Value::as_str).for_each(|item| params.append(name, item));
            }
            other => params.set(name, other.to_string()),
        }
    }
    // Through the parser, so that a request object may hold no more and nothing else than an address.
    Params::parse(params.to_query().as_bytes())
}

fn invalid(description: &'static str) -> ProtocolError {
    ProtocolError::new(ErrorCode::InvalidRequestObject, description)
        .parameter("request")
        .section("RFC 9101 6, OpenID Connect Core 6.1")
}
