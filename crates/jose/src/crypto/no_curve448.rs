//! Stands where Ed448 and X448 would be: without the feature `curve448` they are refused by name.

use zeroize::Zeroizing;

use super::{SigningKey, VerifyingKey};
use crate::error::Error;
use crate::key_type::OkpCurve;

pub(super) fn verifier(curve: OkpCurve, _: &[u8]) -> Result<Box<dyn VerifyingKey>, Error> {
    Err(Error::Unsupported(curve.name()))
}

pub(super) fn signer(
    curve: OkpCurve,
    _: &[u8],
    _: &Zeroizing<Vec<u8>>,
) -> Result<Box<dyn SigningKey>, Error> {
    Err(Error::Unsupported(curve.name()))
}

pub(super) fn public(curve: OkpCurve, _: &[u8]) -> Result<Vec<u8>, Error> {
    Err(Error::Unsupported(curve.name()))
}

#[cfg(feature = "jwe")]
pub(super) use encryption::{agree_ephemeral, agreement};

#[cfg(feature = "jwe")]
mod encryption {
    use super::{Error, OkpCurve, Zeroizing};
    use crate::crypto::{Agreement, Backend, PublicMaterial};

    pub(in crate::crypto) fn agreement(
        _: &[u8],
        _: &Zeroizing<Vec<u8>>,
    ) -> Result<Box<dyn Agreement>, Error> {
        Err(Error::Unsupported(OkpCurve::X448.name()))
    }

    pub(in crate::crypto) fn agree_ephemeral(
        _: &dyn Backend,
        _: &PublicMaterial,
    ) -> Result<(PublicMaterial, Zeroizing<Vec<u8>>), Error> {
        Err(Error::Unsupported(OkpCurve::X448.name()))
    }
}
