//! Token revocation (RFC 7009).

use authmint_jose::Secret;

use crate::error::Error;
use crate::params::Params;
use crate::token::TokenTypeHint;

/// A request to end a token (RFC 7009 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationRequest {
    /// The token.
    pub token: Secret,
    /// Which kind it may be.
    pub token_type_hint: Option<TokenTypeHint>,
}

impl RevocationRequest {
    /// Reads the request.
    ///
    /// # Errors
    /// `invalid_request` when `token` is missing.
    pub fn from_params(params: &Params) -> Result<Self, Error> {
        let token = Secret::new(params.require("token").map_err(|error| error.section("RFC 7009 2.1"))?);
        Ok(Self { token, token_type_hint: TokenTypeHint::from_params(params) })
    }

    /// Writes the request.
    #[must_use]
    pub fn to_params(&self) -> Params {
        let mut params = Params::from_iter([("token", self.token.expose())]);
        params.set_some("token_type_hint", self.token_type_hint.map(TokenTypeHint::as_str));
        params
    }
}
