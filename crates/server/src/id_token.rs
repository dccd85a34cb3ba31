//! ID tokens (OpenID Connect Core 2, 3.1.3.6, 3.2.2.10, 3.3.2.11, 5.4, 5.5).

use authmint_jose::{Algorithm, Audience, Secret};
use authmint_oidc::id_token::half_hash;
use authmint_oidc::{IdTokenClaims, PersonClaims};

use crate::client_jwt;
use crate::error::Error;
use crate::server::AuthorizationServer;
use crate::storage::{Client, Grant};

/// The `typ` of ID tokens.
pub(crate) const ID_TOKEN_TYP: &str = "JWT";

/// What an ID token says of the response it comes in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Contents<'a> {
    /// The request's `nonce`.
    pub(crate) nonce: Option<&'a str>,
    /// The access token beside it.
    pub(crate) access_token: Option<&'a Secret>,
    /// The code beside it.
    pub(crate) code: Option<&'a Secret>,
    /// The request's `state`, where it comes through the browser.
    pub(crate) state: Option<&'a str>,
    /// Whether claims that scopes ask for are in it, since there is no access token to fetch them with (Core 5.4).
    pub(crate) with_scope_claims: bool,
}

/// Makes the ID token of a grant.
pub(crate) async fn make(
    server: &AuthorizationServer,
    client: &Client,
    grant: &Grant,
    contents: &Contents<'_>,
) -> Result<Secret, Error> {
    let now = server.now();
    let metadata = &client.metadata;
    let algorithm = algorithm(server, client)?;
    let hash = |value: &str| half_hash(algorithm, value);
    let claims = IdTokenClaims {
        iss: server.issuer().as_str().to_owned(),
        sub: server.subjects(client).name(&grant.subject).into_owned(),
        aud: Audience::from(grant.client_id.as_str()),
        exp: now.saturating_add(server.config().id_token_lifetime),
        iat: now,
        auth_time: Some(grant.auth_time),
        nonce: contents.nonce.map(str::to_owned),
        acr: grant.acr.clone(),
        amr: grant.amr.clone(),
        azp: None,
        at_hash: contents.access_token.and_then(|token| hash(token.expose())),
        c_hash: contents.code.and_then(|code| hash(code.expose())),
        s_hash: contents.state.and_then(hash),
        // Without a session there is nothing to log out of.
        sid: (!grant.session_id.starts_with("none.")).then(|| grant.session_id.clone()),
        person: person(server, grant, contents.with_scope_claims).await?,
    };
    let signed = client_jwt::sign(server, client, algorithm, ID_TOKEN_TYP, &claims).await?;
    let (algorithm, encryption) =
        (&metadata.id_token_encrypted_response_alg, &metadata.id_token_encrypted_response_enc);
    let token =
        client_jwt::encrypt(server, client, signed, algorithm.as_deref(), encryption.as_deref()).await?;
    Ok(Secret::new(token))
}

/// What signs a client's ID tokens.
pub(crate) fn algorithm(server: &AuthorizationServer, client: &Client) -> Result<Algorithm, Error> {
    Ok(match &client.metadata.id_token_signed_response_alg {
        Some(name) => name.parse()?,
        None => server.config().id_token_algorithm,
    })
}

/// What the token says about the person: mostly nothing, since claims are at UserInfo.
async fn person(
    server: &AuthorizationServer,
    grant: &Grant,
    with_scope_claims: bool,
) -> Result<PersonClaims, Error> {
    if !with_scope_claims && grant.id_token_claims.is_empty() {
        return Ok(PersonClaims::default());
    }
    let known = server.claims().claims(&grant.subject).await?.unwrap_or_default();
    Ok(known.select(|name| {
        grant.id_token_claims.iter().any(|asked| asked == name)
            || (with_scope_claims && grant.scope.contains(PersonClaims::scope_of(name)))
    }))
}
