//! The password grant (RFC 6749 4.3), for clients that can't do without yet. The profile must allow it.

use authmint_jose::Secret;
use authmint_oauth2::{Error as ProtocolError, ErrorCode, Scope, TokenResponse};
use bytes::Bytes;
use http::Request;

use crate::audit;
use crate::client_auth::VerifiedClient;
use crate::error::Error;
use crate::issue;
use crate::server::AuthorizationServer;

pub(super) async fn exchange(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    person: (&str, &Secret),
    asked: Option<Scope>,
    resource: Vec<String>,
    request: &Request<Bytes>,
) -> Result<TokenResponse, Error> {
    let passwords = server.passwords().ok_or_else(ProtocolError::unsupported_grant_type)?;
    let scope = client.registered_scope(asked)?;
    let subject = passwords.subject(person.0, person.1, request).await?.ok_or_else(|| {
        tracing::info!(
            target: audit::TARGET,
            event = "sign_in_failed",
            client_id = client.client().id,
            "password grant refused"
        );
        let text = "the user name or the password is wrong, or the account is locked";
        Error::Guess(ProtocolError::new(ErrorCode::InvalidGrant, text).section("RFC 6749 4.3.2"))
    })?;
    issue::for_subject(server, client, subject, scope, resource).await
}
