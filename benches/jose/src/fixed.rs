//! What signing and verifying cost beside the primitive: the same operations with one that does nothing. The difference to
//! the bare primitive says the same, but drowns in the noise of those that take long.

use std::hint::black_box;

use authmint_jose::crypto::{AwsLc, Backend, MacKey, PrivateMaterial, PublicMaterial, RsaSize, SigningKey, VerifyingKey};
use authmint_jose::{Algorithm, Clock as _, Error, Key, KeyType, Policy, SystemClock};

use crate::contenders::{AUDIENCE, Claims, Contender, ISSUER, claims, jwk, work};

/// Makes signatures of zeros, of the right length, and believes all.
#[derive(Clone, Copy, Debug)]
struct Nothing {
    signature_len: usize,
}

impl SigningKey for Nothing {
    fn sign(&self, _: Algorithm, _: &[u8], take: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
        take(&[0; 256][..self.signature_len]);
        Ok(())
    }
}

impl VerifyingKey for Nothing {
    fn verify(&self, _: Algorithm, _: &[u8], _: &[u8]) -> Result<(), Error> {
        Ok(())
    }
}

impl Backend for Nothing {
    fn mac_key(&self, _: &[u8], _: Algorithm) -> Result<MacKey, Error> {
        Ok(MacKey { signing: Box::new(*self), verifying: Box::new(*self) })
    }

    fn verifying_key(&self, _: &PublicMaterial) -> Result<Box<dyn VerifyingKey>, Error> {
        Ok(Box::new(*self))
    }

    fn signing_key(&self, _: &PublicMaterial, _: &PrivateMaterial) -> Result<Box<dyn SigningKey>, Error> {
        Ok(Box::new(*self))
    }

    fn derive_public(&self, key_type: KeyType, private: &[u8]) -> Result<PublicMaterial, Error> {
        AwsLc.derive_public(key_type, private)
    }

    fn generate(&self, key_type: KeyType) -> Result<(PublicMaterial, PrivateMaterial), Error> {
        AwsLc.generate(key_type)
    }

    fn generate_rsa(&self, size: RsaSize) -> Result<(PublicMaterial, PrivateMaterial), Error> {
        AwsLc.generate_rsa(size)
    }

    fn sha256(&self, data: &[u8]) -> [u8; 32] {
        AwsLc.sha256(data)
    }

    fn sha384(&self, data: &[u8]) -> [u8; 48] {
        AwsLc.sha384(data)
    }

    fn sha512(&self, data: &[u8]) -> [u8; 64] {
        AwsLc.sha512(data)
    }

    fn constant_time_eq(&self, a: &[u8], b: &[u8]) -> bool {
        AwsLc.constant_time_eq(a, b)
    }

    fn fill_random(&self, buffer: &mut [u8]) -> Result<(), Error> {
        AwsLc.fill_random(buffer)
    }
}

/// Signing and verifying, for each length of signature.
pub fn fixed() -> Vec<(Algorithm, [Option<Contender>; 2])> {
    let row = |(algorithm, signature_len)| {
        let key = Key::with_backend(&jwk(algorithm), &Nothing { signature_len }).unwrap();
        let token = key.sign_jwt("JWT", &claims()).unwrap();
        let policy = Policy::new(&[algorithm]).typ("JWT").issuer(ISSUER).audience(AUDIENCE);
        let (signer, claims) = (key.clone(), claims());
        let sign = work(move || drop(black_box(signer.sign_jwt("JWT", black_box(&claims)).unwrap())));
        let verify = work(move || {
            drop(black_box(key.verify_jwt::<Claims>(black_box(&token), &policy, SystemClock.now()).unwrap()));
        });
        (algorithm, [sign, verify])
    };
    [(Algorithm::HS256, 32), (Algorithm::ES256, 64), (Algorithm::RS256, 256)].into_iter().map(row).collect()
}
