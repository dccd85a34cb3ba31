//! The login: start, and callback (OpenID Connect Core 3.1, 3.3; RFC 7636; RFC 9207), or authorization without a login
//! (RFC 6749 4.1).

use authmint_jose::constant_time_eq;
use authmint_oauth2::{AuthorizationResponse, AuthorizationSuccess, CodeVerifier, Params, TokenRequest};
use authmint_oidc::{IdTokenClaims, UserInfo};

use crate::client::Client;
use crate::error::Error;
use crate::id_token;
use crate::options::LoginOptions;
use crate::pending::PendingLogin;
use crate::token::Tokens;

/// A login that succeeded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Login {
    /// The tokens.
    pub tokens: Tokens,
    /// The verified ID token; none where the provider only knows OAuth 2.
    pub id_token: Option<IdTokenClaims>,
    /// The person, as the UserInfo endpoint knows them; where the provider has none, as the ID token does.
    pub user_info: UserInfo,
    /// The state of the login at the provider (Session Management 2).
    pub session_state: Option<String>,
}

impl Client {
    /// Begins a login: the address to send the browser to, and what to keep until it comes back. Nothing is sent to the provider
    /// unless requests are pushed (RFC 9126).
    ///
    /// # Errors
    /// [`Error::Configuration`] without a `redirect_uri`, [`Error::Metadata`] without an authorization endpoint; what the
    /// provider says to a pushed request.
    pub async fn start(&self, options: &LoginOptions) -> Result<(String, PendingLogin), Error> {
        let (request, pending) = self.authentication_request(options)?;
        Ok((self.authorization_address(&request).await?, pending))
    }

    /// Finishes a login with what the callback brought: its query, or the form of a POST.
    ///
    /// # Errors
    /// [`Error::ForeignCallback`] and [`Error::WrongIssuer`] before anything is sent anywhere; [`Error::Refused`] when
    /// the person said no; otherwise what the token endpoint, the ID token or UserInfo had wrong.
    pub async fn callback(&self, pending: &PendingLogin, answer: &str) -> Result<Login, Error> {
        let (success, early) = self.answer_of(pending, answer).await?;
        let is_openid = self.config().scope.contains("openid");
        if !is_openid && (pending.max_age.is_some() || !pending.required_acr.is_empty()) {
            return Err(Error::Configuration(
                "without openid in the scope nobody says when and how the person logged in: max_age and acr_values can't be demanded",
            ));
        }
        let tokens = self.redeem(pending, &success).await?;
        let id_token = if is_openid {
            let claims = id_token::of_login(self, &tokens, pending).await?;
            // Core 3.3.3.6: both speak of one person.
            if early.is_some_and(|early| early.sub != claims.sub) {
                return Err(Error::IdToken(
                    "it is of another person than the one beside the code".to_owned(),
                ));
            }
            Some(claims)
        } else {
            None
        };
        let user_info = self.person(&tokens, id_token.as_ref()).await?;
        if pending.subject.as_ref().is_some_and(|subject| *subject != user_info.sub) {
            return Err(id_token::another_person());
        }
        Ok(Login { tokens, id_token, user_info, session_state: success.session_state })
    }

    /// Finishes an authorization without asking who the person is: for an application that wants a token for an API and no login.
    /// What [`LoginOptions`] demand of the person is not looked at; the API that takes the token does that.
    ///
    /// # Errors
    /// As [`callback`](Self::callback).
    pub async fn callback_for_tokens(&self, pending: &PendingLogin, answer: &str) -> Result<Tokens, Error> {
        let (success, _) = self.answer_of(pending, answer).await?;
        self.redeem(pending, &success).await
    }

    /// Reads what came back, and makes sure that it belongs to this login and comes from this provider. The ID token beside the
    /// code is verified here, so that a code never goes anywhere on the word of one that is not.
    async fn answer_of(
        &self,
        pending: &PendingLogin,
        answer: &str,
    ) -> Result<(Box<AuthorizationSuccess>, Option<IdTokenClaims>), Error> {
        let params = Params::parse(answer.trim_start_matches('?').as_bytes())?;
        let response = AuthorizationResponse::from_params(&params)?;
        check_state(pending, response.state.as_deref())?;
        if pending.issuer != self.config().issuer.as_str() {
            return Err(Error::ForeignCallback("the login was begun with another provider"));
        }
        let names_itself = response.outcome.as_ref().is_ok_and(|success| success.id_token.is_some());
        self.check_issuer(response.iss.as_deref(), names_itself)?;
        let success = response.outcome.map_err(Error::Refused)?;
        let early = match &success.id_token {
            Some(token) => Some(id_token::from_front_channel(self, token, &success, pending).await?),
            // A provider that has the browser ask another one for a code alone gets an answer without the token that would say so.
            None if self.config().response_type.has_id_token() => {
                return Err(id_token::invalid("none came beside the code, though one was asked for"));
            }
            None => None,
        };
        Ok((success, early))
    }

    async fn redeem(&self, pending: &PendingLogin, success: &AuthorizationSuccess) -> Result<Tokens, Error> {
        let code = success.code.clone().ok_or_else(|| authmint_oauth2::Error::missing("code"))?;
        let request = TokenRequest::AuthorizationCode {
            code,
            redirect_uri: Some(pending.redirect_uri.clone()),
            code_verifier: Some(CodeVerifier::parse(&pending.code_verifier)?),
        };
        self.request_tokens(&request).await
    }

    /// RFC 9207 2.4: an issuer that promises `iss` must send it; whoever sends it must send the right one. An ID token beside the code
    /// says it too, and is verified before the code goes anywhere.
    fn check_issuer(&self, iss: Option<&str>, names_itself: bool) -> Result<(), Error> {
        let expected = self.config().issuer.as_str();
        let wrong = |problem| Err(Error::WrongIssuer { expected: expected.to_owned(), problem });
        match iss {
            Some(iss) if iss != expected => wrong("its iss is another issuer"),
            None if self.metadata().server.authorization_response_iss_parameter_supported
                && !names_itself =>
            {
                wrong("it has no iss")
            }
            _ => Ok(()),
        }
    }
}

fn check_state(pending: &PendingLogin, state: Option<&str>) -> Result<(), Error> {
    let state = state.ok_or(Error::ForeignCallback("it has no state"))?;
    if constant_time_eq(state.as_bytes(), pending.state.as_bytes()) {
        return Ok(());
    }
    Err(Error::ForeignCallback("its state is another"))
}
