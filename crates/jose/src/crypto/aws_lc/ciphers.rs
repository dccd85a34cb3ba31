//! The primitives of encryption.

use std::num::NonZeroU32;

use aes_kw::KwAes192;
use aes_kw::cipher::KeyInit as _;
use aws_lc_rs::aead::{
    AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};
use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, UnparsedPublicKey, X25519};
use aws_lc_rs::cipher::{
    self, DecryptionContext, EncryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::key_wrap::{self, AesKek, KeyWrap as _};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, Pkcs1PrivateDecryptingKey,
    Pkcs1PublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::{hmac, pbkdf2};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::AeadInOut as _;
use zeroize::Zeroizing;

use super::{AwsLc, BROKEN};
use crate::crypto::{
    Aead, Agreement, Ciphers, Hash, PrivateMaterial, PublicMaterial, RsaDecrypter, RsaEncrypter, RsaPadding,
    TAG_LEN, curve448,
};
use crate::error::Error;
use crate::jwk::read;
use crate::jwk::write;
use crate::key_type::{Curve, OkpCurve};

const FAILED: Error = Error::Backend("encrypting");

impl Ciphers for AwsLc {
    fn seal(
        &self,
        aead: Aead,
        key: &[u8],
        nonce: &[u8],
        aad: &[u8],
        data: &mut [u8],
    ) -> Result<[u8; TAG_LEN], Error> {
        if aead == Aead::XChaCha20Poly1305 {
            let cipher = XChaCha20Poly1305::new_from_slice(key).map_err(|_| FAILED)?;
            let nonce = nonce.try_into().map_err(|_| FAILED)?;
            return Ok(cipher.encrypt_inout_detached(nonce, aad, data.into()).map_err(|_| FAILED)?.into());
        }
        let failed = |_: Unspecified| FAILED;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(failed)?;
        let made = gcm_or_chacha(aead, key)
            .map_err(failed)?
            .seal_in_place_separate_tag(nonce, Aad::from(aad), data)
            .map_err(failed)?;
        let mut tag = [0; TAG_LEN];
        tag.copy_from_slice(made.as_ref());
        Ok(tag)
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
        if tag.len() != TAG_LEN {
            return Err(Error::Decryption);
        }
        if aead == Aead::XChaCha20Poly1305 {
            let cipher = XChaCha20Poly1305::new_from_slice(key).map_err(|_| Error::Decryption)?;
            let nonce = nonce.try_into().map_err(|_| Error::Decryption)?;
            let tag = tag.try_into().map_err(|_| Error::Decryption)?;
            let mut opened = Zeroizing::new(data.to_vec());
            cipher
                .decrypt_inout_detached(nonce, aad, opened.as_mut_slice().into(), tag)
                .map_err(|_| Error::Decryption)?;
            return Ok(opened);
        }
        let failed = |_: Unspecified| Error::Decryption;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(failed)?;
        let mut opened = Zeroizing::new(vec![0; data.len()]);
        gcm_or_chacha(aead, key)
            .map_err(failed)?
            .open_separate_gather(nonce, Aad::from(aad), data, tag, &mut opened)
            .map_err(failed)?;
        Ok(opened)
    }

    fn encrypt_cbc(&self, key: &[u8], iv: [u8; 16], plaintext: &[u8]) -> Result<Vec<u8>, Error> {
        let failed = |_: Unspecified| FAILED;
        let key = UnboundCipherKey::new(aes(key).ok_or(FAILED)?, key).map_err(failed)?;
        let mut data = plaintext.to_vec();
        PaddedBlockEncryptingKey::cbc_pkcs7(key)
            .map_err(failed)?
            .less_safe_encrypt(&mut data, EncryptionContext::Iv128(FixedLength::from(iv)))
            .map_err(failed)?;
        Ok(data)
    }

    fn decrypt_cbc(&self, key: &[u8], iv: [u8; 16], data: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let failed = |_: Unspecified| Error::Decryption;
        let key = UnboundCipherKey::new(aes(key).ok_or(Error::Decryption)?, key).map_err(failed)?;
        let mut plaintext = Zeroizing::new(data.to_vec());
        let len = PaddedBlockDecryptingKey::cbc_pkcs7(key)
            .map_err(failed)?
            .decrypt(&mut plaintext, DecryptionContext::Iv128(FixedLength::from(iv)))
            .map_err(failed)?
            .len();
        plaintext.truncate(len);
        Ok(plaintext)
    }

    fn wrap(&self, kek: &[u8], key: &[u8]) -> Result<Vec<u8>, Error> {
        let mut wrapped = vec![0; key.len().saturating_add(8)];
        if kek.len() == 24 {
            let kek = KwAes192::new_from_slice(kek).map_err(|_| FAILED)?;
            kek.wrap_key(key, &mut wrapped).map_err(|_| FAILED)?;
        } else {
            let failed = |_: Unspecified| FAILED;
            kek_of(kek).map_err(failed)?.wrap(key, &mut wrapped).map_err(failed)?;
        }
        Ok(wrapped)
    }

    fn unwrap(&self, kek: &[u8], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut key = Zeroizing::new(vec![0; wrapped.len()]);
        let len = if kek.len() == 24 {
            let kek = KwAes192::new_from_slice(kek).map_err(|_| Error::Decryption)?;
            kek.unwrap_key(wrapped, &mut key).map_err(|_| Error::Decryption)?.len()
        } else {
            let failed = |_: Unspecified| Error::Decryption;
            kek_of(kek).map_err(failed)?.unwrap(wrapped, &mut key).map_err(failed)?.len()
        };
        key.truncate(len);
        Ok(key)
    }

    fn hmac(&self, hash: Hash, key: &[u8], parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        let algorithm = match hash {
            Hash::Sha256 => hmac::HMAC_SHA256,
            Hash::Sha384 => hmac::HMAC_SHA384,
            Hash::Sha512 => hmac::HMAC_SHA512,
        };
        let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, key));
        for part in parts {
            context.update(part);
        }
        Zeroizing::new(context.sign().as_ref().to_vec())
    }

    fn pbkdf2(&self, hash: Hash, password: &[u8], salt: &[u8], iterations: NonZeroU32, key: &mut [u8]) {
        let algorithm = match hash {
            Hash::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
            Hash::Sha384 => pbkdf2::PBKDF2_HMAC_SHA384,
            Hash::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
        };
        pbkdf2::derive(algorithm, iterations, salt, password, key);
    }

    fn rsa_encrypter(&self, public: &PublicMaterial) -> Result<Box<dyn RsaEncrypter>, Error> {
        if !matches!(public, PublicMaterial::Rsa { .. }) {
            return Err(Error::KeyMismatch);
        }
        let key = PublicEncryptingKey::from_der(&write::spki(public)).map_err(|_| BROKEN)?;
        Ok(Box::new(RsaPublic {
            oaep: OaepPublicEncryptingKey::new(key.clone()).map_err(|_| BROKEN)?,
            pkcs1: Pkcs1PublicEncryptingKey::new(key).map_err(|_| BROKEN)?,
        }))
    }

    fn rsa_decrypter(
        &self,
        public: &PublicMaterial,
        private: &PrivateMaterial,
    ) -> Result<Box<dyn RsaDecrypter>, Error> {
        if !matches!(public, PublicMaterial::Rsa { .. }) {
            return Err(Error::KeyMismatch);
        }
        let key = PrivateDecryptingKey::from_pkcs8(&write::pkcs8(public, private)?).map_err(|_| BROKEN)?;
        Ok(Box::new(RsaPrivate {
            oaep: OaepPrivateDecryptingKey::new(key.clone()).map_err(|_| BROKEN)?,
            pkcs1: Pkcs1PrivateDecryptingKey::new(key).map_err(|_| BROKEN)?,
        }))
    }

    fn agreement(
        &self,
        public: &PublicMaterial,
        private: &PrivateMaterial,
    ) -> Result<Box<dyn Agreement>, Error> {
        if let (PublicMaterial::Okp { curve: OkpCurve::X448, x }, PrivateMaterial::Okp { d }) =
            (public, private)
        {
            return curve448::agreement(x, d);
        }
        let algorithm = ecdh(public)?;
        let (PrivateMaterial::Ec { d } | PrivateMaterial::Okp { d }) = private else {
            return Err(Error::KeyMismatch);
        };
        let key = agreement::PrivateKey::from_private_key(algorithm, d).map_err(|_| BROKEN)?;
        let derived = key.compute_public_key().map_err(|_| BROKEN)?;
        if derived.as_ref() != point(public)?.as_slice() {
            return Err(BROKEN);
        }
        Ok(Box::new(Private(key)))
    }

    fn agree_ephemeral(&self, peer: &PublicMaterial) -> Result<(PublicMaterial, Zeroizing<Vec<u8>>), Error> {
        if matches!(peer, PublicMaterial::Okp { curve: OkpCurve::X448, .. }) {
            return curve448::agree_ephemeral(self, peer);
        }
        let failed = |_: Unspecified| FAILED;
        let key = agreement::PrivateKey::generate(ecdh(peer)?).map_err(failed)?;
        let public = key.compute_public_key().map_err(failed)?;
        let public = match peer {
            PublicMaterial::Ec { curve, .. } => read::point(*curve, public.as_ref())?,
            PublicMaterial::Okp { curve, .. } => {
                PublicMaterial::Okp { curve: *curve, x: public.as_ref().to_vec() }
            }
            _ => return Err(Error::KeyMismatch),
        };
        Ok((public, Private(key).agree(peer)?))
    }
}

fn gcm_or_chacha(aead: Aead, key: &[u8]) -> Result<LessSafeKey, Unspecified> {
    let algorithm = match aead {
        Aead::A128Gcm => &AES_128_GCM,
        Aead::A192Gcm => &AES_192_GCM,
        Aead::A256Gcm => &AES_256_GCM,
        Aead::ChaCha20Poly1305 | Aead::XChaCha20Poly1305 => &CHACHA20_POLY1305,
    };
    UnboundKey::new(algorithm, key).map(LessSafeKey::new)
}

fn aes(key: &[u8]) -> Option<&'static cipher::Algorithm> {
    match key.len() {
        16 => Some(&cipher::AES_128),
        24 => Some(&cipher::AES_192),
        32 => Some(&cipher::AES_256),
        _ => None,
    }
}

fn kek_of(kek: &[u8]) -> Result<AesKek, Unspecified> {
    let cipher = if kek.len() == 16 { &key_wrap::AES_128 } else { &key_wrap::AES_256 };
    AesKek::new(cipher, kek)
}

struct RsaPublic {
    oaep: OaepPublicEncryptingKey,
    pkcs1: Pkcs1PublicEncryptingKey,
}

fn oaep(padding: RsaPadding) -> Option<&'static OaepAlgorithm> {
    match padding {
        RsaPadding::Pkcs1 => None,
        RsaPadding::OaepSha1 => Some(&OAEP_SHA1_MGF1SHA1),
        RsaPadding::OaepSha256 => Some(&OAEP_SHA256_MGF1SHA256),
        RsaPadding::OaepSha384 => Some(&OAEP_SHA384_MGF1SHA384),
        RsaPadding::OaepSha512 => Some(&OAEP_SHA512_MGF1SHA512),
    }
}

impl RsaEncrypter for RsaPublic {
    fn encrypt(&self, padding: RsaPadding, key: &[u8]) -> Result<Vec<u8>, Error> {
        let mut encrypted = vec![0; self.oaep.ciphertext_size()];
        match oaep(padding) {
            Some(algorithm) => self.oaep.encrypt(algorithm, key, &mut encrypted, None).map(|_| ()),
            None => self.pkcs1.encrypt(key, &mut encrypted).map(|_| ()),
        }
        .map_err(|_| FAILED)?;
        Ok(encrypted)
    }
}

struct RsaPrivate {
    oaep: OaepPrivateDecryptingKey,
    pkcs1: Pkcs1PrivateDecryptingKey,
}

impl RsaDecrypter for RsaPrivate {
    fn decrypt(&self, padding: RsaPadding, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut key = Zeroizing::new(vec![0; self.oaep.min_output_size()]);
        let len = match oaep(padding) {
            Some(algorithm) => self.oaep.decrypt(algorithm, encrypted, &mut key, None).map(|key| key.len()),
            None => self.pkcs1.decrypt(encrypted, &mut key).map(|key| key.len()),
        }
        .map_err(|_| Error::Decryption)?;
        key.truncate(len);
        Ok(key)
    }
}

fn ecdh(public: &PublicMaterial) -> Result<&'static agreement::Algorithm, Error> {
    match public {
        PublicMaterial::Ec { curve: Curve::P256, .. } => Ok(&ECDH_P256),
        PublicMaterial::Ec { curve: Curve::P384, .. } => Ok(&ECDH_P384),
        PublicMaterial::Ec { curve: Curve::P521, .. } => Ok(&ECDH_P521),
        PublicMaterial::Okp { curve: OkpCurve::X25519, .. } => Ok(&X25519),
        _ => Err(Error::KeyMismatch),
    }
}

/// The public key as the agreement takes it.
fn point(public: &PublicMaterial) -> Result<Vec<u8>, Error> {
    match public {
        PublicMaterial::Ec { x, y, .. } => Ok(write::uncompressed(x, y)),
        PublicMaterial::Okp { x, .. } => Ok(x.clone()),
        _ => Err(Error::KeyMismatch),
    }
}

struct Private(agreement::PrivateKey);

impl Agreement for Private {
    fn agree(&self, peer: &PublicMaterial) -> Result<Zeroizing<Vec<u8>>, Error> {
        const REFUSED: Error = Error::InvalidKey("the other's key is not a point of this key's curve");
        let peer = UnparsedPublicKey::new(ecdh(peer)?, point(peer)?);
        agreement::agree(&self.0, peer, REFUSED, |secret| Ok(Zeroizing::new(secret.to_vec())))
    }
}
