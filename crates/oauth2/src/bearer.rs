//! Access tokens in a request, and the challenge in the answer that refuses one (RFC 6750 2.1, 3; RFC 9449 7.1; RFC 9470 3;
//! RFC 9728 5.1).
//!
//! Only the `Authorization` header is read. The form (RFC 6750 2.2) and the query (2.3) put tokens into logs and histories;
//! RFC 9700 4.3.2 advises against them. [`PresentedToken::from_form`] is for those who need the form all the same.

use authmint_jose::Secret;
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::dpop;
use crate::error::{Error, ErrorCode};
use crate::params::Params;
use crate::scope::Scope;

/// The longest access token that is looked at, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;

/// How an access token is presented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenType {
    /// Whoever has it may use it (RFC 6750).
    #[default]
    Bearer,
    /// Whoever has it must also prove a key (RFC 9449).
    #[serde(rename = "DPoP")]
    Dpop,
}

impl TokenType {
    /// The type of a token that is bound to a key, or not.
    #[must_use]
    pub fn bound(is_bound: bool) -> Self {
        if is_bound { Self::Dpop } else { Self::Bearer }
    }

    /// The name: of the scheme, and as `token_type`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop => "DPoP",
        }
    }
}

/// The access token of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedToken {
    token: Secret,
    token_type: TokenType,
}

impl PresentedToken {
    /// Reads the token of a request; `None` when there is no `Authorization` header, or one of another scheme: that is a
    /// request without a token (RFC 6750 3.1).
    ///
    /// # Errors
    /// `invalid_request` when the header is repeated, or holds no `b64token` (RFC 6750 2.1).
    ///
    /// ```
    /// use authmint_oauth2::{PresentedToken, TokenType};
    ///
    /// let request = http::Request::get("/orders").header("authorization", "Bearer mF_9.B5f-4.1JqM").body(())?;
    /// let presented = PresentedToken::from_headers(request.headers())?.expect("the header is there");
    /// assert_eq!((presented.token_type(), presented.expose()), (TokenType::Bearer, "mF_9.B5f-4.1JqM"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Error> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(broken());
        }
        let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(broken)?;
        let known = [TokenType::Bearer, TokenType::Dpop].into_iter();
        let Some(token_type) = known.into_iter().find(|known| scheme.eq_ignore_ascii_case(known.as_str()))
        else {
            return Ok(None);
        };
        Self::new(token.trim_matches(' '), token_type).map(Some)
    }

    /// Reads a bearer token out of a form (RFC 6750 2.2); `None` when there is none.
    ///
    /// # Errors
    /// `invalid_request` when it is not a `b64token`.
    pub fn from_form(params: &Params) -> Result<Option<Self>, Error> {
        params.get("access_token").map(|token| Self::new(token, TokenType::Bearer)).transpose()
    }

    fn new(token: &str, token_type: TokenType) -> Result<Self, Error> {
        let body = token.trim_end_matches('=');
        let allowed = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
        };
        if body.is_empty() || token.len() > MAX_BYTES || !body.bytes().all(allowed) {
            return Err(broken());
        }
        Ok(Self { token: Secret::new(token), token_type })
    }

    /// How it is presented.
    #[must_use]
    pub fn token_type(&self) -> TokenType {
        self.token_type
    }

    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.token.expose()
    }
}

fn broken() -> Error {
    Error::new(ErrorCode::InvalidRequest, "the Authorization header must be Bearer or DPoP and one token")
        .section("RFC 6750 2.1")
}

/// The value of `WWW-Authenticate` (RFC 6750 3, RFC 9449 7.1, RFC 9470 3, RFC 9728 5.1).
///
/// ```
/// use authmint_oauth2::{Challenge, Error, ErrorCode};
///
/// let error = Error::new(ErrorCode::InsufficientUserAuthentication, "log in with a second factor");
/// let acr_values = ["mfa".to_owned()];
/// let challenge = Challenge { error: Some(&error), acr_values: &acr_values, ..Challenge::default() };
/// assert_eq!(
///     challenge.to_header(),
///     "Bearer error=\"insufficient_user_authentication\", error_description=\"log in with a second factor\", \
///      acr_values=\"mfa\""
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge<'a> {
    /// The scheme; for DPoP the algorithms of proofs are named too.
    pub token_type: TokenType,
    /// What is protected, in words (RFC 9110 11.5).
    pub realm: Option<&'a str>,
    /// What went wrong; absent when the request had no token (RFC 6750 3.1: then nothing is said of errors).
    pub error: Option<&'a Error>,
    /// The scope that would be enough.
    pub scope: Option<&'a Scope>,
    /// The levels of authentication that would be enough, the best first.
    pub acr_values: &'a [String],
    /// How long ago the login may be, in seconds.
    pub max_age: Option<u64>,
    /// Where the API says which issuers it trusts.
    pub resource_metadata: Option<&'a str>,
}

impl Challenge<'_> {
    /// The header's value.
    #[must_use]
    pub fn to_header(&self) -> HeaderValue {
        let mut parts = Vec::new();
        let mut say = |name: &str, value: &str| parts.push(format!("{name}=\"{}\"", quotable(value)));
        if let Some(realm) = self.realm {
            say("realm", realm);
        }
        if let Some(error) = self.error {
            say("error", error.code().as_str());
            say("error_description", error.description());
        }
        if let Some(scope) = self.scope.filter(|scope| !scope.is_empty()) {
            say("scope", scope.as_str());
        }
        if !self.acr_values.is_empty() {
            say("acr_values", &self.acr_values.join(" "));
        }
        if let Some(max_age) = self.max_age {
            say("max_age", &max_age.to_string());
        }
        if let Some(address) = self.resource_metadata {
            say("resource_metadata", address);
        }
        if self.token_type == TokenType::Dpop {
            let names: Vec<_> = dpop::ALGORITHMS.iter().map(|algorithm| algorithm.name()).collect();
            say("algs", &names.join(" "));
        }
        let text = format!("{} {}", self.token_type.as_str(), parts.join(", "));
        HeaderValue::try_from(text.trim_end()).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

/// RFC 6750 3: no value holds a quote or a backslash, so none has to be escaped.
fn quotable(text: &str) -> String {
    text.chars().filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<Option<PresentedToken>, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        PresentedToken::from_headers(&headers)
    }

    #[test]
    fn tokens_are_read_strictly() {
        assert_eq!(read("bearer abc==").unwrap().unwrap().expose(), "abc==");
        assert_eq!(read("dpop abc").unwrap().unwrap().token_type(), TokenType::Dpop);
        for value in ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "DPoP ", "Bearer a\"b", "Bearer ="] {
            assert!(read(value).is_err(), "{value}");
        }
        assert!(PresentedToken::from_headers(&HeaderMap::new()).unwrap().is_none());
        assert!(read("Basic YTpi").unwrap().is_none());
        assert!(read(&format!("Bearer {}", "a".repeat(MAX_BYTES + 1))).is_err());
    }

    #[test]
    fn a_challenge_says_no_more_than_it_should() {
        assert_eq!(Challenge::default().to_header(), "Bearer");
        let error = Error::new(ErrorCode::InsufficientScope, "the token lacks a \"scope\"");
        let scope = "orders".parse().unwrap();
        assert_eq!(
            Challenge { error: Some(&error), scope: Some(&scope), ..Challenge::default() }.to_header(),
            r#"Bearer error="insufficient_scope", error_description="the token lacks a scope", scope="orders""#
        );
        let address = Some("https://api.example/.well-known/oauth-protected-resource");
        let challenge =
            Challenge { realm: Some("o\"rders\n"), resource_metadata: address, ..Challenge::default() };
        assert_eq!(
            challenge.to_header(),
            r#"Bearer realm="orders", resource_metadata="https://api.example/.well-known/oauth-protected-resource""#
        );
    }
}
