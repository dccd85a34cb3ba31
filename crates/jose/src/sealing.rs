//! Sealing what rests elsewhere: signing keys in a store, state in a cookie.
//!
//! A sealed value is a compact JWE (RFC 7516 7.1) with `alg: dir` and `enc: A256GCM`. Its purpose stands in the protected
//! header as `typ`, so that what was sealed for one purpose can't be opened for another.

use std::fmt;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::base64url;
use crate::crypto::{Aead, Hash, ciphers, fill_random};
use crate::error::Error;
use crate::secret::Secret;

/// The longest value that is sealed and opened, encoded.
const MAX_BYTES: usize = 1024 * 1024;

/// A key of 256 bits that seals and opens.
///
/// ```
/// use authmint_jose::SealingKey;
///
/// let key = SealingKey::generate()?;
/// let sealed = key.seal("session-cookie", b"user 17")?;
/// assert_eq!(&**key.open("session-cookie", &sealed)?, b"user 17");
/// assert!(key.open("reset-link", &sealed).is_err());
/// # Ok::<(), authmint_jose::Error>(())
/// ```
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; 32]>);

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    enc: &'a str,
    typ: &'a str,
}

impl SealingKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// When the source of randomness fails.
    pub fn generate() -> Result<Self, Error> {
        let mut key = Zeroizing::new([0; 32]);
        fill_random(key.as_mut())?;
        Ok(Self(key))
    }

    /// Reads a key as [`export`](Self::export) writes it: 32 bytes in base64url.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn from_base64url(text: &str) -> Result<Self, Error> {
        let bytes = Zeroizing::new(base64url::decode(text)?);
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return Err(Error::InvalidKey("a sealing key is 32 bytes in base64url: 43 characters"));
        }
        key.copy_from_slice(&bytes);
        Ok(Self(key))
    }

    /// The key in base64url, to be kept apart from what it seals.
    #[must_use]
    pub fn export(&self) -> Secret {
        Secret::new(base64url::encode(self.0.as_ref()))
    }

    /// Another key for another purpose (HKDF-SHA256, RFC 5869).
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Self {
        // One block of HKDF's second step (RFC 5869 2.3) is one HMAC.
        Self(self.hmac(&[purpose.as_bytes(), &[1]]))
    }

    /// Seals a value for a purpose.
    ///
    /// # Errors
    /// When the source of randomness fails.
    pub fn seal(&self, context: &str, plaintext: &[u8]) -> Result<String, Error> {
        let mut iv = [0; 12];
        fill_random(&mut iv)?;
        let header = encoded_header(context)?;
        let mut data = plaintext.to_vec();
        let tag = ciphers().seal(Aead::A256Gcm, self.0.as_ref(), &iv, header.as_bytes(), &mut data)?;
        let mut sealed = header;
        sealed.push_str("..");
        base64url::append(&iv, &mut sealed);
        sealed.push('.');
        base64url::append(&data, &mut sealed);
        sealed.push('.');
        base64url::append(&tag, &mut sealed);
        if sealed.len() > MAX_BYTES {
            return Err(Error::TooLong("the value to seal"));
        }
        Ok(sealed)
    }

    /// Opens a value that was sealed for this purpose.
    ///
    /// # Errors
    /// [`Error::Sealed`] for everything else, whatever it is.
    pub fn open(&self, context: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        if sealed.len() > MAX_BYTES {
            return Err(Error::TooLong("the sealed value"));
        }
        let mut parts = sealed.split('.');
        let mut next = || parts.next().ok_or(Error::Sealed);
        let (header, key, iv, data, tag) = (next()?, next()?, next()?, next()?, next()?);
        // The header is ours or none: nothing in it is interpreted.
        if parts.next().is_some() || !key.is_empty() || header != encoded_header(context)? {
            return Err(Error::Sealed);
        }
        let decode = |text: &str| base64url::decode(text).map_err(|_| Error::Sealed);
        let (iv, data, tag) = (decode(iv)?, decode(data)?, decode(tag)?);
        ciphers()
            .open(Aead::A256Gcm, self.0.as_ref(), &iv, header.as_bytes(), &data, &tag)
            .map_err(|_| Error::Sealed)
    }

    /// A MAC of `data` (HMAC-SHA256), by a key of its own.
    #[must_use]
    pub fn mac(&self, data: &[u8]) -> [u8; 32] {
        // Ends otherwise than what `derive` computes, so that no MAC is ever a key.
        *Self(self.hmac(&[b"mac", &[0]])).hmac(&[data, &[0]])
    }

    fn hmac(&self, parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut mac = Zeroizing::new([0; 32]);
        mac.copy_from_slice(&ciphers().hmac(Hash::Sha256, self.0.as_ref(), parts));
        mac
    }
}

fn encoded_header(context: &str) -> Result<String, Error> {
    let header = Header { alg: "dir", enc: "A256GCM", typ: context };
    serde_json::to_vec(&header)
        .map(|json| base64url::encode(&json))
        .map_err(|_| Error::Backend("writing a header"))
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(***)")
    }
}
