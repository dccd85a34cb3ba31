//! `/callback`: a session for whoever began this login here (OpenID Connect Core 3.1.2.5; RFC 9700 4.4, 4.7).
//!
//! Each provider has a callback of its own. An answer counts only where it comes to the callback of the provider that the login
//! was begun with, so that a code of one provider is never sent to another, also where providers don't say who they are
//! (`iss`, RFC 9207).

use authmint_client::Error;
use authmint_jose::{SystemEntropy, random_token, sha256};
use authmint_oauth2::Params;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request};

use crate::cookie::{self, SameSite};
use crate::failure::LoginFailure;
use crate::login::{Keeping, Login, add_cookies, parameters};
use crate::pending::{Pending, tag};
use crate::provider::Provider;
use crate::reply::{Reply, not_allowed, see_other};
use crate::session::UserSession;

impl Login {
    pub(crate) async fn finish(
        &self,
        provider: &Provider,
        request: &Request<Bytes>,
    ) -> Result<Reply, LoginFailure> {
        // As it was asked for: a code that should have come in a form has no business in an address.
        let by_form = provider.client.is_answered_by_form();
        let (expected, name) = if by_form { (Method::POST, "POST") } else { (Method::GET, "GET") };
        if *request.method() != expected {
            return Ok(not_allowed(name));
        }
        let answer = parameters(request);
        let params = Params::parse(answer.as_bytes()).map_err(|error| LoginFailure::Client(error.into()))?;
        let cookie = format!("{}{}", self.pending_prefix(), tag(params.get("state").unwrap_or_default()));
        let pending = self.take_pending(provider, request.headers(), &cookie)?;
        match self.redeem(provider, &pending, answer, request.headers()).await {
            Ok(cookies) => {
                let mut reply = see_other(&pending.return_to);
                add_cookies(&mut reply, std::iter::once(self.inner.jar.remove(&cookie)).chain(cookies));
                Ok(reply)
            }
            Err(LoginFailure::Client(error)) if error.is_temporary() => {
                self.inner.finished.give_back(&pending);
                Err(LoginFailure::Client(error))
            }
            Err(failure) => {
                let mut reply = self.fail(failure);
                add_cookies(&mut reply, [self.inner.jar.remove(&cookie)]);
                Ok(reply)
            }
        }
    }

    /// The login that waits in this browser for this answer; from now on it is used up.
    fn take_pending(
        &self,
        provider: &Provider,
        headers: &HeaderMap,
        name: &str,
    ) -> Result<Pending, LoginFailure> {
        let inner = &self.inner;
        let now = inner.clock.now();
        let sealed = cookie::read(headers, name).ok_or(LoginFailure::NothingPending)?;
        let pending = Pending::open(&inner.key, sealed, now).ok_or(LoginFailure::NothingPending)?;
        if pending.provider != provider.name {
            return Err(Error::ForeignCallback("it came to the callback of another provider").into());
        }
        if !inner.finished.use_once(&pending, now) {
            return Err(LoginFailure::NothingPending);
        }
        Ok(pending)
    }

    /// Makes a session of an answer; the cookies of it.
    async fn redeem(
        &self,
        provider: &Provider,
        pending: &Pending,
        answer: &str,
        headers: &HeaderMap,
    ) -> Result<Vec<HeaderValue>, LoginFailure> {
        let notices = provider.notices.count();
        let login = provider.client.callback(&pending.login, answer).await?;
        let session = UserSession {
            provider: provider.name.clone(),
            issuer: provider.issuer().to_owned(),
            tokens: login.tokens,
            id_token: login.id_token,
            user_info: login.user_info,
        };
        let inner = &self.inner;
        match &inner.keeping {
            Keeping::Store(store) => {
                let name = self.session_cookie();
                let own = cookie::read(headers, &name).map(|cookie| sha256(cookie.as_bytes()));
                for old in own.into_iter().chain(pending.previous()) {
                    store.take(old).await?;
                }
                let secret = random_token(&SystemEntropy).map_err(Error::from)?;
                let key = sha256(secret.expose().as_bytes());
                store.put(key, session.clone()).await?;
                if provider.notices.mean(&session, notices) {
                    store.take(key).await?;
                    return Err(LoginFailure::LoggedOut);
                }
                Ok(vec![inner.jar.set(&name, secret.expose(), SameSite::Lax, None)])
            }
            Keeping::Cookies(cookies) => {
                Ok(cookies.begin(&inner.jar, &inner.key, session, inner.clock.now())?)
            }
        }
    }
}
