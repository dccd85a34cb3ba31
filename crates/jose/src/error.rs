//! The crate's one error. It says what was wrong and what was expected, and never holds a token, a key or a claim's value.

use std::fmt;

/// Why a key, token or sealed value was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Longer than anything this crate looks at.
    TooLong(&'static str),
    /// Not of the form it should have.
    Malformed {
        /// What was read.
        what: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// Not base64url without padding, whitespace or trailing bits (RFC 7515 2).
    Base64,
    /// A JSON object names a member twice (RFC 7515 4, RFC 7519 4).
    DuplicateMember(&'static str),
    /// The header asks for an extension that is not understood, or misuses `crit` (RFC 7515 4.1.11).
    CriticalHeader,
    /// The token's algorithm is missing, unknown, or not among those the caller named (RFC 8725 3.1).
    AlgorithmNotAllowed,
    /// The key is not for this algorithm, or not for this use (RFC 7517 4.2 to 4.4).
    KeyMismatch,
    /// No key has the token's `kid`; a cache of keys should be renewed.
    UnknownKey,
    /// The signature is not this key's.
    BadSignature,
    /// The message can't be decrypted. It does not say why, so that nobody learns from it (RFC 7516 11.5).
    Decryption,
    /// More recipients, signatures or iterations than the policy allows, or fewer iterations.
    OutOfBounds(&'static str),
    /// The policy does not say what it must.
    PolicyIncomplete(&'static str),
    /// The `typ` is another (RFC 8725 3.11).
    WrongType,
    /// A claim is absent that the policy requires.
    MissingClaim(String),
    /// A claim is there that the policy forbids.
    UnexpectedClaim(String),
    /// A registered claim has another JSON type or range than RFC 7519 4.1 gives it.
    InvalidClaim(&'static str),
    /// `exp` has passed.
    Expired,
    /// `nbf` or `iat` lies ahead.
    NotYetValid,
    /// `iss` is another.
    WrongIssuer,
    /// `aud` does not name us, or not us alone where that is asked for.
    WrongAudience,
    /// `sub` is another.
    WrongSubject,
    /// Issued longer ago than the policy allows.
    TooOld,
    /// A check of the caller's own failed: what it says must be so.
    CheckFailed(&'static str),
    /// Valid for longer than the policy allows.
    LivesTooLong,
    /// The claims don't fit the type they are read into.
    ClaimsForm,
    /// The backend, or this build of it, does not know the algorithm or the type of key.
    Unsupported(&'static str),
    /// The key can't be read.
    InvalidKey(&'static str),
    /// The key is too weak (RFC 7518 3.2, 3.3).
    WeakKey(&'static str),
    /// There is no private key to sign with.
    NoPrivateKey,
    /// A symmetric key has no public half.
    NoPublicKey,
    /// The sealed value is broken, of another context, or sealed with another key.
    Sealed,
    /// The backend failed: no randomness, no memory.
    Backend(&'static str),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(it) => write!(f, "{it} is longer than allowed"),
            Self::Malformed { what, expected } => write!(f, "{what} must be {expected}"),
            Self::Base64 => f.write_str("base64url must have no padding, whitespace or trailing bits (RFC 7515 2)"),
            Self::DuplicateMember(it) => write!(f, "{it} names a member twice (RFC 7515 4)"),
            Self::CriticalHeader => f.write_str("the header asks for an extension (crit or b64) that is not supported (RFC 7515 4.1.11)"),
            Self::AlgorithmNotAllowed => f.write_str("the algorithm is not one that the caller allows (RFC 8725 3.1)"),
            Self::KeyMismatch => f.write_str("the key is not for this algorithm or this use (RFC 7517 4)"),
            Self::UnknownKey => f.write_str("no key has the kid of the token"),
            Self::BadSignature => f.write_str("the signature is not valid"),
            Self::Decryption => f.write_str("the message can't be decrypted: it was changed, or is for another key"),
            Self::OutOfBounds(it) => write!(f, "{it} is out of the bounds that the policy sets"),
            Self::PolicyIncomplete(it) => write!(f, "the policy does not name {it}: say what is expected, or that any will do (RFC 8725 3)"),
            Self::WrongType => f.write_str("the typ is not the expected one (RFC 8725 3.11)"),
            Self::MissingClaim(it) => write!(f, "the claim {it} is missing"),
            Self::UnexpectedClaim(it) => write!(f, "the claim {it} must not be there"),
            Self::InvalidClaim(it) => write!(f, "the claim {it} has the wrong type (RFC 7519 4.1)"),
            Self::Expired => f.write_str("the token has expired (RFC 7519 4.1.4)"),
            Self::NotYetValid => f.write_str("the token is not valid yet (RFC 7519 4.1.5)"),
            Self::WrongIssuer => f.write_str("the issuer is not the expected one (RFC 7519 4.1.1)"),
            Self::WrongAudience => f.write_str("the audience is not the expected one (RFC 7519 4.1.3)"),
            Self::WrongSubject => f.write_str("the subject is not the expected one (RFC 7519 4.1.2)"),
            Self::TooOld => f.write_str("the token was issued too long ago"),
            Self::CheckFailed(it) => write!(f, "the claims fail a check of the application: {it}"),
            Self::LivesTooLong => f.write_str("the token is valid for longer than is accepted"),
            Self::ClaimsForm => f.write_str("the claims do not have the expected form"),
            Self::Unsupported(it) => write!(f, "{it} is not supported by the cryptography backend"),
            Self::InvalidKey(it) => write!(f, "the key can't be read: {it}"),
            Self::WeakKey(it) => write!(f, "the key is too weak: {it} (RFC 7518 3)"),
            Self::NoPrivateKey => f.write_str("this is a public key: it can't sign"),
            Self::NoPublicKey => f.write_str("a symmetric key has no public half"),
            Self::Sealed => f.write_str("the sealed value can't be opened: it was changed, or sealed with another key or for another purpose"),
            Self::Backend(it) => write!(f, "the cryptography backend failed at {it}"),
        }
    }
}

impl std::error::Error for Error {}
