//! Log a person in with the provider of their choice: `several_providers google`.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use authmint::client::{Client, ClientAuth, ClientConfig, LoginOptions, Loopback, Reqwest, known};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let choice = std::env::args().nth(1).ok_or("say which provider: google, github, … or own")?;
    let auth = ClientAuth::Secret(std::env::var("CLIENT_SECRET")?.into());
    let loopback = Loopback::bind()?;
    let config = match known::find(&choice) {
        Some(provider) => provider.config(std::env::var("CLIENT_ID")?, auth)?,
        None => ClientConfig::new(std::env::var("ISSUER")?.parse()?, "my-app", auth),
    }
    .redirect_uri(loopback.redirect_uri());
    let client = Client::discover(config, Arc::new(Reqwest::new()?)).await?;

    let (address, pending) = client.start(&LoginOptions::new()).await?;
    println!("open {address}");
    let answer = tokio::task::spawn_blocking(move || loopback.wait(Duration::from_secs(300))).await??;
    let login = client.callback(&pending, &answer).await?;
    println!("hello {}", login.user_info.claims.name.unwrap_or(login.user_info.sub));
    Ok(())
}
