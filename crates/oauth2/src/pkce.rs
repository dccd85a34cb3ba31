//! Proof Key for Code Exchange (RFC 7636), method S256.
//!
//! `plain` is not here: RFC 9700 2.1.1 asks for a method that does not show the verifier in the authorization
//! request, and S256 is the one that exists.

use std::fmt;

use authmint_jose::{Entropy, Secret, base64url, constant_time_eq, random_token, sha256};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorCode};

/// A code verifier: the client's secret for one authorization request.
///
/// ```
/// use authmint_oauth2::CodeVerifier;
///
/// // RFC 7636 appendix B
/// let verifier = CodeVerifier::parse("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")?;
/// assert_eq!(verifier.challenge().as_str(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
/// # Ok::<(), authmint_oauth2::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeVerifier(Secret);

impl CodeVerifier {
    /// A new verifier of 256 random bits.
    ///
    /// # Errors
    /// When the source of randomness fails.
    pub fn generate(entropy: &dyn Entropy) -> Result<Self, authmint_jose::Error> {
        random_token(entropy).map(Self)
    }

    /// Reads a verifier: 43 to 128 unreserved characters (RFC 7636 4.1).
    ///
    /// # Errors
    /// `invalid_request` when the syntax is another.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if !(43..=128).contains(&text.len()) || !text.bytes().all(unreserved) {
            return Err(
                Error::malformed("code_verifier", "43 to 128 unreserved characters").section("RFC 7636 4.1")
            );
        }
        Ok(Self(Secret::new(text)))
    }

    /// What the client shows in the authorization request: `BASE64URL(SHA256(verifier))`.
    #[must_use]
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(base64url::encode(&sha256(self.0.expose().as_bytes())))
    }

    /// The verifier as it is sent to the token endpoint.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// A code challenge of method S256.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method` of an authorization request.
    ///
    /// # Errors
    /// `invalid_request` when the method is not `S256` (an absent one means `plain`, RFC 7636 4.3), or when the
    /// challenge is not 43 characters of base64url.
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<Self, Error> {
        if method != Some("S256") {
            return Err(Error::malformed("code_challenge_method", "S256").section("RFC 9700 2.1.1"));
        }
        Self::try_from(challenge.to_owned())
    }

    /// Checks the verifier that came with the code; takes the same time for every wrong one.
    ///
    /// # Errors
    /// `invalid_grant` when it is not the one the challenge was made from.
    pub fn verify(&self, verifier: &CodeVerifier) -> Result<(), Error> {
        if constant_time_eq(self.0.as_bytes(), verifier.challenge().0.as_bytes()) {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::InvalidGrant,
            "code_verifier does not fit the code_challenge of the request",
        )
        .parameter("code_verifier")
        .section("RFC 7636 4.6"))
    }

    /// The challenge as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CodeChallenge {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        if base64url::decode(&text).is_ok_and(|digest| digest.len() == 32) {
            return Ok(Self(text));
        }
        Err(Error::malformed("code_challenge", "a SHA-256 digest in base64url: 43 characters")
            .section("RFC 7636 4.2"))
    }
}

impl fmt::Debug for CodeChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeChallenge(S256)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use authmint_jose::SystemEntropy;

    #[test]
    fn s26_plain_and_absent_methods_are_refused() {
        let challenge = CodeVerifier::generate(&SystemEntropy).unwrap().challenge();
        for method in [None, Some("plain"), Some("s256"), Some("S512")] {
            assert!(CodeChallenge::parse(challenge.as_str(), method).is_err(), "{method:?}");
        }
        assert!(CodeChallenge::parse(challenge.as_str(), Some("S256")).is_ok());
    }

    #[test]
    fn s26_another_verifier_does_not_fit() {
        let (one, other) = (
            CodeVerifier::generate(&SystemEntropy).unwrap(),
            CodeVerifier::generate(&SystemEntropy).unwrap(),
        );
        assert!(one.challenge().verify(&one).is_ok());
        assert_eq!(one.challenge().verify(&other).unwrap_err().code(), ErrorCode::InvalidGrant);
    }

    #[test]
    fn a_verifier_keeps_to_its_syntax() {
        for text in ["", "short", &"a".repeat(42), &"a".repeat(129), &format!("{}+", "a".repeat(50))] {
            assert!(CodeVerifier::parse(text).is_err());
        }
    }
}
