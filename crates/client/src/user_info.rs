//! Who the person is: the UserInfo endpoint (OpenID Connect Core 5.3), plain, signed or encrypted, or a provider's own interface.

use authmint_jose::Policy;
use authmint_oidc::{IdTokenClaims, PersonClaims, UserInfo};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{Request, Response};
use serde_json::Value;

use crate::client::Client;
use crate::error::Error;
use crate::id_token::{decrypt, invalid, verify_jwt};
use crate::lenient::Lenient;
use crate::quirks::UserInfoMap;
use crate::request;
use crate::token::Tokens;

const ENDPOINT: &str = "the UserInfo endpoint";

impl Client {
    /// The person, as the UserInfo endpoint knows them (Core 5.3); `subject` is the ID token's `sub`.
    ///
    /// # Errors
    /// [`Error::IdToken`] when the answer speaks of another person (Core 5.3.2), or is not signed or encrypted as it should be.
    pub async fn user_info(&self, tokens: &Tokens, subject: &str) -> Result<UserInfo, Error> {
        let url = self.endpoint("userinfo_endpoint", self.metadata().userinfo_endpoint.as_ref())?;
        let response = self.ask(tokens, url).await?;
        let user_info = self.read_user_info(&response).await?;
        if user_info.sub != subject {
            return Err(invalid("UserInfo speaks of another person"));
        }
        Ok(user_info)
    }

    /// The person of a login, from wherever this provider tells it.
    pub(crate) async fn person(
        &self,
        tokens: &Tokens,
        id_token: Option<&IdTokenClaims>,
    ) -> Result<UserInfo, Error> {
        // RFC 8707 2.2: a token that is for an API is not for UserInfo.
        let is_for_apis = !self.config().resources.is_empty();
        match (id_token, &self.metadata().userinfo_endpoint, &self.config().quirks.user_info) {
            (Some(id_token), Some(_), None) if !is_for_apis => self.user_info(tokens, &id_token.sub).await,
            (Some(id_token), _, _) => {
                Ok(UserInfo { sub: id_token.sub.clone(), claims: id_token.person.clone() })
            }
            (None, Some(url), Some(map)) => self.mapped(tokens, url, map).await,
            (None, _, _) => Err(Error::Configuration(
                "without openid in the scope nobody says who the person is: use callback_for_tokens",
            )),
        }
    }

    async fn ask(&self, tokens: &Tokens, url: &str) -> Result<Response<Bytes>, Error> {
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = request::address(self, url)?;
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json, application/jwt"));
        let response = request::with_token(self, &request, &tokens.access_token, tokens.token_type).await?;
        request::check(ENDPOINT, &response)?;
        Ok(response)
    }

    async fn read_user_info(&self, response: &Response<Bytes>) -> Result<UserInfo, Error> {
        let config = self.config();
        let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_jwt = content_type.is_some_and(|value| {
            value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/jwt"))
        });
        if !config.user_info_is_signed {
            if is_jwt {
                return Err(Error::Configuration(
                    "UserInfo is a JWT: say signed_user_info or encrypted_user_info in the ClientConfig",
                ));
            }
            let Lenient(user_info) = request::read(ENDPOINT, response)?;
            return Ok(user_info);
        }
        let text = std::str::from_utf8(response.body()).ok().filter(|_| is_jwt);
        let text = text.ok_or_else(|| invalid("UserInfo is not signed, though it should be"))?.trim();
        let decrypted = decrypt(text, config.user_info_decryption.as_ref())?;
        // Core 5.3.2: it has iss and aud; it need not expire, for it was asked for just now.
        let policy = Policy::new(&config.id_token_algorithms)
            .typ_or_absent("JWT")
            .issuer(config.issuer.as_str())
            .audience(&config.client_id)
            .require(&["sub"])
            .forbid("nonce")
            .forbid("events")
            .accept_expired()
            .leeway(config.leeway);
        let jwt =
            verify_jwt::<Lenient<UserInfo>>(self, decrypted.as_deref().unwrap_or(text), &policy).await?;
        Ok(jwt.claims.0)
    }

    /// Reads the answer of a provider's own interface.
    async fn mapped(&self, tokens: &Tokens, url: &str, map: &UserInfoMap) -> Result<UserInfo, Error> {
        let answer: Value = request::read(ENDPOINT, &self.ask(tokens, url).await?)?;
        let mut user_info = read_mapped(&answer, map).ok_or(Error::Response {
            endpoint: ENDPOINT,
            problem: "an answer that does not name the person",
        })?;
        if let Some(url) = map.emails_url {
            let emails: Value = request::read(ENDPOINT, &self.ask(tokens, url).await?)?;
            (user_info.claims.email, user_info.claims.email_verified) = main_address(&emails);
        }
        Ok(user_info)
    }
}

fn read_mapped(answer: &Value, map: &UserInfoMap) -> Option<UserInfo> {
    let find = |pointer: &str| if pointer.is_empty() { None } else { answer.pointer(pointer) };
    let text = |pointer: &str| find(pointer).and_then(Value::as_str).map(str::to_owned);
    let sub = match find(map.sub)? {
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::Number(number) if number.is_u64() => number.to_string(),
        _ => return None,
    };
    let claims = PersonClaims {
        name: text(map.name),
        preferred_username: text(map.preferred_username),
        email: text(map.email),
        email_verified: find(map.email_verified).and_then(Value::as_bool),
        picture: text(map.picture),
        profile: text(map.profile),
        ..PersonClaims::default()
    };
    Some(UserInfo { sub, claims })
}

/// The address that the person calls their main one, and whether it was verified.
fn main_address(emails: &Value) -> (Option<String>, Option<bool>) {
    let is = |entry: &Value, name: &str| entry.get(name).and_then(Value::as_bool) == Some(true);
    let main = emails.as_array().and_then(|list| list.iter().find(|entry| is(entry, "primary")));
    let address = main.and_then(|entry| entry.get("email")?.as_str().map(str::to_owned));
    (address, main.map(|entry| is(entry, "verified")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_person_is_found_where_the_map_says() {
        let map = UserInfoMap {
            sub: "/data/id",
            name: "/data/name",
            email_verified: "/verified",
            ..UserInfoMap::default()
        };
        let person =
            read_mapped(&json!({ "data": { "id": 7, "name": "Ada" }, "verified": "true" }), &map).unwrap();
        assert_eq!((person.sub.as_str(), person.claims.name.as_deref()), ("7", Some("Ada")));
        assert_eq!(person.claims.email_verified, None, "a string verifies nothing");
        for nobody in [json!({}), json!({ "data": { "id": "" } }), json!({ "data": { "id": -1 } }), json!([])]
        {
            assert!(read_mapped(&nobody, &map).is_none(), "{nobody}");
        }
    }

    #[test]
    fn the_main_address_counts_and_no_other() {
        let emails = json!([
            { "email": "other@example.com", "primary": false, "verified": true },
            { "email": "ada@example.com", "primary": true, "verified": false },
        ]);
        assert_eq!(main_address(&emails), (Some("ada@example.com".to_owned()), Some(false)));
        assert_eq!(main_address(&json!({ "message": "no" })), (None, None));
    }
}
