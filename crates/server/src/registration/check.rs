//! What of a client's metadata this server has, and what must be looked up to know (RFC 7591 2; OpenID Connect Registration
//! 2, 5; Core 8.1). Whether its parts fit together, [`ClientMetadata::check`] says.

use authmint_fetch::get_json;
use authmint_oauth2::{ClientAuthMethod, ClientMetadata, Error as ProtocolError, ErrorCode, SubjectType};

use super::secret::shares_a_key;
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::subject;

impl AuthorizationServer {
    /// Judges metadata, whoever brings it.
    pub(super) async fn judge(&self, metadata: &ClientMetadata) -> Result<(), Error> {
        metadata.check()?;
        self.check_metadata(metadata)?;
        self.check_sector(metadata).await
    }

    /// Refuses metadata that asks for what this server has not.
    fn check_metadata(&self, metadata: &ClientMetadata) -> Result<(), ProtocolError> {
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
        let fetched = metadata.jwks_uri.is_some()
            || metadata.sector_identifier_uri.is_some()
            || !metadata.request_uris.is_empty();
        if fetched && self.transport().is_none() {
            return Err(ProtocolError::new(
                ErrorCode::InvalidClientMetadata,
                "this server fetches nothing: jwks_uri, sector_identifier_uri and request_uris are not supported",
            )
            .section("RFC 7591 2"));
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

    /// Registration 5: what `sector_identifier_uri` names holds every redirect URI.
    async fn check_sector(&self, metadata: &ClientMetadata) -> Result<(), Error> {
        let (Some(uri), Some(transport)) = (&metadata.sector_identifier_uri, self.transport()) else {
            return Ok(());
        };
        // One answer for everything: who is told why a server can't be reached learns about the network behind this one.
        let refused = || {
            ProtocolError::new(
                ErrorCode::InvalidClientMetadata,
                "sector_identifier_uri must answer 200 with a JSON array that holds every one of the redirect_uris",
            )
            .parameter("sector_identifier_uri")
            .section("OpenID Connect Registration 5")
        };
        let document = get_json(transport, uri).await.map_err(|error| {
            tracing::info!(%error, "a sector_identifier_uri could not be fetched");
            refused()
        })?;
        let listed: Vec<String> = serde_json::from_slice(&document).map_err(|_| refused())?;
        let is_listed = |uri: &str| listed.iter().any(|listed| listed == uri);
        if metadata.redirect_uris.iter().all(|uri| is_listed(uri.as_str())) {
            return Ok(());
        }
        Err(refused().into())
    }
}
