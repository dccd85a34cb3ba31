//! RSA. What needs a private key is behind the feature `pure-rsa-private-operations`.

use rsa::traits::SignatureScheme;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss, PublicKey};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::BROKEN;
use crate::algorithm::Algorithm;
use crate::crypto::VerifyingKey;
use crate::error::Error;

pub(super) fn public(n: &[u8], e: &[u8]) -> Result<PublicKey, Error> {
    // The size was checked when the key was read: RFC 7518 3.3.
    let number = BoxedUint::from_be_slice_vartime;
    PublicKey::new_with_size_limits(number(n), number(e), 2048..=8192).map_err(|_| BROKEN)
}

pub(super) fn verifier(n: &[u8], e: &[u8]) -> Result<Box<dyn VerifyingKey>, Error> {
    Ok(Box::new(Verifier(public(n, e)?)))
}

fn check<S: SignatureScheme>(
    key: &PublicKey,
    scheme: S,
    hash: impl AsRef<[u8]>,
    signature: &[u8],
) -> Result<(), Error> {
    key.verify(scheme, hash.as_ref(), signature).map_err(|_| Error::BadSignature)
}

struct Verifier(PublicKey);

impl VerifyingKey for Verifier {
    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), Error> {
        let key = &self.0;
        match algorithm {
            Algorithm::RS256 => check(key, Pkcs1v15Sign::new::<Sha256>(), Sha256::digest(message), signature),
            Algorithm::RS384 => check(key, Pkcs1v15Sign::new::<Sha384>(), Sha384::digest(message), signature),
            Algorithm::RS512 => check(key, Pkcs1v15Sign::new::<Sha512>(), Sha512::digest(message), signature),
            Algorithm::PS256 => check(key, Pss::<Sha256>::new(), Sha256::digest(message), signature),
            Algorithm::PS384 => check(key, Pss::<Sha384>::new(), Sha384::digest(message), signature),
            Algorithm::PS512 => check(key, Pss::<Sha512>::new(), Sha512::digest(message), signature),
            _ => Err(Error::KeyMismatch),
        }
    }
}

#[cfg(all(feature = "jwe", feature = "pure-rsa-private-operations"))]
pub(super) use private::decrypter;
pub(super) use private::{generate, signer};

#[cfg(not(feature = "pure-rsa-private-operations"))]
mod private {
    use crate::crypto::{PrivateMaterial, PublicMaterial, RsaSize, SigningKey};
    use crate::error::Error;

    pub(in super::super) const REFUSED: Error =
        Error::Unsupported("a private RSA operation without the feature pure-rsa-private-operations");

    pub(in super::super) fn signer(
        _: &PublicMaterial,
        _: &PrivateMaterial,
    ) -> Result<Box<dyn SigningKey>, Error> {
        Err(REFUSED)
    }

    pub(in super::super) fn generate(_: RsaSize) -> Result<(PublicMaterial, PrivateMaterial), Error> {
        Err(REFUSED)
    }
}

#[cfg(all(feature = "jwe", not(feature = "pure-rsa-private-operations")))]
pub(super) fn decrypter(
    _: &crate::crypto::PublicMaterial,
    _: &crate::crypto::PrivateMaterial,
) -> Result<Box<dyn crate::crypto::RsaDecrypter>, Error> {
    Err(private::REFUSED)
}

#[cfg(feature = "pure-rsa-private-operations")]
mod private {
    use getrandom::SysRng;
    use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _, SignatureScheme};
    use rsa::{BoxedUint, Pkcs1v15Sign, PrivateKey, Pss};
    use sha2::{Digest as _, Sha256, Sha384, Sha512};
    use zeroize::Zeroizing;

    use super::BROKEN;
    use crate::algorithm::Algorithm;
    use crate::crypto::{PrivateMaterial, PublicMaterial, RsaSize, SigningKey};
    use crate::error::Error;

    fn private(public: &PublicMaterial, private: &PrivateMaterial) -> Result<PrivateKey, Error> {
        let (PublicMaterial::Rsa { n, e }, PrivateMaterial::Rsa { d, p, q, dp, dq, qi }) = (public, private)
        else {
            return Err(Error::KeyMismatch);
        };
        let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
        let key = PrivateKey::from_components(number(n), number(e), number(d), vec![number(p), number(q)]);
        let key = key.map_err(|_| BROKEN)?;
        key.validate().map_err(|_| BROKEN)?;
        // The crate computes these itself; another backend takes them as they stand, so a key is right as a whole or not.
        let given = [dp, dq, qi].map(|number| without_zeros(number));
        let computed =
            [key.dp().map(secret), key.dq().map(secret), key.crt_coefficient().as_ref().map(secret)];
        if given
            .iter()
            .zip(&computed)
            .any(|(given, computed)| computed.as_deref().map(Vec::as_slice) != Some(*given))
        {
            return Err(BROKEN);
        }
        Ok(key)
    }

    fn without_zeros(number: &[u8]) -> &[u8] {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        number.get(zeros..).unwrap_or_default()
    }

    fn public_number(number: &BoxedUint) -> Vec<u8> {
        number.to_be_bytes_trimmed_vartime().to_vec()
    }

    fn secret(number: &BoxedUint) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(public_number(number))
    }

    pub(in super::super) fn signer(
        public: &PublicMaterial,
        material: &PrivateMaterial,
    ) -> Result<Box<dyn SigningKey>, Error> {
        Ok(Box::new(Signer(private(public, material)?)))
    }

    pub(in super::super) fn generate(size: RsaSize) -> Result<(PublicMaterial, PrivateMaterial), Error> {
        let bits = match size {
            RsaSize::Bits2048 => 2048,
            RsaSize::Bits3072 => 3072,
            RsaSize::Bits4096 => 4096,
        };
        let failed = Error::Backend("generating a key");
        let key = PrivateKey::new(&mut SysRng, bits).map_err(|_| failed.clone())?;
        let ([p, q], Some(dp), Some(dq), Some(qi)) =
            (key.primes(), key.dp(), key.dq(), key.crt_coefficient())
        else {
            return Err(failed);
        };
        Ok((
            PublicMaterial::Rsa { n: public_number(key.n()), e: public_number(key.e()) },
            PrivateMaterial::Rsa {
                d: secret(key.d()),
                p: secret(p),
                q: secret(q),
                dp: secret(dp),
                dq: secret(dq),
                qi: secret(&qi),
            },
        ))
    }

    fn make<S: SignatureScheme>(key: &PrivateKey, scheme: S, hash: &[u8]) -> Result<Vec<u8>, Error> {
        // Blinded by random numbers, so that the time tells less of the key.
        key.sign_with_rng(&mut SysRng, scheme, hash).map_err(|_| Error::Backend("signing"))
    }

    struct Signer(PrivateKey);

    impl SigningKey for Signer {
        fn sign(
            &self,
            algorithm: Algorithm,
            message: &[u8],
            take: &mut dyn FnMut(&[u8]),
        ) -> Result<(), Error> {
            let key = &self.0;
            let signature = match algorithm {
                Algorithm::RS256 => make(key, Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message)),
                Algorithm::RS384 => make(key, Pkcs1v15Sign::new::<Sha384>(), &Sha384::digest(message)),
                Algorithm::RS512 => make(key, Pkcs1v15Sign::new::<Sha512>(), &Sha512::digest(message)),
                Algorithm::PS256 => make(key, Pss::<Sha256>::new_blinded(), &Sha256::digest(message)),
                Algorithm::PS384 => make(key, Pss::<Sha384>::new_blinded(), &Sha384::digest(message)),
                Algorithm::PS512 => make(key, Pss::<Sha512>::new_blinded(), &Sha512::digest(message)),
                _ => Err(Error::KeyMismatch),
            };
            take(&signature?);
            Ok(())
        }
    }

    #[cfg(feature = "jwe")]
    pub(in super::super) use decryption::decrypter;

    #[cfg(feature = "jwe")]
    mod decryption {
        use rsa::traits::PaddingScheme;
        use rsa::{Oaep, Pkcs1v15Encrypt};
        use sha1::Sha1;

        use super::*;
        use crate::crypto::{RsaDecrypter, RsaPadding};

        pub(in crate::crypto::pure) fn decrypter(
            public: &PublicMaterial,
            material: &PrivateMaterial,
        ) -> Result<Box<dyn RsaDecrypter>, Error> {
            Ok(Box::new(Decrypter(private(public, material)?)))
        }

        fn open<P: PaddingScheme>(key: &PrivateKey, padding: P, encrypted: &[u8]) -> Option<Vec<u8>> {
            key.decrypt_blinded(&mut SysRng, padding, encrypted).ok()
        }

        struct Decrypter(PrivateKey);

        impl RsaDecrypter for Decrypter {
            fn decrypt(&self, padding: RsaPadding, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
                let key = &self.0;
                match padding {
                    RsaPadding::Pkcs1 => open(key, Pkcs1v15Encrypt, encrypted),
                    RsaPadding::OaepSha1 => open(key, Oaep::<Sha1>::new(), encrypted),
                    RsaPadding::OaepSha256 => open(key, Oaep::<Sha256>::new(), encrypted),
                    RsaPadding::OaepSha384 => open(key, Oaep::<Sha384>::new(), encrypted),
                    RsaPadding::OaepSha512 => open(key, Oaep::<Sha512>::new(), encrypted),
                }
                .map(Zeroizing::new)
                .ok_or(Error::Decryption)
            }
        }
    }
}
