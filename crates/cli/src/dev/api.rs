//! The protected API of the demonstration: one resource that demands a scope.

use std::sync::Arc;

use authmint_axum::{Bearer, RequiredScope, ResourceServer, TrustedIssuer, resource_metadata, scope};
use authmint_fetch::Reqwest;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::Addresses;
use crate::output::Failure;

scope!(ApiRead = "api:read");

/// Its routes.
pub(crate) fn routes(addresses: &Addresses) -> Result<Router, Failure> {
    let jwks_uri = format!("{}/jwks", addresses.provider);
    // Nothing is fetched before the first request: the provider is not up yet.
    let provider = TrustedIssuer::jwt(&addresses.provider, &jwks_uri, Arc::new(Reqwest::new()?))?;
    let server = ResourceServer::builder(&addresses.api)
        .issuer(provider)
        .name("The protected API of the demonstration")
        .publishes([&ApiRead::requirement()?])
        .build()?;
    Ok(Router::new()
        .route(
            "/",
            get(|| async {
                "This is the protected API. GET /me with an access token that has the scope api:read.\n"
            }),
        )
        .route("/me", get(me))
        .merge(resource_metadata(&server))
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
