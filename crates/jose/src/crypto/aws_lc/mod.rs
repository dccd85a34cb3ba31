//! The backend on aws-lc-rs: the only file that names it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::encoding::{AsBigEndian, AsDer, EcPrivateKeyBin, EcPublicKeyUncompressedBin, Pkcs8V1Der};
use aws_lc_rs::hkdf::{self, HKDF_SHA256, Prk};
use aws_lc_rs::rand::{SystemRandom, fill};
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED,
    ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED, ECDSA_P521_SHA512_FIXED_SIGNING, ED25519, EcdsaKeyPair, EcdsaSigningAlgorithm,
    EcdsaVerificationAlgorithm, Ed25519KeyPair, KeyPair, ML_DSA_44, ML_DSA_44_SIGNING, ML_DSA_65,
    ML_DSA_65_SIGNING, ML_DSA_87, ML_DSA_87_SIGNING, ParsedPublicKey, PqdsaKeyPair, PqdsaSigningAlgorithm,
    PqdsaVerificationAlgorithm, RsaEncoding, RsaKeyPair, RsaParameters,
};
use aws_lc_rs::{digest, hmac, rsa};
use zeroize::Zeroizing;

use super::{Backend, MacKey, PrivateMaterial, PublicMaterial, SigningKey, VerifyingKey};
use crate::algorithm::{Algorithm, Curve, KeyType, MlDsa, OkpCurve};
use crate::der::{self, Parsed};
use crate::error::Error;

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
                let key = ParsedPublicKey::new(ecdsa(*curve).1, uncompressed(x, y)).map_err(|_| BROKEN)?;
                Box::new(Verifier(key))
            }
            PublicMaterial::Okp { curve: OkpCurve::Ed25519, x } => {
                Box::new(Verifier(ParsedPublicKey::new(&ED25519, x).map_err(|_| BROKEN)?))
            }
            PublicMaterial::Okp { curve, .. } => return Err(Error::Unsupported(curve.name())),
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
                let key =
                    EcdsaKeyPair::from_private_key_and_public_key(ecdsa(*curve).0, d, &uncompressed(x, y));
                Box::new(EcSigner(key.map_err(|_| BROKEN)?))
            }
            (PublicMaterial::Okp { curve: OkpCurve::Ed25519, x }, PrivateMaterial::Okp { d }) => {
                Box::new(EdSigner(Ed25519KeyPair::from_seed_and_public_key(d, x).map_err(|_| BROKEN)?))
            }
            (PublicMaterial::Okp { curve, .. }, PrivateMaterial::Okp { .. }) => {
                return Err(Error::Unsupported(curve.name()));
            }
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
                let der = der::sec1_private_key(curve, private);
                let pair = EcdsaKeyPair::from_private_key_der(ecdsa(curve).0, &der).map_err(|_| BROKEN)?;
                let point: EcPublicKeyUncompressedBin<'_> =
                    pair.public_key().as_be_bytes().map_err(|_| BROKEN)?;
                der::point(curve, point.as_ref())
            }
            KeyType::Okp(curve @ OkpCurve::Ed25519) => {
                let pair = Ed25519KeyPair::from_seed_unchecked(private).map_err(|_| BROKEN)?;
                Ok(PublicMaterial::Okp { curve, x: pair.public_key().as_ref().to_vec() })
            }
            KeyType::MlDsa(set) => {
                let pair = PqdsaKeyPair::from_seed(ml_dsa(set).0, private).map_err(|_| BROKEN)?;
                Ok(PublicMaterial::MlDsa { set, public: pair.public_key().as_ref().to_vec() })
            }
            KeyType::Okp(curve) => Err(Error::Unsupported(curve.name())),
            KeyType::Rsa | KeyType::Secret => Err(Error::KeyMismatch),
        }
    }

    fn generate(&self, key_type: KeyType) -> Result<(PublicMaterial, PrivateMaterial), Error> {
        let failed = |_| Error::Backend("generating a key");
        match key_type {
            KeyType::Rsa => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
                match der::pkcs8(der.as_ref())? {
                    Parsed::Pair(public, private) => Ok((public, private)),
                    _ => Err(BROKEN),
                }
            }
            KeyType::Ec(curve) => {
                let pair = EcdsaKeyPair::generate(ecdsa(curve).0).map_err(failed)?;
                let point: EcPublicKeyUncompressedBin<'_> =
                    pair.public_key().as_be_bytes().map_err(failed)?;
                let d: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes().map_err(failed)?;
                let d = Zeroizing::new(d.as_ref().to_vec());
                Ok((der::point(curve, point.as_ref())?, PrivateMaterial::Ec { d }))
            }
            KeyType::Okp(_) | KeyType::MlDsa(_) => {
                // Any 32 bytes are the seed of a key; a curve that is not known is refused with its name.
                let mut seed = Zeroizing::new(vec![0; 32]);
                fill_random(&mut seed)?;
                let public = self.derive_public(key_type, &seed)?;
                let private = match key_type {
                    KeyType::MlDsa(_) => PrivateMaterial::MlDsa { seed },
                    _ => PrivateMaterial::Okp { d: seed },
                };
                Ok((public, private))
            }
            KeyType::Secret => Err(Error::KeyMismatch),
        }
    }
}

fn ml_dsa(set: MlDsa) -> (&'static PqdsaSigningAlgorithm, &'static PqdsaVerificationAlgorithm) {
    match set {
        MlDsa::MlDsa44 => (&ML_DSA_44_SIGNING, &ML_DSA_44),
        MlDsa::MlDsa65 => (&ML_DSA_65_SIGNING, &ML_DSA_65),
        MlDsa::MlDsa87 => (&ML_DSA_87_SIGNING, &ML_DSA_87),
    }
}

struct MlDsaSigner(PqdsaKeyPair);

impl SigningKey for MlDsaSigner {
    fn sign(&self, _: Algorithm, message: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        let failed = |_| Error::Backend("signing");
        let mut signature = vec![0; self.0.algorithm().signature_len()];
        self.0.sign(message, &mut signature).map_err(failed)?;
        take(&signature);
        Ok(())
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

fn uncompressed(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

struct Mac(hmac::Key);

impl SigningKey for Mac {
    fn sign(&self, _: Algorithm, message: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        take(hmac::sign(&self.0, message).as_ref());
        Ok(())
    }
}

impl VerifyingKey for Mac {
    fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        hmac::verify(&self.0, message, signature).map_err(|_| Error::BadSignature)
    }
}

struct EcSigner(EcdsaKeyPair);

impl SigningKey for EcSigner {
    fn sign(&self, _: Algorithm, message: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        let signature = self.0.sign(&SystemRandom::new(), message).map_err(|_| Error::Backend("signing"))?;
        take(signature.as_ref());
        Ok(())
    }
}

struct EdSigner(Ed25519KeyPair);

impl SigningKey for EdSigner {
    fn sign(&self, _: Algorithm, message: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        take(self.0.try_sign(message).map_err(|_| Error::Backend("signing"))?.as_ref());
        Ok(())
    }
}

struct Verifier(ParsedPublicKey);

impl VerifyingKey for Verifier {
    fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        self.0.verify_sig(message, signature).map_err(|_| Error::BadSignature)
    }
}

struct RsaSigner(RsaKeyPair);

impl SigningKey for RsaSigner {
    fn sign(&self, algorithm: Algorithm, message: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        let encoding: &'static dyn RsaEncoding = match algorithm {
            Algorithm::RS256 => &signature::RSA_PKCS1_SHA256,
            Algorithm::RS384 => &signature::RSA_PKCS1_SHA384,
            Algorithm::RS512 => &signature::RSA_PKCS1_SHA512,
            Algorithm::PS256 => &signature::RSA_PSS_SHA256,
            Algorithm::PS384 => &signature::RSA_PSS_SHA384,
            Algorithm::PS512 => &signature::RSA_PSS_SHA512,
            _ => return Err(Error::KeyMismatch),
        };
        // The largest modulus that is accepted has 8192 bits.
        let mut buffer = [0; 1024];
        let signature = buffer.get_mut(..self.0.public_modulus_len()).ok_or(Error::Backend("signing"))?;
        self.0
            .sign(encoding, &SystemRandom::new(), message, signature)
            .map_err(|_| Error::Backend("signing"))?;
        take(signature);
        Ok(())
    }
}

/// One parsed key for each of the six encodings: parsing is what costs.
struct RsaVerifier([ParsedPublicKey; 6]);

impl RsaVerifier {
    fn new(n: &[u8], e: &[u8]) -> Result<Self, Error> {
        let parse = |parameters: &'static RsaParameters| {
            PublicKeyComponents { n, e }.to_parsed_public_key(parameters).map_err(|_| BROKEN)
        };
        Ok(Self([
            parse(&signature::RSA_PKCS1_2048_8192_SHA256)?,
            parse(&signature::RSA_PKCS1_2048_8192_SHA384)?,
            parse(&signature::RSA_PKCS1_2048_8192_SHA512)?,
            parse(&signature::RSA_PSS_2048_8192_SHA256)?,
            parse(&signature::RSA_PSS_2048_8192_SHA384)?,
            parse(&signature::RSA_PSS_2048_8192_SHA512)?,
        ]))
    }
}

impl VerifyingKey for RsaVerifier {
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let [rs256, rs384, rs512, ps256, ps384, ps512] = &self.0;
        let key = match algorithm {
            Algorithm::RS256 => rs256,
            Algorithm::RS384 => rs384,
            Algorithm::RS512 => rs512,
            Algorithm::PS256 => ps256,
            Algorithm::PS384 => ps384,
            Algorithm::PS512 => ps512,
            _ => return Err(Error::KeyMismatch),
        };
        key.verify_sig(message, signature).map_err(|_| Error::BadSignature)
    }
}

pub(super) fn sha256(data: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, data).as_ref());
    hash
}

pub(crate) fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    let mut tag = [0; 32];
    tag.copy_from_slice(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), data).as_ref());
    tag
}

pub(crate) fn hkdf_sha256(key: &[u8; 32], purpose: &[u8]) -> Result<Zeroizing<[u8; 32]>, Error> {
    struct Length;
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            32
        }
    }
    let failed = |_| Error::Backend("deriving a key");
    let mut derived = Zeroizing::new([0; 32]);
    let info = [purpose];
    let okm = Prk::new_less_safe(HKDF_SHA256, key);
    okm.expand(&info, Length).map_err(failed)?.fill(derived.as_mut()).map_err(failed)?;
    Ok(derived)
}

pub(crate) fn fill_random(buffer: &mut [u8]) -> Result<(), Error> {
    fill(buffer).map_err(|_| Error::Backend("reading random bytes"))
}

/// Encrypts in place and returns the tag.
pub(crate) fn seal_a256gcm(
    key: &[u8; 32],
    iv: [u8; 12],
    aad: &[u8],
    data: &mut [u8],
) -> Result<[u8; 16], Error> {
    let failed = |_| Error::Backend("sealing");
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).map_err(failed)?);
    let nonce = Nonce::assume_unique_for_key(iv);
    let made = key.seal_in_place_separate_tag(nonce, Aad::from(aad), data).map_err(failed)?;
    let mut tag = [0; 16];
    tag.copy_from_slice(made.as_ref());
    Ok(tag)
}

/// Decrypts; `None` when the tag does not fit.
pub(crate) fn open_a256gcm(
    key: &[u8; 32],
    iv: [u8; 12],
    aad: &[u8],
    data: &[u8],
    tag: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let mut opened = Zeroizing::new(vec![0; data.len()]);
    let nonce = Nonce::assume_unique_for_key(iv);
    key.open_separate_gather(nonce, Aad::from(aad), data, tag, &mut opened).ok()?;
    Some(opened)
}
