//! What a JWT must be to be accepted (RFC 7519 7.2; RFC 8725 3). The caller says it; nothing is taken from the token.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::algorithm::{Algorithm, AlgorithmSet};
use crate::claims::{Registered, Watched};
use crate::error::Error;
use crate::time::Timestamp;

/// The largest leeway: more would no longer be clock skew.
const MAX_LEEWAY: Duration = Duration::from_secs(5 * 60);

/// The most claims that can be required.
const MAX_REQUIRED: usize = 64;

#[derive(Clone, Debug)]
enum Expected {
    Any,
    Exactly(String),
}

#[derive(Clone, Debug)]
enum ExpectedAudience {
    Any,
    Includes(String),
    Only(String),
}

#[derive(Clone, Debug)]
struct ExpectedType {
    name: String,
    may_be_absent: bool,
}

/// A policy: build it once, use it often.
///
/// Algorithms, type, issuer and audience must each be named, or be declared not to matter; a policy that is silent about
/// one refuses every token with [`Error::PolicyIncomplete`]. `exp` is required, and all comparisons are exact.
///
/// ```
/// use std::time::Duration;
/// use authmint_jose::{Algorithm, Policy};
///
/// let policy = Policy::new(&[Algorithm::ES256])
///     .typ("at+jwt")
///     .issuer("https://login.example")
///     .audience("https://api.example")
///     .leeway(Duration::from_secs(30));
/// ```
#[derive(Clone, Debug)]
pub struct Policy {
    algorithms: AlgorithmSet,
    typ: Option<ExpectedType>,
    issuer: Option<Expected>,
    audience: Option<ExpectedAudience>,
    subject: Option<String>,
    watched: Watched,
    leeway: Duration,
    max_lifetime: Option<Duration>,
    max_age: Option<Duration>,
    accept_expired: bool,
    checks: Vec<Check>,
}

/// A check of the caller's.
#[derive(Clone)]
struct Check {
    what: &'static str,
    passes: Arc<dyn Fn(&Value) -> bool + Send + Sync>,
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl Policy {
    /// A policy for tokens of these algorithms.
    #[must_use]
    pub fn new(algorithms: &[Algorithm]) -> Self {
        Self {
            algorithms: AlgorithmSet::of(algorithms),
            typ: None,
            issuer: None,
            audience: None,
            subject: None,
            watched: Watched::default(),
            leeway: Duration::ZERO,
            max_lifetime: None,
            max_age: None,
            accept_expired: false,
            checks: Vec::new(),
        }
    }

    /// The `typ` that the header must have; case does not matter, nor does a leading `application/` (RFC 7515 4.1.9).
    #[must_use]
    pub fn typ(self, typ: &str) -> Self {
        Self { typ: Some(ExpectedType { name: typ.to_owned(), may_be_absent: false }), ..self }
    }

    /// The `typ` that the header must have if it has one: for kinds of token that are older than typing, such as ID
    /// tokens.
    #[must_use]
    pub fn typ_or_absent(self, typ: &str) -> Self {
        Self { typ: Some(ExpectedType { name: typ.to_owned(), may_be_absent: true }), ..self }
    }

    /// The `iss`.
    #[must_use]
    pub fn issuer(self, issuer: &str) -> Self {
        Self { issuer: Some(Expected::Exactly(issuer.to_owned())), ..self }
    }

    /// Any `iss`, or none.
    #[must_use]
    pub fn any_issuer(self) -> Self {
        Self { issuer: Some(Expected::Any), ..self }
    }

    /// A name that `aud` must include.
    #[must_use]
    pub fn audience(self, audience: &str) -> Self {
        Self { audience: Some(ExpectedAudience::Includes(audience.to_owned())), ..self }
    }

    /// The name that `aud` must be, as a string: an array is refused, even of this name alone, since what else reads the
    /// token may look at another of its members (draft-ietf-oauth-rfc7523bis 4).
    #[must_use]
    pub fn sole_audience(self, audience: &str) -> Self {
        Self { audience: Some(ExpectedAudience::Only(audience.to_owned())), ..self }
    }

    /// Any `aud`, or none.
    #[must_use]
    pub fn any_audience(self) -> Self {
        Self { audience: Some(ExpectedAudience::Any), ..self }
    }

    /// The `sub`.
    #[must_use]
    pub fn subject(self, subject: &str) -> Self {
        Self { subject: Some(subject.to_owned()), ..self }
    }

    /// Claims that must be there and not `null`. With more than 64 of them a policy refuses every token.
    #[must_use]
    pub fn require(mut self, claims: &[&str]) -> Self {
        for claim in claims {
            if !self.watched.required.iter().any(|known| known == claim) {
                self.watched.required.push((*claim).to_owned());
            }
        }
        self
    }

    /// A claim that must not be there: one by which another kind of token is known.
    #[must_use]
    pub fn forbid(mut self, claim: &str) -> Self {
        self.watched.forbidden.push(claim.to_owned());
        self
    }

    /// How far the clocks may be apart: nothing unless said, five minutes at most.
    #[must_use]
    pub fn leeway(self, leeway: Duration) -> Self {
        Self { leeway: leeway.min(MAX_LEEWAY), ..self }
    }

    /// How far ahead `exp` may lie.
    #[must_use]
    pub fn max_lifetime(self, lifetime: Duration) -> Self {
        Self { max_lifetime: Some(lifetime), ..self }
    }

    /// How long ago the token may have been issued; `iat` is then required.
    #[must_use]
    pub fn max_age(self, age: Duration) -> Self {
        Self { max_age: Some(age), ..self }
    }

    /// Accepts a token whose `exp` has passed or is absent. Only for an `id_token_hint`, which says who was logged in once
    /// and opens nothing (OpenID Connect Core 3.1.2.1).
    #[must_use]
    pub fn accept_expired(self) -> Self {
        Self { accept_expired: true, ..self }
    }

    /// A check of the caller's own, on all claims; it comes last. `what` says what must be so, for the error.
    ///
    /// ```
    /// use authmint_jose::{Algorithm, Policy};
    ///
    /// let policy = Policy::new(&[Algorithm::ES256])
    ///     .typ("JWT")
    ///     .issuer("https://login.example")
    ///     .audience("app")
    ///     .check("the tenant is ours", |claims| claims["tid"] == "17");
    /// ```
    #[must_use]
    pub fn check(
        mut self,
        what: &'static str,
        passes: impl Fn(&Value) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.checks.push(Check { what, passes: Arc::new(passes) });
        self
    }

    pub(crate) fn algorithms(&self) -> AlgorithmSet {
        self.algorithms
    }

    pub(crate) fn watched(&self) -> &Watched {
        &self.watched
    }

    /// What can be said before the signature is checked.
    pub(crate) fn check_typ(&self, typ: Option<&str>) -> Result<(), Error> {
        let expected = self.typ.as_ref().ok_or(Error::PolicyIncomplete("the typ"))?;
        if self.issuer.is_none() {
            return Err(Error::PolicyIncomplete("the issuer"));
        }
        if self.audience.is_none() {
            return Err(Error::PolicyIncomplete("the audience"));
        }
        if self.watched.required.len() > MAX_REQUIRED {
            return Err(Error::PolicyIncomplete("64 required claims at most"));
        }
        if (typ.is_none() && expected.may_be_absent) || same_type(typ, &expected.name) {
            return Ok(());
        }
        Err(Error::WrongType)
    }

    /// What the signed claims must say.
    pub(crate) fn check_claims(&self, claims: &Registered<'_>, now: Timestamp) -> Result<(), Error> {
        self.check_times(claims, now)?;
        match &self.issuer {
            Some(Expected::Exactly(issuer)) if claims.iss.as_deref() != Some(issuer) => {
                return Err(Error::WrongIssuer);
            }
            _ => {}
        }
        let audience = claims.aud.as_ref();
        let fits = match &self.audience {
            Some(ExpectedAudience::Includes(name)) => {
                audience.is_some_and(|audience| audience.includes(name))
            }
            Some(ExpectedAudience::Only(name)) => audience.is_some_and(|audience| audience.is(name)),
            Some(ExpectedAudience::Any) | None => true,
        };
        if !fits {
            return Err(Error::WrongAudience);
        }
        if self.subject.is_some() && claims.sub.as_deref() != self.subject.as_deref() {
            return Err(Error::WrongSubject);
        }
        if let Some(name) = &claims.forbidden {
            return Err(Error::UnexpectedClaim(name.clone()));
        }
        match self
            .watched
            .required
            .iter()
            .enumerate()
            .find(|(index, _)| claims.found >> (index & 63) & 1 == 0)
        {
            Some((_, missing)) => Err(Error::MissingClaim(missing.clone())),
            None => Ok(()),
        }
    }

    /// The caller's own checks.
    pub(crate) fn check_custom(&self, payload: &str) -> Result<(), Error> {
        if self.checks.is_empty() {
            return Ok(());
        }
        let claims: Value = serde_json::from_str(payload).map_err(|_| Error::ClaimsForm)?;
        match self.checks.iter().find(|check| !(check.passes)(&claims)) {
            Some(failed) => Err(Error::CheckFailed(failed.what)),
            None => Ok(()),
        }
    }

    fn check_times(&self, claims: &Registered<'_>, now: Timestamp) -> Result<(), Error> {
        let latest = now.saturating_add(self.leeway);
        match claims.exp {
            None if !self.accept_expired => return Err(Error::MissingClaim("exp".to_owned())),
            Some(exp) if !self.accept_expired && now >= exp.saturating_add(self.leeway) => {
                return Err(Error::Expired);
            }
            Some(exp) if self.max_lifetime.is_some_and(|most| exp > latest.saturating_add(most)) => {
                return Err(Error::LivesTooLong);
            }
            _ => {}
        }
        // Clocks of issuers run ahead; where the age counts, that would make tokens younger than they are.
        let ahead = if self.max_age.is_some() { Duration::ZERO } else { MAX_LEEWAY };
        if claims.nbf.is_some_and(|nbf| nbf > latest)
            || claims.iat.is_some_and(|iat| iat > latest.saturating_add(ahead))
        {
            return Err(Error::NotYetValid);
        }
        if let Some(max_age) = self.max_age {
            let iat = claims.iat.ok_or_else(|| Error::MissingClaim("iat".to_owned()))?;
            if now > iat.saturating_add(max_age).saturating_add(self.leeway) {
                return Err(Error::TooOld);
            }
        }
        Ok(())
    }
}

/// Whether a `typ` or `cty` names this type (RFC 7515 4.1.9).
pub(crate) fn same_type(typ: Option<&str>, expected: &str) -> bool {
    typ.is_some_and(|typ| media_type(typ).eq_ignore_ascii_case(media_type(expected)))
}

fn media_type(typ: &str) -> &str {
    match typ.split_at_checked("application/".len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case("application/") && !rest.contains('/') => rest,
        _ => typ,
    }
}
