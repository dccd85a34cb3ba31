//! The consent: what an application asks for, and the person's answer.

use authmint_server::AuthorizationServer;
use authmint_server::authorize::Next;
use bytes::Bytes;
use http::{Request, StatusCode};

use super::{Visit, application, authorize, form, interaction, query, user};
use crate::error::Error;
use crate::pages::{Consent, ErrorKind};
use crate::provider::Provider;
use crate::reply::{self, Reply, see_other};

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
    let client = pending.request.client();
    let page = Consent {
        layout: provider.layout(),
        action: provider.path("/consent"),
        csrf: provider.cookies().csrf(&visit.browser, FORM, token.expose()),
        interaction: token.expose().to_owned(),
        application: application(&pending.request),
        redirect_uri: pending.request.redirect_uri().as_str().to_owned(),
        user: user(&person.account),
        scopes: pending.request.request().authorization.scope.iter().map(str::to_owned).collect(),
        descriptions: provider.config().scope_descriptions.clone(),
        privacy_policy: client.metadata.policy_uri.clone(),
        terms_of_service: client.metadata.tos_uri.clone(),
    };
    let target = pending.request.redirect_uri().origin();
    Ok(visit.remember(provider, reply::page(StatusCode::OK, page.render(), Some(&target))))
}

/// `POST /consent`.
pub(crate) async fn submit(provider: &Provider, request: &Request<Bytes>) -> Result<Reply, Error> {
    let visit = Visit::read(provider, request).await?;
    let params = form(request)?;
    let Some((token, pending)) = interaction(provider, &visit, &params).await? else {
        return Ok(provider.error_page(ErrorKind::ExpiredForm));
    };
    if !provider.cookies().check_csrf(request, &visit.browser, FORM, token.expose(), params.get("csrf")) {
        return Ok(provider.error_page(ErrorKind::ExpiredForm));
    }
    match params.get("decision") {
        Some("allow") => {}
        Some("deny") => {
            let taken = provider.server().take_interaction(&token, &visit.browser.secret).await?;
            return Ok(see_other(&provider.server().refuse(&taken.request, &AuthorizationServer::denied())));
        }
        _ => return Ok(provider.error_page(ErrorKind::ExpiredForm)),
    }
    let fresh = pending.is_fresh(visit.session());
    let step = authorize::next(provider, &pending.request, visit.person.as_ref(), fresh, true).await?;
    let (Next::Issue, Some(person)) = (step, &visit.person) else {
        // The session ended, or another person logged in, since the page was shown.
        return authorize::resume(provider, &visit, &token, &pending).await;
    };
    let taken = provider.server().take_interaction(&token, &visit.browser.secret).await?;
    let scope = &taken.request.request().authorization.scope;
    provider.storage().remember_consent(&person.account.subject, &taken.request.client().id, scope).await?;
    authorize::issue(provider, &taken.request, person).await
}
