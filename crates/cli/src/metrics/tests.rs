//! Figures and health as a monitor reads them, over real sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use authmint_jose::SealingKey;
use authmint_provider::{Provider, ProviderConfig};
use authmint_store::MemoryStore;
use reqwest::Client;

use super::*;
use crate::listen::{Front, bind, serve};

async fn start(router: axum::Router, connections: Gauge) -> String {
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let front = Front { connections, ..Front::plain(listener, router) };
    tokio::spawn(serve(front, std::future::pending()));
    format!("http://{address}")
}

#[tokio::test]
async fn what_happens_is_counted_and_health_is_told() {
    let config = ProviderConfig::new("https://login.example".parse().unwrap());
    let provider =
        Provider::new(config, Arc::new(MemoryStore::new()), &SealingKey::generate().unwrap()).unwrap();
    let trail: &'static Trail = Box::leak(Box::default());
    let metrics = Metrics::new(trail);
    let front = measured(authmint_axum::mount(provider.clone()), Arc::clone(&metrics), "");
    let front = start(front, metrics.connections.clone()).await;
    let watch = start(pages(Arc::clone(&metrics), provider), Gauge::default()).await;
    let http = Client::builder().no_proxy().build().unwrap();
    let get = async |address: String| {
        let response = http.get(address).header("host", "login.example").send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };

    assert_eq!(get(format!("{watch}/health/ready")).await, (200, "ready\n".to_owned()));
    assert_eq!(get(format!("{front}/.well-known/openid-configuration")).await.0, 200);
    assert_eq!(get(format!("{front}/token")).await.0, 405);
    assert_eq!(get(format!("{front}/wp-login.php?secret=hunter2")).await.0, 404);
    trail.events.get_or_create(&crate::audit::EventName { event: "signed_in".to_owned() }).inc();
    let (status, text) = get(format!("{watch}/metrics")).await;
    assert_eq!(status, 200);
    for line in [
        "authmint_http_requests_total{endpoint=\"metadata\",method=\"GET\",status=\"200\"} 1",
        "authmint_http_requests_total{endpoint=\"token\",method=\"GET\",status=\"405\"} 1",
        "authmint_http_requests_total{endpoint=\"other\",method=\"GET\",status=\"404\"} 1",
        "authmint_http_request_duration_seconds_count{endpoint=\"token\"} 1",
        "authmint_audit_events_total{event=\"signed_in\"} 1",
        "authmint_connections 1",
        "authmint_store_errors_total 0",
        "authmint_purged_records_total 0",
        "authmint_audit_lost_total 0",
    ] {
        assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
    }
    assert!(text.contains("authmint_key_age_seconds{purpose=\"sign\",algorithm=\"RS256\"}"), "{text}");
    assert!(!text.contains("hunter2") && !text.contains("wp-login"));

    metrics.ending.store(true, Ordering::Relaxed);
    assert_eq!(get(format!("{watch}/health/ready")).await.0, 503);
    assert_eq!(get(format!("{watch}/health/live")).await, (200, "alive\n".to_owned()));
    assert_eq!(get(format!("{watch}/")).await.0, 404);
}
