//! `/login`: to the provider, or to the page that asks which one; also when somebody else sends the person here (OpenID Connect
//! Core 4).

use authmint_client::{LoginOptions, ThirdPartyLogin};
use authmint_jose::{base64url, sha256};
use authmint_oauth2::Params;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};

use crate::address::{is_local_path, local_path};
use crate::choice::Choice;
use crate::cookie::{self, SameSite};
use crate::failure::LoginFailure;
use crate::login::{Keeping, Login, add_cookies, parameters};
use crate::pending::{LIFETIME, Pending, tag};
use crate::provider::Provider;
use crate::reply::{Reply, not_allowed, private, see_other, text};

/// The most logins that wait in one browser. More cookies than that, and servers refuse its requests for their length.
const MOST_WAITING: usize = 5;
/// The most bytes that they take together: many proxies read 8 KiB of cookies, and the session's are among them.
const MOST_BYTES: usize = 4096;

impl Login {
    pub(crate) async fn begin(
        &self,
        provider: Option<&Provider>,
        request: &Request<Bytes>,
    ) -> Result<Reply, LoginFailure> {
        let is_wish_by_form = provider.is_none() && *request.method() == Method::POST;
        if *request.method() != Method::GET && !is_wish_by_form {
            return Ok(not_allowed("GET"));
        }
        let headers = request.headers();
        if !is_navigation(headers) {
            return Ok(text(
                StatusCode::BAD_REQUEST,
                "A login begins by going to this address, not within a page.\n",
            ));
        }
        let given = parameters(request);
        let params = Params::parse(given.as_bytes()).map_err(|error| LoginFailure::Client(error.into()))?;
        if is_wish_by_form {
            // From another site it comes without our cookies, the logins that wait among them; the same by GET brings them.
            return Ok(see_other(&format!("/login?{}", params.to_query())));
        }
        let options = &self.inner.options;
        if provider.is_none() && params.get("iss").is_some() {
            let wish = ThirdPartyLogin::parse(given)?;
            let mut known = self.inner.providers.iter();
            let provider = known
                .find(|known| known.issuer() == wish.issuer.as_str())
                .ok_or(LoginFailure::UnknownProvider)?;
            let origin = provider.own_origin().unwrap_or_default();
            let target = wish.target_link_uri.as_deref().and_then(|target| local_path(target, &origin));
            let hinted = wish.login_hint.map(|hint| options.clone().login_hint(hint));
            return self
                .start(provider, hinted.as_ref().unwrap_or(options), target.unwrap_or("/"), headers)
                .await;
        }
        let return_to = params.get("return_to").filter(|path| is_local_path(path)).unwrap_or("/");
        match (provider, self.inner.providers.as_slice()) {
            (Some(provider), _) | (None, [provider]) => {
                self.start(provider, options, return_to, headers).await
            }
            (None, several) => {
                let mut page = (self.inner.choice_page)(&choices(several, return_to));
                private(page.headers_mut());
                Ok(page)
            }
        }
    }

    async fn start(
        &self,
        provider: &Provider,
        options: &LoginOptions,
        return_to: &str,
        headers: &HeaderMap,
    ) -> Result<Reply, LoginFailure> {
        let inner = &self.inner;
        let (address, login) = provider.client.start(options).await?;
        let prefix = self.pending_prefix();
        let name = format!("{prefix}{}", tag(login.state()));
        let previous = match &inner.keeping {
            Keeping::Store(_) => cookie::read(headers, &self.session_cookie()),
            Keeping::Cookies(_) => None,
        };
        let pending = Pending {
            login,
            provider: provider.name.clone(),
            return_to: return_to.to_owned(),
            previous: previous.map(|cookie| base64url::encode(&sha256(cookie.as_bytes()))),
            expires_at: inner.clock.now().saturating_add(LIFETIME),
        };
        let sealed = pending.seal(&inner.key)?;
        // The form comes from the provider's site. The cookie opens one login and nothing else, so it may come along.
        let same_site = if provider.client.is_answered_by_form() { SameSite::None } else { SameSite::Lax };
        let mut reply = see_other(&address);
        add_cookies(&mut reply, [inner.jar.set(&name, &sealed, same_site, Some(LIFETIME.as_secs()))]);
        // Browsers send what they got first first (RFC 6265 5.4).
        let waiting: Vec<_> = cookie::pairs(headers).filter(|(name, _)| name.starts_with(&prefix)).collect();
        let size = |name: &str, value: &str| name.len().saturating_add(value.len());
        let (mut count, mut bytes) = (1_usize, size(&name, &sealed));
        let too_many = waiting.into_iter().rev().filter(|(name, value)| {
            (count, bytes) = (count.saturating_add(1), bytes.saturating_add(size(name, value)));
            count > MOST_WAITING || bytes > MOST_BYTES
        });
        add_cookies(&mut reply, too_many.map(|(name, _)| inner.jar.remove(name)));
        Ok(reply)
    }

    pub(crate) fn pending_prefix(&self) -> String {
        format!("{}-login-", self.inner.jar.name)
    }
}

/// Whether a person goes here, as far as the browser says (Fetch Metadata). A page of another site could otherwise load this
/// address a hundred times within itself, and fill the browser with cookies.
fn is_navigation(headers: &HeaderMap) -> bool {
    let is = |name: &str, expected: &str| headers.get(name).is_none_or(|value| value == expected);
    is("sec-fetch-mode", "navigate") && is("sec-fetch-dest", "document")
}

fn choices(providers: &[Provider], return_to: &str) -> Vec<Choice> {
    let query = Params::from_iter([("return_to", return_to)]).to_query();
    let choice = |provider: &Provider| Choice {
        name: provider.name.clone(),
        title: provider.title.clone(),
        address: format!("{}?{query}", provider.login_path()),
    };
    providers.iter().map(choice).collect()
}
