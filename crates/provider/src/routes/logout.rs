//! The logout: asked for by an application (RP-Initiated Logout 2) or by the person. Then applications are told, by a logout
//! token (Back-Channel Logout 2.5) and by frames (Front-Channel Logout 3).

use authmint_server::audit;
use authmint_server::storage::TokenHash;
use authmint_server::{EndedSession, Logout as Verified};
use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{Request, StatusCode};

use super::{Visit, application, form, query, user};
use crate::error::Error;
use crate::pages::{ErrorKind, HiddenField, Logout, LogoutFrame, SignedOut};
use crate::provider::Provider;
use crate::reply::{self, Allows, Reply, see_other};

/// The form's name in its CSRF token.
const FORM: &str = "logout";
/// The most frames of one page: their origins must fit into a header.
const MOST_FRAMES: usize = 64;
/// The longest address that a POST is turned into.
const MAX_ADDRESS_BYTES: usize = 16 * 1024;
/// What a confirmed logout needs to know again.
const FIELDS: &[&str] = &["id_token_hint", "client_id", "post_logout_redirect_uri", "state"];

/// `GET /logout`.
pub(crate) async fn show(provider: &Provider, request: &Request<Bytes>) -> Result<Reply, Error> {
    let params = query(request)?;
    let visit = Visit::read(provider, request).await?;
    let verified = provider.server().verify_logout(&params, visit.session()).await?;
    if !verified.confirm {
        return end(provider, &visit, &verified).await;
    }
    let carried = FIELDS.iter().filter_map(|name| params.get(name).map(|value| (name, value)));
    let page = Logout {
        layout: provider.layout(),
        action: provider.path("/logout"),
        csrf: provider.cookies().csrf(&visit.browser, FORM, ""),
        fields: carried
            .map(|(name, value)| HiddenField { name: (*name).to_owned(), value: value.to_owned() })
            .collect(),
        application: verified.client.as_deref().map(application),
        user: visit.person.as_ref().map(|person| user(&person.account)),
    };
    let target = verified.redirect.as_deref().and_then(form_target);
    Ok(visit.remember(provider, reply::page(StatusCode::OK, page.render(), target.as_deref())))
}

/// `POST /logout`: the answer to our own question, or the request of an application (RP-Initiated Logout 2 allows POST).
pub(crate) async fn submit(provider: &Provider, request: &Request<Bytes>) -> Result<Reply, Error> {
    let params = form(request)?;
    if params.get("csrf").is_none() {
        // From another site it comes without our cookies: as a GET it brings them.
        let address = format!("{}?{}", provider.path("/logout"), params.to_query());
        if address.len() > MAX_ADDRESS_BYTES {
            return Ok(provider.error_page(ErrorKind::TooLarge));
        }
        return Ok(see_other(&address));
    }
    let visit = Visit::read(provider, request).await?;
    if !provider.cookies().check_csrf(request, &visit.browser, FORM, "", params.get("csrf")) {
        return Ok(provider.error_page(ErrorKind::ExpiredForm));
    }
    if params.get("action") == Some("cancel") {
        return Ok(see_other(&provider.path("/")));
    }
    let verified = provider.server().verify_logout(&params, visit.session()).await?;
    end(provider, &visit, &verified).await
}

/// Ends the session: first what hangs on it, so that a failure leaves it to be tried again. Then clients are told; none of
/// them can make the logout fail.
async fn end(provider: &Provider, visit: &Visit, verified: &Verified) -> Result<Reply, Error> {
    let server = provider.server();
    let cookie = visit.browser.session.as_ref().map(|cookie| TokenHash::of(cookie.expose()));
    let ended = match cookie {
        Some(cookie) => end_session(provider, cookie).await?,
        None => None,
    };
    let frames: Vec<LogoutFrame> = match &ended {
        Some(ended) => {
            server.tell_clients(ended).await;
            let uris = server.front_channel_logout_uris(ended).into_iter();
            uris.map(|(client, uri)| LogoutFrame { application: application(client), uri }).collect()
        }
        None => Vec::new(),
    };
    let mut reply = match &verified.redirect {
        Some(location) if frames.is_empty() => see_other(location),
        next => signed_out(provider, verified, frames, next.clone()),
    };
    if cookie.is_some() {
        reply.headers_mut().append(SET_COOKIE, provider.cookies().clear_session());
    }
    reply.headers_mut().append(SET_COOKIE, provider.cookies().clear_state());
    Ok(reply)
}

/// Ends the session of a cookie, also one that has expired meanwhile: its clients still are to be told.
async fn end_session(provider: &Provider, cookie: TokenHash) -> Result<Option<EndedSession>, Error> {
    let Some(stored) = provider.storage().session(cookie).await? else { return Ok(None) };
    let ended = provider.server().end_session(&stored.id, &stored.subject).await?;
    provider.storage().end_session(cookie).await?;
    tracing::info!(target: audit::TARGET, event = "signed_out", subject = stored.subject, clients = ended.clients().len(), "signed out");
    Ok(Some(ended))
}

fn signed_out(
    provider: &Provider,
    verified: &Verified,
    mut frames: Vec<LogoutFrame>,
    next: Option<String>,
) -> Reply {
    if frames.len() > MOST_FRAMES {
        tracing::warn!(left_out = frames.len().saturating_sub(MOST_FRAMES), "too many clients for one page");
        frames.truncate(MOST_FRAMES);
    }
    let mut origins: Vec<String> = frames.iter().filter_map(|frame| reply::origin(&frame.uri)).collect();
    origins.sort_unstable();
    origins.dedup();
    let allows =
        Allows { frames: origins, script: next.is_some().then(SignedOut::script_hash), ..Allows::default() };
    let application = verified.client.as_deref().map(application);
    let page = SignedOut { layout: provider.layout(), application, frames, next };
    reply::page_that(StatusCode::OK, page.render(), &allows)
}

/// Where the form leads. An application on the person's own device has a scheme in place of an origin.
fn form_target(location: &str) -> Option<String> {
    reply::origin(location).or_else(|| location.split_once(':').map(|(scheme, _)| format!("{scheme}:")))
}
