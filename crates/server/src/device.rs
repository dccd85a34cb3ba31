//! Devices without a browser (RFC 8628): the device gets two codes here, polls with one at the token endpoint, and shows the
//! other, which a person types on a page of the caller's. The person's part is here as decisions.

use std::sync::Arc;

use authmint_jose::Secret;
use authmint_oauth2::{
    DeviceAuthorizationResponse, Error as ProtocolError, ErrorCode, GrantType, Params, Scope, resource,
};
use bytes::Bytes;
use http::{Method, Request, StatusCode};

use crate::audit;
use crate::authorize::Session;
use crate::client_auth::VerifiedClient;
use crate::endpoint::{self, Reply, paths};
use crate::error::Error;
use crate::issue::check_resources;
use crate::server::AuthorizationServer;
use crate::storage::{Client, DeviceAuthorization, DeviceDecision, TokenHash};

/// The letters of a user code: no vowels, so that no words come of them, and none that look like another (RFC 8628 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// How many letters: 34 bits, guessed at through the page's own limits.
const USER_CODE_LETTERS: usize = 8;
/// How often another user code is tried when one is in use.
const ATTEMPTS: usize = 5;

/// A device that waits for a person, found by the code they typed.
#[derive(Clone, Debug)]
pub struct PendingDevice {
    client: Arc<Client>,
    authorization: DeviceAuthorization,
    letters: String,
    user_code: TokenHash,
}

impl PendingDevice {
    /// The code as the device shows it, however the person typed it.
    #[must_use]
    pub fn user_code(&self) -> String {
        shown(&self.letters)
    }

    /// The client on the device.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What it asks for.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.authorization.scope
    }
}

pub(crate) async fn handle(server: &AuthorizationServer, request: &Request<Bytes>) -> Reply {
    if let Err(refusal) = endpoint::allow(request, &[Method::POST]) {
        return *refusal;
    }
    let (client, params) = match VerifiedClient::of_form(server, request).await {
        Ok(known) => known,
        Err(error) => return endpoint::client_error(server, request, &error),
    };
    let mut reply = match begin(server, &client, &params).await {
        Ok(response) => endpoint::json(StatusCode::OK, &response),
        Err(error) => endpoint::client_error(server, request, &error),
    };
    client.mark_stranger(&mut reply);
    reply
}

async fn begin(
    server: &AuthorizationServer,
    client: &VerifiedClient,
    params: &Params,
) -> Result<DeviceAuthorizationResponse, Error> {
    client.may_use(&GrantType::DeviceCode)?;
    let asked = params.get("scope").map(str::parse).transpose()?;
    let scope = client.registered_scope(asked).map_err(|error| error.section("RFC 8628 3.1"))?;
    let refreshes = client.client().metadata.may_use(&GrantType::RefreshToken);
    let scope = scope.filter(|token| refreshes || token != "offline_access");
    let resource = resource::from_params(params)?;
    check_resources(&resource, &client.client().audience)?;
    let config = server.config();
    let authorization = DeviceAuthorization {
        client_id: client.client().id.clone(),
        scope,
        resource,
        interval: config.device_poll_interval.as_secs(),
        expires_at: server.now().saturating_add(config.device_code_lifetime),
    };
    let device_code = server.timed_token()?;
    let user_code = save(server, &device_code, &authorization).await?;
    let verification_uri = server.issuer().endpoint(paths::DEVICE);
    Ok(DeviceAuthorizationResponse {
        device_code,
        verification_uri_complete: Some(format!("{verification_uri}?user_code={user_code}")),
        user_code,
        verification_uri,
        expires_in: config.device_code_lifetime.as_secs(),
        interval: authorization.interval,
    })
}

/// Keeps the request under a user code that nobody else has at the moment.
async fn save(
    server: &AuthorizationServer,
    device_code: &Secret,
    authorization: &DeviceAuthorization,
) -> Result<String, Error> {
    let most = server.config().most_interactions;
    for _ in 0..ATTEMPTS {
        let letters = letters(server)?;
        let user_code = named(server, &letters);
        let hash = TokenHash::of(device_code.expose());
        let saved =
            server.storage().save_device_authorization(hash, user_code, authorization.clone(), most).await?;
        if saved {
            return Ok(shown(&letters));
        }
    }
    Err(ProtocolError::new(ErrorCode::TemporarilyUnavailable, "no user code is free; try again").into())
}

/// Random letters, each as likely as every other.
fn letters(server: &AuthorizationServer) -> Result<String, Error> {
    let mut letters = String::new();
    while letters.len() < USER_CODE_LETTERS {
        let mut bytes = [0; 32];
        server.entropy().fill(&mut bytes)?;
        // 240 is the largest multiple of 20 in a byte.
        let fair = bytes.iter().filter(|byte| **byte < 240);
        let chosen = fair.filter_map(|byte| LETTERS.get(usize::from(byte % 20)));
        letters.extend(chosen.take(USER_CODE_LETTERS.saturating_sub(letters.len())).copied().map(char::from));
    }
    Ok(letters)
}

/// A user code as people read it best: in two groups.
fn shown(letters: &str) -> String {
    let (first, second) = letters.split_at_checked(USER_CODE_LETTERS / 2).unwrap_or((letters, ""));
    format!("{first}-{second}")
}

/// What a user code is kept under. It is too short for a plain hash, so it is hashed with a key that the store does not have.
fn named(server: &AuthorizationServer, letters: &str) -> TokenHash {
    TokenHash(server.user_codes_key().mac(letters.as_bytes()))
}

impl AuthorizationServer {
    /// The device whose code a person typed, in upper or lower case, with whatever stands between its letters; `None` when
    /// there is none, or it was decided, or has expired. Whoever calls this limits how often it may be tried.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn device(&self, user_code: &str) -> Result<Option<PendingDevice>, Error> {
        let letters: String =
            user_code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
        if letters.len() != USER_CODE_LETTERS {
            return Ok(None);
        }
        let user_code = named(self, &letters);
        let Some(authorization) = self.storage().device_authorization(user_code).await? else {
            return Ok(None);
        };
        if self.now() >= authorization.expires_at {
            return Ok(None);
        }
        let client = self.storage().client(&authorization.client_id).await?;
        Ok(client.map(|client| PendingDevice { client, authorization, letters, user_code }))
    }

    /// Keeps that the person allowed the device what it asks for; `false` when it was decided before.
    ///
    /// # Errors
    /// When the store or the source of randomness fails.
    pub async fn allow_device(&self, device: &PendingDevice, session: &Session) -> Result<bool, Error> {
        let PendingDevice { client, authorization, .. } = device;
        let grant = session.grant(self, &client.id, authorization.scope.clone(), &authorization.resource)?;
        tracing::info!(target: audit::TARGET, event = "device_allowed", client_id = client.id, subject = grant.subject, grant = %grant.id, "device allowed");
        let decision = DeviceDecision::Allowed(Box::new(grant));
        Ok(self.storage().decide_device_authorization(device.user_code, decision).await?)
    }

    /// Keeps that the person refused; `false` when it was decided before.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn deny_device(&self, device: &PendingDevice) -> Result<bool, Error> {
        tracing::info!(target: audit::TARGET, event = "device_denied", client_id = device.client.id, "device refused");
        Ok(self.storage().decide_device_authorization(device.user_code, DeviceDecision::Denied).await?)
    }
}
