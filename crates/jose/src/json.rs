//! Strict JSON: no member twice, no deep nesting (RFC 7515 4, RFC 8725 3.4).
//!
//! Two parsers that choose differently among equal names see two different tokens, so neither gets to choose.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// How deep arrays and objects may nest.
const MAX_DEPTH: u8 = 16;
/// Up to this many names, a scan of a list is faster than a hash set.
const FEW: usize = 16;

/// How serde_json's own names begin.
const INTERNAL: &str = "$serde_json::private::";

/// The names of one object, each once.
#[derive(Default)]
pub(crate) struct Names<'de> {
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> Names<'de> {
    pub(crate) fn new() -> Self {
        Self { few: Vec::with_capacity(FEW), many: HashSet::new() }
    }

    /// Adds a name; `false` if it was there, or is one of those by which serde_json tells itself that a string is more JSON:
    /// what is behind it would be read without a bound and without this walk.
    pub(crate) fn insert(&mut self, name: Cow<'de, str>) -> bool {
        if name.starts_with(INTERNAL) {
            return false;
        }
        if self.few.len() < FEW {
            let new = !self.few.contains(&name);
            self.few.push(name);
            return new;
        }
        !self.few.contains(&name) && self.many.insert(name)
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.few.iter().any(|known| known == name) || self.many.contains(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.few.iter().chain(&self.many).map(|name| &**name)
    }
}

/// A name as it stands in the text, without a copy where there is no escape.
pub(crate) struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Cow<'de, str>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Walks any value, strictly; tells whether it was `null`.
#[derive(Clone, Copy)]
pub(crate) struct Strict {
    depth: u8,
}

impl Strict {
    /// For the members of a top-level object.
    pub(crate) const MEMBER: Self = Self { depth: 1 };
    const DOCUMENT: Self = Self { depth: 0 };

    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.depth {
            MAX_DEPTH.. => Err(E::custom("nested too deeply")),
            depth => Ok(Self { depth: depth.saturating_add(1) }),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    /// Whether the value is something else than `null`.
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E>(self, _: bool) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_u64<E>(self, _: u64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_i64<E>(self, _: i64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<bool, A::Error> {
        let inside = self.deeper()?;
        while items.next_element_seed(inside)?.is_some() {}
        Ok(true)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<bool, A::Error> {
        let inside = self.deeper()?;
        let mut names = Names::new();
        while let Some(name) = members.next_key_seed(Name)? {
            if !names.insert(name) {
                return Err(A::Error::custom(DUPLICATE));
            }
            members.next_value_seed(inside)?;
        }
        Ok(true)
    }
}

/// The mark by which [`error`] tells a repeated name from other failures.
pub(crate) const DUPLICATE: &str = "authmint: duplicate member";

/// Turns serde's error into ours, without the text it may quote.
pub(crate) fn error(what: &'static str, error: &serde_json::Error) -> crate::Error {
    if error.to_string().starts_with(DUPLICATE) {
        return crate::Error::DuplicateMember(what);
    }
    crate::Error::Malformed { what, expected: "a JSON object of bounded depth" }
}

/// Checks that a whole JSON document has no member twice in one object and is not nested deeply; `what` names it in the error.
///
/// # Errors
/// [`Error::DuplicateMember`](crate::Error::DuplicateMember), or [`Error::Malformed`](crate::Error::Malformed).
pub fn check(what: &'static str, text: &[u8]) -> Result<(), crate::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let walked = Strict::DOCUMENT.deserialize(&mut deserializer).and_then(|_| deserializer.end());
    walked.map_err(|problem| error(what, &problem))
}
