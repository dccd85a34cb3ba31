//! `[[seed.users]]` and `[[seed.clients]]`: what a provider for tests and demonstrations begins with.

use authmint_jose::Secret;
use authmint_oauth2::ClientMetadata;
use authmint_oidc::PersonClaims;
use authmint_server::NewClient;
use authmint_server::storage::AccessTokenFormat;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::findings::Findings;
use super::person;
use crate::output::Failure;

/// The section of the settings file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Seed {
    users: Vec<User>,
    clients: Vec<Entry>,
}

/// A user: a name, a password, and claims by their own names.
#[derive(Debug, Deserialize)]
struct User {
    username: String,
    password: Password,
    #[serde(flatten)]
    claims: Map<String, Value>,
}

/// What is kept out of logs.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
struct Password(Secret);

impl From<String> for Password {
    fn from(text: String) -> Self {
        Self(Secret::new(text))
    }
}

/// A client: what an operator says about it, and its metadata by their own names.
#[derive(Debug, Deserialize)]
struct Entry {
    client_id: String,
    client_secret: Option<Password>,
    access_token_format: Option<Format>,
    #[serde(default)]
    audience: Vec<String>,
    #[serde(default)]
    trusted: bool,
    #[serde(flatten)]
    metadata: Map<String, Value>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    Jwt,
    Opaque,
}

/// A user who is made where missing.
#[derive(Clone, Debug)]
pub(crate) struct SeedUser {
    pub(crate) username: String,
    pub(crate) password: Secret,
    pub(crate) claims: PersonClaims,
}

/// What is made where missing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sown {
    pub(crate) users: Vec<SeedUser>,
    pub(crate) clients: Vec<NewClient>,
}

impl Sown {
    pub(crate) fn is_empty(&self) -> bool {
        self.users.is_empty() && self.clients.is_empty()
    }
}

impl Seed {
    /// Reads what is said; what can't be used is a finding.
    pub(crate) fn read(self, findings: &mut Findings) -> Sown {
        let users = self.users.into_iter().filter_map(|user| findings.take(user.read())).collect();
        let clients = self.clients.into_iter().filter_map(|client| findings.take(client.read())).collect();
        Sown { users, clients }
    }
}

impl User {
    fn read(self) -> Result<SeedUser, Failure> {
        let Self { username, password: Password(password), claims } = self;
        let named = |error: &dyn std::fmt::Display| Failure::new(format!("seed user {username:?}: {error}"));
        authmint_provider::accounts::username(&username).map_err(|error| named(&error))?;
        authmint_provider::accounts::check_password(&password).map_err(|error| named(&error))?;
        let mut claims =
            person::claims(claims).map_err(|failure| failure.about(&format!("seed user {username:?}")))?;
        claims.preferred_username.get_or_insert_with(|| username.clone());
        Ok(SeedUser { username, password, claims })
    }
}

impl Entry {
    fn read(self) -> Result<NewClient, Failure> {
        let Self { client_id, client_secret, access_token_format, audience, trusted, metadata } = self;
        let named =
            |error: &dyn std::fmt::Display| Failure::new(format!("seed client {client_id:?}: {error}"));
        let known = ClientMetadata::member_names();
        if let Some(unknown) = metadata.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(named(&format!("there is no member {unknown:?}"))
                .advice("client_id, client_secret, access_token_format, audience, trusted, and the members of RFC 7591 2"));
        }
        let metadata = ClientMetadata::from_members(&metadata).map_err(|error| named(&error))?;
        let client = NewClient {
            metadata,
            secret: client_secret.map(|Password(secret)| secret),
            audience,
            access_token_format: match access_token_format {
                Some(Format::Opaque) => AccessTokenFormat::Opaque,
                Some(Format::Jwt) | None => AccessTokenFormat::Jwt,
            },
            trusted,
            id: Some(client_id.clone()),
        };
        client.check().map_err(|error| named(&error))?;
        Ok(client)
    }
}
