//! The sample application of the demonstration: log in, see who one is, call the API, refresh, log out.

use std::sync::Arc;
use std::time::Duration;

use authmint_axum::{
    Client, ClientAuth, ClientConfig, LoggedIn, Login, LoginFailure, LoginRoutes, Reply, UserSession,
};
use authmint_client::Error;
use authmint_fetch::Reqwest;
use authmint_jose::{Clock, SealingKey, Secret, SystemClock, Timestamp};
use authmint_oauth2::Params;
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRef, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, REFERRER_POLICY};
use http::{HeaderMap, StatusCode};

use super::Addresses;
use super::pages::{
    ApiResult, Claim, ErrorKind, ErrorPage, STYLESHEET, STYLESHEET_PATH, SignedIn, SignedOut, TokenLife,
};
use super::setup::{API_SCOPE, CLIENT_ID};
use crate::output::Failure;

/// Shows what the API answers.
const API_ANSWER: &str = "/api-answer";
/// Claims that come first, of whom, from whom, for whom, until when; the others keep their order.
const FIRST: [&str; 4] = ["sub", "iss", "aud", "exp"];
/// Says that a refresh is done.
const REFRESHED: &str = "/refreshed";

/// What the handlers share.
#[derive(Clone)]
struct App {
    login: Login,
    addresses: Arc<Addresses>,
    http: reqwest::Client,
}

impl FromRef<App> for Login {
    fn from_ref(app: &App) -> Self {
        app.login.clone()
    }
}

/// Its routes. The provider must be listening: its metadata is read here.
pub(crate) async fn routes(addresses: &Addresses, secret: Secret) -> Result<Router, Failure> {
    let config = ClientConfig::new(addresses.provider.parse()?, CLIENT_ID, ClientAuth::Secret(secret))
        .redirect_uri(format!("{}/callback", addresses.app))
        .post_logout_redirect_uri(format!("{}/signed-out", addresses.app))
        .scope(format!("openid profile email offline_access {API_SCOPE}").parse()?);
    let client = Client::discover(config, Arc::new(Reqwest::new()?)).await?;
    let provider = addresses.provider.clone();
    let login = Login::builder(client, SealingKey::generate()?)
        .allow_cookies_over_plain_http()
        .cookie_name("sample")
        .failure_page(|failure| failure_page(&failure))
        .build()?;
    let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
    let app = App { login: login.clone(), addresses: Arc::new(addresses.clone()), http };
    Ok(Router::new()
        .route("/", get(home))
        .route("/signed-out", get(signed_out))
        // Each POST leads to a GET, so that a reload repeats no form.
        .route("/call-api", post(call_api))
        .route(API_ANSWER, get(api_answer))
        .route("/refresh", post(refresh))
        .route(REFRESHED, get(refreshed))
        .route(STYLESHEET_PATH.as_str(), get(stylesheet))
        .merge(login.routes())
        .fallback(|| async { page(StatusCode::NOT_FOUND, ErrorPage::new(ErrorKind::NotFound).render()) })
        .with_state(app)
        .layer(axum::middleware::map_response(move |response| {
            std::future::ready(allow_provider(response, &provider))
        })))
}

/// Forms lead to the provider after logout: the policy has to allow it.
fn allow_provider(mut response: Response, provider: &str) -> Response {
    let html =
        response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self' {provider}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    if let (true, Ok(policy)) = (html, HeaderValue::try_from(policy)) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

async fn home(State(app): State<App>, user: Option<LoggedIn>) -> Response {
    if let Some(user) = user {
        signed_in(&user, None, None)
    } else {
        let html = SignedOut { issuer: app.addresses.provider.clone(), notice: None }.render();
        page(StatusCode::OK, html)
    }
}

async fn signed_out(State(app): State<App>) -> Response {
    let notice = Some("You are signed out, here and at the provider.".to_owned());
    page(StatusCode::OK, SignedOut { issuer: app.addresses.provider.clone(), notice }.render())
}

async fn call_api(user: LoggedIn, body: Bytes) -> Response {
    if !is_ours(&user, &body) {
        return failed(&LoginFailure::Csrf);
    }
    Redirect::to(API_ANSWER).into_response()
}

async fn api_answer(State(app): State<App>, user: LoggedIn) -> Response {
    let token = user.session().tokens.access_token.expose();
    let answer = app.http.get(format!("{}/me", app.addresses.api)).bearer_auth(token).send().await;
    let result = match answer {
        Ok(response) => {
            let status = response.status().as_u16();
            ApiResult::new(status, &response.text().await.unwrap_or_default())
        }
        Err(_) => ApiResult::new(502, "The API does not answer."),
    };
    signed_in(&user, Some(result), None)
}

async fn refresh(State(app): State<App>, user: LoggedIn, headers: HeaderMap, body: Bytes) -> Response {
    if !is_ours(&user, &body) {
        return failed(&LoginFailure::Csrf);
    }
    let session = user.session();
    match app.login.client().refresh(&session.tokens, session.id_token.as_ref()).await {
        Ok(tokens) => {
            let renewed = UserSession { tokens, ..session.clone() };
            match app.login.update(&headers, renewed).await {
                Ok(kept) => (kept.unwrap_or_default(), Redirect::to(REFRESHED)).into_response(),
                Err(error) => failed(&LoginFailure::Sessions(error)),
            }
        }
        Err(error) => failed(&LoginFailure::Client(error)),
    }
}

async fn refreshed(user: LoggedIn) -> Response {
    signed_in(&user, None, Some("Access token refreshed; the ID token stays.".to_owned()))
}

fn is_ours(user: &LoggedIn, body: &[u8]) -> bool {
    let params = Params::parse(body).unwrap_or_default();
    user.check_csrf(params.get("csrf"))
}

fn signed_in(user: &LoggedIn, api_result: Option<ApiResult>, notice: Option<String>) -> Response {
    let session = user.session();
    let seconds = |time: Timestamp| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    let id_token = session.id_token.as_ref();
    let claims = serde_json::to_value(id_token).ok();
    let claims = claims.as_ref().and_then(|claims| claims.as_object());
    let mut claims: Vec<_> = claims.into_iter().flatten().collect();
    claims.sort_by_key(|(name, _)| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
    let html = SignedIn {
        name: user.name().to_owned(),
        email: session.user_info.claims.email.clone(),
        issuer: id_token.map(|claims| claims.iss.clone()).unwrap_or_default(),
        csrf: user.csrf().to_owned(),
        claims: claims.into_iter().map(|(name, value)| Claim::new(name, value)).collect(),
        tokens: vec![
            TokenLife { name: "Access token".to_owned(), expires_at: session.tokens.expires_at.map(seconds) },
            TokenLife { name: "ID token".to_owned(), expires_at: id_token.map(|claims| seconds(claims.exp)) },
        ],
        can_refresh: session.tokens.refresh_token.is_some(),
        api_result,
        notice,
        now: seconds(SystemClock.now()),
    }
    .render();
    page(StatusCode::OK, html)
}

fn failed(failure: &LoginFailure) -> Response {
    failure_page(failure).map(Body::from)
}

fn failure_page(failure: &LoginFailure) -> Reply {
    let (kind, status) = match failure {
        LoginFailure::Client(Error::Refused(error)) if error.error == "access_denied" => {
            (ErrorKind::AccessDenied, StatusCode::FORBIDDEN)
        }
        LoginFailure::NothingPending | LoginFailure::Client(Error::ForeignCallback(_)) => {
            (ErrorKind::StateMismatch, StatusCode::BAD_REQUEST)
        }
        LoginFailure::Client(error) if error.is_temporary() => {
            (ErrorKind::ProviderUnreachable, StatusCode::BAD_GATEWAY)
        }
        LoginFailure::Csrf => (ErrorKind::ExpiredForm, StatusCode::FORBIDDEN),
        _ => (ErrorKind::SignInFailed, StatusCode::BAD_REQUEST),
    };
    let mut html = ErrorPage::new(kind);
    if let LoginFailure::Client(error) = failure {
        html.explanation = Some(error.to_string());
        if let Error::Refused(message) | Error::Endpoint { error: message, .. } = error {
            html.code = Some(message.error.chars().take(64).collect());
        }
    }
    reply(status, html.render())
}

fn page(status: StatusCode, html: String) -> Response {
    reply(status, html).map(Body::from)
}

fn reply(status: StatusCode, html: String) -> Reply {
    let mut reply = Reply::new(html.into());
    *reply.status_mut() = status;
    for (name, value) in [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
    ] {
        reply.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    reply
}

async fn stylesheet() -> Response {
    let headers =
        [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, STYLESHEET).into_response()
}
