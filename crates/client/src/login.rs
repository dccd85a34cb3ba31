//! The login: start, and callback (OpenID Connect Core 3.1; RFC 7636; RFC 9207).

use authmint_jose::{constant_time_eq, random_token};
use authmint_oauth2::{AuthorizationRequest, AuthorizationResponse, CodeVerifier, Params, TokenRequest};
use authmint_oidc::{AuthenticationRequest, IdTokenClaims, Prompts, UserInfo};

use crate::client::Client;
use crate::discovery::lacks;
use crate::error::Error;
use crate::id_token;
use crate::pending::PendingLogin;
use crate::token::Tokens;

/// What one login may ask for beyond the configuration.
#[derive(Clone, Debug, Default)]
pub struct LoginOptions {
    /// Which pages the provider shows.
    pub prompt: Prompts,
    /// The most seconds since the person last gave a password; checked in the ID token.
    pub max_age: Option<u64>,
    /// Who is probably about to log in.
    pub login_hint: Option<String>,
}

/// A login that succeeded.
#[derive(Clone, Debug)]
pub struct Login {
    /// The tokens.
    pub tokens: Tokens,
    /// The verified ID token.
    pub id_token: IdTokenClaims,
    /// The person, as the UserInfo endpoint knows them; where the provider has none, as the ID token does.
    pub user_info: UserInfo,
}

impl Client {
    /// Begins a login: the address to send the browser to, and what to keep until it comes back.
    ///
    /// # Errors
    /// [`Error::Configuration`] without a `redirect_uri`, [`Error::Metadata`] without an authorization endpoint.
    pub fn start(&self, options: &LoginOptions) -> Result<(String, PendingLogin), Error> {
        let config = self.config();
        let endpoint = self.metadata().server.authorization_endpoint.as_deref();
        let endpoint = endpoint.ok_or_else(|| lacks(&config.issuer, "authorization_endpoint"))?;
        let redirect_uri = config.redirect_uri.clone();
        let redirect_uri = redirect_uri.ok_or(Error::Configuration("a login needs a redirect_uri"))?;
        let verifier = CodeVerifier::generate(self.entropy())?;
        let pending = PendingLogin {
            state: random_token(self.entropy())?.expose().to_owned(),
            nonce: random_token(self.entropy())?.expose().to_owned(),
            code_verifier: verifier.expose().to_owned(),
            redirect_uri: redirect_uri.clone(),
            max_age: options.max_age,
        };
        let request = AuthenticationRequest {
            authorization: AuthorizationRequest {
                client_id: config.client_id.clone(),
                redirect_uri: Some(redirect_uri),
                scope: config.scope.clone(),
                state: Some(pending.state.clone()),
                code_challenge: Some(verifier.challenge()),
                ..AuthorizationRequest::code()
            },
            nonce: Some(pending.nonce.clone()),
            prompt: options.prompt.clone(),
            max_age: options.max_age,
            login_hint: options.login_hint.clone(),
            ..AuthenticationRequest::code()
        };
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        Ok((format!("{endpoint}{joint}{}", request.to_params().to_query()), pending))
    }

    /// Finishes a login with the query of the callback.
    ///
    /// # Errors
    /// [`Error::ForeignCallback`] and [`Error::WrongIssuer`] before anything is sent anywhere; [`Error::Refused`] when
    /// the person said no; otherwise what the token endpoint, the ID token or UserInfo had wrong.
    pub async fn callback(&self, pending: &PendingLogin, query: &str) -> Result<Login, Error> {
        let params = Params::parse(query.trim_start_matches('?').as_bytes())?;
        let response = AuthorizationResponse::from_params(&params)?;
        check_state(pending, response.state.as_deref())?;
        self.check_issuer(response.iss.as_deref())?;
        let success = response.outcome.map_err(Error::Refused)?;
        let code = success.code.ok_or_else(|| authmint_oauth2::Error::missing("code"))?;
        let request = TokenRequest::AuthorizationCode {
            code,
            redirect_uri: Some(pending.redirect_uri.clone()),
            code_verifier: Some(CodeVerifier::parse(&pending.code_verifier)?),
        };
        let tokens = self.request_tokens(&request).await?;
        let id_token = id_token::verify(self, &tokens, Some(pending)).await?;
        let user_info = match self.metadata().userinfo_endpoint {
            Some(_) => self.user_info(&tokens, &id_token.sub).await?,
            None => UserInfo { sub: id_token.sub.clone(), claims: id_token.person.clone() },
        };
        Ok(Login { tokens, id_token, user_info })
    }

    /// RFC 9207 2.4: an issuer that promises `iss` must send it; whoever sends it must send the right one.
    fn check_issuer(&self, iss: Option<&str>) -> Result<(), Error> {
        let expected = self.config().issuer.as_str();
        let wrong = |problem| Err(Error::WrongIssuer { expected: expected.to_owned(), problem });
        match iss {
            Some(iss) if iss != expected => wrong("its iss is another issuer"),
            None if self.metadata().server.authorization_response_iss_parameter_supported => {
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
