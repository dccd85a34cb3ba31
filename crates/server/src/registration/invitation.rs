//! Initial access tokens: an invitation to register a client (RFC 7591 1.2, 3).
//!
//! A JWT of its own type, authenticated with a key that is used for nothing else and published nowhere: no other endpoint
//! takes it, nor does it end when signing keys are rotated. Nothing is stored of it until one that is good once has been used.

use std::time::Duration;

use authmint_jose::{Algorithm, Key, Policy, Secret, Timestamp};
use authmint_oauth2::{Error as ProtocolError, ErrorCode};
use serde::{Deserialize, Serialize};

use crate::audit;
use crate::config::Registration;
use crate::endpoint::paths;
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::TokenHash;

/// The `typ` of initial access tokens.
const TYP: &str = "authmint-initial-access+jwt";
const ALGORITHM: Algorithm = Algorithm::HS256;

/// What an invitation is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// How long.
    pub lifetime: Duration,
    /// Whether for one client alone.
    pub once: bool,
    /// Whether the client must bring a software statement (RFC 7591 2.3).
    pub needs_software_statement: bool,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    iat: Timestamp,
    exp: Timestamp,
    jti: String,
    once: bool,
    needs_software_statement: bool,
}

/// An invitation that was shown and is good.
pub(super) struct Accepted(Claims);

impl AuthorizationServer {
    /// Makes an initial access token.
    ///
    /// # Errors
    /// [`Error::Configuration`] when clients can't register here at all.
    pub fn invite(&self, invitation: Invitation) -> Result<Secret, Error> {
        if self.config().registration == Registration::Closed {
            return Err(Error::Configuration(
                "clients can't register themselves here: set registration to invited first".to_owned(),
            ));
        }
        let now = self.now();
        let claims = Claims {
            iss: self.issuer().as_str().to_owned(),
            aud: self.issuer().endpoint(paths::REGISTRATION),
            iat: now,
            exp: now.saturating_add(invitation.lifetime),
            jti: self.random_id()?,
            once: invitation.once,
            needs_software_statement: invitation.needs_software_statement,
        };
        Ok(Secret::new(key(self)?.sign_jwt(TYP, &claims)?))
    }
}

/// Judges what was presented as an initial access token.
pub(super) fn accept(server: &AuthorizationServer, token: &str) -> Result<Accepted, Error> {
    let policy = Policy::new(&[ALGORITHM])
        .typ(TYP)
        .issuer(server.issuer().as_str())
        .audience(&server.issuer().endpoint(paths::REGISTRATION))
        .require(&["jti", "once", "needs_software_statement"]);
    let verified = key(server)?.verify_jwt::<Claims>(token, &policy, server.now()).map_err(|error| {
        tracing::info!(target: audit::TARGET, event = "invitation_refused", %error, "initial access token refused");
        Error::Guess(refused())
    })?;
    Ok(Accepted(verified.claims))
}

impl Accepted {
    pub(super) fn needs_software_statement(&self) -> bool {
        self.0.needs_software_statement
    }

    /// Uses it up, if it is good once.
    pub(super) async fn consume(self, server: &AuthorizationServer) -> Result<(), Error> {
        let Claims { once, jti, exp, .. } = self.0;
        let used = TokenHash::of(&format!("initial_access\n{jti}"));
        if once && !server.storage().use_once(used, exp).await? {
            tracing::warn!(target: audit::TARGET, event = "invitation_replayed", jti, "an initial access token was used a second time");
            return Err(refused().into());
        }
        Ok(())
    }
}

/// A key that nothing else is signed with.
fn key(server: &AuthorizationServer) -> Result<Key, Error> {
    let secret = server.secrets_key().derive("authmint initial access tokens").mac(TYP.as_bytes());
    Ok(Key::from_secret(&secret, ALGORITHM)?)
}

fn refused() -> ProtocolError {
    ProtocolError::new(
        ErrorCode::InvalidToken,
        "the initial access token is not one of this server, or it expired, or was used before",
    )
    .section("RFC 7591 3, RFC 6750 3.1")
}
