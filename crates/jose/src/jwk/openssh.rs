//! OpenSSH public keys, one line as in `id_ed25519.pub` or `authorized_keys` (RFC 4253 6.6, RFC 5656 3.1, RFC 8709 4).

use data_encoding::BASE64;

use super::read::point;
use super::write::uncompressed;
use crate::crypto::PublicMaterial;
use crate::error::Error;
use crate::key_type::{Curve, OkpCurve};

/// The longest line: an RSA key of 8192 bits and a comment.
const MAX_BYTES: usize = 8 * 1024;

const MALFORMED: Error = Error::Malformed {
    what: "the OpenSSH public key",
    expected: "one line: the type (ssh-rsa, ssh-ed25519, ssh-ed448 or ecdsa-sha2-nistp256/384/521), the key, and perhaps a comment",
};

/// Reads one line.
pub(super) fn parse(line: &str) -> Result<PublicMaterial, Error> {
    if line.len() > MAX_BYTES {
        return Err(Error::TooLong("the OpenSSH public key"));
    }
    let mut words = line.split_ascii_whitespace();
    let (Some(kind), Some(encoded)) = (words.next(), words.next()) else { return Err(MALFORMED) };
    if line.trim().contains(['\n', '\r']) {
        return Err(MALFORMED);
    }
    let blob = BASE64.decode(encoded.as_bytes()).map_err(|_| MALFORMED)?;
    let mut blob = Blob(&blob);
    if blob.string()? != kind.as_bytes() {
        return Err(MALFORMED);
    }
    let public = match kind {
        "ssh-rsa" => {
            let (e, n) = (blob.number()?, blob.number()?);
            PublicMaterial::Rsa { n, e }
        }
        "ssh-ed25519" => okp(OkpCurve::Ed25519, blob.string()?)?,
        "ssh-ed448" => okp(OkpCurve::Ed448, blob.string()?)?,
        _ => {
            let curve = Curve::ALL
                .iter()
                .copied()
                .find(|curve| ec_name(*curve).is_some_and(|(name, _)| name == kind));
            let curve = curve.ok_or(MALFORMED)?;
            let (_, short) = ec_name(curve).ok_or(MALFORMED)?;
            if blob.string()? != short.as_bytes() {
                return Err(MALFORMED);
            }
            point(curve, blob.string()?)?
        }
    };
    if blob.0.is_empty() { Ok(public) } else { Err(MALFORMED) }
}

/// Writes one line, without a line feed at its end.
pub(super) fn encode(public: &PublicMaterial, comment: &str) -> Result<String, Error> {
    if comment.contains(['\n', '\r']) {
        return Err(Error::Malformed { what: "the comment", expected: "one line" });
    }
    let unsupported = Error::Unsupported("this type of key in OpenSSH");
    let (kind, parts): (&str, Vec<Vec<u8>>) = match public {
        PublicMaterial::Rsa { n, e } => ("ssh-rsa", vec![positive(e), positive(n)]),
        PublicMaterial::Okp { curve: OkpCurve::Ed25519, x } => ("ssh-ed25519", vec![x.clone()]),
        PublicMaterial::Okp { curve: OkpCurve::Ed448, x } => ("ssh-ed448", vec![x.clone()]),
        PublicMaterial::Ec { curve, x, y } => {
            let (kind, short) = ec_name(*curve).ok_or(unsupported)?;
            (kind, vec![short.as_bytes().to_vec(), uncompressed(x, y)])
        }
        _ => return Err(unsupported),
    };
    let mut blob = Vec::with_capacity(1200);
    for part in std::iter::once(kind.as_bytes()).chain(parts.iter().map(Vec::as_slice)) {
        blob.extend_from_slice(&u32::try_from(part.len()).unwrap_or_default().to_be_bytes());
        blob.extend_from_slice(part);
    }
    let line = format!("{kind} {} {comment}", BASE64.encode(&blob));
    Ok(line.trim_end().to_owned())
}

fn ec_name(curve: Curve) -> Option<(&'static str, &'static str)> {
    match curve {
        Curve::P256 => Some(("ecdsa-sha2-nistp256", "nistp256")),
        Curve::P384 => Some(("ecdsa-sha2-nistp384", "nistp384")),
        Curve::P521 => Some(("ecdsa-sha2-nistp521", "nistp521")),
        Curve::Secp256k1 => None,
    }
}

fn okp(curve: OkpCurve, x: &[u8]) -> Result<PublicMaterial, Error> {
    if x.len() != curve.key_len() {
        return Err(MALFORMED);
    }
    Ok(PublicMaterial::Okp { curve, x: x.to_vec() })
}

/// An `mpint` that is positive (RFC 4251 5).
fn positive(number: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if number.first().is_some_and(|byte| *byte >= 0x80) { &[0] } else { &[] };
    [sign, number].concat()
}

/// Strings with their length before them (RFC 4251 5).
struct Blob<'a>(&'a [u8]);

impl<'a> Blob<'a> {
    fn string(&mut self) -> Result<&'a [u8], Error> {
        let (length, rest) = self.0.split_first_chunk().ok_or(MALFORMED)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| MALFORMED)?;
        let (string, rest) = rest.split_at_checked(length).ok_or(MALFORMED)?;
        self.0 = rest;
        Ok(string)
    }

    fn number(&mut self) -> Result<Vec<u8>, Error> {
        match self.string()? {
            [0, rest @ ..] if rest.first().is_some_and(|byte| *byte >= 0x80) => Ok(rest.to_vec()),
            plain @ [1..=0x7f, ..] => Ok(plain.to_vec()),
            _ => Err(MALFORMED),
        }
    }
}

/// Whether a word is the kind of an OpenSSH key.
pub(super) fn is_kind(word: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].iter().any(|start| word.starts_with(start))
}

/// Whether it is the key of a line, without the rest of the line.
pub(super) fn is_blob(bytes: &[u8]) -> bool {
    Blob(bytes).string().is_ok_and(|kind| std::str::from_utf8(kind).is_ok_and(is_kind))
}
