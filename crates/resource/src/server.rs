//! The protected API as a value: what it trusts, and what it says to a request.

use std::fmt;
use std::sync::Arc;

use authmint_fetch::Transport;
use authmint_jose::Clock;
use authmint_oauth2::{Error as ProtocolError, ErrorCode, PresentedToken, ResourceMetadata, TokenType};
use bytes::Bytes;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Response};

use crate::builder::Builder;
use crate::error::SetupError;
use crate::issuer::TrustedIssuer;
use crate::proof::Proofs;
use crate::rejection::{Face, Reason, Rejection};
use crate::request::RequestHead;
use crate::requirement::Requirement;
use crate::token::AccessToken;
use crate::verify::{LEEWAY, Refusal, Verifiers};

/// A protected API. Cheap to clone; all clones share what they know of keys, tokens and proofs.
#[derive(Clone)]
pub struct ResourceServer {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) face: Arc<Face>,
    pub(crate) verifiers: Verifiers,
    pub(crate) proofs: Option<Proofs>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metadata: ResourceMetadata,
    /// Path and query of the metadata, and the text itself.
    pub(crate) published: Option<(String, Bytes)>,
}

impl ResourceServer {
    /// An API with one issuer of JWT access tokens (RFC 9068), whose metadata says where its keys are. `resource` is what its
    /// tokens call the API.
    ///
    /// # Errors
    /// When the issuer is no issuer, or its metadata can't be had or is another's.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use authmint_resource::{Requirement, ResourceServer, SetupError, Transport};
    ///
    /// async fn set_up(transport: Arc<dyn Transport>) -> Result<ResourceServer, SetupError> {
    ///     ResourceServer::discover("https://login.example", "https://api.example", transport).await
    /// }
    /// ```
    pub async fn discover(
        issuer: &str,
        resource: &str,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, SetupError> {
        Self::builder(resource).issuer(TrustedIssuer::discover(issuer, transport).await?).build()
    }

    /// Begins an API: `resource` is its identifier (RFC 8707), what tokens name as their audience. Let it be its address: proofs
    /// of keys and metadata need one.
    pub fn builder(resource: impl Into<String>) -> Builder {
        Builder::new(resource.into())
    }

    /// Verifies the token of a request and what `requirement` demands of it. `request` is `&http::Request<B>`,
    /// `&http::request::Parts` or a [`RequestHead`].
    ///
    /// # Errors
    /// [`Rejection`]; its [`response`](Rejection::response) is what RFC 6750 3, RFC 9449 7.1 and RFC 9470 3 say.
    ///
    /// ```
    /// use authmint_resource::{Rejection, Requirement, ResourceServer};
    ///
    /// async fn orders(
    ///     api: &ResourceServer,
    ///     read: &Requirement,
    ///     request: &http::Request<()>,
    /// ) -> Result<String, Rejection> {
    ///     let token = api.authorize(request, read).await?;
    ///     Ok(format!("orders of {}", token.subject))
    /// }
    /// ```
    pub fn authorize<'a>(
        &'a self,
        request: impl Into<RequestHead<'a>>,
        requirement: &'a Requirement,
    ) -> impl Future<Output = Result<AccessToken, Rejection>> + Send {
        // Before the future begins, so that it holds the head alone and can be sent whatever the body is.
        let head = request.into();
        async move {
            let presented = match PresentedToken::from_headers(head.headers) {
                Ok(Some(presented)) => presented,
                Ok(None) => return Err(self.reject(Reason::NoToken, None, requirement)),
                Err(error) => return Err(self.reject(error.into(), None, requirement)),
            };
            self.judge(head, &presented, requirement)
                .await
                .map_err(|reason| self.reject(reason, Some(presented.token_type()), requirement))
        }
    }

    async fn judge(
        &self,
        head: RequestHead<'_>,
        presented: &PresentedToken,
        requirement: &Requirement,
    ) -> Result<AccessToken, Reason> {
        let token =
            self.inner.verifiers.verify(presented.expose()).await.map_err(|refusal| match refusal {
                Refusal::Unavailable(error) => Reason::NoIssuer(error),
                Refusal::Token(problem) => {
                    tracing::debug!(problem, "access token refused");
                    invalid("the access token is expired, or not valid for this API")
                }
            })?;
        self.check_binding(head, presented, &token, requirement).await?;
        requirement.check(&token, self.inner.clock.now(), LEEWAY)?;
        Ok(token)
    }

    /// RFC 9449 7.1, 7.2: a token that is bound to a key comes under its own scheme and with the proof of it; one that is not
    /// bound comes as a bearer token, where those are taken.
    async fn check_binding(
        &self,
        head: RequestHead<'_>,
        presented: &PresentedToken,
        token: &AccessToken,
        requirement: &Requirement,
    ) -> Result<(), Reason> {
        match (presented.token_type(), &token.cnf.jkt, &self.inner.proofs) {
            (TokenType::Bearer, None, _) => {
                if self.inner.face.takes_bearer && !requirement.demands_bound_token() {
                    return Ok(());
                }
                Err(invalid("this needs an access token that is bound to a key"))
            }
            (TokenType::Bearer, Some(_), _) => Err(invalid(
                "the access token is bound to a key: present it with the scheme DPoP and a proof",
            )),
            (TokenType::Dpop, None, _) => {
                Err(invalid("the access token is bound to no key: present it with the scheme Bearer"))
            }
            (TokenType::Dpop, Some(_), None) => {
                Err(invalid("the access token is bound to a key, whose proof this API does not read"))
            }
            (TokenType::Dpop, Some(jkt), Some(proofs)) => proofs.check(head, presented.expose(), jkt).await,
        }
    }

    fn reject(&self, reason: Reason, scheme: Option<TokenType>, requirement: &Requirement) -> Rejection {
        let asks = matches!(&reason, Reason::Refused(error) if error.code() == ErrorCode::UseDpopNonce);
        let nonce = if asks { self.next_nonce() } else { None };
        Rejection::new(reason, scheme, requirement, &self.inner.face, nonce)
    }

    /// The nonce for a client's next proof (RFC 9449 9): the value of a response's `DPoP-Nonce`, where nonces are asked for.
    /// Clients that get one with each answer are never sent back for it.
    #[must_use]
    pub fn next_nonce(&self) -> Option<String> {
        self.inner.proofs.as_ref().and_then(Proofs::nonce)
    }

    /// What the API says of itself (RFC 9728 2).
    #[must_use]
    pub fn metadata(&self) -> &ResourceMetadata {
        &self.inner.metadata
    }

    /// Where it says so: path and query below the API's host (RFC 9728 3.1). `None` where the resource is a mere name.
    #[must_use]
    pub fn metadata_path(&self) -> Option<&str> {
        self.inner.published.as_ref().map(|(path, _)| path.as_str())
    }

    /// The answer to a request for the metadata; `None` for every other request.
    ///
    /// ```
    /// use authmint_resource::{KeySet, ResourceServer, TrustedIssuer};
    ///
    /// let issuer = TrustedIssuer::jwt_with_keys("https://login.example", KeySet::default())?;
    /// let api = ResourceServer::builder("https://api.example/v1").issuer(issuer).build()?;
    /// let request = http::Request::get("/.well-known/oauth-protected-resource/v1").body(())?;
    /// assert!(api.answer_metadata(&request).is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn answer_metadata<'a>(&self, request: impl Into<RequestHead<'a>>) -> Option<Response<Bytes>> {
        let (path, text) = self.inner.published.as_ref()?;
        let head = request.into();
        let asked = head.uri.path_and_query().is_some_and(|asked| asked.as_str() == path);
        if !asked || !matches!(*head.method, Method::GET | Method::HEAD) {
            return None;
        }
        let mut response = Response::new(text.clone());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
        // It is the same for everybody, and applications in browsers read it too.
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        Some(response)
    }
}

fn invalid(text: &'static str) -> Reason {
    ProtocolError::new(ErrorCode::InvalidToken, text).section("RFC 6750 3.1").into()
}

impl fmt::Debug for ResourceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceServer")
            .field("resource", &self.inner.metadata.resource)
            .field("issuers", &self.inner.metadata.authorization_servers)
            .finish_non_exhaustive()
    }
}
