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
