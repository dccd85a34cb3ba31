//! What a client asks to be registered as: strict JSON, over which the claims of a software statement go (RFC 7591 2, 2.3, 3.1).
//!
//! Names with a language tag (2.2) are ignored: pages here show the name that has none.

use authmint_jose::check_json;
use authmint_oauth2::{ClientMetadata, Error as ProtocolError, ErrorCode};
use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::software_statement;
use crate::error::Error;
use crate::server::AuthorizationServer;

/// The members of a request, nothing of them judged yet.
pub(super) struct Asked(Map<String, Value>);

impl Asked {
    pub(super) fn read(request: &Request<Bytes>) -> Result<Self, ProtocolError> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            let text = "the Content-Type must be application/json";
            return Err(ProtocolError::new(ErrorCode::InvalidRequest, text).section("RFC 7591 3.1"));
        }
        let malformed = || {
            ProtocolError::new(
                ErrorCode::InvalidClientMetadata,
                "the body must be one JSON object that names no member twice and is not nested deeply",
            )
            .section("RFC 7591 3.1")
        };
        let text = std::str::from_utf8(request.body()).map_err(|_| malformed())?;
        check_json("client metadata", text).map_err(|_| malformed())?;
        let members = serde_json::from_str(text).map_err(|_| malformed())?;
        Ok(Self(members))
    }

    /// A member that is a text; absent, `null` or anything else is `None`.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// Whether a member is there and not `null`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    /// The metadata that is asked for. A client that once came with a software statement keeps it: `kept`.
    pub(super) async fn metadata(
        mut self,
        server: &AuthorizationServer,
        kept: Option<&str>,
    ) -> Result<ClientMetadata, Error> {
        if self.has("software_statement") && self.text("software_statement").is_none() {
            return Err(software_statement::invalid("software_statement must be a JWT, as a string").into());
        }
        let Some(statement) = self.text("software_statement").or(kept).map(str::to_owned) else {
            return Ok(ClientMetadata::from_members(&self.0)?);
        };
        let was_judged = kept == Some(statement.as_str());
        self.0.extend(software_statement::claims(server, &statement, was_judged).await?);
        self.0.insert("software_statement".to_owned(), Value::String(statement));
        Ok(ClientMetadata::from_members(&self.0)?)
    }
}
