//! Tokens that stay fresh: for HTTP clients that call an API, however many tasks share them.
//!
//! A token is renewed shortly before it expires, or when an API refuses it, by one task while the others wait for that. Where
//! several processes share a refresh token, the one that writes its claim into the [`TokenStore`] first renews; the others wait for
//! what comes of it. A refresh token that rotates is used up by its first use, and a second one ends the login (RFC 9700 4.14.2), so
//! nobody renews without that claim.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_lock::Mutex;
use authmint_fetch::is_secure_url;
use authmint_jose::{Secret, Timestamp, random_token};
use authmint_oauth2::Scope;
use authmint_oidc::IdTokenClaims;
use bytes::Bytes;
use http::header::WWW_AUTHENTICATE;
use http::{Request, Response, StatusCode};
use serde::{Deserialize, Serialize};

use crate::client::Client;
use crate::error::Error;
use crate::request;
use crate::service_account::ServiceAccount;
use crate::token::Tokens;

/// How long before it expires a token is renewed: a request takes time, and clocks differ.
const EARLY: Duration = Duration::from_secs(30);
/// How long a claim on renewing holds: longer than any answer takes. After it, the process that made it is taken for dead.
const CLAIM: Duration = Duration::from_secs(60);
/// How long after its claim a process may begin to renew, so that it is done before the claim ends.
const LATEST_START: Duration = Duration::from_secs(20);
/// How often a process looks whether another one is done; [`TokenStore::wait`] says how long each time takes.
const MOST_WAITS: usize = 1000;

/// The future of a [`TokenStore`].
pub type StoreAnswer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// What is kept of a login's tokens. It serialises with the tokens in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptTokens {
    /// The tokens.
    pub tokens: Tokens,
    /// Who is renewing them just now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claim: Option<Claim>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Claim {
    id: String,
    until: Timestamp,
}

impl KeptTokens {
    /// Tokens that nobody renews at the moment.
    #[must_use]
    pub fn new(tokens: Tokens) -> Self {
        Self { tokens, claim: None }
    }

    fn is_claimed(&self, now: Timestamp) -> bool {
        self.claim.as_ref().is_some_and(|claim| now < claim.until)
    }
}

/// Keeps the tokens of one login where other processes see them: a row of a database, a file.
#[diagnostic::on_unimplemented(
    message = "`{Self}` keeps no tokens",
    note = "implement `TokenStore`: `load`, `compare_and_set` and `wait`"
)]
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// What is kept; `None` when the login was ended.
    fn load(&self) -> StoreAnswer<'_, Option<KeptTokens>>;

    /// Puts `next` in the place of `expected` if that is what is kept, in one step; `false`, and no change, if it is not.
    fn compare_and_set<'a>(&'a self, expected: &'a KeptTokens, next: &'a KeptTokens)
    -> StoreAnswer<'a, bool>;

    /// Waits for a moment, some 50 milliseconds, while another process renews.
    fn wait(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// Fresh access tokens. Cheap to clone; all clones share one token.
///
/// ```
/// # use authmint_client::{Client, Error, TokenSource};
/// async fn orders(client: Client) -> Result<(), Error> {
///     let source = TokenSource::client_credentials(client, "orders:read".parse()?);
///     let request = http::Request::get("https://api.example/orders").body(bytes::Bytes::new()).unwrap();
///     let response = source.send(request).await?;
///     println!("{}", response.status());
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct TokenSource {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    kind: Kind,
    current: RwLock<Option<Tokens>>,
    turn: Mutex<Turn>,
    rounds: AtomicU64,
    store: Option<Arc<dyn TokenStore>>,
    /// Renewed tokens that the store has not taken yet, and the claim that they belong to.
    unkept: std::sync::Mutex<Option<(KeptTokens, KeptTokens)>>,
    /// The shared refresh token that is over, and how the provider said so.
    over: std::sync::Mutex<Option<(Secret, Error)>>,
}

/// Renewing, one at a time.
#[derive(Default)]
struct Turn {
    /// What is under way. It stays here when the task that polled it is dropped, and the next one goes on with it: a refresh token
    /// that was sent is used up, and what came for it must not be lost.
    under_way: Option<Renewal>,
    /// Why the last one failed.
    failure: Option<Error>,
}

type Renewal = Pin<Box<dyn Future<Output = Result<Tokens, Error>> + Send>>;

enum Kind {
    ClientCredentials(Scope),
    Login(Option<Box<IdTokenClaims>>),
    ServiceAccount(ServiceAccount),
}

impl TokenSource {
    /// The application's own tokens (RFC 6749 4.4). An empty scope asks for what is registered.
    #[must_use]
    pub fn client_credentials(client: Client, scope: Scope) -> Self {
        Self::new(client, Kind::ClientCredentials(scope), None, None)
    }

    /// The tokens of a login, renewed by its refresh token, in this process alone.
    #[must_use]
    pub fn of_login(client: Client, tokens: Tokens, id_token: Option<IdTokenClaims>) -> Self {
        Self::new(client, Kind::Login(id_token.map(Box::new)), Some(tokens), None)
    }

    /// The tokens of a login that `store` keeps, for any number of processes.
    ///
    /// Let the task that asks live until it is answered: one that is dropped while it renews leaves that to the next who asks in this
    /// process, and when a minute has passed until then, another process may have used the refresh token too.
    #[must_use]
    pub fn shared(client: Client, store: Arc<dyn TokenStore>, id_token: Option<IdTokenClaims>) -> Self {
        Self::new(client, Kind::Login(id_token.map(Box::new)), None, Some(store))
    }

    /// The tokens of a service account.
    #[must_use]
    pub fn service_account(client: Client, account: ServiceAccount) -> Self {
        Self::new(client, Kind::ServiceAccount(account), None, None)
    }

    fn new(client: Client, kind: Kind, tokens: Option<Tokens>, store: Option<Arc<dyn TokenStore>>) -> Self {
        let current = RwLock::new(tokens);
        Self {
            inner: Arc::new(Inner {
                client,
                kind,
                current,
                turn: Mutex::default(),
                rounds: AtomicU64::new(0),
                store,
                unkept: std::sync::Mutex::default(),
                over: std::sync::Mutex::default(),
            }),
        }
    }

    /// Tokens that are good now. Whoever finds them too old renews them, the others wait.
    ///
    /// # Errors
    /// As the grant; for a login [`Error::Endpoint`] with `invalid_grant` when the person has to log in again.
    pub async fn tokens(&self) -> Result<Tokens, Error> {
        match self.fresh() {
            Some(tokens) => Ok(tokens),
            None => self.renew(None).await,
        }
    }

    /// Other tokens than those with the access token `refused`, which an API did not take.
    ///
    /// # Errors
    /// As [`tokens`](Self::tokens).
    pub async fn instead_of(&self, refused: &Secret) -> Result<Tokens, Error> {
        self.renew(Some(refused)).await
    }

    /// Sends a request with the access token. Where the API says that the token is not valid, it is renewed, and the request sent
    /// once more.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the address is neither `https` nor on this machine; as [`tokens`](Self::tokens);
    /// [`Error::Fetch`] when no answer comes. An answer of any status is no error.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        if !is_secure_url(&request.uri().to_string()) {
            return Err(Error::Configuration(
                "an access token goes to https, or to this machine, and nowhere else",
            ));
        }
        let tokens = self.tokens().await?;
        let response = self.send_with(&request, &tokens).await?;
        if !is_refusal(&response) {
            return Ok(response);
        }
        let other = self.instead_of(&tokens.access_token).await?;
        self.send_with(&request, &other).await
    }

    async fn send_with(&self, request: &Request<Bytes>, tokens: &Tokens) -> Result<Response<Bytes>, Error> {
        request::with_token(&self.inner.client, request, &tokens.access_token, tokens.token_type).await
    }

    fn fresh(&self) -> Option<Tokens> {
        self.inner.known().filter(|tokens| self.inner.is_fresh(tokens))
    }

    async fn renew(&self, refused: Option<&Secret>) -> Result<Tokens, Error> {
        let inner = &self.inner;
        let before = inner.rounds.load(Ordering::SeqCst);
        let mut turn = inner.turn.lock().await;
        loop {
            let known = inner.known();
            if let Some(tokens) = known.as_ref().filter(|tokens| inner.will_do(tokens, refused)) {
                return Ok(tokens.clone());
            }
            // Whoever waited for the one that failed does not try again by itself, and what can't succeed is not tried at all.
            let has_waited = before != inner.rounds.load(Ordering::SeqCst);
            if let Some(failure) =
                turn.failure.as_ref().filter(|failure| has_waited || inner.is_final(failure))
            {
                return Err(failure.clone());
            }
            let begun_before = turn.under_way.is_some();
            let (cloned, without) = (Arc::clone(inner), refused.cloned());
            let renewal = turn
                .under_way
                .get_or_insert_with(|| Box::pin(async move { cloned.ask_anew(known, without).await }));
            let renewed = renewal.as_mut().await;
            turn.under_way = None;
            inner.rounds.fetch_add(1, Ordering::SeqCst);
            turn.failure = renewed.as_ref().err().cloned();
            let tokens = renewed?;
            *inner.current.write().unwrap_or_else(PoisonError::into_inner) = Some(tokens.clone());
            // What another task had begun may be the very token that this one was refused. What was begun here is all there is to
            // be had: some issuers give the same token until it expires, and asking without end would not change it.
            if !begun_before || refused.is_none_or(|refused| tokens.access_token != *refused) {
                return Ok(tokens);
            }
        }
    }
}

impl Inner {
    fn known(&self) -> Option<Tokens> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_fresh(&self, tokens: &Tokens) -> bool {
        let soon = self.client.now().saturating_add(EARLY);
        tokens.expires_at.is_none_or(|expires_at| soon < expires_at)
    }

    /// Whether tokens are good enough for a caller that was refused `refused`.
    fn will_do(&self, tokens: &Tokens, refused: Option<&Secret>) -> bool {
        self.is_fresh(tokens) && refused.is_none_or(|refused| tokens.access_token != *refused)
    }

    /// Whether the login is over: then asking again only counts as guessing. Where the tokens are shared, another process may have
    /// begun a new one, so the store is asked first.
    fn is_final(&self, failure: &Error) -> bool {
        is_over(failure) && self.store.is_none() && matches!(self.kind, Kind::Login(_))
    }

    async fn ask_anew(&self, known: Option<Tokens>, refused: Option<Secret>) -> Result<Tokens, Error> {
        match &self.store {
            Some(store) => self.renew_shared(store.as_ref(), refused.as_ref()).await,
            None => self.ask(known.as_ref()).await,
        }
    }

    /// Renews what is kept, unless another process has done so, or is doing so.
    async fn renew_shared(&self, store: &dyn TokenStore, refused: Option<&Secret>) -> Result<Tokens, Error> {
        let unkept = self.unkept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((claimed, renewed)) = unkept {
            self.keep(store, &claimed, &renewed).await?;
        }
        for _ in 0..MOST_WAITS {
            let kept = store.load().await?;
            let kept = kept.ok_or(Error::Configuration("the login was ended: nothing is kept of it"))?;
            if self.will_do(&kept.tokens, refused) {
                return Ok(kept.tokens);
            }
            let over = self.over.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let is_kept = |(token, _): &(Secret, _)| kept.tokens.refresh_token.as_ref() == Some(token);
            if let Some((_, failure)) = over.filter(is_kept) {
                return Err(failure);
            }
            let now = self.client.now();
            if kept.is_claimed(now) {
                store.wait().await;
                continue;
            }
            let id = random_token(self.client.entropy())?.expose().to_owned();
            let claim = Some(Claim { id, until: now.saturating_add(CLAIM) });
            let claimed = KeptTokens { tokens: kept.tokens.clone(), claim };
            if !store.compare_and_set(&kept, &claimed).await? {
                continue;
            }
            // Whoever was held up for so long that others may take the claim for abandoned does not use the refresh token.
            if self.client.now() > now.saturating_add(LATEST_START) {
                continue;
            }
            match self.ask(Some(&kept.tokens)).await {
                Ok(tokens) => {
                    let renewed = KeptTokens::new(tokens);
                    if self.keep(store, &claimed, &renewed).await? {
                        return Ok(renewed.tokens);
                    }
                    return Err(Error::Configuration("the login was ended while its tokens were renewed"));
                }
                Err(error) => {
                    if let Some(token) = kept.tokens.refresh_token.clone().filter(|_| is_over(&error)) {
                        *self.over.lock().unwrap_or_else(PoisonError::into_inner) =
                            Some((token, error.clone()));
                    }
                    // The claim goes all the same: the others need not wait for its end.
                    store.compare_and_set(&claimed, &KeptTokens::new(kept.tokens)).await?;
                    return Err(error);
                }
            }
        }
        Err(Error::Configuration("another process has been renewing the tokens for too long"))
    }

    /// Puts renewed tokens in the place of the claim. The refresh token before them is used up, so a store that fails is tried
    /// again for as long as nobody else may renew, and by whoever asks for tokens next.
    async fn keep(
        &self,
        store: &dyn TokenStore,
        claimed: &KeptTokens,
        renewed: &KeptTokens,
    ) -> Result<bool, Error> {
        let unkept = || self.unkept.lock().unwrap_or_else(PoisonError::into_inner);
        *unkept() = Some((claimed.clone(), renewed.clone()));
        let mut again = 0..MOST_WAITS;
        let is_kept = loop {
            match store.compare_and_set(claimed, renewed).await {
                Ok(is_kept) => break is_kept,
                Err(error) if !claimed.is_claimed(self.client.now()) || again.next().is_none() => {
                    return Err(error);
                }
                Err(_) => store.wait().await,
            }
        };
        *unkept() = None;
        // A store may have done what it said it failed to do.
        Ok(is_kept || (again.start > 0 && store.load().await?.as_ref() == Some(renewed)))
    }

    async fn ask(&self, known: Option<&Tokens>) -> Result<Tokens, Error> {
        let client = &self.client;
        match &self.kind {
            Kind::ClientCredentials(scope) => {
                client.client_credentials(Some(scope.clone()).filter(|scope| !scope.is_empty())).await
            }
            Kind::Login(id_token) => {
                let known = known.ok_or(Error::Configuration("there are no tokens of a login"))?;
                client.refresh(known, id_token.as_deref()).await
            }
            Kind::ServiceAccount(account) => account.ask(client).await,
        }
    }
}

/// Whether the provider says that what it was shown is worth nothing, and stays so (RFC 6749 5.2).
fn is_over(failure: &Error) -> bool {
    matches!(failure, Error::Endpoint { error, .. } if error.error == "invalid_grant")
}

/// Whether an API says that the token is not valid (RFC 6750 3.1); `401` without saying why counts too.
fn is_refusal(response: &Response<Bytes>) -> bool {
    let mut challenges = response.headers().get_all(WWW_AUTHENTICATE).iter().peekable();
    let names_token =
        |value: &http::HeaderValue| value.to_str().is_ok_and(|text| text.contains("invalid_token"));
    response.status() == StatusCode::UNAUTHORIZED
        && (challenges.peek().is_none()
            || challenges
                .any(|value| names_token(value) || value.to_str().is_ok_and(|text| !text.contains("error="))))
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource").field("client", &self.inner.client).finish_non_exhaustive()
    }
}
