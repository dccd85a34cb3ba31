//! As much DER as keys need: PKCS#8 (RFC 5958), SPKI (RFC 5280 4.1.2.7), PKCS#1 (RFC 8017 A.1), SEC 1 (RFC 5915).
//!
//! The reader takes definite, minimal lengths only and never looks past what it was given.

use zeroize::Zeroizing;

use crate::algorithm::{Curve, KeyType, MlDsa, OkpCurve};
use crate::crypto::{PrivateMaterial, PublicMaterial};
use crate::error::Error;

const BROKEN: Error = Error::InvalidKey("its DER is broken or of a kind that is not supported");

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const CONTEXT_0: u8 = 0xa0;
/// `[0]` around plain bytes: the seed of an ML-DSA key.
const PRIMITIVE_0: u8 = 0x80;

const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// What a DER key holds.
pub(crate) enum Parsed {
    Public(PublicMaterial),
    /// Both halves.
    Pair(PublicMaterial, PrivateMaterial),
    /// A private number or seed whose public half must be computed.
    Number(KeyType, Zeroizing<Vec<u8>>),
}

/// A reader over one DER value after another.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The content of the next value, which must have this tag.
    fn take(&mut self, tag: u8) -> Result<&'a [u8], Error> {
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

    fn sequence(&mut self) -> Result<Reader<'a>, Error> {
        self.take(SEQUENCE).map(Reader)
    }

    /// A positive integer without its leading zero.
    fn number(&mut self) -> Result<&'a [u8], Error> {
        match self.take(INTEGER)? {
            [0, rest @ ..] if rest.first().is_some_and(|byte| *byte >= 0x80) => Ok(rest),
            plain @ [1..=0x7f, ..] => Ok(plain),
            _ => Err(BROKEN),
        }
    }

    fn version(&mut self, expected: &[u8]) -> Result<(), Error> {
        match self.take(INTEGER)? {
            [version] if expected.contains(version) => Ok(()),
            _ => Err(BROKEN),
        }
    }

    /// A bit string of whole bytes.
    fn bits(&mut self) -> Result<&'a [u8], Error> {
        match self.take(BIT_STRING)? {
            [0, bytes @ ..] => Ok(bytes),
            _ => Err(BROKEN),
        }
    }

    fn end(&self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(BROKEN) }
    }
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
pub(crate) fn spki(der: &[u8]) -> Result<Parsed, Error> {
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

/// The types whose identifier says everything: no parameters follow (RFC 8410 3, RFC 9881 2).
fn bare(oid: &[u8]) -> Option<KeyType> {
    Some(match oid {
        [0x2b, 0x65, 0x6e] => KeyType::Okp(OkpCurve::X25519),
        [0x2b, 0x65, 0x6f] => KeyType::Okp(OkpCurve::X448),
        [0x2b, 0x65, 0x70] => KeyType::Okp(OkpCurve::Ed25519),
        [0x2b, 0x65, 0x71] => KeyType::Okp(OkpCurve::Ed448),
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x11] => KeyType::MlDsa(MlDsa::MlDsa44),
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12] => KeyType::MlDsa(MlDsa::MlDsa65),
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x13] => KeyType::MlDsa(MlDsa::MlDsa87),
        _ => return None,
    })
}

/// PKCS#1 public key.
pub(crate) fn rsa_public(der: &[u8]) -> Result<Parsed, Error> {
    let mut outer = Reader(der);
    let mut key = outer.sequence()?;
    outer.end()?;
    let (n, e) = (key.number()?.to_vec(), key.number()?.to_vec());
    key.end()?;
    Ok(Parsed::Public(PublicMaterial::Rsa { n, e }))
}

/// PKCS#1 private key of two primes.
pub(crate) fn rsa_private(der: &[u8]) -> Result<Parsed, Error> {
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
pub(crate) fn sec1(der: &[u8], known: Option<Curve>) -> Result<Parsed, Error> {
    let mut outer = Reader(der);
    let mut key = outer.sequence()?;
    outer.end()?;
    key.version(&[1])?;
    let number = Zeroizing::new(key.take(OCTET_STRING)?.to_vec());
    let named = match key.take(CONTEXT_0) {
        Ok(parameters) => Some(curve(Reader(parameters).take(OBJECT_IDENTIFIER)?)?),
        Err(_) => None,
    };
    match (known, named) {
        (Some(known), Some(named)) if known != named => Err(BROKEN),
        (known, named) => Ok(Parsed::Number(KeyType::Ec(known.or(named).ok_or(BROKEN)?), number)),
    }
}

/// A SEC 1 private key without its public half, for a backend to complete.
pub(crate) fn sec1_private_key(curve: Curve, number: &[u8]) -> Zeroizing<Vec<u8>> {
    let parameters = tagged(CONTEXT_0, &tagged(OBJECT_IDENTIFIER, curve_oid(curve)));
    let number = Zeroizing::new(tagged(OCTET_STRING, number));
    let body = Zeroizing::new([tagged(INTEGER, &[1]).as_slice(), &number, &parameters].concat());
    Zeroizing::new(tagged(SEQUENCE, &body))
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

/// Content with tag and length; contents here are shorter than 128 bytes or fit one length byte.
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap_or(u8::MAX);
    let header: &[u8] = if length < 0x80 { &[tag, length] } else { &[tag, 0x81, length] };
    [header, content].concat()
}

fn curve_oid(curve: Curve) -> &'static [u8] {
    match curve {
        Curve::P256 => &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
        Curve::P384 => &[0x2b, 0x81, 0x04, 0x00, 0x22],
        Curve::P521 => &[0x2b, 0x81, 0x04, 0x00, 0x23],
        Curve::Secp256k1 => &[0x2b, 0x81, 0x04, 0x00, 0x0a],
    }
}

fn curve(oid: &[u8]) -> Result<Curve, Error> {
    Curve::ALL.iter().copied().find(|curve| curve_oid(*curve) == oid).ok_or(BROKEN)
}
