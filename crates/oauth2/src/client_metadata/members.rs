//! The members of client metadata by their names, and how a JSON object becomes metadata (RFC 7591 2, 3.1; RFC 7592 2.2).

use serde::de::Deserialize;
use serde_json::{Map, Value};

use super::ClientMetadata;
use super::field_names::field_names;
use crate::error::{Error, ErrorCode};
use crate::redirect_uri::RedirectUri;

impl ClientMetadata {
    /// The names of all members. Names with a language tag (`client_name#ja`, RFC 7591 2.2) are not among them.
    #[must_use]
    pub fn member_names() -> &'static [&'static str] {
        field_names::<Self>()
    }

    /// Reads metadata out of a JSON object. Members that are not known are ignored (RFC 7591 3.1), and `null` is as good as
    /// nothing (RFC 7592 2.2).
    ///
    /// # Errors
    /// `invalid_redirect_uri` or `invalid_client_metadata`, naming the member.
    ///
    /// ```
    /// use authmint_oauth2::ClientMetadata;
    ///
    /// let members = serde_json::from_str(r#"{"redirect_uris": ["https://app.example/#x"]}"#)?;
    /// let error = ClientMetadata::from_members(&members).unwrap_err();
    /// assert_eq!(error.to_string(), "invalid_redirect_uri: a redirect URI has no fragment (RFC 9700 4.1.3)");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn from_members(members: &Map<String, Value>) -> Result<Self, Error> {
        let known: Map<String, Value> = Self::member_names()
            .iter()
            .filter_map(|name| Some((*name, members.get(*name)?)))
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect();
        for uri in strings(&known, "redirect_uris") {
            RedirectUri::parse(uri).map_err(|error| error.parameter("redirect_uris"))?;
        }
        for uri in strings(&known, "post_logout_redirect_uris") {
            RedirectUri::parse(uri).map_err(|error| {
                Error::new(ErrorCode::InvalidClientMetadata, error.description().to_owned())
                    .parameter("post_logout_redirect_uris")
                    .section("RP-Initiated Logout 3.1")
            })?;
        }
        let is_wrong = |name: &&&str| {
            let alone = known.get(**name).map(|value| Map::from_iter([((**name).to_owned(), value.clone())]));
            alone.is_some_and(|alone| Self::deserialize(Value::Object(alone)).is_err())
        };
        if let Ok(metadata) = Self::deserialize(Value::Object(known.clone())) {
            return Ok(metadata);
        }
        let name = Self::member_names().iter().find(is_wrong).copied().unwrap_or("metadata");
        let text = format!("{name} does not have the form or one of the values that it is defined with");
        Err(Error::new(ErrorCode::InvalidClientMetadata, text)
            .parameter(name)
            .section("RFC 7591 2, OpenID Connect Registration 2"))
    }
}

fn strings<'m>(members: &'m Map<String, Value>, name: &str) -> impl Iterator<Item = &'m str> {
    members.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<ClientMetadata, Error> {
        ClientMetadata::from_members(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn all_that_is_written_is_among_the_names() {
        let names = ClientMetadata::member_names();
        let Value::Object(written) = serde_json::to_value(ClientMetadata::default()).unwrap() else {
            panic!("an object")
        };
        assert!(written.keys().all(|name| names.contains(&name.as_str())));
        assert!(names.contains(&"jwks_uri") && names.contains(&"software_statement"), "{names:?}");
    }

    #[test]
    fn null_and_what_is_not_known_are_as_good_as_nothing() {
        let metadata =
            read(r#"{"client_name":null,"client_name#ja":"注文","x":{"y":1},"redirect_uris":null}"#);
        assert_eq!(metadata.unwrap(), ClientMetadata::default());
    }

    #[test]
    fn a_mistake_names_its_member_and_quotes_nothing() {
        for (json, name) in [
            (r#"{"client_name":["secret"]}"#, "client_name"),
            (r#"{"contacts":"secret"}"#, "contacts"),
            (r#"{"application_type":"secret"}"#, "application_type"),
            (r#"{"response_types":["secret"]}"#, "response_types"),
            (r#"{"redirect_uris":["https://a.example/cb",5]}"#, "redirect_uris"),
            (r#"{"default_max_age":-1}"#, "default_max_age"),
            (r#"{"scope":"a\"secret"}"#, "scope"),
        ] {
            let error = read(json).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidClientMetadata, "{json}");
            assert_eq!(error.wrong_parameter(), Some(name));
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn s24_dangerous_addresses_are_refused_by_their_code() {
        for uri in
            ["javascript:alert(1)", "data:text/html,x", "https://a.example/#x", "http://a.example/cb", ""]
        {
            let json = serde_json::json!({ "redirect_uris": ["https://a.example/cb", uri] }).to_string();
            assert_eq!(read(&json).unwrap_err().code(), ErrorCode::InvalidRedirectUri, "{uri}");
            let json = serde_json::json!({ "post_logout_redirect_uris": [uri] }).to_string();
            assert_eq!(read(&json).unwrap_err().code(), ErrorCode::InvalidClientMetadata, "{uri}");
        }
    }
}
