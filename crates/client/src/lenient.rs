//! Claims about a person that do not have the type they should have (OpenID Connect Core 5.1).
//!
//! Amazon's and Apple's `email_verified` is the string `"true"`, Auth0's `updated_at` is a date, LinkedIn's `locale` is an object. A
//! login does not fail for that: what can be understood is, everything else about the person is left out. What a token says of
//! itself (`iss`, `exp`, `nonce` …) stays as strict as ever.

use authmint_oidc::PersonClaims;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Claims, read leniently where they are about the person.
pub(crate) struct Lenient<T>(pub(crate) T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut claims: Map<String, Value> = Map::deserialize(deserializer)?;
        claims.retain(|name, value| !PersonClaims::NAMES.contains(&name.as_str()) || mend(name, value));
        T::deserialize(Value::Object(claims)).map(Lenient).map_err(D::Error::custom)
    }
}

/// Makes a claim what it should be; `false` when that can't be done.
fn mend(name: &str, value: &mut Value) -> bool {
    match (name, &*value) {
        ("email_verified" | "phone_number_verified", Value::String(text)) => match text.as_str() {
            "true" => *value = Value::Bool(true),
            "false" => *value = Value::Bool(false),
            _ => return false,
        },
        ("email_verified" | "phone_number_verified", value) => return value.is_boolean(),
        ("updated_at", value) => return value.is_u64() || value.as_f64().is_some_and(|time| time >= 0.0),
        ("address", Value::String(text)) => *value = serde_json::json!({ "formatted": text }),
        ("address", Value::Object(address)) => return address.values().all(Value::is_string),
        (_, value) => return value.is_string(),
    }
    true
}

#[cfg(test)]
mod tests {
    use authmint_oidc::UserInfo;
    use serde_json::json;

    use super::*;

    fn read(claims: Value) -> PersonClaims {
        serde_json::from_value::<Lenient<UserInfo>>(claims).unwrap().0.claims
    }

    #[test]
    fn what_providers_are_known_to_send_is_understood_or_left_out() {
        let claims = read(json!({
            "sub": "1", "email": "a@example.com", "email_verified": "true", "updated_at": "2026-01-02T03:04:05Z",
            "locale": { "country": "US", "language": "en" }, "name": null, "address": "Main Street 1", "roles": ["a"],
        }));
        assert_eq!(
            (claims.email_verified, claims.updated_at, claims.locale, claims.name),
            (Some(true), None, None, None)
        );
        assert_eq!(claims.address.unwrap().formatted.as_deref(), Some("Main Street 1"));
        assert_eq!(claims.other["roles"], json!(["a"]));
    }

    #[test]
    fn s13_nobody_is_verified_by_a_word_that_is_not_true() {
        for value in [json!("yes"), json!(1), json!("TRUE"), json!(["true"]), json!("false")] {
            assert_ne!(read(json!({ "sub": "1", "email_verified": value })).email_verified, Some(true));
        }
    }

    #[test]
    fn s13_what_a_token_says_of_itself_stays_strict() {
        for claims in [json!({ "sub": 1 }), json!({ "sub": null }), json!({})] {
            assert!(serde_json::from_value::<Lenient<UserInfo>>(claims).is_err());
        }
    }
}
