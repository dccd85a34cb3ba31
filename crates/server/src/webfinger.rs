//! WebFinger: which issuer people of this host log in at (RFC 7033 4; OpenID Connect Discovery 2).
//!
//! Every resource of the issuer's host has the same answer, so nobody learns which accounts there are.

use authmint_oauth2::{Error as ProtocolError, ErrorCode, Issuer};
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde_json::json;
use url::{Url, form_urlencoded};

use crate::endpoint::{self, Reply};
use crate::server::AuthorizationServer;

/// The path, at the root of the issuer's host.
pub(crate) const PATH: &str = "/.well-known/webfinger";
/// The relation of a person's issuer.
const ISSUER: &str = "http://openid.net/specs/connect/1.0/issuer";
/// The longest resource, in bytes.
const MAX_BYTES: usize = 2048;
const CACHE: &str = "public, max-age=3600";

pub(crate) fn handle(server: &AuthorizationServer, request: &Request<Bytes>) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::GET, Method::HEAD]) {
        return *refusal;
    }
    let query = request.uri().query().unwrap_or_default();
    let parameters: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let named = |name: &'static str| {
        parameters.iter().filter(move |(known, _)| known == name).map(|(_, value)| value)
    };
    let mut resources = named("resource");
    let resource = match (resources.next(), resources.next()) {
        (Some(resource), None) if !resource.is_empty() && resource.len() <= MAX_BYTES => resource,
        _ => {
            let error = ProtocolError::malformed("resource", "there once, a URI of at most 2048 bytes");
            return endpoint::json(StatusCode::BAD_REQUEST, &error.section("RFC 7033 4.2").to_message());
        }
    };
    if !is_of(resource, server.issuer()) {
        let text = "this host says nothing about that resource";
        let error = ProtocolError::new(ErrorCode::InvalidRequest, text).section("RFC 7033 4.2");
        return endpoint::json(StatusCode::NOT_FOUND, &error.to_message());
    }
    // RFC 7033 4.3: rel only narrows what is told.
    let wanted = named("rel").next().is_none() || named("rel").any(|rel| rel == ISSUER);
    let links =
        if wanted { vec![json!({ "rel": ISSUER, "href": server.issuer().as_str() })] } else { Vec::new() };
    let found = json!({ "subject": resource, "links": links });
    endpoint::public_json(found.to_string(), "application/jrd+json", CACHE)
}

/// Whether a resource is of the issuer's host: `acct:` with or without the port, a URL with the very port.
fn is_of(resource: &str, issuer: &Issuer) -> bool {
    let Ok(url) = Url::parse(resource) else { return false };
    if url.scheme() == "acct" {
        let host = url.path().rsplit_once('@').map(|(_, host)| host);
        let without_port = Url::parse(issuer.as_str()).ok().and_then(|url| url.host_str().map(str::to_owned));
        return host.is_some_and(|host| {
            host.eq_ignore_ascii_case(issuer.authority())
                || without_port.is_some_and(|known| host.eq_ignore_ascii_case(&known))
        });
    }
    Url::parse(issuer.as_str()).is_ok_and(|issuer| issuer.origin() == url.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_resources_of_the_issuers_host_are_known() {
        let issuer: Issuer = "https://op.example:8443/tenant".parse().unwrap();
        for resource in [
            "acct:ada@op.example",
            "acct:ada@OP.example:8443",
            "acct:ada%40home@op.example",
            "https://op.example:8443/ada",
            "https://op.example:8443",
        ] {
            assert!(is_of(resource, &issuer), "{resource}");
        }
        for resource in [
            "acct:ada",
            "acct:ada@op.example.evil.example",
            "acct:ada@op.example@evil.example",
            "acct:ada@op.example:1",
            "https://op.example/ada",
            "http://op.example:8443/ada",
            "https://evil.example/@op.example",
            "mailto:ada@op.example",
            "ada@op.example",
            "acct:",
            "x",
        ] {
            assert!(!is_of(resource, &issuer), "{resource}");
        }
    }
}
