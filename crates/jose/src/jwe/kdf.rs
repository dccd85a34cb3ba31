//! Keys from agreed secrets: Concat KDF with SHA-256 (RFC 7518 4.6.2; NIST SP 800-56A 5.8.1).

use zeroize::Zeroizing;

use crate::crypto::sha256;

/// What a derived key is bound to.
pub(super) struct Context<'a> {
    /// The `enc` for a key of the content, the `alg` for a key that wraps.
    pub(super) algorithm: &'a str,
    /// `apu`, decoded.
    pub(super) party_u: &'a [u8],
    /// `apv`, decoded.
    pub(super) party_v: &'a [u8],
    /// The tag of the content, for a key of ECDH-1PU that wraps (draft-madden-jose-ecdh-1pu-04 2.3).
    pub(super) tag: Option<&'a [u8]>,
}

/// A key of `key_len` bytes, 64 at most.
pub(super) fn derive(secret: &[u8], key_len: usize, context: &Context<'_>) -> Zeroizing<Vec<u8>> {
    let mut info = Vec::new();
    for part in [context.algorithm.as_bytes(), context.party_u, context.party_v] {
        append_with_length(part, &mut info);
    }
    info.extend_from_slice(&length(key_len.saturating_mul(8)));
    if let Some(tag) = context.tag {
        append_with_length(tag, &mut info);
    }
    let mut key = Zeroizing::new(Vec::with_capacity(64));
    for round in 1_u32..=2 {
        let input = Zeroizing::new([&round.to_be_bytes(), secret, info.as_slice()].concat());
        key.extend_from_slice(&sha256(&input));
    }
    key.truncate(key_len);
    key
}

fn append_with_length(part: &[u8], info: &mut Vec<u8>) {
    info.extend_from_slice(&length(part.len()));
    info.extend_from_slice(part);
}

/// Headers are bounded far below 2^32.
fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::{Context, derive};
    use crate::base64url;

    /// Z of RFC 7518 C; Ze of draft-madden-jose-ecdh-1pu-04 A.3.
    const EPHEMERAL: [u8; 32] = [
        158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163, 218,
        128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
    ];
    /// Zs of draft-madden-jose-ecdh-1pu-04 A.4.
    const STATIC: [u8; 32] = [
        0xe3, 0xca, 0x34, 0x74, 0x38, 0x4c, 0x9f, 0x62, 0xb3, 0x0b, 0xfd, 0x4c, 0x68, 0x8b, 0x3e, 0x7d, 0x41,
        0x10, 0xa1, 0xb4, 0xba, 0xdc, 0x3c, 0xc5, 0x4e, 0xf7, 0xb8, 0x12, 0x41, 0xef, 0xd5, 0x0d,
    ];

    fn context(algorithm: &str) -> Context<'_> {
        Context { algorithm, party_u: b"Alice", party_v: b"Bob", tag: None }
    }

    #[test]
    fn rfc7518_c() {
        let key = derive(&EPHEMERAL, 16, &context("A128GCM"));
        assert_eq!(base64url::encode(&key), "VqqN6vgjbSBcIijNcacQGg");
    }

    #[test]
    fn ecdh_1pu_a() {
        let key = derive(&[EPHEMERAL, STATIC].concat(), 32, &context("A256GCM"));
        let expected = [
            0x6c, 0xaf, 0x13, 0x72, 0x3d, 0x14, 0x85, 0x0a, 0xd4, 0xb4, 0x2c, 0xd6, 0xdd, 0xe9, 0x35, 0xbf,
            0xfd, 0x2f, 0xff, 0x00, 0xa9, 0xba, 0x70, 0xde, 0x05, 0xc2, 0x03, 0xa5, 0xe1, 0x72, 0x2c, 0xa7,
        ];
        assert_eq!(*key, expected);
    }
}
