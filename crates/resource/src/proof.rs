//! The proof that comes with a token that is bound to a key (RFC 9449 7).

use std::sync::Arc;

use authmint_jose::Clock;
use authmint_oauth2::dpop::DpopNonces;
use authmint_oauth2::{DpopProof, Error as ProtocolError, ErrorCode};

use crate::rejection::Reason;
use crate::replay::ReplayStore;
use crate::request::RequestHead;

/// What verifies proofs.
#[derive(Debug)]
pub(crate) struct Proofs {
    /// Where the root of the API is for its clients, without a slash at the end.
    pub(crate) base: String,
    pub(crate) replays: Arc<dyn ReplayStore>,
    pub(crate) nonces: Option<DpopNonces>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Proofs {
    /// Verifies the proof of a request whose token, already verified, is bound to the key `jkt`. The proof is used up.
    pub(crate) async fn check(&self, head: RequestHead<'_>, token: &str, jkt: &str) -> Result<(), Reason> {
        let missing = || {
            let text = "the DPoP proof is missing: the access token is bound to a key";
            ProtocolError::new(ErrorCode::InvalidDpopProof, text).section("RFC 9449 7.1")
        };
        let proof = DpopProof::from_headers(head.headers)?.ok_or_else(missing)?;
        let now = self.clock.now();
        let proof = DpopProof::verify(proof, head.method, &self.address(head), Some(token), now)?;
        if proof.jkt != jkt {
            let text = "the access token is bound to another key than the one of the proof";
            return Err(ProtocolError::new(ErrorCode::InvalidToken, text).section("RFC 9449 7.1").into());
        }
        if let Some(nonces) = &self.nonces
            && !proof.nonce.as_ref().is_some_and(|nonce| nonces.is_good(nonce, now))
        {
            return Err(DpopProof::nonce_needed().into());
        }
        match self.replays.use_once(&proof, now).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                tracing::warn!(jkt, "a DPoP proof was replayed");
                Err(DpopProof::replayed().into())
            }
            Err(error) => {
                tracing::error!(%error, "whether a DPoP proof is new can't be said");
                Err(Reason::NoReplayStore(error))
            }
        }
    }

    /// The nonce for the next proof, where nonces are asked for.
    pub(crate) fn nonce(&self) -> Option<String> {
        self.nonces.as_ref().map(|nonces| nonces.make(self.clock.now()))
    }

    /// The address as clients know it. Neither `Host` nor a forwarded header has a say in it.
    fn address(&self, head: RequestHead<'_>) -> String {
        let path = head.uri.path();
        format!("{}{}", self.base, if path.starts_with('/') { path } else { "/" })
    }
}
