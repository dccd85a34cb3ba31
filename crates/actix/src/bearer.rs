//! The extractor that lets a request in by its access token.

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse};
use authmint_web::{AccessToken, AnyScope, RequiredScope, ResourceServer, verify_bearer};

use crate::convert::{answer, head, headers, not_set_up, refuse};

/// A verified access token with the scope `S`: the handler runs only for a request that has one.
///
/// Needs a `Data<ResourceServer>` in the application. Any other request gets `401` or `403` with the challenge of RFC 6750 3.
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
