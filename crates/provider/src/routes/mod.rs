//! The pages' requests: one file a page. Each reads who is there, decides with the engine, and answers.

pub(crate) mod authorize;
pub(crate) mod check_session;
pub(crate) mod consent;
pub(crate) mod device;
pub(crate) mod home;
pub(crate) mod login;
pub(crate) mod logout;

use authmint_jose::{Secret, base64url};
use authmint_oauth2::{Error as ProtocolError, ErrorCode, Params};
use authmint_server::storage::{Client, TokenHash};
use authmint_server::{PendingInteraction, Session};
use bytes::Bytes;
use http::Request;
use http::header::{CONTENT_TYPE, SET_COOKIE};

use crate::browser::Browser;
use crate::error::Error;
use crate::pages::{Application, User};
use crate::provider::Provider;
use crate::reply::{self, Reply};
use crate::storage::Account;

/// Who is there.
pub(crate) struct Visit {
    pub(crate) browser: Browser,
    pub(crate) person: Option<Person>,
}

/// A person who is logged in.
pub(crate) struct Person {
    pub(crate) account: Account,
    pub(crate) session: Session,
}

impl Visit {
    /// Reads the cookies and what they lead to.
    pub(crate) async fn read(provider: &Provider, request: &Request<Bytes>) -> Result<Self, Error> {
        let browser = provider.cookies().read(request)?;
        let person = match &browser.session {
            Some(cookie) => person(provider, cookie).await?,
            None => None,
        };
        Ok(Self { browser, person })
    }

    pub(crate) fn session(&self) -> Option<&Session> {
        self.person.as_ref().map(|person| &person.session)
    }

    /// Gives a new browser its cookie.
    pub(crate) fn remember(&self, provider: &Provider, mut reply: Reply) -> Reply {
        if self.browser.is_new {
            reply.headers_mut().append(SET_COOKIE, provider.cookies().set_browser(&self.browser.secret));
        }
        reply
    }
}

/// The person behind a session cookie: the session lives, the account exists and is not locked.
async fn person(provider: &Provider, cookie: &Secret) -> Result<Option<Person>, Error> {
    let hash = TokenHash::of(cookie.expose());
    let Some(stored) = provider.storage().session(hash).await? else { return Ok(None) };
    if provider.server().now() >= stored.expires_at {
        return Ok(None);
    }
    let Some(account) =
        provider.storage().account(&stored.subject).await?.filter(|account| !account.disabled)
    else {
        return Ok(None);
    };
    let session = Session {
        browser_state: Some(provider.cookies().state(&stored.id)),
        id: stored.id,
        // The cookie is new with each login, and its hash is no secret.
        login: base64url::encode(hash.as_bytes()),
        subject: stored.subject,
        auth_time: stored.auth_time,
        amr: stored.amr,
        acr: provider.server().config().acr_values.last().cloned(),
        expires_at: stored.expires_at,
    };
    Ok(Some(Person { account, session }))
}

/// The parameters of the address.
pub(crate) fn query(request: &Request<Bytes>) -> Result<Params, Error> {
    Ok(Params::parse(request.uri().query().unwrap_or_default().as_bytes())?)
}

/// The fields of a form.
pub(crate) fn form(request: &Request<Bytes>) -> Result<Params, Error> {
    let content_type =
        request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        let text = "the Content-Type must be application/x-www-form-urlencoded";
        return Err(ProtocolError::new(ErrorCode::InvalidRequest, text).into());
    }
    Ok(Params::parse(request.body())?)
}

/// The interaction that a request names.
pub(crate) async fn interaction(
    provider: &Provider,
    visit: &Visit,
    params: &Params,
) -> Result<Option<(Secret, PendingInteraction)>, Error> {
    let Some(token) = params.get("interaction").map(Secret::new) else { return Ok(None) };
    let pending = provider.server().interaction(&token, &visit.browser.secret).await?;
    Ok(Some((token, pending)))
}

pub(crate) fn application(client: &Client) -> Application {
    let metadata = &client.metadata;
    Application {
        name: metadata.client_name.clone().unwrap_or_else(|| client.id.clone()),
        uri: metadata.client_uri.clone(),
        logo: metadata.logo_uri.clone(),
        privacy_policy: metadata.policy_uri.clone(),
        terms_of_service: metadata.tos_uri.clone(),
    }
}

/// The origin that a page must be allowed to load a logo from.
pub(crate) fn logo_origin(application: &Application) -> Option<String> {
    application.shown_logo().and_then(reply::origin)
}

pub(crate) fn user(account: &Account) -> User {
    User {
        name: account.claims.name.clone().unwrap_or_else(|| account.username.clone()),
        email: account.claims.email.clone(),
    }
}
