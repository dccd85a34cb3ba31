//! The server as a value: settings, store, keys, clock and randomness, and the table of its endpoints.

use std::sync::Arc;

use authmint_fetch::Transport;
use authmint_jose::{
    Clock, Entropy, SealingKey, Secret, SystemClock, SystemEntropy, Timestamp, base64url, random_token,
    timed_token,
};
use authmint_oauth2::dpop::DpopNonces;
use authmint_oauth2::{Error as ProtocolError, ErrorCode, GrantType, Issuer};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};

use crate::claims::ClaimsSource;
use crate::client_keys::ClientKeys;
use crate::config::{Registration, ServerConfig};
use crate::endpoint::{self, paths};
use crate::error::Error;
use crate::extension::{ExtensionClientAuth, ExtensionGrant, PasswordCheck};
use crate::key_ring::KeyRing;
use crate::storage::{Client, Storage};
use crate::subject::Subjects;
use crate::trusted_issuers::{self, TrustedIssuers};
use crate::{
    device, introspection, metadata, pushed_request, registration, revocation, token, userinfo, webfinger,
};

/// An OAuth 2 authorization server and OpenID Provider. Cheap to clone; all clones are one server.
#[derive(Clone, Debug)]
pub struct AuthorizationServer {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    parts: Parts,
    keys: KeyRing,
    client_keys: ClientKeys,
    trusted: TrustedIssuers,
    software_statement_issuers: TrustedIssuers,
    nonces: DpopNonces,
    pairwise_key: SealingKey,
    secrets_key: SealingKey,
    user_codes_key: SealingKey,
}

/// What the caller chooses.
#[derive(Debug)]
struct Parts {
    config: ServerConfig,
    storage: Arc<dyn Storage>,
    claims: Arc<dyn ClaimsSource>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    transport: Option<Arc<dyn Transport>>,
    passwords: Option<Arc<dyn PasswordCheck>>,
    grants: Vec<Arc<dyn ExtensionGrant>>,
    client_auth: Vec<Arc<dyn ExtensionClientAuth>>,
}

/// What a server is made of. [`AuthorizationServer::builder`] begins one.
#[derive(Debug)]
pub struct ServerBuilder {
    parts: Parts,
    sealing_key: SealingKey,
}

impl ServerBuilder {
    /// A clock of the caller's: for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.parts.clock = clock;
        self
    }

    /// A source of randomness of the caller's: for tests.
    #[must_use]
    pub fn entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.parts.entropy = entropy;
        self
    }

    /// How the server reaches clients: their `jwks_uri`, `request_uri`, `sector_identifier_uri` and logout addresses. Without
    /// one, clients that need it can't be registered.
    ///
    /// Strangers name these addresses. The transport must refuse those that are not public (S21 of the threat table).
    #[must_use]
    pub fn transport(mut self, transport: Arc<dyn Transport>) -> Self {
        self.parts.transport = Some(transport);
        self
    }

    /// Who checks passwords for the password grant, which the profile must allow.
    #[must_use]
    pub fn passwords(mut self, passwords: Arc<dyn PasswordCheck>) -> Self {
        self.parts.passwords = Some(passwords);
        self
    }

    /// Adds a grant of the caller's own.
    #[must_use]
    pub fn grant(mut self, grant: Arc<dyn ExtensionGrant>) -> Self {
        self.parts.grants.push(grant);
        self
    }

    /// Adds a way of client authentication of the caller's own.
    #[must_use]
    pub fn client_auth(mut self, method: Arc<dyn ExtensionClientAuth>) -> Self {
        self.parts.client_auth.push(method);
        self
    }

    /// The server.
    ///
    /// # Errors
    /// [`Error::Configuration`] when settings contradict the profile or each other.
    pub fn build(self) -> Result<AuthorizationServer, Error> {
        let Self { parts, sealing_key } = self;
        let Parts { config, storage, clock, transport, .. } = &parts;
        config.check()?;
        let trusted = |issuers| TrustedIssuers::new(issuers, transport.as_ref(), clock);
        let inner = Inner {
            trusted: trusted(&config.trusted_issuers)?,
            software_statement_issuers: trusted(&config.software_statement_issuers)?,
            client_keys: ClientKeys::new(transport.clone(), Arc::clone(clock)),
            nonces: DpopNonces::new(sealing_key.derive("authmint DPoP nonces")),
            pairwise_key: sealing_key.derive("authmint pairwise subjects"),
            secrets_key: sealing_key.derive("authmint client secrets"),
            user_codes_key: sealing_key.derive("authmint user codes"),
            keys: KeyRing::new(config, Arc::clone(storage), Arc::clone(clock), sealing_key),
            parts,
        };
        Ok(AuthorizationServer { inner: Arc::new(inner) })
    }
}

impl AuthorizationServer {
    /// A server over a store. `sealing_key` protects the signing keys at rest: keep it apart from the store.
    ///
    /// # Errors
    /// [`Error::Configuration`] when settings contradict the profile or each other.
    pub fn new(
        config: ServerConfig,
        storage: Arc<dyn Storage>,
        claims: Arc<dyn ClaimsSource>,
        sealing_key: SealingKey,
    ) -> Result<Self, Error> {
        Self::builder(config, storage, claims, sealing_key).build()
    }

    /// As [`new`](Self::new), with more to choose.
    pub fn builder(
        config: ServerConfig,
        storage: Arc<dyn Storage>,
        claims: Arc<dyn ClaimsSource>,
        sealing_key: SealingKey,
    ) -> ServerBuilder {
        let parts = Parts {
            config,
            storage,
            claims,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            transport: None,
            passwords: None,
            grants: Vec::new(),
            client_auth: Vec::new(),
        };
        ServerBuilder { parts, sealing_key }
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
        if request.uri().path() == webfinger::PATH {
            return Some(endpoint::for_every_origin(webfinger::handle(self, request)));
        }
        let local = endpoint::local_path(request, self.issuer())?;
        let endpoint = Endpoint::at(local)?;
        if endpoint.registers() && self.config().registration == Registration::Closed {
            return None;
        }
        if request.method() == Method::OPTIONS && endpoint.is_for_every_origin() {
            return Some(endpoint::for_every_origin(endpoint::preflight()));
        }
        if let Some(refusal) = endpoint::too_large(request) {
            return Some(refusal);
        }
        let reply = match endpoint {
            Endpoint::Token => token::handle(self, request).await,
            Endpoint::UserInfo => userinfo::handle(self, request).await,
            Endpoint::Introspection => introspection::handle(self, request).await,
            Endpoint::Revocation => revocation::handle(self, request).await,
            Endpoint::DeviceAuthorization => device::handle(self, request).await,
            Endpoint::PushedRequest => pushed_request::handle(self, request).await,
            Endpoint::Registration => registration::endpoint::handle(self, request).await,
            Endpoint::ClientConfiguration(client_id) => {
                registration::management::handle(self, request, client_id).await
            }
            Endpoint::Jwks => metadata::handle_jwks(self, request).await,
            Endpoint::Metadata => metadata::handle(self, request),
        };
        Some(if endpoint.is_for_every_origin() { endpoint::for_every_origin(reply) } else { reply })
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.inner.parts.config.issuer
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &ServerConfig {
        &self.inner.parts.config
    }

    /// The signing keys.
    #[must_use]
    pub fn keys(&self) -> &KeyRing {
        &self.inner.keys
    }

    /// The store.
    #[must_use]
    pub fn storage(&self) -> &dyn Storage {
        self.inner.parts.storage.as_ref()
    }

    /// The time by the server's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.parts.clock.now()
    }

    /// Until when what is ended now must be remembered: nothing issued before is good any longer.
    #[must_use]
    pub fn revoked_until(&self) -> Timestamp {
        self.now().saturating_add(self.config().longest_token())
    }

    pub(crate) fn claims(&self) -> &dyn ClaimsSource {
        self.inner.parts.claims.as_ref()
    }

    pub(crate) fn client_keys(&self) -> &ClientKeys {
        &self.inner.client_keys
    }

    pub(crate) fn transport(&self) -> Option<&dyn Transport> {
        self.inner.parts.transport.as_deref()
    }

    pub(crate) fn passwords(&self) -> Option<&dyn PasswordCheck> {
        self.inner.parts.passwords.as_deref()
    }

    pub(crate) fn extension_grant(&self, name: &str) -> Option<&dyn ExtensionGrant> {
        self.inner.parts.grants.iter().map(AsRef::as_ref).find(|grant| grant.grant_type() == name)
    }

    pub(crate) fn extension_grants(&self) -> impl Iterator<Item = &dyn ExtensionGrant> {
        self.inner.parts.grants.iter().map(AsRef::as_ref)
    }

    pub(crate) fn extension_client_auth(&self) -> impl Iterator<Item = &dyn ExtensionClientAuth> {
        self.inner.parts.client_auth.iter().map(AsRef::as_ref)
    }

    pub(crate) fn trusted_issuer(&self, issuer: &str) -> Option<&trusted_issuers::Keys> {
        self.inner.trusted.get(issuer)
    }

    pub(crate) fn software_statement_issuer(&self, issuer: &str) -> Option<&trusted_issuers::Keys> {
        self.inner.software_statement_issuers.get(issuer)
    }

    /// Whether clients of this server can use a grant: the profile allows it, and what it needs is there.
    pub(crate) fn has_grant(&self, grant_type: &GrantType) -> bool {
        let has = match grant_type {
            GrantType::Password => self.inner.parts.passwords.is_some(),
            GrantType::JwtBearer => !self.inner.trusted.is_empty(),
            GrantType::Extension(name) => self.extension_grant(name).is_some(),
            _ => true,
        };
        has && self.config().profile.allows(grant_type)
    }

    pub(crate) fn nonces(&self) -> &DpopNonces {
        &self.inner.nonces
    }

    pub(crate) fn secrets_key(&self) -> &SealingKey {
        &self.inner.secrets_key
    }

    pub(crate) fn user_codes_key(&self) -> &SealingKey {
        &self.inner.user_codes_key
    }

    /// How people are named for a client.
    pub(crate) fn subjects(&self, client: &Client) -> Subjects {
        Subjects::of(client, &self.inner.pairwise_key)
    }

    /// 256 random bits, for whatever must not be guessed.
    pub(crate) fn random_token(&self) -> Result<Secret, Error> {
        Ok(random_token(self.inner.parts.entropy.as_ref())?)
    }

    /// 256 random bits behind the time, for what is kept under its hash: see [`TokenHash`](crate::storage::TokenHash).
    pub(crate) fn timed_token(&self) -> Result<Secret, Error> {
        Ok(timed_token(self.inner.parts.entropy.as_ref(), self.inner.parts.clock.as_ref())?)
    }

    /// 128 random bits, for names that must not collide.
    pub(crate) fn random_id(&self) -> Result<String, Error> {
        let mut bytes = [0; 16];
        self.inner.parts.entropy.fill(&mut bytes)?;
        Ok(base64url::encode(&bytes))
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        self.inner.parts.entropy.as_ref()
    }
}

/// The endpoints that machines call.
#[derive(Clone, Copy)]
enum Endpoint<'r> {
    Token,
    UserInfo,
    Introspection,
    Revocation,
    PushedRequest,
    DeviceAuthorization,
    Registration,
    ClientConfiguration(&'r str),
    Jwks,
    Metadata,
}

impl<'r> Endpoint<'r> {
    fn at(path: &'r str) -> Option<Self> {
        Some(match path {
            paths::TOKEN => Self::Token,
            paths::USERINFO => Self::UserInfo,
            paths::INTROSPECTION => Self::Introspection,
            paths::REVOCATION => Self::Revocation,
            paths::PUSHED_AUTHORIZATION_REQUEST => Self::PushedRequest,
            paths::DEVICE_AUTHORIZATION => Self::DeviceAuthorization,
            paths::REGISTRATION => Self::Registration,
            paths::JWKS => Self::Jwks,
            paths::OPENID_CONFIGURATION => Self::Metadata,
            _ => Self::ClientConfiguration(path.strip_prefix(paths::REGISTRATION)?.strip_prefix('/')?),
        })
    }

    /// Whether it is for clients that register themselves.
    fn registers(self) -> bool {
        matches!(self, Self::Registration | Self::ClientConfiguration(_))
    }

    /// Whether applications that run in a browser call it. Introspection is for resource servers.
    fn is_for_every_origin(self) -> bool {
        !matches!(self, Self::Introspection)
    }
}

/// RFC 9110 15.5.20: the request is for a host that this server does not speak for.
fn misdirected() -> Response<Bytes> {
    let error = ProtocolError::new(
        ErrorCode::InvalidRequest,
        "this server answers under its configured issuer only; check the host name, or the proxy in front",
    );
    endpoint::json(StatusCode::MISDIRECTED_REQUEST, &error.to_message())
}
