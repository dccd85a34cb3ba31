//! What the authorization endpoint returns, and how (OAuth 2.0 Multiple Response Type Encoding Practices; RFC 6749
//! 3.1.1; OpenID Connect Core 3; OAuth 2.0 Form Post Response Mode).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode};

/// What the authorization endpoint is asked to return: a set of `code`, `token` and `id_token`, in whatever order they
/// are named.
///
/// ```
/// use authmint_oauth2::{ResponseMode, ResponseType};
///
/// let hybrid: ResponseType = "id_token code".parse()?;
/// assert_eq!(hybrid, ResponseType::CODE_ID_TOKEN);
/// assert_eq!(hybrid.default_mode(), ResponseMode::Fragment);
/// # Ok::<(), authmint_oauth2::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResponseType {
    code: bool,
    id_token: bool,
    token: bool,
}

impl ResponseType {
    /// `code`.
    pub const CODE: Self = Self { code: true, id_token: false, token: false };
    /// `id_token`.
    pub const ID_TOKEN: Self = Self { code: false, id_token: true, token: false };
    /// `token`.
    pub const TOKEN: Self = Self { code: false, id_token: false, token: true };
    /// `id_token token`.
    pub const ID_TOKEN_TOKEN: Self = Self { code: false, id_token: true, token: true };
    /// `code id_token`.
    pub const CODE_ID_TOKEN: Self = Self { code: true, id_token: true, token: false };
    /// `code token`.
    pub const CODE_TOKEN: Self = Self { code: true, id_token: false, token: true };
    /// `code id_token token`.
    pub const CODE_ID_TOKEN_TOKEN: Self = Self { code: true, id_token: true, token: true };

    /// Every response type.
    pub const ALL: &'static [Self] = &[
        Self::CODE,
        Self::ID_TOKEN,
        Self::TOKEN,
        Self::ID_TOKEN_TOKEN,
        Self::CODE_ID_TOKEN,
        Self::CODE_TOKEN,
        Self::CODE_ID_TOKEN_TOKEN,
    ];

    /// Whether it names `code`.
    #[must_use]
    pub fn has_code(self) -> bool {
        self.code
    }

    /// Whether it names `id_token`.
    #[must_use]
    pub fn has_id_token(self) -> bool {
        self.id_token
    }

    /// Whether it names `token`.
    #[must_use]
    pub fn has_token(self) -> bool {
        self.token
    }

    /// Whether tokens come through the browser.
    #[must_use]
    pub fn is_front_channel(self) -> bool {
        self.id_token || self.token
    }

    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match (self.code, self.id_token, self.token) {
            (true, false, false) => "code",
            (false, true, false) => "id_token",
            (false, true, true) => "id_token token",
            (true, true, false) => "code id_token",
            (true, false, true) => "code token",
            (true, true, true) => "code id_token token",
            (false, false, _) => "token",
        }
    }

    /// How the response comes when the request does not say (Multiple Response Types 2.1, 3, 5).
    #[must_use]
    pub fn default_mode(self) -> ResponseMode {
        if self.is_front_channel() { ResponseMode::Fragment } else { ResponseMode::Query }
    }
}

impl FromStr for ResponseType {
    type Err = Error;

    /// # Errors
    /// `unsupported_response_type` for any other word, and for one that is named twice.
    fn from_str(text: &str) -> Result<Self, Error> {
        let unknown = || {
            Error::new(
                ErrorCode::UnsupportedResponseType,
                "response_type is not one that this server has; see response_types_supported",
            )
            .parameter("response_type")
            .section("RFC 6749 3.1.1")
        };
        let mut found = Self { code: false, id_token: false, token: false };
        for word in text.split(' ') {
            let part = match word {
                "code" => &mut found.code,
                "id_token" => &mut found.id_token,
                "token" => &mut found.token,
                _ => return Err(unknown()),
            };
            if *part {
                return Err(unknown());
            }
            *part = true;
        }
        Ok(found)
    }
}

impl TryFrom<String> for ResponseType {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<ResponseType> for String {
    fn from(response_type: ResponseType) -> Self {
        response_type.as_str().to_owned()
    }
}

impl fmt::Display for ResponseType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the response comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    Query,
    /// In its fragment.
    Fragment,
    /// As a form that the browser posts to it.
    FormPost,
}

impl ResponseMode {
    /// Every mode.
    pub const ALL: &'static [Self] = &[Self::Query, Self::Fragment, Self::FormPost];

    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::FormPost => "form_post",
        }
    }

    /// Reads the mode that goes with a response type.
    ///
    /// # Errors
    /// `invalid_request` for an unknown mode, and for tokens in a query: it goes into logs and histories (Multiple
    /// Response Types 3.0, 5).
    pub fn parse(text: &str, response_type: ResponseType) -> Result<Self, Error> {
        let mode = Self::ALL.iter().copied().find(|mode| mode.as_str() == text);
        mode.filter(|mode| *mode != Self::Query || !response_type.is_front_channel()).ok_or_else(|| {
            let expected = if response_type.is_front_channel() {
                "fragment or form_post"
            } else {
                "query, fragment or form_post"
            };
            Error::malformed("response_mode", expected).section("OAuth 2.0 Multiple Response Types 2.1")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_in_any_order_and_once() {
        for response_type in ResponseType::ALL {
            let mut words: Vec<_> = response_type.as_str().split(' ').collect();
            words.reverse();
            assert_eq!(words.join(" ").parse::<ResponseType>().unwrap(), *response_type);
        }
        for text in ["", " ", "code code", "code  id_token", "CODE", "none", "code,token"] {
            let error = text.parse::<ResponseType>().unwrap_err();
            assert_eq!(error.code(), ErrorCode::UnsupportedResponseType, "{text}");
        }
    }

    #[test]
    fn tokens_do_not_go_into_a_query() {
        assert_eq!(ResponseMode::parse("query", ResponseType::CODE).unwrap(), ResponseMode::Query);
        for response_type in ResponseType::ALL.iter().filter(|kind| kind.is_front_channel()) {
            assert!(ResponseMode::parse("query", *response_type).is_err());
            assert!(ResponseMode::parse("form_post", *response_type).is_ok());
        }
        assert!(ResponseMode::parse("query.jwt", ResponseType::CODE).is_err());
    }
}
