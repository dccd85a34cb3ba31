//! The claims of an ID token, each with its value as it came and what it means.

use serde_json::Value;

use super::words::Moment;

/// One claim of the ID token.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// The claim's name.
    pub(crate) name: String,
    /// Its value: a string as it is, anything else as JSON.
    pub(crate) value: String,
    /// The moment that the value stands for, if the claim is a time.
    pub(crate) time: Option<i64>,
}

/// OpenID Connect Core 1.0, sections 2, 3.1.3.6, 3.3.2.11 and 5.1; Front-Channel Logout 1.0, section 3.
const MEANINGS: [(&str, &str); 25] = [
    ("iss", "The provider that issued this token"),
    ("sub", "Your identifier at this provider"),
    ("aud", "The application this token is for"),
    ("exp", "When this token stops being valid"),
    ("iat", "When this token was issued"),
    ("nbf", "When this token starts being valid"),
    ("auth_time", "When you signed in"),
    ("nonce", "Ties this token to this sign-in"),
    ("acr", "How strong the sign-in was"),
    ("amr", "How you proved who you are"),
    ("azp", "The application that asked for this token"),
    ("at_hash", "Ties the access token to this token"),
    ("c_hash", "Ties the authorization code to this token"),
    ("sid", "Your session at the provider"),
    ("jti", "The identifier of this token"),
    ("name", "Your full name"),
    ("given_name", "Your first name"),
    ("family_name", "Your last name"),
    ("nickname", "What you like to be called"),
    ("preferred_username", "Your user name"),
    ("email", "Your e-mail address"),
    ("email_verified", "Whether the provider checked that address"),
    ("locale", "Your language"),
    ("zoneinfo", "Your time zone"),
    ("updated_at", "When your profile last changed"),
];

const TIMES: [&str; 5] = ["exp", "iat", "nbf", "auth_time", "updated_at"];

impl Claim {
    /// A claim as it stands in the token's JSON.
    pub(crate) fn new(name: &str, value: &Value) -> Self {
        Self {
            name: name.into(),
            value: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
            time: if TIMES.contains(&name) { value.as_i64() } else { None },
        }
    }

    pub(super) fn meaning(&self) -> Option<&'static str> {
        MEANINGS.iter().find(|(name, _)| *name == self.name).map(|(_, meaning)| *meaning)
    }

    pub(super) fn moment(&self) -> Option<Moment> {
        self.time.and_then(Moment::from_unix)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn strings_stay_bare_and_the_rest_is_json() {
        assert_eq!(Claim::new("sub", &json!("ada")).value, "ada");
        assert_eq!(Claim::new("amr", &json!(["pwd", "otp"])).value, r#"["pwd","otp"]"#);
        assert_eq!(Claim::new("email_verified", &json!(true)).value, "true");
    }

    #[test]
    fn only_times_are_times() {
        assert_eq!(Claim::new("exp", &json!(1_784_383_500)).time, Some(1_784_383_500));
        assert_eq!(Claim::new("exp", &json!("soon")).time, None);
        assert_eq!(Claim::new("age", &json!(1_784_383_500)).time, None);
    }
}
