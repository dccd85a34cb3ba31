//! The settings file: what its values look like, and what is said about those that don't.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use authmint_fetch::Allowed;
use authmint_jose::Algorithm;
use authmint_server::Profile;
use ipnet::IpNet;
use serde::de::{self, Deserialize, Deserializer, Visitor};

use crate::database::Named;
use crate::settings::seed::Seed;
use crate::settings::server::{Trusted, WhoRegisters};
use crate::settings::text::Text;
use crate::settings::tls::Tls;
use crate::settings::upkeep::Every;

/// The settings file.
#[derive(Debug, Default, serde::Deserialize)]
#[allow(clippy::struct_field_names, reason = "the fields are named as in the file")]
#[serde(deny_unknown_fields, default)]
pub(crate) struct File {
    pub(crate) issuer: Option<String>,
    pub(crate) listen: Option<Listen>,
    pub(crate) database: Option<Named>,
    pub(crate) database_password_file: Option<PathBuf>,
    pub(crate) secret_file: Option<PathBuf>,
    pub(crate) product_name: Option<String>,
    pub(crate) trusted_proxies: Vec<Proxy>,
    pub(crate) fetch: Fetch,
    pub(crate) lifetimes: Lifetimes,
    pub(crate) limits: Limits,
    pub(crate) profile: Option<Text<Profile>>,
    pub(crate) require_pkce: Option<bool>,
    pub(crate) require_pushed_requests: Option<bool>,
    pub(crate) require_dpop_nonce: Option<bool>,
    pub(crate) registration: Option<Text<WhoRegisters>>,
    pub(crate) acr_values: Vec<String>,
    pub(crate) more_id_token_algorithms: Option<Vec<Text<Algorithm>>>,
    pub(crate) trusted_issuers: Vec<Trusted>,
    pub(crate) software_statement_issuers: Vec<Trusted>,
    pub(crate) scope_descriptions: BTreeMap<String, String>,
    pub(crate) tls: Option<Tls>,
    pub(crate) audit: Audit,
    pub(crate) metrics_listen: Option<Listen>,
    pub(crate) metrics_beyond_this_machine: bool,
    pub(crate) rotate_keys_every: Option<Every>,
    pub(crate) clean_up_every: Option<Seconds>,
    pub(crate) drain: Option<u32>,
    pub(crate) seed: Seed,
}

/// Where the audit trail is kept.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Audit {
    pub(crate) file: Option<PathBuf>,
}

/// What may be fetched from beside public addresses, and whom to trust there.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Fetch {
    pub(crate) allow: Vec<Reachable>,
    pub(crate) ca_file: Option<PathBuf>,
}

/// How long things last.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Lifetimes {
    pub(crate) session: Option<Seconds>,
    pub(crate) code: Option<Seconds>,
    pub(crate) access_token: Option<Seconds>,
    pub(crate) refresh_token: Option<Seconds>,
    pub(crate) id_token: Option<Seconds>,
    pub(crate) grant: Option<Seconds>,
    pub(crate) sign_in: Option<Seconds>,
    pub(crate) pushed_request: Option<Seconds>,
    pub(crate) device_code: Option<Seconds>,
}

/// How often a password may be tried at once.
#[allow(clippy::struct_field_names, reason = "the fields are named as in the file")]
#[derive(Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    pub(crate) login_attempts_per_account_and_address: Option<Attempts>,
    pub(crate) login_attempts_per_account: Option<Attempts>,
    pub(crate) login_attempts_per_address: Option<Attempts>,
    pub(crate) registrations_per_address: Option<Attempts>,
}

/// Where to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listen(pub(crate) SocketAddr);

impl FromStr for Listen {
    type Err = String;

    /// An address and a port; a port alone, and `localhost`, are this machine only.
    fn from_str(text: &str) -> Result<Self, String> {
        let local = |port: &str| port.parse().ok().map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let port = text.strip_prefix("localhost:").unwrap_or(text);
        text.parse().ok().or_else(|| local(port)).map(Self).ok_or_else(|| {
            format!(
                "{text:?} is no address to listen on: write an IP address and a port, such as 127.0.0.1:8080 or \
                 [::1]:8080, or the port alone for this machine only"
            )
        })
    }
}

/// A proxy, or a network of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Proxy(pub(crate) IpNet);

impl FromStr for Proxy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
        text.parse::<IpNet>().ok().or_else(address).map(Self).ok_or_else(|| {
            format!("{text:?} is no address of a proxy: write one such as 127.0.0.1, or a network such as 10.0.0.0/8")
        })
    }
}

/// A host, an address or a network that may be fetched from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reachable(pub(crate) Allowed);

impl fmt::Display for Reachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Allowed::Host(name) => f.write_str(name),
            Allowed::Network(network) => network.fmt(f),
        }
    }
}

impl FromStr for Reachable {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self)
    }
}

/// Reads a string as `FromStr` does, with its sentence for what does not fit.
macro_rules! read_as_text {
    ($($name:ident),+) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )+};
}

read_as_text!(Listen, Proxy, Reachable);

/// A whole number above 0.
struct Positive(&'static str);

impl Visitor<'_> for Positive {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<u32, E> {
        let fits = u32::try_from(number).ok().filter(|number| *number > 0);
        fits.ok_or_else(|| E::invalid_value(de::Unexpected::Signed(number), &self))
    }
}

/// A lifetime.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seconds(pub(crate) u32);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_i64(Positive("a number of seconds above 0, such as 600")).map(Self)
    }
}

/// How many attempts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempts(pub(crate) u32);

impl<'de> Deserialize<'de> for Attempts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_i64(Positive("a number of attempts above 0, such as 10")).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_and_localhost_are_this_machine() {
        for text in ["8090", "localhost:8090", "127.0.0.1:8090"] {
            assert_eq!(text.parse::<Listen>().unwrap().0.to_string(), "127.0.0.1:8090", "{text}");
        }
        for text in ["", "localhost", ":8090", "login.example.com:80", "99999"] {
            assert!(text.parse::<Listen>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_alone_is_a_network_of_one() {
        let proxy = |text: &str| text.parse::<Proxy>().unwrap().0.to_string();
        assert_eq!(proxy("127.0.0.1"), "127.0.0.1/32");
        assert_eq!(proxy("::1"), "::1/128");
        assert_eq!(proxy("10.0.0.0/8"), "10.0.0.0/8");
    }

    #[test]
    fn a_mistake_names_the_setting_and_what_it_should_be() {
        let said = |text: &str| toml::from_str::<File>(text).unwrap_err().to_string();
        insta::assert_snapshot!(
            [
                "listen = \"here\"",
                "trusted_proxies = [\"proxy.example\"]",
                "registration = \"on\"",
                "[fetch]\nallow = [\"10.0.0.0/33\"]",
                "[lifetimes]\ncode = \"60s\"",
                "[lifetimes]\nsession = 0",
                "[limits]\nlogin_attempts_per_account = -1",
                "isuer = \"https://login.example.com\"",
            ]
            .map(said)
            .join("\n")
        );
    }
}
