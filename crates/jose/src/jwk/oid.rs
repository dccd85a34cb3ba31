//! The object identifiers of keys, as the bytes of DER (RFC 8017 A, RFC 5480 2.1, RFC 8410 3, RFC 8812 3, RFC 9881 2).

use super::der::BROKEN;
use crate::error::Error;
use crate::key_type::{Curve, KeyType, MlDsa, OkpCurve};

pub(super) const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
pub(super) const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

pub(super) const fn curve_oid(curve: Curve) -> &'static [u8] {
    match curve {
        Curve::P256 => &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
        Curve::P384 => &[0x2b, 0x81, 0x04, 0x00, 0x22],
        Curve::P521 => &[0x2b, 0x81, 0x04, 0x00, 0x23],
        Curve::Secp256k1 => &[0x2b, 0x81, 0x04, 0x00, 0x0a],
    }
}

pub(super) fn curve(oid: &[u8]) -> Result<Curve, Error> {
    Curve::ALL.iter().copied().find(|curve| curve_oid(*curve) == oid).ok_or(BROKEN)
}

pub(super) const fn okp_oid(curve: OkpCurve) -> &'static [u8] {
    match curve {
        OkpCurve::X25519 => &[0x2b, 0x65, 0x6e],
        OkpCurve::X448 => &[0x2b, 0x65, 0x6f],
        OkpCurve::Ed25519 => &[0x2b, 0x65, 0x70],
        OkpCurve::Ed448 => &[0x2b, 0x65, 0x71],
    }
}

pub(super) const fn ml_dsa_oid(set: MlDsa) -> &'static [u8] {
    match set {
        MlDsa::MlDsa44 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x11],
        MlDsa::MlDsa65 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12],
        MlDsa::MlDsa87 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x13],
    }
}

/// The types whose identifier says everything: no parameters follow (RFC 8410 3, RFC 9881 2).
pub(super) fn bare(oid: &[u8]) -> Option<KeyType> {
    let okp = OkpCurve::ALL.iter().copied().find(|curve| okp_oid(*curve) == oid).map(KeyType::Okp);
    okp.or_else(|| MlDsa::ALL.iter().copied().find(|set| ml_dsa_oid(*set) == oid).map(KeyType::MlDsa))
}
