//! The extractor that lets a request in by its bearer token.

use std::marker::PhantomData;
use std::ops::Deref;

use authmint_oauth2::Scope;
use authmint_resource::{AccessToken, ResourceServer};
use axum::body::Body;
use axum::extract::{FromRef, FromRequestParts};
use axum::response::Response;
use http::request::Parts;

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
        }
    };
}

/// A verified access token with the scope `S`: the handler runs only for a request that has one.
///
/// Needs a [`ResourceServer`] in the state. Any other request gets `401` or `403` with the challenge of RFC 6750 3.
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
        let respond = |rejection: authmint_resource::Rejection| rejection.response().map(Body::from);
        let scope: Scope =
            S::SCOPE.parse().map_err(|error| respond(authmint_resource::Rejection::from(error)))?;
        let server = ResourceServer::from_ref(state);
        let token = server.authorize(&parts.headers, &scope).await.map_err(respond)?;
        Ok(Self { token, scope: PhantomData })
    }
}
