//! Providers that people log in with, as data: where they are, what to ask for, and where they do otherwise than the
//! specifications say.
//!
//! ```
//! use authmint_client::{ClientAuth, known};
//!
//! let config = known::find("github").unwrap().config("my-client", ClientAuth::Secret("s3cret".into()))?;
//! // Where the provider has a place for each customer, it is named:
//! let config = known::find("keycloak").unwrap().config_at("id.example/realms/main", "my-app", ClientAuth::None)?;
//! # let _ = config;
//! # Ok::<(), authmint_client::Error>(())
//! ```
//!
//! A provider that is not here needs no entry if it publishes OpenID Connect metadata: its issuer is all that
//! [`ClientConfig::new`] asks for.

mod table;

use authmint_jose::Algorithm;
use authmint_oauth2::{ClientAuth, Issuer, ResponseMode};
use authmint_oidc::ProviderMetadata;

use crate::config::ClientConfig;
use crate::error::Error;
use crate::quirks::{Quirks, UserInfoMap};

pub use table::ALL;

/// A provider that is known.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct KnownProvider {
    /// Its short name, such as `github`.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The issuer. `{place}` stands for what is different for each customer: a domain, a tenant, a realm.
    pub issuer: &'static str,
    /// What is asked for if nothing is said.
    pub scope: &'static str,
    /// Where clients are registered.
    pub console: &'static str,
    endpoints: Option<Endpoints>,
    quirks: &'static [Quirk],
}

/// Where a provider is that publishes no metadata, or none that can be used.
#[derive(Clone, Copy, Debug)]
struct Endpoints {
    authorization: &'static str,
    token: &'static str,
    user_info: &'static str,
    jwks: &'static str,
    revocation: &'static str,
    end_session: &'static str,
}

impl Endpoints {
    const NONE: Self =
        Self { authorization: "", token: "", user_info: "", jwks: "", revocation: "", end_session: "" };
}

/// A way in which a provider does otherwise.
#[derive(Clone, Copy, Debug)]
enum Quirk {
    /// ID tokens don't repeat the nonce.
    NoNonce,
    /// The issuer of ID tokens has the tenant in it.
    TenantIssuer(&'static str),
    /// The answer comes by a form: with some scopes there is no other way.
    FormPost,
    /// The secret is taken in the form only.
    SecretInForm,
    /// The secret is a JWT, signed by the key of the developer's team.
    SignedSecret,
    /// ID tokens are authenticated with the client's secret.
    SecretMac,
    /// What stands between two scopes.
    ScopeSeparator(char),
    /// A parameter without which something that users expect is missing.
    Parameter(&'static str, &'static str),
    /// Where the person is described.
    UserInfo(UserInfoMap),
}

/// The provider of that short name.
#[must_use]
pub fn find(name: &str) -> Option<&'static KnownProvider> {
    ALL.iter().find(|known| known.name == name)
}

impl KnownProvider {
    /// The settings of a client there.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the provider has a place for each customer: then [`config_at`](Self::config_at).
    pub fn config(&self, client_id: impl Into<String>, auth: ClientAuth) -> Result<ClientConfig, Error> {
        if self.issuer.contains("{place}") {
            return Err(Error::Configuration("this provider has a place for each customer: use config_at"));
        }
        self.build("", client_id.into(), auth)
    }

    /// The settings of a client at the customer's `place`: a domain such as `example.okta.com`, a tenant, or what else stands for
    /// `{place}` in the [`issuer`](Self::issuer).
    ///
    /// # Errors
    /// [`Error::Protocol`] when no issuer comes of it, [`Error::Configuration`] where there is but one place.
    pub fn config_at(
        &self,
        place: &str,
        client_id: impl Into<String>,
        auth: ClientAuth,
    ) -> Result<ClientConfig, Error> {
        if !self.issuer.contains("{place}") {
            return Err(Error::Configuration("this provider is in one place for everyone: use config"));
        }
        self.build(place, client_id.into(), auth)
    }

    /// Whether the secret is a JWT that is signed by a team's key, as at Apple: then the configuration needs
    /// [`ClientConfig::team`].
    #[must_use]
    pub fn wants_signed_secret(&self) -> bool {
        self.quirks.iter().any(|quirk| matches!(quirk, Quirk::SignedSecret))
    }

    fn build(&self, place: &str, client_id: String, auth: ClientAuth) -> Result<ClientConfig, Error> {
        let issuer: Issuer = self.issuer.replace("{place}", place).parse()?;
        let mut config = ClientConfig::new(issuer.clone(), client_id, auth).scope(self.scope.parse()?);
        if let Some(endpoints) = &self.endpoints {
            config = config.metadata(self.metadata(endpoints, issuer, place));
        }
        let mut quirks = Quirks::default();
        for quirk in self.quirks {
            match *quirk {
                Quirk::NoNonce => quirks.no_nonce = true,
                Quirk::TenantIssuer(pattern) => quirks.tenant_issuer = Some(pattern.to_owned()),
                Quirk::FormPost => config.response_mode = Some(ResponseMode::FormPost),
                Quirk::SecretMac => config = config.id_token_algorithms(&[Algorithm::HS256]),
                Quirk::ScopeSeparator(separator) => quirks.scope_separator = Some(separator),
                Quirk::Parameter(name, value) => config = config.parameter(name, value),
                Quirk::UserInfo(map) => quirks.user_info = Some(map),
                // The first is in the metadata, the second needs the name of the team.
                Quirk::SecretInForm | Quirk::SignedSecret => {}
            }
        }
        Ok(config.quirks(quirks))
    }

    fn metadata(&self, endpoints: &Endpoints, issuer: Issuer, place: &str) -> ProviderMetadata {
        let address = |text: &str| (!text.is_empty()).then(|| text.replace("{place}", place));
        let mut metadata = ProviderMetadata::new(issuer);
        metadata.server.authorization_endpoint = address(endpoints.authorization);
        metadata.server.token_endpoint = address(endpoints.token);
        metadata.server.jwks_uri = address(endpoints.jwks);
        metadata.server.revocation_endpoint = address(endpoints.revocation);
        metadata.userinfo_endpoint = address(endpoints.user_info);
        metadata.end_session_endpoint = address(endpoints.end_session);
        if self.quirks.iter().any(|quirk| matches!(quirk, Quirk::SecretInForm)) {
            metadata.server.token_endpoint_auth_methods_supported = vec!["client_secret_post".to_owned()];
        }
        metadata
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use authmint_fetch::InMemory;
    use bytes::Bytes;
    use http::{Request, Response};

    use super::*;
    use crate::client::Client;

    #[test]
    fn every_entry_makes_a_client_and_no_name_is_there_twice() {
        let mut names = HashSet::new();
        for known in ALL {
            assert!(names.insert(known.name), "{} is there twice", known.name);
            let place = if known.issuer.contains("/{place}/") { "example" } else { "login.example" };
            let auth = ClientAuth::Secret("secret".into());
            let config = if known.issuer.contains("{place}") {
                assert!(known.config("c", auth.clone()).is_err());
                known.config_at(place, "c", auth)
            } else {
                known.config("c", auth)
            };
            let config = config.unwrap_or_else(|error| panic!("{}: {error}", known.name));
            assert!(known.console.starts_with("https://") && !known.title.is_empty(), "{}", known.name);
            // Who says that a person is who they are: an ID token, or a map.
            let is_openid = config.scope.contains("openid");
            assert_ne!(is_openid, config.quirks.user_info.is_some(), "{}", known.name);
            if let Some(metadata) = config.metadata.clone() {
                assert!(is_openid == metadata.server.jwks_uri.is_some(), "{}", known.name);
                let transport = InMemory::new(|_: Request<Bytes>| async { Response::new(Bytes::new()) });
                Client::with_metadata(config, *metadata, Arc::new(transport)).unwrap();
            } else {
                assert!(is_openid, "{} has no metadata and no ID token", known.name);
            }
        }
    }
}
