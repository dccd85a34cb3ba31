//! Writes keys as DER: the reverse of [`read`](super::read).

use zeroize::Zeroizing;

use super::der::{
    CONTEXT_0, CONTEXT_1, OBJECT_IDENTIFIER, OCTET_STRING, PRIMITIVE_0, bit_string, integer, null, sequence,
    tagged,
};
use super::oid::{EC_PUBLIC_KEY, RSA_ENCRYPTION, curve_oid, ml_dsa_oid, okp_oid};
use crate::crypto::{PrivateMaterial, PublicMaterial};
use crate::error::Error;
use crate::key_type::Curve;

/// Bytes that may be a private key.
type Der = Zeroizing<Vec<u8>>;

/// SPKI (RFC 5280 4.1.2.7).
pub(crate) fn spki(public: &PublicMaterial) -> Der {
    let key = match public {
        PublicMaterial::Rsa { n, e } => rsa_public(n, e),
        PublicMaterial::Ec { x, y, .. } => Zeroizing::new(uncompressed(x, y)),
        PublicMaterial::Okp { x: key, .. } | PublicMaterial::MlDsa { public: key, .. } => {
            Zeroizing::new(key.clone())
        }
    };
    sequence(&[&algorithm(public), &bit_string(&key)])
}

/// PKCS#8 (RFC 5958), of the first version: without the public half, which not every reader knows.
///
/// # Errors
/// [`Error::KeyMismatch`] when the halves are of different types.
pub(crate) fn pkcs8(public: &PublicMaterial, private: &PrivateMaterial) -> Result<Der, Error> {
    let key = match (public, private) {
        (PublicMaterial::Rsa { .. }, PrivateMaterial::Rsa { .. }) => rsa_private(public, private)?,
        // The wrapper names the curve already.
        (PublicMaterial::Ec { x, y, .. }, PrivateMaterial::Ec { d }) => sec1_parts(d, None, Some((x, y))),
        (PublicMaterial::Okp { .. }, PrivateMaterial::Okp { d }) => tagged(OCTET_STRING, d),
        (PublicMaterial::MlDsa { .. }, PrivateMaterial::MlDsa { seed }) => tagged(PRIMITIVE_0, seed),
        _ => return Err(Error::KeyMismatch),
    };
    Ok(sequence(&[&integer(&[0]), &algorithm(public), &tagged(OCTET_STRING, &key)]))
}

/// PKCS#1 public key (RFC 8017 A.1.1).
pub(super) fn rsa_public(n: &[u8], e: &[u8]) -> Der {
    sequence(&[&integer(n), &integer(e)])
}

/// PKCS#1 private key (RFC 8017 A.1.2).
pub(super) fn rsa_private(public: &PublicMaterial, private: &PrivateMaterial) -> Result<Der, Error> {
    let (PublicMaterial::Rsa { n, e }, PrivateMaterial::Rsa { d, p, q, dp, dq, qi }) = (public, private)
    else {
        return Err(Error::KeyMismatch);
    };
    let numbers = [&[0][..], n, e, d, p, q, dp, dq, qi].map(integer);
    Ok(sequence(&numbers.each_ref().map(|number| number.as_slice())))
}

/// SEC 1 private key with both halves and the curve's name (RFC 5915 3).
pub(super) fn sec1(public: &PublicMaterial, private: &PrivateMaterial) -> Result<Der, Error> {
    match (public, private) {
        (PublicMaterial::Ec { curve, x, y }, PrivateMaterial::Ec { d }) => {
            Ok(sec1_parts(d, Some(*curve), Some((x, y))))
        }
        _ => Err(Error::KeyMismatch),
    }
}

#[cfg(feature = "aws-lc")]
/// A SEC 1 private key without its public half, for a backend to complete.
pub(crate) fn sec1_number(curve: Curve, number: &[u8]) -> Der {
    sec1_parts(number, Some(curve), None)
}

fn sec1_parts(number: &[u8], curve: Option<Curve>, point: Option<(&Vec<u8>, &Vec<u8>)>) -> Der {
    let curve = curve.map(|curve| tagged(CONTEXT_0, &tagged(OBJECT_IDENTIFIER, curve_oid(curve))));
    let curve = curve.unwrap_or_default();
    let point = point.map(|(x, y)| tagged(CONTEXT_1, &bit_string(&uncompressed(x, y)))).unwrap_or_default();
    sequence(&[&integer(&[1]), &tagged(OCTET_STRING, number), &curve, &point])
}

/// An uncompressed point (SEC 1 2.3.3).
pub(crate) fn uncompressed(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

fn algorithm(public: &PublicMaterial) -> Der {
    let oid = |oid| tagged(OBJECT_IDENTIFIER, oid);
    match public {
        PublicMaterial::Rsa { .. } => sequence(&[&oid(RSA_ENCRYPTION), &null()]),
        PublicMaterial::Ec { curve, .. } => sequence(&[&oid(EC_PUBLIC_KEY), &oid(curve_oid(*curve))]),
        PublicMaterial::Okp { curve, .. } => sequence(&[&oid(okp_oid(*curve))]),
        PublicMaterial::MlDsa { set, .. } => sequence(&[&oid(ml_dsa_oid(*set))]),
    }
}
