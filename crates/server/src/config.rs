//! The server's settings; each default is the safe one.

use std::time::Duration;

use authmint_jose::{Algorithm, KeyManagement};
use authmint_oauth2::{Issuer, Scope};

use crate::error::Error;
use crate::metadata::SCOPES;
use crate::profile::Profile;
use crate::storage::KeyPurpose;
use crate::trusted_issuers::TrustedIssuer;

/// Who may register clients at the registration endpoint (RFC 7591 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    /// Nobody: there is no such endpoint.
    #[default]
    Closed,
    /// Who brings an initial access token.
    Invited,
    /// Anybody.
    Open,
}

/// How a server behaves. `ServerConfig::new(issuer)` is complete; change what differs.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The issuer identifier: configured, never read from a request.
    pub issuer: Issuer,
    /// What is allowed at all.
    pub profile: Profile,
    /// Whether every client must use PKCE. Public clients must in any case.
    pub require_pkce: bool,
    /// Whether every authorization request must be pushed (RFC 9126 5).
    pub require_pushed_requests: bool,
    /// Whether DPoP proofs must carry a nonce of this server (RFC 9449 8).
    pub require_dpop_nonce: bool,
    /// Who may register clients over HTTP.
    pub registration: Registration,
    /// The scope that clients may have that register themselves.
    pub registration_scope: Scope,
    /// Who may vouch for software in a software statement (RFC 7591 2.3).
    pub software_statement_issuers: Vec<TrustedIssuer>,
    /// The levels of authentication there are (`acr`), the best last.
    pub acr_values: Vec<String>,
    /// How long a code is good. RFC 6749 4.1.2 advises at most ten minutes.
    pub code_lifetime: Duration,
    /// How long an access token is good.
    pub access_token_lifetime: Duration,
    /// How long a refresh token is good if it is not used; each rotation begins anew, up to `grant_lifetime`.
    pub refresh_token_lifetime: Duration,
    /// How long one consent with `offline_access` can be renewed.
    pub grant_lifetime: Duration,
    /// How long an ID token is good.
    pub id_token_lifetime: Duration,
    /// How long a person may take to log in and agree.
    pub interaction_lifetime: Duration,
    /// How many requests may wait for a person, for a browser, or on devices, each; of more, those that expire first are
    /// given up.
    pub most_interactions: usize,
    /// How long a pushed request is good.
    pub pushed_request_lifetime: Duration,
    /// How long a person may take to type a device's code.
    pub device_code_lifetime: Duration,
    /// How long a device waits between two polls.
    pub device_poll_interval: Duration,
    /// What signs ID tokens unless the client registered another. RS256 is the one that every client must know (Core 15.1).
    pub id_token_algorithm: Algorithm,
    /// What else clients may have their ID tokens and UserInfo responses signed with.
    pub more_id_token_algorithms: Vec<Algorithm>,
    /// How others may manage the keys of request objects that they encrypt to this server.
    pub request_object_encryption: Vec<KeyManagement>,
    /// Whether the caller's page of the logout loads the frames of clients (Front-Channel Logout).
    pub front_channel_logout: bool,
    /// Whether the caller serves the frame of Session Management at [`CHECK_SESSION`](crate::paths::CHECK_SESSION).
    pub session_management: bool,
    /// Issuers that may vouch for people in the JWT bearer grant.
    pub trusted_issuers: Vec<TrustedIssuer>,
    /// What signs JWT access tokens.
    pub access_token_algorithm: Algorithm,
    /// How long a new key is published before it signs, and the time after which verifiers have seen it.
    pub key_publication: Duration,
}

impl ServerConfig {
    /// The defaults for an issuer.
    #[must_use]
    pub fn new(issuer: Issuer) -> Self {
        const MINUTE: u64 = 60;
        const DAY: u64 = 24 * 60 * MINUTE;
        Self {
            issuer,
            profile: Profile::OAuth21,
            require_pkce: true,
            require_pushed_requests: false,
            require_dpop_nonce: false,
            registration: Registration::Closed,
            registration_scope: SCOPES.join(" ").parse().unwrap_or(Scope::EMPTY),
            software_statement_issuers: Vec::new(),
            acr_values: Vec::new(),
            code_lifetime: Duration::from_secs(MINUTE),
            access_token_lifetime: Duration::from_secs(10 * MINUTE),
            refresh_token_lifetime: Duration::from_secs(30 * DAY),
            grant_lifetime: Duration::from_secs(365 * DAY),
            id_token_lifetime: Duration::from_secs(10 * MINUTE),
            interaction_lifetime: Duration::from_secs(30 * MINUTE),
            most_interactions: 100_000,
            pushed_request_lifetime: Duration::from_secs(MINUTE),
            device_code_lifetime: Duration::from_secs(10 * MINUTE),
            device_poll_interval: Duration::from_secs(5),
            id_token_algorithm: Algorithm::RS256,
            more_id_token_algorithms: vec![Algorithm::ES256],
            request_object_encryption: vec![KeyManagement::EcdhEs],
            front_channel_logout: false,
            session_management: false,
            trusted_issuers: Vec::new(),
            access_token_algorithm: Algorithm::ES256,
            key_publication: Duration::from_secs(10 * MINUTE),
        }
    }

    /// What keys are needed for, each once.
    pub(crate) fn key_purposes(&self) -> Vec<KeyPurpose> {
        let signing = self.signing_algorithms().into_iter().map(KeyPurpose::Sign);
        signing.chain(self.request_object_encryption.iter().copied().map(KeyPurpose::Decrypt)).collect()
    }

    /// The algorithms of signing keys, each once.
    pub(crate) fn signing_algorithms(&self) -> Vec<Algorithm> {
        let mut algorithms = self.id_token_algorithms();
        if !algorithms.contains(&self.access_token_algorithm) {
            algorithms.push(self.access_token_algorithm);
        }
        algorithms
    }

    /// What ID tokens and UserInfo responses may be signed with, the default first.
    pub(crate) fn id_token_algorithms(&self) -> Vec<Algorithm> {
        let mut algorithms = vec![self.id_token_algorithm];
        for algorithm in &self.more_id_token_algorithms {
            if !algorithms.contains(algorithm) {
                algorithms.push(*algorithm);
            }
        }
        algorithms
    }

    /// Refuses settings that contradict the profile or each other.
    ///
    /// # Errors
    /// [`Error::Configuration`], saying what to change.
    pub fn check(&self) -> Result<(), Error> {
        self.contradictions()
            .into_iter()
            .next()
            .map_or(Ok(()), |text| Err(Error::Configuration(text.to_owned())))
    }

    /// What contradicts the profile or other settings, each with what to change.
    #[must_use]
    pub fn contradictions(&self) -> Vec<&'static str> {
        let mut found = Vec::new();
        if self.profile.demands_pkce() && !self.require_pkce {
            found.push(
                "require_pkce = false contradicts the profile oauth21: a stolen code could be redeemed (RFC 9700 2.1.1). \
                 Leave it out, or set profile = \"legacy\"",
            );
        }
        if self.signing_algorithms().iter().any(|algorithm| algorithm.is_symmetric()) {
            found.push(
                "a server signs with a private key: HS256, HS384 and HS512 share one, and are used for a client that \
                 registers them, with its own secret",
            );
        }
        found
    }

    /// How long anything issued before now may still be presented: the time for which an old key stays published and
    /// a revoked grant stays remembered.
    pub(crate) fn longest_token(&self) -> Duration {
        self.access_token_lifetime.max(self.id_token_lifetime)
    }
}
