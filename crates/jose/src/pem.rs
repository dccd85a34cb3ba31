//! PEM (RFC 7468): one block, whose label says which form of DER is inside.

use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::der::{self, Parsed};
use crate::error::Error;

/// The longest PEM text: an RSA key of 8192 bits takes some 6.5 KiB.
const MAX_BYTES: usize = 16 * 1024;

/// Reads the one block of a PEM text.
pub(crate) fn parse(text: &str) -> Result<Parsed, Error> {
    if text.len() > MAX_BYTES {
        return Err(Error::TooLong("the PEM text"));
    }
    let malformed =
        || Error::Malformed { what: "the PEM text", expected: "one block from BEGIN to END (RFC 7468)" };
    let (label, rest) = text
        .trim()
        .strip_prefix("-----BEGIN ")
        .and_then(|rest| rest.split_once("-----"))
        .ok_or_else(malformed)?;
    let body = rest.strip_suffix("-----").and_then(|rest| rest.strip_suffix(label)).ok_or_else(malformed)?;
    let body = body.strip_suffix("-----END ").ok_or_else(malformed)?;
    let compact: Zeroizing<String> =
        Zeroizing::new(body.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    let der = Zeroizing::new(BASE64.decode(compact.as_bytes()).map_err(|_| malformed())?);
    match label {
        "PRIVATE KEY" => der::pkcs8(&der),
        "PUBLIC KEY" => der::spki(&der),
        "RSA PRIVATE KEY" => der::rsa_private(&der),
        "RSA PUBLIC KEY" => der::rsa_public(&der),
        "EC PRIVATE KEY" => der::sec1(&der, None),
        _ => Err(Error::InvalidKey("this kind of PEM block is not supported; convert it with: openssl pkey")),
    }
}
