//! The registered claims (RFC 7519 4.1), read once, borrowed, and by their exact JSON types.
//!
//! A time claim that is a string, `true`, `null`, an array, negative or infinite is an invalid token, never an absent
//! claim: "no expiry" must not be one typo away.

mod read;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json::{Members, Problem};
use crate::time::Timestamp;

pub(crate) use self::read::ClaimsReader;

/// The most members of an `aud` array.
const MAX_AUDIENCES: usize = 64;

/// `aud`: one name or several (RFC 7519 4.1.3).
///
/// ```
/// use authmint_jose::Audience;
///
/// let one: Audience = serde_json::from_str(r#""https://api.example""#)?;
/// assert!(one.contains("https://api.example"));
/// assert!(!one.contains("https://api.example/"));
/// assert_eq!(serde_json::to_string(&Audience::from(vec!["a".to_owned()]))?, r#""a""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience(Vec<String>);

impl Audience {
    /// Whether `name` is among them, exactly.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    /// The names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl From<&str> for Audience {
    fn from(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }
}

impl From<Vec<String>> for Audience {
    fn from(names: Vec<String>) -> Self {
        Self(names)
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [only] => serializer.serialize_str(only),
            several => several.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;

        impl<'de> Visitor<'de> for Names {
            type Value = Audience;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E>(self, name: &str) -> Result<Audience, E> {
                Ok(name.into())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Audience, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = items.next_element()? {
                    if names.len() == MAX_AUDIENCES {
                        return Err(A::Error::custom("too many audiences"));
                    }
                    names.push(name);
                }
                Ok(Audience(names))
            }
        }

        deserializer.deserialize_any(Names)
    }
}

/// Claims whose presence counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watched {
    pub(crate) required: Vec<String>,
    pub(crate) forbidden: Vec<String>,
}

/// The registered claims of one token.
#[derive(Default)]
pub(crate) struct Registered<'a> {
    pub(crate) iss: Option<Cow<'a, str>>,
    pub(crate) sub: Option<Cow<'a, str>>,
    pub(crate) aud: Option<Audiences<'a>>,
    pub(crate) exp: Option<Timestamp>,
    pub(crate) nbf: Option<Timestamp>,
    pub(crate) iat: Option<Timestamp>,
    /// One bit for each required claim that was found and is not `null`.
    pub(crate) found: u64,
    /// A claim that must not be there, and is.
    pub(crate) forbidden: Option<String>,
}

impl<'a> Registered<'a> {
    /// Takes the next claim.
    fn take(
        &mut self,
        members: &Members<'a>,
        name: &str,
        value: &'a str,
        watched: &Watched,
    ) -> Result<(), Problem> {
        match name {
            "iss" => self.iss = Some(members.text(value)?),
            "sub" => self.sub = Some(members.text(value)?),
            "aud" => self.aud = Some(Audiences::of(members, value)?),
            "exp" => self.exp = Some(time(value)?),
            "nbf" => self.nbf = Some(time(value)?),
            "iat" => self.iat = Some(time(value)?),
            "jti" => drop(members.text(value)?),
            _ => {}
        }
        self.watch(name, value != "null", watched);
        Ok(())
    }

    fn watch(&mut self, name: &str, present: bool, watched: &Watched) {
        if watched.forbidden.iter().any(|forbidden| forbidden == name) {
            self.forbidden = Some(name.to_owned());
        }
        if present && let Some(index) = watched.required.iter().position(|required| required == name) {
            self.found |= 1_u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or_default();
        }
    }
}

/// The claims of RFC 7519 4.1.
const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

fn time(value: &str) -> Result<Timestamp, Problem> {
    match value.parse() {
        Ok(seconds) => Ok(Timestamp::from_secs(seconds)),
        Err(_) => serde_json::from_str(value).map_err(|_| Problem::Malformed),
    }
}

/// `aud` as it stands: a string, or an array.
pub(crate) enum Audiences<'a> {
    One(Cow<'a, str>),
    Several(Audience),
}

impl<'a> Audiences<'a> {
    fn of(members: &Members<'a>, value: &'a str) -> Result<Self, Problem> {
        if value.starts_with('[') {
            return serde_json::from_str(value).map(Self::Several).map_err(|_| Problem::Malformed);
        }
        members.text(value).map(Self::One)
    }

    pub(crate) fn includes(&self, name: &str) -> bool {
        match self {
            Self::One(known) => known == name,
            Self::Several(names) => names.contains(name),
        }
    }

    /// Whether it is this name as a string: an array of one is not (draft-ietf-oauth-rfc7523bis 4).
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(self, Self::One(known) if known == name)
    }
}
