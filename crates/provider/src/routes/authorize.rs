//! The authorization endpoint (RFC 6749 3.1): verify the request, then lead the person to what is still needed.

use authmint_jose::Secret;
use authmint_oauth2::Scope;
use authmint_oauth2::par::REQUEST_URI_PREFIX;
use authmint_server::authorize::{Next, Person as Knowledge};
use authmint_server::{Authorization, PendingInteraction, VerifiedRequest};
use bytes::Bytes;
use http::Request;
use http::header::{HeaderValue, RETRY_AFTER, SET_COOKIE};

use super::{Person, Visit, form, query};
use crate::error::Error;
use crate::limits::PeerAddress;
use crate::pages::ErrorKind;
use crate::provider::Provider;
use crate::reply::{Reply, deliver, see_other};

/// The longest authorization request, which may have to be kept, and the longest address that a POST is turned into.
const MAX_ADDRESS_BYTES: usize = 16 * 1024;

/// `GET /authorize`.
pub(crate) async fn begin(provider: &Provider, request: &Request<Bytes>) -> Result<Reply, Error> {
    if request.uri().query().is_some_and(|query| query.len() > MAX_ADDRESS_BYTES) {
        return Ok(provider.error_page(ErrorKind::TooLarge));
    }
    let (visit, params) = (Visit::read(provider, request).await?, query(request)?);
    // An address outside is fetched before anything is known of who asks.
    let fetches = params.get("request_uri").is_some_and(|uri| !uri.starts_with(REQUEST_URI_PREFIX));
    if fetches && let Some(refusal) = too_many(provider, request) {
        return Ok(refusal);
    }
    let verified = match provider.server().verify_authorization(&params).await? {
        Authorization::Verified(verified) => *verified,
        Authorization::Refused { delivery, .. } => return Ok(deliver(delivery, provider.layout())),
        Authorization::Page(error) => {
            tracing::info!(%error, "authorization request refused with a page");
            return Ok(provider.refusal_page(&error));
        }
    };
    let step = next(provider, &verified, visit.person.as_ref(), false, false).await?;
    let reply = match (step, &visit.person) {
        (Next::Issue, Some(person)) => issue(provider, &verified, person).await?,
        (Next::Refuse(error), _) => deliver(provider.server().refuse(&verified, &error), provider.layout()),
        (step, _) => {
            if let Some(refusal) = too_many(provider, request) {
                return Ok(refusal);
            }
            let token =
                provider.server().wait_for_person(&verified, &visit.browser.secret, visit.session()).await?;
            let page = if step == Next::Consent && visit.person.is_some() { "/consent" } else { "/login" };
            see_other(&page_of(provider, page, &token))
        }
    };
    Ok(visit.remember(provider, reply))
}

/// Counts what strangers make the server do; the refusal of one who did it too often.
fn too_many(provider: &Provider, request: &Request<Bytes>) -> Option<Reply> {
    let peer = request.extensions().get::<PeerAddress>().copied();
    let wait = provider.limits().begin(peer).err()?;
    tracing::warn!(?peer, "too many sign-ins begun");
    let mut reply = provider.error_page(ErrorKind::TooManyRequests);
    reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().saturating_add(1)));
    Some(reply)
}

/// `POST /authorize` (OpenID Connect Core 3.1.2.1). A POST from another site comes without our cookies, so it is turned
/// into the GET that brings them.
pub(crate) fn turn_into_get(provider: &Provider, request: &Request<Bytes>) -> Result<Reply, Error> {
    let address = format!("{}?{}", provider.path("/authorize"), form(request)?.to_query());
    if address.len() > MAX_ADDRESS_BYTES {
        return Ok(provider.error_page(ErrorKind::TooLarge));
    }
    Ok(see_other(&address))
}

/// Leads on after a login: to consent, to the client, or back to the login.
pub(super) async fn resume(
    provider: &Provider,
    visit: &Visit,
    token: &Secret,
    pending: &PendingInteraction,
) -> Result<Reply, Error> {
    let fresh = pending.is_fresh(visit.session());
    match (next(provider, &pending.request, visit.person.as_ref(), fresh, false).await?, &visit.person) {
        (Next::Issue, Some(person)) => {
            let taken = provider.server().take_interaction(token, &visit.browser.secret).await?;
            issue(provider, &taken.request, person).await
        }
        (Next::Refuse(error), _) => {
            let taken = provider.server().take_interaction(token, &visit.browser.secret).await?;
            Ok(deliver(provider.server().refuse(&taken.request, &error), provider.layout()))
        }
        (Next::Consent, Some(_)) => Ok(see_other(&page_of(provider, "/consent", token))),
        _ => Ok(see_other(&page_of(provider, "/login", token))),
    }
}

/// What the engine says is still needed.
pub(super) async fn next(
    provider: &Provider,
    request: &VerifiedRequest,
    person: Option<&Person>,
    fresh: bool,
    agreed: bool,
) -> Result<Next, Error> {
    let remembered = match person {
        Some(person) => provider.storage().consent(&person.account.subject, &request.client().id).await?,
        None => Scope::EMPTY,
    };
    let session = person.map(|person| &person.session);
    let knowledge = Knowledge { session, fresh, remembered: &remembered, agreed };
    Ok(request.next(&knowledge, provider.server().now()))
}

/// Issues the code for everything that was asked.
pub(super) async fn issue(
    provider: &Provider,
    request: &VerifiedRequest,
    person: &Person,
) -> Result<Reply, Error> {
    let granted = provider.server().grant(request, &person.session, &request.consent_scope()).await?;
    let mut reply = deliver(granted, provider.layout());
    // With each response, so that the state that the client is told is the one that the browser has.
    let state = provider.cookies().set_state(&person.session, provider.server().now());
    reply.headers_mut().append(SET_COOKIE, state);
    Ok(reply)
}

/// The address of a page for an interaction.
pub(super) fn page_of(provider: &Provider, path: &str, token: &Secret) -> String {
    format!("{}?interaction={}", provider.path(path), token.expose())
}
