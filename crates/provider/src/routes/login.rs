//! The login: a form, and what becomes of it.

use authmint_jose::{Entropy, Secret, SystemEntropy, base64url, random_token};
use authmint_oauth2::Params;
use authmint_oidc::Prompt;
use authmint_server::audit;
use authmint_server::storage::TokenHash;
use authmint_server::{AuthorizationServer, PendingInteraction};
use bytes::Bytes;
use http::header::{HeaderValue, RETRY_AFTER, SET_COOKIE};
use http::{Request, StatusCode};

use super::{Visit, application, authorize, device, form, interaction, logo_origin, query};
use crate::accounts::username;
use crate::error::Error;
use crate::limits::PeerAddress;
use crate::pages::{Login, LoginError};
use crate::passwords::MAX_BYTES;
use crate::provider::Provider;
use crate::reply::{self, Allows, Reply, see_other};
use crate::storage::{Account, LoginSession};

/// The form's name in its CSRF token.
const FORM: &str = "login";

/// `GET /login`.
pub(crate) async fn show(provider: &Provider, request: &Request<Bytes>) -> Result<Reply, Error> {
    let visit = Visit::read(provider, request).await?;
    let params = query(request)?;
    let pending = interaction(provider, &visit, &params).await?;
    let device = device_of(&params);
    if pending.is_none() && visit.person.is_some() {
        return Ok(see_other(&after(provider, device)));
    }
    let hint = pending.as_ref().and_then(|(_, pending)| pending.request.request().login_hint.clone());
    let page = Form { pending: pending.as_ref(), device, username: &hint.unwrap_or_default(), error: None };
    Ok(visit.remember(provider, page.render(provider, &visit, StatusCode::OK)))
}

/// `POST /login`.
pub(crate) async fn submit(provider: &Provider, request: &Request<Bytes>) -> Result<Reply, Error> {
    let visit = Visit::read(provider, request).await?;
    let params = form(request)?;
    let pending = interaction(provider, &visit, &params).await?;
    let bound_to = params.get("interaction").unwrap_or_default();
    let typed = params.get("username").unwrap_or_default();
    let device = device_of(&params);
    let again = |error, status| {
        let page = Form { pending: pending.as_ref(), device, username: typed, error: Some(error) };
        visit.remember(provider, page.render(provider, &visit, status))
    };
    if !provider.cookies().check_csrf(request, &visit.browser, FORM, bound_to, params.get("csrf")) {
        return Ok(again(LoginError::Expired, StatusCode::FORBIDDEN));
    }
    if params.get("action") == Some("cancel") {
        return cancel(provider, &visit, pending.as_ref()).await;
    }
    let peer = request.extensions().get::<PeerAddress>().copied();
    let name = username(typed).unwrap_or_default();
    let named = provider.storage().account_by_username(&name).await?;
    let known_browser =
        named.as_ref().is_some_and(|account| provider.cookies().is_device_of(request, account));
    let attempt = match provider.limits().login(&name, peer, known_browser) {
        Ok(attempt) => attempt,
        Err(wait) => {
            tracing::warn!(target: audit::TARGET, event = "sign_in_limited", peer = peer.map(|peer| tracing::field::display(peer.0)),
                "too many sign-in attempts"
            );
            let seconds = wait.as_secs().saturating_add(1);
            let error = LoginError::TooManyAttempts { retry_after_seconds: seconds };
            let mut reply = again(error, StatusCode::TOO_MANY_REQUESTS);
            reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
            return Ok(reply);
        }
    };
    let account = match check_password(provider, named, &params).await {
        Ok(Some(account)) => account,
        Ok(None) => {
            tracing::info!(target: audit::TARGET, event = "sign_in_failed", peer = peer.map(|peer| tracing::field::display(peer.0)), "sign-in failed");
            return Ok(again(LoginError::WrongCredentials, StatusCode::UNAUTHORIZED));
        }
        Err(error) => {
            // Nothing was said about the password.
            attempt.take_back();
            return Err(error);
        }
    };
    attempt.take_back();
    let (visit, cookie) = log_in(provider, &visit, &account).await?;
    tracing::info!(target: audit::TARGET, event = "signed_in", subject = account.subject, "signed in");
    let mut reply = match &pending {
        Some((token, pending)) => authorize::resume(provider, &visit, token, pending).await?,
        None => see_other(&after(provider, device)),
    };
    if let Some(session) = visit.session() {
        let state = provider.cookies().set_state(session, provider.server().now());
        reply.headers_mut().append(SET_COOKIE, state);
    }
    reply.headers_mut().append(SET_COOKIE, provider.cookies().set_session(&cookie));
    reply.headers_mut().append(SET_COOKIE, provider.cookies().set_device(&account));
    Ok(reply)
}

/// The device's code, empty if the person has not typed it, where it is a device that asks for the login.
fn device_of(params: &Params) -> Option<&str> {
    let user_code = params.get("user_code").unwrap_or_default();
    (params.get("next") == Some("device")).then_some(user_code)
}

/// Where a person goes whom no application waits for.
fn after(provider: &Provider, device: Option<&str>) -> String {
    device.map_or_else(|| provider.path("/"), |user_code| device::page_of(provider, user_code))
}

/// The account, if its password was typed. No account, a locked one and a wrong password take the same time
/// and give the same answer.
async fn check_password(
    provider: &Provider,
    account: Option<Account>,
    params: &Params,
) -> Result<Option<Account>, Error> {
    let password = params.get("password").unwrap_or_default();
    let known =
        account.as_ref().map(|account| account.password_hash.clone()).filter(|_| password.len() <= MAX_BYTES);
    let fits = provider.passwords().verify(Secret::new(password), known).await?;
    Ok(account.filter(|account| fits && !account.disabled))
}

/// Begins a session with a cookie of its own, in place of the one the browser had.
async fn log_in(provider: &Provider, visit: &Visit, account: &Account) -> Result<(Visit, Secret), Error> {
    let before = visit.session();
    // The same person proving themselves again goes on in their session; another person ends it.
    let same = before.filter(|before| before.subject == account.subject);
    let ended = match before.filter(|_| same.is_none()) {
        Some(before) => Some(provider.server().end_session(&before.id, &before.subject).await?),
        None => None,
    };
    let cookie = random_token(&SystemEntropy)?;
    let replaces = visit.browser.session.as_ref().map(|old| TokenHash::of(old.expose()));
    let save = async |id| {
        let now = provider.server().now();
        let session = LoginSession {
            id,
            subject: account.subject.clone(),
            auth_time: now,
            amr: vec!["pwd".to_owned()],
            expires_at: now.saturating_add(provider.config().session_lifetime),
        };
        provider.storage().save_session(TokenHash::of(cookie.expose()), session, replaces).await
    };
    let went_on = match same {
        Some(session) => save(session.id.clone()).await?,
        None => false,
    };
    // Also where the session was ended while the password was checked.
    if !went_on {
        let mut bytes = [0; 16];
        SystemEntropy.fill(&mut bytes)?;
        save(base64url::encode(&bytes)).await?;
    }
    let person = super::person(provider, &cookie).await?;
    let person = person.filter(|person| person.account.password_hash == account.password_hash);
    if person.is_none() {
        // The password was changed while it was checked, or the account locked: this was the login of a moment too late.
        provider.storage().end_session(TokenHash::of(cookie.expose())).await?;
    }
    if let Some(ended) = ended {
        // No page of a logout is shown here, so clients that only listen in the browser are not told.
        provider.server().tell_clients(&ended).await;
    }
    Ok((Visit { browser: visit.browser.clone(), person }, cookie))
}

async fn cancel(
    provider: &Provider,
    visit: &Visit,
    pending: Option<&(Secret, PendingInteraction)>,
) -> Result<Reply, Error> {
    let Some((token, _)) = pending else { return Ok(see_other(&provider.path("/"))) };
    let taken = provider.server().take_interaction(token, &visit.browser.secret).await?;
    let refused = provider.server().refuse(&taken.request, &AuthorizationServer::denied());
    Ok(reply::deliver(refused, provider.layout()))
}

/// The form as it is shown.
struct Form<'a> {
    pending: Option<&'a (Secret, PendingInteraction)>,
    device: Option<&'a str>,
    username: &'a str,
    error: Option<LoginError>,
}

impl Form<'_> {
    fn render(self, provider: &Provider, visit: &Visit, status: StatusCode) -> Reply {
        let interaction = self.pending.map_or("", |(token, _)| token.expose());
        let application = self.pending.map(|(_, pending)| application(pending.request.client()));
        let allows = Allows {
            form_target: self.pending.map(|(_, pending)| pending.request.redirect_uri().origin()),
            image: application.as_ref().and_then(logo_origin),
            ..Allows::default()
        };
        let prompt = self.pending.map(|(_, pending)| &pending.request.request().prompt);
        let page = Login {
            layout: provider.layout(),
            action: provider.path("/login"),
            csrf: provider.cookies().csrf(&visit.browser, FORM, interaction),
            interaction: interaction.to_owned(),
            application,
            wants_account: prompt.is_some_and(|prompt| prompt.contains(Prompt::Create)),
            device: self.device.map(device::tidy),
            username: self.username.chars().take(128).collect(),
            error: self.error,
        };
        reply::page_that(status, page.render(), &allows)
    }
}
