//! What no key may be, in whatever form it comes: weak, or a public key that goes about as a secret (S02, S11 of the threat
//! table).

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};

use super::{Material, members, openssh, read, small_order};
use crate::crypto::PublicMaterial;
use crate::error::Error;
use crate::key_type::OkpCurve;

/// What no key may be, in whatever form it comes.
pub(super) fn check_material(material: &Material) -> Result<(), Error> {
    match material {
        Material::Secret(secret) => check_secret(secret),
        Material::Public(public) | Material::Pair(public, _) => match public {
            PublicMaterial::Rsa { n, e } => members::check_rsa(n, e),
            PublicMaterial::Okp { curve: OkpCurve::Ed25519, x } if small_order::is_small_order(x) => {
                Err(Error::WeakKey("anyone can sign for this Ed25519 key"))
            }
            _ => Ok(()),
        },
    }
}

pub(super) fn check_secret(secret: &[u8]) -> Result<(), Error> {
    if looks_like_a_key(secret) {
        return Err(Error::InvalidKey(
            "this is a key file, not a secret: use from_pem, from_der or from_json",
        ));
    }
    Ok(())
}

/// Public keys in the forms in which they lie about: key files, with their armour and without, and lines of OpenSSH.
fn looks_like_a_key(secret: &[u8]) -> bool {
    if read::is_key(secret) {
        return true;
    }
    let text = String::from_utf8_lossy(secret);
    let text = text.trim_start_matches('\u{feff}').trim();
    let jwk = text.starts_with('{') && (text.contains("\"kty\"") || text.contains("\"keys\""));
    let armoured = text.contains("-----BEGIN ") || text.contains("---- BEGIN ");
    let openssh = text.split_ascii_whitespace().any(openssh::is_kind);
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let body = [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD].iter().any(|encoding| {
        encoding
            .decode(compact.as_bytes())
            .is_ok_and(|bytes| read::is_key(&bytes) || openssh::is_blob(&bytes))
    });
    jwk || armoured || openssh || body
}
