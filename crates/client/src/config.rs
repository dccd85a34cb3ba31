//! What an application says of itself.

use std::time::Duration;

use authmint_jose::Algorithm;
use authmint_oauth2::{ClientAuth, Issuer, Scope};

/// The settings of a [`Client`](crate::Client).
#[derive(Clone, Debug)]
pub struct ClientConfig {
    pub(crate) issuer: Issuer,
    pub(crate) client_id: String,
    pub(crate) auth: ClientAuth,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) post_logout_redirect_uri: Option<String>,
    pub(crate) scope: Scope,
    pub(crate) id_token_algorithms: Vec<Algorithm>,
    pub(crate) leeway: Duration,
}

impl ClientConfig {
    /// A client of `issuer`, known there as `client_id`.
    pub fn new(issuer: Issuer, client_id: impl Into<String>, auth: ClientAuth) -> Self {
        Self {
            issuer,
            client_id: client_id.into(),
            auth,
            redirect_uri: None,
            post_logout_redirect_uri: None,
            scope: "openid profile email".parse().unwrap_or_default(),
            id_token_algorithms: Algorithm::COMMON_SIGNATURES.to_vec(),
            leeway: Duration::from_secs(30),
        }
    }

    /// Where the provider sends the browser back: as registered, character by character.
    #[must_use]
    pub fn redirect_uri(self, uri: impl Into<String>) -> Self {
        Self { redirect_uri: Some(uri.into()), ..self }
    }

    /// Where the provider sends the browser after logout.
    #[must_use]
    pub fn post_logout_redirect_uri(self, uri: impl Into<String>) -> Self {
        Self { post_logout_redirect_uri: Some(uri.into()), ..self }
    }

    /// What to ask for; `openid profile email` if nothing is said.
    #[must_use]
    pub fn scope(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// Which algorithms an ID token may be signed with; every asymmetric one if nothing is said.
    #[must_use]
    pub fn id_token_algorithms(self, algorithms: &[Algorithm]) -> Self {
        Self { id_token_algorithms: algorithms.to_vec(), ..self }
    }

    /// How far the two clocks may be apart; 30 seconds if nothing is said.
    #[must_use]
    pub fn leeway(self, leeway: Duration) -> Self {
        Self { leeway, ..self }
    }
}
