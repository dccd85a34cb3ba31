//! What a verified token says: one reading for JWTs (RFC 9068 2.2, RFC 7519) and for answers of introspection (RFC 7662 2.2),
//! so that the two can't disagree about a claim.

use authmint_jose::{Audience, Timestamp};
use authmint_oauth2::Scope;
use authmint_oauth2::dpop::Confirmation;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Claims that access tokens never have and other kinds of token do: ID tokens, logout tokens, DPoP proofs (RFC 8725 3.12).
const OF_ANOTHER_KIND: [&str; 8] = ["nonce", "at_hash", "c_hash", "s_hash", "events", "htm", "htu", "ath"];

/// A verified access token.
///
/// What every token must say is there without `Option`. JWTs of RFC 9068 have all of it but `auth_time` and `acr`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// Who issued it.
    pub issuer: String,
    /// The person, or the client where it acts for itself. Unique at the issuer only: an API that trusts several keeps it
    /// together with [`issuer`](Self::issuer).
    pub subject: String,
    /// The client it was issued to: `client_id`, `azp`, `cid` or `appid`, the first that is there.
    pub client_id: Option<String>,
    /// What it allows: `scope`, or `scp`.
    pub scope: Scope,
    /// Whom it is for.
    pub audience: Audience,
    /// When it was issued.
    pub issued_at: Option<Timestamp>,
    /// When it expires. Only an introspected token may be silent about it.
    pub expires_at: Option<Timestamp>,
    /// Its identifier.
    pub id: Option<String>,
    /// When the person last proved who they are.
    pub auth_time: Option<Timestamp>,
    /// How they did.
    pub acr: Option<String>,
    /// What it is bound to.
    pub cnf: Confirmation,
    /// The other claims, such as `roles`, `groups`, `permissions`, as the issuer wrote them.
    pub claims: Map<String, Value>,
}

/// The claims of a token, before they are judged.
#[derive(Debug, Deserialize)]
pub(crate) struct TokenClaims {
    pub(crate) iss: Option<String>,
    sub: Option<String>,
    client_id: Option<String>,
    azp: Option<String>,
    cid: Option<String>,
    appid: Option<String>,
    scope: Option<Scope>,
    scp: Option<Scopes>,
    pub(crate) aud: Option<Audience>,
    iat: Option<Timestamp>,
    pub(crate) exp: Option<Timestamp>,
    pub(crate) nbf: Option<Timestamp>,
    jti: Option<String>,
    auth_time: Option<Timestamp>,
    acr: Option<String>,
    #[serde(default, deserialize_with = "known_binding")]
    pub(crate) cnf: Confirmation,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

/// What a token is bound to, if it is bound in a way that is known here. One that is bound otherwise (to a certificate, RFC 8705
/// 3.1) must not pass for one that is bound to nothing.
fn known_binding<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Confirmation, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Known {
        jkt: Option<String>,
    }
    Known::deserialize(deserializer).map(|Known { jkt }| Confirmation { jkt })
}

/// `scp`: a string like `scope`, or an array of its values.
#[derive(Debug)]
struct Scopes(Scope);

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Text(String),
            List(Vec<String>),
        }
        let text = match Form::deserialize(deserializer)? {
            Form::Text(text) => text,
            // A value with a space in it would become two.
            Form::List(values) if values.iter().any(|value| value.contains(' ')) => {
                return Err(serde::de::Error::custom("a value of scp holds a space"));
            }
            Form::List(values) => values.join(" "),
        };
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl TokenClaims {
    /// Why this can't be an access token: a sign of another kind (RFC 8725 3.11, 3.12). `None` when there is no such sign.
    pub(crate) fn another_kind(&self) -> Option<&'static str> {
        if OF_ANOTHER_KIND.iter().any(|name| self.rest.contains_key(*name)) {
            return Some("it has a claim of another kind of token");
        }
        let says = |name: &str, allowed: &[&str]| match self.rest.get(name) {
            None => true,
            Some(value) => {
                value.as_str().is_some_and(|text| allowed.iter().any(|name| text.eq_ignore_ascii_case(name)))
            }
        };
        // Keycloak says in the claims what a token is, Amazon Cognito and Ory Hydra do under another name.
        if !says("typ", &["Bearer", "DPoP"]) || !says("token_use", &["access", "access_token"]) {
            return Some("it says that it is another kind of token");
        }
        None
    }

    /// Whether it says what an access token says and an ID token does not: a scope, or a client that is not its audience.
    pub(crate) fn is_marked(&self) -> bool {
        let by_azp = self.azp.as_ref().is_some_and(|client| {
            // The `azp` of an ID token is the client it was issued to, and so among its audience (Core 2).
            self.aud.as_ref().is_some_and(|audience| !audience.contains(client))
        });
        self.scope.is_some()
            || self.scp.is_some()
            || self.client_id.is_some()
            || self.cid.is_some()
            || self.appid.is_some()
            || by_azp
    }

    /// The token that these claims make.
    pub(crate) fn into_token(
        self,
        issuer: &str,
        client_may_be_subject: bool,
    ) -> Result<AccessToken, &'static str> {
        let client_id = self.client_id.or(self.azp).or(self.cid).or(self.appid);
        let subject = self.sub.filter(|sub| !sub.is_empty());
        let subject = subject.or_else(|| client_id.clone().filter(|_| client_may_be_subject));
        Ok(AccessToken {
            issuer: self.iss.unwrap_or_else(|| issuer.to_owned()),
            subject: subject.ok_or("it has no sub; see take_the_client_for_a_missing_subject")?,
            client_id,
            scope: self.scope.or(self.scp.map(|scopes| scopes.0)).unwrap_or_default(),
            audience: self.aud.unwrap_or_default(),
            issued_at: self.iat,
            expires_at: self.exp,
            id: self.jti,
            auth_time: self.auth_time,
            acr: self.acr,
            cnf: self.cnf,
            claims: self.rest,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(more: &Value) -> Result<TokenClaims, serde_json::Error> {
        let mut claims = json!({ "iss": "https://op.example", "sub": "ada", "aud": "api", "exp": 2_000 });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(claims)
    }

    fn token(more: &Value) -> AccessToken {
        read(more).unwrap().into_token("https://op.example", false).unwrap()
    }

    #[test]
    fn scopes_and_clients_are_found_under_every_name() {
        let scope: Scope = "read write".parse().unwrap();
        for claims in [
            json!({ "scope": "read write" }),
            json!({ "scp": "read write" }),
            json!({ "scp": ["read", "write"] }),
        ] {
            assert_eq!(token(&claims).scope, scope);
        }
        for name in ["client_id", "azp", "cid", "appid"] {
            assert_eq!(token(&json!({ name: "app" })).client_id.as_deref(), Some("app"));
        }
        for claims in [
            json!({ "scp": ["read write"] }),
            json!({ "scp": 1 }),
            json!({ "scope": ["read"] }),
            json!({ "scp": ["a\"b"] }),
        ] {
            assert!(read(&claims).is_err(), "{claims}");
        }
    }

    #[test]
    fn what_is_not_looked_at_is_kept_as_it_is() {
        let token = token(&json!({ "roles": ["admin"], "tid": "17" }));
        assert_eq!(Value::Object(token.claims), json!({ "roles": ["admin"], "tid": "17" }));
    }

    #[test]
    fn a_token_speaks_for_somebody() {
        let nobody = || read(&json!({ "sub": null, "client_id": "job" })).unwrap();
        assert!(nobody().into_token("https://op.example", false).is_err());
        assert_eq!(nobody().into_token("https://op.example", true).unwrap().subject, "job");
        assert!(read(&json!({ "sub": "" })).unwrap().into_token("https://op.example", true).is_err());
    }

    #[test]
    fn s15_other_kinds_of_token_are_known_by_their_claims() {
        for name in OF_ANOTHER_KIND {
            assert!(read(&json!({ name: "x", "scope": "a" })).unwrap().another_kind().is_some(), "{name}");
        }
        for (claims, another) in [
            (json!({ "typ": "Bearer" }), false),
            (json!({ "typ": "DPoP" }), false),
            (json!({ "typ": "ID" }), true),
            (json!({ "typ": "Refresh" }), true),
            (json!({ "typ": 1 }), true),
            (json!({ "token_use": "access" }), false),
            (json!({ "token_use": "id" }), true),
        ] {
            assert_eq!(read(&claims).unwrap().another_kind().is_some(), another, "{claims}");
        }
    }

    #[test]
    fn s15_an_id_token_without_a_nonce_has_no_mark_of_an_access_token() {
        for (claims, marked) in [
            (json!({}), false),
            (json!({ "azp": "api" }), false),
            (json!({ "azp": "app" }), true),
            (json!({ "scope": "openid" }), true),
            (json!({ "scp": "openid" }), true),
            (json!({ "cid": "app" }), true),
            (json!({ "name": "Ada", "email": "ada@example.com", "sid": "1" }), false),
        ] {
            assert_eq!(read(&claims).unwrap().is_marked(), marked, "{claims}");
        }
    }

    #[test]
    fn s38_a_binding_that_is_not_known_is_no_binding_to_nothing() {
        assert!(read(&json!({ "cnf": { "x5t#S256": "x" } })).is_err());
        assert!(read(&json!({ "cnf": null })).is_err());
        assert_eq!(token(&json!({ "cnf": { "jkt": "x" } })).cnf.jkt.as_deref(), Some("x"));
    }
}
