//! How values stand in the columns.

use std::error::Error;

use authmint_server::storage::TokenHash;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::records::Json;

type Converted<T> = Result<T, Box<dyn Error + Sync + Send>>;

/// Any text. PostgreSQL has none with a NUL in it, strangers have: it is written as two other characters, in a way that
/// keeps different texts different.
#[derive(Debug)]
pub(super) struct Text<'a>(pub(super) &'a str);

impl ToSql for Text<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Converted<IsNull> {
        if self.0.contains(['\0', '\u{1}']) {
            self.0.replace('\u{1}', "\u{1}1").replace('\0', "\u{1}0").to_sql(kind, out)
        } else {
            self.0.to_sql(kind, out)
        }
    }

    fn accepts(kind: &Type) -> bool {
        <&str as ToSql>::accepts(kind)
    }

    to_sql_checked!();
}

/// A [`Text`] as it was before it was written.
pub(super) struct Plain(pub(super) String);

impl<'a> FromSql<'a> for Plain {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Converted<Self> {
        let text = <&str as FromSql<'_>>::from_sql(kind, raw)?;
        Ok(Self(text.replace("\u{1}0", "\0").replace("\u{1}1", "\u{1}")))
    }

    fn accepts(kind: &Type) -> bool {
        <&str as FromSql<'_>>::accepts(kind)
    }
}

impl<T: Serialize + std::fmt::Debug> ToSql for Json<T> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Converted<IsNull> {
        self.write()?.to_sql(kind, out)
    }

    fn accepts(kind: &Type) -> bool {
        <&str as ToSql>::accepts(kind)
    }

    to_sql_checked!();
}

impl<'a, T: DeserializeOwned> FromSql<'a> for Json<T> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Converted<Self> {
        Ok(Self::read(<&str as FromSql<'_>>::from_sql(kind, raw)?)?)
    }

    fn accepts(kind: &Type) -> bool {
        <&str as FromSql<'_>>::accepts(kind)
    }
}

/// A hash as the bytes of its column.
pub(super) fn bytes(hash: &TokenHash) -> &[u8] {
    hash.as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Vec<u8> {
        let mut out = BytesMut::new();
        Text(text).to_sql(&Type::TEXT, &mut out).unwrap();
        out.to_vec()
    }

    #[test]
    fn no_two_texts_are_written_alike_and_none_with_a_nul() {
        let texts = ["a", "a\0", "a\u{1}", "a\u{1}0", "a\u{1}1", "a\0\u{1}", "a\u{1}\0", "a0", "a1"];
        let mut all: Vec<_> = texts.map(written).to_vec();
        assert!(all.iter().all(|text| !text.contains(&0)));
        for (text, written) in texts.iter().zip(&all) {
            assert_eq!(Plain::from_sql(&Type::TEXT, written).unwrap().0, *text);
        }
        all.sort();
        all.dedup();
        assert_eq!(all.len(), texts.len());
        assert_eq!(written("orders"), b"orders");
    }
}
