//! The primitives of encryption.

use std::num::NonZeroU32;

use aes::{Aes128, Aes192, Aes256};
use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_kw::{KwAes128, KwAes192, KwAes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};
use getrandom::SysRng;
use hmac::Hmac;
use rsa::traits::PaddingScheme;
use rsa::{Oaep, Pkcs1v15Encrypt, PublicKey};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::{BROKEN, Pure, random_number};
use crate::crypto::{
    Aead, Agreement, Backend as _, Ciphers, Hash, PrivateMaterial, PublicMaterial, RsaDecrypter,
    RsaEncrypter, RsaPadding, TAG_LEN, curve448,
};
use crate::error::Error;
use crate::jwk::write;
use crate::key_type::{Curve, OkpCurve};

const FAILED: Error = Error::Backend("encrypting");

impl Ciphers for Pure {
    fn seal(
        &self,
        aead: Aead,
        key: &[u8],
        nonce: &[u8],
        aad: &[u8],
        data: &mut [u8],
    ) -> Result<[u8; TAG_LEN], Error> {
        match aead {
            Aead::A128Gcm => seal_with::<AesGcm<Aes128, U12>>(key, nonce, aad, data),
            Aead::A192Gcm => seal_with::<AesGcm<Aes192, U12>>(key, nonce, aad, data),
            Aead::A256Gcm => seal_with::<AesGcm<Aes256, U12>>(key, nonce, aad, data),
            Aead::ChaCha20Poly1305 => seal_with::<ChaCha20Poly1305>(key, nonce, aad, data),
            Aead::XChaCha20Poly1305 => seal_with::<XChaCha20Poly1305>(key, nonce, aad, data),
        }
        .ok_or(FAILED)
    }

    fn open(
        &self,
        aead: Aead,
        key: &[u8],
        nonce: &[u8],
        aad: &[u8],
        data: &[u8],
        tag: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        match aead {
            Aead::A128Gcm => open_with::<AesGcm<Aes128, U12>>(key, nonce, aad, data, tag),
            Aead::A192Gcm => open_with::<AesGcm<Aes192, U12>>(key, nonce, aad, data, tag),
            Aead::A256Gcm => open_with::<AesGcm<Aes256, U12>>(key, nonce, aad, data, tag),
            Aead::ChaCha20Poly1305 => open_with::<ChaCha20Poly1305>(key, nonce, aad, data, tag),
            Aead::XChaCha20Poly1305 => open_with::<XChaCha20Poly1305>(key, nonce, aad, data, tag),
        }
        .ok_or(Error::Decryption)
    }

    fn encrypt_cbc(&self, key: &[u8], iv: [u8; 16], plaintext: &[u8]) -> Result<Vec<u8>, Error> {
        macro_rules! encrypt {
            ($aes:ty) => {
                cbc::Encryptor::<$aes>::new_from_slices(key, &iv)
                    .map_err(|_| FAILED)
                    .map(|cipher| cipher.encrypt_padded_vec::<Pkcs7>(plaintext))
            };
        }
        match key.len() {
            16 => encrypt!(Aes128),
            24 => encrypt!(Aes192),
            _ => encrypt!(Aes256),
        }
    }

    fn decrypt_cbc(&self, key: &[u8], iv: [u8; 16], data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        macro_rules! decrypt {
            ($aes:ty) => {
                cbc::Decryptor::<$aes>::new_from_slices(key, &iv)
                    .ok()
                    .and_then(|cipher| cipher.decrypt_padded_vec::<Pkcs7>(data).ok())
            };
        }
        match key.len() {
            16 => decrypt!(Aes128),
            24 => decrypt!(Aes192),
            _ => decrypt!(Aes256),
        }
        .map(Zeroizing::new)
        .ok_or(Error::Decryption)
    }

    fn wrap(&self, kek: &[u8], key: &[u8]) -> Result<Vec<u8>, Error> {
        let mut wrapped = vec![0; key.len().saturating_add(8)];
        macro_rules! wrap {
            ($kw:ty) => {
                <$kw>::new_from_slice(kek)
                    .ok()
                    .and_then(|kek| kek.wrap_key(key, &mut wrapped).ok().map(|_| ()))
            };
        }
        match kek.len() {
            16 => wrap!(KwAes128),
            24 => wrap!(KwAes192),
            _ => wrap!(KwAes256),
        }
        .ok_or(FAILED)?;
        Ok(wrapped)
    }

    fn unwrap(&self, kek: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut key = Zeroizing::new(vec![0; wrapped.len()]);
        macro_rules! unwrap {
            ($kw:ty) => {
                <$kw>::new_from_slice(kek)
                    .ok()
                    .and_then(|kek| kek.unwrap_key(wrapped, &mut key).ok().map(|key| key.len()))
            };
        }
        let len = match kek.len() {
            16 => unwrap!(KwAes128),
            24 => unwrap!(KwAes192),
            _ => unwrap!(KwAes256),
        };
        key.truncate(len.ok_or(Error::Decryption)?);
        Ok(key)
    }

    fn hmac(&self, hash: Hash, key: &[u8], parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        fn mac<M: hmac::Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Option<Vec<u8>> {
            let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
            for part in parts {
                mac.update(part);
            }
            Some(mac.finalize().into_bytes().to_vec())
        }
        // HMAC takes keys of any length, so there is always one.
        Zeroizing::new(
            match hash {
                Hash::Sha256 => mac::<Hmac<Sha256>>(key, parts),
                Hash::Sha384 => mac::<Hmac<Sha384>>(key, parts),
                Hash::Sha512 => mac::<Hmac<Sha512>>(key, parts),
            }
            .unwrap_or_default(),
        )
    }

    fn pbkdf2(&self, hash: Hash, password: &[u8], salt: &[u8], iterations: NonZeroU32, key: &mut [u8]) {
        match hash {
            Hash::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations.get(), key),
            Hash::Sha384 => pbkdf2::pbkdf2_hmac::<Sha384>(password, salt, iterations.get(), key),
            Hash::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, iterations.get(), key),
        }
    }

    fn rsa_encrypter(&self, public: &PublicMaterial) -> Result<Box<dyn RsaEncrypter>, Error> {
        match public {
            PublicMaterial::Rsa { n, e } => Ok(Box::new(Encrypter(super::rsa::public(n, e)?))),
            _ => Err(Error::KeyMismatch),
        }
    }

    fn rsa_decrypter(
        &self,
        public: &PublicMaterial,
        private: &PrivateMaterial,
    ) -> Result<Box<dyn RsaDecrypter>, Error> {
        super::rsa::decrypter(public, private)
    }

    fn agreement(
        &self,
        public: &PublicMaterial,
        private: &PrivateMaterial,
    ) -> Result<Box<dyn Agreement>, Error> {
        let (PrivateMaterial::Ec { d } | PrivateMaterial::Okp { d }) = private else {
            return Err(Error::KeyMismatch);
        };
        if let PublicMaterial::Okp { curve: OkpCurve::X448, x } = public {
            return curve448::agreement(x, d);
        }
        if self.derive_public(public.key_type(), d)? != *public {
            return Err(BROKEN);
        }
        private_of(public, d)
    }

    fn agree_ephemeral(&self, peer: &PublicMaterial) -> Result<(PublicMaterial, Zeroizing<Vec<u8>>), Error> {
        if matches!(peer, PublicMaterial::Okp { curve: OkpCurve::X448, .. }) {
            return curve448::agree_ephemeral(self, peer);
        }
        let number = random_number(peer.key_type())?;
        let public = self.derive_public(peer.key_type(), &number)?;
        Ok((public, private_of(peer, &number)?.agree(peer)?))
    }
}

fn seal_with<A: AeadInOut + KeyInit>(
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    data: &mut [u8],
) -> Option<[u8; TAG_LEN]> {
    let cipher = A::new_from_slice(key).ok()?;
    let tag = cipher.encrypt_inout_detached(nonce.try_into().ok()?, aad, data.into()).ok()?;
    tag.as_slice().try_into().ok()
}

fn open_with<A: AeadInOut + KeyInit>(
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    data: &[u8],
    tag: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = A::new_from_slice(key).ok()?;
    let mut opened = Zeroizing::new(data.to_vec());
    let (nonce, tag) = (nonce.try_into().ok()?, tag.try_into().ok()?);
    cipher.decrypt_inout_detached(nonce, aad, opened.as_mut_slice().into(), tag).ok()?;
    Some(opened)
}

struct Encrypter(PublicKey);

impl RsaEncrypter for Encrypter {
    fn encrypt(&self, padding: RsaPadding, key: &[u8]) -> Result<Vec<u8>, Error> {
        fn seal<P: PaddingScheme>(public: &PublicKey, padding: P, key: &[u8]) -> Result<Vec<u8>, Error> {
            public.encrypt(&mut SysRng, padding, key).map_err(|_| FAILED)
        }
        match padding {
            RsaPadding::Pkcs1 => seal(&self.0, Pkcs1v15Encrypt, key),
            RsaPadding::OaepSha1 => seal(&self.0, Oaep::<Sha1>::new(), key),
            RsaPadding::OaepSha256 => seal(&self.0, Oaep::<Sha256>::new(), key),
            RsaPadding::OaepSha384 => seal(&self.0, Oaep::<Sha384>::new(), key),
            RsaPadding::OaepSha512 => seal(&self.0, Oaep::<Sha512>::new(), key),
        }
    }
}

/// The private key that agrees on the curve of a public one.
fn private_of(curve: &PublicMaterial, number: &[u8]) -> Result<Box<dyn Agreement>, Error> {
    Ok(match curve {
        PublicMaterial::Ec { curve: Curve::P256, .. } => {
            Box::new(P256(secret(p256::SecretKey::from_slice(number))?))
        }
        PublicMaterial::Ec { curve: Curve::P384, .. } => {
            Box::new(P384(secret(p384::SecretKey::from_slice(number))?))
        }
        PublicMaterial::Ec { curve: Curve::P521, .. } => {
            Box::new(P521(secret(p521::SecretKey::from_slice(number))?))
        }
        PublicMaterial::Okp { curve: OkpCurve::X25519, .. } => {
            let number = Zeroizing::new(<[u8; 32]>::try_from(number).map_err(|_| BROKEN)?);
            Box::new(X25519(x25519_dalek::StaticSecret::from(*number)))
        }
        _ => return Err(Error::KeyMismatch),
    })
}

fn secret<K, E>(key: Result<K, E>) -> Result<K, Error> {
    key.map_err(|_| BROKEN)
}

const REFUSED: Error = Error::InvalidKey("the other's key is not a point of this key's curve");

macro_rules! agreement {
    ($name:ident, $crate_:ident, $curve:pat) => {
        struct $name($crate_::SecretKey);

        impl Agreement for $name {
            fn agree(&self, peer: &PublicMaterial) -> Result<Zeroizing<Vec<u8>>, Error> {
                let PublicMaterial::Ec { curve: $curve, x, y } = peer else { return Err(REFUSED) };
                let point = write::uncompressed(x, y);
                let peer = $crate_::PublicKey::from_sec1_bytes(&point).map_err(|_| REFUSED)?;
                let shared = self.0.diffie_hellman(&peer);
                Ok(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
            }
        }
    };
}

agreement!(P256, p256, Curve::P256);
agreement!(P384, p384, Curve::P384);
agreement!(P521, p521, Curve::P521);

struct X25519(x25519_dalek::StaticSecret);

impl Agreement for X25519 {
    fn agree(&self, peer: &PublicMaterial) -> Result<Zeroizing<Vec<u8>>, Error> {
        let PublicMaterial::Okp { curve: OkpCurve::X25519, x } = peer else { return Err(REFUSED) };
        let point: [u8; 32] = x.as_slice().try_into().map_err(|_| REFUSED)?;
        let shared = self.0.diffie_hellman(&x25519_dalek::PublicKey::from(point));
        if !shared.was_contributory() {
            return Err(REFUSED);
        }
        Ok(Zeroizing::new(shared.as_bytes().to_vec()))
    }
}
