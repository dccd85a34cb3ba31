//! Tokens, and the grants that give them without a browser: refresh, the client's own, another issuer's word (RFC 6749 4.4, 6;
//! RFC 7523 2.1).

use std::time::Duration;

use authmint_jose::{Secret, Timestamp};
use authmint_oauth2::error::ErrorMessage;
use authmint_oauth2::{Params, Scope, TokenRequest, TokenResponse, TokenType, resource};
use authmint_oidc::IdTokenClaims;
use bytes::Bytes;
use http::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::Client;
use crate::error::Error;
use crate::id_token;
use crate::request::{self, Proof};

const ENDPOINT: &str = "the token endpoint";

/// The tokens of one response. They serialise with what they are, to be kept in a server-side session; `Debug` hides them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredTokens", into = "StoredTokens")]
pub struct Tokens {
    /// The access token.
    pub access_token: Secret,
    /// How it is presented: alone, or with a proof of the client's DPoP key.
    pub token_type: TokenType,
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
    #[serde(default)]
    token_type: TokenType,
    expires_at: Option<Timestamp>,
    refresh_token: Option<String>,
    id_token: Option<String>,
    scope: Option<Scope>,
}

impl From<StoredTokens> for Tokens {
    fn from(stored: StoredTokens) -> Self {
        Self {
            access_token: Secret::new(stored.access_token),
            token_type: stored.token_type,
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
            token_type: tokens.token_type,
            expires_at: tokens.expires_at,
            refresh_token: tokens.refresh_token.map(exposed),
            id_token: tokens.id_token.map(exposed),
            scope: tokens.scope,
        }
    }
}

impl Client {
    /// Exchanges the refresh token for new tokens. Keep the new refresh token: the old one is used up. Where several tasks share
    /// tokens, let a [`TokenSource`](crate::TokenSource) do this.
    ///
    /// `previous` is the ID token of the login, if there was one; a new one must speak of the same person (Core 12.2). While the
    /// provider's keys can't be had, the tokens come with the ID token that was there before.
    ///
    /// # Errors
    /// [`Error::Endpoint`] with `invalid_grant` when the person has to log in again.
    pub async fn refresh(&self, tokens: &Tokens, previous: Option<&IdTokenClaims>) -> Result<Tokens, Error> {
        let refresh_token = tokens.refresh_token.clone();
        let refresh_token =
            refresh_token.ok_or(Error::Configuration("these tokens hold no refresh token"))?;
        let request = TokenRequest::RefreshToken { refresh_token: refresh_token.clone(), scope: None };
        let mut renewed = self.request_tokens(&request).await?;
        if renewed.id_token.is_some()
            && let Some(previous) = previous
        {
            match id_token::verify(self, &renewed).await {
                Ok(claims)
                    if claims.sub != previous.sub
                        || claims.auth_time.is_some_and(|time| previous.auth_time != Some(time)) =>
                {
                    return Err(Error::IdToken("the refreshed ID token is of another login".to_owned()));
                }
                Ok(_) => {}
                // The old refresh token is used up, so the new one must not be lost with an ID token that can't be verified now. An
                // answer without one would be as good (Core 12.2).
                Err(Error::Fetch(error)) => {
                    tracing::warn!(%error, "a refreshed ID token could not be verified; the one before stays");
                    renewed.id_token = None;
                }
                Err(error) => return Err(error),
            }
        }
        // RFC 6749 6: a server that does not rotate sends none, and the old one stays good.
        renewed.refresh_token.get_or_insert(refresh_token);
        if renewed.id_token.is_none() {
            renewed.id_token.clone_from(&tokens.id_token);
        }
        // RFC 6749 5.1: a scope that is not said is the one that was there.
        if renewed.scope.is_none() {
            renewed.scope.clone_from(&tokens.scope);
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

    /// Tokens for a person that another issuer vouches for with a signed `assertion` (RFC 7523 2.1).
    ///
    /// # Errors
    /// [`Error::Endpoint`] when the provider refuses.
    pub async fn jwt_bearer(&self, assertion: Secret, scope: Option<Scope>) -> Result<Tokens, Error> {
        self.request_tokens(&TokenRequest::JwtBearer { assertion, scope }).await
    }

    pub(crate) async fn request_tokens(&self, request: &TokenRequest) -> Result<Tokens, Error> {
        let mut params = request.to_params();
        resource::to_params(&self.config().resources, &mut params);
        self.post_token_request(&params).await
    }

    pub(crate) async fn post_token_request(&self, params: &Params) -> Result<Tokens, Error> {
        let url = self.endpoint("token_endpoint", self.metadata().server.token_endpoint.as_ref())?;
        let response = request::post(self, url, params, Proof::Dpop).await?;
        let tokens = read_tokens(&response, self.now())?;
        // RFC 9449 5: a server that does not know DPoP answers with a bearer token, which is not what was asked for.
        if self.dpop().is_some() != (tokens.token_type == TokenType::Dpop) {
            return Err(Error::Response {
                endpoint: ENDPOINT,
                problem: "a token that is bound to a DPoP key where none is used, or is not where one is",
            });
        }
        Ok(tokens)
    }
}

/// Reads a token response (RFC 6749 5.1).
pub(crate) fn read_tokens(response: &Response<Bytes>, now: Timestamp) -> Result<Tokens, Error> {
    // Some providers answer 200 with an error in it.
    if response.status().is_success()
        && let Ok(error) = serde_json::from_slice::<ErrorMessage>(response.body())
    {
        return Err(Error::Endpoint { endpoint: ENDPOINT, status: response.status().as_u16(), error });
    }
    let response: TokenResponse = read_leniently(response)?;
    let token_type = [TokenType::Bearer, TokenType::Dpop]
        .into_iter()
        .find(|known| known.as_str().eq_ignore_ascii_case(&response.token_type))
        .ok_or(Error::Response {
            endpoint: ENDPOINT,
            problem: "a token_type that is neither Bearer nor DPoP",
        })?;
    Ok(Tokens {
        access_token: response.access_token,
        token_type,
        expires_at: response.expires_in.map(|seconds| now.saturating_add(Duration::from_secs(seconds))),
        refresh_token: response.refresh_token,
        id_token: response.id_token,
        scope: response.scope,
    })
}

/// Twitch's `scope` is a list; everything else of a token response is as strict as ever.
fn read_leniently(response: &Response<Bytes>) -> Result<TokenResponse, Error> {
    let mut answer: Value = request::read(ENDPOINT, response)?;
    if let Some(scope) = answer.get_mut("scope")
        && let Some(values) = scope.as_array()
    {
        let values: Vec<_> = values.iter().filter_map(Value::as_str).collect();
        *scope = values.join(" ").into();
    }
    serde_json::from_value(answer).map_err(|_| Error::Response {
        endpoint: ENDPOINT,
        problem: "an answer that has not the form it should have",
    })
}
