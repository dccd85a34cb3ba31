//! Setting an API up: its name, whom it trusts, what it takes. Contradictions are found here, not by the first request.

use std::sync::Arc;

use authmint_jose::{Clock, Entropy, SealingKey, SystemClock, SystemEntropy};
use authmint_oauth2::dpop::{self, DpopNonces};
use authmint_oauth2::resource_metadata::ResourceAddress;
use authmint_oauth2::{ResourceMetadata, Scope};
use bytes::Bytes;

use crate::error::SetupError;
use crate::introspection::Introspector;
use crate::issuer::{Kind, TrustedIssuer};
use crate::jwt::JwtVerifier;
use crate::proof::Proofs;
use crate::rejection::Face;
use crate::replay::{MemoryReplays, ReplayStore};
use crate::requirement::Requirement;
use crate::server::{Inner, ResourceServer};
use crate::verify::Verifiers;

/// A [`ResourceServer`] that is being set up.
///
/// ```
/// use authmint_resource::{ClientAuth, InMemory, KeySet, ResourceServer, TrustedIssuer};
/// # use std::sync::Arc;
/// # let transport = Arc::new(InMemory::new(|_| async { http::Response::default() }));
///
/// let staff = TrustedIssuer::jwt("https://login.example", "https://login.example/jwks", transport.clone())?;
/// let partners = TrustedIssuer::introspection(
///     "https://partners.example",
///     "https://partners.example/introspect",
///     "orders-api",
///     ClientAuth::Secret("s3cret".into()),
///     transport,
/// )?;
/// let api = ResourceServer::builder("https://api.example").issuer(staff).issuer(partners).build()?;
/// # Ok::<(), authmint_resource::SetupError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Builder {
    resource: String,
    issuers: Vec<TrustedIssuer>,
    address: Option<String>,
    realm: Option<String>,
    name: Option<String>,
    documentation: Option<String>,
    scope: Scope,
    requires_bound_tokens: bool,
    nonces: Option<DpopNonces>,
    replays: Option<Arc<dyn ReplayStore>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Builder {
    pub(crate) fn new(resource: String) -> Self {
        Self {
            resource,
            issuers: Vec::new(),
            address: None,
            realm: None,
            name: None,
            documentation: None,
            scope: Scope::EMPTY,
            requires_bound_tokens: false,
            nonces: None,
            replays: None,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
        }
    }

    /// Takes the tokens of one more issuer. One issuer may be named twice, once for its JWTs and once for its opaque tokens.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<TrustedIssuer>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// Where clients find the root of the API, if that is not the root of the resource's host: behind a proxy that takes a part
    /// of the path away. Proofs name the address that the client called (RFC 9449 4.3), and the request's own `Host` does not
    /// say it, since anyone can write one.
    #[must_use]
    pub fn external_address(self, address: impl Into<String>) -> Self {
        Self { address: Some(address.into()), ..self }
    }

    /// What is protected, in words; goes into every challenge.
    #[must_use]
    pub fn realm(self, realm: impl Into<String>) -> Self {
        Self { realm: Some(realm.into()), ..self }
    }

    /// The name of the API for people, for its metadata.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// A page for developers, for its metadata.
    #[must_use]
    pub fn documentation(self, address: impl Into<String>) -> Self {
        Self { documentation: Some(address.into()), ..self }
    }

    /// Tells clients in the metadata what is demanded somewhere in the API: give it the very values that the routes use.
    #[must_use]
    pub fn publishes<'r>(mut self, requirements: impl IntoIterator<Item = &'r Requirement>) -> Self {
        for requirement in requirements {
            self.scope = self.scope.union(&requirement.named_scope());
        }
        self
    }

    /// Takes no token that is not bound to a key, anywhere in the API (RFC 9449).
    #[must_use]
    pub fn requires_bound_tokens(self) -> Self {
        Self { requires_bound_tokens: true, ..self }
    }

    /// Takes proofs with a nonce only that was given out here not long ago (RFC 9449 9): a proof that was made ahead, or by a
    /// clock that is wrong, is then worth nothing. All nodes share the key, which is for this alone.
    #[must_use]
    pub fn requires_nonces(self, key: SealingKey) -> Self {
        Self { nonces: Some(DpopNonces::new(key)), ..self }
    }

    /// Where proofs that were used are remembered: in the memory of this process ([`MemoryReplays`]) unless said.
    #[must_use]
    pub fn replay_store(self, store: Arc<dyn ReplayStore>) -> Self {
        Self { replays: Some(store), ..self }
    }

    /// Another clock: for tests.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Another source of randomness: for tests.
    #[must_use]
    pub fn entropy(self, entropy: Arc<dyn Entropy>) -> Self {
        Self { entropy, ..self }
    }

    /// The API.
    ///
    /// # Errors
    /// [`SetupError::Settings`] when there is no issuer, one that is named twice for the same kind of token, more than one that is
    /// asked about opaque tokens, when a client secret or key can't be used, or when bound tokens are demanded and no address is
    /// known that proofs could name.
    pub fn build(self) -> Result<ResourceServer, SetupError> {
        let resource = ResourceAddress::of(&self.resource);
        let metadata = self.metadata(resource.is_some());
        let base = match &self.address {
            Some(address) => Some(base(address)?),
            None => resource.as_ref().map(|resource| resource.origin().to_owned()),
        };
        if base.is_none() && (self.requires_bound_tokens || self.nonces.is_some()) {
            return Err(SetupError::Settings(
                "proofs of keys name the address that is called: let the resource be an https URL, or set external_address",
            ));
        }
        let verifiers = verifiers(self.issuers, &self.resource, &self.clock, &self.entropy)?;
        let published = match &resource {
            Some(resource) => {
                let text = serde_json::to_vec(&metadata)
                    .map_err(|_| SetupError::Settings("the metadata can't be written as JSON"))?;
                Some((resource.metadata_path(), Bytes::from(text)))
            }
            None => None,
        };
        let face = Face {
            realm: self.realm,
            resource_metadata: resource.as_ref().map(ResourceAddress::metadata_url),
            takes_bearer: !self.requires_bound_tokens,
            takes_dpop: base.is_some(),
        };
        let clock = Arc::clone(&self.clock);
        let (nonces, replays) = (self.nonces, self.replays);
        let proofs = base.map(|base| Proofs {
            base,
            replays: replays.unwrap_or_else(|| Arc::new(MemoryReplays::default())),
            nonces,
            clock,
        });
        let inner = Inner { face: Arc::new(face), verifiers, proofs, clock: self.clock, metadata, published };
        Ok(ResourceServer { inner: Arc::new(inner) })
    }

    fn metadata(&self, is_address: bool) -> ResourceMetadata {
        let mut metadata = ResourceMetadata::new(self.resource.as_str());
        for trusted in &self.issuers {
            let issuer = trusted.issuer().as_str();
            if !metadata.authorization_servers.iter().any(|known| known == issuer) {
                metadata.authorization_servers.push(issuer.to_owned());
            }
        }
        metadata.scopes_supported = self.scope.iter().map(str::to_owned).collect();
        metadata.resource_name.clone_from(&self.name);
        metadata.resource_documentation.clone_from(&self.documentation);
        if is_address || self.address.is_some() {
            let names = dpop::ALGORITHMS.iter().map(|algorithm| algorithm.name().to_owned());
            metadata.dpop_signing_alg_values_supported = names.collect();
        }
        metadata.dpop_bound_access_tokens_required = self.requires_bound_tokens;
        metadata
    }
}

/// The address of the API's root, without a slash at its end.
fn base(address: &str) -> Result<String, SetupError> {
    let plain = ResourceAddress::of(address).is_some() && !address.contains('?');
    if !plain {
        return Err(SetupError::Settings("external_address must be an https URL without query and fragment"));
    }
    Ok(address.trim_end_matches('/').to_owned())
}

fn verifiers(
    issuers: Vec<TrustedIssuer>,
    resource: &str,
    clock: &Arc<dyn Clock>,
    entropy: &Arc<dyn Entropy>,
) -> Result<Verifiers, SetupError> {
    let mut verifiers = Verifiers { jwt: Vec::new(), introspection: None };
    for TrustedIssuer(kind) in issuers {
        match kind {
            Kind::Jwt(jwt) => {
                let verifier = JwtVerifier::new(jwt, resource, clock);
                if verifiers.jwt.iter().any(|known| known.issuer == verifier.issuer) {
                    return Err(SetupError::Settings("an issuer of JWTs is named twice"));
                }
                verifiers.jwt.push(verifier);
            }
            Kind::Introspection(introspection) => {
                let tried = introspection.auth.credentials(
                    &introspection.issuer,
                    &introspection.client_id,
                    clock.now(),
                    entropy.as_ref(),
                );
                if tried.is_err() {
                    return Err(SetupError::Settings(
                        "the API can't authenticate at the issuer that it asks: the secret is shorter than 32 bytes, \
                         or the key can't sign",
                    ));
                }
                if verifiers.introspection.is_some() {
                    return Err(SetupError::Settings(
                        "one issuer at most can be asked about tokens: an opaque token does not say whose it is, and must \
                         not be shown to the others",
                    ));
                }
                verifiers.introspection = Some(Introspector::new(introspection, resource, clock, entropy));
            }
        }
    }
    if verifiers.jwt.is_empty() && verifiers.introspection.is_none() {
        return Err(SetupError::Settings("the API trusts no issuer: name one with issuer(…)"));
    }
    Ok(verifiers)
}
