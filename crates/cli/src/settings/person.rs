//! Claims about a person as an operator writes them: by their names in OpenID Connect Core 5.1, or names of one's own.

use authmint_oidc::PersonClaims;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::output::Failure;

/// What the provider says itself, about a login or a token. In a claim of a person it would stand there twice.
const NOT_A_PERSONS: [&str; 16] = [
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "azp",
    "sid",
    "at_hash",
    "c_hash",
    "s_hash",
];

/// Reads claims.
///
/// # Errors
/// When one has another type than it is defined with, or is not a person's.
pub(crate) fn claims(members: Map<String, Value>) -> Result<PersonClaims, Failure> {
    if let Some(name) = NOT_A_PERSONS.into_iter().find(|name| members.contains_key(*name)) {
        return Err(Failure::new(format!(
            "{name} is said by the provider itself, and is no claim about a person"
        ))
        .advice("leave it out"));
    }
    // One by one first, for the name of what does not fit.
    for (name, value) in &members {
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        if let Err(error) = PersonClaims::deserialize(Value::Object(alone)) {
            return Err(Failure::new(format!("the claim {name} does not fit: {error}"))
                .advice("OpenID Connect Core 5.1 has the type of each; address is an object, updated_at a number of seconds"));
        }
    }
    Ok(PersonClaims::deserialize(Value::Object(members))?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Result<PersonClaims, String> {
        claims(value.as_object().unwrap().clone()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn every_standard_claim_and_those_of_ones_own() {
        let all = json!({ "name": "Ada", "updated_at": 1_767_225_600, "email_verified": true,
            "address": { "locality": "London" }, "department": "Engines" });
        let claims = read(&all).unwrap();
        assert_eq!(claims.address.unwrap().locality.as_deref(), Some("London"));
        assert_eq!(claims.other["department"], "Engines");
    }

    #[test]
    fn what_does_not_fit_is_named() {
        assert!(
            read(&json!({ "name": "Ada", "email_verified": "yes" }))
                .unwrap_err()
                .contains("claim email_verified")
        );
        assert!(read(&json!({ "address": "London" })).unwrap_err().contains("claim address"));
        assert!(
            read(&json!({ "sub": "somebody else" })).unwrap_err().contains("sub is said by the provider")
        );
    }
}
