//! What a server allows, as a value. A check asks the profile; no check knows which profile it is.

use std::fmt;
use std::str::FromStr;

use authmint_oauth2::{GrantType, ResponseType};

/// A profile of OAuth 2 and OpenID Connect.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// OAuth 2.1 and the security BCP (RFC 9700): codes with PKCE, nothing through the browser but codes.
    #[default]
    OAuth21,
    /// What OAuth 2.0 and OpenID Connect Core define beside it, for clients that can't change: implicit, hybrid and
    /// password grants, tokens in a form, request objects that only add to a request.
    Legacy,
}

/// One line of what a profile says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it is about.
    pub what: &'static str,
    /// What is allowed or demanded.
    pub says: String,
    /// Why.
    pub why: &'static str,
    /// The section that says so.
    pub source: &'static str,
}

impl Profile {
    /// Every profile.
    pub const ALL: &'static [Self] = &[Self::OAuth21, Self::Legacy];

    /// Its name in a configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OAuth21 => "oauth21",
            Self::Legacy => "legacy",
        }
    }

    /// What the authorization endpoint may be asked for.
    #[must_use]
    pub fn response_types(self) -> &'static [ResponseType] {
        match self {
            Self::OAuth21 => &[ResponseType::CODE],
            Self::Legacy => ResponseType::ALL,
        }
    }

    /// Whether clients may use a grant.
    #[must_use]
    pub fn allows(self, grant_type: &GrantType) -> bool {
        self == Self::Legacy || !matches!(grant_type, GrantType::Implicit | GrantType::Password)
    }

    /// Whether PKCE must be demanded of every client. Public clients need it in every profile.
    #[must_use]
    pub fn demands_pkce(self) -> bool {
        self == Self::OAuth21
    }

    /// Whether UserInfo reads the token out of a form (RFC 6750 2.2).
    #[must_use]
    pub fn reads_tokens_in_forms(self) -> bool {
        self == Self::Legacy
    }

    /// Whether parameters beside a request object count where it is silent (OpenID Connect Core 6.1), and it may be without
    /// `exp`, or unsigned where the client registered no algorithm for it.
    #[must_use]
    pub fn merges_request_objects(self) -> bool {
        self == Self::Legacy
    }

    /// Whether a client's assertion may be made out to the token endpoint in place of the issuer.
    #[must_use]
    pub fn takes_assertions_for_the_token_endpoint(self) -> bool {
        self == Self::Legacy
    }

    /// What it says, for people.
    #[must_use]
    pub fn rules(self) -> Vec<Rule> {
        let either = |yes: bool, then: &str, otherwise: &str| if yes { then } else { otherwise }.to_owned();
        let names =
            |types: &[ResponseType]| types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        vec![
            Rule {
                what: "response types",
                says: names(self.response_types()),
                why: "a token in an address leaks through histories, logs and referrers, and nothing binds it to the client",
                source: "RFC 9700 2.1.2",
            },
            Rule {
                what: "password grant",
                says: either(
                    self.allows(&GrantType::Password),
                    "allowed to clients that register it",
                    "refused",
                ),
                why: "it teaches people to type their password into applications, and knows no second factor",
                source: "RFC 9700 2.4",
            },
            Rule {
                what: "PKCE",
                says: either(
                    self.demands_pkce(),
                    "demanded of every client, S256 only",
                    "demanded unless the configuration says otherwise; of public clients always; S256 only",
                ),
                why: "a code that was stolen is worthless without the verifier",
                source: "RFC 9700 2.1.1",
            },
            Rule {
                what: "redirect URIs",
                says: "compared character by character; loopback addresses may vary the port".to_owned(),
                why: "every looser comparison became an open redirect somewhere",
                source: "RFC 9700 2.1, RFC 8252 7.3",
            },
            Rule {
                what: "refresh tokens",
                says: "rotated with each use; one that comes back ends its grant".to_owned(),
                why: "a stolen one is noticed, and neither thief nor owner keeps the grant",
                source: "RFC 9700 2.2.2",
            },
            Rule {
                what: "access tokens in a form",
                says: either(self.reads_tokens_in_forms(), "read at UserInfo", "refused"),
                why: "bodies are logged where headers are not",
                source: "RFC 9700 4.3.2, RFC 6750 2.2",
            },
            Rule {
                what: "request objects",
                says: either(
                    self.merges_request_objects(),
                    "win over the parameters beside them; unsigned where a client registered no algorithm for them",
                    "count alone, signed, with exp",
                ),
                why: "what stands beside a signed request was perhaps put there by somebody else",
                source: "RFC 9101 5, 6.3; OpenID Connect Core 6.1",
            },
            Rule {
                what: "audience of client assertions",
                says: either(
                    self.takes_assertions_for_the_token_endpoint(),
                    "the issuer, or the token endpoint",
                    "the issuer, as a string",
                ),
                why: "an assertion for several servers can be replayed by one of them at another",
                source: "draft-ietf-oauth-rfc7523bis 4",
            },
        ]
    }
}

impl FromStr for Profile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|profile| profile.name() == text).ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|profile| profile.name()).collect();
            format!("{text:?} is no profile: there are {}", names.join(" and "))
        })
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
