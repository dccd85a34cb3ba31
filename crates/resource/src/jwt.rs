//! Verifying JWT access tokens by their issuer's keys (RFC 9068 4; RFC 8725 for those without a type).

use std::sync::Arc;

use authmint_fetch::{FetchError, RemoteKeySet, VerifyError};
use authmint_jose::{Clock, KeySet, Policy, peek_unverified};
use serde::Deserialize;

use crate::issuer::{JwtIssuer, Keys};
use crate::token::{AccessToken, OF_ANOTHER_KIND, TokenClaims};
use crate::verify::{LEEWAY, Refusal};

/// What verifies the tokens of one issuer.
#[derive(Debug)]
pub(crate) struct JwtVerifier {
    pub(crate) issuer: String,
    policy: Policy,
    keys: ReadyKeys,
    untyped: bool,
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
        let issuer = trusted.issuer.as_str();
        let audience = trusted.audience.as_deref().unwrap_or(resource);
        let policy = if trusted.untyped {
            let policy =
                Policy::new(&trusted.algorithms).typ_or_absent("JWT").issuer(issuer).audience(audience);
            OF_ANOTHER_KIND.iter().fold(policy, |policy, claim| policy.forbid(claim))
        } else {
            Policy::access_token(&trusted.algorithms, issuer, audience)
        };
        let keys = match trusted.keys {
            Keys::Here(keys) => ReadyKeys::Here(keys),
            Keys::There { at, transport, freshness } => {
                let keys = RemoteKeySet::new(at, transport, Arc::clone(clock));
                ReadyKeys::There(keys.with_freshness(freshness))
            }
        };
        Self {
            issuer: issuer.to_owned(),
            policy: policy.leeway(LEEWAY),
            keys,
            untyped: trusted.untyped,
            client_may_be_subject: trusted.client_may_be_subject,
            clock: Arc::clone(clock),
        }
    }

    pub(crate) async fn verify(&self, token: &str) -> Result<AccessToken, Refusal> {
        let verified = match &self.keys {
            ReadyKeys::Here(keys) => keys
                .verify_jwt::<TokenClaims>(token, &self.policy, self.clock.now())
                .map_err(VerifyError::Token),
            ReadyKeys::There(keys) => keys.verify_jwt::<TokenClaims>(token, &self.policy).await,
        };
        let claims = match verified {
            Ok(jwt) => jwt.claims,
            Err(VerifyError::Keys(error)) => return Err(self.no_keys(error)),
            Err(error) => return Err(Refusal::Token(error.to_string())),
        };
        if self.untyped {
            let problem = claims.another_kind().or_else(|| {
                (!claims.is_marked()).then_some("it names neither a scope nor a client, as an ID token does")
            });
            if let Some(problem) = problem {
                return Err(Refusal::Token(problem.to_owned()));
            }
        }
        claims
            .into_token(&self.issuer, self.client_may_be_subject)
            .map_err(|problem| Refusal::Token(problem.to_owned()))
    }

    fn no_keys(&self, error: FetchError) -> Refusal {
        tracing::error!(issuer = self.issuer, %error, "the issuer's keys can't be had");
        Refusal::Unavailable(error)
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
