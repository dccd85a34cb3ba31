//! The authentication request: an authorization request with what OpenID Connect adds (Core 3.1.2.1).

use authmint_jose::Secret;
use authmint_oauth2::authorization::opaque;
use authmint_oauth2::{AuthorizationRequest, Error, ErrorCode, Params};

use crate::claims_request::ClaimsRequest;

/// A value of `prompt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Show no page at all: succeed or fail.
    None,
    /// Ask for the password again.
    Login,
    /// Ask for consent again.
    Consent,
    /// Let the person choose an account.
    SelectAccount,
    /// Let the person make an account (Initiating User Registration 1.0).
    Create,
}

impl Prompt {
    /// Every value.
    pub const ALL: [Self; 5] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount, Self::Create];

    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
            Self::Create => "create",
        }
    }
}

/// The values of one `prompt` parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompts(Vec<Prompt>);

impl Prompts {
    /// These values, as a client asks for them.
    #[must_use]
    pub fn new(prompts: &[Prompt]) -> Self {
        Self(prompts.to_vec())
    }

    /// Whether `prompt` is among them.
    #[must_use]
    pub fn contains(&self, prompt: Prompt) -> bool {
        self.0.contains(&prompt)
    }

    fn parse(text: &str) -> Result<Self, Error> {
        let expected = "none, or some of login, consent, select_account and create";
        let unknown = || Error::malformed("prompt", expected).section("OpenID Connect Core 3.1.2.1");
        let mut prompts = Vec::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let prompt = Prompt::ALL.into_iter().find(|known| known.as_str() == word).ok_or_else(unknown)?;
            if !prompts.contains(&prompt) {
                prompts.push(prompt);
            }
        }
        if prompts.len() > 1 && prompts.contains(&Prompt::None) {
            return Err(unknown());
        }
        Ok(Self(prompts))
    }
}

/// An authentication request. Without `openid` in its scope it is a plain OAuth 2 authorization request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticationRequest {
    /// The OAuth 2 part.
    pub authorization: AuthorizationRequest,
    /// Returned in the ID token, so that the client knows it belongs to this request.
    pub nonce: Option<String>,
    /// Which pages to show.
    pub prompt: Prompts,
    /// The most seconds that may have passed since the person logged in.
    pub max_age: Option<u64>,
    /// Who is probably about to log in.
    pub login_hint: Option<String>,
    /// An ID token that says who must be logged in.
    pub id_token_hint: Option<Secret>,
    /// The levels of authentication the client would like, the best first.
    pub acr_values: Vec<String>,
    /// Languages of the pages, the best first (BCP 47).
    pub ui_locales: Vec<String>,
    /// Languages of the claims.
    pub claims_locales: Vec<String>,
    /// How the pages are shown.
    pub display: Option<Display>,
    /// Single claims the client asks for.
    pub claims: Option<ClaimsRequest>,
}

/// How the client shows the provider's pages. All of them fit any window, so that no value changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Display {
    /// The whole window.
    Page,
    /// A window of its own.
    Popup,
    /// A device with a touch screen.
    Touch,
    /// A phone of old.
    Wap,
}

impl Display {
    /// Every value.
    pub const ALL: [Self; 4] = [Self::Page, Self::Popup, Self::Touch, Self::Wap];

    /// The registered name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Popup => "popup",
            Self::Touch => "touch",
            Self::Wap => "wap",
        }
    }
}

impl AuthenticationRequest {
    /// A request for a code with `scope=openid`, to be filled in.
    #[must_use]
    pub fn code() -> Self {
        Self {
            authorization: AuthorizationRequest::code(),
            nonce: None,
            prompt: Prompts::default(),
            max_age: None,
            login_hint: None,
            id_token_hint: None,
            acr_values: Vec::new(),
            ui_locales: Vec::new(),
            claims_locales: Vec::new(),
            display: None,
            claims: None,
        }
    }

    /// Whether the request asks for an ID token.
    #[must_use]
    pub fn is_openid(&self) -> bool {
        self.authorization.scope.contains("openid")
    }

    /// Reads a request whose parameters stand in it: what `request` and `request_uri` mean is the server's to find out.
    ///
    /// # Errors
    /// The registered code, naming the parameter.
    pub fn from_params(params: &Params) -> Result<Self, Error> {
        if params.get("registration").is_some() {
            let text = "registration is not supported; register the client first";
            return Err(Error::new(ErrorCode::RegistrationNotSupported, text)
                .parameter("registration")
                .section("OpenID Connect Core 3.1.2.6"));
        }
        let max_age = params.get("max_age").map(|text| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            let seconds = text.parse().ok().filter(|_| digits);
            seconds.ok_or_else(|| {
                Error::malformed("max_age", "a number of seconds").section("OpenID Connect Core 3.1.2.1")
            })
        });
        Ok(Self {
            authorization: AuthorizationRequest::from_params(params)?,
            nonce: opaque(params, "nonce")?,
            prompt: Prompts::parse(params.get("prompt").unwrap_or_default())?,
            max_age: max_age.transpose()?,
            login_hint: opaque(params, "login_hint")?,
            id_token_hint: params.get("id_token_hint").map(Secret::new),
            acr_values: words(params, "acr_values")?,
            ui_locales: words(params, "ui_locales")?,
            claims_locales: words(params, "claims_locales")?,
            // What is not known is the same as nothing: a page is shown either way.
            display: Display::ALL.into_iter().find(|known| Some(known.as_str()) == params.get("display")),
            claims: params.get("claims").map(ClaimsRequest::parse).transpose()?,
        })
    }

    /// Writes the request.
    #[must_use]
    pub fn to_params(&self) -> Params {
        let mut params = self.authorization.to_params();
        params.set_some("nonce", self.nonce.as_deref());
        if !self.prompt.0.is_empty() {
            params.set(
                "prompt",
                self.prompt.0.iter().map(|prompt| prompt.as_str()).collect::<Vec<_>>().join(" "),
            );
        }
        params.set_some("max_age", self.max_age.map(|seconds| seconds.to_string()));
        params.set_some("login_hint", self.login_hint.as_deref());
        params.set_some("id_token_hint", self.id_token_hint.as_ref().map(Secret::expose));
        for (name, words) in [
            ("acr_values", &self.acr_values),
            ("ui_locales", &self.ui_locales),
            ("claims_locales", &self.claims_locales),
        ] {
            params.set_some(name, (!words.is_empty()).then(|| words.join(" ")));
        }
        params.set_some("display", self.display.map(Display::as_str));
        params.set_some("claims", self.claims.as_ref().map(ToString::to_string));
        params
    }
}

/// The words of a parameter that is a list; at most 32.
fn words(params: &Params, name: &'static str) -> Result<Vec<String>, Error> {
    let text = opaque(params, name)?.unwrap_or_default();
    let words: Vec<_> = text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    if words.len() > 32 {
        return Err(Error::malformed(name, "at most 32 values").section("OpenID Connect Core 3.1.2.1"));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(tail: &str) -> Result<AuthenticationRequest, Error> {
        let query = format!("response_type=code&client_id=a&scope=openid&{tail}");
        AuthenticationRequest::from_params(&Params::parse(query.as_bytes()).unwrap())
    }

    #[test]
    fn requests_are_read_back() {
        let request =
            parse("nonce=n&prompt=login+consent&max_age=60&login_hint=a%40b.example&id_token_hint=x.y.z&acr_values=1+2\
                   &ui_locales=de+fr&claims_locales=de&display=popup&claims=%7B%22userinfo%22:%7B%22name%22:null%7D%7D")
                .unwrap();
        assert_eq!(AuthenticationRequest::from_params(&request.to_params()).unwrap(), request);
        assert!(request.is_openid());
    }

    #[test]
    fn what_is_malformed_or_unsupported_is_named() {
        for (tail, code) in [
            ("prompt=none+login", ErrorCode::InvalidRequest),
            ("prompt=LOGIN", ErrorCode::InvalidRequest),
            ("max_age=-1", ErrorCode::InvalidRequest),
            ("max_age=%2B1", ErrorCode::InvalidRequest),
            ("max_age=99999999999999999999", ErrorCode::InvalidRequest),
            ("registration=%7B%7D", ErrorCode::RegistrationNotSupported),
            ("claims=x", ErrorCode::InvalidRequest),
        ] {
            assert_eq!(parse(tail).unwrap_err().code(), code, "{tail}");
        }
    }

    proptest! {
        #[test]
        fn s47_any_parameters_are_read_back_or_refused(
            pairs in proptest::collection::vec((name(), "[ -~äé☃]{0,40}"), 0..16),
        ) {
            let mut params: Params = pairs.into_iter().collect();
            params.set("response_type", "code");
            params.set("client_id", "a");
            if let Ok(request) = AuthenticationRequest::from_params(&params) {
                prop_assert_eq!(AuthenticationRequest::from_params(&request.to_params()).unwrap(), request);
            }
        }

        #[test]
        fn s47_any_claims_are_read_back_or_refused(text in "[{}\\[\\]\":,a-z0-9 ]{0,200}") {
            if let Ok(request) = ClaimsRequest::parse(&text) {
                prop_assert_eq!(ClaimsRequest::parse(&request.to_string()).unwrap(), request);
            }
        }
    }

    fn name() -> impl Strategy<Value = &'static str> {
        proptest::sample::select(vec![
            "scope",
            "state",
            "nonce",
            "prompt",
            "max_age",
            "login_hint",
            "id_token_hint",
            "acr_values",
            "ui_locales",
            "claims",
            "claims_locales",
            "display",
            "response_mode",
            "resource",
            "dpop_jkt",
            "code_challenge",
            "code_challenge_method",
            "redirect_uri",
            "registration",
            "other",
        ])
    }
}
