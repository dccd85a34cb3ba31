//! The session of a person in an application.

use std::fmt;
use std::sync::Arc;

use authmint_client::Tokens;
use authmint_jose::constant_time_eq;
use authmint_oidc::{IdTokenClaims, UserInfo};
use serde::{Deserialize, Serialize};

/// What an application knows of a person who is logged in. It serialises with the tokens in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UserSession {
    /// The provider, by the name that the application gave it.
    pub provider: String,
    /// The provider's issuer. A `sub` means somebody only together with it.
    pub issuer: String,
    /// The tokens.
    pub tokens: Tokens,
    /// The verified ID token; none where the provider only knows OAuth 2.
    pub id_token: Option<IdTokenClaims>,
    /// The person.
    pub user_info: UserInfo,
}

impl UserSession {
    /// The session at the provider, if the ID token names one.
    #[must_use]
    pub fn sid(&self) -> Option<&str> {
        self.id_token.as_ref()?.sid.as_deref()
    }

    /// Whether a logout notice means this session (Back-Channel Logout 2.7): same issuer; the person and the session, where the
    /// notice names them. A session that does not know its `sid` ends with its person.
    ///
    /// ```
    /// # fn example(session: &authmint_web::UserSession) {
    /// if session.is_meant_by("https://login.example", Some("ada"), None) {
    ///     // every session of Ada's ends
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn is_meant_by(&self, issuer: &str, sub: Option<&str>, sid: Option<&str>) -> bool {
        let same_person = sub.is_none_or(|sub| sub == self.user_info.sub);
        let same_session = match (sid, self.sid()) {
            (Some(sid), Some(own)) => sid == own,
            _ => sub.is_some(),
        };
        issuer == self.issuer && same_person && same_session
    }
}

/// The person of a request. Each adapter has an extractor of this name; what it gives dereferences to this.
#[derive(Clone)]
pub struct LoggedIn {
    session: Arc<UserSession>,
    csrf: String,
}

impl LoggedIn {
    pub(crate) fn new(session: UserSession, csrf: String) -> Self {
        Self { session: Arc::new(session), csrf }
    }

    /// What to call the person.
    #[must_use]
    pub fn name(&self) -> &str {
        let claims = &self.session.user_info.claims;
        let known = [&claims.name, &claims.preferred_username, &claims.email];
        known.into_iter().flatten().next().unwrap_or(&self.session.user_info.sub)
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> &UserSession {
        &self.session
    }

    /// The token that every form of this person must carry as `csrf`.
    #[must_use]
    pub fn csrf(&self) -> &str {
        &self.csrf
    }

    /// Whether a form's `csrf` is the one of this session.
    #[must_use]
    pub fn check_csrf(&self, presented: Option<&str>) -> bool {
        constant_time_eq(self.csrf.as_bytes(), presented.unwrap_or_default().as_bytes())
    }
}

impl fmt::Debug for LoggedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoggedIn").field("session", &self.session).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn session(sub: &str, sid: Option<&str>) -> UserSession {
        let id_token = serde_json::json!({
            "iss": "https://op.example", "sub": sub, "aud": "app", "exp": 1_900_000_000, "iat": 1_800_000_000, "sid": sid,
        });
        UserSession {
            provider: "main".to_owned(),
            issuer: "https://op.example".to_owned(),
            tokens: serde_json::from_value(serde_json::json!({ "access_token": "at" })).unwrap(),
            id_token: Some(serde_json::from_value(id_token).unwrap()),
            user_info: serde_json::from_value(serde_json::json!({ "sub": sub })).unwrap(),
        }
    }

    #[test]
    fn s32_a_notice_means_its_session_or_its_person_and_nobody_else() {
        let (known, unknown) = (session("ada", Some("s1")), session("ada", None));
        for (sub, sid, means_known, means_unknown) in [
            (Some("ada"), Some("s1"), true, true),
            (None, Some("s1"), true, false),
            (Some("ada"), None, true, true),
            (Some("ada"), Some("s2"), false, true),
            (Some("eve"), Some("s1"), false, false),
            (Some("eve"), None, false, false),
            (None, None, false, false),
        ] {
            let meant = |session: &UserSession| session.is_meant_by("https://op.example", sub, sid);
            assert_eq!((meant(&known), meant(&unknown)), (means_known, means_unknown), "{sub:?} {sid:?}");
        }
        assert!(!known.is_meant_by("https://other.example", Some("ada"), Some("s1")));
    }
}
