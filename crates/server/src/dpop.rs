//! Proofs of keys at this server's endpoints, and the nonces it gives out for them (RFC 9449 5, 7, 8).

use authmint_oauth2::DpopProof;
use authmint_oauth2::dpop::{DPOP, DPOP_NONCE};
use bytes::Bytes;
use http::Request;
use http::header::HeaderValue;

use crate::audit;
use crate::endpoint::Reply;
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::TokenHash;

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
        return Err(DpopProof::nonce_needed().into());
    }
    let used = TokenHash::of(&proof.single_use());
    if !server.storage().use_once(used, proof.remember_until()).await? {
        tracing::warn!(target: audit::TARGET, event = "proof_replayed", jkt = proof.jkt, "a DPoP proof was replayed");
        return Err(DpopProof::replayed().into());
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
