//! Which parameters count: those of the address, those that were pushed (RFC 9126), or those of a request object (RFC 9101;
//! OpenID Connect Core 6).

use std::sync::Arc;

use authmint_oauth2::par::REQUEST_URI_PREFIX;
use authmint_oauth2::{Error as ProtocolError, ErrorCode, Params};

use super::request_object;
use crate::client_auth::VerifiedClient;
use crate::error::Error;
use crate::pushed_request;
use crate::server::AuthorizationServer;
use crate::storage::{Client, Origin};

/// A request whose parameters all stand in it.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) client: Arc<Client>,
    pub(crate) params: Params,
    pub(crate) origin: Origin,
}

impl Resolved {
    /// Resolves what a client pushed.
    pub(crate) async fn pushed(
        server: &AuthorizationServer,
        client: &VerifiedClient,
        mut params: Params,
    ) -> Result<Self, Error> {
        // A client that authenticates by a header need not name itself again.
        params.set("client_id", &client.client().id);
        let client = client.shared();
        let (params, signed) = request_object::resolve(server, &client, &params).await?;
        Ok(Self { client, params, origin: Origin { pushed: true, signed } })
    }

    /// Resolves what came to the authorization endpoint. A pushed request is used up.
    pub(super) async fn new(
        server: &AuthorizationServer,
        client: Arc<Client>,
        params: &Params,
    ) -> Result<Self, Error> {
        if let Some(name) = params.get("request_uri").and_then(|uri| uri.strip_prefix(REQUEST_URI_PREFIX)) {
            let pushed = pushed_request::take(server, &client.id, name).await?;
            let params = Params::parse(pushed.request.as_bytes())?;
            return Ok(Self { client, params, origin: pushed_request::origin(&pushed) });
        }
        let (params, signed) = request_object::resolve(server, &client, params).await?;
        Ok(Self { client, params, origin: Origin { pushed: false, signed } })
    }

    /// Refuses a request that did not come the way that server or client demand.
    pub(super) fn check_origin(&self, server: &AuthorizationServer) -> Result<(), ProtocolError> {
        let metadata = &self.client.metadata;
        let must_be_pushed =
            server.config().require_pushed_requests || metadata.require_pushed_authorization_requests;
        if must_be_pushed && !self.origin.pushed {
            return Err(ProtocolError::new(
                ErrorCode::InvalidRequest,
                "push the request to pushed_authorization_request_endpoint first, and send the request_uri of its answer",
            )
            .parameter("request_uri")
            .section("RFC 9126 5, 6"));
        }
        if metadata.require_signed_request_object && !self.origin.signed {
            return Err(ProtocolError::new(
                ErrorCode::InvalidRequest,
                "this client registered that it sends signed request objects only",
            )
            .parameter("request")
            .section("RFC 9101 10.5"));
        }
        Ok(())
    }
}
