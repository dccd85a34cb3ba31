//! The server's settings; each default is the safe one.

use std::time::Duration;

use authmint_jose::Algorithm;
use authmint_oauth2::Issuer;

/// How a server behaves. `ServerConfig::new(issuer)` is complete; change what differs.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The issuer identifier: configured, never read from a request.
    pub issuer: Issuer,
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
    /// How many requests may wait for a person; of more, those that expire first are given up.
    pub most_interactions: usize,
    /// What signs ID tokens. RS256 is the one that every client must know (Core 15.1).
    pub id_token_algorithm: Algorithm,
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
            code_lifetime: Duration::from_secs(MINUTE),
            access_token_lifetime: Duration::from_secs(10 * MINUTE),
            refresh_token_lifetime: Duration::from_secs(30 * DAY),
            grant_lifetime: Duration::from_secs(365 * DAY),
            id_token_lifetime: Duration::from_secs(10 * MINUTE),
            interaction_lifetime: Duration::from_secs(30 * MINUTE),
            most_interactions: 100_000,
            id_token_algorithm: Algorithm::RS256,
            access_token_algorithm: Algorithm::ES256,
            key_publication: Duration::from_secs(10 * MINUTE),
        }
    }

    /// The algorithms a key is needed for, each once.
    pub(crate) fn signing_algorithms(&self) -> Vec<Algorithm> {
        let mut algorithms = vec![self.id_token_algorithm];
        if self.access_token_algorithm != self.id_token_algorithm {
            algorithms.push(self.access_token_algorithm);
        }
        algorithms
    }

    /// How long anything issued before now may still be presented: the time for which an old key stays published and
    /// a revoked grant stays remembered.
    pub(crate) fn longest_token(&self) -> Duration {
        self.access_token_lifetime.max(self.id_token_lifetime)
    }
}
