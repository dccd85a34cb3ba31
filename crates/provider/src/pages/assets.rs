//! The one stylesheet, at a path that changes whenever its content does, so that a browser may keep it for ever.

use std::str;

/// The stylesheet of every page. Serve it as `text/css` at [`STYLESHEET_PATH`] with
/// `Cache-Control: public, max-age=31536000, immutable`.
pub const STYLESHEET: &str = include_str!("../../templates/authmint.css");

/// Where the pages look for [`STYLESHEET`], below [`Layout::base_path`](super::Layout::base_path).
pub const STYLESHEET_PATH: &str = match str::from_utf8(&PATH) {
    Ok(path) => path,
    Err(_) => "/assets/authmint.css",
};

const PATH: [u8; 37] = {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = fingerprint(STYLESHEET);
    let [s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15, s16] = *b"/assets/authmint-";
    [
        s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15, s16, a, b, c, d, e, f, g, h, i,
        j, k, l, m, n, o, p, b'.', b'c', b's', b's',
    ]
};

/// Sixteen hexadecimal digits that change with `content` (64-bit FNV-1a).
///
/// It names a version of a public file in its path. It is no protection against someone who wants two files to collide.
pub const fn fingerprint(content: &str) -> [u8; 16] {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut rest = content.as_bytes();
    while let [first, tail @ ..] = rest {
        hash = (hash ^ *first as u64).wrapping_mul(0x0000_0100_0000_01b3);
        rest = tail;
    }
    [
        digit(hash >> 60),
        digit(hash >> 56),
        digit(hash >> 52),
        digit(hash >> 48),
        digit(hash >> 44),
        digit(hash >> 40),
        digit(hash >> 36),
        digit(hash >> 32),
        digit(hash >> 28),
        digit(hash >> 24),
        digit(hash >> 20),
        digit(hash >> 16),
        digit(hash >> 12),
        digit(hash >> 8),
        digit(hash >> 4),
        digit(hash),
    ]
}

const fn digit(bits: u64) -> u8 {
    let low = (bits & 0xf) as u8;
    if low < 10 { b'0'.wrapping_add(low) } else { b'a'.wrapping_add(low.wrapping_sub(10)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_carries_the_hash_of_the_content() {
        let hash = fingerprint(STYLESHEET);
        let expected = format!("/assets/authmint-{}.css", str::from_utf8(&hash).unwrap());
        assert_eq!(STYLESHEET_PATH, expected);
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(&fingerprint("foobar"), b"85944171f73967e8");
    }
}
