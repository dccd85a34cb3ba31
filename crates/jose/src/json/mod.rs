//! Strict JSON: no member twice, no deep nesting (RFC 7515 4, RFC 8725 3.4).
//!
//! Two parsers that choose differently among equal names see two different tokens, so neither gets to choose.

mod names;
mod scan;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub(crate) use self::names::Names;
use self::scan::{Scanner, unescape};
use crate::error::Error;

/// How deep arrays and objects may nest.
const MAX_DEPTH: u8 = 16;

/// What is wrong with a text. It does not quote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    Malformed,
    Duplicate,
}

impl Problem {
    pub(crate) fn of(self, what: &'static str) -> Error {
        match self {
            Self::Malformed => malformed(what),
            Self::Duplicate => Error::DuplicateMember(what),
        }
    }
}

pub(crate) fn malformed(what: &'static str) -> Error {
    Error::Malformed { what, expected: "a JSON object of bounded depth" }
}

/// The members of an object that is the whole text, one after another: [`next`](Self::next), then
/// [`value`](Self::value), until there is none.
pub(crate) struct Members<'a> {
    scanner: Scanner<'a>,
    names: Names<'a>,
    is_object: bool,
}

impl<'a> Members<'a> {
    #[inline]
    pub(crate) fn of(text: &'a str) -> Self {
        let mut scanner = Scanner::new(text);
        let is_object = scanner.take(b'{').is_some();
        Self { scanner, names: Names::default(), is_object }
    }

    /// The next name, which none before it had; `None` at the end of the text.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<Cow<'a, str>>, Problem> {
        if !self.is_object {
            return Err(Problem::Malformed);
        }
        let name = next_name(&mut self.scanner, &mut self.names)?;
        if name.is_none() && self.scanner.token().is_some() {
            return Err(Problem::Malformed);
        }
        Ok(name)
    }

    /// The value of the name that came last, as it stands in the text, with all that is in it read strictly.
    #[inline]
    pub(crate) fn value(&mut self) -> Result<&'a str, Problem> {
        self.scanner.token();
        let begun = self.scanner.at();
        value(&mut self.scanner, 1)?;
        self.scanner.since(begun).ok_or(Problem::Malformed)
    }

    /// What a value of this object is, where that is a string.
    #[inline]
    pub(crate) fn text(&self, value: &'a str) -> Result<Cow<'a, str>, Problem> {
        let string = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        meaning(&self.scanner, string.ok_or(Problem::Malformed)?)
    }

    /// The names so far.
    pub(crate) fn into_names(self) -> Names<'a> {
        self.names
    }
}

/// Checks that a whole JSON document has no member twice in one object and is not nested deeply; `what` names it in the error.
///
/// # Errors
/// [`Error::DuplicateMember`], or [`Error::Malformed`].
pub fn check(what: &'static str, text: &str) -> Result<(), Error> {
    let mut scanner = Scanner::new(text);
    value(&mut scanner, 0).map_err(|problem| problem.of(what))?;
    scanner.token().map_or(Ok(()), |_| Err(malformed(what)))
}

#[inline]
fn meaning<'a>(scanner: &Scanner<'a>, string: &'a str) -> Result<Cow<'a, str>, Problem> {
    if scanner.has_escapes() && string.contains('\\') {
        return unescape(string).map(Cow::Owned).ok_or(Problem::Malformed);
    }
    Ok(Cow::Borrowed(string))
}

/// The next name of an object whose brace is taken; `None` behind the last.
#[inline]
fn next_name<'a>(scanner: &mut Scanner<'a>, names: &mut Names<'a>) -> Result<Option<Cow<'a, str>>, Problem> {
    if scanner.take(b'}').is_some() {
        return Ok(None);
    }
    if !names.is_empty() {
        scanner.take(b',').ok_or(Problem::Malformed)?;
    }
    let string = scanner.string().ok_or(Problem::Malformed)?;
    let name = meaning(scanner, string)?;
    scanner.take(b':').ok_or(Problem::Malformed)?;
    names.insert(&name)?;
    Ok(Some(name))
}

fn value(scanner: &mut Scanner<'_>, depth: u8) -> Result<(), Problem> {
    let inside = || if depth < MAX_DEPTH { Ok(depth.saturating_add(1)) } else { Err(Problem::Malformed) };
    let read = match scanner.token() {
        Some(b'{') => return object(scanner, inside()?),
        Some(b'[') => return array(scanner, inside()?),
        Some(b'"') => scanner.string().map(drop),
        Some(b't') => scanner.word("true"),
        Some(b'f') => scanner.word("false"),
        Some(b'n') => scanner.word("null"),
        _ => scanner.number(),
    };
    read.ok_or(Problem::Malformed)
}

fn object(scanner: &mut Scanner<'_>, depth: u8) -> Result<(), Problem> {
    scanner.take(b'{').ok_or(Problem::Malformed)?;
    let mut names = Names::default();
    while next_name(scanner, &mut names)?.is_some() {
        value(scanner, depth)?;
    }
    Ok(())
}

fn array(scanner: &mut Scanner<'_>, depth: u8) -> Result<(), Problem> {
    scanner.take(b'[').ok_or(Problem::Malformed)?;
    let mut first = true;
    while scanner.take(b']').is_none() {
        if !first {
            scanner.take(b',').ok_or(Problem::Malformed)?;
        }
        value(scanner, depth)?;
        first = false;
    }
    Ok(())
}
