//! What an application says of itself.

use std::time::Duration;

use authmint_jose::{Algorithm, ContentEncryption, EncryptionKeySet, JwePolicy, Key, KeyManagement, KeyType};
use authmint_oauth2::{ClientAuth, Issuer, ResponseMode, ResponseType, Scope};
use authmint_oidc::{ClaimsRequest, ProviderMetadata};

use crate::quirks::Quirks;

/// The settings of a [`Client`](crate::Client). What is left out has a safe default.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    pub(crate) issuer: Issuer,
    pub(crate) client_id: String,
    pub(crate) auth: ClientAuth,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) post_logout_redirect_uri: Option<String>,
    pub(crate) scope: Scope,
    pub(crate) response_type: ResponseType,
    pub(crate) response_mode: Option<ResponseMode>,
    pub(crate) resources: Vec<String>,
    pub(crate) claims: Option<ClaimsRequest>,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) push_requests: bool,
    pub(crate) request_key: Option<Key>,
    pub(crate) dpop_key: Option<Key>,
    pub(crate) id_token_algorithms: Vec<Algorithm>,
    pub(crate) id_token_decryption: Option<Decryption>,
    pub(crate) user_info_is_signed: bool,
    pub(crate) user_info_decryption: Option<Decryption>,
    pub(crate) leeway: Duration,
    pub(crate) metadata: Option<Box<ProviderMetadata>>,
    pub(crate) quirks: Quirks,
}

/// What the client decrypts with. Where there is one, what comes unencrypted is refused.
#[derive(Clone, Debug)]
pub(crate) struct Decryption {
    pub(crate) keys: EncryptionKeySet,
    pub(crate) policy: JwePolicy,
}

impl Decryption {
    fn new(keys: EncryptionKeySet) -> Self {
        let algorithms: Vec<_> =
            KeyManagement::ALL.iter().copied().filter(|algorithm| !algorithm.fits(KeyType::Secret)).collect();
        Self { keys, policy: JwePolicy::new(&algorithms, ContentEncryption::ALL) }
    }
}

impl ClientConfig {
    /// A client of `issuer`, known there as `client_id`.
    pub fn new(issuer: Issuer, client_id: impl Into<String>, auth: ClientAuth) -> Self {
        Self {
            issuer,
            client_id: client_id.into(),
            auth,
            redirect_uri: None,
            post_logout_redirect_uri: None,
            scope: "openid profile email".parse().unwrap_or_default(),
            response_type: ResponseType::CODE,
            response_mode: None,
            resources: Vec::new(),
            claims: None,
            parameters: Vec::new(),
            push_requests: false,
            request_key: None,
            dpop_key: None,
            id_token_algorithms: Algorithm::COMMON_SIGNATURES.to_vec(),
            id_token_decryption: None,
            user_info_is_signed: false,
            user_info_decryption: None,
            leeway: Duration::from_secs(30),
            metadata: None,
            quirks: Quirks::default(),
        }
    }

    /// Where the provider sends the browser back: as registered, character by character.
    ///
    /// An application with several providers gives each an address of its own, and finishes a login at the address of its provider
    /// only. A provider that means harm can send the browser on to another one, whose code then comes back as if it were its own;
    /// where that other one does not say who it is (`iss`, RFC 9207), as GitHub and Microsoft don't, nothing else tells (RFC 9700
    /// 4.4.2).
    #[must_use]
    pub fn redirect_uri(self, uri: impl Into<String>) -> Self {
        Self { redirect_uri: Some(uri.into()), ..self }
    }

    /// Where the provider sends the browser after logout.
    #[must_use]
    pub fn post_logout_redirect_uri(self, uri: impl Into<String>) -> Self {
        Self { post_logout_redirect_uri: Some(uri.into()), ..self }
    }

    /// What to ask for; `openid profile email` if nothing is said. Without `openid` there is no ID token (plain OAuth 2).
    #[must_use]
    pub fn scope(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// Has the answer brought by a form that the browser posts (Form Post Response Mode), so that no code stands in an
    /// address. The callback then is a POST from another site: a cookie with `SameSite=Lax` does not come along.
    #[must_use]
    pub fn form_post(self) -> Self {
        Self { response_mode: Some(ResponseMode::FormPost), ..self }
    }

    /// Has the ID token brought with the code, before the code is redeemed (the hybrid flow `code id_token`, Core 3.3), by a form.
    #[must_use]
    pub fn hybrid(self) -> Self {
        Self { response_type: ResponseType::CODE_ID_TOKEN, ..self }.form_post()
    }

    /// An API that access tokens are to be for (RFC 8707 2); say it for each. They then are not for UserInfo, and what is known of the
    /// person is what the ID token says: ask for more there with [`claims`](Self::claims).
    #[must_use]
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resources.push(resource.into());
        self
    }

    /// Single claims to ask for (Core 5.5).
    #[must_use]
    pub fn claims(self, claims: ClaimsRequest) -> Self {
        Self { claims: Some(claims), ..self }
    }

    /// A parameter of the provider's own for each authorization request, such as Google's `access_type=offline`. It is never
    /// put in the place of one that this crate sets.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Pushes each authorization request to the provider first (RFC 9126), so that it can neither be read nor changed in the
    /// browser. A provider that demands it gets it in any case.
    #[must_use]
    pub fn push_requests(self) -> Self {
        Self { push_requests: true, ..self }
    }

    /// Signs each authorization request with `key` (JAR, RFC 9101).
    #[must_use]
    pub fn sign_requests(self, key: Key) -> Self {
        Self { request_key: Some(key), ..self }
    }

    /// Binds all tokens to `key` (DPoP, RFC 9449): whoever steals a token can't use it. Keep the key as long as the tokens.
    #[must_use]
    pub fn dpop(self, key: Key) -> Self {
        Self { dpop_key: Some(key), ..self }
    }

    /// Which algorithms an ID token may be signed with; every asymmetric one if nothing is said. With HS256, HS384 or HS512 the
    /// client's secret is the key.
    #[must_use]
    pub fn id_token_algorithms(self, algorithms: &[Algorithm]) -> Self {
        Self { id_token_algorithms: algorithms.to_vec(), ..self }
    }

    /// Takes ID tokens that are encrypted for one of `keys`, and no others.
    #[must_use]
    pub fn encrypted_id_tokens(self, keys: EncryptionKeySet) -> Self {
        Self { id_token_decryption: Some(Decryption::new(keys)), ..self }
    }

    /// Takes signed UserInfo responses, and no others; for clients that registered `userinfo_signed_response_alg`.
    #[must_use]
    pub fn signed_user_info(self) -> Self {
        Self { user_info_is_signed: true, ..self }
    }

    /// Takes UserInfo responses that are signed and encrypted for one of `keys`, and no others.
    #[must_use]
    pub fn encrypted_user_info(self, keys: EncryptionKeySet) -> Self {
        Self { user_info_decryption: Some(Decryption::new(keys)), ..self }.signed_user_info()
    }

    /// How far the two clocks may be apart; 30 seconds if nothing is said.
    #[must_use]
    pub fn leeway(self, leeway: Duration) -> Self {
        Self { leeway, ..self }
    }

    /// What the provider says of itself, for one that publishes nothing: [`Client::discover`](crate::Client::discover) then
    /// fetches nothing.
    #[must_use]
    pub fn metadata(self, metadata: ProviderMetadata) -> Self {
        Self { metadata: Some(Box::new(metadata)), ..self }
    }

    /// The developer's team, for a provider whose client secret is a JWT that the team signs (Apple). The key is
    /// [`ClientAuth::PrivateKey`], with its `kid`.
    #[must_use]
    pub fn team(mut self, team: impl Into<String>) -> Self {
        self.quirks.signed_secret = Some(team.into());
        self
    }

    /// Where the provider does otherwise than the specification says.
    #[must_use]
    pub fn quirks(self, quirks: Quirks) -> Self {
        Self { quirks, ..self }
    }
}
