//! The home page of someone who is signed in: who they are, what the tokens say, and what can be done with them.

use askama::Template;
use serde_json::Value;

use super::assets::STYLESHEET_PATH;
use super::words::{self, Moment};
use super::{Claim, render};

/// The home page after sign-in.
#[derive(Clone)]
pub(crate) struct SignedIn {
    /// What to call the person.
    pub(crate) name: String,
    /// The person's e-mail address, if the provider gave it.
    pub(crate) email: Option<String>,
    /// The issuer that signed the person in.
    pub(crate) issuer: String,
    /// The token that binds the forms to this browser's session.
    pub(crate) csrf: String,
    /// The claims of the ID token, in the order in which they are shown.
    pub(crate) claims: Vec<Claim>,
    /// The tokens that the application holds.
    pub(crate) tokens: Vec<TokenLife>,
    /// Whether there is a refresh token, so that the button makes sense.
    pub(crate) can_refresh: bool,
    /// What the API answered last.
    pub(crate) api_result: Option<ApiResult>,
    /// A message about what was just done, such as "Tokens refreshed".
    pub(crate) notice: Option<String>,
    /// Now, in seconds since 1970, to tell how long the tokens last.
    pub(crate) now: i64,
}

/// How long a token lasts. The token itself is never shown.
#[derive(Clone, Debug)]
pub(crate) struct TokenLife {
    /// Which token, such as "Access token".
    pub(crate) name: String,
    /// When it expires, in seconds since 1970, if that is known.
    pub(crate) expires_at: Option<i64>,
}

/// What the protected API answered.
#[derive(Clone, Debug)]
pub(crate) struct ApiResult {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body, as it is shown.
    pub(crate) body: String,
}

impl ApiResult {
    /// An answer, laid out for reading if it is JSON.
    pub(crate) fn new(status: u16, body: &str) -> Self {
        let pretty = serde_json::from_str::<Value>(body)
            .ok()
            .and_then(|json| serde_json::to_string_pretty(&json).ok());
        Self { status, body: pretty.unwrap_or_else(|| body.to_owned()) }
    }

    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// How long a token lasts, in words.
struct Life {
    moment: Moment,
    remaining: String,
    is_over: bool,
}

impl TokenLife {
    fn life(&self, now: i64) -> Option<Life> {
        let then = self.expires_at?;
        let moment = Moment::from_unix(then)?;
        Some(Life { moment, remaining: words::remaining(now, then), is_over: then <= now })
    }
}

#[derive(Template)]
#[template(path = "sample/signed_in.html")]
struct Html<'a> {
    stylesheet: &'a str,
    page: &'a SignedIn,
}

impl SignedIn {
    /// The page as an HTML document.
    pub(crate) fn render(&self) -> String {
        render::html(&Html { stylesheet: &STYLESHEET_PATH, page: self })
    }

    fn lives(&self) -> impl Iterator<Item = (&str, Option<Life>)> {
        self.tokens.iter().map(|token| (token.name.as_str(), token.life(self.now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_and_other_bodies_stay() {
        assert_eq!(ApiResult::new(200, r#"{"a":[1]}"#).body, "{\n  \"a\": [\n    1\n  ]\n}");
        assert_eq!(ApiResult::new(502, "bad <gateway>").body, "bad <gateway>");
    }
}
