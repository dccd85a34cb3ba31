//! Letting a request in by its access token (RFC 6750).

use authmint_oauth2::Scope;
use authmint_resource::{AccessToken, Rejection, ResourceServer};
use http::{HeaderMap, Method, Uri};

use crate::reply::Reply;

/// The scope that a route demands. Declare one with [`scope!`](crate::scope).
pub trait RequiredScope: Send + Sync {
    /// The values, divided by spaces.
    const SCOPE: &'static str;
}

/// Any valid token will do.
#[derive(Clone, Copy, Debug)]
pub struct AnyScope;

impl RequiredScope for AnyScope {
    const SCOPE: &'static str = "";
}

/// Declares a scope for the `Bearer` of an adapter.
///
/// ```
/// authmint_web::scope!(pub ReadOrders = "orders:read");
/// ```
#[macro_export]
macro_rules! scope {
    ($visibility:vis $name:ident = $scope:literal) => {
        #[doc = concat!("Demands the scope `", $scope, "`.")]
        #[derive(Clone, Copy, Debug)]
        $visibility struct $name;

        impl $crate::RequiredScope for $name {
            const SCOPE: &'static str = $scope;
        }
    };
}

/// Verifies the access token of a request and demands the scope `S`. `uri` is what the client called, before any router took a
/// prefix away.
///
/// # Errors
/// The answer to the request: 401 or 403 with the challenge of RFC 6750 3.
pub async fn verify_bearer<S: RequiredScope>(
    server: &ResourceServer,
    _method: &Method,
    _uri: &Uri,
    headers: &HeaderMap,
) -> Result<AccessToken, Reply> {
    let scope: Scope = S::SCOPE.parse().map_err(|error| Rejection::from(error).response())?;
    server.authorize(headers, &scope).await.map_err(|rejection| rejection.response())
}
