//! What one login asks for beyond the configuration (OpenID Connect Core 3.1.2.1).

use authmint_jose::Secret;
use authmint_oidc::{Prompt, Prompts};

use crate::login::Login;

/// What one login asks for beyond the configuration.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LoginOptions {
    pub(crate) prompt: Prompts,
    pub(crate) max_age: Option<u64>,
    pub(crate) acr_values: Vec<String>,
    pub(crate) login_hint: Option<String>,
    pub(crate) id_token_hint: Option<Secret>,
    pub(crate) subject: Option<String>,
    pub(crate) ui_locales: Vec<String>,
}

impl LoginOptions {
    /// Nothing but what is configured.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Which pages the provider shows.
    #[must_use]
    pub fn prompt(self, prompts: &[Prompt]) -> Self {
        Self { prompt: Prompts::new(prompts), ..self }
    }

    /// The most seconds since the person last proved who they are; checked in the ID token (Core 3.1.3.7).
    #[must_use]
    pub fn max_age(self, seconds: u64) -> Self {
        Self { max_age: Some(seconds), ..self }
    }

    /// The levels of authentication of which one is demanded, the best first; checked in the ID token. What an API asks for in
    /// its step-up challenge (RFC 9470 3) goes here.
    #[must_use]
    pub fn acr_values<T: Into<String>>(self, values: impl IntoIterator<Item = T>) -> Self {
        Self { acr_values: values.into_iter().map(Into::into).collect(), ..self }
    }

    /// Who is probably about to log in.
    #[must_use]
    pub fn login_hint(self, hint: impl Into<String>) -> Self {
        Self { login_hint: Some(hint.into()), ..self }
    }

    /// Who must be logged in: the person of an earlier login. Another one is refused (Core 3.1.2.1).
    #[must_use]
    pub fn same_person(self, login: &Login) -> Self {
        let subject = Some(login.user_info.sub.clone());
        Self { id_token_hint: login.tokens.id_token.clone(), subject, ..self }
    }

    /// Languages of the provider's pages, the best first (BCP 47).
    #[must_use]
    pub fn ui_locales<T: Into<String>>(self, locales: impl IntoIterator<Item = T>) -> Self {
        Self { ui_locales: locales.into_iter().map(Into::into).collect(), ..self }
    }
}
