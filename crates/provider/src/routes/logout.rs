//! The logout: asked for by an application (RP-Initiated Logout 2) or by the person.

use authmint_server::Logout as Verified;
use authmint_server::audit;
use authmint_server::storage::TokenHash;
use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{Request, StatusCode};

use super::{Visit, form, query, user};
use crate::error::Error;
use crate::pages::{Application, ErrorKind, HiddenField, Logout, SignedOut};
use crate::provider::Provider;
use crate::reply::{self, Reply, see_other};

/// The form's name in its CSRF token.
const FORM: &str = "logout";
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
        application: application(&verified),
        user: visit.person.as_ref().map(|person| user(&person.account)),
    };
    let target = verified.redirect.as_deref().and_then(origin);
    Ok(visit.remember(provider, reply::page(StatusCode::OK, page.render(), target.as_deref())))
}

/// `POST /logout`: the answer to our own question, or the request of an application (RP-Initiated Logout 2 allows POST).
pub(crate) async fn submit(provider: &Provider, request: &Request<Bytes>) -> Result<Reply, Error> {
    let params = form(request)?;
    if params.get("csrf").is_none() {
        // From another site it comes without our cookies: as a GET it brings them.
        return Ok(see_other(&format!("{}?{}", provider.path("/logout"), params.to_query())));
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

/// Ends the session: first what hangs on it, so that a failure leaves it to be tried again.
async fn end(provider: &Provider, visit: &Visit, verified: &Verified) -> Result<Reply, Error> {
    if let Some(session) = visit.session() {
        provider.server().end_session(&session.id).await?;
        tracing::info!(target: audit::TARGET, event = "signed_out", subject = session.subject, "signed out");
    }
    if let Some(cookie) = &visit.browser.session {
        provider.storage().end_session(TokenHash::of(cookie.expose())).await?;
    }
    let mut reply = if let Some(location) = &verified.redirect {
        see_other(location)
    } else {
        let page = SignedOut { layout: provider.layout(), application: application(verified) };
        reply::page(StatusCode::OK, page.render(), None)
    };
    if visit.browser.session.is_some() {
        reply.headers_mut().append(SET_COOKIE, provider.cookies().clear_session());
    }
    Ok(reply)
}

fn application(verified: &Verified) -> Option<Application> {
    let client = verified.client.as_ref()?;
    Some(Application {
        name: client.metadata.client_name.clone().unwrap_or_else(|| client.id.clone()),
        uri: client.metadata.client_uri.clone(),
    })
}

fn origin(location: &str) -> Option<String> {
    let (scheme, rest) = location.split_once("://")?;
    Some(format!("{scheme}://{}", rest.split(['/', '?', '#']).next().unwrap_or_default()))
}
