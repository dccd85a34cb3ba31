//! The backend in Rust alone, on the crates of RustCrypto and dalek: it needs no C compiler.
//!
//! Private RSA operations need the feature `pure-rsa-private-operations`: the `rsa` crate leaked keys by the time it took
//! (RUSTSEC-2023-0071) before its version 0.10, and its work on constant time is not finished.

#[cfg(feature = "jwe")]
mod ciphers;
mod ec;
mod ml_dsa;
mod rsa;

use ed25519_dalek::{Signature, Signer as _, SigningKey as EdPrivate, VerifyingKey as EdPublic};
use getrandom::SysRng;
use getrandom::rand_core::TryRng as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use self::ec::{k256, p256, p384, p521};
use super::{Backend, MacKey, PrivateMaterial, PublicMaterial, RsaSize, SigningKey, VerifyingKey, curve448};
use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::jwk::read;
use crate::key_type::{Curve, KeyType, OkpCurve};

/// Cryptography in Rust alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pure;

const BROKEN: Error = Error::InvalidKey("its numbers do not form a valid key");

impl Backend for Pure {
    fn mac_key(&self, secret: &[u8], algorithm: Algorithm) -> Result<MacKey, Error> {
        let key = match algorithm {
            Algorithm::HS256 => MacState::Sha256(Hmac::new_from_slice(secret).map_err(|_| BROKEN)?),
            Algorithm::HS384 => MacState::Sha384(Hmac::new_from_slice(secret).map_err(|_| BROKEN)?),
            Algorithm::HS512 => MacState::Sha512(Hmac::new_from_slice(secret).map_err(|_| BROKEN)?),
            _ => return Err(Error::KeyMismatch),
        };
        Ok(MacKey { signing: Box::new(key.clone()), verifying: Box::new(key) })
    }

    fn verifying_key(&self, public: &PublicMaterial) -> Result<Box<dyn VerifyingKey>, Error> {
        match public {
            PublicMaterial::Rsa { n, e } => rsa::verifier(n, e),
            PublicMaterial::Ec { curve, x, y } => match curve {
                Curve::P256 => p256::verifier(x, y),
                Curve::P384 => p384::verifier(x, y),
                Curve::P521 => p521::verifier(x, y),
                Curve::Secp256k1 => k256::verifier(x, y),
            },
            PublicMaterial::Okp { curve: OkpCurve::Ed25519, x } => {
                let point: [u8; 32] = x.as_slice().try_into().map_err(|_| BROKEN)?;
                Ok(Box::new(EdVerifier(EdPublic::from_bytes(&point).map_err(|_| BROKEN)?)))
            }
            PublicMaterial::Okp { curve, x } => curve448::verifier(*curve, x),
            PublicMaterial::MlDsa { set, public } => ml_dsa::verifier(*set, public),
        }
    }

    fn signing_key(
        &self,
        public: &PublicMaterial,
        private: &PrivateMaterial,
    ) -> Result<Box<dyn SigningKey>, Error> {
        // Halves that don't belong together sign what nobody can verify, or tell the private one.
        let derived = match private {
            PrivateMaterial::Rsa { .. } => return rsa::signer(public, private),
            PrivateMaterial::Ec { d } | PrivateMaterial::Okp { d } => {
                self.derive_public(public.key_type(), d)?
            }
            PrivateMaterial::MlDsa { seed } => self.derive_public(public.key_type(), seed)?,
        };
        if derived != *public {
            return Err(BROKEN);
        }
        match (public, private) {
            (PublicMaterial::Ec { curve, .. }, PrivateMaterial::Ec { d }) => match curve {
                Curve::P256 => p256::signer(d),
                Curve::P384 => p384::signer(d),
                Curve::P521 => p521::signer(d),
                Curve::Secp256k1 => k256::signer(d),
            },
            (PublicMaterial::Okp { curve: OkpCurve::Ed25519, .. }, PrivateMaterial::Okp { d }) => {
                Ok(Box::new(EdSigner(ed25519(d)?)))
            }
            (PublicMaterial::Okp { curve, x }, PrivateMaterial::Okp { d }) => curve448::signer(*curve, x, d),
            (PublicMaterial::MlDsa { set, .. }, PrivateMaterial::MlDsa { seed }) => {
                ml_dsa::signer(*set, seed)
            }
            _ => Err(Error::KeyMismatch),
        }
    }

    fn derive_public(&self, key_type: KeyType, private: &[u8]) -> Result<PublicMaterial, Error> {
        match key_type {
            KeyType::Ec(curve) => {
                let point = match curve {
                    Curve::P256 => p256::public(private),
                    Curve::P384 => p384::public(private),
                    Curve::P521 => p521::public(private),
                    Curve::Secp256k1 => k256::public(private),
                };
                read::point(curve, &point?)
            }
            KeyType::Okp(curve @ OkpCurve::Ed25519) => {
                Ok(PublicMaterial::Okp { curve, x: ed25519(private)?.verifying_key().to_bytes().to_vec() })
            }
            KeyType::Okp(curve @ OkpCurve::X25519) => {
                let number: [u8; 32] = private.try_into().map_err(|_| BROKEN)?;
                let secret = x25519_dalek::StaticSecret::from(number);
                Ok(PublicMaterial::Okp {
                    curve,
                    x: x25519_dalek::PublicKey::from(&secret).to_bytes().to_vec(),
                })
            }
            KeyType::Okp(curve) => Ok(PublicMaterial::Okp { curve, x: curve448::public(curve, private)? }),
            KeyType::MlDsa(set) => Ok(PublicMaterial::MlDsa { set, public: ml_dsa::public(set, private)? }),
            KeyType::Rsa | KeyType::Secret => Err(Error::KeyMismatch),
        }
    }

    fn generate(&self, key_type: KeyType) -> Result<(PublicMaterial, PrivateMaterial), Error> {
        if matches!(key_type, KeyType::Rsa | KeyType::Secret) {
            return Err(Error::KeyMismatch);
        }
        let number = random_number(key_type)?;
        let public = self.derive_public(key_type, &number)?;
        Ok((public, PrivateMaterial::of_number(key_type, number)?))
    }

    fn generate_rsa(&self, size: RsaSize) -> Result<(PublicMaterial, PrivateMaterial), Error> {
        rsa::generate(size)
    }

    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        Sha256::digest(data).into()
    }

    fn sha384(&self, data: &[u8]) -> [u8; 48] {
        Sha384::digest(data).into()
    }

    fn sha512(&self, data: &[u8]) -> [u8; 64] {
        Sha512::digest(data).into()
    }

    fn constant_time_eq(&self, a: &[u8], b: &[u8]) -> bool {
        a.ct_eq(b).into()
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), Error> {
        SysRng.try_fill_bytes(buffer).map_err(|_| Error::Backend("reading random bytes"))
    }
}

/// A private number of this type. Of an elliptic curve it must lie below the order: one that does not, which is rare, is
/// thrown away.
fn random_number(key_type: KeyType) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut number = Zeroizing::new(vec![0; key_type.number_len()]);
    for _ in 0..64 {
        Pure.fill_random(&mut number)?;
        if let (KeyType::Ec(Curve::P521), Some(first)) = (key_type, number.first_mut()) {
            // 521 bits are 65 bytes and one bit.
            *first &= 1;
        }
        if !matches!(key_type, KeyType::Ec(_)) || Pure.derive_public(key_type, &number).is_ok() {
            return Ok(number);
        }
    }
    Err(Error::Backend("generating a key"))
}

#[derive(Clone)]
enum MacState {
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
}

impl SigningKey for MacState {
    fn sign(&self, _: Algorithm, message: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        match self {
            Self::Sha256(key) => take(&key.clone().chain_update(message).finalize().into_bytes()),
            Self::Sha384(key) => take(&key.clone().chain_update(message).finalize().into_bytes()),
            Self::Sha512(key) => take(&key.clone().chain_update(message).finalize().into_bytes()),
        }
        Ok(())
    }
}

impl VerifyingKey for MacState {
    fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        match self {
            Self::Sha256(key) => key.clone().chain_update(message).verify_slice(signature),
            Self::Sha384(key) => key.clone().chain_update(message).verify_slice(signature),
            Self::Sha512(key) => key.clone().chain_update(message).verify_slice(signature),
        }
        .map_err(|_| Error::BadSignature)
    }
}

fn ed25519(seed: &[u8]) -> Result<EdPrivate, Error> {
    let seed = Zeroizing::new(<[u8; 32]>::try_from(seed).map_err(|_| BROKEN)?);
    Ok(EdPrivate::from_bytes(&seed))
}

struct EdSigner(EdPrivate);

impl SigningKey for EdSigner {
    fn sign(&self, _: Algorithm, message: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        take(&self.0.try_sign(message).map_err(|_| Error::Backend("signing"))?.to_bytes());
        Ok(())
    }
}

struct EdVerifier(EdPublic);

impl VerifyingKey for EdVerifier {
    fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let signature = Signature::from_slice(signature).map_err(|_| Error::BadSignature)?;
        self.0.verify_strict(message, &signature).map_err(|_| Error::BadSignature)
    }
}
