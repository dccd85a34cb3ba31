//! An application on actix-web that people log in to, with one provider or two. Register it at a provider on this machine, and name it in
//! the environment:
//!
//! ```sh
//! authmint client add --id my-app --name "My app" --redirect-uri http://localhost:3000/callback \\
//!     --post-logout-redirect-uri http://localhost:3000/
//! CLIENT_SECRET=… cargo run -p authmint --features actix,reqwest --example login_actix
//! ```
//!
//! `SECOND_ISSUER` and `SECOND_CLIENT_SECRET` add a provider, where the redirect URI ends with `/callback/second`. `ORIGIN` is the
//! address that browsers use, such as `https://app.example` of a proxy with TLS; `PORT` is where this listens.

use std::env::var;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use actix_web::{App, HttpResponse, HttpServer, web};
use authmint::actix::{Client, ClientAuth, ClientConfig, LoggedIn, Login, LoginRoutes, escape, page};
use authmint::fetch::Reqwest;
use authmint::jose::SealingKey;

#[actix_web::main]
async fn main() -> ExitCode {
    // Why a login fails is told to the log, not to the browser.
    tracing_subscriber::fmt().init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let port = var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let origin = var("ORIGIN").unwrap_or_else(|_| format!("http://localhost:{port}"));
    let is_https = origin.starts_with("https://");

    let issuer = var("ISSUER").unwrap_or_else(|_| "http://localhost:8080".to_owned());
    let secret = var("CLIENT_SECRET")
        .map_err(|_| "set CLIENT_SECRET to what `authmint client add --id my-app …` printed")?;
    let first = client(&issuer, &secret, &origin, "/callback", false).await?;
    let mut login = Login::builder(first, SealingKey::generate()?).title("The first provider");
    if let (Ok(issuer), Ok(secret)) = (var("SECOND_ISSUER"), var("SECOND_CLIENT_SECRET")) {
        // Its code comes by a form and stands in no address; browsers bring the cookie for that over https only.
        let second = client(&issuer, &secret, &origin, "/callback/second", is_https).await?;
        login = login.provider("second", "The second provider", second);
    }
    if !is_https {
        login = login.allow_cookies_over_plain_http(); // this machine has no TLS
    }
    let login = login.build()?;

    let app = move || {
        App::new()
            .configure(login.routes())
            .route("/", web::get().to(home))
            .route("/private", web::get().to(private))
    };
    let server = HttpServer::new(app).bind(format!("127.0.0.1:{port}"))?;
    println!("open {origin}");
    server.run().await?;
    Ok(())
}

async fn client(
    issuer: &str,
    secret: &str,
    origin: &str,
    callback: &str,
    by_form: bool,
) -> Result<Client, Box<dyn Error>> {
    let config = ClientConfig::new(issuer.parse()?, "my-app", ClientAuth::Secret(secret.into()))
        .redirect_uri(format!("{origin}{callback}"))
        .post_logout_redirect_uri(format!("{origin}/"));
    let config = if by_form { config.form_post() } else { config };
    Ok(Client::discover(config, Arc::new(Reqwest::new()?)).await?)
}

/// For everyone.
async fn home(user: Option<LoggedIn>) -> HttpResponse {
    match user {
        Some(user) => show(&user),
        None => page(
            "Sample",
            r#"<p id="nobody">You are signed out.</p><a id="login" href="/login">Sign in</a>"#,
            None,
        ),
    }
}

/// For people who are logged in; others are sent to log in, and back.
async fn private(user: LoggedIn) -> HttpResponse {
    show(&user)
}

fn show(user: &LoggedIn) -> HttpResponse {
    let session = user.session();
    // A name may hold anything: as markup it would run in the browser.
    let (name, provider) = (escape(user.name()), escape(&session.provider));
    let (issuer, csrf) = (escape(&session.issuer), user.csrf());
    let content = format!(
        r#"<p>Hello <b id="name">{name}</b>, by <b id="provider">{provider}</b> at <b id="issuer">{issuer}</b>.</p>
<form method="post" action="/logout"><input type="hidden" name="csrf" value="{csrf}"><button id="logout">Log out</button></form>"#
    );
    // Logging out leads to the provider, and the page's policy has to allow it.
    page("Sample", &content, Some(&session.issuer))
}
