//! A provider whose store is in memory, with one client that gets opaque tokens. Prints the client's secret, and serves.

use std::error::Error;
use std::sync::Arc;

use authmint::axum::mount;
use authmint::jose::SealingKey;
use authmint::provider::{Provider, ProviderConfig};
use authmint::server::NewClient;
use authmint::server::storage::AccessTokenFormat;
use authmint::store::MemoryStore;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).ok_or("say where to listen: 127.0.0.1:9474")?;
    let config = ProviderConfig::new(format!("http://localhost:{}", address.rsplit(':').next().unwrap_or_default()).parse()?);
    let provider = Provider::new(config, Arc::new(MemoryStore::new()), &SealingKey::generate()?)?;
    let client = NewClient {
        id: Some("opaque".to_owned()),
        metadata: serde_json::from_str(r#"{"grant_types":["client_credentials"],"scope":"orders:read"}"#)?,
        audience: vec!["https://api.example".to_owned()],
        access_token_format: AccessTokenFormat::Opaque,
        ..NewClient::default()
    };
    let registered = provider.server().register_client(client).await?;
    println!("{}", registered.secret.ok_or("no secret was made")?.expose());
    axum::serve(tokio::net::TcpListener::bind(address).await?, mount(provider)).await?;
    Ok(())
}
