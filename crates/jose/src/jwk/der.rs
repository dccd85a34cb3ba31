//! DER (X.690) as far as keys need it: definite, minimal lengths, whole-byte bit strings, positive integers.
//!
//! The reader never looks past what it was given.

use zeroize::Zeroizing;

use crate::error::Error;

pub(super) const BROKEN: Error = Error::InvalidKey("its DER is broken or of a kind that is not supported");

pub(super) const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const CONTEXT_0: u8 = 0xa0;
pub(super) const CONTEXT_1: u8 = 0xa1;
/// `[0]` around plain bytes: the seed of an ML-DSA key.
pub(super) const PRIMITIVE_0: u8 = 0x80;

/// A reader over one DER value after another.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    /// The content of the next value, which must have this tag.
    pub(super) fn take(&mut self, tag: u8) -> Result<&'a [u8], Error> {
        let [found, first, rest @ ..] = self.0 else { return Err(BROKEN) };
        if *found != tag {
            return Err(BROKEN);
        }
        let (length, rest) = match (*first, rest) {
            (short @ 0..=0x7f, rest) => (usize::from(short), rest),
            (0x81, [long @ 0x80..=0xff, rest @ ..]) => (usize::from(*long), rest),
            (0x82, [high @ 1..=0xff, low, rest @ ..]) => {
                (usize::from(u16::from_be_bytes([*high, *low])), rest)
            }
            _ => return Err(BROKEN),
        };
        let (content, rest) = rest.split_at_checked(length).ok_or(BROKEN)?;
        self.0 = rest;
        Ok(content)
    }

    pub(super) fn sequence(&mut self) -> Result<Reader<'a>, Error> {
        self.take(SEQUENCE).map(Reader)
    }

    /// A positive integer without its leading zero.
    pub(super) fn number(&mut self) -> Result<&'a [u8], Error> {
        match self.take(INTEGER)? {
            [0, rest @ ..] if rest.first().is_some_and(|byte| *byte >= 0x80) => Ok(rest),
            plain @ [1..=0x7f, ..] => Ok(plain),
            _ => Err(BROKEN),
        }
    }

    pub(super) fn version(&mut self, expected: &[u8]) -> Result<(), Error> {
        match self.take(INTEGER)? {
            [version] if expected.contains(version) => Ok(()),
            _ => Err(BROKEN),
        }
    }

    /// A bit string of whole bytes.
    pub(super) fn bits(&mut self) -> Result<&'a [u8], Error> {
        match self.take(BIT_STRING)? {
            [0, bytes @ ..] => Ok(bytes),
            _ => Err(BROKEN),
        }
    }

    /// Whether a value of this tag comes next.
    pub(super) fn peek(&self, tag: u8) -> bool {
        self.0.first() == Some(&tag)
    }

    pub(super) fn end(&self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(BROKEN) }
    }
}

/// Content with its tag and length. What is written holds keys more often than not, so all of it is wiped.
pub(super) fn tagged(tag: u8, content: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count().min(length.len().saturating_sub(1));
    let significant = length.get(zeros..).unwrap_or_default();
    let mut value = Zeroizing::new(Vec::with_capacity(content.len().saturating_add(10)));
    value.push(tag);
    if content.len() >= 0x80 {
        // The count of a usize's bytes is at most 8.
        value.push(0x80 | u8::try_from(significant.len()).unwrap_or_default());
    }
    value.extend_from_slice(significant);
    value.extend_from_slice(content);
    value
}

/// A sequence of values that are already encoded.
pub(super) fn sequence(values: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    tagged(SEQUENCE, &Zeroizing::new(values.concat()))
}

/// A positive integer: leading zeros go, one comes where the first bit would be a sign.
pub(super) fn integer(number: &[u8]) -> Zeroizing<Vec<u8>> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let number = number.get(zeros..).unwrap_or_default();
    let sign: &[u8] = if number.first().is_none_or(|byte| *byte >= 0x80) { &[0] } else { &[] };
    tagged(INTEGER, &Zeroizing::new([sign, number].concat()))
}

/// A bit string of whole bytes.
pub(super) fn bit_string(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    tagged(BIT_STRING, &Zeroizing::new([&[0], bytes].concat()))
}

pub(super) fn null() -> Zeroizing<Vec<u8>> {
    tagged(NULL, &[])
}
