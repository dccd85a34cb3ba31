//! Claims about a person: the standard ones (Core 5.1), the scopes that ask for them (Core 5.4), and others (5.2, 5.6).

use authmint_jose::Timestamp;
use authmint_oauth2::Scope;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

macro_rules! standard_claims {
    ($($scope:literal { $($(#[$doc:meta])* $name:ident: $kind:ty),* $(,)? })*) => {
        /// Claims about a person; one that is absent is not known or was not asked for.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct PersonClaims {
            $($($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<$kind>,)*)*
            /// Every other claim by its name: the operator's own, those in a language (`name#de`, Core 5.2), and where
            /// claims come from elsewhere (`_claim_names`, `_claim_sources`, Core 5.6).
            #[serde(flatten)]
            pub other: Map<String, Value>,
        }

        impl PersonClaims {
            /// The names of all standard claims.
            pub const NAMES: &'static [&'static str] = &[$($(stringify!($name)),*),*];

            /// The scope that asks for a claim (Core 5.4). One that is not standard is asked for by a scope of its own name;
            /// one in a language by the scope of the claim.
            #[must_use]
            pub fn scope_of(name: &str) -> &str {
                let name = name.split('#').next().unwrap_or(name);
                match name {
                    $($(stringify!($name))|* => $scope,)*
                    other => other,
                }
            }

            /// The claims whose name is wanted, of those that are known.
            #[must_use]
            pub fn select(&self, wanted: impl Fn(&str) -> bool) -> Self {
                let mut selected = Self::default();
                $($(if wanted(stringify!($name)) { selected.$name.clone_from(&self.$name); })*)*
                selected.other = select_other(&self.other, &wanted);
                selected
            }
        }
    };
}

/// Where claims come from elsewhere, only the sources of those that are wanted are told.
fn select_other(other: &Map<String, Value>, wanted: &impl Fn(&str) -> bool) -> Map<String, Value> {
    let plain = other.iter().filter(|(name, _)| !name.starts_with("_claim_") && wanted(name));
    let mut selected: Map<_, _> = plain.map(|(name, value)| (name.clone(), value.clone())).collect();
    let object = |name: &str| other.get(name).and_then(Value::as_object);
    if let (Some(names), Some(sources)) = (object("_claim_names"), object("_claim_sources")) {
        let names: Map<_, _> = names
            .iter()
            .filter(|(name, source)| {
                wanted(name) && source.as_str().is_some_and(|source| sources.contains_key(source))
            })
            .map(|(name, source)| (name.clone(), source.clone()))
            .collect();
        let named = |source: &str| names.values().any(|name| name.as_str() == Some(source));
        let sources: Map<_, _> = sources
            .iter()
            .filter(|(source, _)| named(source))
            .map(|(source, value)| (source.clone(), value.clone()))
            .collect();
        if !names.is_empty() {
            selected.insert("_claim_names".to_owned(), names.into());
            selected.insert("_claim_sources".to_owned(), sources.into());
        }
    }
    selected
}

impl PersonClaims {
    /// The claims that `scope` asks for, of those that are known.
    #[must_use]
    pub fn granted(&self, scope: &Scope) -> Self {
        self.select(|name| scope.contains(Self::scope_of(name)))
    }
}

standard_claims! {
    "profile" {
        /// The full name, for display.
        name: String,
        /// The given name or names.
        given_name: String,
        /// The family name or names.
        family_name: String,
        /// The middle name or names.
        middle_name: String,
        /// What friends call the person.
        nickname: String,
        /// A short name the person would like to be called by; not unique.
        preferred_username: String,
        /// A page about the person.
        profile: String,
        /// A picture of the person.
        picture: String,
        /// The person's own page.
        website: String,
        /// Gender.
        gender: String,
        /// Birthday, `YYYY-MM-DD`, or `0000-MM-DD` without the year.
        birthdate: String,
        /// Time zone, such as `Europe/Paris`.
        zoneinfo: String,
        /// Language, such as `en-US`.
        locale: String,
        /// When these claims last changed.
        updated_at: Timestamp,
    }
    "email" {
        /// The e-mail address.
        email: String,
        /// Whether the provider has made sure that the address is the person's.
        email_verified: bool,
    }
    "phone" {
        /// The telephone number, E.164.
        phone_number: String,
        /// Whether the provider has made sure that the number is the person's.
        phone_number_verified: bool,
    }
    "address" {
        /// The postal address.
        address: Address,
    }
}

/// A postal address (Core 5.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// The whole address, ready to print.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Street, house number, and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// State or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// A UserInfo response (Core 5.3.2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserInfo {
    /// The person; the same as in the ID token, which the client must check.
    pub sub: String,
    /// What is known and was granted.
    #[serde(flatten)]
    pub claims: PersonClaims,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_releases_its_own_claims_only() {
        let all = PersonClaims {
            name: Some("Ada Lovelace".into()),
            email: Some("ada@example.com".into()),
            email_verified: Some(true),
            ..PersonClaims::default()
        };
        let granted = all.granted(&"openid email".parse().unwrap());
        let json = serde_json::to_string(&UserInfo { sub: "1".into(), claims: granted }).unwrap();
        assert_eq!(json, r#"{"sub":"1","email":"ada@example.com","email_verified":true}"#);
        assert_eq!(all.granted(&"openid".parse().unwrap()), PersonClaims::default());
    }

    #[test]
    fn other_claims_are_released_by_their_name_and_their_sources_with_them() {
        let all: PersonClaims = serde_json::from_str(
            r#"{"name":"Ada","name#de":"Ada","groups":["a"],"secret":"x",
                "_claim_names":{"credit":"bank","age":"town"},
                "_claim_sources":{"bank":{"endpoint":"https://bank.example/"},"town":{"JWT":"x.y.z"}}}"#,
        )
        .unwrap();
        let granted = all.granted(&"openid profile groups credit".parse().unwrap());
        let json = serde_json::to_value(&granted).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"name":"Ada","name#de":"Ada","groups":["a"],
                "_claim_names":{"credit":"bank"},
                "_claim_sources":{"bank":{"endpoint":"https://bank.example/"}}})
        );
    }
}
