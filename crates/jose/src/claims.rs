//! The registered claims (RFC 7519 4.1), read once, borrowed, and by their exact JSON types.
//!
//! A time claim that is a string, `true`, `null`, an array, negative or infinite is an invalid token, never an absent
//! claim: "no expiry" must not be one typo away.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::error::Error;
use crate::json::{DUPLICATE, Name, Names, Strict};
use crate::time::Timestamp;

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
        Ok(Self(match AudienceSeed.deserialize(deserializer)? {
            Audiences::One(name) => vec![name.into_owned()],
            Audiences::Several(names) => names.into_iter().map(Cow::into_owned).collect(),
        }))
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
    /// Reads the claims of a payload, strictly; `watched` are the names whose presence counts.
    pub(crate) fn parse(payload: &'a str, watched: &Watched) -> Result<Self, Error> {
        let mut deserializer = serde_json::Deserializer::from_str(payload);
        let mut invalid = None;
        let seed = Seed { watched, invalid: &mut invalid };
        let parsed =
            seed.deserialize(&mut deserializer).and_then(|claims| deserializer.end().map(|()| claims));
        parsed.map_err(|problem| match invalid {
            Some(claim) => Error::InvalidClaim(claim),
            None => crate::json::error("the claims set", &problem),
        })
    }
}

struct Seed<'s> {
    watched: &'s Watched,
    /// The claim that was being read when it failed.
    invalid: &'s mut Option<&'static str>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Registered<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Registered<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut claims = Registered::default();
        let mut names = Names::new();
        while let Some(name) = members.next_key_seed(Name)? {
            *self.invalid = registered(&name);
            let present = match &*name {
                "iss" => set(&mut claims.iss, members.next_value_seed(Name)?),
                "sub" => set(&mut claims.sub, members.next_value_seed(Name)?),
                "aud" => set(&mut claims.aud, members.next_value_seed(AudienceSeed)?),
                "exp" => set(&mut claims.exp, members.next_value()?),
                "nbf" => set(&mut claims.nbf, members.next_value()?),
                "iat" => set(&mut claims.iat, members.next_value()?),
                "jti" => {
                    members.next_value_seed(Name)?;
                    true
                }
                _ => members.next_value_seed(Strict::MEMBER)?,
            };
            *self.invalid = None;
            if self.watched.forbidden.iter().any(|forbidden| *forbidden == *name) {
                claims.forbidden = Some(name.clone().into_owned());
            }
            if present
                && let Some(index) = self.watched.required.iter().position(|required| *required == *name)
            {
                claims.found |=
                    1_u64.checked_shl(u32::try_from(index).unwrap_or(u32::MAX)).unwrap_or_default();
            }
            if !names.insert(name) {
                return Err(A::Error::custom(DUPLICATE));
            }
        }
        Ok(claims)
    }
}

fn set<T>(slot: &mut Option<T>, value: T) -> bool {
    *slot = Some(value);
    true
}

fn registered(name: &str) -> Option<&'static str> {
    ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"].into_iter().find(|known| *known == name)
}

/// `aud` as it stands: a string, or an array.
pub(crate) enum Audiences<'a> {
    One(Cow<'a, str>),
    Several(Vec<Cow<'a, str>>),
}

impl Audiences<'_> {
    pub(crate) fn includes(&self, name: &str) -> bool {
        match self {
            Self::One(known) => known == name,
            Self::Several(names) => names.iter().any(|known| known == name),
        }
    }

    /// Whether it is this name as a string: an array of one is not (draft-ietf-oauth-rfc7523bis 4).
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(self, Self::One(known) if known == name)
    }
}

struct AudienceSeed;

impl<'de> DeserializeSeed<'de> for AudienceSeed {
    type Value = Audiences<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AudienceSeed {
    type Value = Audiences<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of strings")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Audiences::One(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Audiences::One(Cow::Owned(name.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut names = Vec::new();
        while let Some(name) = items.next_element_seed(Name)? {
            if names.len() == MAX_AUDIENCES {
                return Err(A::Error::custom("too many audiences"));
            }
            names.push(name);
        }
        Ok(Audiences::Several(names))
    }
}
