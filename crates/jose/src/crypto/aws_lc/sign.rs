//! Signers and verifiers.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, Ed25519KeyPair, ParsedPublicKey, PqdsaKeyPair, RsaEncoding, RsaKeyPair, RsaParameters,
};

use super::BROKEN;
use crate::algorithm::Algorithm;
use crate::crypto::{SigningKey, VerifyingKey};
use crate::error::Error;

pub(super) struct Mac(pub(super) hmac::Key);

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

pub(super) struct EcSigner(pub(super) EcdsaKeyPair);

impl SigningKey for EcSigner {
    fn sign(&self, _: Algorithm, message: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        let signature = self.0.sign(&SystemRandom::new(), message).map_err(|_| Error::Backend("signing"))?;
        take(signature.as_ref());
        Ok(())
    }
}

pub(super) struct EdSigner(pub(super) Ed25519KeyPair);

impl SigningKey for EdSigner {
    fn sign(&self, _: Algorithm, message: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        take(self.0.try_sign(message).map_err(|_| Error::Backend("signing"))?.as_ref());
        Ok(())
    }
}

pub(super) struct Verifier(pub(super) ParsedPublicKey);

impl VerifyingKey for Verifier {
    fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        self.0.verify_sig(message, signature).map_err(|_| Error::BadSignature)
    }
}

pub(super) struct RsaSigner(pub(super) RsaKeyPair);

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
pub(super) struct RsaVerifier(pub(super) [ParsedPublicKey; 6]);

impl RsaVerifier {
    pub(super) fn new(n: &[u8], e: &[u8]) -> Result<Self, Error> {
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

pub(super) struct MlDsaSigner(pub(super) PqdsaKeyPair);

impl SigningKey for MlDsaSigner {
    fn sign(&self, _: Algorithm, message: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        let failed = |_| Error::Backend("signing");
        let mut signature = vec![0; self.0.algorithm().signature_len()];
        self.0.sign(message, &mut signature).map_err(failed)?;
        take(&signature);
        Ok(())
    }
}
