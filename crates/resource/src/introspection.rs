//! Asking the issuer what a token is worth (RFC 7662), and judging its answer as strictly as a JWT.

use std::sync::Arc;
use std::time::Duration;

use async_lock::Semaphore;
use authmint_fetch::{FetchError, Transport, send_for_json};
use authmint_jose::{Clock, Entropy, Secret, Timestamp, check_json, sha256};
use authmint_oauth2::{ClientAuth, IntrospectionRequest, Issuer, TokenTypeHint};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Request};
use serde_json::Value;

use crate::answers::{Answer, Answers};
use crate::issuer::IntrospectionIssuer;
use crate::token::{AccessToken, TokenClaims};
use crate::verify::{LEEWAY, Refusal};

/// The longest answer that is read.
const MAX_BYTES: usize = 64 * 1024;
/// The most questions at a time: a flood of random tokens must not become a flood of questions.
const MAX_QUESTIONS: usize = 256;

/// What asks one issuer.
pub(crate) struct Introspector {
    pub(crate) issuer: Issuer,
    endpoint: String,
    client_id: String,
    auth: ClientAuth,
    transport: Arc<dyn Transport>,
    audience: String,
    audience_may_be_absent: bool,
    client_may_be_subject: bool,
    good_for: Duration,
    bad_for: Duration,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    answers: Answers<AccessToken, FetchError>,
    questions: Semaphore,
}

impl Introspector {
    pub(crate) fn new(
        trusted: IntrospectionIssuer,
        resource: &str,
        clock: &Arc<dyn Clock>,
        entropy: &Arc<dyn Entropy>,
    ) -> Self {
        Self {
            issuer: trusted.issuer,
            endpoint: trusted.endpoint,
            client_id: trusted.client_id,
            auth: trusted.auth,
            transport: trusted.transport,
            audience: trusted.audience.unwrap_or_else(|| resource.to_owned()),
            audience_may_be_absent: trusted.audience_may_be_absent,
            client_may_be_subject: trusted.client_may_be_subject,
            good_for: trusted.good_for,
            bad_for: trusted.bad_for,
            clock: Arc::clone(clock),
            entropy: Arc::clone(entropy),
            answers: Answers::new(),
            questions: Semaphore::new(MAX_QUESTIONS),
        }
    }

    pub(crate) async fn verify(&self, token: &str) -> Result<AccessToken, Refusal> {
        let digest = sha256(token.as_bytes());
        let answer = match self.answers.known(&digest, self.clock.now()) {
            Some(answer) => answer,
            None => self
                .answers
                .ask_once(digest, || async move {
                    // Between the first look and the question, somebody else may have had the answer.
                    if let Some(answer) = self.answers.known(&digest, self.clock.now()) {
                        return Ok(answer);
                    }
                    let answer = self.ask(token).await?;
                    // From before the question would be too early, if the answer took its time; the token's end counts in any case.
                    let now = self.clock.now();
                    let lifetime = if answer.is_some() { self.good_for } else { self.bad_for };
                    let end = answer.as_ref().and_then(|token| token.expires_at);
                    let until = now.saturating_add(lifetime);
                    self.answers.keep(digest, answer.clone(), end.map_or(until, |end| until.min(end)));
                    Ok(answer)
                })
                .await
                .map_err(|error| {
                    tracing::error!(issuer = self.issuer.as_str(), %error, "the issuer can't be asked about a token");
                    Refusal::Unavailable(error)
                })?,
        };
        match answer {
            Some(token) => Ok(AccessToken::clone(&token)),
            None => {
                Err(Refusal::Token("the issuer says that it is not active, or not for this API".to_owned()))
            }
        }
    }

    async fn ask(&self, token: &str) -> Result<Answer<AccessToken>, FetchError> {
        let Some(_turn) = self.questions.try_acquire() else {
            let reason = "too many questions about tokens are under way".to_owned();
            return Err(FetchError::Unreachable { host: self.issuer.to_string(), reason });
        };
        let body = send_for_json(self.transport.as_ref(), self.question(token)?).await?;
        let broken = |problem| FetchError::Content { host: self.issuer.to_string(), problem };
        if body.len() > MAX_BYTES {
            return Err(broken("an answer about a token that is too long"));
        }
        let text = std::str::from_utf8(&body).ok().filter(|text| check_json("the answer", text).is_ok());
        let text = text.ok_or_else(|| broken("an answer about a token that is not strict JSON"))?;
        let answer: Value =
            serde_json::from_str(text).map_err(|_| broken("an answer about a token that can't be read"))?;
        match answer.get("active").and_then(Value::as_bool) {
            None => Err(broken("an answer about a token without active")),
            Some(false) => Ok(None),
            Some(true) => match self.judge(answer, self.clock.now()) {
                Ok(token) => Ok(Some(Arc::new(token))),
                Err(problem) => {
                    tracing::warn!(issuer = self.issuer.as_str(), problem, "an active token is refused");
                    Ok(None)
                }
            },
        }
    }

    /// The question, with who asks it.
    fn question(&self, token: &str) -> Result<Request<Bytes>, FetchError> {
        let setup = |error: authmint_jose::Error| FetchError::Setup(error.to_string());
        let hint = Some(TokenTypeHint::AccessToken);
        let mut params =
            IntrospectionRequest { token: Secret::new(token), token_type_hint: hint }.to_params();
        let mut headers = HeaderMap::new();
        self.auth
            .credentials(&self.issuer, &self.client_id, self.clock.now(), self.entropy.as_ref())
            .map_err(setup)?
            .apply(&mut headers, &mut params);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let request = Request::post(&self.endpoint).body(Bytes::from(params.to_query()));
        let mut request = request.map_err(|_| FetchError::Address(self.endpoint.clone()))?;
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// RFC 7662 4: who is shown a token checks that it is for them, of that issuer, and of now.
    fn judge(&self, answer: Value, now: Timestamp) -> Result<AccessToken, &'static str> {
        let mut claims: TokenClaims =
            serde_json::from_value(answer).map_err(|_| "the answer has a claim of the wrong form")?;
        if let Some(problem) = claims.another_kind() {
            return Err(problem);
        }
        if claims.iss.as_deref().is_some_and(|iss| iss != self.issuer.as_str()) {
            return Err("it is of another issuer");
        }
        let ours = match &claims.aud {
            Some(audience) => audience.contains(&self.audience),
            None => self.audience_may_be_absent,
        };
        if !ours {
            return Err("its aud does not name this API");
        }
        if claims.exp.is_some_and(|exp| now >= exp.saturating_add(LEEWAY)) {
            return Err("it has expired");
        }
        if claims.nbf.is_some_and(|nbf| nbf > now.saturating_add(LEEWAY)) {
            return Err("it is not valid yet");
        }
        let token_type = claims.rest.remove("token_type");
        claims.rest.remove("active");
        let is = |name: &str| {
            token_type.as_ref().and_then(Value::as_str).is_some_and(|text| text.eq_ignore_ascii_case(name))
        };
        match &token_type {
            None => {}
            Some(_) if is("DPoP") && claims.cnf.jkt.is_none() => {
                return Err("it is bound to a key that is not told");
            }
            // Some say "access_token" here, as in the hint.
            Some(_) if is("Bearer") || is("DPoP") || is("access_token") => {}
            Some(_) => return Err("its token_type is no access token's"),
        }
        claims.into_token(self.issuer.as_str(), self.client_may_be_subject)
    }
}
