//! The issuer identifier: the name of an authorization server, and the addresses that follow from it.
//!
//! RFC 8414 2 and OpenID Connect Discovery 3: an `https` URL without query or fragment. It is compared as a string,
//! byte for byte (RFC 8414 3.3, RFC 9207 2.4), so it is kept exactly as it was written.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::error::{Error, ErrorCode};

/// An issuer identifier.
///
/// ```
/// use authmint_oauth2::Issuer;
///
/// let issuer: Issuer = "https://login.example/tenant".parse()?;
/// assert_eq!(issuer.endpoint("/token"), "https://login.example/tenant/token");
/// assert_eq!(
///     issuer.oauth_metadata_url(),
///     "https://login.example/.well-known/oauth-authorization-server/tenant"
/// );
/// assert!("http://login.example".parse::<Issuer>().is_err());
/// # Ok::<(), authmint_oauth2::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Issuer {
    text: String,
    /// Where the path begins in `text`.
    path_start: usize,
}

impl Issuer {
    /// The identifier as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port, such as `https://login.example:8443`: the web origin.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.text.get(..self.path_start).unwrap_or(&self.text)
    }

    /// Host and port as a browser sends them in `Host`.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.origin().split_once("://").map_or("", |(_, authority)| authority)
    }

    /// The path without a trailing slash: empty, or such as `/tenant`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.text.get(self.path_start..).unwrap_or_default().trim_end_matches('/')
    }

    /// Whether people reach it by TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// The address of an endpoint; `path` begins with a slash.
    #[must_use]
    pub fn endpoint(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin(), self.path())
    }

    /// Where OpenID Connect Discovery 4 puts the metadata: after the issuer's path.
    #[must_use]
    pub fn openid_configuration_url(&self) -> String {
        self.endpoint("/.well-known/openid-configuration")
    }

    /// Where RFC 8414 3 puts the metadata: before the issuer's path.
    #[must_use]
    pub fn oauth_metadata_url(&self) -> String {
        format!("{}/.well-known/oauth-authorization-server{}", self.origin(), self.path())
    }
}

impl FromStr for Issuer {
    type Err = Error;

    /// # Errors
    /// `invalid_request` when it is no absolute URL, is longer than 512 bytes, has a query, a fragment or user
    /// information, is not in its normal form, or is `http` for a host other than this machine.
    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = |description| {
            Err(Error::new(ErrorCode::InvalidRequest, description).parameter("issuer").section("RFC 8414 2"))
        };
        if text.len() > 512 {
            return invalid("the issuer is longer than 512 characters");
        }
        let Ok(url) = Url::parse(text) else {
            return invalid("the issuer must be an absolute URL such as https://login.example");
        };
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine(&url) => {}
            _ => {
                return invalid(
                    "the issuer must be an https URL (http only for localhost, 127.0.0.1 and [::1])",
                );
            }
        }
        if url.query().is_some() || url.fragment().is_some() || text.contains(['?', '#']) {
            return invalid("the issuer must have no query and no fragment");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return invalid("the issuer must not hold a user name");
        }
        // Compared byte for byte everywhere, so two spellings of one address must not both be valid.
        if url.as_str().trim_end_matches('/') != text.trim_end_matches('/') || text.ends_with("//") {
            return invalid(
                "the issuer must be in its normal form: lower-case host, no default port, no dot segments",
            );
        }
        let path_start = text.find("://").and_then(|at| {
            let authority = at.checked_add(3)?;
            let slash = text.get(authority..)?.find('/');
            slash.map_or(Some(text.len()), |slash| authority.checked_add(slash))
        });
        Ok(Self { text: text.to_owned(), path_start: path_start.unwrap_or(text.len()) })
    }
}

/// Whether a URL names the machine it is used on: `localhost`, `127.0.0.0/8` or `[::1]`.
pub(crate) fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl TryFrom<String> for Issuer {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Issuer> for String {
    fn from(issuer: Issuer) -> Self {
        issuer.text
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issuer({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_kept_as_written() {
        let plain: Issuer = "https://a.example".parse().unwrap();
        let slash: Issuer = "https://a.example/".parse().unwrap();
        assert_ne!(plain, slash);
        assert_eq!(plain.endpoint("/token"), slash.endpoint("/token"));
        assert_eq!(slash.authority(), "a.example");
        assert_eq!(plain.oauth_metadata_url(), "https://a.example/.well-known/oauth-authorization-server");
    }

    #[test]
    fn s14_other_spellings_are_refused() {
        for text in [
            "https://A.example",
            "https://a.example:443",
            "https://a.example/x/../y",
            "https://a.example/?q",
            "https://a.example/#f",
            "https://u@a.example",
            "https://a.example//",
            "http://a.example",
            "ftp://a.example",
            "a.example",
            "",
        ] {
            assert!(text.parse::<Issuer>().is_err(), "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for text in ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"] {
            assert!(text.parse::<Issuer>().is_ok(), "{text}");
        }
        for text in ["http://localhost.evil.example", "http://[::ffff:7f00:1]:8080", "http://0.0.0.0"] {
            assert!(text.parse::<Issuer>().is_err(), "{text}");
        }
    }
}
