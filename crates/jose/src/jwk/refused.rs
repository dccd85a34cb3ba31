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
    if secret.is_empty() {
        return Err(Error::WeakKey("a secret must not be empty: is a setting missing?"));
    }
    if looks_like_a_key(secret) {
        return Err(Error::InvalidKey(
            "this is a key file, not a secret: use from_pem, from_der or from_json",
        ));
    }
    Ok(())
}

/// Public keys in the forms in which they lie about: key files, with their armour and without, lines of OpenSSH, and each of
/// them in base64.
fn looks_like_a_key(secret: &[u8]) -> bool {
    let text: String = String::from_utf8_lossy(secret).chars().filter(char::is_ascii_graphic).collect();
    let is_encoded = [BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD].iter().any(|encoding| {
        encoding.decode(text.as_bytes()).is_ok_and(|bytes| is_key_file(&bytes) || openssh::is_blob(&bytes))
    });
    is_encoded || is_key_file(secret)
}

fn is_key_file(bytes: &[u8]) -> bool {
    if read::is_key(bytes) || read::is_key(bytes.trim_ascii()) {
        return true;
    }
    // In UTF-16 and UTF-32 there are zeros between the letters; in a string of JSON, backslashes before the quotes.
    let text: String = String::from_utf8_lossy(bytes).chars().filter(|c| !matches!(c, '\0' | '\\')).collect();
    let is_key_text = ["\"kty\"", "\"keys\"", "-----BEGIN ", "-----END ", "---- BEGIN "];
    is_key_text.iter().any(|mark| text.contains(mark)) || text.split_ascii_whitespace().any(openssh::is_kind)
}
