//! Logout tokens, made and posted (OpenID Connect Back-Channel Logout 1.0: 2.4, 2.5, 2.8).
//!
//! Delivery is within the logout: all clients at once, so that the person waits for the slowest alone, and no longer than the
//! transport lets one answer take. A client that could not be reached, or answered that it failed, is asked once more if that
//! was quick; one that hangs is not. What was not delivered then is in the log and is not tried again: the client's tokens are
//! dead in any case, and its own session ends as its ID token or its next refresh says.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use authmint_fetch::{FetchError, Transport};
use authmint_jose::Audience;
use authmint_oauth2::Params;
use authmint_oidc::LogoutTokenClaims;
use authmint_oidc::logout::{BACKCHANNEL_LOGOUT_EVENT, LOGOUT_TOKEN_TYP};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use serde_json::{Map, Value};

use super::EndedSession;
use crate::client_jwt;
use crate::error::Error;
use crate::id_token;
use crate::server::AuthorizationServer;
use crate::storage::Client;

/// How long a logout token is good (2.4 advises at most two minutes).
const LIFETIME: Duration = Duration::from_secs(2 * 60);
/// How often one client is asked.
const ATTEMPTS: usize = 2;
/// For how long after the beginning a failed delivery is tried again.
const AGAIN_WITHIN: Duration = Duration::from_secs(3);
/// How many clients are called at once. Who used more in one session waits for the next round.
const AT_ONCE: usize = 64;
/// After this no further round begins.
const ROUNDS_WITHIN: Duration = Duration::from_secs(20);

type Delivery<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

impl AuthorizationServer {
    /// Posts a logout token to every client of the session that registered a `backchannel_logout_uri`. Never fails: what could
    /// not be delivered is in the log.
    pub async fn tell_clients(&self, ended: &EndedSession) {
        let Some(transport) = self.transport() else { return };
        let wanting: Vec<(&Client, &str)> = ended
            .clients
            .iter()
            .filter_map(|client| Some((client.as_ref(), client.metadata.backchannel_logout_uri.as_deref()?)))
            .collect();
        let began = self.now();
        for round in wanting.chunks(AT_ONCE) {
            if self.now() > began.saturating_add(ROUNDS_WITHIN) {
                for (client, _) in round {
                    tracing::warn!(client_id = client.id, "no time was left to tell the client of a logout");
                }
                continue;
            }
            let deliveries = round.iter().map(|(client, uri)| -> Delivery<'_> {
                Box::pin(deliver(self, transport, ended, client, uri))
            });
            all(deliveries.collect()).await;
        }
    }

    /// The logout token of a client: it names the person as the client knows them, and is signed, and encrypted, as the client's
    /// ID tokens are (2.4).
    async fn logout_token(&self, ended: &EndedSession, client: &Client) -> Result<String, Error> {
        let now = self.now();
        let event = (BACKCHANNEL_LOGOUT_EVENT.to_owned(), Value::Object(Map::new()));
        let claims = LogoutTokenClaims {
            iss: self.issuer().as_str().to_owned(),
            sub: Some(self.subjects(client).name(&ended.subject).into_owned()),
            aud: Audience::from(client.id.as_str()),
            iat: now,
            exp: now.saturating_add(LIFETIME),
            jti: self.random_id()?,
            events: Map::from_iter([event]),
            sid: Some(ended.id.clone()),
        };
        let algorithm = id_token::algorithm(self, client)?;
        let signed = client_jwt::sign(self, client, algorithm, LOGOUT_TOKEN_TYP, &claims).await?;
        let metadata = &client.metadata;
        let (algorithm, encryption) =
            (&metadata.id_token_encrypted_response_alg, &metadata.id_token_encrypted_response_enc);
        client_jwt::encrypt(self, client, signed, algorithm.as_deref(), encryption.as_deref()).await
    }
}

/// Tells one client.
async fn deliver(
    server: &AuthorizationServer,
    transport: &dyn Transport,
    ended: &EndedSession,
    client: &Client,
    uri: &str,
) {
    let token = match server.logout_token(ended, client).await {
        Ok(token) => token,
        Err(error) => {
            tracing::warn!(client_id = client.id, %error, "a logout token could not be made");
            return;
        }
    };
    let began = server.now();
    for attempt in 1..=ATTEMPTS {
        match post(transport, uri, &token).await {
            Ok(status) if status.is_success() => {
                tracing::info!(client_id = client.id, attempt, "client told of a logout");
                return;
            }
            // 2.8: the client says that the token, or its own logout, is wrong. The same again would be no better.
            Ok(status) if status.is_client_error() || status.is_redirection() => {
                tracing::warn!(client_id = client.id, %status, "the client refused a logout token");
                return;
            }
            Ok(status) => {
                tracing::warn!(client_id = client.id, attempt, %status, "the client failed to log out");
            }
            Err(error) => {
                tracing::warn!(client_id = client.id, attempt, %error, "the client could not be told of a logout");
            }
        }
        if server.now() > began.saturating_add(AGAIN_WITHIN) {
            return;
        }
    }
}

async fn post(transport: &dyn Transport, uri: &str, token: &str) -> Result<StatusCode, FetchError> {
    let form: Params = [("logout_token", token)].into_iter().collect();
    let request = Request::post(uri)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Bytes::from(form.to_query()))
        .map_err(|_| FetchError::Address(uri.to_owned()))?;
    Ok(transport.send(request).await?.status())
}

/// Waits for all of them at once, whatever the runtime.
async fn all(mut deliveries: Vec<Delivery<'_>>) {
    poll_fn(|context| {
        deliveries.retain_mut(|delivery| delivery.as_mut().poll(context).is_pending());
        if deliveries.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Mutex;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn all_wait_at_once_and_none_is_polled_after_its_end() {
        let order = Mutex::new(Vec::new());
        let after = |polls: usize, name: &'static str| -> Delivery<'_> {
            let (mut left, order) = (polls, &order);
            Box::pin(poll_fn(move |_| {
                order.lock().unwrap().push(name);
                left = left.checked_sub(1).expect("polled after its end");
                if left == 0 { Poll::Ready(()) } else { Poll::Pending }
            }))
        };
        let mut waiting = pin!(all(vec![after(3, "slow"), after(1, "quick"), after(2, "slower")]));
        let mut context = Context::from_waker(Waker::noop());
        assert!(waiting.as_mut().poll(&mut context).is_pending());
        assert!(waiting.as_mut().poll(&mut context).is_pending());
        assert!(waiting.as_mut().poll(&mut context).is_ready());
        assert_eq!(*order.lock().unwrap(), ["slow", "quick", "slower", "slow", "slower", "slow"]);
    }
}
