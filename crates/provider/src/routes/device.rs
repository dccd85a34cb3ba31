//! The page where a person lets a device in (RFC 8628 3.3): sign in, type the code, see what the device wants, decide.
//!
//! A code in the address (3.3.1) only fills the form in. The decision is bound to the browser, the login and the very code that
//! the page showed (S39 of the threat table).

use authmint_oauth2::Params;
use authmint_server::PendingDevice;
use authmint_server::audit;
use bytes::Bytes;
use http::header::{HeaderValue, RETRY_AFTER};
use http::{Request, StatusCode};

use super::{Person, Visit, application, form, logo_origin, query, user};
use crate::error::Error;
use crate::limits::PeerAddress;
use crate::pages::{DeviceCode, DeviceCodeError, DeviceConsent, DeviceDone, ErrorKind, ErrorPage};
use crate::provider::Provider;
use crate::reply::{self, Allows, Reply, see_other};

/// The names of the two forms in their CSRF tokens.
const CODE_FORM: &str = "device code";
const DECISION_FORM: &str = "device decision";
/// The most characters of a code that are carried on: enough for whatever a person puts between the letters.
const MAX_CODE_CHARACTERS: usize = 32;

/// A code as it is carried through addresses and forms: nothing but letters, digits and hyphens.
pub(super) fn tidy(user_code: &str) -> String {
    let plain = user_code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-');
    plain.take(MAX_CODE_CHARACTERS).map(|c| c.to_ascii_uppercase()).collect()
}

/// The address of the page, with a code filled in.
pub(super) fn page_of(provider: &Provider, user_code: &str) -> String {
    let path = provider.path("/device");
    match tidy(user_code) {
        code if code.is_empty() => path,
        code => format!("{path}?user_code={code}"),
    }
}

/// `GET /device`.
pub(crate) async fn show(provider: &Provider, request: &Request<Bytes>) -> Result<Reply, Error> {
    let visit = Visit::read(provider, request).await?;
    let user_code = tidy(query(request)?.get("user_code").unwrap_or_default());
    let Some(person) = &visit.person else { return Ok(sign_in(provider, &user_code)) };
    Ok(visit.remember(provider, code_page(provider, &visit, person, user_code, None)))
}

/// `POST /device`: a code, or the decision on the device that waits under it.
pub(crate) async fn submit(provider: &Provider, request: &Request<Bytes>) -> Result<Reply, Error> {
    let visit = Visit::read(provider, request).await?;
    let params = form(request)?;
    let user_code = tidy(params.get("user_code").unwrap_or_default());
    let Some(person) = &visit.person else { return Ok(sign_in(provider, &user_code)) };
    match params.get("decision") {
        None => find(provider, request, &visit, person, &params, user_code).await,
        Some(decision) => decide(provider, request, &visit, person, &params, &user_code, decision).await,
    }
}

/// Looks a code up, and asks whether the device may have what it wants.
async fn find(
    provider: &Provider,
    request: &Request<Bytes>,
    visit: &Visit,
    person: &Person,
    params: &Params,
    user_code: String,
) -> Result<Reply, Error> {
    let (csrf, login) = (params.get("csrf"), &person.session.login);
    if !provider.cookies().check_csrf(request, &visit.browser, CODE_FORM, login, csrf) {
        let again = code_page(provider, visit, person, user_code, Some(DeviceCodeError::Expired));
        return Ok(visit.remember(provider, again));
    }
    let peer = request.extensions().get::<PeerAddress>().copied();
    let subject = &person.session.subject;
    if let Err(wait) = provider.limits().user_code(subject, peer) {
        tracing::warn!(
            target: audit::TARGET,
            event = "device_codes_limited",
            subject,
            peer = peer.map(|peer| tracing::field::display(peer.0)),
            "too many device codes"
        );
        return Ok(locked_out(provider, wait.as_secs().saturating_add(1)));
    }
    let Some(device) = provider.server().device(&user_code).await? else {
        tracing::info!(target: audit::TARGET, event = "device_code_unknown", subject, "a device code that there is not");
        return Ok(code_page(provider, visit, person, user_code, Some(DeviceCodeError::Unknown)));
    };
    provider.limits().user_code_was_right(subject, peer);
    Ok(decision_page(provider, visit, person, &device))
}

async fn decide(
    provider: &Provider,
    request: &Request<Bytes>,
    visit: &Visit,
    person: &Person,
    params: &Params,
    user_code: &str,
    decision: &str,
) -> Result<Reply, Error> {
    let bound_to = bound_to(&person.session.login, user_code);
    // The token says that this browser was shown this code as that of a device, so that nobody guesses here.
    if !provider.cookies().check_csrf(request, &visit.browser, DECISION_FORM, &bound_to, params.get("csrf")) {
        return Ok(provider.error_page(ErrorKind::ExpiredForm));
    }
    let over = || code_page(provider, visit, person, String::new(), Some(DeviceCodeError::Unknown));
    let Some(device) = provider.server().device(user_code).await? else { return Ok(over()) };
    let (decided, allowed) = match decision {
        "allow" => (provider.server().allow_device(&device, &person.session).await?, true),
        "deny" => (provider.server().deny_device(&device).await?, false),
        _ => return Ok(provider.error_page(ErrorKind::ExpiredForm)),
    };
    if !decided {
        return Ok(over());
    }
    let page = DeviceDone { layout: provider.layout(), application: application(device.client()), allowed };
    Ok(reply::page(StatusCode::OK, page.render(), None))
}

fn sign_in(provider: &Provider, user_code: &str) -> Reply {
    see_other(&format!("{}?next=device&user_code={user_code}", provider.path("/login")))
}

fn code_page(
    provider: &Provider,
    visit: &Visit,
    person: &Person,
    user_code: String,
    error: Option<DeviceCodeError>,
) -> Reply {
    let page = DeviceCode {
        layout: provider.layout(),
        action: provider.path("/device"),
        csrf: provider.cookies().csrf(&visit.browser, CODE_FORM, &person.session.login),
        user_code,
        user: user(&person.account),
        error,
    };
    let status = if error.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    reply::page(status, page.render(), None)
}

fn decision_page(provider: &Provider, visit: &Visit, person: &Person, device: &PendingDevice) -> Reply {
    let (application, user_code) = (application(device.client()), device.user_code());
    let allows = Allows { image: logo_origin(&application), ..Allows::default() };
    let bound_to = bound_to(&person.session.login, &user_code);
    let page = DeviceConsent {
        layout: provider.layout(),
        action: provider.path("/device"),
        csrf: provider.cookies().csrf(&visit.browser, DECISION_FORM, &bound_to),
        user_code,
        application,
        user: user(&person.account),
        scopes: device.scope().iter().map(str::to_owned).collect(),
        descriptions: provider.config().scope_descriptions.clone(),
    };
    reply::page_that(StatusCode::OK, page.render(), &allows)
}

fn bound_to(login: &str, user_code: &str) -> String {
    format!("{login}\n{user_code}")
}

fn locked_out(provider: &Provider, seconds: u64) -> Reply {
    let mut page = ErrorPage::new(provider.layout(), ErrorKind::TooManyRequests);
    "Too many codes were tried that no device is waiting with, so we paused.".clone_into(&mut page.message);
    page.retry_after_seconds = Some(seconds);
    let mut reply = reply::page(StatusCode::TOO_MANY_REQUESTS, page.render(), None);
    reply.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    reply
}
