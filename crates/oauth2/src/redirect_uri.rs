//! Redirect URIs: what may be registered, what matches a registered one, and the redirect that is built from it.
//!
//! RFC 6749 3.1.2, RFC 8252 7 and 8.3, RFC 9700 2.1 and 4.1. The comparison is one of strings; the only freedom is
//! the port of a loopback IP address (RFC 8252 7.3), because a native application learns its port when it starts.
//!
//! A [`MatchedRedirectUri`] can only come from [`RedirectUri::matches`], so no code can redirect a browser to an
//! address that was never compared with a registered one.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::error::{Error, ErrorCode};
use crate::issuer::is_this_machine;
use crate::params::Params;

/// The longest redirect URI, in bytes.
pub const MAX_BYTES: usize = 2048;

/// What a response can hold, of any flow that a client may know (RFC 6749 4.1.2, 4.1.2.1, 4.2.2; RFC 9207 2; OpenID
/// Connect Core 3.2.2.5; Session Management 2; JARM 2.3).
const RESPONSE_PARAMETERS: &[&str] = &[
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "access_token",
    "token_type",
    "expires_in",
    "id_token",
    "session_state",
    "response",
];

/// A redirect URI that a client registered.
///
/// ```
/// use authmint_oauth2::RedirectUri;
///
/// let web = RedirectUri::parse("https://app.example/callback")?;
/// assert!(web.matches("https://app.example/callback").is_some());
/// assert!(web.matches("https://app.example/callback/").is_none());
///
/// let native = RedirectUri::parse("http://127.0.0.1/callback")?;
/// assert!(native.matches("http://127.0.0.1:51004/callback").is_some());
///
/// assert!(RedirectUri::parse("javascript:alert(1)").is_err());
/// # Ok::<(), authmint_oauth2::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Checks that a URI is fit to be registered.
    ///
    /// Fit are `https` URLs, `http` URLs of this machine (`localhost`, `127.0.0.1`, `[::1]`), and private-use schemes
    /// that are a reversed domain name, such as `com.example.app:/callback` (RFC 8252 7.1).
    ///
    /// # Errors
    /// `invalid_redirect_uri`, saying what to change.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let invalid = |description| {
            Err(Error::new(ErrorCode::InvalidRedirectUri, description)
                .parameter("redirect_uri")
                .section("RFC 9700 4.1.3"))
        };
        if text.len() > MAX_BYTES {
            return invalid("a redirect URI has at most 2048 characters");
        }
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>' | b'`'))
        {
            return invalid(
                "a redirect URI holds visible ASCII characters only; write others percent-encoded",
            );
        }
        let Ok(url) = Url::parse(text) else {
            return invalid("a redirect URI is an absolute URI such as https://app.example/callback");
        };
        if text.contains('#') {
            return invalid("a redirect URI has no fragment");
        }
        if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
            return invalid("a redirect URI has no user name");
        }
        match url.scheme() {
            "https" => {}
            "http" if is_this_machine(&url) => {}
            "http" => {
                return invalid(
                    "a redirect URI is https; plain http is for localhost and loopback addresses",
                );
            }
            scheme if is_private_use(scheme) => {}
            _ => {
                return invalid(
                    "a redirect URI is https, or a private-use scheme such as com.example.app:/callback",
                );
            }
        }
        if authority(text).contains('*') {
            return invalid("a redirect URI has no wildcard; register each address");
        }
        // Two spellings of one address would defeat the comparison of strings, in the browser if not here.
        if matches!(url.scheme(), "http" | "https")
            && url.as_str() != text
            && url.as_str() != format!("{text}/")
        {
            return invalid(
                "a redirect URI is in its normal form: lower-case host, no default port, no dot segments",
            );
        }
        Ok(Self(text.to_owned()))
    }

    /// Compares the `redirect_uri` of a request with this one.
    #[must_use]
    pub fn matches(&self, presented: &str) -> Option<MatchedRedirectUri> {
        let same = self.0 == presented
            || loopback_without_port(presented).is_some_and(|presented| {
                loopback_without_port(&self.0).is_some_and(|registered| registered == presented)
            });
        same.then(|| MatchedRedirectUri(presented.to_owned()))
    }

    /// The URI as it was registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn authority(uri: &str) -> &str {
    let after = uri.split_once("://").map_or("", |(_, after)| after);
    after.split(['/', '?', '#']).next().unwrap_or_default()
}

/// A reversed domain name has a dot; no scheme that a browser runs or renders has one.
fn is_private_use(scheme: &str) -> bool {
    scheme.contains('.')
}

/// A loopback-IP `http` URI without its port; `None` for every other URI.
fn loopback_without_port(uri: &str) -> Option<String> {
    let mut url = Url::parse(uri).ok()?;
    let loopback = match url.host()? {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(_) => false,
    };
    // What the parser would rewrite is not what was registered.
    if url.scheme() != "http" || !loopback || (url.as_str() != uri && url.as_str() != format!("{uri}/")) {
        return None;
    }
    url.set_port(None).ok()?;
    Some(url.into())
}

impl TryFrom<String> for RedirectUri {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> Self {
        uri.0
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedirectUri({})", self.0)
    }
}

/// The redirect URI of one request, proven to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedRedirectUri(String);

impl MatchedRedirectUri {
    /// The URI as the client sent it; the token request must repeat it exactly (RFC 6749 4.1.3).
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether any program on the person's device can receive what is sent here: plain `http` of this machine, or a
    /// private-use scheme. The address then says nothing about who the client is (RFC 8252 8.6).
    #[must_use]
    pub fn is_native(&self) -> bool {
        !self.0.starts_with("https:")
    }

    /// Scheme, host and port for a `form-action` of a content security policy; the scheme alone when it has no host.
    #[must_use]
    pub fn origin(&self) -> String {
        match self.0.split_once("://") {
            Some((scheme, _)) => format!("{scheme}://{}", authority(&self.0)),
            None => self.0.split_once(':').map_or_else(String::new, |(scheme, _)| format!("{scheme}:")),
        }
    }

    /// The address to send the browser to: this URI with `response` in its fragment.
    ///
    /// A registered URI has no fragment of its own.
    #[must_use]
    pub fn with_fragment(&self, response: &Params) -> String {
        format!("{}#{}", self.0, response.to_query())
    }

    /// Whether a form may be posted to it: a private-use scheme takes none.
    #[must_use]
    pub fn takes_forms(&self) -> bool {
        self.0.starts_with("https:") || self.0.starts_with("http:")
    }

    /// The address to send the browser to: this URI with `response` in its query.
    ///
    /// A parameter that the registered URI already has under the same name gives way, as does every one that a response
    /// could hold, so a client can't be made to read a `code`, `state` or `error` that this server did not send.
    #[must_use]
    pub fn with(&self, response: &Params) -> String {
        let (base, query) = self.0.split_once('?').unwrap_or((&self.0, ""));
        let own = |piece: &&str| {
            let name = piece.split('=').next().unwrap_or_default();
            let name = crate::params::decode(name.as_bytes());
            !name.is_ok_and(|name| {
                RESPONSE_PARAMETERS.contains(&&*name) || response.iter().any(|(known, _)| known == name)
            })
        };
        let mut query: Vec<&str> = query.split('&').filter(|piece| !piece.is_empty()).filter(own).collect();
        let added = response.to_query();
        if !added.is_empty() {
            query.push(&added);
        }
        match query.as_slice() {
            [] => base.to_owned(),
            pieces => format!("{base}?{}", pieces.join("&")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s24_only_the_exact_string_matches() {
        let registered = RedirectUri::parse("https://app.example/cb").unwrap();
        for presented in [
            "https://app.example/cb/",
            "https://app.example/CB",
            "https://APP.example/cb",
            "https://app.example/cb?x=1",
            "https://app.example/cb#",
            "https://app.example/./cb",
            "https://app.example/x/../cb",
            "https://app.example/%63b",
            "https://app.example:443/cb",
            "https://app.example\\@evil.example/cb",
            "https://app.example@evil.example/cb",
            "https://app.example.evil.example/cb",
            "https://evil.example/cb",
            "http://app.example/cb",
            " https://app.example/cb",
            "https://app.example/cb ",
            "",
        ] {
            assert!(registered.matches(presented).is_none(), "{presented}");
        }
    }

    #[test]
    fn s24_only_loopback_addresses_vary_the_port() {
        let v4 = RedirectUri::parse("http://127.0.0.1:8080/cb").unwrap();
        let v6 = RedirectUri::parse("http://[::1]/cb").unwrap();
        let name = RedirectUri::parse("http://localhost:8080/cb").unwrap();
        assert!(v4.matches("http://127.0.0.1:9/cb").is_some());
        assert!(v4.matches("http://127.0.0.1/cb").is_some());
        assert!(v6.matches("http://[::1]:50000/cb").is_some());
        for presented in [
            "http://127.0.0.1:9/other",
            "http://127.0.0.2:9/cb",
            "http://127.1:9/cb",
            "http://2130706433:9/cb",
            "http://0x7f.0.0.1/cb",
            "https://127.0.0.1:9/cb",
            "http://[::ffff:127.0.0.1]:9/cb",
            "http://x@127.0.0.1:9/cb",
            "http://127.0.0.1:9@evil.example/cb",
            "http://127.0.0.1:99999/cb",
        ] {
            assert!(v4.matches(presented).is_none(), "{presented}");
        }
        assert!(name.matches("http://localhost:9/cb").is_none());
        assert!(v4.matches("http://[::1]:8080/cb").is_none());
    }

    #[test]
    fn s24_dangerous_uris_cannot_be_registered() {
        for uri in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://a/b",
            "about:blank",
            "myapp:/cb",
            "http://app.example/cb",
            "https://*.app.example/cb",
            "https://user@app.example/cb",
            "https://@app.example/cb",
            "https://app.example/cb#x",
            "https://app.example\\@evil.example/",
            "https://APP.example/cb",
            "https://app.example:443/cb",
            "https://app.example/a/../cb",
            "https://\u{0430}pp.example/cb",
            "http://[::ffff:7f00:1]/cb",
            "//app.example/cb",
            "/cb",
            "https://",
            "",
        ] {
            assert!(RedirectUri::parse(uri).is_err(), "{uri}");
        }
        assert!(RedirectUri::parse("com.example.app:/cb").is_ok());
        assert!(RedirectUri::parse("https://app.example").is_ok());
    }

    #[test]
    fn s25_the_servers_response_parameters_win() {
        let uri = RedirectUri::parse("https://app.example/cb?tenant=1&code=forged&%69ss=x").unwrap();
        let matched = uri.matches(uri.as_str()).unwrap();
        let response = Params::from_iter([("code", "real"), ("iss", "https://op.example")]);
        assert_eq!(
            matched.with(&response),
            "https://app.example/cb?tenant=1&code=real&iss=https%3A%2F%2Fop.example"
        );
    }

    #[test]
    fn s25_what_the_server_does_not_send_does_not_come_from_the_address_either() {
        let uri =
            RedirectUri::parse("https://app.example/cb?%73tate=x&error=y&keep=1&id_token=z&State=2").unwrap();
        let matched = uri.matches(uri.as_str()).unwrap();
        let response = Params::from_iter([("code", "real")]);
        assert_eq!(matched.with(&response), "https://app.example/cb?keep=1&State=2&code=real");
    }

    #[test]
    fn the_origin_is_what_a_policy_names() {
        let origin = |uri| RedirectUri::parse(uri).unwrap().matches(uri).unwrap().origin();
        assert_eq!(origin("https://app.example:8443/cb?x"), "https://app.example:8443");
        assert_eq!(origin("com.example.app:/cb"), "com.example.app:");
    }
}
