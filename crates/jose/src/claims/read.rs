//! One pass over the claims: each is read strictly, looked at by its name, and handed on to the caller's own type.

use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, StringDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::{REGISTERED, Registered, Watched};
use crate::error::Error;
use crate::json::{Members, Problem};

impl<'a> Registered<'a> {
    /// Reads the claims of a payload, strictly; `watched` are the names whose presence counts. Whether they are a `T` is
    /// told apart, since what a policy says of them comes first.
    pub(crate) fn read<T: DeserializeOwned>(
        payload: &'a str,
        watched: &Watched,
    ) -> Result<(Self, Result<T, Error>), Error> {
        let members = Members::of(payload).map_err(malformed)?;
        let mut reader = Reader { members, claims: Self::default(), watched, value: "", ended: Ok(false) };
        let read = T::deserialize(&mut reader);
        let claims = reader.finish()?;
        // A type that is more than an object with members is not for the reader to know.
        let read = read.or_else(|_| serde_json::from_str(payload)).map_err(|_| Error::ClaimsForm);
        Ok((claims, read))
    }
}

fn malformed(problem: Problem) -> Error {
    problem.of("the claims set")
}

struct Reader<'a, 'w> {
    members: Members<'a>,
    claims: Registered<'a>,
    watched: &'w Watched,
    /// Of the claim that was read last.
    value: &'a str,
    /// Whether that was all, or why there can be no more.
    ended: Result<bool, Error>,
}

impl<'a> Reader<'a, '_> {
    #[inline]
    fn next(&mut self) -> Result<Option<Cow<'a, str>>, Error> {
        let Some(name) = self.members.next().map_err(malformed)? else {
            self.ended = Ok(true);
            return Ok(None);
        };
        let taken = self.members.value().and_then(|value| {
            self.value = value;
            self.claims.take(&self.members, &name, value, self.watched)
        });
        match taken {
            Ok(()) => Ok(Some(name)),
            Err(problem) => Err(match REGISTERED.into_iter().find(|known| *known == name) {
                Some(claim) => Error::InvalidClaim(claim),
                None => malformed(problem),
            }),
        }
    }

    /// Reads what the caller's type left.
    fn finish(mut self) -> Result<Registered<'a>, Error> {
        while !self.ended.clone()? {
            self.next()?;
        }
        Ok(self.claims)
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de, '_> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        visitor.visit_map(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> MapAccess<'de> for &mut Reader<'de, '_> {
    type Error = serde_json::Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        match self.next() {
            Ok(Some(Cow::Borrowed(name))) => seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some),
            Ok(Some(Cow::Owned(name))) => seed.deserialize(StringDeserializer::new(name)).map(Some),
            Ok(None) => Ok(None),
            Err(problem) => {
                self.ended = Err(problem);
                Err(Self::Error::custom("refused"))
            }
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
