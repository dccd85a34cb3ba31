//! Parameters of a query or of a form body: bounded, well-formed, each name at most once.
//!
//! RFC 6749 3.1 and 3.2 forbid repeated parameters and say that one without a value counts as omitted; appendix B
//! names the encoding. A parser that takes the first or the last of two values lets a proxy and a server see
//! different requests, so a repeated name is an error here and never a choice. The one exception is `resource`, which
//! RFC 8707 2 lets a client name several times.

use std::borrow::Cow;
use std::fmt;

use crate::error::{Error, ErrorCode};

/// The most bytes that are looked at; a longer input is refused before it is decoded.
pub const MAX_BYTES: usize = 64 * 1024;
/// The most parameters in one request.
pub const MAX_PARAMS: usize = 64;

/// What may be repeated (RFC 8707 2).
const REPEATABLE: &str = crate::resource::RESOURCE;

/// The parameters of one request, in the order in which they came.
///
/// `Debug` shows the names only: values may be secrets.
///
/// ```
/// use authmint_oauth2::Params;
///
/// let params = Params::parse(b"grant_type=client_credentials&scope=read+write&empty=")?;
/// assert_eq!(params.get("scope"), Some("read write"));
/// assert_eq!(params.get("empty"), None);
/// assert!(Params::parse(b"scope=a&scope=b").is_err());
/// # Ok::<(), authmint_oauth2::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params {
    pairs: Vec<(String, String)>,
}

impl Params {
    /// No parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a query (without its `?`) or a form body.
    ///
    /// # Errors
    /// `invalid_request` when it is longer than [`MAX_BYTES`], has more than [`MAX_PARAMS`] parameters, repeats a
    /// name, or holds a broken percent escape, bytes that are not UTF-8, or a control character.
    pub fn parse(input: &[u8]) -> Result<Self, Error> {
        if input.len() > MAX_BYTES {
            return Err(malformed("the parameters are longer than 64 KiB"));
        }
        let mut params = Self::new();
        let mut seen = 0_usize;
        for piece in input.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()) {
            seen = seen.saturating_add(1);
            if seen > MAX_PARAMS {
                return Err(malformed("there are more than 64 parameters"));
            }
            let mut halves = piece.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            if name != REPEATABLE && params.pairs.iter().any(|(known, _)| *known == name) {
                return Err(malformed("a parameter is repeated"));
            }
            params.pairs.push((name, value));
        }
        Ok(params)
    }

    /// The value of `name`; `None` when it is absent or empty (RFC 6749 3.1).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.pairs.iter().find(|(known, _)| known == name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    /// Every value of a parameter that may be repeated.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.pairs.iter().filter(move |(known, value)| known == name && !value.is_empty());
        named.map(|(_, value)| value.as_str())
    }

    /// The value of `name`.
    ///
    /// # Errors
    /// `invalid_request` naming the parameter, when it is absent or empty.
    pub fn require(&self, name: &'static str) -> Result<&str, Error> {
        self.get(name).ok_or_else(|| Error::missing(name))
    }

    /// Adds a parameter, in place of one with the same name.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        match self.pairs.iter_mut().find(|(known, _)| *known == name) {
            Some((_, slot)) => *slot = value,
            None => self.pairs.push((name, value)),
        }
    }

    /// Adds a parameter beside others of the same name: for `resource` alone, since no other is read back twice.
    pub fn append(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.pairs.push((name.into(), value.into()));
    }

    /// Adds all parameters of another list, in place of those with the same name.
    pub fn extend(&mut self, others: &Self) {
        self.pairs.retain(|(name, _)| !others.pairs.iter().any(|(other, _)| other == name));
        self.pairs.extend(others.pairs.iter().cloned());
    }

    /// Adds a parameter if there is a value for it.
    pub fn set_some(&mut self, name: &'static str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Writes the parameters as a query or a form body.
    #[must_use]
    pub fn to_query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.pairs).finish()
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.pairs.iter().map(|(name, _)| name)).finish()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Params {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut params = Self::new();
        for (name, value) in pairs {
            params.set(name, value);
        }
        params
    }
}

/// Decodes one name or value of the form encoding (also used for the two halves of HTTP Basic, RFC 6749 2.3.1).
pub(crate) fn decode(input: &[u8]) -> Result<String, Error> {
    let text = if input.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        let mut decoded = Vec::with_capacity(input.len());
        let mut rest = input;
        while let [byte, tail @ ..] = rest {
            rest = tail;
            match (byte, tail) {
                (b'+', _) => decoded.push(b' '),
                (b'%', [high, low, after @ ..]) => {
                    let digits = hex(*high).zip(hex(*low));
                    let (high, low) = digits.ok_or_else(|| malformed("a percent escape is broken"))?;
                    decoded.push(high << 4 | low);
                    rest = after;
                }
                (b'%', _) => return Err(malformed("a percent escape is broken")),
                (other, _) => decoded.push(*other),
            }
        }
        Cow::Owned(decoded)
    } else {
        Cow::Borrowed(input)
    };
    let text = String::from_utf8(text.into_owned()).map_err(|_| malformed("a parameter is not UTF-8"))?;
    if text.chars().any(char::is_control) {
        return Err(malformed("a parameter holds a control character"));
    }
    Ok(text)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn malformed(description: &'static str) -> Error {
    Error::new(ErrorCode::InvalidRequest, description).section("RFC 6749 3.1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn s25_a_repeated_parameter_is_refused_even_when_equal_or_encoded() {
        for input in ["scope=a&scope=a", "scope=a&%73cope=b", "state=&state=x"] {
            assert_eq!(
                Params::parse(input.as_bytes()).unwrap_err().code(),
                ErrorCode::InvalidRequest,
                "{input}"
            );
        }
    }

    #[test]
    fn broken_encodings_are_refused() {
        for input in ["a=%", "a=%4", "a=%zz", "a=%ff", "a=%00", "a=x%0d%0aLocation:y"] {
            assert!(Params::parse(input.as_bytes()).is_err(), "{input}");
        }
    }

    #[test]
    fn size_and_count_are_bounded() {
        assert!(Params::parse(&vec![b'a'; MAX_BYTES + 1]).is_err());
        let many = (0..=MAX_PARAMS).map(|n| format!("p{n}=1")).collect::<Vec<_>>().join("&");
        assert!(Params::parse(many.as_bytes()).is_err());
    }

    #[test]
    fn s18_debug_shows_names_only() {
        let params = Params::parse(b"client_secret=hunter2").unwrap();
        assert_eq!(format!("{params:?}"), r#"["client_secret"]"#);
    }

    proptest! {
        #[test]
        fn s47_any_bytes_parse_or_fail(input in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = Params::parse(&input);
        }

        #[test]
        fn what_is_written_is_read_back(pairs in proptest::collection::btree_map("[a-z_]{1,8}", "[^\\p{Cc}]{1,24}", 0..12)) {
            let params: Params = pairs.clone().into_iter().collect();
            let read = Params::parse(params.to_query().as_bytes()).unwrap();
            prop_assert_eq!(read, params);
        }
    }
}
