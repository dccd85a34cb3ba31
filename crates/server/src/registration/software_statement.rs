//! Software statements: a signed JWT in which somebody whom this server trusts says what a piece of software is (RFC 7591
//! 2.3, 3.1.1). Its claims go over what the client says itself.

use std::time::Duration;

use authmint_fetch::VerifyError;
use authmint_jose::{Policy, peek_unverified};
use authmint_oauth2::{Error as ProtocolError, ErrorCode};
use serde_json::{Map, Value};

use crate::client_auth::ASSERTION_ALGORITHMS;
use crate::error::Error;
use crate::server::AuthorizationServer;

/// How far the issuer's clock may be off.
const LEEWAY: Duration = Duration::from_secs(30);
/// Claims about the JWT itself.
const OF_THE_JWT: &[&str] = &["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// The claims of a statement. One that `was_judged` when the client was registered may have expired since.
///
/// A statement has no type of its own; `software_id` is what another JWT of the issuer's does not have.
pub(super) async fn claims(
    server: &AuthorizationServer,
    statement: &str,
    was_judged: bool,
) -> Result<Map<String, Value>, Error> {
    let (_, peeked) = peek_unverified::<Map<String, Value>>(statement)
        .map_err(|_| invalid("software_statement must be a JWT, as a string"))?;
    let issuer = peeked.get("iss").and_then(Value::as_str).unwrap_or_default();
    let keys = server.software_statement_issuer(issuer).ok_or_else(|| {
        tracing::info!("a software statement came from an issuer that is not trusted");
        ProtocolError::new(
            ErrorCode::UnapprovedSoftwareStatement,
            "software_statement is not from an issuer that this server trusts for that",
        )
        .parameter("software_statement")
        .section("RFC 7591 3.2.2")
    })?;
    let audiences =
        [server.issuer().as_str().to_owned(), server.issuer().endpoint(super::paths::REGISTRATION)];
    let policy = Policy::new(ASSERTION_ALGORITHMS)
        .typ_or_absent("JWT")
        .issuer(issuer)
        .any_audience()
        .require(&["software_id"])
        .leeway(LEEWAY)
        .check("aud, if it is there, is this server", move |claims| match &claims["aud"] {
            Value::Null => true,
            Value::String(aud) => audiences.contains(aud),
            Value::Array(all) => {
                all.iter().filter_map(Value::as_str).any(|aud| audiences.iter().any(|own| own == aud))
            }
            _ => false,
        });
    // Many never expire; one that says when means it.
    let lasts = was_judged || !peeked.contains_key("exp");
    let policy = if lasts { policy.accept_expired() } else { policy };
    let verified = keys.verify_jwt::<Map<String, Value>>(statement, &policy).await.map_err(|error| {
        tracing::info!(%issuer, %error, "software statement refused");
        match error {
            VerifyError::Keys(_) => Error::Protocol(ProtocolError::new(
                ErrorCode::TemporarilyUnavailable,
                "the keys of the software statement's issuer can't be fetched; try again",
            )),
            error => invalid(format!("software_statement is refused: {error}")).into(),
        }
    })?;
    let about_software = |(name, _): &(String, Value)| !OF_THE_JWT.contains(&name.as_str());
    Ok(verified.claims.into_iter().filter(about_software).collect())
}

pub(super) fn invalid(description: impl Into<std::borrow::Cow<'static, str>>) -> ProtocolError {
    ProtocolError::new(ErrorCode::InvalidSoftwareStatement, description)
        .parameter("software_statement")
        .section("RFC 7591 2.3, 3.2.2")
}
