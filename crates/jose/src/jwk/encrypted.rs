//! Private keys under a password: encrypted PKCS#8 (RFC 5958 3) by PBES2 (RFC 8018 6.2, A.4), that is PBKDF2 and AES-CBC.

use std::num::NonZeroU32;

use zeroize::Zeroizing;

use super::der::{
    BROKEN, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE, integer, null, sequence, tagged,
};
use crate::crypto::{Hash, ciphers, fill_random};
use crate::error::Error;

const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
const HMAC_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09];
const HMAC_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x0a];
const HMAC_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x0b];
const AES_128_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02];
const AES_192_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x16];
const AES_256_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a];

/// The iterations of a new key.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(600_000).unwrap();
/// The most iterations of a key that is read: several seconds.
const MAX_ITERATIONS: u32 = 10_000_000;

const UNSUPPORTED: Error = Error::InvalidKey(
    "it is encrypted in a way that is not supported; convert it with: openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256",
);

/// Decrypts to PKCS#8.
pub(super) fn open(der: &[u8], password: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut outer = Reader(der);
    let mut info = outer.sequence()?;
    outer.end()?;
    let mut algorithm = info.sequence()?;
    let encrypted = info.take(OCTET_STRING)?;
    info.end()?;
    if algorithm.take(OBJECT_IDENTIFIER)? != PBES2 {
        return Err(UNSUPPORTED);
    }
    let mut parameters = algorithm.sequence()?;
    let mut derivation = parameters.sequence()?;
    let mut cipher = parameters.sequence()?;
    if derivation.take(OBJECT_IDENTIFIER)? != PBKDF2 {
        return Err(UNSUPPORTED);
    }
    let mut derivation = derivation.sequence()?;
    let salt = derivation.take(OCTET_STRING)?;
    let iterations = iterations(derivation.number()?)?;
    if derivation.peek(INTEGER) {
        derivation.take(INTEGER)?;
    }
    // Where none is named it is HMAC with SHA-1, which nobody needs any more.
    let hash = match (derivation.peek(SEQUENCE), derivation) {
        (true, mut rest) => match rest.sequence()?.take(OBJECT_IDENTIFIER)? {
            HMAC_SHA256 => Hash::Sha256,
            HMAC_SHA384 => Hash::Sha384,
            HMAC_SHA512 => Hash::Sha512,
            _ => return Err(UNSUPPORTED),
        },
        _ => return Err(UNSUPPORTED),
    };
    let length = match cipher.take(OBJECT_IDENTIFIER)? {
        AES_128_CBC => 16,
        AES_192_CBC => 24,
        AES_256_CBC => 32,
        _ => return Err(UNSUPPORTED),
    };
    let iv = cipher.take(OCTET_STRING)?.try_into().map_err(|_| BROKEN)?;
    let mut key = Zeroizing::new(vec![0; length]);
    ciphers().pbkdf2(hash, password, salt, iterations, &mut key);
    // Nothing authenticates it; a wrong password gives a wrong padding, or else no key.
    let wrong = |_| Error::InvalidKey("the password is not the one it was encrypted with");
    let plain = ciphers().decrypt_cbc(&key, iv, encrypted).map_err(wrong)?;
    if Reader(&plain).sequence().is_err() {
        return Err(wrong(Error::Decryption));
    }
    Ok(plain)
}

/// Encrypts PKCS#8: PBKDF2 with HMAC-SHA256 and AES-256-CBC, as OpenSSL does.
pub(super) fn seal(pkcs8: &[u8], password: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let (mut salt, mut iv, mut key) = ([0; 16], [0; 16], Zeroizing::new([0; 32]));
    fill_random(&mut salt)?;
    fill_random(&mut iv)?;
    ciphers().pbkdf2(Hash::Sha256, password, &salt, ITERATIONS, key.as_mut());
    let encrypted = ciphers().encrypt_cbc(key.as_ref(), iv, pkcs8)?;
    let oid = |oid| tagged(OBJECT_IDENTIFIER, oid);
    let prf = sequence(&[&oid(HMAC_SHA256), &null()]);
    let count = integer(&ITERATIONS.get().to_be_bytes());
    let derivation = sequence(&[&oid(PBKDF2), &sequence(&[&tagged(OCTET_STRING, &salt), &count, &prf])]);
    let cipher = sequence(&[&oid(AES_256_CBC), &tagged(OCTET_STRING, &iv)]);
    let algorithm = sequence(&[&oid(PBES2), &sequence(&[&derivation, &cipher])]);
    Ok(sequence(&[&algorithm, &tagged(OCTET_STRING, &encrypted)]))
}

fn iterations(number: &[u8]) -> Result<NonZeroU32, Error> {
    let number =
        number.iter().try_fold(0_u32, |sum, byte| sum.checked_mul(256)?.checked_add(u32::from(*byte)));
    number
        .filter(|number| *number <= MAX_ITERATIONS)
        .and_then(NonZeroU32::new)
        .ok_or(Error::OutOfBounds("the number of iterations of the encrypted key"))
}
