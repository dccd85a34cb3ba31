//! Authorization codes (RFC 6749 4.1.2; RFC 9700 2.1.1 and 4.5).

use authmint_jose::Timestamp;
use authmint_oauth2::CodeChallenge;
use serde::{Deserialize, Serialize};

use super::{Answer, Consumed, Grant, IssuedTokens, TokenHash};

/// What a code stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRecord {
    /// What the person allowed.
    pub grant: Grant,
    /// The `redirect_uri` of the request, if it had one: the token request must repeat it.
    pub redirect_uri: Option<String>,
    /// The challenge that the token request must answer.
    pub code_challenge: Option<CodeChallenge>,
    /// The request's `nonce`, for the ID token.
    pub nonce: Option<String>,
    /// The thumbprint of the DPoP key that the code is bound to (RFC 9449 10).
    pub dpop_jkt: Option<String>,
    /// When the code stops being good.
    pub expires_at: Timestamp,
}

/// A code as it is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCode {
    /// What it stands for.
    pub record: CodeRecord,
    /// Whether it was redeemed before.
    pub redeemed: bool,
}

/// Keeps codes.
pub trait CodeStore {
    /// Keeps a new code.
    fn save_code(&self, code: TokenHash, record: CodeRecord) -> Answer<'_, ()>;

    /// Looks at a code without consuming it; `None` when it is unknown or its grant was revoked.
    fn code(&self, code: TokenHash) -> Answer<'_, Option<StoredCode>>;

    /// Consumes the code and keeps the tokens it is exchanged for, in one transaction.
    ///
    /// On [`Consumed::Before`] no token is kept and the code's grant is revoked in the same transaction, until
    /// `revoked_until` (see [`TokenStore::revoke_grant`](super::TokenStore::revoke_grant)).
    fn redeem_code(
        &self,
        code: TokenHash,
        tokens: IssuedTokens,
        revoked_until: Timestamp,
    ) -> Answer<'_, Consumed>;
}
