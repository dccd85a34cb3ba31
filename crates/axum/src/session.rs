//! The session of a person in an application: kept at the server, found by a random cookie.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use authmint_client::Tokens;
use authmint_jose::{Clock, SystemClock, Timestamp};
use authmint_oidc::{IdTokenClaims, UserInfo};
use axum::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;

use crate::login::Login;

/// What an application knows of a person who is logged in.
#[derive(Clone, Debug)]
pub struct UserSession {
    /// The tokens.
    pub tokens: Tokens,
    /// The verified ID token; none where the provider only knows OAuth 2.
    pub id_token: Option<IdTokenClaims>,
    /// The person.
    pub user_info: UserInfo,
}

/// The future of a session store.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Keeps sessions by the hash of their cookie.
pub trait Sessions: fmt::Debug + Send + Sync {
    /// Keeps a session, in place of one of the same key.
    fn put(&self, key: [u8; 32], session: UserSession) -> Answer<'_, ()>;
    /// Keeps a session in place of one of the same key; `false`, and no change, when there is none: it was ended, and a
    /// request that was under way must not bring it back. Looking and keeping are one step.
    fn replace(&self, key: [u8; 32], session: UserSession) -> Answer<'_, bool>;
    /// A session.
    fn get(&self, key: [u8; 32]) -> Answer<'_, Option<UserSession>>;
    /// Removes a session and returns it.
    fn take(&self, key: [u8; 32]) -> Answer<'_, Option<UserSession>>;
}

/// Sessions in memory: for one process, until it ends. At most 100,000; each for twelve hours.
#[derive(Debug, Default)]
pub struct MemorySessions {
    sessions: Mutex<HashMap<[u8; 32], (Timestamp, UserSession)>>,
}

impl MemorySessions {
    const MOST: usize = 100_000;
    const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

    fn locked<T>(
        &self,
        work: impl FnOnce(&mut HashMap<[u8; 32], (Timestamp, UserSession)>, Timestamp) -> T,
    ) -> T {
        work(&mut self.sessions.lock().unwrap_or_else(PoisonError::into_inner), SystemClock.now())
    }
}

impl Sessions for MemorySessions {
    fn put(&self, key: [u8; 32], session: UserSession) -> Answer<'_, ()> {
        self.locked(|sessions, now| {
            if sessions.len() >= Self::MOST {
                sessions.retain(|_, (until, _)| now < *until);
            }
            if sessions.len() < Self::MOST || sessions.contains_key(&key) {
                sessions.insert(key, (now.saturating_add(Self::LIFETIME), session));
            } else {
                tracing::error!("there are too many sessions; a login was dropped");
            }
        });
        Box::pin(async {})
    }

    fn replace(&self, key: [u8; 32], session: UserSession) -> Answer<'_, bool> {
        let replaced = self.locked(|sessions, now| match sessions.get_mut(&key) {
            Some((until, known)) if now < *until => {
                (*until, *known) = (now.saturating_add(Self::LIFETIME), session);
                true
            }
            _ => false,
        });
        Box::pin(async move { replaced })
    }

    fn get(&self, key: [u8; 32]) -> Answer<'_, Option<UserSession>> {
        let found = self.locked(|sessions, now| {
            sessions.get(&key).filter(|(until, _)| now < *until).map(|(_, session)| session.clone())
        });
        Box::pin(async { found })
    }

    fn take(&self, key: [u8; 32]) -> Answer<'_, Option<UserSession>> {
        let taken = self.locked(|sessions, now| sessions.remove(&key).filter(|(until, _)| now < *until));
        Box::pin(async { taken.map(|(_, session)| session) })
    }
}

/// The person of a request: the handler runs only for one who is logged in; others are sent to log in.
///
/// As `Option<LoggedIn>` the handler runs for everyone. Needs a [`Login`] in the state.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    pub(crate) session: Arc<UserSession>,
    pub(crate) csrf: String,
}

impl LoggedIn {
    /// What to call the person.
    #[must_use]
    pub fn name(&self) -> &str {
        let claims = &self.session.user_info.claims;
        let known = [&claims.name, &claims.preferred_username, &claims.email];
        known.into_iter().flatten().next().unwrap_or(&self.session.user_info.sub)
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> &UserSession {
        &self.session
    }

    /// The token that every form of this person must carry as `csrf`; check it with [`Login::check_csrf`].
    #[must_use]
    pub fn csrf(&self) -> &str {
        &self.csrf
    }
}

impl<State> FromRequestParts<State> for LoggedIn
where
    State: Send + Sync,
    Login: FromRef<State>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let login = Login::from_ref(state);
        match login.current(&parts.headers).await {
            Some(user) => Ok(user),
            None => Err(Redirect::to(&Login::login_path(parts.uri.path_and_query())).into_response()),
        }
    }
}

impl<State> OptionalFromRequestParts<State> for LoggedIn
where
    State: Send + Sync,
    Login: FromRef<State>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Option<Self>, Response> {
        Ok(Login::from_ref(state).current(&parts.headers).await)
    }
}
