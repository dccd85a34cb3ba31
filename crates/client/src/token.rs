//! Tokens: the response, refresh, client credentials, UserInfo, introspection, revocation.

use authmint_jose::{Secret, Timestamp};
use authmint_oauth2::{
    IntrospectionRequest, IntrospectionResponse, RevocationRequest, Scope, TokenRequest, TokenResponse,
    TokenTypeHint,
};
use authmint_oidc::{IdTokenClaims, UserInfo};
use bytes::Bytes;
use http::Request;
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::client::Client;
use crate::discovery::lacks;
use crate::error::Error;
use crate::{id_token, request};

/// The tokens of one response. They serialise with what they are, to be kept in a server-side session; `Debug` hides them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredTokens", into = "StoredTokens")]
pub struct Tokens {
    /// The access token.
    pub access_token: Secret,
    /// When it expires, if the provider said so.
    pub expires_at: Option<Timestamp>,
    /// The refresh token.
    pub refresh_token: Option<Secret>,
    /// The ID token, as it came.
    pub id_token: Option<Secret>,
    /// The granted scope, if the provider said so.
    pub scope: Option<Scope>,
}

#[derive(Serialize, Deserialize)]
struct StoredTokens {
    access_token: String,
    expires_at: Option<Timestamp>,
    refresh_token: Option<String>,
    id_token: Option<String>,
    scope: Option<Scope>,
}

impl From<StoredTokens> for Tokens {
    fn from(stored: StoredTokens) -> Self {
        Self {
            access_token: Secret::new(stored.access_token),
            expires_at: stored.expires_at,
            refresh_token: stored.refresh_token.map(Secret::new),
            id_token: stored.id_token.map(Secret::new),
            scope: stored.scope,
        }
    }
}

impl From<Tokens> for StoredTokens {
    fn from(tokens: Tokens) -> Self {
        let exposed = |secret: Secret| secret.expose().to_owned();
        Self {
            access_token: exposed(tokens.access_token),
            expires_at: tokens.expires_at,
            refresh_token: tokens.refresh_token.map(exposed),
            id_token: tokens.id_token.map(exposed),
            scope: tokens.scope,
        }
    }
}

impl Client {
    /// Exchanges the refresh token for new tokens. Keep the new refresh token: the old one is used up.
    ///
    /// `previous` is the ID token of the login; a new one must speak of the same person (Core 12.2).
    ///
    /// # Errors
    /// [`Error::Endpoint`] with `invalid_grant` when the person has to log in again.
    pub async fn refresh(&self, tokens: &Tokens, previous: &IdTokenClaims) -> Result<Tokens, Error> {
        let refresh_token = tokens.refresh_token.clone();
        let refresh_token =
            refresh_token.ok_or(Error::Configuration("these tokens hold no refresh token"))?;
        let request = TokenRequest::RefreshToken { refresh_token: refresh_token.clone(), scope: None };
        let mut renewed = self.request_tokens(&request).await?;
        if renewed.id_token.is_some() {
            let claims = id_token::verify(self, &renewed, None).await?;
            if claims.sub != previous.sub
                || claims.auth_time.is_some_and(|time| previous.auth_time != Some(time))
            {
                return Err(Error::IdToken("the refreshed ID token is of another login".to_owned()));
            }
        }
        // RFC 6749 6: a server that does not rotate sends none, and the old one stays good.
        renewed.refresh_token.get_or_insert(refresh_token);
        if renewed.id_token.is_none() {
            renewed.id_token.clone_from(&tokens.id_token);
        }
        Ok(renewed)
    }

    /// Tokens for the application itself (RFC 6749 4.4).
    ///
    /// # Errors
    /// [`Error::Endpoint`] when the provider refuses.
    pub async fn client_credentials(&self, scope: Option<Scope>) -> Result<Tokens, Error> {
        self.request_tokens(&TokenRequest::ClientCredentials { scope }).await
    }

    /// The person, as the UserInfo endpoint knows them (Core 5.3); `subject` is the ID token's `sub`.
    ///
    /// # Errors
    /// [`Error::IdToken`] when the answer speaks of another person (Core 5.3.2).
    pub async fn user_info(&self, tokens: &Tokens, subject: &str) -> Result<UserInfo, Error> {
        const ENDPOINT: &str = "the UserInfo endpoint";
        let url = self.metadata().userinfo_endpoint.as_deref();
        let url = url.ok_or_else(|| lacks(&self.config().issuer, "userinfo_endpoint"))?;
        let mut bearer =
            HeaderValue::try_from(format!("Bearer {}", tokens.access_token.expose())).map_err(|_| {
                Error::Response {
                    endpoint: "the token endpoint",
                    problem: "an access token that can't be sent",
                }
            })?;
        bearer.set_sensitive(true);
        let request = Request::get(url).header(ACCEPT, "application/json").header(AUTHORIZATION, bearer);
        let request = request
            .body(Bytes::new())
            .map_err(|_| lacks(&self.config().issuer, "usable userinfo_endpoint"))?;
        let response = self.transport().send(request).await?;
        let user_info: UserInfo = request::read(ENDPOINT, &response)?;
        if user_info.sub != subject {
            return Err(Error::IdToken("UserInfo speaks of another person".to_owned()));
        }
        Ok(user_info)
    }

    /// Asks what a token is worth (RFC 7662).
    ///
    /// # Errors
    /// [`Error::Endpoint`] when the provider refuses to say.
    pub async fn introspect(
        &self,
        token: &Secret,
        hint: Option<TokenTypeHint>,
    ) -> Result<IntrospectionResponse, Error> {
        let url = self.metadata().server.introspection_endpoint.as_deref();
        let url = url.ok_or_else(|| lacks(&self.config().issuer, "introspection_endpoint"))?;
        let request = IntrospectionRequest { token: token.clone(), token_type_hint: hint };
        let response = request::post(self, url, request.to_params()).await?;
        request::read("the introspection endpoint", &response)
    }

    /// Ends a token (RFC 7009); a refresh token takes its whole grant along.
    ///
    /// # Errors
    /// [`Error::Endpoint`] when the provider refuses; the token then is as good as before.
    pub async fn revoke(&self, token: &Secret, hint: Option<TokenTypeHint>) -> Result<(), Error> {
        let url = self.metadata().server.revocation_endpoint.as_deref();
        let url = url.ok_or_else(|| lacks(&self.config().issuer, "revocation_endpoint"))?;
        let request = RevocationRequest { token: token.clone(), token_type_hint: hint };
        let response = request::post(self, url, request.to_params()).await?;
        request::check("the revocation endpoint", &response)
    }

    pub(crate) async fn request_tokens(&self, request: &TokenRequest) -> Result<Tokens, Error> {
        const ENDPOINT: &str = "the token endpoint";
        let url = self.metadata().server.token_endpoint.as_deref();
        let url = url.ok_or_else(|| lacks(&self.config().issuer, "token_endpoint"))?;
        let response = request::post(self, url, request.to_params()).await?;
        let response: TokenResponse = request::read(ENDPOINT, &response)?;
        if !response.token_type.eq_ignore_ascii_case("bearer") {
            return Err(Error::Response { endpoint: ENDPOINT, problem: "a token_type that is not Bearer" });
        }
        let expires_at =
            response.expires_in.map(|seconds| self.now().saturating_add(Duration::from_secs(seconds)));
        Ok(Tokens {
            access_token: response.access_token,
            expires_at,
            refresh_token: response.refresh_token,
            id_token: response.id_token,
            scope: response.scope,
        })
    }
}
