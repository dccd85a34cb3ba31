//! The three ways a session ends: the person logs out here (RP-Initiated Logout 2), the provider says that they did (Back-Channel
//! Logout 2.5), or a frame in their browser says so (Front-Channel Logout 3).

use authmint_oauth2::Params;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request, StatusCode};

use crate::failure::LoginFailure;
use crate::login::{Keeping, Login, add_cookies, parameters};
use crate::page::{self, Allows};
use crate::provider::Provider;
use crate::reply::{Reply, not_allowed, see_other, status, with_body};

const FORM: &str = "application/x-www-form-urlencoded";

impl Login {
    pub(crate) async fn log_out(&self, request: &Request<Bytes>) -> Result<Reply, LoginFailure> {
        if *request.method() != Method::POST {
            return Ok(not_allowed("POST"));
        }
        let params = Params::parse(request.body()).unwrap_or_default();
        if !self.check_csrf(request.headers(), params.get("csrf")) {
            return Err(LoginFailure::Csrf);
        }
        let (ended, cookies) = self.end_own(request.headers()).await?;
        let address = ended.and_then(|session| self.client_of(&session)?.logout_url(&session.tokens, None));
        let mut reply = see_other(address.as_deref().unwrap_or("/"));
        add_cookies(&mut reply, cookies);
        Ok(reply)
    }

    /// Back-Channel Logout 2.8: 200 when the sessions are ended, 400 when anything is wrong.
    pub(crate) async fn back_channel(&self, provider: &Provider, request: &Request<Bytes>) -> Reply {
        if *request.method() != Method::POST {
            return not_allowed("POST");
        }
        let content_type = request.headers().get(CONTENT_TYPE).map(http::HeaderValue::as_bytes);
        let kind = content_type.and_then(|kind| kind.split(|byte| *byte == b';').next());
        if !kind.is_some_and(|kind| kind.trim_ascii().eq_ignore_ascii_case(FORM.as_bytes())) {
            return refused("the token comes in a form");
        }
        let Keeping::Store(store) = &self.inner.keeping else {
            tracing::warn!(
                provider = provider.name,
                "a logout notice came, and sessions in cookies can't be ended: register no backchannel_logout_uri"
            );
            return refused("this application can't end sessions from afar");
        };
        let notice = match provider.client.logout_notice(parameters(request)).await {
            Ok(notice) => notice,
            Err(error) => {
                tracing::info!(%error, provider = provider.name, "a logout notice was refused");
                return refused("the logout token is not valid for this application");
            }
        };
        provider.notices.add(notice.sub.as_deref(), notice.sid.as_deref());
        match store.end(provider.issuer(), notice.sub.as_deref(), notice.sid.as_deref()).await {
            Ok(ended) => {
                tracing::info!(ended, provider = provider.name, "the provider ended sessions");
                status(StatusCode::OK)
            }
            Err(error) => {
                tracing::error!(%error, provider = provider.name, "sessions could not be ended");
                refused("the sessions could not be ended; try again")
            }
        }
    }

    /// Anyone can load this address: it ends the session of this browser alone, and only where it is the one that is named. The page
    /// does not say whether it was.
    pub(crate) async fn front_channel(
        &self,
        provider: &Provider,
        request: &Request<Bytes>,
    ) -> Result<Reply, LoginFailure> {
        if *request.method() != Method::GET {
            return Ok(not_allowed("GET"));
        }
        let named = provider.client.front_channel_logout(parameters(request));
        let status = match &named {
            Ok(Some(_)) => StatusCode::OK,
            Ok(None) | Err(_) => StatusCode::BAD_REQUEST,
        };
        let origins = provider.framing_origins();
        let framed_by: Vec<&str> = origins.iter().map(String::as_str).collect();
        let allows = Allows { framed_by: &framed_by, ..Allows::default() };
        let mut reply = page::build(status, "Signed out", "", allows);
        let (Ok(Some(sid)), Some((_, session))) = (named, self.find(request.headers()).await?) else {
            return Ok(reply);
        };
        if session.issuer == provider.issuer() && session.sid() == Some(sid.as_str()) {
            let (_, cookies) = self.end_own(request.headers()).await?;
            add_cookies(&mut reply, cookies);
        }
        Ok(reply)
    }
}

fn refused(description: &str) -> Reply {
    let body = serde_json::json!({ "error": "invalid_request", "error_description": description });
    with_body(StatusCode::BAD_REQUEST, Some("application/json"), Bytes::from(body.to_string()))
}
