//! Who is asked about a token: the issuer that it names, fixed from then on by that issuer's policy.
//!
//! An opaque token names nobody, so one issuer at most is asked about those. To ask several in turn would show a token that is
//! good at one of them to all the others, and make the slowest of them the speed of the API.

use std::time::Duration;

use authmint_fetch::FetchError;

use crate::introspection::Introspector;
use crate::jwt::{JwtVerifier, claimed_issuer};
use crate::token::AccessToken;

/// How far the clocks of issuers and of this API may be apart.
pub(crate) const LEEWAY: Duration = Duration::from_secs(30);

/// Why there is no verified token. The text is for the operator's log.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The token is worth nothing here.
    Token(String),
    /// Nobody can say.
    Unavailable(FetchError),
}

/// All issuers of an API.
pub(crate) struct Verifiers {
    pub(crate) jwt: Vec<JwtVerifier>,
    pub(crate) introspection: Option<Introspector>,
}

#[derive(Clone, Copy)]
enum Chosen<'a> {
    Jwt(&'a JwtVerifier),
    Introspection(&'a Introspector),
}

impl Verifiers {
    pub(crate) async fn verify(&self, token: &str) -> Result<AccessToken, Refusal> {
        match self.choose(token) {
            Some(Chosen::Jwt(verifier)) => verifier.verify(token).await,
            Some(Chosen::Introspection(introspector)) => introspector.verify(token).await,
            None => Err(Refusal::Token("it is of no issuer that this API trusts".to_owned())),
        }
    }

    fn choose(&self, token: &str) -> Option<Chosen<'_>> {
        if let ([only], None) = (self.jwt.as_slice(), &self.introspection) {
            // Its policy looks at the issuer, so nobody else has to.
            return Some(Chosen::Jwt(only));
        }
        let asked = self.introspection.as_ref();
        match claimed_issuer(token) {
            Some(issuer) => {
                let by_keys = self.jwt.iter().find(|verifier| verifier.issuer == issuer).map(Chosen::Jwt);
                let by_asking = asked.filter(|asked| asked.issuer.as_str() == issuer);
                by_keys.or_else(|| by_asking.map(Chosen::Introspection))
            }
            None => asked.map(Chosen::Introspection),
        }
    }
}
