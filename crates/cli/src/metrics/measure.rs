//! Counts and times requests, each under the name of its endpoint.

use std::sync::Arc;
use std::time::Instant;

use authmint_server::paths;
use axum::Router;
use axum::extract::{Request as HttpRequest, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::Method;

use super::{Endpoint, Metrics, Request};

/// The endpoints, by their path below the issuer's.
const ENDPOINTS: &[(&str, &str)] = &[
    (paths::AUTHORIZATION, "authorization"),
    (paths::TOKEN, "token"),
    (paths::USERINFO, "userinfo"),
    (paths::INTROSPECTION, "introspection"),
    (paths::REVOCATION, "revocation"),
    (paths::PUSHED_AUTHORIZATION_REQUEST, "pushed_authorization_request"),
    (paths::DEVICE_AUTHORIZATION, "device_authorization"),
    (paths::DEVICE, "device"),
    (paths::JWKS, "jwks"),
    (paths::REGISTRATION, "registration"),
    (paths::END_SESSION, "logout"),
    (paths::CHECK_SESSION, "check_session"),
    (paths::OPENID_CONFIGURATION, "metadata"),
    ("/login", "login"),
    ("/consent", "consent"),
    ("/", "home"),
    ("", "home"),
];

/// What is measured, and the issuer's own path.
#[derive(Clone)]
struct Measured {
    metrics: Arc<Metrics>,
    base: Arc<str>,
}

/// The routes, measured.
pub(crate) fn measured(router: Router, metrics: Arc<Metrics>, base: &str) -> Router {
    router.layer(from_fn_with_state(Measured { metrics, base: base.into() }, measure))
}

async fn measure(State(measured): State<Measured>, request: HttpRequest, next: Next) -> Response {
    let mut running = Running {
        endpoint: endpoint(request.uri().path(), &measured.base),
        method: method(request.method()),
        status: None,
        begun: Instant::now(),
        metrics: measured.metrics,
    };
    let response = next.run(request).await;
    running.status = Some(response.status().as_u16());
    response
}

/// A request that is counted when it ends, also where it is given up.
struct Running {
    endpoint: &'static str,
    method: &'static str,
    status: Option<u16>,
    begun: Instant,
    metrics: Arc<Metrics>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let status = self.status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        let Self { endpoint, method, .. } = *self;
        self.metrics.requests.get_or_create(&Request { endpoint, method, status }).inc();
        let taken = self.begun.elapsed().as_secs_f64();
        self.metrics.durations.get_or_create(&Endpoint { endpoint }).observe(taken);
    }
}

/// RFC 8414 3.1 puts the well-known path before the issuer's; everything else is below it.
fn endpoint(path: &str, base: &str) -> &'static str {
    if path.starts_with(paths::OAUTH_METADATA) {
        return "metadata";
    }
    let local = path.strip_prefix(base);
    let managed = local.and_then(|local| local.strip_prefix(paths::REGISTRATION));
    if managed.is_some_and(|rest| rest.starts_with('/')) {
        return "client_configuration";
    }
    let known = local.and_then(|local| ENDPOINTS.iter().find(|(path, _)| *path == local));
    known.map_or("other", |(_, name)| name)
}

fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_write_is_no_label() {
        assert_eq!(endpoint("/token", ""), "token");
        assert_eq!(endpoint("/a/token", "/a"), "token");
        assert_eq!(endpoint("/token", "/a"), "other");
        assert_eq!(endpoint("/a/.well-known/openid-configuration", "/a"), "metadata");
        assert_eq!(endpoint("/.well-known/oauth-authorization-server/a", "/a"), "metadata");
        assert_eq!(endpoint("/register", ""), "registration");
        assert_eq!(endpoint("/register/a-client", ""), "client_configuration");
        assert_eq!(endpoint("/registered", ""), "other");
        assert_eq!(endpoint("/wp-admin/index.php", ""), "other");
        assert_eq!(method(&Method::from_bytes(b"GUESS").unwrap()), "other");
    }
}
