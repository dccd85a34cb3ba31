//! Records to test with. The time is [`NOW`]; what is good expires an hour later, a grant a day later.

use authmint_jose::{Algorithm, Timestamp};
use authmint_oauth2::{ClientMetadata, CodeChallenge, RedirectUri, Scope};

use crate::storage::{
    AccessTokenFormat, AccessTokenRecord, Client, CodeRecord, DeviceAuthorization, Grant, GrantId,
    Interaction, IssuedTokens, KeyPurpose, Origin, PushedRequest, RefreshTokenRecord, StoredKey, TokenHash,
};

/// The present.
pub const NOW: u64 = 1_800_000_000;
/// An hour of seconds.
pub const HOUR: u64 = 3600;
/// A day of seconds.
pub const DAY: u64 = 24 * HOUR;

/// A time relative to [`NOW`].
#[must_use]
pub fn after(seconds: u64) -> Timestamp {
    Timestamp::from_secs(NOW.saturating_add(seconds))
}

/// The hash of a text.
#[must_use]
pub fn hash(text: &str) -> TokenHash {
    TokenHash::of(text)
}

/// A scope.
#[must_use]
pub fn scope(text: &str) -> Scope {
    text.parse().unwrap()
}

/// A client with every field set.
#[must_use]
pub fn client(id: &str) -> Client {
    Client {
        id: id.to_owned(),
        metadata: ClientMetadata {
            client_name: Some("Orders – Aufträge".to_owned()),
            redirect_uris: vec![RedirectUri::parse("https://orders.example/callback").unwrap()],
            scope: scope("openid profile offline_access"),
            ..ClientMetadata::default()
        },
        secret_hash: Some(hash(&format!("secret of {id}"))),
        sealed_secret: Some("sealed".to_owned()),
        registration_token: Some(hash(&format!("registration token of {id}"))),
        audience: vec!["https://api.example".to_owned()],
        access_token_format: AccessTokenFormat::Opaque,
        consent_required: true,
        created_at: after(0),
    }
}

/// A grant of its own login session to the client `app`; it dies with the session.
#[must_use]
pub fn grant(id: &str) -> Grant {
    Grant {
        id: GrantId(id.to_owned()),
        client_id: "app".to_owned(),
        subject: format!("person of {id}"),
        scope: scope("openid profile"),
        auth_time: after(0),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        acr: Some("urn:example:gold".to_owned()),
        userinfo_claims: vec!["email".to_owned()],
        id_token_claims: vec!["name".to_owned()],
        resource: vec!["https://api.example/".to_owned()],
        session_id: format!("session of {id}"),
        offline: false,
        expires_at: after(DAY),
    }
}

/// A code for a grant.
#[must_use]
pub fn code(grant: &Grant) -> CodeRecord {
    CodeRecord {
        grant: grant.clone(),
        redirect_uri: Some("https://orders.example/callback".to_owned()),
        code_challenge: Some(
            CodeChallenge::try_from("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned()).unwrap(),
        ),
        nonce: Some("n-0S6_WzA2Mj".to_owned()),
        dpop_jkt: Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".to_owned()),
        expires_at: after(HOUR),
    }
}

/// An opaque access token of a grant.
#[must_use]
pub fn access_token(grant: &Grant) -> AccessTokenRecord {
    AccessTokenRecord {
        grant: Some(grant.id.clone()),
        client_id: grant.client_id.clone(),
        subject: grant.subject.clone(),
        scope: grant.scope.clone(),
        audience: vec!["https://api.example".to_owned(), "https://login.example".to_owned()],
        dpop_jkt: Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".to_owned()),
        auth_time: Some(grant.auth_time),
        acr: Some("urn:example:silver".to_owned()),
        issued_at: after(0),
        expires_at: after(HOUR),
    }
}

/// An opaque access token that a client has for itself.
#[must_use]
pub fn client_token(client_id: &str) -> AccessTokenRecord {
    AccessTokenRecord {
        grant: None,
        client_id: client_id.to_owned(),
        subject: client_id.to_owned(),
        scope: scope("read"),
        audience: Vec::new(),
        dpop_jkt: None,
        auth_time: None,
        acr: None,
        issued_at: after(0),
        expires_at: after(HOUR),
    }
}

/// A refresh token of a grant.
#[must_use]
pub fn refresh_token(grant: &Grant) -> RefreshTokenRecord {
    RefreshTokenRecord {
        grant: grant.clone(),
        dpop_jkt: Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".to_owned()),
        issued_at: after(0),
        expires_at: after(HOUR),
    }
}

/// The tokens of one response: `access NAME` and `refresh NAME`.
#[must_use]
pub fn tokens(name: &str, grant: &Grant) -> IssuedTokens {
    IssuedTokens {
        access_token: Some((hash(&format!("access {name}")), access_token(grant))),
        refresh_token: Some((hash(&format!("refresh {name}")), refresh_token(grant))),
    }
}

/// A waiting request.
#[must_use]
pub fn interaction() -> Interaction {
    Interaction {
        request: "client_id=app&scope=openid&state=%C3%A9".to_owned(),
        origin: Origin { pushed: true, signed: true },
        browser: hash("browser"),
        login: Some("login".to_owned()),
        started_at: after(0),
        expires_at: after(HOUR),
    }
}

/// A pushed request.
#[must_use]
pub fn pushed_request() -> PushedRequest {
    PushedRequest {
        client_id: "app".to_owned(),
        request: "client_id=app&scope=openid&state=%C3%A9".to_owned(),
        signed: true,
        expires_at: after(HOUR),
    }
}

/// What a device asked for.
#[must_use]
pub fn device_authorization() -> DeviceAuthorization {
    DeviceAuthorization {
        client_id: "tv".to_owned(),
        scope: scope("openid profile"),
        resource: vec!["https://api.example/".to_owned()],
        interval: 5,
        expires_at: after(HOUR),
    }
}

/// A sealed key.
#[must_use]
pub fn key(kid: &str) -> StoredKey {
    StoredKey {
        kid: kid.to_owned(),
        purpose: KeyPurpose::Sign(Algorithm::ES256),
        sealed: format!("sealed {kid}"),
        active_from: after(0),
        published_until: None,
    }
}
