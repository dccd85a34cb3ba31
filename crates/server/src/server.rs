//! The server as a value: settings, store, keys, clock and randomness, and the table of its endpoints.

use std::sync::Arc;

use authmint_jose::{
    Clock, Entropy, SealingKey, Secret, SystemClock, SystemEntropy, Timestamp, base64url, random_token,
    timed_token,
};
use authmint_oauth2::{Error as ProtocolError, ErrorCode, Issuer};
use bytes::Bytes;
use http::{Request, Response, StatusCode};

use crate::claims::ClaimsSource;
use crate::config::ServerConfig;
use crate::endpoint::{self, paths};
use crate::error::Error;
use crate::key_ring::KeyRing;
use crate::storage::Storage;
use crate::{introspection, metadata, revocation, token, userinfo};

/// An OAuth 2 authorization server and OpenID Provider. Cheap to clone; all clones are one server.
#[derive(Clone, Debug)]
pub struct AuthorizationServer {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: ServerConfig,
    storage: Arc<dyn Storage>,
    claims: Arc<dyn ClaimsSource>,
    keys: KeyRing,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl AuthorizationServer {
    /// A server over a store. `sealing_key` protects the signing keys at rest: keep it apart from the store.
    pub fn new(
        config: ServerConfig,
        storage: Arc<dyn Storage>,
        claims: Arc<dyn ClaimsSource>,
        sealing_key: SealingKey,
    ) -> Self {
        Self::with(config, storage, claims, sealing_key, Arc::new(SystemClock), Arc::new(SystemEntropy))
    }

    /// A server with a clock and a source of randomness of the caller's, for tests that own both.
    pub fn with(
        config: ServerConfig,
        storage: Arc<dyn Storage>,
        claims: Arc<dyn ClaimsSource>,
        sealing_key: SealingKey,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let keys = KeyRing::new(&config, Arc::clone(&storage), Arc::clone(&clock), sealing_key);
        Self { inner: Arc::new(Inner { config, storage, claims, keys, clock, entropy }) }
    }

    /// Serves a request to an endpoint that machines call. `None`: the path is not one of these.
    ///
    /// Never fails: whatever is wrong becomes the response that the specification says.
    pub async fn handle(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        if !endpoint::is_our_host(request, self.issuer()) {
            return Some(misdirected());
        }
        if let Some(path) = request.uri().path().strip_prefix(paths::OAUTH_METADATA)
            && path.trim_end_matches('/') == self.issuer().path()
        {
            return Some(metadata::handle(self, request));
        }
        let local = endpoint::local_path(request, self.issuer())?;
        let serve = match local {
            paths::TOKEN => Endpoint::Token,
            paths::USERINFO => Endpoint::UserInfo,
            paths::INTROSPECTION => Endpoint::Introspection,
            paths::REVOCATION => Endpoint::Revocation,
            paths::JWKS => Endpoint::Jwks,
            paths::OPENID_CONFIGURATION => return Some(metadata::handle(self, request)),
            _ => return None,
        };
        if let Some(refusal) = endpoint::too_large(request) {
            return Some(refusal);
        }
        Some(match serve {
            Endpoint::Token => token::handle(self, request).await,
            Endpoint::UserInfo => userinfo::handle(self, request).await,
            Endpoint::Introspection => introspection::handle(self, request).await,
            Endpoint::Revocation => revocation::handle(self, request).await,
            Endpoint::Jwks => metadata::handle_jwks(self, request).await,
        })
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.inner.config.issuer
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &ServerConfig {
        &self.inner.config
    }

    /// The signing keys.
    #[must_use]
    pub fn keys(&self) -> &KeyRing {
        &self.inner.keys
    }

    /// The store.
    #[must_use]
    pub fn storage(&self) -> &dyn Storage {
        self.inner.storage.as_ref()
    }

    /// The time by the server's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Until when what is ended now must be remembered: nothing issued before is good any longer.
    #[must_use]
    pub fn revoked_until(&self) -> Timestamp {
        self.now().saturating_add(self.config().longest_token())
    }

    pub(crate) fn claims(&self) -> &dyn ClaimsSource {
        self.inner.claims.as_ref()
    }

    /// 256 random bits, for whatever must not be guessed.
    pub(crate) fn random_token(&self) -> Result<Secret, Error> {
        Ok(random_token(self.inner.entropy.as_ref())?)
    }

    /// 256 random bits behind the time, for what is kept under its hash: see [`TokenHash`](crate::storage::TokenHash).
    pub(crate) fn timed_token(&self) -> Result<Secret, Error> {
        Ok(timed_token(self.inner.entropy.as_ref(), self.inner.clock.as_ref())?)
    }

    /// 128 random bits, for names that must not collide.
    pub(crate) fn random_id(&self) -> Result<String, Error> {
        let mut bytes = [0; 16];
        self.inner.entropy.fill(&mut bytes)?;
        Ok(base64url::encode(&bytes))
    }
}

#[derive(Clone, Copy)]
enum Endpoint {
    Token,
    UserInfo,
    Introspection,
    Revocation,
    Jwks,
}

/// RFC 9110 15.5.20: the request is for a host that this server does not speak for.
fn misdirected() -> Response<Bytes> {
    let error = ProtocolError::new(
        ErrorCode::InvalidRequest,
        "this server answers under its configured issuer only; check the host name, or the proxy in front",
    );
    endpoint::json(StatusCode::MISDIRECTED_REQUEST, &error.to_message())
}
