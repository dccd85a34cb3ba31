//! Ed448 and X448 (RFC 8032, RFC 7748), for either backend: neither AWS-LC nor a released crate has them.

use ed448_goldilocks::{Signature, SigningKey as Signer, VerifyingKey as Verifier};
use zeroize::Zeroizing;

use super::{SigningKey, VerifyingKey};
use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::key_type::OkpCurve;

const BROKEN: Error = Error::InvalidKey("its numbers do not form a valid key");

pub(super) fn verifier(curve: OkpCurve, x: &[u8]) -> Result<Box<dyn VerifyingKey>, Error> {
    if curve != OkpCurve::Ed448 {
        return Err(Error::KeyMismatch);
    }
    let point: [u8; 57] = x.try_into().map_err(|_| BROKEN)?;
    Ok(Box::new(Ed448Verifier(Verifier::from_bytes(&point).map_err(|_| BROKEN)?)))
}

pub(super) fn signer(
    curve: OkpCurve,
    x: &[u8],
    d: &Zeroizing<Vec<u8>>,
) -> Result<Box<dyn SigningKey>, Error> {
    if curve != OkpCurve::Ed448 {
        return Err(Error::KeyMismatch);
    }
    let key = Signer::try_from(d.as_slice()).map_err(|_| BROKEN)?;
    if key.verifying_key().to_bytes().as_slice() != x {
        return Err(BROKEN);
    }
    Ok(Box::new(Ed448Signer(key)))
}

pub(super) fn public(curve: OkpCurve, d: &[u8]) -> Result<Vec<u8>, Error> {
    match curve {
        OkpCurve::Ed448 => {
            let key = Signer::try_from(d).map_err(|_| BROKEN)?;
            Ok(key.verifying_key().to_bytes().as_slice().to_vec())
        }
        OkpCurve::X448 => {
            let number: [u8; 56] = d.try_into().map_err(|_| BROKEN)?;
            Ok(x448::PublicKey::from(&x448::StaticSecret::from(number)).as_bytes().to_vec())
        }
        OkpCurve::Ed25519 | OkpCurve::X25519 => Err(Error::KeyMismatch),
    }
}

struct Ed448Verifier(Verifier);

impl VerifyingKey for Ed448Verifier {
    fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let signature = Signature::from_slice(signature).map_err(|_| Error::BadSignature)?;
        self.0.verify_raw(&signature, message).map_err(|_| Error::BadSignature)
    }
}

struct Ed448Signer(Signer);

impl SigningKey for Ed448Signer {
    fn sign(&self, _: Algorithm, message: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        take(self.0.sign_raw(message).to_bytes().as_slice());
        Ok(())
    }
}

#[cfg(feature = "jwe")]
pub(super) use encryption::{agree_ephemeral, agreement};

#[cfg(feature = "jwe")]
mod encryption {
    use super::{BROKEN, Error, OkpCurve, Zeroizing, public};
    use crate::crypto::{Agreement, Backend, PublicMaterial};

    pub(in crate::crypto) fn agreement(
        x: &[u8],
        d: &Zeroizing<Vec<u8>>,
    ) -> Result<Box<dyn Agreement>, Error> {
        if public(OkpCurve::X448, d)? != x {
            return Err(BROKEN);
        }
        let number: [u8; 56] = d.as_slice().try_into().map_err(|_| BROKEN)?;
        Ok(Box::new(Private(x448::StaticSecret::from(number))))
    }

    pub(in crate::crypto) fn agree_ephemeral(
        backend: &dyn Backend,
        peer: &PublicMaterial,
    ) -> Result<(PublicMaterial, Zeroizing<Vec<u8>>), Error> {
        let mut number = Zeroizing::new([0; 56]);
        backend.fill_random(number.as_mut())?;
        let x = public(OkpCurve::X448, number.as_ref())?;
        let secret = Private(x448::StaticSecret::from(*number)).agree(peer)?;
        Ok((PublicMaterial::Okp { curve: OkpCurve::X448, x }, secret))
    }

    struct Private(x448::StaticSecret);

    impl Agreement for Private {
        fn agree(&self, peer: &PublicMaterial) -> Result<Zeroizing<Vec<u8>>, Error> {
            const REFUSED: Error = Error::InvalidKey("the other's key is not a point of this key's curve");
            let PublicMaterial::Okp { curve: OkpCurve::X448, x } = peer else { return Err(REFUSED) };
            // Points of low order are refused when they are read.
            let peer = x448::PublicKey::from_bytes(x).ok_or(REFUSED)?;
            let secret = Zeroizing::new(self.0.diffie_hellman(&peer).as_bytes().to_vec());
            if secret.iter().all(|byte| *byte == 0) {
                return Err(REFUSED);
            }
            Ok(secret)
        }
    }
}
