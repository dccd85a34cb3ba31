//! Log a person in on another device: for a program where no browser is.

use std::error::Error;
use std::sync::Arc;

use authmint::client::{Client, ClientAuth, ClientConfig, Reqwest};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = std::env::var("ISSUER")?.parse()?;
    let auth = ClientAuth::Secret(std::env::var("CLIENT_SECRET")?.into());
    let config = ClientConfig::new(issuer, "my-app", auth);
    let client = Client::discover(config, Arc::new(Reqwest::new()?)).await?;

    let mut device = client.start_device(&"openid profile".parse()?).await?;
    println!("open {} and type {}", device.verification_uri(), device.user_code());
    let tokens = client.wait_for_device(&mut device, tokio::time::sleep).await?;
    println!("hello, tokens until {:?}", tokens.expires_at);
    Ok(())
}
