//! The transport for addresses that strangers name, such as a client's `jwks_uri` (S21 of the threat table; RFC 9700 4.13;
//! OpenID Connect Core 17.3).
//!
//! It speaks TLS, connects to public addresses only, and to those that it has looked at: names are resolved once, and the
//! connection goes to what was judged, so a name that answers differently the second time gains nothing. One address that
//! is not public refuses the whole name. No redirect is followed, no proxy of the environment used, no credential sent.
//!
//! What an operator allows by name or network, [`Allowed`], may be anything; plain `http` is for that alone.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use http::{Request, Response};
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Client, Url};
use url::Host;

use crate::address::is_public;
use crate::reqwest_transport::{bounded, carry, unreachable};
use crate::transport::{FetchError, Reply, Transport};

/// What may be fetched from though it is not public: a host by its name, or a network of addresses.
///
/// ```
/// use authmint_fetch::Allowed;
///
/// let network: Allowed = "10.1.0.0/16".parse()?;
/// let host: Allowed = "keys.internal.example".parse()?;
/// # let _ = (network, host);
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// A host, whatever its addresses.
    Host(String),
    /// The addresses of a network, whatever the name.
    Network(IpNet),
}

impl Allowed {
    fn has_address(&self, address: IpAddr) -> bool {
        matches!(self, Self::Network(network) if network.contains(&address.to_canonical()))
    }

    fn has_name(&self, name: &str) -> bool {
        matches!(self, Self::Host(known) if known.eq_ignore_ascii_case(name.trim_end_matches('.')))
    }
}

impl FromStr for Allowed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(network) = text.parse() {
            return Ok(Self::Network(network));
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        match Host::parse(text) {
            Ok(Host::Domain(name)) => Ok(Self::Host(name)),
            _ => Err(format!(
                "{text:?} is nothing to allow: write a host such as keys.example.com, an address such as 127.0.0.1, or a \
                 network such as 10.0.0.0/8"
            )),
        }
    }
}

/// Judges hosts and addresses.
#[derive(Debug)]
struct Guard {
    allowed: Vec<Allowed>,
    /// Whether public addresses will do.
    public: bool,
}

impl Guard {
    fn takes_address(&self, address: IpAddr) -> bool {
        (self.public && is_public(address)) || self.allowed.iter().any(|one| one.has_address(address))
    }

    fn takes_name(&self, name: &str) -> bool {
        self.allowed.iter().any(|one| one.has_name(name))
    }
}

/// A resolver whose answers were judged.
struct Judged {
    guard: Arc<Guard>,
    resolver: Arc<dyn Resolve>,
}

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.guard);
        let is_allowed = guard.takes_name(name.as_str());
        let resolving = self.resolver.resolve(name);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = resolving.await?.collect();
            if !is_allowed && !addresses.iter().all(|address| guard.takes_address(address.ip())) {
                return Err(NOT_PUBLIC.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

const NOT_PUBLIC: &str = "it has an address that is neither public nor allowed by the settings";

/// The resolver of the operating system.
struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let addresses: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// A transport that reaches public servers, and what is allowed beside them. Needs a tokio runtime where it is awaited.
#[derive(Clone)]
pub struct Guarded {
    secure: (Arc<Guard>, Client),
    plain: (Arc<Guard>, Client),
}

/// Builds a [`Guarded`].
#[derive(Clone, Default)]
pub struct GuardedBuilder {
    allowed: Vec<Allowed>,
    authorities: Vec<Certificate>,
    resolver: Option<Arc<dyn Resolve>>,
}

impl GuardedBuilder {
    /// Allows what is not public, for development and tests, or for clients within an organisation.
    #[must_use]
    pub fn allow(mut self, allowed: impl IntoIterator<Item = Allowed>) -> Self {
        self.allowed.extend(allowed);
        self
    }

    /// Trusts the certification authorities of a PEM file too.
    ///
    /// # Errors
    /// When there is no certificate in it.
    pub fn trust_pem(mut self, pem: &[u8]) -> Result<Self, FetchError> {
        let certificates = Certificate::from_pem_bundle(pem).unwrap_or_default();
        if certificates.is_empty() {
            return Err(FetchError::Setup("there is no PEM certificate among those to trust".to_owned()));
        }
        self.authorities.extend(certificates);
        Ok(self)
    }

    /// Resolves names in the caller's own way. What it answers is judged like any other answer.
    #[must_use]
    pub fn resolver(self, resolver: Arc<dyn Resolve>) -> Self {
        Self { resolver: Some(resolver), ..self }
    }

    /// The transport.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn build(self) -> Result<Guarded, FetchError> {
        let resolver = self.resolver.unwrap_or_else(|| Arc::new(SystemResolver));
        let client = |public: bool| {
            let guard = Arc::new(Guard { allowed: self.allowed.clone(), public });
            let judged = Judged { guard: Arc::clone(&guard), resolver: Arc::clone(&resolver) };
            let client = bounded()
                .https_only(public)
                .no_proxy()
                .referer(false)
                // A connection that is kept would outlive what was judged.
                .pool_max_idle_per_host(0)
                .dns_resolver(judged)
                .tls_certs_merge(self.authorities.clone())
                .build()
                .map_err(|error| FetchError::Setup(error.to_string()))?;
            Ok((guard, client))
        };
        Ok(Guarded { secure: client(true)?, plain: client(false)? })
    }
}

impl Guarded {
    /// A transport to public servers alone.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new() -> Result<Self, FetchError> {
        Self::builder().build()
    }

    /// One with more to choose.
    #[must_use]
    pub fn builder() -> GuardedBuilder {
        GuardedBuilder::default()
    }

    async fn fetch(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, FetchError> {
        let host = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        for header in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
            request.headers_mut().remove(header);
        }
        let request =
            reqwest::Request::try_from(request).map_err(|error| unreachable(host.clone(), &error))?;
        let client = self.judge(request.url()).map_err(|reason| FetchError::Forbidden { host, reason })?;
        carry(client, request).await
    }

    /// The client for an address. A name is judged when it has been resolved; the address of a host that is a number is
    /// never resolved. It is read here as the client reads it, so that no spelling means two things.
    fn judge(&self, url: &Url) -> Result<&Client, &'static str> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err("its address holds a user name");
        }
        let (guard, client) = match url.scheme() {
            "https" => &self.secure,
            "http" => &self.plain,
            _ => return Err("it is fetched by https only"),
        };
        let address: Option<IpAddr> = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) => None,
            None => return Err("its address names no host"),
        };
        match address {
            Some(address) if !guard.takes_address(address) => Err(NOT_PUBLIC),
            _ => Ok(client),
        }
    }
}

impl Transport for Guarded {
    fn send(&self, request: Request<Bytes>) -> Reply<'_> {
        Box::pin(self.fetch(request))
    }
}

impl fmt::Debug for Guarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").field("allowed", &self.secure.0.allowed).finish_non_exhaustive()
    }
}

impl fmt::Debug for GuardedBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedBuilder").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
