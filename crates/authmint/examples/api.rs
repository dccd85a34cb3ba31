//! An API that demands a scope:
//!
//! ```sh
//! ISSUER=http://localhost:8080 cargo run -p authmint --features axum,reqwest --example api
//! ```

use std::error::Error;
use std::sync::Arc;

use authmint::axum::{Bearer, ResourceServer, scope};
use authmint::fetch::Reqwest;
use axum::{Router, routing::get};

scope!(ReadOrders = "orders:read");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let issuer = std::env::var("ISSUER").map_err(|_| "set ISSUER")?;
    let api = ResourceServer::discover(&issuer, "http://localhost:3001", Arc::new(Reqwest::new()?)).await?;
    let app = Router::new().route("/orders", get(orders)).with_state(api);
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3001").await?, app).await?;
    Ok(())
}

async fn orders(token: Bearer<ReadOrders>) -> String {
    format!("orders of {}", token.subject)
}
