//! ML-DSA (FIPS 204), with an empty context.

use ml_dsa::signature::Verifier as _;
use ml_dsa::{EncodedVerifyingKey, MlDsa44, MlDsa65, MlDsa87, MlDsaParams, Seed, Signature};
use ml_dsa::{SigningKey as Private, VerifyingKey as Public};

use super::BROKEN;
use crate::algorithm::Algorithm;
use crate::crypto::{SigningKey, VerifyingKey};
use crate::error::Error;
use crate::key_type::MlDsa;

pub(super) fn verifier(set: MlDsa, public: &[u8]) -> Result<Box<dyn VerifyingKey>, Error> {
    match set {
        MlDsa::MlDsa44 => verifier_of::<MlDsa44>(public),
        MlDsa::MlDsa65 => verifier_of::<MlDsa65>(public),
        MlDsa::MlDsa87 => verifier_of::<MlDsa87>(public),
    }
}

pub(super) fn signer(set: MlDsa, seed: &[u8]) -> Result<Box<dyn SigningKey>, Error> {
    match set {
        MlDsa::MlDsa44 => Ok(Box::new(Signer(private::<MlDsa44>(seed)?))),
        MlDsa::MlDsa65 => Ok(Box::new(Signer(private::<MlDsa65>(seed)?))),
        MlDsa::MlDsa87 => Ok(Box::new(Signer(private::<MlDsa87>(seed)?))),
    }
}

pub(super) fn public(set: MlDsa, seed: &[u8]) -> Result<Vec<u8>, Error> {
    match set {
        MlDsa::MlDsa44 => public_of::<MlDsa44>(seed),
        MlDsa::MlDsa65 => public_of::<MlDsa65>(seed),
        MlDsa::MlDsa87 => public_of::<MlDsa87>(seed),
    }
}

fn private<P: MlDsaParams>(seed: &[u8]) -> Result<Private<P>, Error> {
    Ok(Private::from_seed(&Seed::try_from(seed).map_err(|_| BROKEN)?))
}

fn public_of<P: MlDsaParams>(seed: &[u8]) -> Result<Vec<u8>, Error> {
    Ok(private::<P>(seed)?.expanded_key().verifying_key().encode().to_vec())
}

fn verifier_of<P: MlDsaParams + Send + Sync + 'static>(
    public: &[u8],
) -> Result<Box<dyn VerifyingKey>, Error> {
    let encoded = EncodedVerifyingKey::<P>::try_from(public).map_err(|_| BROKEN)?;
    Ok(Box::new(Verifier(Public::<P>::decode(&encoded))))
}

struct Signer<P: MlDsaParams>(Private<P>);

impl<P: MlDsaParams + Send + Sync> SigningKey for Signer<P> {
    fn sign(&self, _: Algorithm, message: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        let signature =
            self.0.expanded_key().sign_deterministic(message, &[]).map_err(|_| Error::Backend("signing"))?;
        take(&signature.encode());
        Ok(())
    }
}

struct Verifier<P: MlDsaParams>(Public<P>);

impl<P: MlDsaParams + Send + Sync> VerifyingKey for Verifier<P> {
    fn verify(&self, _: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let signature = Signature::<P>::try_from(signature).map_err(|_| Error::BadSignature)?;
        self.0.verify(message, &signature).map_err(|_| Error::BadSignature)
    }
}
