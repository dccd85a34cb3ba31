//! What a user of the crate can add: grants and ways of client authentication, each one file and one registration.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use authmint_jose::Secret;
use authmint_oauth2::{GrantType, Params, Scope, TokenResponse};
use bytes::Bytes;
use http::Request;

use crate::client_auth::VerifiedClient;
use crate::error::Error;
use crate::issue;
use crate::server::AuthorizationServer;
use crate::storage::{Answer, Client};

/// The future of what an extension answers.
pub type Extended<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// A grant of the caller's own (RFC 6749 4.5). A client uses it when its name is among the client's `grant_types`.
///
/// What it says is authenticated is believed: whoever it names, the tokens speak for. It consumes what may be used once by
/// itself, with [`Storage`](crate::storage::Storage)'s `use_once` for example.
pub trait ExtensionGrant: fmt::Debug + Send + Sync {
    /// The `grant_type`.
    fn grant_type(&self) -> &str;

    /// Judges a token request of a client that was authenticated and may use this grant.
    fn exchange<'a>(&'a self, request: GrantRequest<'a>) -> Extended<'a, GrantOutcome>;
}

/// A token request for an extension.
#[derive(Clone, Copy, Debug)]
pub struct GrantRequest<'a> {
    /// The server.
    pub server: &'a AuthorizationServer,
    /// The client.
    pub client: &'a VerifiedClient,
    /// All parameters.
    pub params: &'a Params,
}

/// Whom tokens are issued for, and with what scope. The scope is cut to what the client is registered for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantOutcome {
    /// The client itself.
    Client {
        /// What the token allows.
        scope: Scope,
    },
    /// A person.
    Person {
        /// Their subject.
        subject: String,
        /// What the token allows.
        scope: Scope,
    },
}

/// A way of client authentication of the caller's own. A client uses it when its name is the client's
/// `token_endpoint_auth_method`.
pub trait ExtensionClientAuth: fmt::Debug + Send + Sync {
    /// The method's name.
    fn method(&self) -> &str;

    /// The client that a request names by this method; `None` when it does not use this method at all.
    fn client_id<'a>(&self, request: &'a Request<Bytes>, params: &'a Params) -> Option<&'a str>;

    /// Whether the request proves that it comes from `client`, which registered this method.
    fn authenticate<'a>(
        &'a self,
        client: &'a Client,
        request: &'a Request<Bytes>,
        params: &'a Params,
    ) -> Answer<'a, bool>;
}

/// Checks a person's password for the password grant. Limits and the time it takes are the implementation's.
pub trait PasswordCheck: fmt::Debug + Send + Sync {
    /// The subject whose name and password these are. `request` says where they came from.
    fn subject<'a>(
        &'a self,
        username: &'a str,
        password: &'a Secret,
        request: &'a Request<Bytes>,
    ) -> Extended<'a, Option<String>>;
}

/// Runs the extension that a client is registered for.
pub(crate) async fn exchange(request: GrantRequest<'_>, name: &str) -> Result<TokenResponse, Error> {
    let GrantRequest { server, client, params } = request;
    let grant = server.extension_grant(name).ok_or_else(authmint_oauth2::Error::unsupported_grant_type)?;
    client.may_use(&GrantType::from(name))?;
    let resource = authmint_oauth2::resource::from_params(params)?;
    let outcome = grant.exchange(request).await?;
    let registered = |scope: &Scope| scope.filter(|token| client.client().metadata.scope.contains(token));
    match outcome {
        GrantOutcome::Client { scope } => {
            issue::for_client(server, client, registered(&scope), &resource).await
        }
        GrantOutcome::Person { subject, scope } => {
            issue::for_subject(server, client, subject, registered(&scope), resource).await
        }
    }
}

/// The extension that a request authenticates by, and the client it names.
pub(crate) fn client_auth<'s, 'r>(
    server: &'s AuthorizationServer,
    request: &'r Request<Bytes>,
    params: &'r Params,
) -> Option<(&'s dyn ExtensionClientAuth, &'r str)> {
    server.extension_client_auth().find_map(|method| Some((method, method.client_id(request, params)?)))
}
