//! A grant of our own: a kiosk trades a badge for tokens of its owner. A client authentication method of our own: a key.

use std::sync::Arc;

use authmint::jose::{Secret, constant_time_eq};
use authmint::oauth2::{Error, ErrorCode, Params};
use authmint::server::extension::{
    Extended, ExtensionClientAuth, ExtensionGrant, GrantOutcome, GrantRequest,
};
use authmint::server::storage::{Answer, Client, StorageError};

use crate::users::Users;

#[derive(Debug)]
pub(crate) struct BadgeGrant(pub(crate) Arc<Users>);

impl ExtensionGrant for BadgeGrant {
    fn grant_type(&self) -> &'static str {
        "urn:example:grant-type:badge"
    }

    fn exchange<'a>(&'a self, request: GrantRequest<'a>) -> Extended<'a, GrantOutcome> {
        Box::pin(async move {
            let owner = self.0.find("badge", request.params.require("badge")?).map_err(StorageError::new)?;
            let [subject, ..] =
                owner.ok_or_else(|| Error::new(ErrorCode::InvalidGrant, "nobody has this badge"))?;
            Ok(GrantOutcome::Person { subject, scope: request.client.client().metadata.scope.clone() })
        })
    }
}

/// The key that kiosks send as `X-Api-Key`; without one, none is right.
#[derive(Debug)]
pub(crate) struct ApiKey(pub(crate) Option<Secret>);

type Request = http::Request<bytes::Bytes>;

impl ExtensionClientAuth for ApiKey {
    fn method(&self) -> &'static str {
        "api_key"
    }

    fn client_id<'a>(&self, request: &'a Request, params: &'a Params) -> Option<&'a str> {
        params.get("client_id").filter(|_| request.headers().contains_key("x-api-key"))
    }

    fn authenticate<'a>(&'a self, _: &'a Client, request: &'a Request, _: &'a Params) -> Answer<'a, bool> {
        let presented =
            request.headers().get("x-api-key").map(http::HeaderValue::as_bytes).unwrap_or_default();
        let fits = |key: &Secret| constant_time_eq(key.expose().as_bytes(), presented);
        let fits = self.0.as_ref().is_some_and(fits);
        Box::pin(async move { Ok(fits) })
    }
}
