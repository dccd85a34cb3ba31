//! The store in memory: for tests and figures. Its promises hold for the life of the process.
//!
//! One lock guards everything, so that every verb is one transaction by itself.

mod devices;
mod people;
mod requests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use authmint_jose::Timestamp;
use authmint_oauth2::Scope;
use authmint_provider::storage::{Account, LoginSession};
use authmint_server::storage::{
    AccessTokenRecord, Answer, Client, ClientStore, CodeRecord, CodeStore, Consumed, Grant, GrantId,
    Interaction, IssuedTokens, KeyStore, KeysVersion, PushedRequest, ReplayStore, Storage, StorageError,
    StoredCode, StoredKey, StoredRefreshToken, TokenHash, TokenStore,
};

use devices::Device;

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    clients: HashMap<String, Arc<Client>>,
    interactions: HashMap<TokenHash, Interaction>,
    pushed_requests: HashMap<TokenHash, PushedRequest>,
    devices: HashMap<TokenHash, Device>,
    codes: HashMap<TokenHash, StoredCode>,
    /// Their hashes begin with the time, so a new one goes to the end; and a tree grows leaf by leaf, where a table would move
    /// a million of them at once while everybody waits.
    access_tokens: BTreeMap<TokenHash, Box<AccessTokenRecord>>,
    refresh_tokens: HashMap<TokenHash, StoredRefreshToken>,
    /// What descends from each grant that lives.
    grants: HashMap<GrantId, Descendants>,
    revoked_grants: HashMap<GrantId, Timestamp>,
    revoked_sessions: HashMap<String, EndedSession>,
    /// The clients of each session that lives, and until when that matters.
    session_clients: HashMap<String, (BTreeSet<String>, Timestamp)>,
    revoked_jwts: HashMap<String, Timestamp>,
    used_once: HashMap<TokenHash, Timestamp>,
    keys: (KeysVersion, Vec<StoredKey>),
    accounts: HashMap<String, Account>,
    usernames: HashMap<String, String>,
    sessions: HashMap<TokenHash, LoginSession>,
    consents: HashMap<(String, String), Scope>,
}

/// What a session that was ended does to codes that are saved for it afterwards.
#[derive(Clone, Copy, Debug)]
struct EndedSession {
    until: Timestamp,
    /// Whether also to those with `offline_access`.
    offline: bool,
}

#[derive(Debug)]
struct Descendants {
    grant: Grant,
    codes: Vec<TokenHash>,
    access_tokens: Vec<TokenHash>,
    refresh_tokens: Vec<TokenHash>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn with<'a, T: Send + 'a>(&'a self, work: impl FnOnce(&mut State) -> T + Send + 'a) -> Answer<'a, T> {
        self.attempt(|state| Ok(work(state)))
    }

    fn attempt<'a, T: Send + 'a>(
        &'a self,
        work: impl FnOnce(&mut State) -> Result<T, StorageError> + Send + 'a,
    ) -> Answer<'a, T> {
        Box::pin(async move { work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner)) })
    }
}

impl State {
    /// Whether the tokens can be kept: none of their hashes is taken.
    fn check_new(&self, tokens: &IssuedTokens) -> Result<(), StorageError> {
        let known_access =
            tokens.access_token.as_ref().is_some_and(|(hash, _)| self.access_tokens.contains_key(hash));
        let known_refresh =
            tokens.refresh_token.as_ref().is_some_and(|(hash, _)| self.refresh_tokens.contains_key(hash));
        if known_access || known_refresh { Err(taken()) } else { Ok(()) }
    }

    /// Keeps tokens that were checked; those of an ended grant are dead before they are kept.
    fn keep(&mut self, tokens: IssuedTokens) {
        if let Some((hash, record)) = tokens.access_token {
            let ended = record.grant.as_ref().is_some_and(|grant| self.revoked_grants.contains_key(grant));
            if !ended {
                if let Some(descendants) = record.grant.as_ref().and_then(|grant| self.grants.get_mut(grant))
                {
                    descendants.access_tokens.push(hash);
                }
                self.access_tokens.insert(hash, Box::new(record));
            }
        }
        if let Some((hash, record)) = tokens.refresh_token
            && !self.revoked_grants.contains_key(&record.grant.id)
        {
            self.descendants(&record.grant).refresh_tokens.push(hash);
            self.refresh_tokens.insert(hash, StoredRefreshToken { record, rotated: false });
        }
    }

    /// Begins a grant; `false`, and nothing is kept, for one that was ended by itself or with its session: a request that was
    /// under way when the person logged out.
    fn begin(&mut self, grant: &Grant) -> bool {
        if let Some(ended) = self.revoked_sessions.get(&grant.session_id)
            && (ended.offline || !grant.offline)
        {
            remember(&mut self.revoked_grants, grant.id.clone(), ended.until);
        }
        if self.revoked_grants.contains_key(&grant.id) {
            return false;
        }
        self.descendants(grant);
        let begun = || (BTreeSet::new(), grant.expires_at);
        let (clients, until) = self.session_clients.entry(grant.session_id.clone()).or_insert_with(begun);
        clients.insert(grant.client_id.clone());
        *until = (*until).max(grant.expires_at);
        true
    }

    fn descendants(&mut self, grant: &Grant) -> &mut Descendants {
        self.grants.entry(grant.id.clone()).or_insert_with(|| Descendants {
            grant: grant.clone(),
            codes: Vec::new(),
            access_tokens: Vec::new(),
            refresh_tokens: Vec::new(),
        })
    }

    fn revoke(&mut self, grant: &GrantId, until: Timestamp) {
        remember(&mut self.revoked_grants, grant.clone(), until);
        self.forget(grant);
    }

    fn forget(&mut self, grant: &GrantId) {
        let Some(descendants) = self.grants.remove(grant) else { return };
        descendants.codes.iter().for_each(|hash| drop(self.codes.remove(hash)));
        descendants.access_tokens.iter().for_each(|hash| drop(self.access_tokens.remove(hash)));
        descendants.refresh_tokens.iter().for_each(|hash| drop(self.refresh_tokens.remove(hash)));
        self.devices.retain(|_, device| device.grant() != Some(grant));
    }

    fn grants_where(&self, wanted: impl Fn(&Grant) -> bool) -> Vec<Grant> {
        self.grants.values().map(|known| &known.grant).filter(|grant| wanted(grant)).cloned().collect()
    }

    /// Ends what hangs on a session, and what is still saved for it until `ended.until`.
    fn end(&mut self, session_id: String, ended: EndedSession) {
        let known = self.revoked_sessions.entry(session_id).or_insert(ended);
        known.until = known.until.max(ended.until);
        known.offline |= ended.offline;
    }

    fn revoke_where(&mut self, until: Timestamp, wanted: impl Fn(&Grant) -> bool) {
        for grant in self.grants_where(wanted) {
            self.revoke(&grant.id, until);
        }
    }

    fn change_account(
        &mut self,
        subject: &str,
        ending: Option<EndedSession>,
        change: impl FnOnce(&mut Account),
    ) -> bool {
        let Some(account) = self.accounts.get_mut(subject) else { return false };
        change(account);
        if let Some(ended) = ending {
            let theirs = self.sessions.extract_if(|_, session| session.subject == subject);
            for session_id in theirs.map(|(_, session)| session.id).collect::<Vec<_>>() {
                self.end(session_id, ended);
            }
            self.revoke_where(ended.until, |grant| {
                grant.subject == subject && (ended.offline || !grant.offline)
            });
        }
        true
    }
}

/// The later of two times counts.
fn remember<K: Eq + std::hash::Hash>(map: &mut HashMap<K, Timestamp>, key: K, until: Timestamp) {
    let known = map.entry(key).or_insert(until);
    *known = (*known).max(until);
}

fn taken() -> StorageError {
    StorageError::new("this hash is taken")
}

impl Storage for MemoryStore {
    fn purge(&self, now: Timestamp) -> Answer<'_, u64> {
        fn expire<K, V>(map: &mut HashMap<K, V>, removed: &mut usize, expired: impl Fn(&V) -> bool) {
            let before = map.len();
            map.retain(|_, value| !expired(value));
            *removed = removed.saturating_add(before.saturating_sub(map.len()));
        }
        self.with(move |state| {
            let mut removed = 0;
            expire(&mut state.interactions, &mut removed, |record| record.expires_at <= now);
            expire(&mut state.pushed_requests, &mut removed, |record| record.expires_at <= now);
            expire(&mut state.devices, &mut removed, |device| device.is_over(now));
            expire(&mut state.codes, &mut removed, |code| !code.redeemed && code.record.expires_at <= now);
            let before = state.access_tokens.len();
            state.access_tokens.retain(|_, token| token.expires_at > now);
            removed = removed.saturating_add(before.saturating_sub(state.access_tokens.len()));
            expire(&mut state.refresh_tokens, &mut removed, |token| {
                !token.rotated && token.record.expires_at <= now
            });
            expire(&mut state.revoked_grants, &mut removed, |until| *until <= now);
            expire(&mut state.revoked_sessions, &mut removed, |ended| ended.until <= now);
            expire(&mut state.session_clients, &mut removed, |(_, until)| *until <= now);
            expire(&mut state.revoked_jwts, &mut removed, |until| *until <= now);
            expire(&mut state.used_once, &mut removed, |until| *until <= now);
            expire(&mut state.sessions, &mut removed, |session| session.expires_at <= now);
            for grant in state.grants_where(|grant| grant.expires_at <= now) {
                state.forget(&grant.id);
                removed = removed.saturating_add(1);
            }
            let State { grants, codes, access_tokens, refresh_tokens, .. } = state;
            for known in grants.values_mut() {
                known.codes.retain(|hash| codes.contains_key(hash));
                known.access_tokens.retain(|hash| access_tokens.contains_key(hash));
                known.refresh_tokens.retain(|hash| refresh_tokens.contains_key(hash));
            }
            u64::try_from(removed).unwrap_or(u64::MAX)
        })
    }
}

impl ClientStore for MemoryStore {
    fn client<'a>(&'a self, client_id: &'a str) -> Answer<'a, Option<Arc<Client>>> {
        self.with(move |state| state.clients.get(client_id).cloned())
    }

    fn clients(&self) -> Answer<'_, Vec<Arc<Client>>> {
        self.with(move |state| {
            let mut clients: Vec<_> = state.clients.values().cloned().collect();
            clients.sort_by(|one, other| one.id.cmp(&other.id));
            clients
        })
    }

    fn add_client(&self, client: Client) -> Answer<'_, bool> {
        self.with(move |state| {
            if state.clients.contains_key(&client.id) {
                false
            } else {
                state.clients.insert(client.id.clone(), Arc::new(client)).is_none()
            }
        })
    }

    fn replace_client(&self, client: Client) -> Answer<'_, bool> {
        self.with(move |state| match state.clients.get_mut(&client.id) {
            Some(known) if known.created_at == client.created_at => {
                *known = Arc::new(client);
                true
            }
            _ => false,
        })
    }

    fn remove_client<'a>(&'a self, client_id: &'a str) -> Answer<'a, bool> {
        self.with(move |state| {
            for grant in state.grants_where(|grant| grant.client_id == client_id) {
                state.revoke(&grant.id, grant.expires_at);
            }
            state.access_tokens.retain(|_, token| token.client_id != client_id);
            state.consents.retain(|(_, client), _| client != client_id);
            state.devices.retain(|_, device| device.authorization.client_id != client_id);
            state.pushed_requests.retain(|_, request| request.client_id != client_id);
            state.clients.remove(client_id).is_some()
        })
    }
}

impl CodeStore for MemoryStore {
    fn save_code(&self, code: TokenHash, record: CodeRecord) -> Answer<'_, ()> {
        self.attempt(move |state| {
            if state.codes.contains_key(&code) {
                return Err(taken());
            }
            if state.begin(&record.grant) {
                state.descendants(&record.grant).codes.push(code);
                state.codes.insert(code, StoredCode { record, redeemed: false });
            }
            Ok(())
        })
    }

    fn code(&self, code: TokenHash) -> Answer<'_, Option<StoredCode>> {
        self.with(move |state| state.codes.get(&code).cloned())
    }

    fn redeem_code(
        &self,
        code: TokenHash,
        tokens: IssuedTokens,
        revoked_until: Timestamp,
    ) -> Answer<'_, Consumed> {
        self.attempt(move |state| {
            let Some(stored) = state.codes.get(&code) else { return Ok(Consumed::Unknown) };
            if stored.redeemed {
                let grant = stored.record.grant.id.clone();
                state.revoke(&grant, revoked_until);
                return Ok(Consumed::Before);
            }
            state.check_new(&tokens)?;
            if let Some(stored) = state.codes.get_mut(&code) {
                stored.redeemed = true;
            }
            state.keep(tokens);
            Ok(Consumed::Now)
        })
    }
}

impl TokenStore for MemoryStore {
    fn save_grant(&self, grant: Grant) -> Answer<'_, ()> {
        self.with(move |state| {
            state.begin(&grant);
        })
    }

    fn grant<'a>(&'a self, id: &'a GrantId) -> Answer<'a, Option<Grant>> {
        self.with(move |state| state.grants.get(id).map(|known| known.grant.clone()))
    }

    fn save_tokens(&self, tokens: IssuedTokens) -> Answer<'_, ()> {
        self.attempt(move |state| {
            state.check_new(&tokens)?;
            state.keep(tokens);
            Ok(())
        })
    }

    fn access_token(&self, token: TokenHash) -> Answer<'_, Option<AccessTokenRecord>> {
        self.with(move |state| {
            let record = state.access_tokens.get(&token)?;
            let ended = record.grant.as_ref().is_some_and(|grant| state.revoked_grants.contains_key(grant));
            (!ended).then(|| AccessTokenRecord::clone(record))
        })
    }

    fn refresh_token(&self, token: TokenHash) -> Answer<'_, Option<StoredRefreshToken>> {
        self.with(move |state| state.refresh_tokens.get(&token).cloned())
    }

    fn rotate_refresh_token(
        &self,
        token: TokenHash,
        successors: IssuedTokens,
        revoked_until: Timestamp,
    ) -> Answer<'_, Consumed> {
        self.attempt(move |state| {
            let Some(stored) = state.refresh_tokens.get(&token) else { return Ok(Consumed::Unknown) };
            if stored.rotated {
                let grant = stored.record.grant.id.clone();
                state.revoke(&grant, revoked_until);
                return Ok(Consumed::Before);
            }
            state.check_new(&successors)?;
            if let Some(stored) = state.refresh_tokens.get_mut(&token) {
                stored.rotated = true;
            }
            state.keep(successors);
            Ok(Consumed::Now)
        })
    }

    fn revoke_access_token(&self, token: TokenHash) -> Answer<'_, ()> {
        self.with(move |state| drop(state.access_tokens.remove(&token)))
    }

    fn revoke_jwt<'a>(&'a self, jti: &'a str, until: Timestamp) -> Answer<'a, ()> {
        self.with(move |state| {
            remember(&mut state.revoked_jwts, jti.to_owned(), until);
        })
    }

    fn revoke_grant<'a>(&'a self, grant: &'a GrantId, until: Timestamp) -> Answer<'a, ()> {
        self.with(move |state| state.revoke(grant, until))
    }

    fn revoke_session<'a>(&'a self, session_id: &'a str, until: Timestamp) -> Answer<'a, Vec<String>> {
        self.with(move |state| {
            state.end(session_id.to_owned(), EndedSession { until, offline: false });
            state.sessions.retain(|_, session| session.id != session_id);
            state.revoke_where(until, |grant| grant.session_id == session_id && !grant.offline);
            let clients = state.session_clients.remove(session_id);
            clients.map(|(clients, _)| clients.into_iter().collect()).unwrap_or_default()
        })
    }

    fn is_revoked<'a>(&'a self, jti: &'a str, grant: Option<&'a GrantId>) -> Answer<'a, bool> {
        self.with(move |state| {
            state.revoked_jwts.contains_key(jti)
                || grant.is_some_and(|grant| state.revoked_grants.contains_key(grant))
        })
    }
}

impl ReplayStore for MemoryStore {
    fn use_once(&self, identifier: TokenHash, until: Timestamp) -> Answer<'_, bool> {
        self.with(move |state| {
            let new = !state.used_once.contains_key(&identifier);
            remember(&mut state.used_once, identifier, until);
            new
        })
    }
}

impl KeyStore for MemoryStore {
    fn keys(&self) -> Answer<'_, (KeysVersion, Vec<StoredKey>)> {
        self.with(move |state| state.keys.clone())
    }

    fn replace_keys(&self, expected: KeysVersion, keys: Vec<StoredKey>) -> Answer<'_, bool> {
        self.with(move |state| {
            let unchanged = state.keys.0 == expected;
            if unchanged {
                state.keys = (KeysVersion(expected.0.saturating_add(1)), keys);
            }
            unchanged
        })
    }
}
