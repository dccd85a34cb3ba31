//! The crate's one error. It says what was wrong and what was expected, and never holds a token, a key or a claim's value.

/// Why a key, token or sealed value was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Longer than anything this crate looks at.
    #[error("{0} is longer than allowed")]
    TooLong(&'static str),
    /// Not of the form it should have.
    #[error("{what} must be {expected}")]
    Malformed {
        /// What was read.
        what: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// Not base64url without padding, whitespace or trailing bits (RFC 7515 2).
    #[error("base64url must have no padding, whitespace or trailing bits (RFC 7515 2)")]
    Base64,
    /// A JSON object names a member twice (RFC 7515 4, RFC 7519 4).
    #[error("{0} names a member twice (RFC 7515 4)")]
    DuplicateMember(&'static str),
    /// The header asks for an extension that is not understood, or misuses `crit` (RFC 7515 4.1.11).
    #[error("the header asks for an extension (crit or b64) that is not supported (RFC 7515 4.1.11)")]
    CriticalHeader,
    /// The token's algorithm is missing, unknown, or not among those the caller named (RFC 8725 3.1).
    #[error("the algorithm is not one that the caller allows (RFC 8725 3.1)")]
    AlgorithmNotAllowed,
    /// The key is not for this algorithm, or not for this use (RFC 7517 4.2 to 4.4).
    #[error("the key is not for this algorithm or this use (RFC 7517 4)")]
    KeyMismatch,
    /// No key has the token's `kid`; a cache of keys should be renewed.
    #[error("no key has the kid of the token")]
    UnknownKey,
    /// The signature is not this key's.
    #[error("the signature is not valid")]
    BadSignature,
    /// The message can't be decrypted. It does not say why, so that nobody learns from it (RFC 7516 11.5).
    #[error("the message can't be decrypted: it was changed, or is for another key")]
    Decryption,
    /// More recipients, signatures or iterations than the policy allows, or fewer iterations.
    #[error("{0} is out of the bounds that the policy sets")]
    OutOfBounds(&'static str),
    /// The policy does not say what it must.
    #[error("the policy does not name {0}: say what is expected, or that any will do (RFC 8725 3)")]
    PolicyIncomplete(&'static str),
    /// The `typ` is another (RFC 8725 3.11).
    #[error("the typ is not the expected one (RFC 8725 3.11)")]
    WrongType,
    /// A claim is absent that the policy requires.
    #[error("the claim {0} is missing")]
    MissingClaim(String),
    /// A registered claim has another JSON type or range than RFC 7519 4.1 gives it.
    #[error("the claim {0} has the wrong type (RFC 7519 4.1)")]
    InvalidClaim(&'static str),
    /// `exp` has passed.
    #[error("the token has expired (RFC 7519 4.1.4)")]
    Expired,
    /// `nbf` or `iat` lies ahead.
    #[error("the token is not valid yet (RFC 7519 4.1.5)")]
    NotYetValid,
    /// `iss` is another.
    #[error("the issuer is not the expected one (RFC 7519 4.1.1)")]
    WrongIssuer,
    /// `aud` does not name us, or not us alone where that is asked for.
    #[error("the audience is not the expected one (RFC 7519 4.1.3)")]
    WrongAudience,
    /// `sub` is another.
    #[error("the subject is not the expected one (RFC 7519 4.1.2)")]
    WrongSubject,
    /// Issued longer ago than the policy allows.
    #[error("the token was issued too long ago")]
    TooOld,
    /// Valid for longer than the policy allows.
    #[error("the token is valid for longer than is accepted")]
    LivesTooLong,
    /// The claims don't fit the type they are read into.
    #[error("the claims do not have the expected form")]
    ClaimsForm,
    /// The backend, or this build of it, does not know the algorithm or the type of key.
    #[error("{0} is not supported by the cryptography backend")]
    Unsupported(&'static str),
    /// The key can't be read.
    #[error("the key can't be read: {0}")]
    InvalidKey(&'static str),
    /// The key is too weak (RFC 7518 3.2, 3.3).
    #[error("the key is too weak: {0} (RFC 7518 3)")]
    WeakKey(&'static str),
    /// There is no private key to sign with.
    #[error("this is a public key: it can't sign")]
    NoPrivateKey,
    /// A symmetric key has no public half.
    #[error("a symmetric key has no public half")]
    NoPublicKey,
    /// The sealed value is broken, of another context, or sealed with another key.
    #[error(
        "the sealed value can't be opened: it was changed, or sealed with another key or for another purpose"
    )]
    Sealed,
    /// The backend failed: no randomness, no memory.
    #[error("the cryptography backend failed at {0}")]
    Backend(&'static str),
}
