//! The elliptic curves of NIST and secp256k1: signatures, and for the former, key agreement.

use crate::algorithm::Algorithm;
use crate::crypto::{SigningKey, VerifyingKey};
use crate::error::Error;
use crate::jwk::write;

use super::BROKEN;

/// One curve, by the crate that has it.
macro_rules! curve {
    ($name:ident, $normalize:expr) => {
        pub(super) mod $name {
            use ::$name::ecdsa::signature::{Signer as _, Verifier as _};
            use ::$name::ecdsa::{Signature, SigningKey as Private, VerifyingKey as Public};

            use super::{Algorithm, BROKEN, Error, SigningKey, VerifyingKey, write};

            pub(in super::super) fn verifier(x: &[u8], y: &[u8]) -> Result<Box<dyn VerifyingKey>, Error> {
                let key = Public::from_sec1_bytes(&write::uncompressed(x, y)).map_err(|_| BROKEN)?;
                Ok(Box::new(Verifier(key)))
            }

            pub(in super::super) fn signer(d: &[u8]) -> Result<Box<dyn SigningKey>, Error> {
                Ok(Box::new(Signer(Private::from_slice(d).map_err(|_| BROKEN)?)))
            }

            pub(in super::super) fn public(d: &[u8]) -> Result<Vec<u8>, Error> {
                let key = Private::from_slice(d).map_err(|_| BROKEN)?;
                Ok(key.verifying_key().to_sec1_point(false).as_bytes().to_vec())
            }

            struct Signer(Private);

            impl SigningKey for Signer {
                fn sign(
                    &self,
                    _: Algorithm,
                    message: &[u8],
                    take: &mut dyn FnMut(&[u8]),
                ) -> Result<(), Error> {
                    let signature: Signature =
                        self.0.try_sign(message).map_err(|_| Error::Backend("signing"))?;
                    take(&signature.to_bytes());
                    Ok(())
                }
            }

            struct Verifier(Public);

            impl VerifyingKey for Verifier {
                fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
                    let signature = Signature::from_slice(signature).map_err(|_| Error::BadSignature)?;
                    let normalize: fn(Signature) -> Signature = $normalize;
                    self.0.verify(message, &normalize(signature)).map_err(|_| Error::BadSignature)
                }
            }
        }
    };
}

curve!(p256, |signature| signature);
curve!(p384, |signature| signature);
curve!(p521, |signature| signature);
// RFC 8812 3.2 asks for no low S, as Bitcoin does and this crate with it.
curve!(k256, |signature| signature.normalize_s());
