//! The protected API of the demonstration: one resource that demands a scope.

use std::sync::Arc;

use authmint_axum::{Bearer, ResourceServer, scope};
use authmint_fetch::Reqwest;
use authmint_jose::SystemClock;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::Addresses;
use crate::output::Failure;

scope!(ApiRead = "api:read");

/// Its routes.
pub(crate) fn routes(addresses: &Addresses) -> Result<Router, Failure> {
    let jwks_uri = format!("{}/jwks", addresses.provider);
    let transport = Arc::new(Reqwest::new()?);
    let server = ResourceServer::with_keys_at(
        &addresses.provider,
        &addresses.api,
        &jwks_uri,
        transport,
        Arc::new(SystemClock),
    )?;
    Ok(Router::new()
        .route(
            "/",
            get(|| async {
                "This is the protected API. GET /me with an access token that has the scope api:read.\n"
            }),
        )
        .route("/me", get(me))
        .with_state(server))
}

async fn me(token: Bearer<ApiRead>) -> Json<Value> {
    Json(json!({
        "message": "The API knows who you are.",
        "subject": token.subject,
        "client_id": token.client_id,
        "scope": token.scope,
        "token_expires_at": token.expires_at,
    }))
}
