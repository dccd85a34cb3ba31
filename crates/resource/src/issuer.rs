//! The issuers whose tokens an API takes: how their tokens are known, and by what they are verified.

use std::sync::Arc;
use std::time::Duration;

use authmint_fetch::{FetchError, Freshness, Transport, get_json, is_secure_url};
use authmint_jose::{Algorithm, KeySet};
use authmint_oauth2::{ClientAuth, Issuer, ServerMetadata};

use crate::error::SetupError;

/// An issuer whose tokens an API takes: a [`JwtIssuer`] or an [`IntrospectionIssuer`].
#[derive(Clone, Debug)]
pub struct TrustedIssuer(pub(crate) Kind);

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Jwt(JwtIssuer),
    Introspection(IntrospectionIssuer),
}

impl TrustedIssuer {
    /// An issuer of JWTs, whose metadata says where its keys are (RFC 8414, OpenID Connect Discovery).
    ///
    /// # Errors
    /// When the issuer is no issuer, or its metadata can't be had, is another's, or names no keys.
    pub async fn discover(issuer: &str, transport: Arc<dyn Transport>) -> Result<JwtIssuer, SetupError> {
        let metadata = metadata(issuer, transport.as_ref()).await?;
        let jwks_uri = metadata.jwks_uri.ok_or_else(|| unusable(issuer, "metadata without a jwks_uri"))?;
        Self::jwt(issuer, &jwks_uri, transport)
    }

    /// An issuer of JWTs whose keys are at a known address. Nothing is fetched before the first request, so that the API
    /// starts also while the issuer is down.
    ///
    /// # Errors
    /// When the issuer is no issuer, or the address is neither `https` nor on this machine.
    pub fn jwt(issuer: &str, jwks_uri: &str, transport: Arc<dyn Transport>) -> Result<JwtIssuer, SetupError> {
        let at = secure(jwks_uri)?;
        JwtIssuer::new(issuer, Keys::There { at, transport, freshness: Freshness::default() })
    }

    /// An issuer of JWTs with keys that are known. They are never renewed.
    ///
    /// # Errors
    /// When the issuer is no issuer.
    pub fn jwt_with_keys(issuer: &str, keys: KeySet) -> Result<JwtIssuer, SetupError> {
        JwtIssuer::new(issuer, Keys::Here(keys))
    }

    /// An issuer that is asked about each token (RFC 7662), and whose metadata says where. The API is a client of it,
    /// `client_id`, and authenticates as one.
    ///
    /// # Errors
    /// When the issuer is no issuer, its metadata can't be had, is another's, or names no introspection endpoint.
    pub async fn discover_introspection(
        issuer: &str,
        client_id: &str,
        auth: ClientAuth,
        transport: Arc<dyn Transport>,
    ) -> Result<IntrospectionIssuer, SetupError> {
        let metadata = metadata(issuer, transport.as_ref()).await?;
        let endpoint = metadata
            .introspection_endpoint
            .ok_or_else(|| unusable(issuer, "metadata without an introspection_endpoint"))?;
        Self::introspection(issuer, &endpoint, client_id, auth, transport)
    }

    /// An issuer that is asked about each token (RFC 7662) at a known address.
    ///
    /// # Errors
    /// When the issuer is no issuer, the address is neither `https` nor on this machine, or the API has nothing to
    /// authenticate with.
    pub fn introspection(
        issuer: &str,
        endpoint: &str,
        client_id: &str,
        auth: ClientAuth,
        transport: Arc<dyn Transport>,
    ) -> Result<IntrospectionIssuer, SetupError> {
        if matches!(auth, ClientAuth::None) {
            return Err(SetupError::Settings(
                "introspection needs a client that authenticates: a secret or a private key (RFC 7662 2.1)",
            ));
        }
        Ok(IntrospectionIssuer {
            issuer: issuer.parse()?,
            endpoint: secure(endpoint)?,
            client_id: client_id.to_owned(),
            auth,
            transport,
            audience: None,
            audience_may_be_absent: false,
            client_may_be_subject: false,
            good_for: Duration::from_secs(30),
            bad_for: Duration::from_secs(5),
        })
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        match &self.0 {
            Kind::Jwt(jwt) => &jwt.issuer,
            Kind::Introspection(introspection) => &introspection.issuer,
        }
    }
}

impl From<JwtIssuer> for TrustedIssuer {
    fn from(issuer: JwtIssuer) -> Self {
        Self(Kind::Jwt(issuer))
    }
}

impl From<IntrospectionIssuer> for TrustedIssuer {
    fn from(issuer: IntrospectionIssuer) -> Self {
        Self(Kind::Introspection(issuer))
    }
}

/// An issuer whose tokens are JWTs, verified by its keys: those of RFC 9068 unless said.
#[derive(Clone, Debug)]
pub struct JwtIssuer {
    pub(crate) issuer: Issuer,
    pub(crate) keys: Keys,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) audience: Option<String>,
    pub(crate) untyped: bool,
    pub(crate) client_may_be_subject: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Keys {
    Here(KeySet),
    There { at: String, transport: Arc<dyn Transport>, freshness: Freshness },
}

impl JwtIssuer {
    fn new(issuer: &str, keys: Keys) -> Result<Self, SetupError> {
        Ok(Self {
            issuer: issuer.parse()?,
            keys,
            algorithms: Algorithm::COMMON_SIGNATURES.to_vec(),
            audience: None,
            untyped: false,
            client_may_be_subject: false,
        })
    }

    /// Which algorithms may sign its tokens; every common signature if nothing is said.
    #[must_use]
    pub fn algorithms(self, algorithms: &[Algorithm]) -> Self {
        Self { algorithms: algorithms.to_vec(), ..self }
    }

    /// What its tokens call this API, where that is not the resource identifier.
    #[must_use]
    pub fn audience(self, audience: &str) -> Self {
        Self { audience: Some(audience.to_owned()), ..self }
    }

    /// When its keys are fetched again, and how long old ones are used while that fails. Without effect on keys that are known.
    #[must_use]
    pub fn freshness(mut self, times: Freshness) -> Self {
        if let Keys::There { freshness, .. } = &mut self.keys {
            *freshness = times;
        }
        self
    }

    /// Takes JWTs whose header does not say that they are access tokens (`typ` is `JWT` or absent), as Keycloak, Auth0, Okta and
    /// Entra ID write them.
    ///
    /// RFC 9068 gave access tokens a type so that nothing else passes for one. In its place, a token is then refused that has a
    /// claim of an ID token, a logout token or a proof (`nonce`, `at_hash`, `c_hash`, `events` …), that says it is something
    /// else (`typ`, `token_use`), or that names neither a scope nor a client beside its audience. `iss`, `aud`, `exp` and `sub` are
    /// as necessary as ever. Never let the audience of the API be the identifier of a client.
    #[must_use]
    pub fn accept_tokens_that_are_not_typed_as_access_tokens(self) -> Self {
        Self { untyped: true, ..self }
    }

    /// Takes the client for the subject where a token has no `sub`. Only where no client can be registered under a name that
    /// is also a person's: it would act as that person (RFC 9068 5). Tokens of RFC 9068 always have a `sub`.
    #[must_use]
    pub fn take_the_client_for_a_missing_subject(self) -> Self {
        Self { client_may_be_subject: true, ..self }
    }
}

/// An issuer that is asked about each token (RFC 7662). What it says is kept for a short while.
#[derive(Clone, Debug)]
pub struct IntrospectionIssuer {
    pub(crate) issuer: Issuer,
    pub(crate) endpoint: String,
    pub(crate) client_id: String,
    pub(crate) auth: ClientAuth,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) audience: Option<String>,
    pub(crate) audience_may_be_absent: bool,
    pub(crate) client_may_be_subject: bool,
    pub(crate) good_for: Duration,
    pub(crate) bad_for: Duration,
}

impl IntrospectionIssuer {
    /// What its tokens call this API, where that is not the resource identifier.
    #[must_use]
    pub fn audience(self, audience: &str) -> Self {
        Self { audience: Some(audience.to_owned()), ..self }
    }

    /// Takes answers that do not say whom the token is for. Only for issuers that answer nobody but whom a token is for: with
    /// others, every API could use the tokens that it is shown at this one.
    #[must_use]
    pub fn accept_tokens_without_an_audience(self) -> Self {
        Self { audience_may_be_absent: true, ..self }
    }

    /// Takes the client for the subject where an answer has no `sub`; see
    /// [`JwtIssuer::take_the_client_for_a_missing_subject`] for the danger.
    #[must_use]
    pub fn take_the_client_for_a_missing_subject(self) -> Self {
        Self { client_may_be_subject: true, ..self }
    }

    /// How long an answer is kept, that is, how long a token may outlive its revocation: 30 seconds for a good one, five for a
    /// bad one if nothing is said. With zero, every request asks.
    #[must_use]
    pub fn keep_answers_for(self, good: Duration, bad: Duration) -> Self {
        Self { good_for: good, bad_for: bad, ..self }
    }
}

fn secure(address: &str) -> Result<String, FetchError> {
    if is_secure_url(address) { Ok(address.to_owned()) } else { Err(FetchError::Address(address.to_owned())) }
}

fn unusable(issuer: &str, problem: &'static str) -> FetchError {
    FetchError::Content { host: issuer.to_owned(), problem }
}

/// The metadata of an issuer: where RFC 8414 puts it, else where OpenID Connect Discovery does.
async fn metadata(issuer: &str, transport: &dyn Transport) -> Result<ServerMetadata, SetupError> {
    let parsed: Issuer = issuer.parse()?;
    let body = match get_json(transport, &parsed.oauth_metadata_url()).await {
        // Whoever has only the other one answers this with anything, from 404 to a page.
        Err(FetchError::Status { .. } | FetchError::Content { .. }) => {
            get_json(transport, &parsed.openid_configuration_url()).await
        }
        answered => answered,
    }?;
    let metadata: ServerMetadata =
        serde_json::from_slice(&body).map_err(|_| unusable(issuer, "metadata that can't be read"))?;
    if metadata.issuer != parsed {
        return Err(unusable(issuer, "the metadata of another issuer").into());
    }
    Ok(metadata)
}
