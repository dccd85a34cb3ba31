//! Base64url as JOSE uses it (RFC 7515 2): no padding, no whitespace, no stray bits.

use data_encoding::BASE64URL_NOPAD;

use crate::error::Error;

/// Encodes bytes.
///
/// ```
/// assert_eq!(authmint_jose::base64url::encode(&[3, 236, 255, 224, 193]), "A-z_4ME");
/// ```
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// Decodes text; one byte string has exactly one text.
///
/// # Errors
/// [`Error::Base64`] for anything else than what [`encode`] writes.
pub fn decode(text: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    decode_into(text, &mut bytes)?;
    Ok(bytes)
}

/// Decodes text in place of what is in `bytes`.
pub(crate) fn decode_into(text: &str, bytes: &mut Vec<u8>) -> Result<(), Error> {
    let length = BASE64URL_NOPAD.decode_len(text.len()).map_err(|_| Error::Base64)?;
    bytes.resize(length, 0);
    BASE64URL_NOPAD.decode_mut(text.as_bytes(), bytes).map(drop).map_err(|_| Error::Base64)
}

/// Appends the encoding of `bytes` to `out`.
pub(crate) fn append(bytes: &[u8], out: &mut String) {
    BASE64URL_NOPAD.encode_append(bytes, out);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_in_the_buffer_does_not_matter(
            mut buffer in proptest::collection::vec(any::<u8>(), 0..80),
            bytes in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            decode_into(&encode(&bytes), &mut buffer).unwrap();
            prop_assert_eq!(buffer, bytes);
        }
    }
}
