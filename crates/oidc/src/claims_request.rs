//! The `claims` parameter: single claims a client asks for, at UserInfo or in the ID token (Core 5.5).

use std::collections::BTreeMap;
use std::fmt;

use authmint_oauth2::Error;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The most bytes of the parameter.
pub const MAX_BYTES: usize = 8 * 1024;
/// The most claims that are asked for in one place.
pub const MAX_CLAIMS: usize = 64;

/// Claims by their names, and what is asked of each. `null` asks for nothing in particular.
pub type Requested = BTreeMap<String, Option<ClaimRequest>>;

/// What is asked for. Members that are not known are left out (Core 5.5).
///
/// ```
/// use authmint_oidc::ClaimsRequest;
///
/// let claims = ClaimsRequest::parse(r#"{"userinfo":{"email":{"essential":true},"picture":null}}"#)?;
/// assert!(claims.userinfo.contains_key("picture"));
/// # Ok::<(), authmint_oidc::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimsRequest {
    /// Claims of the UserInfo response.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: Requested,
    /// Claims of the ID token.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: Requested,
}

/// What is asked of one claim (Core 5.5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimRequest {
    /// Whether the person's task can't go on smoothly without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub essential: bool,
    /// The value it should have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The values of which it should have one, the best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
}

impl ClaimRequest {
    /// The values that are asked for; none if any will do.
    pub fn wanted(&self) -> impl Iterator<Item = &Value> {
        self.value.iter().chain(&self.values)
    }
}

impl ClaimsRequest {
    /// Reads the parameter.
    ///
    /// # Errors
    /// `invalid_request` when it is no JSON object of that form, or asks for too much.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let malformed = |expected| Error::malformed("claims", expected).section("OpenID Connect Core 5.5");
        if text.len() > MAX_BYTES {
            return Err(malformed("at most 8 KiB"));
        }
        let form = "a JSON object with userinfo and id_token, each an object of claims";
        if !text.trim_start().starts_with('{') {
            return Err(malformed(form));
        }
        let request: Self = serde_json::from_str(text).map_err(|_| malformed(form))?;
        if request.userinfo.len().max(request.id_token.len()) > MAX_CLAIMS {
            return Err(malformed("for at most 64 claims in one place"));
        }
        Ok(request)
    }

    /// What is asked of a claim of the ID token.
    #[must_use]
    pub fn of_id_token(&self, name: &str) -> Option<&ClaimRequest> {
        self.id_token.get(name)?.as_ref()
    }
}

/// The parameter as it is sent.
impl fmt::Display for ClaimsRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_back_and_bounded() {
        let text = r#"{"userinfo":{"email":{"essential":true},"name":null,"x":{"values":["a","b"]}},
                       "id_token":{"acr":{"value":"1"}},"other":{}}"#;
        let request = ClaimsRequest::parse(text).unwrap();
        assert_eq!(ClaimsRequest::parse(&request.to_string()).unwrap(), request);
        assert_eq!(request.of_id_token("acr").unwrap().wanted().count(), 1);
        let many: Vec<_> = (0..65).map(|n| format!("\"c{n}\":null")).collect();
        for text in [
            "",
            "[]",
            "null",
            r#"{"userinfo":[]}"#,
            r#"{"userinfo":{"a":1}}"#,
            r#"{"userinfo":{"a":{"essential":"yes"}}}"#,
            &format!(r#"{{"id_token":{{{}}}}}"#, many.join(",")),
            &format!(r#"{{"x":"{}"}}"#, "a".repeat(MAX_BYTES)),
        ] {
            assert!(ClaimsRequest::parse(text).is_err(), "{text:.40}");
        }
    }
}
