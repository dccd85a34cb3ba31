//! Compression of the plaintext by DEFLATE (RFC 7516 4.1.3, RFC 1951), bounded when it is undone.

use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use zeroize::Zeroizing;

use crate::error::Error;

/// The level that zlib takes where none is named.
const LEVEL: u8 = 6;

pub(super) fn deflate(plaintext: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(compress_to_vec(plaintext, LEVEL))
}

/// Inflates to at most `limit` bytes; what would be longer is refused when the limit is reached, not after.
pub(super) fn inflate(compressed: &[u8], limit: usize) -> Result<Zeroizing<Vec<u8>>, Error> {
    decompress_to_vec_with_limit(compressed, limit).map(Zeroizing::new).map_err(|problem| {
        if problem.status == miniz_oxide::inflate::TINFLStatus::HasMoreOutput {
            Error::TooLong("the plaintext")
        } else {
            Error::Malformed { what: "the plaintext", expected: "compressed by DEFLATE (RFC 1951)" }
        }
    })
}
