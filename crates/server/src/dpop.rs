//! Proofs of keys at this server's endpoints, and the nonces it gives out for them (RFC 9449 5, 7, 8).

use std::time::Duration;

use authmint_jose::{SealingKey, Timestamp, base64url, constant_time_eq};
use authmint_oauth2::dpop::{DPOP, DPOP_NONCE};
use authmint_oauth2::{DpopProof, Error as ProtocolError, ErrorCode};
use bytes::Bytes;
use http::Request;
use http::header::HeaderValue;

use crate::audit;
use crate::endpoint::Reply;
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::TokenHash;

/// How long a nonce is given out; it is taken for one more such time.
const NONCE_PERIOD: Duration = Duration::from_secs(150);

/// The thumbprint of the key that a request proves; `None` when it proves none. The proof is used up.
///
/// `access_token` is the token that comes with the request, if one does.
pub(crate) async fn proven_key(
    server: &AuthorizationServer,
    request: &Request<Bytes>,
    path: &str,
    access_token: Option<&str>,
) -> Result<Option<String>, Error> {
    let Some(proof) = DpopProof::from_headers(request.headers())? else { return Ok(None) };
    let uri = server.issuer().endpoint(path);
    let proof = DpopProof::verify(proof, request.method(), &uri, access_token, server.now())?;
    let nonces = server.nonces();
    let fits = match &proof.nonce {
        Some(nonce) => nonces.is_good(nonce, server.now()),
        None => !server.config().require_dpop_nonce,
    };
    if !fits {
        return Err(ProtocolError::new(
            ErrorCode::UseDpopNonce,
            "send the DPoP proof again, with the nonce of this answer's DPoP-Nonce header",
        )
        .section("RFC 9449 8")
        .into());
    }
    let used = TokenHash::of(&format!("dpop\n{}\n{}", proof.jkt, proof.jti));
    if !server.storage().use_once(used, proof.remember_until()).await? {
        tracing::warn!(target: audit::TARGET, event = "proof_replayed", jkt = proof.jkt, "a DPoP proof was replayed");
        return Err(ProtocolError::new(ErrorCode::InvalidDpopProof, "the DPoP proof was used before")
            .section("RFC 9449 11.1")
            .into());
    }
    Ok(Some(proof.jkt))
}

/// Gives the client of a request with a proof the nonce for its next one, where nonces are asked for.
pub(crate) fn give_nonce(
    server: &AuthorizationServer,
    request: &Request<Bytes>,
    asked: bool,
    reply: &mut Reply,
) {
    if asked || (server.config().require_dpop_nonce && request.headers().contains_key(DPOP)) {
        let nonce = server.nonces().make(server.now());
        if let Ok(nonce) = HeaderValue::try_from(nonce) {
            reply.headers_mut().insert(DPOP_NONCE, nonce);
        }
    }
}

/// Nonces that name their time: every node knows those of the others, and none is stored.
#[derive(Clone, Debug)]
pub(crate) struct Nonces(SealingKey);

impl Nonces {
    pub(crate) fn new(key: SealingKey) -> Self {
        Self(key)
    }

    fn make(&self, now: Timestamp) -> String {
        self.of(period(now))
    }

    fn is_good(&self, nonce: &str, now: Timestamp) -> bool {
        let period = period(now);
        let fits = |period| constant_time_eq(self.of(period).as_bytes(), nonce.as_bytes());
        fits(period) | fits(period.saturating_sub(1))
    }

    fn of(&self, period: u64) -> String {
        base64url::encode(&self.0.mac(&period.to_be_bytes()))
    }
}

fn period(now: Timestamp) -> u64 {
    now.as_secs().checked_div(NONCE_PERIOD.as_secs()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s37_a_nonce_is_good_for_its_time_and_from_its_server() {
        let nonces = Nonces::new(SealingKey::generate().unwrap());
        let now = Timestamp::from_secs(1_000_000_050);
        let nonce = nonces.make(now);
        assert!(nonces.is_good(&nonce, now));
        assert!(nonces.is_good(&nonce, now.saturating_add(NONCE_PERIOD)));
        assert!(!nonces.is_good(&nonce, now.saturating_add(NONCE_PERIOD.saturating_mul(2))));
        assert!(!nonces.is_good("", now));
        assert!(!Nonces::new(SealingKey::generate().unwrap()).is_good(&nonce, now));
    }
}
