//! Accounts, login sessions, consents.

use authmint_jose::Timestamp;
use authmint_oauth2::Scope;
use authmint_provider::storage::{Account, AccountStore, ConsentStore, LoginSession, SessionStore};
use authmint_server::storage::{Answer, TokenHash};

use super::{EndedSession, MemoryStore};

impl AccountStore for MemoryStore {
    fn add_account(&self, account: Account) -> Answer<'_, bool> {
        self.with(move |state| {
            let taken = state.usernames.contains_key(&account.username.to_ascii_lowercase())
                || state.accounts.contains_key(&account.subject);
            if !taken {
                state.usernames.insert(account.username.to_ascii_lowercase(), account.subject.clone());
                state.accounts.insert(account.subject.clone(), account);
            }
            !taken
        })
    }

    fn account_by_username<'a>(&'a self, username: &'a str) -> Answer<'a, Option<Account>> {
        self.with(move |state| {
            state
                .usernames
                .get(&username.to_ascii_lowercase())
                .and_then(|subject| state.accounts.get(subject))
                .cloned()
        })
    }

    fn account<'a>(&'a self, subject: &'a str) -> Answer<'a, Option<Account>> {
        self.with(move |state| state.accounts.get(subject).cloned())
    }

    fn accounts(&self) -> Answer<'_, Vec<Account>> {
        self.with(move |state| {
            let mut accounts: Vec<_> = state.accounts.values().cloned().collect();
            accounts.sort_by(|one, other| one.username.cmp(&other.username));
            accounts
        })
    }

    fn set_password_hash<'a>(
        &'a self,
        subject: &'a str,
        password_hash: String,
        revoked_until: Timestamp,
    ) -> Answer<'a, bool> {
        let ending = Some(EndedSession { until: revoked_until, offline: true });
        self.with(move |state| {
            state.change_account(subject, ending, |account| account.password_hash = password_hash)
        })
    }

    fn set_disabled<'a>(
        &'a self,
        subject: &'a str,
        disabled: bool,
        revoked_until: Timestamp,
    ) -> Answer<'a, bool> {
        let ending = disabled.then_some(EndedSession { until: revoked_until, offline: false });
        self.with(move |state| state.change_account(subject, ending, |account| account.disabled = disabled))
    }
}

impl SessionStore for MemoryStore {
    fn save_session(
        &self,
        cookie: TokenHash,
        session: LoginSession,
        replaces: Option<TokenHash>,
    ) -> Answer<'_, bool> {
        self.with(move |state| {
            if state.revoked_sessions.contains_key(&session.id) {
                return false;
            }
            if let Some(old) = replaces {
                state.sessions.remove(&old);
            }
            state.sessions.insert(cookie, session);
            true
        })
    }

    fn session(&self, cookie: TokenHash) -> Answer<'_, Option<LoginSession>> {
        self.with(move |state| state.sessions.get(&cookie).cloned())
    }

    fn end_session(&self, cookie: TokenHash) -> Answer<'_, Option<LoginSession>> {
        self.with(move |state| state.sessions.remove(&cookie))
    }
}

impl ConsentStore for MemoryStore {
    fn consent<'a>(&'a self, subject: &'a str, client_id: &'a str) -> Answer<'a, Scope> {
        let key = (subject.to_owned(), client_id.to_owned());
        self.with(move |state| state.consents.get(&key).cloned().unwrap_or_default())
    }

    fn remember_consent<'a>(
        &'a self,
        subject: &'a str,
        client_id: &'a str,
        scope: &'a Scope,
    ) -> Answer<'a, ()> {
        self.with(move |state| {
            let known = state.consents.entry((subject.to_owned(), client_id.to_owned())).or_default();
            *known = crate::consents::add(known, scope);
        })
    }

    fn forget_consent<'a>(&'a self, subject: &'a str, client_id: &'a str) -> Answer<'a, ()> {
        self.with(move |state| drop(state.consents.remove(&(subject.to_owned(), client_id.to_owned()))))
    }
}
