//! What is still needed of the person (OpenID Connect Core 3.1.2.3, 3.1.2.4, 3.1.2.6).

use std::time::Duration;

use authmint_jose::Timestamp;
use authmint_oauth2::{ClientAuthMethod, Error as ProtocolError, ErrorCode, Scope};
use authmint_oidc::Prompt;

use super::{Session, VerifiedRequest};

/// For how long a login that was made for this very request satisfies any `max_age`: the time to read what one agrees to.
/// Without it, a small `max_age` and a consent would send a person round in circles.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// What is known of the person at this moment.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// Their login session.
    pub session: Option<&'a Session>,
    /// Whether they logged in after this request was first seen.
    pub fresh: bool,
    /// What they allowed this client before.
    pub remembered: &'a Scope,
    /// Whether they agreed to this very request just now.
    pub agreed: bool,
}

/// The next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask who they are.
    Login,
    /// Ask whether they agree.
    Consent,
    /// Nothing more is needed: [`grant`](crate::AuthorizationServer::grant).
    Issue,
    /// Nothing may be asked: [`refuse`](crate::AuthorizationServer::refuse) with this error.
    Refuse(ProtocolError),
}

impl VerifiedRequest {
    /// What to do next. Every check is made anew each time, so that a page can't be skipped.
    #[must_use]
    pub fn next(&self, person: &Person<'_>, now: Timestamp) -> Next {
        let silent = self.request().prompt.contains(Prompt::None);
        if self.needs_login(person, now) {
            return if silent {
                refuse(ErrorCode::LoginRequired, "nobody is logged in as this request asks")
            } else {
                Next::Login
            };
        }
        if self.needs_consent(person) {
            return if silent {
                refuse(ErrorCode::ConsentRequired, "the person has not agreed yet")
            } else {
                Next::Consent
            };
        }
        Next::Issue
    }

    fn needs_login(&self, person: &Person<'_>, now: Timestamp) -> bool {
        let Some(session) = person.session.filter(|session| now < session.expires_at) else { return true };
        let request = self.request();
        // Core 3.1.2.1: max_age=0 is prompt=login.
        let asked_anew = request.prompt.contains(Prompt::Login)
            || request.prompt.contains(Prompt::SelectAccount)
            || request.prompt.contains(Prompt::Create)
            || request.max_age == Some(0);
        let too_old = |seconds| {
            let allowed = Duration::from_secs(seconds).max(if person.fresh { FRESH } else { Duration::ZERO });
            session.auth_time.saturating_add(allowed) < now
        };
        let another = |subject: &str| subject != self.subjects().name(&session.subject);
        (asked_anew && !person.fresh)
            || request.max_age.is_some_and(too_old)
            || self.hinted_subject().is_some_and(another)
    }

    fn needs_consent(&self, person: &Person<'_>) -> bool {
        if person.agreed {
            return false;
        }
        let asked_anew = self.request().prompt.contains(Prompt::Consent);
        let remembered = !self.may_be_anyone() && self.consent_scope().is_subset(person.remembered);
        asked_anew || (self.client().consent_required && !remembered)
    }

    /// Whether nothing proves which program asks: neither a secret nor the address. What a person once allowed was then
    /// perhaps allowed to another one (RFC 8252 8.6; RFC 9700 4.1.1).
    fn may_be_anyone(&self) -> bool {
        self.client().metadata.token_endpoint_auth_method == ClientAuthMethod::None
            && self.redirect_uri().is_native()
    }
}

fn refuse(code: ErrorCode, description: &'static str) -> Next {
    Next::Refuse(
        ProtocolError::new(code, description).parameter("prompt").section("OpenID Connect Core 3.1.2.6"),
    )
}
