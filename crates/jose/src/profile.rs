//! Policies for the kinds of token that OAuth and OpenID Connect know. Each fixes `typ` and the claims by which one kind is
//! never taken for another (RFC 8725 3.11, 3.12).

use std::time::Duration;

use serde_json::Value;

use crate::algorithm::Algorithm;
use crate::policy::Policy;

/// The type of a client assertion (draft-ietf-oauth-rfc7523bis 4).
pub const CLIENT_ASSERTION_TYPE: &str = "client-authentication+jwt";

/// Where the event of a logout token stands (RFC 6901).
const LOGOUT_EVENT: &str = "/events/http:~1~1schemas.openid.net~1event~1backchannel-logout";

fn is_string(claims: &Value, name: &str) -> bool {
    claims.get(name).is_some_and(Value::is_string)
}

impl Policy {
    /// An ID token for a client (OpenID Connect Core 2, 3.1.3.7). Older than typing, so it may have none; `nonce`, `azp` and the
    /// hashes depend on the request and are the client's to check. A logout token, which has `events`, is none.
    #[must_use]
    pub fn id_token(algorithms: &[Algorithm], issuer: &str, client_id: &str) -> Self {
        Self::new(algorithms)
            .typ_or_absent("JWT")
            .issuer(issuer)
            .audience(client_id)
            .require(&["sub", "iat"])
            .forbid("events")
    }

    /// An access token for an API (RFC 9068 2.2, 4).
    #[must_use]
    pub fn access_token(algorithms: &[Algorithm], issuer: &str, audience: &str) -> Self {
        Self::new(algorithms).typ("at+jwt").issuer(issuer).audience(audience).require(&[
            "sub",
            "client_id",
            "iat",
            "jti",
        ])
    }

    /// A logout token for a client (OpenID Connect Back-Channel Logout 2.4, 2.6). That its `jti` is new is the client's to
    /// check.
    #[must_use]
    pub fn logout_token(algorithms: &[Algorithm], issuer: &str, client_id: &str) -> Self {
        Self::new(algorithms)
            .typ_or_absent("logout+jwt")
            .issuer(issuer)
            .audience(client_id)
            .require(&["iat", "jti", "events"])
            .check("events names a back-channel logout, with an object", |claims| {
                claims.pointer(LOGOUT_EVENT).is_some_and(Value::is_object)
            })
            .check("there is a sub or a sid", |claims| is_string(claims, "sub") || is_string(claims, "sid"))
            .forbid("nonce")
    }

    /// A client's assertion of who it is, for the server whose issuer is `audience` (RFC 7523 3,
    /// draft-ietf-oauth-rfc7523bis 4). That its `jti` is new is the server's to check.
    #[must_use]
    pub fn client_assertion(algorithms: &[Algorithm], client_id: &str, audience: &str) -> Self {
        Self::new(algorithms)
            .typ(CLIENT_ASSERTION_TYPE)
            .issuer(client_id)
            .subject(client_id)
            .sole_audience(audience)
            .require(&["jti"])
    }

    /// A DPoP proof that is not older than `age` (RFC 9449 4.2, 4.3). The key comes with it, and with the key, what `htm`,
    /// `htu`, `ath` and `nonce` must be, which are the receiver's to check, as is that its `jti` is new.
    #[must_use]
    pub fn dpop_proof(algorithms: &[Algorithm], age: Duration) -> Self {
        Self::new(algorithms)
            .typ("dpop+jwt")
            .any_issuer()
            .any_audience()
            .accept_expired()
            .require(&["jti", "htm", "htu", "iat"])
            .max_age(age)
            .check("jti, htm and htu are strings", |claims| {
                ["jti", "htm", "htu"].iter().all(|name| is_string(claims, name))
            })
    }
}
