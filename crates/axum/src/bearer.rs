//! The extractor that lets a request in by its access token.

use std::marker::PhantomData;
use std::ops::Deref;

use authmint_web::{AccessToken, AnyScope, RequiredScope, ResourceServer, verify_bearer};
use axum::extract::{FromRef, FromRequestParts, OriginalUri};
use axum::response::Response;
use http::request::Parts;

use crate::convert::answer;

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
        let server = ResourceServer::from_ref(state);
        // A nested router takes its prefix away, and proofs name the address that the client called.
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
        let token = verify_bearer::<S>(&server, &parts.method, uri, &parts.headers).await.map_err(answer)?;
        Ok(Self { token, scope: PhantomData })
    }
}
