//! The extractor that lets a request in by its access token, and the route of the API's metadata.

use std::marker::PhantomData;
use std::ops::Deref;

use authmint_resource::{AccessToken, ProtocolError, RequestHead, Requirement, ResourceServer};
use axum::Router;
use axum::body::Body;
use axum::extract::{FromRef, FromRequestParts, OriginalUri, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use http::request::Parts;

/// What a route demands. Declare a scope with [`scope!`](crate::scope); more than a scope is said by hand:
///
/// ```
/// use std::time::Duration;
/// use authmint_axum::{Bearer, ProtocolError, RequiredScope, Requirement};
///
/// struct Refund;
///
/// impl RequiredScope for Refund {
///     const SCOPE: &'static str = "refunds";
///
///     fn requirement() -> Result<Requirement, ProtocolError> {
///         Ok(Requirement::scope(Self::SCOPE)?.acr_values(["mfa"]).max_age(Duration::from_secs(300)))
///     }
/// }
///
/// async fn refund(token: Bearer<Refund>) -> String {
///     format!("refunded by {}", token.subject)
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

/// Declares a scope for [`Bearer`](crate::Bearer).
///
/// ```
/// authmint_axum::scope!(pub ReadOrders = "orders:read");
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

/// A verified access token with the scope `S`: the handler runs only for a request that has one.
///
/// Needs a [`ResourceServer`] in the state. Any other request gets `401` or `403` with the challenges of RFC 6750 3. Bearer tokens and
/// tokens that are bound to a key both come in, the latter with the proof of it.
#[derive(Clone, Debug)]
pub struct Bearer<S = AnyScope> {
    token: AccessToken,
    scope: PhantomData<S>,
}

impl<S> Deref for Bearer<S> {
    type Target = AccessToken;

    fn deref(&self) -> &AccessToken {
        &self.token
    }
}

impl<S, State> FromRequestParts<State> for Bearer<S>
where
    S: RequiredScope,
    State: Send + Sync,
    ResourceServer: FromRef<State>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let requirement = S::requirement().map_err(|error| {
            tracing::error!(%error, scope = S::SCOPE, "a route demands what is no scope");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        })?;
        let server = ResourceServer::from_ref(state);
        // A nested router takes its prefix away, and proofs name the address that the client called.
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
        let head = RequestHead::new(&parts.method, uri, &parts.headers);
        let authorized = server.authorize(head, &requirement).await;
        let token = authorized.map_err(|rejection| rejection.response().map(Body::from))?;
        Ok(Self { token, scope: PhantomData })
    }
}

/// The route at which an API says what it is and whom it trusts (RFC 9728); none where its resource identifier is no address.
/// Merge it into the router of the host, not into one that is nested.
///
/// ```
/// use authmint_axum::{ResourceServer, resource_metadata};
/// use axum::Router;
///
/// fn routes(api: &ResourceServer) -> Router {
///     Router::new().merge(resource_metadata(api))
/// }
/// ```
pub fn resource_metadata<S: Clone + Send + Sync + 'static>(api: &ResourceServer) -> Router<S> {
    let Some(path) = api.metadata_path().and_then(|path| path.split('?').next()) else {
        return Router::new();
    };
    let api = api.clone();
    let answer = async move |request: Request| match api.answer_metadata(&request) {
        Some(metadata) => metadata.map(Body::from),
        None => StatusCode::NOT_FOUND.into_response(),
    };
    Router::new().route(path, get(answer))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use authmint_jose::{Algorithm, Key, KeySet, ManualClock, Timestamp};
    use authmint_oauth2::DpopProof;
    use authmint_resource::TrustedIssuer;
    use http::{Method, Request};
    use serde_json::json;
    use tower::ServiceExt;

    use super::*;

    crate::scope!(ReadOrders = "orders:read");

    struct NoScope;

    impl RequiredScope for NoScope {
        const SCOPE: &'static str = "\"";
    }

    const NOW: u64 = 1_800_000_000;

    fn world() -> (Key, Router) {
        let key = Key::generate(Algorithm::ES256).unwrap();
        let issuer = TrustedIssuer::jwt_with_keys("https://op.example", KeySet::from(key.clone())).unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_secs(NOW)));
        let api = ResourceServer::builder("https://api.example").issuer(issuer).clock(clock).build().unwrap();
        let orders = async |token: Bearer<ReadOrders>| token.subject.clone();
        let routes: Router<ResourceServer> = Router::new()
            .nest("/v1", Router::new().route("/orders", get(orders)))
            .route("/broken", get(async |_: Bearer<NoScope>| "never"))
            .merge(resource_metadata(&api));
        (key, routes.with_state(api))
    }

    fn token(key: &Key, bound_to: Option<&Key>) -> String {
        let mut claims = json!({
            "iss": "https://op.example", "aud": "https://api.example", "sub": "ada", "client_id": "app",
            "scope": "orders:read", "jti": "1", "iat": NOW, "exp": NOW.saturating_add(60),
        });
        if let Some(bound_to) = bound_to {
            claims["cnf"] = json!({ "jkt": bound_to.thumbprint() });
        }
        key.sign_jwt("at+jwt", &claims).unwrap()
    }

    fn ask(routes: &Router, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        pollster::block_on(routes.clone().oneshot(request.body(Body::empty()).unwrap())).unwrap()
    }

    #[test]
    fn a_route_is_opened_by_its_scope_and_a_broken_one_by_nothing() {
        let (key, routes) = world();
        let bearer = format!("Bearer {}", token(&key, None));
        assert_eq!(ask(&routes, "/v1/orders", &[("authorization", &bearer)]).status(), StatusCode::OK);
        assert_eq!(ask(&routes, "/v1/orders", &[]).status(), StatusCode::UNAUTHORIZED);
        let broken = ask(&routes, "/broken", &[("authorization", &bearer)]);
        assert_eq!(broken.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }

    #[test]
    fn s37_a_proof_names_the_address_before_the_router_took_a_part_of_it_away() {
        let (key, routes) = world();
        let client = Key::generate(Algorithm::ES256).unwrap();
        let token = token(&key, Some(&client));
        for (uri, status) in [
            ("https://api.example/v1/orders", StatusCode::OK),
            ("https://api.example/orders", StatusCode::UNAUTHORIZED),
        ] {
            let now = Timestamp::from_secs(NOW);
            let proof = DpopProof::sign(&client, &Method::GET, uri, Some(&token), None, "1", now).unwrap();
            let headers = [("authorization", &*format!("DPoP {token}")), ("dpop", proof.expose())];
            assert_eq!(ask(&routes, "/v1/orders", &headers).status(), status, "{uri}");
        }
    }

    #[test]
    fn the_metadata_has_its_route() {
        let (_, routes) = world();
        let metadata = ask(&routes, "/.well-known/oauth-protected-resource", &[]);
        assert_eq!(metadata.status(), StatusCode::OK);
        assert_eq!(metadata.headers()["content-type"], "application/json");
    }
}
