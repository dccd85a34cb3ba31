//! One pass over the claims: each is read strictly, looked at by its name, and handed on to the caller's own type.
//!
//! What a type takes and what a policy looks at are then the same, and a text is read once.

use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::{REGISTERED, Registered, Watched};
use crate::error::Error;
use crate::json::{Members, Problem};

/// The claims of one payload.
pub(crate) struct ClaimsReader<'a, 'w> {
    members: Members<'a>,
    registered: Registered<'a>,
    watched: &'w Watched,
    /// The claim that was read last.
    name: Cow<'a, str>,
    value: &'a str,
    /// That it was all, or why there can be no more.
    ended: Option<Result<(), Error>>,
}

impl<'a, 'w> ClaimsReader<'a, 'w> {
    /// `watched` are the names whose presence counts.
    #[inline]
    pub(crate) fn of(payload: &'a str, watched: &'w Watched) -> Self {
        Self {
            members: Members::of(payload),
            registered: Registered::default(),
            watched,
            name: Cow::default(),
            value: "",
            ended: None,
        }
    }

    /// The registered claims, once all has been read.
    pub(crate) fn registered(&mut self) -> Result<&Registered<'a>, Error> {
        while self.go_on() {}
        self.ended.clone().unwrap_or(Ok(()))?;
        Ok(&self.registered)
    }

    /// Reads the next claim, if there is one.
    fn go_on(&mut self) -> bool {
        if self.ended.is_none() {
            self.ended = match self.next() {
                Ok(true) => None,
                Ok(false) => Some(Ok(())),
                Err(problem) => Some(Err(problem)),
            };
        }
        self.ended.is_none()
    }

    #[inline]
    fn next(&mut self) -> Result<bool, Error> {
        let malformed = |problem: Problem| problem.of("the claims set");
        let Some(name) = self.members.next().map_err(malformed)? else { return Ok(false) };
        self.name = name;
        let taken = self.members.value().and_then(|value| {
            self.value = value;
            self.registered.take(&self.members, &self.name, value, self.watched)
        });
        taken.map_err(|problem| match REGISTERED.into_iter().find(|known| *known == self.name) {
            Some(claim) => Error::InvalidClaim(claim),
            None => malformed(problem),
        })?;
        Ok(true)
    }
}

/// Whatever asks for an object's members gets them; other types are not for this reader to know.
impl<'de> Deserializer<'de> for &mut ClaimsReader<'de, '_> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for &mut ClaimsReader<'de, '_> {
    type Error = serde_json::Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        match (self.go_on(), &self.name) {
            (true, Cow::Borrowed(name)) => seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some),
            (true, Cow::Owned(name)) => seed.deserialize(StrDeserializer::new(name)).map(Some),
            (false, _) if self.ended == Some(Ok(())) => Ok(None),
            (false, _) => Err(Self::Error::custom("refused")),
        }
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Self::Error> {
        let text = match self.members.text(self.value) {
            Ok(Cow::Borrowed(text)) => Some(text),
            _ => None,
        };
        seed.deserialize(Value { json: self.value, text })
    }
}

/// The value of one claim.
struct Value<'a> {
    json: &'a str,
    /// What it is, where that is a string and stands there as it is.
    text: Option<&'a str>,
}

/// What serde_json does with the value's text.
macro_rules! by_serde_json {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Self::Error> {
            serde_json::Deserializer::from_str(self.json).$method($($argument,)* visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = serde_json::Error;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.text {
            Some(text) => visitor.visit_borrowed_str(text),
            None => serde_json::Deserializer::from_str(self.json).deserialize_any(visitor),
        }
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.json == "null" { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    #[inline]
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { str string identifier }

    by_serde_json! {
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_map();
        deserialize_struct(name: &'static str, fields: &'static [&'static str]);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
    }
}
