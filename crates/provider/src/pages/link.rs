//! Addresses that come from outside: which of them may become a link, and how one is named to a person.

use url::{Host, Url};

/// A link with its own words.
#[derive(Clone, Debug)]
pub struct Link {
    /// What the link says.
    pub label: String,
    /// Where it leads: `http`, `https`, or a path on this server. Anything else is not shown.
    pub href: String,
}

impl Link {
    pub(super) fn target(&self) -> Option<&str> {
        let local = self.href.starts_with('/') && !self.href.starts_with("//") && !self.href.contains('\\');
        if local { Some(&self.href) } else { web(&self.href) }
    }
}

/// `uri` if a browser would open it as a web page, so that no `javascript:` or `data:` URI becomes a link.
pub(super) fn web(uri: &str) -> Option<&str> {
    let parsed = Url::parse(uri).ok()?;
    (matches!(parsed.scheme(), "http" | "https") && parsed.has_host()).then_some(uri)
}

/// `uri` if a page over TLS may load it.
pub(super) fn secure(uri: &str) -> Option<&str> {
    web(uri).filter(|uri| Url::parse(uri).is_ok_and(|parsed| parsed.scheme() == "https"))
}

/// The host of `uri` as a person would compare it with the address bar; nothing if it is not a web address.
pub(super) fn host(uri: &str) -> Option<String> {
    let parsed = Url::parse(web(uri)?).ok()?;
    let host = parsed.host_str()?;
    Some(parsed.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// Where a redirect URI leads, in words: a host, or an application on the person's own device.
pub(super) enum Destination {
    Host(String),
    ThisDevice(String),
}

impl Destination {
    pub(super) fn of(redirect_uri: &str) -> Option<Self> {
        let parsed = Url::parse(redirect_uri).ok()?;
        let Some(host) = host(redirect_uri) else {
            return Some(Self::ThisDevice(parsed.scheme().to_owned()));
        };
        let loopback = match parsed.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        Some(if loopback { Self::ThisDevice(host) } else { Self::Host(host) })
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Host(name) | Self::ThisDevice(name) => name,
        }
    }

    pub(super) fn is_this_device(&self) -> bool {
        matches!(self, Self::ThisDevice(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        for uri in ["https://app.example/x", "http://app.example"] {
            assert_eq!(web(uri), Some(uri));
        }
        for uri in
            ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.example", "/x", ""]
        {
            assert_eq!(web(uri), None, "{uri}");
        }
    }

    #[test]
    fn a_local_link_stays_on_this_server() {
        let link = |href: &str| Link { label: String::new(), href: href.into() }.target().map(str::to_owned);
        assert_eq!(link("/tenant/").as_deref(), Some("/tenant/"));
        for href in ["//evil.example", "/\\evil.example", "javascript:alert(1)", "x"] {
            assert_eq!(link(href), None, "{href}");
        }
    }

    #[test]
    fn a_destination_is_a_host_or_this_device() {
        let of = |uri: &str| Destination::of(uri).map(|d| (d.is_this_device(), d.name().to_owned()));
        assert_eq!(of("https://app.example/cb?x=1"), Some((false, "app.example".into())));
        assert_eq!(of("https://app.example:8443/cb"), Some((false, "app.example:8443".into())));
        assert_eq!(of("http://127.0.0.1:5000/cb"), Some((true, "127.0.0.1:5000".into())));
        assert_eq!(of("http://[::1]:5000/cb"), Some((true, "[::1]:5000".into())));
        assert_eq!(of("http://localhost/cb"), Some((true, "localhost".into())));
        assert_eq!(of("com.example.app:/cb"), Some((true, "com.example.app".into())));
        assert_eq!(of("not a uri"), None);
    }

    #[test]
    fn a_look_alike_host_is_shown_as_what_it_is() {
        assert_eq!(host("https://аpple.example/").as_deref(), Some("xn--pple-43d.example"));
        assert_eq!(host("https://bank.example@evil.example/").as_deref(), Some("evil.example"));
    }
}
