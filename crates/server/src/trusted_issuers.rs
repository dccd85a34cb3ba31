//! Issuers that may vouch for people (RFC 7523 3): configured, each with its keys or their address.

use std::collections::HashMap;
use std::sync::Arc;

use authmint_fetch::{RemoteKeySet, Transport, VerifyError};
use authmint_jose::{Clock, Jwt, KeySet, Policy};
use serde::de::DeserializeOwned;

use crate::error::Error;

/// An issuer whose assertions are believed: whoever it names as `sub` is the person of that subject here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// Its `iss`.
    pub issuer: String,
    /// Its public keys.
    pub keys: IssuerKeys,
}

/// Where the keys of an issuer are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerKeys {
    /// Here: a JWK set.
    Jwks(String),
    /// There: its address.
    JwksUri(String),
}

/// The issuers of a server, ready to verify.
#[derive(Debug)]
pub(crate) struct TrustedIssuers(HashMap<String, Keys>);

/// The keys of one.
#[derive(Debug)]
pub(crate) enum Keys {
    Here(KeySet, Arc<dyn Clock>),
    There(RemoteKeySet),
}

impl TrustedIssuers {
    pub(crate) fn new(
        issuers: &[TrustedIssuer],
        transport: Option<&Arc<dyn Transport>>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let mut known = HashMap::new();
        for TrustedIssuer { issuer, keys } in issuers {
            let wrong = |what: String| Error::Configuration(format!("trusted issuer {issuer}: {what}"));
            let keys = match (keys, transport) {
                (IssuerKeys::Jwks(jwks), _) => {
                    let keys = KeySet::from_jwks(jwks).map_err(|error| wrong(error.to_string()))?;
                    Keys::Here(keys, Arc::clone(clock))
                }
                (IssuerKeys::JwksUri(uri), Some(transport)) => {
                    Keys::There(RemoteKeySet::new(uri.as_str(), Arc::clone(transport), Arc::clone(clock)))
                }
                (IssuerKeys::JwksUri(_), None) => {
                    return Err(wrong("its keys can't be fetched without a transport".to_owned()));
                }
            };
            known.insert(issuer.clone(), keys);
        }
        Ok(Self(known))
    }

    pub(crate) fn get(&self, issuer: &str) -> Option<&Keys> {
        self.0.get(issuer)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Keys {
    pub(crate) async fn verify_jwt<T: DeserializeOwned>(
        &self,
        token: &str,
        policy: &Policy,
    ) -> Result<Jwt<T>, VerifyError> {
        match self {
            Self::Here(keys, clock) => Ok(keys.verify_jwt(token, policy, clock.now())?),
            Self::There(remote) => remote.verify_jwt(token, policy).await,
        }
    }
}
