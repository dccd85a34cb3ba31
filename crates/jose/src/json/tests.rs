//! Strictness, beside serde_json walking with the same rules: what one takes, the other takes.

use std::collections::HashSet;
use std::fmt;

use proptest::prelude::*;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::{MAX_DEPTH, Members, Problem, check};
use crate::error::Error;

#[derive(Clone, Copy)]
struct Walk {
    depth: u8,
}

impl Walk {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth < MAX_DEPTH { Ok(Self { depth: self.depth + 1 }) } else { Err(E::custom("deep")) }
    }
}

impl<'de> DeserializeSeed<'de> for Walk {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inside = self.deeper()?;
        while items.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let (inside, mut names) = (self.deeper()?, HashSet::new());
        while let Some(name) = members.next_key::<String>()? {
            if name.starts_with("$serde_json::private::") || !names.insert(name) {
                return Err(A::Error::custom("twice"));
            }
            members.next_value_seed(inside)?;
        }
        Ok(())
    }
}

fn walks(text: &str) -> bool {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Walk { depth: 0 }.deserialize(&mut deserializer).and_then(|()| deserializer.end()).is_ok()
}

/// What a text may be made of, sound and not.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\"a\"",
    "\"b\"",
    "\"a\":",
    "\"\\u0061\":",
    "\"longer than a word\":",
    "\"é\":",
    "\"\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\\n\\\"\\\\\\/\"",
    "\"\\x\"",
    "\\",
    "\u{1}",
    "\u{7f}",
    "é",
    "😀",
    "0",
    "-0",
    "-",
    "1",
    "01",
    "12345678901234567890",
    "-1.5",
    "1.",
    ".5",
    "1e2",
    "1E+2",
    "1e",
    "1e400",
    "-1e-400",
    "true",
    "false",
    "null",
    "nul",
    "True",
    " ",
    "\n",
    "\t",
    "\r",
    "\u{b}",
    "\u{feff}",
    "\"$serde_json::private::RawValue\":",
    "{}",
    "[]",
    "1,",
    "\"a\":1,",
];

fn sound() -> impl Strategy<Value = String> {
    let name = prop_oneof!["[a-c]{0,2}", "\\PC{0,20}", "[a-z\"\\\\\u{0}-\u{20}]{0,20}"];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        name.clone().prop_map(Into::into),
    ];
    leaf.prop_recursive(20, 60, 24, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..24).prop_map(Into::into),
            proptest::collection::btree_map(name.clone(), inner, 0..24)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
    .prop_flat_map(|value| {
        let texts = [value.to_string(), serde_json::to_string_pretty(&value).unwrap()];
        proptest::sample::select(texts.to_vec())
    })
}

proptest! {
    #[test]
    fn what_serde_json_writes_is_read(text in sound()) {
        prop_assert_eq!(check("x", &text).is_ok(), walks(&text));
    }

    #[test]
    fn what_is_changed_is_taken_or_refused_as_by_serde_json(
        text in sound(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), 0..3_usize, proptest::sample::select(PIECES)), 1..4),
    ) {
        let mut text: Vec<char> = text.chars().collect();
        for (at, taken, piece) in changes {
            let at = at.index(text.len() + 1);
            let end = (at + taken).min(text.len());
            text.splice(at..end, piece.chars());
        }
        let text: String = text.into_iter().collect();
        prop_assert_eq!(check("x", &text).is_ok(), walks(&text), "{}", text);
    }

    #[test]
    fn what_is_put_together_is_taken_or_refused_as_by_serde_json(
        pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..12),
    ) {
        let text = pieces.concat();
        prop_assert_eq!(check("x", &text).is_ok(), walks(&text), "{}", text);
    }
}

#[test]
fn depth_ends_where_it_is_said_to() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |depth: u8| format!("{}0{}", open.repeat(depth.into()), close.repeat(depth.into()));
        assert!(check("x", &nested(MAX_DEPTH)).is_ok());
        assert!(check("x", &nested(MAX_DEPTH + 1)).is_err());
        assert!(check("x", &nested(200)).is_err());
    }
}

#[test]
fn a_name_stands_once_among_few_and_among_many() {
    for count in [1, 2, 15, 16, 17, 18, 64, 300] {
        let names: Vec<String> = (0..count).map(|at| format!("\"n{at}\":0")).collect();
        let object = |names: &[String]| format!("{{{}}}", names.join(","));
        assert!(check("x", &object(&names)).is_ok(), "{count}");
        for twice in [0, count / 2, count - 1] {
            let again = names[twice].clone();
            let disguised = again.replace('n', "\\u006e");
            for more in [again, disguised] {
                let text = object(&[names.as_slice(), &[more]].concat());
                assert_eq!(check("x", &text), Err(Error::DuplicateMember("x")), "{text}");
            }
        }
    }
}

#[test]
fn members_come_one_after_another_as_they_stand() {
    let text = r#" { "a" : "b" , "\u0063":[1, {"d":2}],"e":"\n","f":{},"g":-0.5 } "#;
    let mut members = Members::of(text);
    let mut seen = Vec::new();
    while let Some(name) = members.next().unwrap() {
        let value = members.value().unwrap();
        seen.push((name.into_owned(), value, members.text(value).map(String::from)));
    }
    let told =
        |name: &str, value, text: Result<&str, Problem>| (name.to_owned(), value, text.map(String::from));
    assert_eq!(
        seen,
        [
            told("a", "\"b\"", Ok("b")),
            told("c", r#"[1, {"d":2}]"#, Err(Problem::Malformed)),
            told("e", r#""\n""#, Ok("\n")),
            told("f", "{}", Err(Problem::Malformed)),
            told("g", "-0.5", Err(Problem::Malformed)),
        ]
    );
    for text in ["[]", "\"a\"", "", "{", "{}}", "{} 1", "{,}", "{\"a\":1,}", "{\"a\"}", "{\"a\":}"] {
        let read = |mut members: Members<'_>| {
            while members.next()?.is_some() {
                members.value()?;
            }
            Ok(())
        };
        assert_eq!(read(Members::of(text)), Err(Problem::Malformed), "{text}");
    }
}
