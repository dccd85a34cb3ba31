//! The authorization code grant (RFC 6749 4.1.3; RFC 7636 4.6; RFC 9700 2.1.1, 4.5).
//!
//! Look, check everything, make the tokens, then consume the code and keep the tokens in one step: whoever loses that
//! step gets nothing, and whoever repeats it ends the grant.

use authmint_jose::Secret;
use authmint_oauth2::{CodeVerifier, Error as ProtocolError, ErrorCode, TokenResponse};

use crate::audit;
use crate::client_auth::VerifiedClient;
use crate::error::Error;
use crate::issue;
use crate::server::AuthorizationServer;
use crate::storage::{CodeRecord, Consumed, IssuedTokens, TokenHash};

/// What a client presents for its tokens.
pub(super) struct Presented<'a> {
    pub(super) code: Secret,
    pub(super) redirect_uri: Option<&'a str>,
    pub(super) code_verifier: Option<CodeVerifier>,
}

pub(super) async fn exchange(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    presented: &Presented<'_>,
    resource: &[String],
) -> Result<TokenResponse, Error> {
    let hash = TokenHash::of(presented.code.expose());
    let stored = server.storage().code(hash).await?.ok_or_else(|| client.unknown(refused()))?;
    check(client, &stored.record, presented)?;
    let revoked_until = server.revoked_until();
    if stored.redeemed {
        server.storage().redeem_code(hash, IssuedTokens::default(), revoked_until).await?;
        return Err(replayed(&stored.record).into());
    }
    // Only now: a code that was redeemed is a replay at any time, also long after its minute.
    if server.now() >= stored.record.expires_at {
        return Err(refused().into());
    }
    let record = stored.record;
    if server.claims().claims(&record.grant.subject).await?.is_none() {
        return Err(refused().into());
    }
    let scope = record.grant.scope.clone();
    let nonce = record.nonce.as_deref();
    let issued = issue::for_grant(server, client, &record.grant, scope, resource, nonce).await?;
    match server.storage().redeem_code(hash, issued.tokens, revoked_until).await? {
        Consumed::Now => {
            audit::token_issued(client.client(), Some(&record.grant));
            Ok(issued.response)
        }
        Consumed::Before => Err(replayed(&record).into()),
        Consumed::Unknown => Err(refused().into()),
    }
}

fn check(
    client: &VerifiedClient,
    record: &CodeRecord,
    presented: &Presented<'_>,
) -> Result<(), ProtocolError> {
    if record.grant.client_id != client.client().id {
        tracing::warn!(target: audit::TARGET, event = "foreign_code", client_id = client.client().id, grant = %record.grant.id, "a client presented another's code");
        return Err(refused());
    }
    if record.redirect_uri.as_deref() != presented.redirect_uri {
        return Err(ProtocolError::new(
            ErrorCode::InvalidGrant,
            "redirect_uri is not the one of the authorization request",
        )
        .parameter("redirect_uri")
        .section("RFC 6749 4.1.3"));
    }
    if record.dpop_jkt.is_some() && record.dpop_jkt.as_deref() != client.dpop_jkt() {
        return Err(ProtocolError::new(
            ErrorCode::InvalidGrant,
            "the code is bound to another key: send a DPoP proof of the one whose thumbprint was dpop_jkt",
        )
        .parameter("code")
        .section("RFC 9449 10"));
    }
    match (&record.code_challenge, &presented.code_verifier) {
        (Some(challenge), Some(verifier)) => challenge.verify(verifier),
        (Some(_), None) => Err(ProtocolError::new(ErrorCode::InvalidGrant, "code_verifier is missing")
            .parameter("code_verifier")
            .section("RFC 7636 4.6")),
        (None, Some(_)) => Err(ProtocolError::new(
            ErrorCode::InvalidGrant,
            "code_verifier was sent, but the authorization request had no code_challenge",
        )
        .parameter("code_verifier")
        .section("RFC 9700 2.1.1")),
        (None, None) => Ok(()),
    }
}

fn refused() -> ProtocolError {
    ProtocolError::new(
        ErrorCode::InvalidGrant,
        "the code is unknown, expired, used, or was issued to another client",
    )
    .parameter("code")
    .section("RFC 6749 5.2")
}

fn replayed(record: &CodeRecord) -> ProtocolError {
    tracing::warn!(target: audit::TARGET, event = "code_replayed", grant = %record.grant.id, client_id = record.grant.client_id, "a code was used twice; its grant is revoked");
    refused()
}
