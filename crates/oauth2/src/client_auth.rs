//! How a client shows who it is (RFC 6749 2.3; RFC 7521 4.2 and RFC 7523 2.2; OpenID Connect Core 9).
//!
//! [`ClientCredentials`] is what a request *presents*; whether it is true is decided by `authmint-server`. A request
//! that presents two methods at once is refused here (RFC 6749 2.3), before anyone can choose the weaker one.
//! [`ClientAuth`] is what a client *has*, and makes the one of the other.

mod own;

use authmint_jose::Secret;
use data_encoding::BASE64;
use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderValue};

use crate::error::{Error, ErrorCode};
use crate::params::{self, Params};
use crate::registered::registered_names;

pub use self::own::ClientAuth;

/// The `client_assertion_type` of a JWT (RFC 7523 2.2).
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

registered_names! {
    /// A way of authenticating at the token endpoint, by its registered name.
    ClientAuthMethod {
        /// A public client: no secret, PKCE is its proof.
        None = "none",
        /// The secret in HTTP Basic.
        ClientSecretBasic = "client_secret_basic",
        /// The secret in the form.
        ClientSecretPost = "client_secret_post",
        /// A JWT authenticated with the secret.
        ClientSecretJwt = "client_secret_jwt",
        /// A JWT signed with the client's private key.
        PrivateKeyJwt = "private_key_jwt",
    }
}

impl ClientAuthMethod {
    /// Whether it needs a secret that client and server share.
    #[must_use]
    pub fn uses_secret(&self) -> bool {
        matches!(self, Self::ClientSecretBasic | Self::ClientSecretPost | Self::ClientSecretJwt)
    }
}

/// What one request presents.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientCredentials {
    /// Only a name.
    None {
        /// `client_id`.
        client_id: String,
    },
    /// Name and secret in the `Authorization` header.
    Basic {
        /// The decoded user name.
        client_id: String,
        /// The decoded password.
        client_secret: Secret,
    },
    /// Name and secret in the form.
    Post {
        /// `client_id`.
        client_id: String,
        /// `client_secret`.
        client_secret: Secret,
    },
    /// A signed assertion.
    Assertion {
        /// `client_id`, if it was sent; the assertion's subject must then be the same.
        client_id: Option<String>,
        /// The JWT.
        assertion: Secret,
    },
}

impl ClientCredentials {
    /// Reads what a request presents.
    ///
    /// # Errors
    /// `invalid_request` when several methods are used at once or an assertion type is unknown, `invalid_client` when
    /// there is nothing at all or the Basic header is broken.
    ///
    /// ```
    /// use authmint_oauth2::{ClientCredentials, Params};
    ///
    /// let params = Params::parse(b"grant_type=client_credentials&client_id=app&client_secret=s3cret")?;
    /// let presented = ClientCredentials::from_request(&http::HeaderMap::new(), &params)?;
    /// assert_eq!(presented.client_id(), Some("app"));
    /// # Ok::<(), authmint_oauth2::Error>(())
    /// ```
    pub fn from_request(headers: &HeaderMap, params: &Params) -> Result<Self, Error> {
        let basic = basic(headers)?;
        let secret = params.get("client_secret");
        let assertion = params.get("client_assertion");
        let client_id = params.get("client_id").map(str::to_owned);
        match (basic, secret, assertion) {
            (Some((name, client_secret)), None, None) => {
                if client_id.is_some_and(|other| other != name) {
                    return Err(Error::malformed("client_id", "the one of the Authorization header"));
                }
                Ok(Self::Basic { client_id: name, client_secret })
            }
            (None, Some(secret), None) => Ok(Self::Post {
                client_id: client_id.ok_or_else(|| Error::missing("client_id"))?,
                client_secret: Secret::new(secret),
            }),
            (None, None, Some(assertion)) => {
                if params.require("client_assertion_type")? != JWT_BEARER {
                    return Err(Error::malformed("client_assertion_type", JWT_BEARER).section("RFC 7523 2.2"));
                }
                Ok(Self::Assertion { client_id, assertion: Secret::new(assertion) })
            }
            (None, None, None) => match client_id {
                Some(client_id) => Ok(Self::None { client_id }),
                None => Err(Error::new(
                    ErrorCode::InvalidClient,
                    "the request does not say which client it is from: send client_id or an Authorization header",
                )
                .section("RFC 6749 3.2.1")),
            },
            _ => Err(Error::new(ErrorCode::InvalidRequest, "more than one client authentication method is used")
                .section("RFC 6749 2.3")),
        }
    }

    /// Puts the credentials into a request that is being built.
    pub fn apply(&self, headers: &mut HeaderMap, params: &mut Params) {
        match self {
            Self::None { client_id } => params.set("client_id", client_id),
            Self::Basic { client_id, client_secret } => {
                let encode =
                    |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encode(client_id), encode(client_secret.expose()));
                if let Ok(mut value) =
                    HeaderValue::try_from(format!("Basic {}", BASE64.encode(pair.as_bytes())))
                {
                    value.set_sensitive(true);
                    headers.insert(AUTHORIZATION, value);
                }
            }
            Self::Post { client_id, client_secret } => {
                params.set("client_id", client_id);
                params.set("client_secret", client_secret.expose());
            }
            Self::Assertion { client_id, assertion } => {
                params.set_some("client_id", client_id.as_deref());
                params.set("client_assertion_type", JWT_BEARER);
                params.set("client_assertion", assertion.expose());
            }
        }
    }

    /// The name that is presented, where it stands outside an assertion.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::None { client_id } | Self::Basic { client_id, .. } | Self::Post { client_id, .. } => {
                Some(client_id)
            }
            Self::Assertion { client_id, .. } => client_id.as_deref(),
        }
    }

    /// Whether this is how a client of that method authenticates. Which key signed an assertion is not seen here.
    #[must_use]
    pub fn fits(&self, method: &ClientAuthMethod) -> bool {
        match self {
            Self::None { .. } => *method == ClientAuthMethod::None,
            Self::Basic { .. } => *method == ClientAuthMethod::ClientSecretBasic,
            Self::Post { .. } => *method == ClientAuthMethod::ClientSecretPost,
            Self::Assertion { .. } => {
                matches!(method, ClientAuthMethod::PrivateKeyJwt | ClientAuthMethod::ClientSecretJwt)
            }
        }
    }
}

/// User name and password of HTTP Basic, each form-encoded before they were joined (RFC 6749 2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<(String, Secret)>, Error> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let broken = || {
        Error::new(
            ErrorCode::InvalidClient,
            "the Authorization header must be Basic with base64 of client_id:client_secret, each form-encoded",
        )
        .section("RFC 6749 2.3.1")
    };
    if values.next().is_some() {
        return Err(broken());
    }
    let text = value.to_str().map_err(|_| broken())?;
    let (scheme, encoded) = text.split_once(' ').ok_or_else(broken)?;
    if !scheme.eq_ignore_ascii_case("basic") || encoded.len() > 4096 {
        return Err(broken());
    }
    let pair = BASE64.decode(encoded.trim().as_bytes()).map_err(|_| broken())?;
    let mut halves = pair.splitn(2, |byte| *byte == b':');
    let name = params::decode(halves.next().unwrap_or_default()).map_err(|_| broken())?;
    let secret = params::decode(halves.next().ok_or_else(broken)?).map_err(|_| broken())?;
    if name.is_empty() {
        return Err(broken());
    }
    Ok(Some((name, Secret::new(secret))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: Option<&str>, form: &str) -> Result<ClientCredentials, Error> {
        let mut headers = HeaderMap::new();
        if let Some(value) = header {
            headers.insert(AUTHORIZATION, value.parse().unwrap());
        }
        ClientCredentials::from_request(&headers, &Params::parse(form.as_bytes()).unwrap())
    }

    #[test]
    fn every_method_is_read_back() {
        for credentials in [
            ClientCredentials::None { client_id: "a".into() },
            ClientCredentials::Basic { client_id: "a:b c".into(), client_secret: Secret::new("p%:&é") },
            ClientCredentials::Post { client_id: "a".into(), client_secret: Secret::new("s") },
            ClientCredentials::Assertion { client_id: None, assertion: Secret::new("x.y.z") },
        ] {
            let (mut headers, mut params) = (HeaderMap::new(), Params::new());
            credentials.apply(&mut headers, &mut params);
            assert_eq!(ClientCredentials::from_request(&headers, &params).unwrap(), credentials);
        }
    }

    #[test]
    fn s34_several_methods_at_once_are_refused() {
        let basic = format!("Basic {}", BASE64.encode(b"a:s"));
        for form in
            ["client_secret=s&client_id=a", "client_assertion=x", "client_secret=s&client_assertion=x"]
        {
            let error = read(Some(&basic), form).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidRequest, "{form}");
        }
        assert!(read(None, "client_id=a&client_secret=s&client_assertion=x").is_err());
        assert!(read(Some(&basic), "client_id=b").is_err());
        assert!(read(Some(&basic), "client_id=a").is_ok());
    }

    #[test]
    fn s34_a_broken_basic_header_is_invalid_client() {
        for value in
            ["Basic", "Basic !!!", "Basic YQ==", "Basic Og==", "Bearer abc", "Digest x", "Basic JTphOmI="]
        {
            let error = read(Some(value), "client_id=a").unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidClient, "{value}");
        }
        assert_eq!(read(None, "").unwrap_err().code(), ErrorCode::InvalidClient);
    }

    #[test]
    fn s18_secrets_are_not_printed() {
        let credentials = read(None, "client_id=a&client_secret=hunter2").unwrap();
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}
