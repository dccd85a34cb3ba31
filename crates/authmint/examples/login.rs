//! An application that people log in to. Register it at a provider on this machine, and name it in the environment:
//!
//! ```sh
//! authmint client add --id my-app --name "My app" --redirect-uri http://localhost:3000/callback \\
//!     --post-logout-redirect-uri http://localhost:3000/
//! CLIENT_SECRET=… cargo run -p authmint --features axum,reqwest --example login
//! ```

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use authmint::axum::{Client, ClientAuth, ClientConfig, LoggedIn, Login, LoginRoutes};
use authmint::fetch::Reqwest;
use authmint::jose::SealingKey;
use axum::{Router, response::Html, routing::get};

#[tokio::main]
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
    let issuer = std::env::var("ISSUER").unwrap_or_else(|_| "http://localhost:8080".to_owned());
    let secret = std::env::var("CLIENT_SECRET")
        .map_err(|_| "set CLIENT_SECRET to what `authmint client add --id my-app …` printed")?;
    let config = ClientConfig::new(issuer.parse()?, "my-app", ClientAuth::Secret(secret.into()))
        .redirect_uri("http://localhost:3000/callback")
        .post_logout_redirect_uri("http://localhost:3000/");
    let client = Client::discover(config, Arc::new(Reqwest::new()?)).await?;
    let login = Login::builder(client, SealingKey::generate()?)
        .allow_cookies_over_plain_http() // this machine has no TLS; leave it out behind https
        .build()?;
    let app = Router::new().route("/", get(home)).merge(login.routes()).with_state(login);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("open http://localhost:3000");
    axum::serve(listener, app).await?;
    Ok(())
}

async fn home(user: LoggedIn) -> Html<String> {
    // A name may hold anything: as markup it would run in the browser.
    let name = user.name().replace('&', "&amp;").replace('<', "&lt;");
    let csrf = user.csrf();
    Html(format!(
        r#"hello {name} <form method="post" action="/logout"><input type="hidden" name="csrf" value="{csrf}"><button>Log out</button></form>"#
    ))
}
