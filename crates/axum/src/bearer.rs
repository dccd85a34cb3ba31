//! The extractor that lets a request in by its access token, and the route of the API's metadata.

use std::marker::PhantomData;
use std::ops::Deref;

use authmint_web::{
    AccessToken, AnyScope, RequiredScope, ResourceServer, answer_metadata, metadata_route, verify_bearer,
};
use axum::Router;
use axum::extract::{FromRef, FromRequestParts, OriginalUri, Request};
use axum::response::Response;
use axum::routing::get;
use http::request::Parts;

use crate::convert::answer;

/// A verified access token with the scope `S`: the handler runs only for a request that has one.
///
/// Needs a [`ResourceServer`] in the state. Any other request gets `401` or `403` with the challenges of RFC 6750 3. Bearer tokens and
/// tokens that are bound to a key both come in, the latter with the proof of it.
#[derive(Clone, Debug)]
pub struct Bearer<S: RequiredScope = AnyScope> {
    token: AccessToken,
    scope: PhantomData<S>,
}

impl<S: RequiredScope> Deref for Bearer<S> {
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
        let server = ResourceServer::from_ref(state);
        // A nested router takes its prefix away, and proofs name the address that the client called.
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
        let token = verify_bearer::<S>(&server, &parts.method, uri, &parts.headers).await.map_err(answer)?;
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
    let Some(path) = metadata_route(api) else { return Router::new() };
    let known = api.clone();
    let metadata =
        async move |request: Request| answer(answer_metadata(&known, request.method(), request.uri()));
    Router::new().route(path, get(metadata))
}
