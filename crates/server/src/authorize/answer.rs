//! The redirect that ends an authorization request (RFC 6749 4.1.2; RFC 9207 2).

use authmint_jose::Secret;
use authmint_oauth2::{
    AuthorizationResponse, Error as ProtocolError, ErrorCode, GrantType, MatchedRedirectUri, Scope,
};

use super::{Session, VerifiedRequest};
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::{CodeRecord, Grant, GrantId, TokenHash};

impl AuthorizationServer {
    /// Issues a code for what the person allowed: `scope`, as far as it was asked for.
    ///
    /// Returns the address to send the browser to, with 303.
    ///
    /// # Errors
    /// When the store or the source of randomness fails.
    pub async fn grant(
        &self,
        request: &VerifiedRequest,
        session: &Session,
        scope: &Scope,
    ) -> Result<String, Error> {
        let asked = &request.request().authorization;
        let scope = asked.scope.filter(|token| scope.contains(token));
        let now = self.now();
        let offline = scope.contains("offline_access");
        let longest = now.saturating_add(self.config().grant_lifetime);
        let grant = Grant {
            id: GrantId(self.random_id()?),
            client_id: request.client().id.clone(),
            subject: session.subject.clone(),
            scope,
            auth_time: session.auth_time,
            amr: session.amr.clone(),
            session_id: session.id.clone(),
            offline,
            expires_at: if offline { longest } else { longest.min(session.expires_at) },
        };
        tracing::info!(
            client_id = grant.client_id,
            subject = grant.subject,
            grant = %grant.id,
            scope = %grant.scope,
            refresh = request.client().metadata.grant_types.contains(&GrantType::RefreshToken),
            "authorization granted"
        );
        let record = CodeRecord {
            grant,
            redirect_uri: asked.redirect_uri.clone(),
            code_challenge: asked.code_challenge.clone(),
            nonce: request.request().nonce.clone(),
            expires_at: now.saturating_add(self.config().code_lifetime),
        };
        let code = self.timed_token()?;
        self.storage().save_code(TokenHash::of(code.expose()), record).await?;
        Ok(success(self, request.redirect_uri(), asked.state.as_deref(), code))
    }

    /// Ends a request without a code, because the person said no or nothing could be asked.
    ///
    /// Returns the address to send the browser to, with 303.
    #[must_use]
    pub fn refuse(&self, request: &VerifiedRequest, error: &ProtocolError) -> String {
        failure(self, request.redirect_uri(), request.request().authorization.state.as_deref(), error)
    }

    /// The error of a person who said no.
    #[must_use]
    pub fn denied() -> ProtocolError {
        ProtocolError::new(ErrorCode::AccessDenied, "the person did not agree").section("RFC 6749 4.1.2.1")
    }
}

fn success(
    server: &AuthorizationServer,
    uri: &MatchedRedirectUri,
    state: Option<&str>,
    code: Secret,
) -> String {
    let response = AuthorizationResponse::Success {
        code,
        state: state.map(str::to_owned),
        iss: Some(server.issuer().as_str().to_owned()),
    };
    uri.with(&response.to_params())
}

pub(super) fn failure(
    server: &AuthorizationServer,
    uri: &MatchedRedirectUri,
    state: Option<&str>,
    error: &ProtocolError,
) -> String {
    let response = AuthorizationResponse::Failure {
        error: error.to_message(),
        state: state.map(str::to_owned),
        iss: Some(server.issuer().as_str().to_owned()),
    };
    uri.with(&response.to_params())
}
