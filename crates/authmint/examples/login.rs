//! An application that people log in to. Run `authmint serve`, register a client with the redirect URI
//! `http://localhost:3000/callback`, and name it in the environment:
//!
//! ```sh
//! ISSUER=http://localhost:8080 CLIENT_ID=… CLIENT_SECRET=… cargo run -p authmint --features axum,reqwest --example login
//! ```

use std::error::Error;
use std::sync::Arc;

use authmint::axum::{Client, ClientAuth, ClientConfig, LoggedIn, Login};
use authmint::fetch::Reqwest;
use authmint::jose::SealingKey;
use axum::{Router, routing::get};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let setting = |name| std::env::var(name).map_err(|_| format!("set {name}"));
    let client = Client::discover(
        ClientConfig::new(
            setting("ISSUER")?.parse()?,
            setting("CLIENT_ID")?,
            ClientAuth::Secret(setting("CLIENT_SECRET")?.into()),
        )
        .redirect_uri("http://localhost:3000/callback"),
        Arc::new(Reqwest::new()?),
    )
    .await?;
    let login = Login::builder(client, SealingKey::generate()?, false).build();
    let app = Router::new().route("/", get(home)).merge(login.routes()).with_state(login);
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await?;
    Ok(())
}

async fn home(user: LoggedIn) -> String {
    format!("hello {}", user.name())
}
