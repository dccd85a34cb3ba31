//! Grants, access tokens, refresh tokens and revocations (RFC 6749 1.4, 1.5; RFC 7009; RFC 9700 4.14).

use std::fmt;

use authmint_jose::Timestamp;
use authmint_oauth2::Scope;
use serde::{Deserialize, Serialize};

use super::{Answer, Consumed, TokenHash};

/// The identifier of a [`Grant`]; not a secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GrantId(pub String);

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What one person allowed one client at one time. Every code and token descends from a grant and falls with it.
///
/// A grant never changes: whatever is saved under its identifier carries an equal one, so that a store may keep it once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its identifier.
    pub id: GrantId,
    /// The client.
    pub client_id: String,
    /// The person.
    pub subject: String,
    /// What was allowed.
    pub scope: Scope,
    /// When the person last proved who they are.
    pub auth_time: Timestamp,
    /// How (RFC 8176).
    pub amr: Vec<String>,
    /// How sure that made the server (`acr`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// Single claims that were allowed at UserInfo beyond the scope's (OpenID Connect Core 5.5).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo_claims: Vec<String>,
    /// Single claims that were allowed in the ID token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token_claims: Vec<String>,
    /// The APIs that were named (RFC 8707); empty: those of the client.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource: Vec<String>,
    /// The login session; the grant falls with it unless it is [`offline`](Self::offline).
    pub session_id: String,
    /// Whether it outlives the session: `offline_access` was granted.
    pub offline: bool,
    /// No token of the grant lives longer than this.
    pub expires_at: Timestamp,
}

/// An access token that was kept (opaque tokens; JWTs are not).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenRecord {
    /// The grant; `None` where the client acts for itself.
    pub grant: Option<GrantId>,
    /// The client it was issued to.
    pub client_id: String,
    /// Whom it speaks for: a person, or the client itself.
    pub subject: String,
    /// What it allows.
    pub scope: Scope,
    /// Which resource servers it is for.
    pub audience: Vec<String>,
    /// The thumbprint of the DPoP key it is bound to (RFC 9449 6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<String>,
    /// When the person last proved who they are (RFC 9470 6.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<Timestamp>,
    /// How sure that made the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// A refresh token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshTokenRecord {
    /// The grant it renews.
    pub grant: Grant,
    /// The thumbprint of the DPoP key it is bound to: that of a client without any other proof (RFC 9449 5).
    pub dpop_jkt: Option<String>,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// A refresh token as it is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRefreshToken {
    /// What it stands for.
    pub record: RefreshTokenRecord,
    /// Whether it was exchanged before.
    pub rotated: bool,
}

/// The tokens of one response that must be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuedTokens {
    /// An opaque access token.
    pub access_token: Option<(TokenHash, AccessTokenRecord)>,
    /// A refresh token.
    pub refresh_token: Option<(TokenHash, RefreshTokenRecord)>,
}

impl IssuedTokens {
    /// Whether there is nothing to keep.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.access_token.is_none() && self.refresh_token.is_none()
    }
}

/// Keeps tokens and revocations.
pub trait TokenStore {
    /// Keeps a grant that no code or refresh token descends from: tokens that went through the browser, or that another
    /// issuer vouched for. One that its session's end or a revocation overtook is dead, as with
    /// [`save_code`](super::CodeStore::save_code).
    fn save_grant(&self, grant: Grant) -> Answer<'_, ()>;

    /// A grant; `None` when it is unknown, was ended, or was never kept.
    fn grant<'a>(&'a self, id: &'a GrantId) -> Answer<'a, Option<Grant>>;

    /// Keeps tokens that were issued without consuming anything.
    fn save_tokens(&self, tokens: IssuedTokens) -> Answer<'_, ()>;

    /// An access token; `None` when it is unknown, or it or its grant was revoked.
    fn access_token(&self, token: TokenHash) -> Answer<'_, Option<AccessTokenRecord>>;

    /// Looks at a refresh token without consuming it; `None` when it is unknown or its grant was revoked.
    fn refresh_token(&self, token: TokenHash) -> Answer<'_, Option<StoredRefreshToken>>;

    /// Consumes a refresh token and keeps its successors, in one transaction.
    ///
    /// On [`Consumed::Before`] no token is kept and the grant is revoked in the same transaction, until
    /// `revoked_until`.
    fn rotate_refresh_token(
        &self,
        token: TokenHash,
        successors: IssuedTokens,
        revoked_until: Timestamp,
    ) -> Answer<'_, Consumed>;

    /// Ends one opaque access token; nothing happens when it is unknown.
    fn revoke_access_token(&self, token: TokenHash) -> Answer<'_, ()>;

    /// Ends one JWT access token by its `jti`; remembered until `until`, when the token has expired anyway. Told twice,
    /// the later `until` counts.
    fn revoke_jwt<'a>(&'a self, jti: &'a str, until: Timestamp) -> Answer<'a, ()>;

    /// Ends a grant with all its codes and tokens, those included that are saved until `until`; its JWTs are refused
    /// until `until`. Told twice, the later `until` counts. It need not be known.
    fn revoke_grant<'a>(&'a self, grant: &'a GrantId, until: Timestamp) -> Answer<'a, ()>;

    /// Ends every grant of a login session that is not [`offline`](Grant::offline), those included whose code is saved
    /// until `until` (a request that was under way when the person logged out); their JWTs are refused until `until`.
    ///
    /// Returns the clients that were given a grant in the session, by identifier: to one caller, once, whether the grants
    /// still live or not. They are to be told.
    fn revoke_session<'a>(&'a self, session_id: &'a str, until: Timestamp) -> Answer<'a, Vec<String>>;

    /// Whether a JWT access token was ended: by its `jti`, or with its grant. The answer holds until the `until` that
    /// was given then; afterwards it may change with [`Storage::purge`](super::Storage::purge).
    fn is_revoked<'a>(&'a self, jti: &'a str, grant: Option<&'a GrantId>) -> Answer<'a, bool>;
}
