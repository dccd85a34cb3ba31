//! Registering a client over HTTP, and managing what was registered (RFC 7591, RFC 7592).

use std::sync::Arc;

use authmint_fetch::{Transport, is_secure_url};
use authmint_jose::Secret;
use authmint_oauth2::registration::ClientInformation;
use authmint_oauth2::{ClientAuth, ClientAuthMethod, ClientMetadata};
use authmint_oidc::ProviderMetadata;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response};
use serde_json::Value;

use crate::config::ClientConfig;
use crate::discovery;
use crate::error::Error;
use crate::request;

const ENDPOINT: &str = "the registration endpoint";

/// A client that registered itself. Keep [`information`](Self::information): its secret and its management token are told once.
#[derive(Clone, Debug)]
pub struct Registration {
    information: ClientInformation,
    transport: Arc<dyn Transport>,
}

impl Registration {
    /// Registers a client at `provider`. `invitation` is the initial access token, where the provider wants one (RFC 7591 3).
    ///
    /// # Errors
    /// [`Error::Metadata`] when the provider registers nobody, [`Error::Endpoint`] when it refuses.
    pub async fn register(
        provider: &ProviderMetadata,
        metadata: &ClientMetadata,
        invitation: Option<&Secret>,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, Error> {
        let url = provider.server.registration_endpoint.as_deref();
        let url = url.ok_or_else(|| discovery::lacks(&provider.server.issuer, "registration_endpoint"))?;
        let body = to_json(metadata)?;
        let response = send(transport.as_ref(), Method::POST, url, invitation, Some(body)).await?;
        Ok(Self { information: request::read(ENDPOINT, &response)?, transport })
    }

    /// A client that registered itself earlier.
    pub fn resume(information: ClientInformation, transport: Arc<dyn Transport>) -> Self {
        Self { information, transport }
    }

    /// What is registered, with secret and management token.
    #[must_use]
    pub fn information(&self) -> &ClientInformation {
        &self.information
    }

    /// The settings of a client with its own registration, where it authenticates by a secret or not at all.
    ///
    /// # Errors
    /// [`Error::Configuration`] when it authenticates by a key: then say which, with [`ClientConfig::new`].
    pub fn config(&self, provider: &ProviderMetadata) -> Result<ClientConfig, Error> {
        let ClientInformation { client_id, client_secret, metadata, .. } = &self.information;
        let secret = || {
            client_secret
                .clone()
                .ok_or(Error::Configuration("the provider registered the client without a secret"))
        };
        let auth = match metadata.token_endpoint_auth_method {
            ClientAuthMethod::None => ClientAuth::None,
            ClientAuthMethod::ClientSecretBasic => ClientAuth::Secret(secret()?),
            ClientAuthMethod::ClientSecretPost => ClientAuth::SecretPost(secret()?),
            ClientAuthMethod::ClientSecretJwt => ClientAuth::SecretJwt(secret()?),
            _ => {
                return Err(Error::Configuration("the client authenticates by a key: use ClientConfig::new"));
            }
        };
        let config = ClientConfig::new(provider.server.issuer.clone(), client_id, auth);
        Ok(match metadata.redirect_uris.first() {
            Some(uri) => config.redirect_uri(uri.as_str()),
            None => config,
        })
    }

    /// Reads what is registered now (RFC 7592 2.1).
    ///
    /// # Errors
    /// [`Error::Endpoint`] when the management token is not, or no longer, good.
    pub async fn read(&mut self) -> Result<&ClientInformation, Error> {
        self.manage(Method::GET, None).await
    }

    /// Puts `metadata` in the place of what is registered (RFC 7592 2.2). Everything that is not in it is forgotten.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn update(&mut self, metadata: &ClientMetadata) -> Result<&ClientInformation, Error> {
        let mut body: Value = serde_json::from_slice(&to_json(metadata)?).unwrap_or_default();
        if let Some(members) = body.as_object_mut() {
            members.insert("client_id".to_owned(), self.information.client_id.as_str().into());
            if let Some(secret) = &self.information.client_secret {
                members.insert("client_secret".to_owned(), secret.expose().into());
            }
        }
        let body = to_json(&body)?;
        self.manage(Method::PUT, Some(body)).await
    }

    /// Ends the registration (RFC 7592 2.3), and all tokens with it.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn delete(self) -> Result<(), Error> {
        let (url, token) = self.management()?;
        let response = send(self.transport.as_ref(), Method::DELETE, url, Some(token), None).await?;
        request::check(ENDPOINT, &response)
    }

    async fn manage(&mut self, method: Method, body: Option<Bytes>) -> Result<&ClientInformation, Error> {
        let (url, token) = self.management()?;
        let response = send(self.transport.as_ref(), method, url, Some(token), body).await?;
        let mut now: ClientInformation = request::read(ENDPOINT, &response)?;
        if now.client_id != self.information.client_id {
            return Err(Error::Response { endpoint: ENDPOINT, problem: "another client's registration" });
        }
        // What is not told again stays as it was (RFC 7592 3).
        let before = &self.information;
        now.client_secret = now.client_secret.or_else(|| before.client_secret.clone());
        now.registration_access_token =
            now.registration_access_token.or_else(|| before.registration_access_token.clone());
        now.registration_client_uri =
            now.registration_client_uri.or_else(|| before.registration_client_uri.clone());
        self.information = now;
        Ok(&self.information)
    }

    fn management(&self) -> Result<(&str, &Secret), Error> {
        let ClientInformation { registration_client_uri, registration_access_token, .. } = &self.information;
        registration_client_uri.as_deref().zip(registration_access_token.as_ref()).ok_or(
            Error::Configuration("the provider gave this client nothing to manage its registration with"),
        )
    }
}

async fn send(
    transport: &dyn Transport,
    method: Method,
    url: &str,
    token: Option<&Secret>,
    body: Option<Bytes>,
) -> Result<Response<Bytes>, Error> {
    if !is_secure_url(url) {
        return Err(Error::Response {
            endpoint: ENDPOINT,
            problem: "an address that is neither https nor on this machine",
        });
    }
    let mut request = Request::builder()
        .method(method)
        .uri(url)
        .header(ACCEPT, "application/json")
        .body(body.clone().unwrap_or_default())
        .map_err(|_| Error::Response { endpoint: ENDPOINT, problem: "an address that is none" })?;
    if body.is_some() {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Some(token) = token {
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.expose()))
            .map_err(|_| Error::Configuration("the token for registrations does not fit a header"))?;
        bearer.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, bearer);
    }
    Ok(transport.send(request).await?)
}

fn to_json<T: serde::Serialize>(value: &T) -> Result<Bytes, Error> {
    let json = serde_json::to_vec(value);
    json.map(Bytes::from).map_err(|_| Error::Configuration("the client metadata can't be written as JSON"))
}
