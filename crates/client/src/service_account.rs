//! Service accounts: a program that signs its own way in, with a key file (RFC 7523 2.1, as Google uses it).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use authmint_fetch::{Transport, is_secure_url};
use authmint_jose::{Algorithm, Key, Secret, Timestamp, random_token};
use authmint_oauth2::{ClientAuth, Issuer, Scope, TokenRequest};
use authmint_oidc::ProviderMetadata;
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::config::ClientConfig;
use crate::error::Error;
use crate::source::TokenSource;
use crate::token::Tokens;

/// How long an assertion is good: it is used at once.
const LIFETIME: Duration = Duration::from_secs(5 * 60);

/// An account of a program, with its key.
#[derive(Clone)]
pub struct ServiceAccount {
    email: String,
    key: Key,
    token_uri: String,
    scope: Scope,
    subject: Option<String>,
}

/// The key file that Google gives out.
#[derive(Deserialize)]
struct KeyFile {
    r#type: String,
    client_email: String,
    private_key_id: String,
    private_key: Secret,
    token_uri: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: &'a str,
    iat: Timestamp,
    exp: Timestamp,
    /// Google reads it here and not in the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

impl ServiceAccount {
    /// Reads a key file (`"type": "service_account"`).
    ///
    /// # Errors
    /// [`Error::Configuration`] when it is none, [`Error::Crypto`] when its key can't be read.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let none = Error::Configuration("this is no key file of a service account");
        let Ok(file) = serde_json::from_str::<KeyFile>(text) else { return Err(none) };
        if file.r#type != "service_account" || !is_secure_url(&file.token_uri) {
            return Err(none);
        }
        let key = Key::from_pem(file.private_key.expose(), Algorithm::RS256)?.with_kid(file.private_key_id);
        Ok(Self::new(file.client_email, key, file.token_uri))
    }

    /// The account `name` with its `key`, which asks at `token_uri`.
    pub fn new(name: impl Into<String>, key: Key, token_uri: impl Into<String>) -> Self {
        Self { email: name.into(), key, token_uri: token_uri.into(), scope: Scope::EMPTY, subject: None }
    }

    /// What to ask for.
    #[must_use]
    pub fn scope(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// The person to act for, where an administrator allowed the account to.
    #[must_use]
    pub fn on_behalf_of(self, subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..self }
    }

    /// Fresh tokens of this account.
    ///
    /// # Errors
    /// [`Error::Protocol`] or [`Error::Metadata`] when `token_uri` is no address to send secrets to.
    pub fn tokens(self, transport: Arc<dyn Transport>) -> Result<TokenSource, Error> {
        let origin = self.token_uri.split('/').take(3).collect::<Vec<_>>().join("/");
        let issuer: Issuer = origin.parse()?;
        let mut metadata = ProviderMetadata::new(issuer.clone());
        metadata.server.token_endpoint = Some(self.token_uri.clone());
        // The assertion says who asks; Google knows no client beside it.
        let config = ClientConfig::new(issuer, self.email.clone(), ClientAuth::None);
        let client = Client::with_metadata(config, metadata, transport)?;
        Ok(TokenSource::service_account(client, self))
    }

    pub(crate) async fn ask(&self, client: &Client) -> Result<Tokens, Error> {
        let now = client.now();
        let jti = random_token(client.entropy())?;
        let scope = Some(self.scope.as_str()).filter(|scope| !scope.is_empty());
        let claims = Claims {
            iss: &self.email,
            sub: self.subject.as_deref().unwrap_or(&self.email),
            aud: &self.token_uri,
            jti: jti.expose(),
            iat: now,
            exp: now.saturating_add(LIFETIME),
            scope,
        };
        let assertion = Secret::new(self.key.sign_jwt("JWT", &claims)?);
        let scope = Some(self.scope.clone()).filter(|scope| !scope.is_empty());
        client.request_tokens(&TokenRequest::JwtBearer { assertion, scope }).await
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount")
            .field("email", &self.email)
            .field("token_uri", &self.token_uri)
            .finish_non_exhaustive()
    }
}
