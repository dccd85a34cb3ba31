//! The response that ends an authorization request (RFC 6749 4.1.2, 4.2.2; OpenID Connect Core 3.2.2.5, 3.3.2.5; RFC 9207 2;
//! Session Management 2).

use authmint_jose::{base64url, sha256};
use authmint_oauth2::{
    AuthorizationResponse, AuthorizationSuccess, Error as ProtocolError, ErrorCode, GrantType,
    MatchedRedirectUri, ResponseMode, Scope,
};
use authmint_oidc::PersonClaims;
use authmint_oidc::claims_request::Requested;
use url::{Origin, Url};

use super::verify::PROTOCOL_CLAIMS;
use super::{Delivery, Session, VerifiedRequest};
use crate::audit;
use crate::error::Error;
use crate::id_token;
use crate::issue;
use crate::server::AuthorizationServer;
use crate::storage::{CodeRecord, Grant, IssuedTokens, TokenHash};

impl AuthorizationServer {
    /// Issues what was asked for, as far as the person allowed it: `allowed`, of
    /// [`consent_scope`](VerifiedRequest::consent_scope).
    ///
    /// # Errors
    /// When the store, a key or the source of randomness fails.
    pub async fn grant(
        &self,
        request: &VerifiedRequest,
        session: &Session,
        allowed: &Scope,
    ) -> Result<Delivery, Error> {
        let asked = &request.request().authorization;
        let grant = self.begin_grant(request, session, allowed)?;
        tracing::info!(target: audit::TARGET, event = "authorization_granted", client_id = grant.client_id,
            subject = grant.subject,
            grant = %grant.id,
            scope = %grant.scope,
            response_type = %asked.response_type,
            refresh = request.client().metadata.may_use(&GrantType::RefreshToken),
            "authorization granted"
        );
        let mut success = AuthorizationSuccess {
            session_state: session_state(self, request, session)?,
            ..AuthorizationSuccess::default()
        };
        if asked.response_type.has_code() {
            let record = CodeRecord {
                grant: grant.clone(),
                redirect_uri: asked.redirect_uri.clone(),
                code_challenge: asked.code_challenge.clone(),
                nonce: request.request().nonce.clone(),
                dpop_jkt: asked.dpop_jkt.clone(),
                expires_at: self.now().saturating_add(self.config().code_lifetime),
            };
            let code = self.timed_token()?;
            self.storage().save_code(TokenHash::of(code.expose()), record).await?;
            success.code = Some(code);
        } else {
            self.storage().save_grant(grant.clone()).await?;
        }
        if asked.response_type.is_front_channel() {
            self.issue_to_browser(request, &grant, &mut success).await?;
            if success.access_token.is_some() {
                audit::token_issued(request.client(), Some(&grant));
            }
        }
        let response = AuthorizationResponse {
            outcome: Ok(Box::new(success)),
            state: asked.state.clone(),
            iss: Some(self.issuer().as_str().to_owned()),
        };
        Ok(Delivery::new(request.redirect_uri(), asked.mode(), &response))
    }

    fn begin_grant(
        &self,
        request: &VerifiedRequest,
        session: &Session,
        allowed: &Scope,
    ) -> Result<Grant, Error> {
        let asked = &request.request().authorization;
        let scope = asked.scope.filter(|token| allowed.contains(token));
        let single = |claims: &Requested| {
            let names = claims.keys().filter(|name| !PROTOCOL_CLAIMS.contains(&name.as_str()));
            names.filter(|name| allowed.contains(PersonClaims::scope_of(name))).cloned().collect()
        };
        let claims = request.request().claims.clone().unwrap_or_default();
        Ok(Grant {
            userinfo_claims: single(&claims.userinfo),
            id_token_claims: single(&claims.id_token),
            ..session.grant(self, &request.client().id, scope, &asked.resource)?
        })
    }

    /// The tokens of the implicit and hybrid flows. They are bearer tokens: no key can be proven through a redirect.
    async fn issue_to_browser(
        &self,
        request: &VerifiedRequest,
        grant: &Grant,
        success: &mut AuthorizationSuccess,
    ) -> Result<(), Error> {
        let asked = &request.request().authorization;
        let client = request.client();
        if asked.response_type.has_token() {
            let audience = issue::audience(self, client, Some(grant), &grant.scope, &[])?;
            let issued = issue::access_token(self, client, Some(grant), &grant.scope, audience, None).await?;
            let tokens = IssuedTokens { access_token: issued.record, refresh_token: None };
            if !tokens.is_empty() {
                self.storage().save_tokens(tokens).await?;
            }
            success.access_token = Some(issued.token);
            success.token_type = Some(issued.token_type.as_str().to_owned());
            success.expires_in = Some(issued.expires_in);
            success.scope = Some(grant.scope.clone());
        }
        if asked.response_type.has_id_token() {
            let contents = id_token::Contents {
                nonce: request.request().nonce.as_deref(),
                access_token: success.access_token.as_ref(),
                code: success.code.as_ref(),
                state: asked.state.as_deref(),
                with_scope_claims: success.code.is_none() && success.access_token.is_none(),
            };
            success.id_token = Some(id_token::make(self, client, grant, &contents).await?);
        }
        Ok(())
    }

    /// Ends a request without anything issued, because the person said no or nothing could be asked.
    #[must_use]
    pub fn refuse(&self, request: &VerifiedRequest, error: &ProtocolError) -> Delivery {
        let asked = &request.request().authorization;
        failure(self, request.redirect_uri(), asked.mode(), asked.state.as_deref(), error)
    }

    /// The error of a person who said no.
    #[must_use]
    pub fn denied() -> ProtocolError {
        ProtocolError::new(ErrorCode::AccessDenied, "the person did not agree").section("RFC 6749 4.1.2.1")
    }
}

/// What the client's frame compares with the provider's (Session Management 2, 4.1): the same until the login changes.
fn session_state(
    server: &AuthorizationServer,
    request: &VerifiedRequest,
    session: &Session,
) -> Result<Option<String>, Error> {
    let Some(browser_state) = session.browser_state.as_deref().filter(|_| request.request().is_openid())
    else {
        return Ok(None);
    };
    // An application with a scheme of its own has no frames.
    let origin = Url::parse(request.redirect_uri().as_str()).map(|url| url.origin());
    let Some(origin) = origin.ok().filter(Origin::is_tuple).map(|origin| origin.ascii_serialization()) else {
        return Ok(None);
    };
    let salt = server.random_id()?;
    let client_id = &request.client().id;
    let hash = sha256(format!("{client_id} {origin} {browser_state} {salt}").as_bytes());
    Ok(Some(format!("{}.{salt}", base64url::encode(&hash))))
}

pub(super) fn failure(
    server: &AuthorizationServer,
    uri: &MatchedRedirectUri,
    mode: ResponseMode,
    state: Option<&str>,
    error: &ProtocolError,
) -> Delivery {
    let response = AuthorizationResponse {
        outcome: Err(error.to_message()),
        state: state.map(str::to_owned),
        iss: Some(server.issuer().as_str().to_owned()),
    };
    Delivery::new(uri, mode, &response)
}
