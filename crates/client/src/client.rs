//! The client as a value: configuration, the provider's metadata and keys, the transport.

use std::fmt;
use std::sync::Arc;

use authmint_fetch::{RemoteKeySet, Transport};
use authmint_jose::{Clock, Entropy, SystemClock, SystemEntropy, Timestamp};
use authmint_oauth2::ResponseMode;
use authmint_oidc::ProviderMetadata;

use crate::config::ClientConfig;
use crate::discovery;
use crate::dpop::Dpop;
use crate::error::Error;

/// A client of one provider. Cheap to clone; all clones are one client and share one cache of keys.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    config: ClientConfig,
    metadata: ProviderMetadata,
    keys: Option<RemoteKeySet>,
    dpop: Option<Dpop>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Client {
    /// Reads the provider's metadata and makes a client of it. Where the configuration brings metadata, nothing is fetched.
    ///
    /// # Errors
    /// [`Error::Metadata`] when the document is another issuer's or can't be used, [`Error::Fetch`] when none comes.
    pub async fn discover(mut config: ClientConfig, transport: Arc<dyn Transport>) -> Result<Self, Error> {
        let metadata = match config.metadata.take() {
            Some(known) => *known,
            None => discovery::fetch(&config.issuer, transport.as_ref()).await?,
        };
        Self::with_metadata(config, metadata, transport)
    }

    /// A client of a provider whose metadata is known.
    ///
    /// # Errors
    /// [`Error::Metadata`] when it is another issuer's, or names an address that is neither `https` nor on this machine.
    pub fn with_metadata(
        config: ClientConfig,
        metadata: ProviderMetadata,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, Error> {
        Self::with(config, metadata, transport, Arc::new(SystemClock), Arc::new(SystemEntropy))
    }

    /// A client with a clock and a source of randomness of the caller's, for tests that own both.
    ///
    /// # Errors
    /// As [`with_metadata`](Self::with_metadata).
    pub fn with(
        config: ClientConfig,
        metadata: ProviderMetadata,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, Error> {
        discovery::check(&config.issuer, &metadata)?;
        let keys = metadata
            .server
            .jwks_uri
            .as_ref()
            .map(|url| RemoteKeySet::new(url, Arc::clone(&transport), Arc::clone(&clock)));
        let dpop = config.dpop_key.clone().map(Dpop::new);
        Ok(Self { inner: Arc::new(Inner { config, metadata, keys, dpop, transport, clock, entropy }) })
    }

    /// The provider's metadata.
    #[must_use]
    pub fn metadata(&self) -> &ProviderMetadata {
        &self.inner.metadata
    }

    /// The name that the provider knows this client by.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.inner.config.client_id
    }

    /// Where the provider sends the browser back, if this client logs people in.
    #[must_use]
    pub fn redirect_uri(&self) -> Option<&str> {
        self.inner.config.redirect_uri.as_deref()
    }

    /// Whether the callback is a form that the browser posts, as [`ClientConfig::form_post`] asks for.
    #[must_use]
    pub fn is_answered_by_form(&self) -> bool {
        self.inner.config.response_mode == Some(ResponseMode::FormPost)
    }

    pub(crate) fn config(&self) -> &ClientConfig {
        &self.inner.config
    }

    pub(crate) fn keys(&self) -> Result<&RemoteKeySet, Error> {
        self.inner.keys.as_ref().ok_or_else(|| discovery::lacks(&self.inner.config.issuer, "jwks_uri"))
    }

    pub(crate) fn dpop(&self) -> Option<&Dpop> {
        self.inner.dpop.as_ref()
    }

    pub(crate) fn transport(&self) -> &Arc<dyn Transport> {
        &self.inner.transport
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        self.inner.entropy.as_ref()
    }

    /// The address of an endpoint, by its name in the metadata.
    pub(crate) fn endpoint<'a>(&'a self, name: &str, url: Option<&'a String>) -> Result<&'a str, Error> {
        url.map(String::as_str).ok_or_else(|| discovery::lacks(&self.inner.config.issuer, name))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = &self.inner.config;
        f.debug_struct("Client")
            .field("issuer", &config.issuer)
            .field("client_id", &config.client_id)
            .finish()
    }
}
