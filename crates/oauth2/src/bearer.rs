//! Bearer tokens: the one in a request, and the challenge in the answer that refuses it (RFC 6750 2.1, 3).
//!
//! Only the `Authorization` header is read. The form (2.2) and the query (2.3) put tokens into logs and histories;
//! RFC 9700 4.3.2 advises against them.

use authmint_jose::Secret;
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderValue};

use crate::error::{Error, ErrorCode};
use crate::scope::Scope;

/// The longest bearer token that is looked at, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;

/// The access token of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BearerToken(Secret);

impl BearerToken {
    /// Reads the token of a request; `None` when there is no `Authorization` header.
    ///
    /// # Errors
    /// `invalid_request` when the header is repeated, of another scheme, or not a `b64token` (RFC 6750 2.1).
    ///
    /// ```
    /// use authmint_oauth2::BearerToken;
    ///
    /// let request = http::Request::get("/orders").header("authorization", "Bearer mF_9.B5f-4.1JqM").body(())?;
    /// let token = BearerToken::from_headers(request.headers())?.expect("the header is there");
    /// assert_eq!(token.expose(), "mF_9.B5f-4.1JqM");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Error> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else { return Ok(None) };
        let broken = || {
            Error::new(ErrorCode::InvalidRequest, "the Authorization header must be Bearer and one token")
                .section("RFC 6750 2.1")
        };
        if values.next().is_some() {
            return Err(broken());
        }
        let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(broken)?;
        let token = token.trim_matches(' ');
        let body = token.trim_end_matches('=');
        let allowed = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
        };
        if !scheme.eq_ignore_ascii_case("bearer")
            || body.is_empty()
            || token.len() > MAX_BYTES
            || !body.bytes().all(allowed)
        {
            return Err(broken());
        }
        Ok(Some(Self(Secret::new(token))))
    }

    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// The value of `WWW-Authenticate` (RFC 6750 3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge<'a> {
    /// What went wrong; absent when the request had no token (RFC 6750 3.1: then nothing else is said).
    pub error: Option<&'a Error>,
    /// The scope that would have been enough.
    pub scope: Option<&'a Scope>,
}

impl Challenge<'_> {
    /// The header's value.
    #[must_use]
    pub fn to_header(&self) -> HeaderValue {
        let mut parts = Vec::new();
        if let Some(error) = self.error {
            parts.push(format!("error=\"{}\"", error.code()));
            parts.push(format!("error_description=\"{}\"", quotable(error.description())));
        }
        if let Some(scope) = self.scope.filter(|scope| !scope.is_empty()) {
            parts.push(format!("scope=\"{scope}\""));
        }
        let text = format!("Bearer {}", parts.join(", "));
        HeaderValue::try_from(text.trim_end()).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

/// RFC 6750 3: `error_description` holds neither a quote nor a backslash.
fn quotable(text: &str) -> String {
    text.chars().filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<Option<BearerToken>, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        BearerToken::from_headers(&headers)
    }

    #[test]
    fn tokens_are_read_strictly() {
        assert_eq!(read("bearer abc==").unwrap().unwrap().expose(), "abc==");
        for value in
            ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Basic YTpi", "Bearer a\"b", "Bearer ="]
        {
            assert!(read(value).is_err(), "{value}");
        }
        assert!(BearerToken::from_headers(&HeaderMap::new()).unwrap().is_none());
        assert!(read(&format!("Bearer {}", "a".repeat(MAX_BYTES + 1))).is_err());
    }

    #[test]
    fn a_challenge_says_no_more_than_it_should() {
        assert_eq!(Challenge::default().to_header(), "Bearer");
        let error = Error::new(ErrorCode::InsufficientScope, "the token lacks a \"scope\"");
        let scope = "orders".parse().unwrap();
        assert_eq!(
            Challenge { error: Some(&error), scope: Some(&scope) }.to_header(),
            r#"Bearer error="insufficient_scope", error_description="the token lacks a scope", scope="orders""#
        );
    }
}
