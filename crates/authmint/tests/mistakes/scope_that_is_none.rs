// A scope for an extractor is declared: `scope!(ReadOrders = "orders:read");`.
use authmint::axum::{Bearer, ResourceServer};
use axum::{Router, routing::get};

struct ReadOrders;

async fn orders(token: Bearer<ReadOrders>) -> String {
    token.subject.clone()
}

fn routes(api: ResourceServer) -> Router {
    Router::new().route("/orders", get(orders)).with_state(api)
}

fn main() {
    let _ = routes;
}
