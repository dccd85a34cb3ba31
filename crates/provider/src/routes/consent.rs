//! The consent: what an application asks for, and the person's answer.

use authmint_jose::Secret;
use authmint_server::AuthorizationServer;
use authmint_server::authorize::Next;
use bytes::Bytes;
use http::{Request, StatusCode};

use super::{Visit, application, authorize, form, interaction, logo_origin, query, user};
use crate::error::Error;
use crate::pages::{Consent, ErrorKind};
use crate::provider::Provider;
use crate::reply::{self, Allows, Reply};

/// The form's name in its CSRF token.
const FORM: &str = "consent";

/// `GET /consent`.
pub(crate) async fn show(provider: &Provider, request: &Request<Bytes>) -> Result<Reply, Error> {
    let visit = Visit::read(provider, request).await?;
    let params = query(request)?;
    let Some((token, pending)) = interaction(provider, &visit, &params).await? else {
        return Ok(provider.error_page(ErrorKind::ExpiredForm));
    };
    let fresh = pending.is_fresh(visit.session());
    let step = authorize::next(provider, &pending.request, visit.person.as_ref(), fresh, false).await?;
    let (Next::Consent, Some(person)) = (step, &visit.person) else {
        return authorize::resume(provider, &visit, &token, &pending).await;
    };
    let application = application(pending.request.client());
    let allows = Allows {
        form_target: Some(pending.request.redirect_uri().origin()),
        image: logo_origin(&application),
        ..Allows::default()
    };
    let page = Consent {
        layout: provider.layout(),
        action: provider.path("/consent"),
        csrf: form_token(provider, &visit, &token, &person.session.login),
        interaction: token.expose().to_owned(),
        application,
        redirect_uri: pending.request.redirect_uri().as_str().to_owned(),
        user: user(&person.account),
        scopes: pending.request.consent_scope().iter().map(str::to_owned).collect(),
        descriptions: provider.config().scope_descriptions.clone(),
    };
    Ok(visit.remember(provider, reply::page_that(StatusCode::OK, page.render(), &allows)))
}

/// `POST /consent`.
pub(crate) async fn submit(provider: &Provider, request: &Request<Bytes>) -> Result<Reply, Error> {
    let visit = Visit::read(provider, request).await?;
    let params = form(request)?;
    let Some((token, pending)) = interaction(provider, &visit, &params).await? else {
        return Ok(provider.error_page(ErrorKind::ExpiredForm));
    };
    let presented = params.get("csrf").unwrap_or_default();
    let shown_to = presented.split_once('.').map(|(_, login)| login).unwrap_or_default();
    let (csrf, bound_to) = (presented.split('.').next(), bound_to(&token, shown_to));
    if !provider.cookies().check_csrf(request, &visit.browser, FORM, &bound_to, csrf) {
        return Ok(provider.error_page(ErrorKind::ExpiredForm));
    }
    if visit.session().is_none_or(|session| session.login != shown_to) {
        // Somebody logged in or out in another tab: who is there now has not seen this page.
        return authorize::resume(provider, &visit, &token, &pending).await;
    }
    match params.get("decision") {
        Some("allow") => {}
        Some("deny") => {
            let taken = provider.server().take_interaction(&token, &visit.browser.secret).await?;
            let refused = provider.server().refuse(&taken.request, &AuthorizationServer::denied());
            return Ok(reply::deliver(refused, provider.layout()));
        }
        _ => return Ok(provider.error_page(ErrorKind::ExpiredForm)),
    }
    let fresh = pending.is_fresh(visit.session());
    let step = authorize::next(provider, &pending.request, visit.person.as_ref(), fresh, true).await?;
    let (Next::Issue, Some(person)) = (step, &visit.person) else {
        // The session expired, or the account changed, since the page was shown.
        return authorize::resume(provider, &visit, &token, &pending).await;
    };
    let taken = provider.server().take_interaction(&token, &visit.browser.secret).await?;
    let scope = taken.request.consent_scope();
    provider.storage().remember_consent(&person.account.subject, &taken.request.client().id, &scope).await?;
    authorize::issue(provider, &taken.request, person).await
}

/// The form's token says to which login its page was shown, so that it decides for nobody else.
fn form_token(provider: &Provider, visit: &Visit, token: &Secret, login: &str) -> String {
    format!("{}.{login}", provider.cookies().csrf(&visit.browser, FORM, &bound_to(token, login)))
}

fn bound_to(token: &Secret, login: &str) -> String {
    format!("{}\n{login}", token.expose())
}
