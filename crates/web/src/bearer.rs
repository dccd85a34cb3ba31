//! Letting a request in by its access token (RFC 6750, RFC 9449 7), and the address of an API's metadata (RFC 9728).

use authmint_resource::{AccessToken, ProtocolError, RequestHead, Requirement, ResourceServer};
use http::{HeaderMap, Method, StatusCode, Uri};

use crate::reply::{Reply, status};

/// What a route demands. Declare a scope with [`scope!`](crate::scope); more than a scope is said by hand:
///
/// ```
/// use std::time::Duration;
/// use authmint_web::{ProtocolError, RequiredScope, Requirement};
///
/// struct Refund; // then `Bearer<Refund>` in an adapter
///
/// impl RequiredScope for Refund {
///     const SCOPE: &'static str = "refunds";
///
///     fn requirement() -> Result<Requirement, ProtocolError> {
///         Ok(Requirement::scope(Self::SCOPE)?.acr_values(["mfa"]).max_age(Duration::from_secs(300)))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no scope",
    label = "not declared as a scope",
    note = "declare it with `scope!({Self} = \"…\");` in place of a struct"
)]
pub trait RequiredScope: Send + Sync {
    /// The values, divided by spaces.
    const SCOPE: &'static str;

    /// All that is demanded: the scope, unless this says more.
    ///
    /// # Errors
    /// `invalid_scope` when [`SCOPE`](Self::SCOPE) is no scope: the route then answers 500.
    fn requirement() -> Result<Requirement, ProtocolError> {
        Requirement::scope(Self::SCOPE)
    }
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

            fn requirement() -> ::core::result::Result<$crate::Requirement, $crate::ProtocolError> {
                // A constant that takes some work: parsed by the first request, the same for all.
                static PARSED: ::std::sync::OnceLock<$crate::Requirement> = ::std::sync::OnceLock::new();
                if let ::core::option::Option::Some(parsed) = PARSED.get() {
                    return ::core::result::Result::Ok(parsed.clone());
                }
                let parsed = $crate::Requirement::scope($scope)?;
                ::core::result::Result::Ok(PARSED.get_or_init(|| parsed).clone())
            }
        }
    };
}

/// Verifies the access token of a request, and what `S` demands. `uri` is what the client called, before any router took a
/// prefix away: proofs name it.
///
/// # Errors
/// The answer to the request: 401 or 403 with the challenges of RFC 6750 3 and RFC 9449 7.1; 503 when the issuer can't be asked.
pub async fn verify_bearer<S: RequiredScope>(
    server: &ResourceServer,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<AccessToken, Reply> {
    let requirement = S::requirement().map_err(|error| {
        tracing::error!(%error, scope = S::SCOPE, "a route demands what is no scope");
        status(StatusCode::INTERNAL_SERVER_ERROR)
    })?;
    let authorized = server.authorize(RequestHead::new(method, uri, headers), &requirement).await;
    authorized.map_err(|rejection| rejection.response())
}

/// The path at which an API says what it is and whom it trusts (RFC 9728 3.1); none where its resource identifier is no address.
#[must_use]
pub fn metadata_route(api: &ResourceServer) -> Option<&str> {
    api.metadata_path().and_then(|path| path.split('?').next())
}

/// The answer at [`metadata_route`].
#[must_use]
pub fn answer_metadata(api: &ResourceServer, method: &Method, uri: &Uri) -> Reply {
    let none = HeaderMap::new();
    let answer = api.answer_metadata(RequestHead::new(method, uri, &none));
    answer.unwrap_or_else(|| status(StatusCode::NOT_FOUND))
}
