//! What an operation demands of a token: scopes (RFC 6750 3.1), a recent or strong enough login (RFC 9470), a key (RFC 9449).

use std::sync::Arc;
use std::time::Duration;

use authmint_jose::Timestamp;
use authmint_oauth2::{Error as ProtocolError, ErrorCode, Scope};

use crate::token::AccessToken;

/// What an operation demands of a token. Parse it once, where the API begins; clones share what was parsed.
///
/// ```
/// use std::time::Duration;
/// use authmint_resource::Requirement;
///
/// let read = Requirement::scope("orders:read")?;
/// let refund = Requirement::scope("orders:write refunds")?.acr_values(["mfa"]).max_age(Duration::from_secs(300));
/// # assert_ne!(read, refund);
/// # Ok::<(), authmint_resource::ProtocolError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirement(Arc<Demands>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Demands {
    scope: Scope,
    /// Scopes of which each is as good as `scope`.
    alternatives: Vec<Scope>,
    acr_values: Vec<String>,
    max_age: Option<Duration>,
    bound_token: bool,
}

impl Requirement {
    /// Any valid token.
    #[must_use]
    pub fn any_token() -> Self {
        Self::default()
    }

    /// Every value of this scope.
    ///
    /// # Errors
    /// `invalid_scope` when it is no scope (RFC 6749 3.3).
    pub fn scope(scope: &str) -> Result<Self, ProtocolError> {
        scope.parse().map(|scope: Scope| scope.into())
    }

    /// Or every value of this scope: one of several is enough. Challenges name the first.
    ///
    /// ```
    /// use authmint_resource::Requirement;
    ///
    /// let read = Requirement::scope("orders:read")?.or_scope("admin")?;
    /// # Ok::<(), authmint_resource::ProtocolError>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_scope` when it is no scope, or an empty one, which would open what the other is to guard.
    pub fn or_scope(mut self, scope: &str) -> Result<Self, ProtocolError> {
        let scope: Scope = scope.parse()?;
        if scope == Scope::EMPTY {
            return Err(ProtocolError::new(ErrorCode::InvalidScope, "an alternative names no scope")
                .section("RFC 6749 3.3"));
        }
        Arc::make_mut(&mut self.0).alternatives.push(scope);
        Ok(self)
    }

    /// A login that the issuer calls one of these, the best first (RFC 9470 3). Exact comparison: no value is more than another.
    /// No value has a space in it; one that does is two, as in the request's `acr_values`. Where all are blank, no
    /// login is enough.
    #[must_use]
    pub fn acr_values<T: AsRef<str>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
        let demands = Arc::make_mut(&mut self.0);
        demands.acr_values.clear();
        let mut only_blank = false;
        for value in values {
            demands.acr_values.extend(value.as_ref().split_ascii_whitespace().map(str::to_owned));
            only_blank = demands.acr_values.is_empty();
        }
        // A setting that was left blank must not open what it was to guard.
        if only_blank {
            demands.acr_values.push(String::new());
        }
        self
    }

    /// A login that is not longer ago than this (RFC 9470 3).
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        Arc::make_mut(&mut self.0).max_age = Some(age);
        self
    }

    /// A token that is bound to a key, with the proof of it; no bearer token will do (RFC 9449 7).
    #[must_use]
    pub fn bound_token(mut self) -> Self {
        Arc::make_mut(&mut self.0).bound_token = true;
        self
    }

    pub(crate) fn demanded_scope(&self) -> &Scope {
        &self.0.scope
    }

    /// Every value that is named here.
    pub(crate) fn named_scope(&self) -> Scope {
        self.0.alternatives.iter().fold(self.0.scope.clone(), |all, scope| all.union(scope))
    }

    pub(crate) fn demanded_acr_values(&self) -> &[String] {
        &self.0.acr_values
    }

    pub(crate) fn demanded_max_age(&self) -> Option<u64> {
        self.0.max_age.map(|age| age.as_secs())
    }

    pub(crate) fn demands_bound_token(&self) -> bool {
        self.0.bound_token
    }

    /// Whether a token has what is demanded. Scope comes first: a login that is repeated does not give more of it.
    pub(crate) fn check(
        &self,
        token: &AccessToken,
        now: Timestamp,
        leeway: Duration,
    ) -> Result<(), ProtocolError> {
        let Demands { scope, alternatives, acr_values, max_age, .. } = &*self.0;
        let allowed = |scope: &Scope| scope.is_subset(&token.scope);
        if !allowed(scope) && !alternatives.iter().any(allowed) {
            let text = "the access token lacks a scope that is needed here";
            return Err(ProtocolError::new(ErrorCode::InsufficientScope, text).section("RFC 6750 3.1"));
        }
        let step_up = |text| {
            Err(ProtocolError::new(ErrorCode::InsufficientUserAuthentication, text).section("RFC 9470 3"))
        };
        let has = |acr: &String| !acr.is_empty() && acr_values.contains(acr);
        let strong = acr_values.is_empty() || token.acr.as_ref().is_some_and(has);
        if !strong {
            return step_up(
                "this needs a stronger login: send the person through authorization with acr_values",
            );
        }
        let recent = |age: Duration| {
            token.auth_time.is_some_and(|time| now <= time.saturating_add(age).saturating_add(leeway))
        };
        if max_age.is_some_and(|age| !recent(age)) {
            return step_up("this needs a fresh login: send the person through authorization with max_age");
        }
        Ok(())
    }
}

impl From<Scope> for Requirement {
    fn from(scope: Scope) -> Self {
        Self(Arc::new(Demands { scope, ..Demands::default() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(10_000);
    const LEEWAY: Duration = Duration::from_secs(30);

    fn token(acr: Option<&str>, auth_time: Option<u64>) -> AccessToken {
        AccessToken {
            issuer: "https://op.example".into(),
            subject: "ada".into(),
            client_id: None,
            scope: "read write".parse().unwrap(),
            audience: "api".into(),
            issued_at: None,
            expires_at: None,
            id: None,
            auth_time: auth_time.map(Timestamp::from_secs),
            acr: acr.map(str::to_owned),
            cnf: authmint_oauth2::dpop::Confirmation::default(),
            claims: serde_json::Map::new(),
        }
    }

    #[test]
    fn every_value_of_the_scope_is_demanded() {
        for (scope, good) in [("", true), ("read", true), ("write read", true), ("read admin", false)] {
            let requirement = Requirement::scope(scope).unwrap();
            assert_eq!(requirement.check(&token(None, None), NOW, LEEWAY).is_ok(), good, "{scope}");
        }
        assert!(Requirement::scope("a\"b").is_err());
    }

    #[test]
    fn one_of_several_scopes_is_enough_and_an_empty_one_is_none() {
        for (first, other, good) in [
            ("admin", "read", true),
            ("read", "admin", true),
            ("admin", "write read", true),
            ("admin", "read x", false),
        ] {
            let requirement = Requirement::scope(first).unwrap().or_scope(other).unwrap();
            assert_eq!(
                requirement.check(&token(None, None), NOW, LEEWAY).is_ok(),
                good,
                "{first} or {other}"
            );
        }
        assert!(Requirement::scope("admin").unwrap().or_scope("").is_err());
        let named = Requirement::scope("a").unwrap().or_scope("b c").unwrap().named_scope();
        assert_eq!(named, "a b c".parse().unwrap());
    }

    #[test]
    fn s32_a_level_that_was_left_blank_opens_nothing() {
        for blank in ["", "  "] {
            let requirement = Requirement::any_token().acr_values([blank]);
            for acr in [None, Some("pwd")] {
                assert!(
                    requirement.check(&token(acr, Some(9_900)), NOW, LEEWAY).is_err(),
                    "{blank:?} {acr:?}"
                );
            }
        }
        let none: [&str; 0] = [];
        assert!(Requirement::any_token().acr_values(none).check(&token(None, None), NOW, LEEWAY).is_ok());
    }

    #[test]
    fn a_login_must_be_strong_and_recent_enough_and_silence_is_neither() {
        let requirement = Requirement::any_token().acr_values(["phr mfa"]).max_age(Duration::from_secs(100));
        for (acr, auth_time, good) in [
            (Some("mfa"), Some(9_900), true),
            (Some("phr"), Some(9_870), true),
            (Some("phr"), Some(9_869), false),
            (Some("mfa phr"), Some(9_900), false),
            (Some("pwd"), Some(9_900), false),
            (None, Some(9_900), false),
            (Some("mfa"), None, false),
        ] {
            let judged = requirement.check(&token(acr, auth_time), NOW, LEEWAY);
            assert_eq!(judged.is_ok(), good, "{acr:?} {auth_time:?}");
            if let Err(error) = judged {
                assert_eq!(error.code(), ErrorCode::InsufficientUserAuthentication);
            }
        }
    }
}
