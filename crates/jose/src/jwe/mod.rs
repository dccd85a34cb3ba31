//! JSON Web Encryption (RFC 7516): the compact form and the two JSON forms, one recipient or several.
//!
//! | file | what | section |
//! |---|---|---|
//! | `algorithm` | the two tables of algorithms | RFC 7518 4.1, 5.1 |
//! | `key`, `key_set` | keys that encrypt and decrypt | RFC 7517 |
//! | `builder` | encrypt | RFC 7516 5.1 |
//! | `message` | the forms, read | RFC 7516 7 |
//! | `header` | what a header may say | RFC 7516 4 |
//! | `policy` | what a message must be | RFC 8725 3 |
//! | `decrypt` | decrypt | RFC 7516 5.2 |
//! | `pending` | decryption by a key that is held elsewhere | |
//! | `recipient` | the content's key, protected for a recipient and recovered by it | RFC 7518 4 |
//! | `content` | the content's ciphers | RFC 7518 5 |
//! | `kdf` | keys from agreed secrets | RFC 7518 4.6.2 |
//! | `zip` | compression, bounded | RFC 7516 4.1.3 |
//! | `nested` | signed, then encrypted | RFC 7519 11.2 |

mod algorithm;
mod builder;
mod content;
mod decrypt;
mod header;
mod kdf;
mod key;
mod key_set;
mod message;
mod nested;
mod pending;
mod policy;
mod recipient;
mod zip;

pub use algorithm::{ContentEncryption, KeyManagement};
pub use builder::{JweBuilder, JweRecipient};
pub use decrypt::Jwe;
pub use header::JweHeader;
pub use key::EncryptionKey;
pub use key_set::EncryptionKeySet;
pub use pending::{PendingJwe, RemoteStep};
pub use policy::JwePolicy;

/// The longest message, unless a policy says more.
const MAX_BYTES: usize = 256 * 1024;
/// The longest header, encoded; it may carry an ephemeral key.
const MAX_HEADER_BYTES: usize = 8 * 1024;
/// The most recipients of one message: each may cost a private operation.
const MAX_RECIPIENTS: usize = 16;
