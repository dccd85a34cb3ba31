//! Where claims about a person come from.

use std::fmt;

use authmint_oidc::PersonClaims;

use crate::storage::Answer;

/// The source of what is known about people; the server asks it for ID tokens and at UserInfo.
pub trait ClaimsSource: fmt::Debug + Send + Sync {
    /// What is known of `subject`; `None` when there is no such person any more, which ends their tokens' use.
    fn claims<'a>(&'a self, subject: &'a str) -> Answer<'a, Option<PersonClaims>>;
}
