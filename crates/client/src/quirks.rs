//! Where providers do otherwise than the specifications say: as data, which the steps of a login read.
//!
//! The defaults are the specifications. [`known`](crate::known) sets what is known of single providers.

/// What is different about a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Quirks {
    /// ID tokens don't repeat the `nonce`. What binds the answer to the login then is PKCE and `state`.
    pub no_nonce: bool,
    /// ID tokens come from one issuer for each tenant. `{tid}` in this pattern stands for the claim `tid` of the token, which
    /// must be a UUID; everything else is compared as it is.
    pub tenant_issuer: Option<String>,
    /// The client's secret is a JWT that the client signs for itself: the `iss` of it. The key is
    /// [`ClientAuth::PrivateKey`](crate::ClientAuth::PrivateKey), with its `kid`.
    pub signed_secret: Option<String>,
    /// What stands between two values of a scope.
    pub scope_separator: Option<char>,
    /// How the person is asked for where there is no ID token and no OpenID Connect UserInfo endpoint.
    pub user_info: Option<UserInfoMap>,
}

/// Where the claims about a person stand in the answer of a provider's own interface, by JSON pointer (RFC 6901).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserInfoMap {
    /// The name that is never given to another person: a string or a number.
    pub sub: &'static str,
    /// The name for display.
    pub name: &'static str,
    /// The name they log in with.
    pub preferred_username: &'static str,
    /// The e-mail address.
    pub email: &'static str,
    /// Whether the address was verified.
    pub email_verified: &'static str,
    /// A picture.
    pub picture: &'static str,
    /// A page about the person.
    pub profile: &'static str,
    /// Where the addresses are if they are not in the answer: a list of objects with `email`, `primary` and `verified`.
    pub emails_url: Option<&'static str>,
}
