//! An API that demands a scope:
//!
//! ```sh
//! cargo run -p authmint --features axum,reqwest --example api
//! ```

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use authmint::axum::{Bearer, ResourceServer, resource_metadata, scope};
use authmint::fetch::Reqwest;
use axum::{Router, routing::get};

scope!(ReadOrders = "orders:read");

#[tokio::main]
async fn main() -> ExitCode {
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
    // Its own name: what `--audience` says where a client is registered.
    let api = ResourceServer::discover(&issuer, "http://localhost:3001", Arc::new(Reqwest::new()?)).await?;
    let app = Router::new().route("/orders", get(orders)).merge(resource_metadata(&api)).with_state(api);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3001").await?;
    println!("GET http://localhost:3001/orders with an access token");
    axum::serve(listener, app).await?;
    Ok(())
}

async fn orders(token: Bearer<ReadOrders>) -> String {
    format!("orders of {}", token.subject)
}
