//! Call an API for a person: with a scope, and with a token that is for this API and stays fresh.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use authmint::client::{Client, ClientAuth, ClientConfig, LoginOptions, Loopback, Reqwest, TokenSource};
use bytes::Bytes;
use http::Request;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = std::env::var("ISSUER")?.parse()?;
    let auth = ClientAuth::Secret(std::env::var("CLIENT_SECRET")?.into());
    let loopback = Loopback::bind()?;
    let config = ClientConfig::new(issuer, "my-app", auth)
        .scope("openid orders:read".parse()?)
        .redirect_uri(loopback.redirect_uri())
        .resource(std::env::var("API")?);
    let client = Client::discover(config, Arc::new(Reqwest::new()?)).await?;

    let (address, pending) = client.start(&LoginOptions::new()).await?;
    println!("open {address}");
    let answer = tokio::task::spawn_blocking(move || loopback.wait(Duration::from_secs(300))).await??;
    let login = client.callback(&pending, &answer).await?;
    let source = TokenSource::of_login(client, login.tokens, login.id_token);
    let request = Request::get(format!("{}/orders", std::env::var("API")?)).body(Bytes::new())?;
    println!("the API answers {}", source.send(request).await?.status());
    Ok(())
}
