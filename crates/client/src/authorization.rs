//! The authorization request, and the ways it can travel: in the address, as a signed object (RFC 9101), or pushed to the
//! provider beforehand (RFC 9126).

use std::time::Duration;

use authmint_jose::{Key, Timestamp, random_token};
use authmint_oauth2::par::PushedAuthorizationResponse;
use authmint_oauth2::{AuthorizationRequest, CodeVerifier, Params};
use authmint_oidc::AuthenticationRequest;
use serde_json::{Map, Value};

use crate::client::Client;
use crate::error::Error;
use crate::options::LoginOptions;
use crate::pending::PendingLogin;
use crate::request::{self, Proof, with_query};

/// The `typ` of a request object (RFC 9101 10.8).
const REQUEST_OBJECT_TYP: &str = "oauth-authz-req+jwt";
/// How long a request object is good: a browser brings it at once, a person may look at a page before.
const REQUEST_OBJECT_LIFETIME: Duration = Duration::from_secs(5 * 60);

impl Client {
    /// What is asked for, and what to compare the answer with.
    pub(crate) fn authentication_request(
        &self,
        options: &LoginOptions,
    ) -> Result<(AuthenticationRequest, PendingLogin), Error> {
        let config = self.config();
        let redirect_uri = config.redirect_uri.clone();
        let redirect_uri = redirect_uri.ok_or(Error::Configuration("a login needs a redirect_uri"))?;
        let verifier = CodeVerifier::generate(self.entropy())?;
        let pending = PendingLogin {
            issuer: config.issuer.to_string(),
            state: random_token(self.entropy())?.expose().to_owned(),
            nonce: random_token(self.entropy())?.expose().to_owned(),
            code_verifier: verifier.expose().to_owned(),
            redirect_uri: redirect_uri.clone(),
            max_age: options.max_age,
            required_acr: options.acr_values.clone(),
            subject: options.subject.clone(),
        };
        let is_openid = config.scope.contains("openid");
        let request = AuthenticationRequest {
            authorization: AuthorizationRequest {
                response_type: config.response_type,
                response_mode: config.response_mode,
                client_id: config.client_id.clone(),
                redirect_uri: Some(redirect_uri),
                scope: config.scope.clone(),
                state: Some(pending.state.clone()),
                code_challenge: Some(verifier.challenge()),
                resource: config.resources.clone(),
                dpop_jkt: self.dpop().map(crate::dpop::Dpop::thumbprint),
            },
            nonce: is_openid.then(|| pending.nonce.clone()),
            prompt: options.prompt.clone(),
            max_age: options.max_age,
            login_hint: options.login_hint.clone(),
            id_token_hint: options.id_token_hint.clone(),
            acr_values: options.acr_values.clone(),
            ui_locales: options.ui_locales.clone(),
            claims: config.claims.clone(),
            ..AuthenticationRequest::code()
        };
        Ok((request, pending))
    }

    /// The address that the browser is sent to.
    pub(crate) async fn authorization_address(
        &self,
        request: &AuthenticationRequest,
    ) -> Result<String, Error> {
        let (config, server) = (self.config(), &self.metadata().server);
        let endpoint = self.endpoint("authorization_endpoint", server.authorization_endpoint.as_ref())?;
        let mut params: Params =
            config.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        params.extend(&request.to_params());
        if let Some(separator) = config.quirks.scope_separator {
            params.set("scope", config.scope.as_str().replace(' ', separator.encode_utf8(&mut [0; 4])));
        }
        if let Some(key) = &config.request_key {
            params = self.request_object(key, &params)?;
        }
        if config.push_requests || server.require_pushed_authorization_requests {
            params = self.push(&params).await?;
        }
        Ok(with_query(endpoint, &params))
    }

    /// The request as a signed object; beside it stands only what a server needs to find the client (RFC 9101 5), and what
    /// OpenID Connect Core 6.1 wants to see.
    fn request_object(&self, key: &Key, params: &Params) -> Result<Params, Error> {
        let config = self.config();
        let mut claims: Map<String, Value> = Map::new();
        for (name, value) in params.iter() {
            let value = match name {
                // Numbers and objects are what they are (Core 6.1).
                "max_age" | "claims" => serde_json::from_str(value).unwrap_or_else(|_| value.into()),
                _ => Value::from(value),
            };
            match claims.get_mut(name) {
                None => drop(claims.insert(name.to_owned(), value)),
                // Only `resource` is there more than once.
                Some(Value::Array(several)) => several.push(value),
                Some(first) => *first = Value::Array(vec![first.take(), value]),
            }
        }
        let now: Timestamp = self.now();
        let expires_at = now.saturating_add(REQUEST_OBJECT_LIFETIME);
        for (name, value) in [
            ("iss", Value::from(config.client_id.as_str())),
            ("aud", config.issuer.as_str().into()),
            ("jti", random_token(self.entropy())?.expose().into()),
            ("iat", now.as_secs().into()),
            ("nbf", now.as_secs().into()),
            ("exp", expires_at.as_secs().into()),
        ] {
            claims.insert(name.to_owned(), value);
        }
        let object = key.sign_jwt(REQUEST_OBJECT_TYP, &claims)?;
        let mut outer: Params =
            [("client_id", config.client_id.as_str()), ("request", object.as_str())].into_iter().collect();
        if config.scope.contains("openid") {
            outer.set_some("response_type", params.get("response_type"));
            outer.set_some("scope", params.get("scope"));
        }
        Ok(outer)
    }

    /// Hands the request to the provider; the browser brings the name it got (RFC 9126 2).
    async fn push(&self, params: &Params) -> Result<Params, Error> {
        let url = self.endpoint(
            "pushed_authorization_request_endpoint",
            self.metadata().server.pushed_authorization_request_endpoint.as_ref(),
        )?;
        let response = request::post(self, url, params, Proof::Dpop).await?;
        let pushed: PushedAuthorizationResponse = request::read("the pushed request endpoint", &response)?;
        Ok([("client_id", self.config().client_id.as_str()), ("request_uri", pushed.request_uri.as_str())]
            .into_iter()
            .collect())
    }
}
