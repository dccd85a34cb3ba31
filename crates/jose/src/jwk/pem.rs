//! PEM (RFC 7468): one block, whose label says which form of DER is inside.

use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::read::{self, Parsed};
use crate::error::Error;

/// The longest PEM text: an RSA key of 8192 bits takes some 6.5 KiB, a certificate with it and many names twice that.
const MAX_BYTES: usize = 32 * 1024;
/// Characters of a line (RFC 7468 2).
const LINE: usize = 64;

pub(super) const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// The label and the content of the one block of a PEM text.
pub(super) fn decode(text: &str) -> Result<(&str, Zeroizing<Vec<u8>>), Error> {
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
    let mut compact = Zeroizing::new(String::with_capacity(body.len()));
    compact.extend(body.chars().filter(|c| !c.is_ascii_whitespace()));
    let der = Zeroizing::new(BASE64.decode(compact.as_bytes()).map_err(|_| malformed())?);
    Ok((label, der))
}

/// Reads the key of a block that is not encrypted.
pub(super) fn parse(text: &str) -> Result<Parsed, Error> {
    let (label, der) = decode(text)?;
    match label {
        "PRIVATE KEY" => read::pkcs8(&der),
        "PUBLIC KEY" => read::spki(&der),
        "RSA PRIVATE KEY" => read::rsa_private(&der),
        "RSA PUBLIC KEY" => read::rsa_public(&der),
        "EC PRIVATE KEY" => read::sec1(&der, None),
        "CERTIFICATE" => read::certificate(&der),
        ENCRYPTED => Err(Error::InvalidKey("it is encrypted: give its password")),
        _ => Err(Error::InvalidKey("this kind of PEM block is not supported; convert it with: openssl pkey")),
    }
}

/// Writes one block.
pub(super) fn encode(label: &str, der: &[u8]) -> Zeroizing<String> {
    let encoded = Zeroizing::new(BASE64.encode(der));
    let room = encoded.len().saturating_add(encoded.len() / LINE).saturating_add(128);
    let mut text = Zeroizing::new(String::with_capacity(room));
    text.extend(["-----BEGIN ", label, "-----\n"]);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(LINE).unwrap_or((rest, ""));
        text.extend([line, "\n"]);
        rest = after;
    }
    text.extend(["-----END ", label, "-----\n"]);
    text
}
