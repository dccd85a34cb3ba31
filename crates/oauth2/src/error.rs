//! The error codes that OAuth 2 and its extensions register, and the error that carries one.
//!
//! RFC 6749 4.1.2.1 (authorization endpoint) and 5.2 (token endpoint), RFC 6750 3.1 (protected resources),
//! RFC 9470 3, RFC 7009 2.2.1, RFC 8707 2, OpenID Connect Core 3.1.2.6. One table holds them all: code, HTTP status, meaning.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal;)*) => {
        /// A registered error code.
        #[non_exhaustive]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($(#[$doc])* $name,)* }

        impl ErrorCode {
            /// Every code this crate knows.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as it is registered and sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $(Self::$name => $code,)* } }

            /// The HTTP status of a direct (not redirected) answer that carries the code.
            #[must_use]
            pub const fn status(self) -> http::StatusCode {
                match self { $(Self::$name => match http::StatusCode::from_u16($status) {
                    Ok(status) => status,
                    Err(_) => http::StatusCode::BAD_REQUEST,
                },)* }
            }
        }
    };
}

error_codes! {
    /// A parameter is missing, repeated, malformed or unexpected. RFC 6749 4.1.2.1, 5.2.
    InvalidRequest = "invalid_request", 400;
    /// The client is unknown or did not authenticate. RFC 6749 5.2.
    InvalidClient = "invalid_client", 401;
    /// The code, refresh token or assertion is invalid, expired, used, or another client's. RFC 6749 5.2.
    InvalidGrant = "invalid_grant", 400;
    /// The client may not use this grant or response type. RFC 6749 4.1.2.1, 5.2.
    UnauthorizedClient = "unauthorized_client", 400;
    /// The server has no such grant type. RFC 6749 5.2.
    UnsupportedGrantType = "unsupported_grant_type", 400;
    /// The server has no such response type. RFC 6749 4.1.2.1.
    UnsupportedResponseType = "unsupported_response_type", 400;
    /// The scope is malformed, unknown, or more than was granted. RFC 6749 4.1.2.1, 5.2.
    InvalidScope = "invalid_scope", 400;
    /// The person or the server said no. RFC 6749 4.1.2.1.
    AccessDenied = "access_denied", 403;
    /// Something failed inside the server. RFC 6749 4.1.2.1.
    ServerError = "server_error", 500;
    /// The server is overloaded or being maintained; try again later. RFC 6749 4.1.2.1.
    TemporarilyUnavailable = "temporarily_unavailable", 503;
    /// The access token is expired, revoked, malformed, or not for this resource. RFC 6750 3.1.
    InvalidToken = "invalid_token", 401;
    /// The access token lacks a scope that the resource asks for. RFC 6750 3.1.
    InsufficientScope = "insufficient_scope", 403;
    /// The access token is of a login that was too long ago, or not strong enough. RFC 9470 3.
    InsufficientUserAuthentication = "insufficient_user_authentication", 401;
    /// The server can't revoke a token of this type. RFC 7009 2.2.1.
    UnsupportedTokenType = "unsupported_token_type", 400;
    /// The person has not decided yet; go on polling. RFC 8628 3.5.
    AuthorizationPending = "authorization_pending", 400;
    /// As before, but more slowly: five seconds more between two polls from now on. RFC 8628 3.5.
    SlowDown = "slow_down", 400;
    /// The device code has expired; begin again. RFC 8628 3.5.
    ExpiredToken = "expired_token", 400;
    /// The DPoP proof is missing, malformed, or does not fit. RFC 9449 5.
    InvalidDpopProof = "invalid_dpop_proof", 400;
    /// Send the proof again with the nonce of the answer's `DPoP-Nonce`. RFC 9449 8.
    UseDpopNonce = "use_dpop_nonce", 400;
    /// The requested resource is unknown or malformed. RFC 8707 2.
    InvalidTarget = "invalid_target", 400;
    /// `prompt=none`, and nobody is logged in. OpenID Connect Core 3.1.2.6.
    LoginRequired = "login_required", 400;
    /// `prompt=none`, and consent would have to be asked for. OpenID Connect Core 3.1.2.6.
    ConsentRequired = "consent_required", 400;
    /// `prompt=none`, and a page would have to be shown. OpenID Connect Core 3.1.2.6.
    InteractionRequired = "interaction_required", 400;
    /// `prompt=none`, and an account would have to be chosen. OpenID Connect Core 3.1.2.6.
    AccountSelectionRequired = "account_selection_required", 400;
    /// What was asked for cannot be met, such as a level of authentication. OpenID Connect Core: Unmet Authentication
    /// Requirements 2.
    UnmetAuthenticationRequirements = "unmet_authentication_requirements", 400;
    /// The `request_uri` can't be fetched, or is unknown, used or expired. OpenID Connect Core 3.1.2.6, RFC 9126 2.2.
    InvalidRequestUri = "invalid_request_uri", 400;
    /// The request object is invalid. OpenID Connect Core 3.1.2.6, RFC 9101 10.
    InvalidRequestObject = "invalid_request_object", 400;
    /// The `request` parameter is not supported. OpenID Connect Core 3.1.2.6.
    RequestNotSupported = "request_not_supported", 400;
    /// The `request_uri` parameter is not supported. OpenID Connect Core 3.1.2.6.
    RequestUriNotSupported = "request_uri_not_supported", 400;
    /// The `registration` parameter is not supported. OpenID Connect Core 3.1.2.6.
    RegistrationNotSupported = "registration_not_supported", 400;
    /// A redirect URI can't be registered. RFC 7591 3.2.2.
    InvalidRedirectUri = "invalid_redirect_uri", 400;
    /// Client metadata can't be registered. RFC 7591 3.2.2.
    InvalidClientMetadata = "invalid_client_metadata", 400;
    /// The software statement is invalid. RFC 7591 3.2.2.
    InvalidSoftwareStatement = "invalid_software_statement", 400;
    /// The software statement is not from an issuer that this server trusts. RFC 7591 3.2.2.
    UnapprovedSoftwareStatement = "unapproved_software_statement", 400;
}

impl ErrorCode {
    /// The code of that name, if it is registered.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What went wrong, in the protocol's own terms: the registered code, a sentence, the parameter, the section.
///
/// The sentence goes to the peer as `error_description`, so it never repeats what the peer sent and never holds a
/// secret: it is made of the characters RFC 6749 5.2 allows and nothing from the request.
///
/// ```
/// use authmint_oauth2::{Error, ErrorCode};
///
/// let error = Error::new(ErrorCode::InvalidRequest, "code_challenge is missing: send one with method S256")
///     .parameter("code_challenge")
///     .section("RFC 7636 4.4.1");
/// assert_eq!(error.code().as_str(), "invalid_request");
/// assert_eq!(
///     error.to_string(),
///     "invalid_request: code_challenge is missing: send one with method S256 (RFC 7636 4.4.1)"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    code: ErrorCode,
    description: Cow<'static, str>,
    parameter: Option<&'static str>,
    section: Option<&'static str>,
}

impl Error {
    /// An error with its code and a sentence for the developer at the other end.
    pub fn new(code: ErrorCode, description: impl Into<Cow<'static, str>>) -> Self {
        Self { code, description: description.into(), parameter: None, section: None }
    }

    /// A required parameter is absent.
    #[must_use]
    pub fn missing(parameter: &'static str) -> Self {
        Self::new(ErrorCode::InvalidRequest, format!("{parameter} is missing")).parameter(parameter)
    }

    /// A parameter is there but can't be read; `expected` says what it should be.
    #[must_use]
    pub fn malformed(parameter: &'static str, expected: &str) -> Self {
        Self::new(ErrorCode::InvalidRequest, format!("{parameter} must be {expected}")).parameter(parameter)
    }

    /// The server has no such grant type.
    #[must_use]
    pub fn unsupported_grant_type() -> Self {
        Self::new(
            ErrorCode::UnsupportedGrantType,
            "grant_type is not one that this server has; see grant_types_supported",
        )
        .parameter("grant_type")
        .section("RFC 6749 5.2")
    }

    /// Names the parameter that is wrong.
    #[must_use]
    pub fn parameter(self, parameter: &'static str) -> Self {
        Self { parameter: Some(parameter), ..self }
    }

    /// Names the section of the specification that asks for what was missing.
    #[must_use]
    pub fn section(self, section: &'static str) -> Self {
        Self { section: Some(section), ..self }
    }

    /// The registered code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The sentence that goes to the peer.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The parameter that is wrong, if it is one parameter.
    #[must_use]
    pub fn wrong_parameter(&self) -> Option<&'static str> {
        self.parameter
    }

    /// The section of the specification, such as `RFC 6749 3.1`.
    #[must_use]
    pub fn source_section(&self) -> Option<&'static str> {
        self.section
    }

    /// The JSON body of a direct error response (RFC 6749 5.2).
    #[must_use]
    pub fn to_message(&self) -> ErrorMessage {
        ErrorMessage {
            error: self.code.as_str().to_owned(),
            error_description: Some(self.description.clone().into_owned()),
            error_uri: None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.description)?;
        match self.section {
            Some(section) => write!(f, " ({section})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

/// An error response as it is on the wire; `error` may be a code that is not in the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorMessage {
    /// The code.
    pub error: String,
    /// A sentence for the developer. Not for the person: it comes from the other side, so escape and bound it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
    /// A page about the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_uri: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_registered_once_and_found_by_name() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::from_name(code.as_str()), Some(*code));
            assert!(code.status().is_client_error() || code.status().is_server_error());
        }
    }
}
