//! The content's ciphers (RFC 7518 5; draft-amringer-jose-chacha).

use zeroize::Zeroizing;

use super::algorithm::{Composition, ContentEncryption};
use crate::crypto::{Ciphers, Hash};
use crate::error::Error;
use crate::secret::constant_time_eq;

/// What encryption gives.
pub(super) struct Sealed {
    pub(super) iv: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
    pub(super) tag: Vec<u8>,
}

/// Encrypts with a fresh initialization vector.
pub(super) fn seal(
    ciphers: &dyn Ciphers,
    encryption: ContentEncryption,
    key: &[u8],
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Sealed, Error> {
    let mut iv = vec![0; encryption.iv_len()];
    crate::crypto::fill_random(&mut iv)?;
    let (ciphertext, tag) = match encryption.composition() {
        Composition::Aead(aead) => {
            let mut data = plaintext.to_vec();
            let tag = ciphers.seal(aead, key, &iv, aad, &mut data)?;
            (data, tag.to_vec())
        }
        Composition::CbcHmac(hash) => {
            let (mac_key, cbc_key) = halves(encryption, key).ok_or(Error::KeyMismatch)?;
            let block = iv.as_slice().try_into().map_err(|_| Error::Backend("encrypting"))?;
            let ciphertext = ciphers.encrypt_cbc(cbc_key, block, plaintext)?;
            let tag = cbc_tag(ciphers, hash, encryption, mac_key, [aad, &iv, &ciphertext]);
            (ciphertext, tag.to_vec())
        }
    };
    Ok(Sealed { iv, ciphertext, tag })
}

/// Decrypts what is authentic. The tag comes first; nothing of the plaintext exists before it fits.
pub(super) fn open(
    ciphers: &dyn Ciphers,
    encryption: ContentEncryption,
    key: &[u8],
    aad: &[u8],
    sealed: &Sealed,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let fits = key.len() == encryption.key_len()
        && sealed.iv.len() == encryption.iv_len()
        && sealed.tag.len() == encryption.tag_len();
    if !fits {
        return Err(Error::Decryption);
    }
    match encryption.composition() {
        Composition::Aead(aead) => ciphers.open(aead, key, &sealed.iv, aad, &sealed.ciphertext, &sealed.tag),
        Composition::CbcHmac(hash) => {
            let (mac_key, cbc_key) = halves(encryption, key).ok_or(Error::Decryption)?;
            let tag = cbc_tag(ciphers, hash, encryption, mac_key, [aad, &sealed.iv, &sealed.ciphertext]);
            if !constant_time_eq(&tag, &sealed.tag) {
                return Err(Error::Decryption);
            }
            let iv = sealed.iv.as_slice().try_into().map_err(|_| Error::Decryption)?;
            ciphers.decrypt_cbc(cbc_key, iv, &sealed.ciphertext)
        }
    }
}

/// The key of the MAC and the key of the cipher (RFC 7518 5.2.2.1 step 1).
fn halves(encryption: ContentEncryption, key: &[u8]) -> Option<(&[u8], &[u8])> {
    (key.len() == encryption.key_len()).then(|| key.split_at(key.len() / 2))
}

/// The first half of the HMAC over the associated data, the vector, the ciphertext and the length in bits of the first
/// (RFC 7518 5.2.2.1 steps 4 and 5).
fn cbc_tag(
    ciphers: &dyn Ciphers,
    hash: Hash,
    encryption: ContentEncryption,
    key: &[u8],
    [aad, iv, ciphertext]: [&[u8]; 3],
) -> Zeroizing<Vec<u8>> {
    let bits = u64::try_from(aad.len()).unwrap_or(u64::MAX).saturating_mul(8).to_be_bytes();
    let mut tag = ciphers.hmac(hash, key, &[aad, iv, ciphertext, &bits]);
    tag.truncate(encryption.tag_len());
    tag
}
