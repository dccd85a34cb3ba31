//! The names of one object, each once.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::Problem;

/// Up to this many names, a list costs less than a tree.
const FEW: usize = 16;

/// How serde_json's own names begin, by which it tells itself that a string is more JSON: what is behind one would be read
/// without a bound and without a look at its names.
const INTERNAL: &str = "$serde_json::private::";

#[derive(Default)]
pub(crate) struct Names<'a> {
    few: [&'a str; FEW],
    count: usize,
    /// The marks of the few: most names that differ, differ in these already.
    marks: u64,
    /// Those that came later, or are no part of the text because of their escapes.
    others: BTreeSet<Cow<'a, str>>,
}

impl<'a> Names<'a> {
    /// Adds a name.
    ///
    /// # Errors
    /// [`Problem::Duplicate`] if it was there, or is one of serde_json's own.
    #[allow(clippy::ptr_arg, reason = "a name that is part of the text is kept as such")]
    #[inline]
    pub(super) fn insert(&mut self, name: &Cow<'a, str>) -> Result<(), Problem> {
        let mark = mark(name);
        if name.starts_with(INTERNAL) || (self.marks & mark != 0 && self.contains(name)) {
            return Err(Problem::Duplicate);
        }
        self.marks |= mark;
        match (name, self.few.get_mut(self.count)) {
            (Cow::Borrowed(name), Some(free)) => {
                *free = name;
                self.count = self.count.saturating_add(1);
            }
            _ => {
                self.others.insert(name.clone());
            }
        }
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.marks == 0
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.iter_few().any(|known| known == name) || self.others.contains(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.iter_few().chain(self.others.iter().map(|name| &**name))
    }

    fn iter_few(&self) -> impl Iterator<Item = &'a str> {
        self.few.iter().copied().take(self.count)
    }
}

/// One bit of 64, by three letters: chosen so that the names of claims and of JWKs that go together get different ones.
#[inline]
fn mark(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let letter = |at: Option<&u8>| at.copied().map_or(0, u32::from);
    let (first, middle, last) = (bytes.first(), bytes.get(bytes.len() / 2), bytes.last());
    let sum = letter(first).wrapping_mul(31).wrapping_add(letter(middle)).wrapping_add(letter(last));
    1 << (sum & 63)
}
