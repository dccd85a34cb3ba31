//! The providers that people of an application may choose from, and the paths that belong to each.

use authmint_client::Client;

use crate::address::split;
use crate::notices::Notices;

/// The name of the provider that [`Login::builder`](crate::Login::builder) was given.
pub(crate) const MAIN: &str = "main";

/// A provider of an application.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) client: Client,
    pub(crate) notices: Notices,
}

/// Why the settings of a login can't work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoginSetupError {
    /// Names of providers stand in addresses.
    #[error("the provider {0:?} needs a name of at most 32 small letters, digits and hyphens")]
    Name(String),
    /// Two providers can't be told apart.
    #[error("two providers are called {0:?}")]
    SameName(String),
    /// Each provider has a callback of its own, so that an answer of one is never taken for another's (RFC 9700 4.4.2.2).
    #[error(
        "the redirect_uri of the provider {provider:?} must be an address of this application that ends with {expected}: each \
         provider has a callback of its own (RFC 9700 4.4.2.2)"
    )]
    Callback {
        /// The provider.
        provider: String,
        /// How its `redirect_uri` must end.
        expected: String,
    },
    /// The names that stand in addresses don't tell these two apart.
    #[error(
        "the redirect_uri of the provider {0:?} is another provider's too: each has a callback of its own (RFC 9700 4.4.2.2)"
    )]
    SameCallback(String),
    /// A browser brings cookies for https to https only.
    #[error(
        "the redirect_uri of the provider {0:?} is http and the cookies are for https: use https, or, on this machine alone, \
         allow_cookies_over_plain_http"
    )]
    PlainHttp(String),
    /// Names of cookies are tokens (RFC 6265 4.1.1).
    #[error("a cookie's name is made of letters, digits, hyphens and underscores, at most 32 of them")]
    CookieName,
}

/// What a path of the application does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Login,
    Callback,
    Logout,
    BackChannel,
    FrontChannel,
}

/// A path, what it does, and for which provider.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) path: String,
    pub(crate) endpoint: Endpoint,
    /// The provider's place in the list; none where a path is for all.
    pub(crate) provider: Option<usize>,
}

/// The path of `base` for a provider: the main one has the short path.
fn path_of(base: &str, name: &str) -> String {
    if name == MAIN { base.to_owned() } else { format!("{base}/{name}") }
}

impl Provider {
    pub(crate) fn new(name: &str, title: &str, client: Client) -> Self {
        let notices = Notices::default();
        Self { name: name.to_owned(), title: title.to_owned(), client, notices }
    }

    /// Where its logins begin.
    pub(crate) fn login_path(&self) -> String {
        format!("/login/{}", self.name)
    }

    pub(crate) fn issuer(&self) -> &str {
        self.client.metadata().server.issuer.as_str()
    }

    /// Whose pages may frame what it tells by a frame: the issuer's, and those of its logout.
    pub(crate) fn framing_origins(&self) -> Vec<String> {
        let metadata = self.client.metadata();
        let logout = metadata.end_session_endpoint.as_deref().and_then(|address| Some(split(address)?.0));
        let issuer = metadata.server.issuer.origin().to_owned();
        let logout = logout.filter(|origin| *origin != issuer);
        std::iter::once(issuer).chain(logout).collect()
    }

    /// The origin of this application, as the provider was told it. No header of a request says it (S45).
    pub(crate) fn own_origin(&self) -> Option<String> {
        Some(split(self.client.redirect_uri()?)?.0)
    }

    pub(crate) fn check(&self, secure: bool) -> Result<(), LoginSetupError> {
        let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if self.name.is_empty() || self.name.len() > 32 || !self.name.bytes().all(is_plain) {
            return Err(LoginSetupError::Name(self.name.clone()));
        }
        let expected = path_of("/callback", &self.name);
        let address = self.client.redirect_uri().and_then(split);
        let Some((origin, _)) = address.filter(|(_, path)| path.ends_with(&expected)) else {
            return Err(LoginSetupError::Callback { provider: self.name.clone(), expected });
        };
        if secure && !origin.starts_with("https://") {
            return Err(LoginSetupError::PlainHttp(self.name.clone()));
        }
        if !secure && self.client.is_answered_by_form() {
            tracing::warn!(
                provider = self.name,
                "without https a browser brings the cookie of a login only where the provider is of the same site: its answer \
                 by form_post will find no login from anywhere else"
            );
        }
        Ok(())
    }

    /// Its paths; `place` is its place in the list.
    pub(crate) fn routes(&self, place: usize) -> Vec<Route> {
        let route = |path, endpoint| Route { path, endpoint, provider: Some(place) };
        vec![
            route(self.login_path(), Endpoint::Login),
            route(path_of("/callback", &self.name), Endpoint::Callback),
            route(path_of("/backchannel-logout", &self.name), Endpoint::BackChannel),
            route(path_of("/frontchannel-logout", &self.name), Endpoint::FrontChannel),
        ]
    }
}
