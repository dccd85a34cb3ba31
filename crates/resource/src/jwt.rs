//! Verifying JWT access tokens by their issuer's keys (RFC 9068 4; RFC 8725 for those without a type).

use std::sync::Arc;

use authmint_fetch::{RemoteKeySet, VerifyError};
use authmint_jose::{Clock, Error as JoseError, KeySet, Policy, peek_unverified};
use serde::Deserialize;

use crate::issuer::{JwtIssuer, Keys};
use crate::token::{AccessToken, TokenClaims};
use crate::verify::{LEEWAY, Refusal};

/// What verifies the tokens of one issuer.
#[derive(Debug)]
pub(crate) struct JwtVerifier {
    pub(crate) issuer: String,
    typed: Policy,
    /// For tokens that do not say what they are, where those are taken.
    untyped: Option<Policy>,
    keys: ReadyKeys,
    client_may_be_subject: bool,
    clock: Arc<dyn Clock>,
}

#[derive(Debug)]
enum ReadyKeys {
    Here(KeySet),
    There(RemoteKeySet),
}

impl JwtVerifier {
    pub(crate) fn new(trusted: JwtIssuer, resource: &str, clock: &Arc<dyn Clock>) -> Self {
        let (issuer, algorithms) = (trusted.issuer.as_str(), &trusted.algorithms);
        let audience = trusted.audience.as_deref().unwrap_or(resource);
        let untyped = trusted.untyped.then(|| {
            // What other kinds of token say is looked for by `another_kind`, as in answers of introspection.
            Policy::new(algorithms).typ_or_absent("JWT").issuer(issuer).audience(audience).leeway(LEEWAY)
        });
        let keys = match trusted.keys {
            Keys::Here(keys) => ReadyKeys::Here(keys),
            Keys::There { at, transport, freshness } => {
                let keys = RemoteKeySet::new(at, transport, Arc::clone(clock));
                ReadyKeys::There(keys.with_freshness(freshness))
            }
        };
        Self {
            issuer: issuer.to_owned(),
            typed: Policy::access_token(algorithms, issuer, audience).leeway(LEEWAY),
            untyped,
            keys,
            client_may_be_subject: trusted.client_may_be_subject,
            clock: Arc::clone(clock),
        }
    }

    pub(crate) async fn verify(&self, token: &str) -> Result<AccessToken, Refusal> {
        let refused = |problem: &str| Refusal::Token(problem.to_owned());
        let mut claims = None;
        if let Some(policy) = &self.untyped {
            // The type is looked at before anything is computed, so a token that has one is not verified twice.
            match self.claims(token, policy).await {
                Err(VerifyError::Token(JoseError::WrongType)) => {}
                verified => {
                    let verified = verified.map_err(|error| self.refusal(error))?;
                    if let Some(problem) = verified.another_kind() {
                        return Err(refused(problem));
                    }
                    if !verified.is_marked() {
                        return Err(refused("it names neither a scope nor a client, as an ID token does"));
                    }
                    claims = Some(verified);
                }
            }
        }
        let claims = match claims {
            Some(claims) => claims,
            None => self.claims(token, &self.typed).await.map_err(|error| self.refusal(error))?,
        };
        claims.into_token(&self.issuer, self.client_may_be_subject).map_err(refused)
    }

    async fn claims(&self, token: &str, policy: &Policy) -> Result<TokenClaims, VerifyError> {
        let verified = match &self.keys {
            ReadyKeys::Here(keys) => keys.verify_jwt(token, policy, self.clock.now())?,
            ReadyKeys::There(keys) => keys.verify_jwt(token, policy).await?,
        };
        Ok(verified.claims)
    }

    fn refusal(&self, error: VerifyError) -> Refusal {
        match error {
            VerifyError::Keys(error) => {
                tracing::error!(issuer = self.issuer, %error, "the issuer's keys can't be had");
                Refusal::Unavailable(error)
            }
            error => Refusal::Token(error.to_string()),
        }
    }
}

/// The issuer that a token claims to be from; `None` when it is no JWT or claims none. Good for choosing whom to ask, and for
/// nothing else: the policy of the chosen one then demands it.
pub(crate) fn claimed_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claimed {
        iss: Option<String>,
    }
    // Most opaque tokens are told apart without decoding anything.
    if token.bytes().filter(|byte| *byte == b'.').count() != 2 {
        return None;
    }
    peek_unverified::<Claimed>(token).ok()?.1.iss
}
