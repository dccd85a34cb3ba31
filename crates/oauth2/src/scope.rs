//! Scope: a space-separated list of case-sensitive tokens, treated as a set (RFC 6749 3.3).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, ErrorCode};

/// The most tokens in one scope.
pub const MAX_TOKENS: usize = 64;
/// The longest scope, in bytes.
pub const MAX_BYTES: usize = 2048;

/// A set of scope tokens in the order in which they were first named; no token is there twice.
///
/// ```
/// use authmint_oauth2::Scope;
///
/// let granted: Scope = "openid profile email".parse()?;
/// let asked: Scope = "email openid".parse()?;
/// assert!(asked.is_subset(&granted));
/// assert_eq!(granted.without(&asked).to_string(), "profile");
/// # Ok::<(), authmint_oauth2::Error>(())
/// ```
#[derive(Clone, Debug, Default, Eq)]
pub struct Scope(String);

impl Scope {
    /// No scope at all.
    pub const EMPTY: Self = Self(String::new());

    /// Whether no token is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tokens.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|token| !token.is_empty())
    }

    /// Whether `token` is in the set; the comparison is exact.
    #[must_use]
    pub fn contains(&self, token: &str) -> bool {
        self.iter().any(|known| known == token)
    }

    /// Whether every token of this set is also in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.iter().all(|token| other.contains(token))
    }

    /// The tokens of this set that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        self.filter(|token| !other.contains(token))
    }

    /// The tokens of this set for which `keep` says yes.
    #[must_use]
    pub fn filter(&self, keep: impl Fn(&str) -> bool) -> Self {
        Self(self.iter().filter(|token| keep(token)).collect::<Vec<_>>().join(" "))
    }

    /// The tokens of both sets.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let tokens: Vec<_> = self.iter().chain(other.iter().filter(|token| !self.contains(token))).collect();
        Self(tokens.join(" "))
    }

    /// The scope as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Scope {
    type Err = Error;

    /// # Errors
    /// `invalid_scope` when a token holds a character that RFC 6749 3.3 does not allow, or when there are more than
    /// [`MAX_TOKENS`] tokens or [`MAX_BYTES`] bytes.
    fn from_str(text: &str) -> Result<Self, Error> {
        let invalid = |description| {
            Err(Error::new(ErrorCode::InvalidScope, description).parameter("scope").section("RFC 6749 3.3"))
        };
        if text.len() > MAX_BYTES {
            return invalid("scope is longer than 2048 characters");
        }
        if !text.bytes().all(|byte| matches!(byte, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e)) {
            return invalid("scope holds a character that is not allowed in a scope token");
        }
        let mut tokens: Vec<&str> = Vec::new();
        for token in text.split(' ').filter(|token| !token.is_empty()) {
            if tokens.len() == MAX_TOKENS {
                return invalid("scope has more than 64 tokens");
            }
            if !tokens.contains(&token) {
                tokens.push(token);
            }
        }
        Ok(Self(tokens.join(" ")))
    }
}

impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        self.is_subset(other) && other.is_subset(self)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_repetition_do_not_matter_but_case_does() {
        let scope: Scope = "read  write read".parse().unwrap();
        assert_eq!(scope.as_str(), "read write");
        assert_eq!(scope, "write read".parse().unwrap());
        assert_ne!(scope, "Read write".parse().unwrap());
    }

    #[test]
    fn characters_outside_the_grammar_are_refused() {
        for text in ["a\"b", "a\\b", "a\tb", "é", "a\u{7f}"] {
            assert_eq!(text.parse::<Scope>().unwrap_err().code(), ErrorCode::InvalidScope, "{text:?}");
        }
    }

    #[test]
    fn the_number_of_tokens_is_bounded() {
        let many: Vec<String> = (0..=MAX_TOKENS).map(|n| format!("s{n}")).collect();
        assert!(many.join(" ").parse::<Scope>().is_err());
    }
}
