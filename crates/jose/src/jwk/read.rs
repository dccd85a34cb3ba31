//! Reads keys from DER: PKCS#8 (RFC 5958), SPKI (RFC 5280 4.1.2.7), PKCS#1 (RFC 8017 A.1), SEC 1 (RFC 5915), and the key
//! of a certificate (RFC 5280 4.1).

use zeroize::Zeroizing;

use super::der::{
    BROKEN, CONTEXT_0, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, PRIMITIVE_0, Reader, SEQUENCE,
};
use super::oid::{EC_PUBLIC_KEY, RSA_ENCRYPTION, bare, curve};
use crate::crypto::{PrivateMaterial, PublicMaterial};
use crate::error::Error;
use crate::key_type::{Curve, KeyType};

/// What a DER key holds.
pub(crate) enum Parsed {
    Public(PublicMaterial),
    /// Both halves.
    Pair(PublicMaterial, PrivateMaterial),
    /// A private number or seed whose public half must be computed.
    Number(KeyType, Zeroizing<Vec<u8>>),
}

/// Any form. Their first values tell them apart, so at most one fits.
pub(super) fn any(der: &[u8]) -> Result<Parsed, Error> {
    pkcs8(der)
        .or_else(|_| spki(der))
        .or_else(|_| rsa_private(der))
        .or_else(|_| sec1(der, None))
        .or_else(|_| rsa_public(der))
        .or_else(|_| certificate(der))
}

/// Whether it is a key of any kind, also of kinds that are not supported.
pub(super) fn is_key(der: &[u8]) -> bool {
    let spki = || {
        let mut outer = Reader(der);
        let mut info = outer.sequence()?;
        outer.end()?;
        info.sequence()?.take(OBJECT_IDENTIFIER)?;
        info.bits()?;
        info.end()
    };
    spki().is_ok() || any(der).is_ok()
}

/// The key of an X.509 certificate. Nothing else of the certificate is looked at: whether to trust it, its dates and its
/// names are not JOSE's to judge.
pub(super) fn certificate(der: &[u8]) -> Result<Parsed, Error> {
    let mut outer = Reader(der);
    let mut tbs = outer.sequence()?.sequence()?;
    outer.end()?;
    if tbs.peek(CONTEXT_0) {
        tbs.take(CONTEXT_0)?;
    }
    tbs.take(INTEGER)?;
    // The signature's algorithm, the issuer, the validity, the subject.
    for _ in 0..4 {
        tbs.take(SEQUENCE)?;
    }
    let rest = tbs.0;
    tbs.take(SEQUENCE)?;
    let length = rest.len().saturating_sub(tbs.0.len());
    spki(rest.get(..length).ok_or(BROKEN)?)
}

/// PKCS#8.
pub(crate) fn pkcs8(der: &[u8]) -> Result<Parsed, Error> {
    let mut outer = Reader(der);
    let mut info = outer.sequence()?;
    outer.end()?;
    info.version(&[0, 1])?;
    let mut algorithm = info.sequence()?;
    let inner = info.take(OCTET_STRING)?;
    match algorithm.take(OBJECT_IDENTIFIER)? {
        RSA_ENCRYPTION => rsa_private(inner),
        EC_PUBLIC_KEY => sec1(inner, Some(curve(algorithm.take(OBJECT_IDENTIFIER)?)?)),
        oid => match bare(oid).ok_or(BROKEN)? {
            // The seed alone (RFC 9881 6): what was expanded from it, or both, tells no more.
            key_type @ KeyType::MlDsa(_) => number(key_type, inner, PRIMITIVE_0),
            key_type => number(key_type, inner, OCTET_STRING),
        },
    }
}

/// SPKI.
pub(super) fn spki(der: &[u8]) -> Result<Parsed, Error> {
    let mut outer = Reader(der);
    let mut info = outer.sequence()?;
    outer.end()?;
    let mut algorithm = info.sequence()?;
    let bits = info.bits()?;
    info.end()?;
    match algorithm.take(OBJECT_IDENTIFIER)? {
        RSA_ENCRYPTION => rsa_public(bits),
        EC_PUBLIC_KEY => {
            let curve = curve(algorithm.take(OBJECT_IDENTIFIER)?)?;
            Ok(Parsed::Public(point(curve, bits)?))
        }
        oid => match bare(oid) {
            Some(KeyType::Okp(curve)) if bits.len() == curve.key_len() => {
                Ok(Parsed::Public(PublicMaterial::Okp { curve, x: bits.to_vec() }))
            }
            Some(KeyType::MlDsa(set)) if bits.len() == set.public_len() => {
                Ok(Parsed::Public(PublicMaterial::MlDsa { set, public: bits.to_vec() }))
            }
            _ => Err(BROKEN),
        },
    }
}

fn number(key_type: KeyType, inner: &[u8], tag: u8) -> Result<Parsed, Error> {
    let mut inner = Reader(inner);
    let number = Zeroizing::new(inner.take(tag)?.to_vec());
    inner.end()?;
    Ok(Parsed::Number(key_type, number))
}

/// PKCS#1 public key.
pub(super) fn rsa_public(der: &[u8]) -> Result<Parsed, Error> {
    let mut outer = Reader(der);
    let mut key = outer.sequence()?;
    outer.end()?;
    let (n, e) = (key.number()?.to_vec(), key.number()?.to_vec());
    key.end()?;
    Ok(Parsed::Public(PublicMaterial::Rsa { n, e }))
}

/// PKCS#1 private key of two primes.
pub(super) fn rsa_private(der: &[u8]) -> Result<Parsed, Error> {
    let mut outer = Reader(der);
    let mut key = outer.sequence()?;
    outer.end()?;
    key.version(&[0])?;
    let public = PublicMaterial::Rsa { n: key.number()?.to_vec(), e: key.number()?.to_vec() };
    let mut secret = || Ok::<_, Error>(Zeroizing::new(key.number()?.to_vec()));
    let private = PrivateMaterial::Rsa {
        d: secret()?,
        p: secret()?,
        q: secret()?,
        dp: secret()?,
        dq: secret()?,
        qi: secret()?,
    };
    key.end()?;
    Ok(Parsed::Pair(public, private))
}

/// SEC 1 private key; `known` is the curve that a PKCS#8 wrapper names.
pub(super) fn sec1(der: &[u8], known: Option<Curve>) -> Result<Parsed, Error> {
    let mut outer = Reader(der);
    let mut key = outer.sequence()?;
    outer.end()?;
    key.version(&[1])?;
    let number = Zeroizing::new(key.take(OCTET_STRING)?.to_vec());
    let named = if key.peek(CONTEXT_0) {
        Some(curve(Reader(key.take(CONTEXT_0)?).take(OBJECT_IDENTIFIER)?)?)
    } else {
        None
    };
    match (known, named) {
        (Some(known), Some(named)) if known != named => Err(BROKEN),
        (known, named) => {
            let curve = known.or(named).ok_or(BROKEN)?;
            // Backends differ on shorter ones, and a JWK of such a number could not be read (RFC 7518 6.2.2).
            if number.len() != curve.coordinate_len() {
                return Err(Error::InvalidKey(
                    "the private number has not the length of its curve (RFC 5915 3)",
                ));
            }
            Ok(Parsed::Number(KeyType::Ec(curve), number))
        }
    }
}

/// An uncompressed point (SEC 1 2.3.3).
pub(crate) fn point(curve: Curve, bytes: &[u8]) -> Result<PublicMaterial, Error> {
    let [4, coordinates @ ..] = bytes else { return Err(BROKEN) };
    let (x, y) = coordinates.split_at_checked(curve.coordinate_len()).ok_or(BROKEN)?;
    if y.len() != curve.coordinate_len() {
        return Err(BROKEN);
    }
    Ok(PublicMaterial::Ec { curve, x: x.to_vec(), y: y.to_vec() })
}
