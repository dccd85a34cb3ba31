//! Log a person in, with a key in place of a secret (`private_key_jwt`): the provider has nothing that can be stolen.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use authmint::client::{Client, ClientAuth, ClientConfig, LoginOptions, Loopback, Reqwest};
use authmint::jose::Key;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = std::env::var("ISSUER")?.parse()?;
    let key = Key::from_jwk(&std::fs::read_to_string(std::env::var("KEY_FILE")?)?)?;
    let auth = ClientAuth::PrivateKey(key);
    let loopback = Loopback::bind()?;
    let config = ClientConfig::new(issuer, "my-app", auth)
        .scope("openid profile".parse()?)
        .redirect_uri(loopback.redirect_uri());
    let client = Client::discover(config, Arc::new(Reqwest::new()?)).await?;

    let (address, pending) = client.start(&LoginOptions::new()).await?;
    println!("open {address}");
    let answer = tokio::task::spawn_blocking(move || loopback.wait(Duration::from_secs(300))).await??;
    let login = client.callback(&pending, &answer).await?;
    println!("hello {}", login.user_info.claims.name.unwrap_or(login.user_info.sub));
    Ok(())
}
