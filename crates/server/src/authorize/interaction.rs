//! A request that waits for a person, bound to the browser that brought it (S31 of the threat table).

use authmint_jose::{Secret, Timestamp, constant_time_eq};
use authmint_oauth2::Params;

use super::{Authorization, Session, VerifiedRequest};
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::{Interaction, TokenHash};

/// Names a waiting request in the address of a page; worthless in another browser.
pub type InteractionToken = Secret;

/// A waiting request, found again by the browser that brought it.
#[derive(Clone, Debug)]
pub struct PendingInteraction {
    /// The request, verified again a moment ago.
    pub request: VerifiedRequest,
    /// The login at the time of the request.
    login: Option<String>,
    started_at: Timestamp,
}

impl PendingInteraction {
    /// Whether the person logged in after the request was made.
    ///
    /// Another login than at the time of the request is not enough: a browser that hid its session then shows an old one now.
    #[must_use]
    pub fn is_fresh(&self, session: Option<&Session>) -> bool {
        session.is_some_and(|session| {
            self.login.as_deref() != Some(&session.login) && session.auth_time >= self.started_at
        })
    }
}

impl AuthorizationServer {
    /// Keeps a request while a person logs in or decides.
    ///
    /// `browser` is the secret of a cookie that only this browser has.
    ///
    /// # Errors
    /// When the store or the source of randomness fails.
    pub async fn wait_for_person(
        &self,
        request: &VerifiedRequest,
        browser: &Secret,
        session: Option<&Session>,
    ) -> Result<InteractionToken, Error> {
        let token = self.timed_token()?;
        let now = self.now();
        let interaction = Interaction {
            request: request.to_query()?,
            origin: request.origin(),
            browser: TokenHash::of(browser.expose()),
            login: session.map(|session| session.login.clone()),
            started_at: now,
            expires_at: now.saturating_add(self.config().interaction_lifetime),
        };
        let most = self.config().most_interactions;
        self.storage().save_interaction(TokenHash::of(token.expose()), interaction, most).await?;
        Ok(token)
    }

    /// Finds a waiting request again, to show a page for it.
    ///
    /// # Errors
    /// [`Error::Protocol`] for a page when there is none, it has expired, or it belongs to another browser.
    pub async fn interaction(
        &self,
        token: &InteractionToken,
        browser: &Secret,
    ) -> Result<PendingInteraction, Error> {
        let found = self.storage().interaction(TokenHash::of(token.expose())).await?;
        self.reopen(found, browser).await
    }

    /// Ends the wait because the person has decided: only one caller gets the request.
    ///
    /// # Errors
    /// As [`interaction`](Self::interaction).
    pub async fn take_interaction(
        &self,
        token: &InteractionToken,
        browser: &Secret,
    ) -> Result<PendingInteraction, Error> {
        // Looked at first: another browser must not be able to use up the request.
        self.interaction(token, browser).await?;
        let taken = self.storage().take_interaction(TokenHash::of(token.expose())).await?;
        self.reopen(taken, browser).await
    }

    async fn reopen(
        &self,
        found: Option<Interaction>,
        browser: &Secret,
    ) -> Result<PendingInteraction, Error> {
        let ours = |interaction: &Interaction| {
            let browser = TokenHash::of(browser.expose());
            constant_time_eq(interaction.browser.as_bytes(), browser.as_bytes())
                && self.now() < interaction.expires_at
        };
        let interaction = found.filter(ours).ok_or(Error::InteractionOver)?;
        let Interaction { request, origin, login, started_at, .. } = interaction;
        match self.verify_again(&Params::parse(request.as_bytes())?, origin).await? {
            Authorization::Verified(request) => {
                Ok(PendingInteraction { request: *request, login, started_at })
            }
            // The client was changed or removed in the meantime.
            Authorization::Refused { .. } | Authorization::Page(_) => Err(Error::InteractionOver),
        }
    }
}
