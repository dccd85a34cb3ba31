//! A whole OpenID Provider on axum, with its own users, its own page, one grant and one way of client authentication.
//!
//! `cargo run -p custom-server`, then point a client at <http://localhost:8090>.

mod badge;
mod users;

use std::sync::Arc;
use std::time::Duration;

use authmint::axum::{deliver, engine, escape, page};
use authmint::jose::{SealingKey, Secret, SystemEntropy, random_token};
use authmint::oauth2::{Params, Scope};
use authmint::server::authorize::{Next, Person};
use authmint::server::{Authorization, AuthorizationServer, NewClient, ServerConfig, VerifiedRequest};
use authmint::store::SqliteStore;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::HeaderMap;
use http::header::{COOKIE, SET_COOKIE};

use users::Users;

/// An application that people log in to, and a kiosk that reads badges (RFC 7591 2).
const CLIENTS: [(&str, &str); 2] = [
    (
        "app",
        r#"{"redirect_uris":["http://localhost:3000/callback"],"token_endpoint_auth_method":"none","scope":"openid profile"}"#,
    ),
    (
        "kiosk",
        r#"{"grant_types":["urn:example:grant-type:badge"],"token_endpoint_auth_method":"api_key","scope":"profile"}"#,
    ),
];

type App = (AuthorizationServer, Arc<Users>);
type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    tracing_subscriber::fmt().init();
    let users = Arc::new(Users::open("users.db")?);
    let secret = std::env::var("CUSTOM_SECRET").ok();
    let key = secret.map_or_else(SealingKey::generate, |text| SealingKey::from_base64url(&text))?;
    let store = Arc::new(SqliteStore::open("custom.db")?);
    let config = ServerConfig::new("http://localhost:8090".parse()?);
    let server = AuthorizationServer::builder(config, store, Arc::clone(&users) as _, key)
        .grant(Arc::new(badge::BadgeGrant(Arc::clone(&users))))
        .client_auth(Arc::new(badge::ApiKey(std::env::var("KIOSK_KEY").ok().map(Secret::new))))
        .build()?;
    for (id, metadata) in CLIENTS {
        if server.storage().client(id).await?.is_none() {
            let metadata = serde_json::from_str(metadata)?;
            let new = NewClient { id: Some(id.into()), metadata, ..NewClient::default() };
            server.register_client(new).await?;
        }
    }
    let pages = axum::Router::new().route("/authorize", get(begin)).route("/decide", post(decide));
    let app = pages.with_state((server.clone(), users)).fallback_service(engine(server));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8090").await?;
    println!("serving http://localhost:8090");
    axum::serve(listener, app).await?;
    Ok(())
}

async fn begin(State((server, _)): State<App>, RawQuery(query): RawQuery) -> Response {
    let shown = async {
        let verified =
            match server.verify_authorization(&Params::parse(query.unwrap_or_default().as_bytes())?).await? {
                Authorization::Verified(verified) => verified,
                Authorization::Refused { delivery, .. } => return Ok(deliver(delivery)),
                Authorization::Page(error) => return Err(error.into()),
            };
        let nobody = Person { session: None, fresh: false, remembered: &Scope::EMPTY, agreed: false };
        if let Next::Refuse(error) = verified.next(&nobody, server.now()) {
            return Ok(deliver(server.refuse(&verified, &error)));
        }
        // Whoever decides must come with this cookie.
        let browser = random_token(&SystemEntropy)?;
        let waiting = server.wait_for_person(&verified, &browser, None).await?;
        let cookie = format!("browser={}; Path=/; HttpOnly; SameSite=Lax", browser.expose());
        Ok(([(SET_COOKIE, cookie)], ask(&verified, &waiting, "")).into_response())
    };
    shown.await.unwrap_or_else(failed)
}

async fn decide(State((server, users)): State<App>, headers: HeaderMap, form: String) -> Response {
    let decided = async {
        let params = Params::parse(form.as_bytes())?;
        let get = |name: &str| params.get(name).unwrap_or_default();
        let cookies = headers.get(COOKIE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let browser = Secret::new(cookies.strip_prefix("browser=").unwrap_or_default());
        let waiting = Secret::new(get("waiting"));
        let pending = server.interaction(&waiting, &browser).await?;
        if get("decision") == "deny" {
            let taken = server.take_interaction(&waiting, &browser).await?;
            return Ok(deliver(server.refuse(&taken.request, &AuthorizationServer::denied())));
        }
        let Some(subject) = users.check(get("username"), get("password"))? else {
            return Ok(ask(&pending.request, &waiting, "Wrong name or password."));
        };
        // A login for this request alone: there are no sessions here.
        let session = server.begin_session(&subject, &["pwd"], Duration::from_secs(3600))?;
        let fresh = pending.is_fresh(Some(&session));
        let person = Person { session: Some(&session), fresh, remembered: &Scope::EMPTY, agreed: true };
        if pending.request.next(&person, server.now()) != Next::Issue {
            return Ok(ask(&pending.request, &waiting, "The application asks for somebody else."));
        }
        let taken = server.take_interaction(&waiting, &browser).await?;
        Ok(deliver(server.grant(&taken.request, &session, &taken.request.consent_scope()).await?))
    };
    decided.await.unwrap_or_else(failed)
}

fn ask(request: &VerifiedRequest, waiting: &Secret, problem: &str) -> Response {
    let (id, scope, waiting) = (&request.client().id, request.consent_scope(), waiting.expose());
    let content = format!(
        r#"<h1>{} asks for: {}</h1><p>{problem}</p><form method="post" action="/decide">
        <input type="hidden" name="waiting" value="{waiting}">
        <label>Name <input name="username"></label> <label>Password <input name="password" type="password"></label>
        <button name="decision" value="allow">Allow</button> <button name="decision" value="deny">No</button></form>"#,
        escape(id),
        escape(scope.as_str())
    );
    page("Sign in", &content, Some(request.redirect_uri().as_str()))
}

#[allow(clippy::needless_pass_by_value, reason = "it ends here")]
fn failed(error: Failure) -> Response {
    page("Sorry", &format!("<p>{}</p>", escape(&error.to_string())), None)
}
