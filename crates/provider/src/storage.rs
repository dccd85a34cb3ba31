//! What the provider keeps beside the server: accounts, login sessions, remembered consents.
//!
//! The promises are those of [`authmint_server::storage`]: answered means kept, all or nothing, an error is never an answer.
//! Three of its verbs reach further in such a store: `remove_client` also forgets what people agreed to for that client,
//! `revoke_session` also ends the login session under whatever cookie, both in the same transaction, and `purge` also
//! removes login sessions that have expired.
//!
//! The feature `test-suite` holds [`suite`](crate::suite), which checks these promises of any implementation.

use std::fmt;

use authmint_jose::Timestamp;
use authmint_oauth2::Scope;
use authmint_oidc::PersonClaims;
use authmint_server::storage::{Answer, Storage, TokenHash};
use serde::{Deserialize, Serialize};

/// A person's account.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// `sub`: random, and never given to another person.
    pub subject: String,
    /// What the person types; lower-case.
    pub username: String,
    /// The argon2id hash of the password, as a PHC string.
    pub password_hash: String,
    /// What is known about the person.
    pub claims: PersonClaims,
    /// Whether the person is locked out.
    pub disabled: bool,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// Without the password's hash, which can be guessed at, and without what is known about the person.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("subject", &self.subject)
            .field("username", &self.username)
            .field("disabled", &self.disabled)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

/// A login session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginSession {
    /// `sid`: not a secret.
    pub id: String,
    /// The person.
    pub subject: String,
    /// When they last proved who they are.
    pub auth_time: Timestamp,
    /// How (RFC 8176).
    pub amr: Vec<String>,
    /// When the session ends by itself.
    pub expires_at: Timestamp,
}

/// Keeps accounts.
pub trait AccountStore {
    /// Adds an account; `false`, and no change, when the user name (upper and lower case of ASCII letters are one) or the
    /// subject is taken.
    fn add_account(&self, account: Account) -> Answer<'_, bool>;

    /// The account of a user name; upper and lower case of ASCII letters are one.
    fn account_by_username<'a>(&'a self, username: &'a str) -> Answer<'a, Option<Account>>;

    /// The account of a subject.
    fn account<'a>(&'a self, subject: &'a str) -> Answer<'a, Option<Account>>;

    /// All accounts, by user name.
    fn accounts(&self) -> Answer<'_, Vec<Account>>;

    /// Changes the password and ends every login session and every grant of the account, in one transaction; `false` when
    /// there is no such account.
    ///
    /// The person may want somebody out, so grants with `offline_access` end too, and those whose code is saved until
    /// `revoked_until` by a request that was under way in one of the sessions. JWTs are refused until then.
    fn set_password_hash<'a>(
        &'a self,
        subject: &'a str,
        password_hash: String,
        revoked_until: Timestamp,
    ) -> Answer<'a, bool>;

    /// Locks an account, and ends its login sessions with their grants in the same transaction (as
    /// [`revoke_session`](authmint_server::storage::TokenStore::revoke_session) does, until `revoked_until`), or unlocks it;
    /// `false` when there is no such account.
    fn set_disabled<'a>(
        &'a self,
        subject: &'a str,
        disabled: bool,
        revoked_until: Timestamp,
    ) -> Answer<'a, bool>;
}

/// Keeps login sessions, by the hash of their cookie.
pub trait SessionStore {
    /// Keeps a session; the one it replaces goes in the same transaction, if it is there. A session that is kept under
    /// this very cookie is overwritten.
    ///
    /// `false`, and no change, when a session of this `id` was ended, for as long as that is remembered: a login that
    /// overlaps a logout must begin another one.
    fn save_session(
        &self,
        cookie: TokenHash,
        session: LoginSession,
        replaces: Option<TokenHash>,
    ) -> Answer<'_, bool>;

    /// A session; `None` when it is unknown or was ended.
    fn session(&self, cookie: TokenHash) -> Answer<'_, Option<LoginSession>>;

    /// Removes a session and returns it: to one caller, once.
    fn end_session(&self, cookie: TokenHash) -> Answer<'_, Option<LoginSession>>;
}

/// Keeps what people agreed to.
pub trait ConsentStore {
    /// What the person allowed the client so far; empty if nothing.
    fn consent<'a>(&'a self, subject: &'a str, client_id: &'a str) -> Answer<'a, Scope>;

    /// Adds to it. What would no longer fit into one [`Scope`] together stands for `scope` alone: the newest decision.
    fn remember_consent<'a>(
        &'a self,
        subject: &'a str,
        client_id: &'a str,
        scope: &'a Scope,
    ) -> Answer<'a, ()>;

    /// Takes it all back.
    fn forget_consent<'a>(&'a self, subject: &'a str, client_id: &'a str) -> Answer<'a, ()>;
}

/// Everything the provider keeps. Whatever implements the parts is one.
pub trait ProviderStorage: Storage + AccountStore + SessionStore + ConsentStore {}

impl<T: Storage + AccountStore + SessionStore + ConsentStore> ProviderStorage for T {}
