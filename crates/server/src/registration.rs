//! Registering a client from the operator's side: checked metadata, a generated identifier, a secret shown once.

use authmint_jose::Secret;
use authmint_oauth2::{
    ClientAuthMethod, ClientMetadata, Error as ProtocolError, ErrorCode, Scope, SubjectType,
};

use crate::client_jwt;
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::{AccessTokenFormat, Client, TokenHash};
use crate::subject;

/// The longest `client_id`, in bytes.
const MAX_ID_BYTES: usize = 255;

/// A client to be registered.
#[derive(Clone, Debug, Default)]
pub struct NewClient {
    /// Its identifier; `None` lets the server make one.
    pub id: Option<String>,
    /// Its metadata. An empty scope becomes `openid profile email` where people log in.
    pub metadata: ClientMetadata,
    /// The resource servers its access tokens are for.
    pub audience: Vec<String>,
    /// The format of its access tokens.
    pub access_token_format: AccessTokenFormat,
    /// Whether it belongs to the operator, so that nobody is asked for consent.
    pub trusted: bool,
}

/// A client that was registered. The secret is nowhere else: show it now or never.
#[derive(Clone, Debug)]
pub struct RegisteredClient {
    /// The client.
    pub client: Client,
    /// Its secret, for the methods that use one.
    pub secret: Option<Secret>,
}

impl AuthorizationServer {
    /// Registers a client.
    ///
    /// # Errors
    /// [`Error::Protocol`] when the metadata does not fit together or the identifier is taken.
    pub async fn register_client(&self, new: NewClient) -> Result<RegisteredClient, Error> {
        let NewClient { id, mut metadata, audience, access_token_format, trusted } = new;
        metadata.check()?;
        if metadata.scope.is_empty() && !metadata.redirect_uris.is_empty() {
            metadata.scope = "openid profile email".parse::<Scope>()?;
        }
        let id = match id {
            Some(id) => id,
            None => self.random_id()?,
        };
        if id.is_empty() || id.len() > MAX_ID_BYTES || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid("client_id is 1 to 255 visible ASCII characters without spaces").into());
        }
        self.check_metadata(&metadata)?;
        let secret = self.make_secret(&metadata)?;
        let client = Client {
            secret_hash: secret.as_ref().map(|secret| TokenHash::of(secret.expose())),
            sealed_secret: match &secret {
                Some(secret) if shares_a_key(&metadata) => {
                    Some(client_jwt::seal_secret(self, &id, secret.expose())?)
                }
                _ => None,
            },
            registration_token: None,
            id,
            metadata,
            audience,
            access_token_format,
            consent_required: !trusted,
            created_at: self.now(),
        };
        if !self.storage().add_client(client.clone()).await? {
            return Err(invalid("a client with this client_id exists already").into());
        }
        tracing::info!(client_id = client.id, "client registered");
        Ok(RegisteredClient { client, secret })
    }

    /// Refuses metadata that asks for what this server has not.
    pub(crate) fn check_metadata(&self, metadata: &ClientMetadata) -> Result<(), ProtocolError> {
        let refused = |parameter: &'static str, value: &str, supported: &str| {
            let value: String = value.chars().filter(char::is_ascii_graphic).take(64).collect();
            let text = format!("{parameter} {value} is not supported; see {supported}");
            Err(ProtocolError::new(ErrorCode::InvalidClientMetadata, text)
                .parameter(parameter)
                .section("RFC 7591 2"))
        };
        if let Some(grant) = metadata.grant_types.iter().find(|grant| !self.has_grant(grant)) {
            return refused("grant_types", grant.as_str(), "grant_types_supported");
        }
        let allowed = self.config().profile.response_types();
        if let Some(other) = metadata.response_types.iter().find(|asked| !allowed.contains(asked)) {
            return refused("response_types", other.as_str(), "response_types_supported");
        }
        let method = metadata.token_endpoint_auth_method.as_str();
        if !self.client_auth_methods().iter().any(|known| known == method) {
            return refused("token_endpoint_auth_method", method, "token_endpoint_auth_methods_supported");
        }
        let known = self.metadata();
        let server = &known.server;
        for (parameter, value, supported, list) in [
            (
                "token_endpoint_auth_signing_alg",
                &metadata.token_endpoint_auth_signing_alg,
                &server.token_endpoint_auth_signing_alg_values_supported,
                "token_endpoint_auth_signing_alg_values_supported",
            ),
            (
                "id_token_signed_response_alg",
                &metadata.id_token_signed_response_alg,
                &known.id_token_signing_alg_values_supported,
                "id_token_signing_alg_values_supported",
            ),
            (
                "id_token_encrypted_response_alg",
                &metadata.id_token_encrypted_response_alg,
                &known.id_token_encryption_alg_values_supported,
                "id_token_encryption_alg_values_supported",
            ),
            (
                "id_token_encrypted_response_enc",
                &metadata.id_token_encrypted_response_enc,
                &known.id_token_encryption_enc_values_supported,
                "id_token_encryption_enc_values_supported",
            ),
            (
                "userinfo_signed_response_alg",
                &metadata.userinfo_signed_response_alg,
                &known.userinfo_signing_alg_values_supported,
                "userinfo_signing_alg_values_supported",
            ),
            (
                "userinfo_encrypted_response_alg",
                &metadata.userinfo_encrypted_response_alg,
                &known.userinfo_encryption_alg_values_supported,
                "userinfo_encryption_alg_values_supported",
            ),
            (
                "userinfo_encrypted_response_enc",
                &metadata.userinfo_encrypted_response_enc,
                &known.userinfo_encryption_enc_values_supported,
                "userinfo_encryption_enc_values_supported",
            ),
            (
                "request_object_signing_alg",
                &metadata.request_object_signing_alg,
                &known.request_object_signing_alg_values_supported,
                "request_object_signing_alg_values_supported",
            ),
            (
                "request_object_encryption_alg",
                &metadata.request_object_encryption_alg,
                &known.request_object_encryption_alg_values_supported,
                "request_object_encryption_alg_values_supported",
            ),
            (
                "request_object_encryption_enc",
                &metadata.request_object_encryption_enc,
                &known.request_object_encryption_enc_values_supported,
                "request_object_encryption_enc_values_supported",
            ),
        ] {
            if let Some(value) = value
                && !supported.contains(value)
            {
                return refused(parameter, value, list);
            }
        }
        let fetched = metadata.jwks_uri.is_some() || !metadata.request_uris.is_empty();
        if fetched && self.transport().is_none() {
            return refused("jwks_uri", "or request_uris", "the server's transport: it fetches nothing");
        }
        self.check_logout_metadata(metadata)?;
        let encrypts = metadata.id_token_encrypted_response_alg.is_some()
            || metadata.userinfo_encrypted_response_alg.is_some();
        if encrypts && metadata.jwks.is_none() && metadata.jwks_uri.is_none() {
            return Err(ProtocolError::new(
                ErrorCode::InvalidClientMetadata,
                "encrypted responses need a public key of the client: give jwks or jwks_uri",
            )
            .section("OpenID Connect Registration 2"));
        }
        if shares_a_key(metadata) && metadata.token_endpoint_auth_method == ClientAuthMethod::None {
            return Err(ProtocolError::new(
                ErrorCode::InvalidClientMetadata,
                "a public client has no secret that could be a key: ask for an asymmetric algorithm",
            )
            .section("OpenID Connect Core 10.1"));
        }
        if metadata.subject_type == SubjectType::Pairwise {
            subject::sector(metadata)?;
        }
        Ok(())
    }

    /// A secret for a client that needs one: as a password of 256 bits, or as a key that is long enough for its algorithms.
    pub(crate) fn make_secret(&self, metadata: &ClientMetadata) -> Result<Option<Secret>, Error> {
        if !metadata.token_endpoint_auth_method.uses_secret() && !shares_a_key(metadata) {
            return Ok(None);
        }
        let secret = self.random_token()?;
        if !shares_a_key(metadata) {
            return Ok(Some(secret));
        }
        // HS512 takes no key under 64 bytes.
        Ok(Some(Secret::new(format!("{}{}", secret.expose(), self.random_token()?.expose()))))
    }
}

/// Whether client and server share the secret as a key.
pub(crate) fn shares_a_key(metadata: &ClientMetadata) -> bool {
    let algorithms = [
        &metadata.id_token_signed_response_alg,
        &metadata.userinfo_signed_response_alg,
        &metadata.request_object_signing_alg,
    ];
    metadata.token_endpoint_auth_method == ClientAuthMethod::ClientSecretJwt
        || algorithms.into_iter().flatten().any(|algorithm| algorithm.starts_with("HS"))
}

fn invalid(description: &'static str) -> ProtocolError {
    ProtocolError::new(ErrorCode::InvalidClientMetadata, description)
        .parameter("client_id")
        .section("RFC 7591 2")
}
