//! The backend on aws-lc-rs: the only folder that names it.

#[cfg(feature = "jwe")]
mod ciphers;
mod sign;

use aws_lc_rs::agreement::{self, X25519};
use aws_lc_rs::encoding::{AsBigEndian, AsDer, EcPrivateKeyBin, EcPublicKeyUncompressedBin, Pkcs8V1Der};
use aws_lc_rs::rand::fill;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED,
    ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED, ECDSA_P521_SHA512_FIXED_SIGNING, ED25519, EcdsaKeyPair, EcdsaSigningAlgorithm,
    EcdsaVerificationAlgorithm, Ed25519KeyPair, KeyPair, ML_DSA_44, ML_DSA_44_SIGNING, ML_DSA_65,
    ML_DSA_65_SIGNING, ML_DSA_87, ML_DSA_87_SIGNING, ParsedPublicKey, PqdsaKeyPair, PqdsaSigningAlgorithm,
    PqdsaVerificationAlgorithm, RsaKeyPair,
};
use aws_lc_rs::{constant_time, digest, hmac, rsa};
use zeroize::Zeroizing;

use self::sign::{EcSigner, EdSigner, Mac, MlDsaSigner, RsaSigner, RsaVerifier, Verifier};
use super::{Backend, MacKey, PrivateMaterial, PublicMaterial, RsaSize, SigningKey, VerifyingKey, curve448};
use crate::algorithm::Algorithm;
use crate::error::Error;
use crate::jwk::read::{self, Parsed};
use crate::jwk::write;
use crate::key_type::{Curve, KeyType, MlDsa, OkpCurve};

/// AWS-LC, through aws-lc-rs.
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLc;

const BROKEN: Error = Error::InvalidKey("its numbers do not form a valid key");

impl Backend for AwsLc {
    fn mac_key(&self, secret: &[u8], algorithm: Algorithm) -> Result<MacKey, Error> {
        let hash = match algorithm {
            Algorithm::HS256 => hmac::HMAC_SHA256,
            Algorithm::HS384 => hmac::HMAC_SHA384,
            Algorithm::HS512 => hmac::HMAC_SHA512,
            _ => return Err(Error::KeyMismatch),
        };
        let key = hmac::Key::new(hash, secret);
        Ok(MacKey { signing: Box::new(Mac(key.clone())), verifying: Box::new(Mac(key)) })
    }

    fn verifying_key(&self, public: &PublicMaterial) -> Result<Box<dyn VerifyingKey>, Error> {
        Ok(match public {
            PublicMaterial::Rsa { n, e } => Box::new(RsaVerifier::new(n, e)?),
            PublicMaterial::Ec { curve, x, y } => {
                let key =
                    ParsedPublicKey::new(ecdsa(*curve).1, write::uncompressed(x, y)).map_err(|_| BROKEN)?;
                Box::new(Verifier(key))
            }
            PublicMaterial::Okp { curve: OkpCurve::Ed25519, x } => {
                Box::new(Verifier(ParsedPublicKey::new(&ED25519, x).map_err(|_| BROKEN)?))
            }
            PublicMaterial::Okp { curve, x } => curve448::verifier(*curve, x)?,
            PublicMaterial::MlDsa { set, public } => {
                Box::new(Verifier(ParsedPublicKey::new(ml_dsa(*set).1, public).map_err(|_| BROKEN)?))
            }
        })
    }

    fn signing_key(
        &self,
        public: &PublicMaterial,
        private: &PrivateMaterial,
    ) -> Result<Box<dyn SigningKey>, Error> {
        Ok(match (public, private) {
            (PublicMaterial::Rsa { n, e }, PrivateMaterial::Rsa { d, p, q, dp, dq, qi }) => {
                let components = rsa::KeyPairComponents {
                    public_key: PublicKeyComponents { n: n.as_slice(), e: e.as_slice() },
                    d: d.as_slice(),
                    p: p.as_slice(),
                    q: q.as_slice(),
                    dP: dp.as_slice(),
                    dQ: dq.as_slice(),
                    qInv: qi.as_slice(),
                };
                Box::new(RsaSigner(RsaKeyPair::from_components(&components).map_err(|_| BROKEN)?))
            }
            (PublicMaterial::Ec { curve, x, y }, PrivateMaterial::Ec { d }) => {
                let key = EcdsaKeyPair::from_private_key_and_public_key(
                    ecdsa(*curve).0,
                    d,
                    &write::uncompressed(x, y),
                );
                Box::new(EcSigner(key.map_err(|_| BROKEN)?))
            }
            (PublicMaterial::Okp { curve: OkpCurve::Ed25519, x }, PrivateMaterial::Okp { d }) => {
                Box::new(EdSigner(Ed25519KeyPair::from_seed_and_public_key(d, x).map_err(|_| BROKEN)?))
            }
            (PublicMaterial::Okp { curve, x }, PrivateMaterial::Okp { d }) => curve448::signer(*curve, x, d)?,
            (PublicMaterial::MlDsa { set, public }, PrivateMaterial::MlDsa { seed }) => {
                let pair = PqdsaKeyPair::from_seed(ml_dsa(*set).0, seed).map_err(|_| BROKEN)?;
                if pair.public_key().as_ref() != public.as_slice() {
                    return Err(BROKEN);
                }
                Box::new(MlDsaSigner(pair))
            }
            _ => return Err(Error::KeyMismatch),
        })
    }

    fn derive_public(&self, key_type: KeyType, private: &[u8]) -> Result<PublicMaterial, Error> {
        match key_type {
            KeyType::Ec(curve) => {
                let der = write::sec1_number(curve, private);
                let pair = EcdsaKeyPair::from_private_key_der(ecdsa(curve).0, &der).map_err(|_| BROKEN)?;
                let point: EcPublicKeyUncompressedBin<'_> =
                    pair.public_key().as_be_bytes().map_err(|_| BROKEN)?;
                read::point(curve, point.as_ref())
            }
            KeyType::Okp(curve @ OkpCurve::Ed25519) => {
                let pair = Ed25519KeyPair::from_seed_unchecked(private).map_err(|_| BROKEN)?;
                Ok(PublicMaterial::Okp { curve, x: pair.public_key().as_ref().to_vec() })
            }
            KeyType::Okp(curve @ OkpCurve::X25519) => {
                let key = agreement::PrivateKey::from_private_key(&X25519, private).map_err(|_| BROKEN)?;
                let x = key.compute_public_key().map_err(|_| BROKEN)?.as_ref().to_vec();
                Ok(PublicMaterial::Okp { curve, x })
            }
            KeyType::MlDsa(set) => {
                let pair = PqdsaKeyPair::from_seed(ml_dsa(set).0, private).map_err(|_| BROKEN)?;
                Ok(PublicMaterial::MlDsa { set, public: pair.public_key().as_ref().to_vec() })
            }
            KeyType::Okp(curve) => Ok(PublicMaterial::Okp { curve, x: curve448::public(curve, private)? }),
            KeyType::Rsa | KeyType::Secret => Err(Error::KeyMismatch),
        }
    }

    fn generate(&self, key_type: KeyType) -> Result<(PublicMaterial, PrivateMaterial), Error> {
        let failed = |_| Error::Backend("generating a key");
        match key_type {
            KeyType::Ec(curve) => {
                let pair = EcdsaKeyPair::generate(ecdsa(curve).0).map_err(failed)?;
                let point: EcPublicKeyUncompressedBin<'_> =
                    pair.public_key().as_be_bytes().map_err(failed)?;
                let d: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes().map_err(failed)?;
                let d = Zeroizing::new(d.as_ref().to_vec());
                Ok((read::point(curve, point.as_ref())?, PrivateMaterial::Ec { d }))
            }
            KeyType::Okp(_) | KeyType::MlDsa(_) => {
                // Any bytes are the seed or number of a key; a curve that is not known is refused with its name.
                let mut number = Zeroizing::new(vec![0; key_type.number_len()]);
                self.fill_random(&mut number)?;
                let public = self.derive_public(key_type, &number)?;
                Ok((public, PrivateMaterial::of_number(key_type, number)?))
            }
            KeyType::Rsa | KeyType::Secret => Err(Error::KeyMismatch),
        }
    }

    fn generate_rsa(&self, size: RsaSize) -> Result<(PublicMaterial, PrivateMaterial), Error> {
        let failed = |_| Error::Backend("generating a key");
        let size = match size {
            RsaSize::Bits2048 => KeySize::Rsa2048,
            RsaSize::Bits3072 => KeySize::Rsa3072,
            RsaSize::Bits4096 => KeySize::Rsa4096,
        };
        let pair = RsaKeyPair::generate(size).map_err(failed)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
        match read::pkcs8(der.as_ref())? {
            Parsed::Pair(public, private) => Ok((public, private)),
            _ => Err(BROKEN),
        }
    }

    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        hash(&digest::SHA256, data)
    }

    fn sha384(&self, data: &[u8]) -> [u8; 48] {
        hash(&digest::SHA384, data)
    }

    fn sha512(&self, data: &[u8]) -> [u8; 64] {
        hash(&digest::SHA512, data)
    }

    fn constant_time_eq(&self, a: &[u8], b: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(a, b).is_ok()
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), Error> {
        fill(buffer).map_err(|_| Error::Backend("reading random bytes"))
    }
}

fn ml_dsa(set: MlDsa) -> (&'static PqdsaSigningAlgorithm, &'static PqdsaVerificationAlgorithm) {
    match set {
        MlDsa::MlDsa44 => (&ML_DSA_44_SIGNING, &ML_DSA_44),
        MlDsa::MlDsa65 => (&ML_DSA_65_SIGNING, &ML_DSA_65),
        MlDsa::MlDsa87 => (&ML_DSA_87_SIGNING, &ML_DSA_87),
    }
}

fn ecdsa(curve: Curve) -> (&'static EcdsaSigningAlgorithm, &'static EcdsaVerificationAlgorithm) {
    match curve {
        Curve::P256 => (&ECDSA_P256_SHA256_FIXED_SIGNING, &ECDSA_P256_SHA256_FIXED),
        Curve::P384 => (&ECDSA_P384_SHA384_FIXED_SIGNING, &ECDSA_P384_SHA384_FIXED),
        Curve::P521 => (&ECDSA_P521_SHA512_FIXED_SIGNING, &ECDSA_P521_SHA512_FIXED),
        Curve::Secp256k1 => (&ECDSA_P256K1_SHA256_FIXED_SIGNING, &ECDSA_P256K1_SHA256_FIXED),
    }
}

/// `N` is the length of the algorithm's hash.
fn hash<const N: usize>(algorithm: &'static digest::Algorithm, data: &[u8]) -> [u8; N] {
    let mut hash = [0; N];
    hash.copy_from_slice(digest::digest(algorithm, data).as_ref());
    hash
}
