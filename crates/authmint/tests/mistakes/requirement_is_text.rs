// What an operation demands is parsed once: `Requirement::scope("orders:read")?`.
use authmint::resource::{Rejection, ResourceServer};

async fn orders(api: &ResourceServer, request: &http::Request<()>) -> Result<String, Rejection> {
    let token = api.authorize(request, "orders:read").await?;
    Ok(token.subject)
}

fn main() {
    let _ = orders;
}
