//! Verifying JWT access tokens (RFC 9068 4) and demanding scopes (RFC 6750 3.1).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use authmint_fetch::{FetchError, RemoteKeySet, Transport, VerifyError, get_json, is_secure_url};
use authmint_jose::{Algorithm, Audience, Clock, Policy, SystemClock, Timestamp};
use authmint_oauth2::dpop::Confirmation;
use authmint_oauth2::{
    Error as ProtocolError, ErrorCode, Issuer, PresentedToken, Scope, ServerMetadata, TokenType,
};
use http::HeaderMap;
use serde::{Deserialize, Deserializer};

use crate::rejection::Rejection;

/// How far the issuer's clock may be off.
const LEEWAY: Duration = Duration::from_secs(30);

/// A verified access token (RFC 9068 2.2).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AccessToken {
    /// The person, or the client where it acts for itself.
    #[serde(rename = "sub")]
    pub subject: String,
    /// The client it was issued to.
    pub client_id: String,
    /// What it allows.
    #[serde(default)]
    pub scope: Scope,
    /// Whom it is for.
    #[serde(rename = "aud")]
    pub audience: Audience,
    /// When it was issued.
    #[serde(rename = "iat")]
    pub issued_at: Timestamp,
    /// When it expires.
    #[serde(rename = "exp")]
    pub expires_at: Timestamp,
    /// Its identifier.
    #[serde(rename = "jti")]
    pub id: String,
    /// When the person last proved who they are.
    #[serde(default)]
    pub auth_time: Option<Timestamp>,
    /// What it is bound to.
    #[serde(default, deserialize_with = "known_binding")]
    pub cnf: Confirmation,
}

/// What a token is bound to, if it is bound in a way that is known here. One that is bound otherwise (to a certificate, RFC 8705
/// 3.1) must not pass for one that is bound to nothing.
fn known_binding<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Confirmation, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Known {
        jkt: Option<String>,
    }
    Known::deserialize(deserializer).map(|Known { jkt }| Confirmation { jkt })
}

/// A protected API: one issuer, one audience. Cheap to clone; all clones share one cache of keys.
#[derive(Clone)]
pub struct ResourceServer {
    inner: Arc<Inner>,
}

struct Inner {
    policy: Policy,
    keys: RemoteKeySet,
}

impl ResourceServer {
    /// Reads the issuer's metadata to find its keys. `audience` is what its access tokens for this API name.
    ///
    /// # Errors
    /// When the issuer is no issuer, or its metadata can't be had or is another's.
    pub async fn discover(
        issuer: &str,
        audience: &str,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, FetchError> {
        let unusable = |problem| FetchError::Content { host: issuer.to_owned(), problem };
        let parsed: Issuer = issuer.parse().map_err(|_| FetchError::Address(issuer.to_owned()))?;
        let body = match get_json(transport.as_ref(), &parsed.oauth_metadata_url()).await {
            Err(FetchError::Status { status, .. }) if status == http::StatusCode::NOT_FOUND => {
                get_json(transport.as_ref(), &parsed.openid_configuration_url()).await
            }
            answered => answered,
        }?;
        let metadata: ServerMetadata =
            serde_json::from_slice(&body).map_err(|_| unusable("metadata that can't be read"))?;
        if metadata.issuer != parsed {
            return Err(unusable("the metadata of another issuer"));
        }
        let jwks_uri = metadata.jwks_uri.ok_or_else(|| unusable("metadata without a jwks_uri"))?;
        Self::with_keys_at(issuer, audience, &jwks_uri, transport, Arc::new(SystemClock))
    }

    /// An API whose issuer's keys are at a known address; nothing is fetched before the first request.
    ///
    /// # Errors
    /// [`FetchError::Address`] when the address is neither `https` nor on this machine.
    pub fn with_keys_at(
        issuer: &str,
        audience: &str,
        jwks_uri: &str,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, FetchError> {
        if !is_secure_url(jwks_uri) {
            return Err(FetchError::Address(jwks_uri.to_owned()));
        }
        let policy = Policy::access_token(Algorithm::COMMON_SIGNATURES, issuer, audience).leeway(LEEWAY);
        Ok(Self { inner: Arc::new(Inner { policy, keys: RemoteKeySet::new(jwks_uri, transport, clock) }) })
    }

    /// Verifies the bearer token of a request and demands every value of `scope`.
    ///
    /// # Errors
    /// [`Rejection`]; its [`response`](Rejection::response) is what RFC 6750 says.
    pub async fn authorize(&self, headers: &HeaderMap, scope: &Scope) -> Result<AccessToken, Rejection> {
        let presented = PresentedToken::from_headers(headers)?.ok_or(Rejection::NoToken)?;
        let verified =
            self.inner.keys.verify_jwt::<AccessToken>(presented.expose(), &self.inner.policy).await;
        let token = verified.map_err(|error| match error {
            VerifyError::Keys(error) => {
                tracing::error!(%error, "the issuer's keys can't be had");
                Rejection::NoKeys(error)
            }
            token => {
                tracing::debug!(error = %token, "access token refused");
                Rejection::refused(
                    ProtocolError::new(
                        ErrorCode::InvalidToken,
                        "the access token is expired, or not valid for this API",
                    )
                    .section("RFC 6750 3.1"),
                )
            }
        })?;
        // RFC 9449 7.2: a token that is bound to a key is worth nothing without its proof, and one that is not has none.
        if presented.token_type() == TokenType::Dpop || token.claims.cnf.jkt.is_some() {
            let text = "the access token is bound to a key, whose proof this API does not read";
            return Err(Rejection::refused(
                ProtocolError::new(ErrorCode::InvalidToken, text).section("RFC 9449 7.1"),
            ));
        }
        if !scope.is_subset(&token.claims.scope) {
            let error = ProtocolError::new(
                ErrorCode::InsufficientScope,
                "the access token lacks a scope that is needed here",
            )
            .section("RFC 6750 3.1");
            return Err(Rejection::Refused { error, scope: scope.clone() });
        }
        Ok(token.claims)
    }
}

impl fmt::Debug for ResourceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceServer").field("keys", &self.inner.keys).finish_non_exhaustive()
    }
}
