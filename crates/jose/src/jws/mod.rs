//! JSON Web Signature (RFC 7515): the compact form, the two JSON forms, detached and unencoded payloads (RFC 7797).
//!
//! Everything is verified in an order that an attacker can't use: bounds come first, then the header, then the key, then the
//! signature; what the payload says is looked at last. The header supplies no key: `jwk`, `jku`, `x5u`, `x5c` are read over
//! (RFC 8725 3.1 and 3.10).
//!
//! | file | what | section |
//! |---|---|---|
//! | `compact` | sign and verify the compact form | RFC 7515 7.1 |
//! | `header` | what a header may say | RFC 7515 4 |
//! | `builder` | more of a signature than the defaults | RFC 7515 7.2, RFC 7797 |
//! | `general` | verify the JSON forms | RFC 7515 7.2 |
//! | `policy` | what a JWS must be | RFC 7515 4.1.11, 5.2 |
//! | `pending` | signatures that are made elsewhere | |

mod builder;
mod compact;
mod general;
mod header;
mod pending;
mod policy;

pub use builder::{JwsBuilder, JwsSigner};
pub use compact::Jws;
pub(crate) use compact::{Unverified, sign, split, text};
pub use general::{JwsJson, VerifiedSignature};
pub use header::Header;
pub(crate) use header::{NewHeader, VerifiedHeaders};
pub use pending::PendingJws;
pub use policy::JwsPolicy;

/// The longest token that is looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 64 * 1024;
/// The longest encoded header.
const MAX_HEADER_BYTES: usize = 4 * 1024;
/// The most signatures of one message: each costs a check.
const MAX_SIGNATURES: usize = 16;
