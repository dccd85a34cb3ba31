//! The extractor that lets a request in by its access token, and the route of the API's metadata.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse};
use authmint_web::{
    AccessToken, AnyScope, RequiredScope, ResourceServer, answer_metadata, metadata_route, verify_bearer,
};

use crate::convert::{answer, head, headers, not_set_up, refuse};

/// A verified access token with the scope `S`: the handler runs only for a request that has one.
///
/// Needs a `Data<ResourceServer>` in the application. Any other request gets `401` or `403` with the challenges of RFC 6750 3. Bearer
/// tokens and tokens that are bound to a key both come in, the latter with the proof of it.
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

impl<S: RequiredScope + 'static> FromRequest for Bearer<S> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let server =
                request.app_data::<Data<ResourceServer>>().ok_or_else(|| not_set_up("ResourceServer"))?;
            let (method, uri) = head(&request).ok_or_else(|| refuse(HttpResponse::BadRequest().finish()))?;
            let verified = verify_bearer::<S>(server, &method, &uri, &headers(&request)).await;
            let token = verified.map_err(|reply| refuse(answer(reply)))?;
            Ok(Self { token, scope: PhantomData })
        })
    }
}

/// The route at which an API says what it is and whom it trusts (RFC 9728); none where its resource identifier is no address. For
/// [`App::configure`](actix_web::App::configure), not for a scope.
///
/// ```
/// use actix_web::{App, web::Data};
/// use authmint_actix::{ResourceServer, resource_metadata};
///
/// fn application(api: Data<ResourceServer>) {
///     let app = App::new().configure(resource_metadata(&api)).app_data(api);
///     # let _ = app;
/// }
/// ```
pub fn resource_metadata(api: &ResourceServer) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let api = api.clone();
    move |config| {
        let Some(path) = metadata_route(&api).map(str::to_owned) else { return };
        let metadata = move |request: HttpRequest| {
            let metadata = head(&request).map(|(method, uri)| answer(answer_metadata(&api, &method, &uri)));
            std::future::ready(metadata.unwrap_or_else(|| HttpResponse::BadRequest().finish()))
        };
        config.route(&path, web::get().to(metadata));
    }
}
