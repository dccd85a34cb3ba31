//! Call an API as a program, with the key file of a service account (Google's form).

use std::error::Error;
use std::sync::Arc;

use authmint::client::{Reqwest, ServiceAccount};
use bytes::Bytes;
use http::Request;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let account = ServiceAccount::from_json(&std::fs::read_to_string(std::env::var("KEY_FILE")?)?)?
        .scope(std::env::var("SCOPE")?.parse()?);
    // Tokens that stay fresh, for as many tasks as share them.
    let source = account.tokens(Arc::new(Reqwest::new()?))?;

    let request = Request::get(std::env::var("API")?).body(Bytes::new())?;
    println!("the API answers {}", source.send(request).await?.status());
    Ok(())
}
