//! The standard claims about a person (Core 5.1) and the scopes that ask for them (Core 5.4).

use authmint_jose::Timestamp;
use authmint_oauth2::Scope;
use serde::{Deserialize, Serialize};

macro_rules! standard_claims {
    ($($scope:literal { $($(#[$doc:meta])* $name:ident: $kind:ty),* $(,)? })*) => {
        /// The standard claims; one that is `None` is not known or was not asked for.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct StandardClaims {
            $($($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<$kind>,)*)*
        }

        impl StandardClaims {
            /// The names of all standard claims.
            pub const NAMES: &'static [&'static str] = &[$($(stringify!($name)),*),*];

            /// The claims that `scope` asks for, of those that are known.
            #[must_use]
            pub fn granted(&self, scope: &Scope) -> Self {
                let mut granted = Self::default();
                $(if scope.contains($scope) { $(granted.$name.clone_from(&self.$name);)* })*
                granted
            }
        }
    };
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
    pub claims: StandardClaims,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_releases_its_own_claims_only() {
        let all = StandardClaims {
            name: Some("Ada Lovelace".into()),
            email: Some("ada@example.com".into()),
            email_verified: Some(true),
            ..StandardClaims::default()
        };
        let granted = all.granted(&"openid email".parse().unwrap());
        let json = serde_json::to_string(&UserInfo { sub: "1".into(), claims: granted }).unwrap();
        assert_eq!(json, r#"{"sub":"1","email":"ada@example.com","email_verified":true}"#);
        assert_eq!(all.granted(&"openid".parse().unwrap()), StandardClaims::default());
    }
}
