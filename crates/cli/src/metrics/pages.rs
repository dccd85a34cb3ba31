//! The pages for machines that watch over this one.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use authmint_provider::Provider;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use prometheus_client::encoding::prometheus_text::encode;

use super::Metrics;

/// What Prometheus calls the text it reads.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// How long the store may take to answer before the node counts as not ready.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Clone)]
struct Node {
    metrics: Arc<Metrics>,
    provider: Provider,
}

/// `/metrics`, `/health/live` and `/health/ready`.
pub(crate) fn pages(metrics: Arc<Metrics>, provider: Provider) -> Router {
    Router::new()
        .route("/metrics", get(figures))
        .route("/health/live", get(async || "alive\n"))
        .route("/health/ready", get(ready))
        .with_state(Node { metrics, provider })
}

async fn figures(State(Node { metrics, provider }): State<Node>) -> Response {
    // Old figures are better than none when the store hangs.
    if tokio::time::timeout(PATIENCE, metrics.look_at_keys(&provider)).await.is_err() {
        tracing::warn!("the keys' age could not be read in time");
    }
    let mut text = String::new();
    match encode(&mut text, &metrics.registry) {
        Ok(()) => ([(CONTENT_TYPE, TEXT)], text).into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the figures can't be written\n").into_response(),
    }
}

/// Ready: not about to end, the store answers, and the keys open.
async fn ready(State(Node { metrics, provider }): State<Node>) -> Response {
    let unready =
        |why: &str| (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n")).into_response();
    if metrics.ending.load(Ordering::Relaxed) {
        return unready("it was asked to end");
    }
    let keys = provider.server().keys();
    let looked = async {
        // The list is read from the store each time; the opened keys may be some seconds old.
        keys.list().await.map_err(|_| "the store does not answer")?;
        keys.published().await.map_err(|_| "the signing keys can't be opened")?;
        Ok(())
    };
    match tokio::time::timeout(PATIENCE, looked).await.unwrap_or(Err("the store does not answer")) {
        Ok(()) => "ready\n".into_response(),
        Err(why) => unready(why),
    }
}
