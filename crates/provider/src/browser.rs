//! What ties requests of one browser together: four cookies, and the CSRF token that follows from the first.
//!
//! The browser cookie names the browser from its first visit; interactions and forms are bound to it. The session cookie
//! names a login and changes with each. The device cookie says that this browser has logged in to an account before. These
//! are `HttpOnly` and `SameSite=Lax`.
//!
//! The state cookie is what the frame of Session Management reads: another for each login session, and worth nothing. A script
//! reads it on a page that other sites frame, so it is neither `HttpOnly` nor, with `https`, kept to this site. Browsers that keep
//! cookies from framed pages keep this one too; their frame then says "changed".
//!
//! With `https` all carry the prefix `__Host-`, so that no other host can plant them (RFC 6265bis 4.1.3.2).

use authmint_jose::{
    SealingKey, Secret, SystemEntropy, Timestamp, base64url, constant_time_eq, random_token,
};
use authmint_server::Session;
use bytes::Bytes;
use http::header::{COOKIE, HeaderValue};
use http::{HeaderMap, Request};

use crate::error::Error;
use crate::storage::Account;

/// For how long a browser is known after a login, in seconds: half a year.
const DEVICE_SECONDS: u64 = 183 * 24 * 60 * 60;

/// Where the names of the cookies come from, and the key of the CSRF tokens.
#[derive(Clone, Debug)]
pub(crate) struct Cookies {
    secure: bool,
    csrf_key: SealingKey,
    device_key: SealingKey,
    state_key: SealingKey,
}

/// A browser, as its cookies present it.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    /// The secret of the browser cookie.
    pub(crate) secret: Secret,
    /// Whether it has to be set.
    pub(crate) is_new: bool,
    /// The secret of the session cookie.
    pub(crate) session: Option<Secret>,
}

impl Cookies {
    pub(crate) fn new(secure: bool, sealing_key: &SealingKey) -> Self {
        Self {
            secure,
            csrf_key: sealing_key.derive("authmint csrf"),
            device_key: sealing_key.derive("authmint device"),
            state_key: sealing_key.derive("authmint browser state"),
        }
    }

    /// Reads the cookies of a request; a browser that has none gets one.
    pub(crate) fn read(&self, request: &Request<Bytes>) -> Result<Browser, Error> {
        let known = cookie(request.headers(), &self.name("browser"));
        let is_new = known.is_none();
        let secret = match known {
            Some(secret) => secret,
            None => random_token(&SystemEntropy)?,
        };
        Ok(Browser { secret, is_new, session: cookie(request.headers(), &self.name("session")) })
    }

    /// `Set-Cookie` for the browser cookie: for the life of the browser window.
    pub(crate) fn set_browser(&self, secret: &Secret) -> HeaderValue {
        self.set("browser", secret.expose(), "")
    }

    /// `Set-Cookie` for the session cookie.
    pub(crate) fn set_session(&self, secret: &Secret) -> HeaderValue {
        self.set("session", secret.expose(), "")
    }

    /// `Set-Cookie` for the device cookie, after a login to `account`.
    pub(crate) fn set_device(&self, account: &Account) -> HeaderValue {
        self.set("device", &self.device(account), &format!("; Max-Age={DEVICE_SECONDS}"))
    }

    /// Whether this browser has logged in to `account` before.
    pub(crate) fn is_device_of(&self, request: &Request<Bytes>, account: &Account) -> bool {
        cookie(request.headers(), &self.name("device")).is_some_and(|presented| {
            constant_time_eq(presented.expose().as_bytes(), self.device(account).as_bytes())
        })
    }

    /// Bound to the password, so that a new one makes every browser a stranger.
    fn device(&self, account: &Account) -> String {
        let bound = format!("{}\n{}", account.subject, account.password_hash);
        base64url::encode(&self.device_key.mac(bound.as_bytes()))
    }

    /// `Set-Cookie` that removes the session cookie.
    pub(crate) fn clear_session(&self) -> HeaderValue {
        self.set("session", "", "; Max-Age=0")
    }

    /// The state of a browser in which a person stays signed in (Session Management 2): the same until the session ends, and
    /// nothing that those who know its `sid` could make.
    pub(crate) fn state(&self, session_id: &str) -> String {
        base64url::encode(&self.state_key.mac(session_id.as_bytes()))
    }

    /// The name of the state cookie, for the script that reads it.
    pub(crate) fn state_name(&self) -> String {
        self.name("state")
    }

    /// `Set-Cookie` for the state cookie, which ends with the session.
    pub(crate) fn set_state(&self, session: &Session, now: Timestamp) -> HeaderValue {
        let seconds = session.expires_at.as_secs().saturating_sub(now.as_secs());
        self.state_header(&self.state(&session.id), seconds)
    }

    /// `Set-Cookie` that removes the state cookie.
    pub(crate) fn clear_state(&self) -> HeaderValue {
        self.state_header("", 0)
    }

    fn state_header(&self, value: &str, seconds: u64) -> HeaderValue {
        // Browsers take SameSite=None over TLS alone.
        let site = if self.secure { "None; Secure" } else { "Lax" };
        let name = self.state_name();
        HeaderValue::try_from(format!("{name}={value}; Path=/; SameSite={site}; Max-Age={seconds}"))
            .unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    /// The CSRF token of a form: fits one browser, one form, one interaction (or whatever else it is bound to).
    pub(crate) fn csrf(&self, browser: &Browser, form: &str, interaction: &str) -> String {
        let bound = format!("{form}\n{interaction}\n{}", browser.secret.expose());
        base64url::encode(&self.csrf_key.mac(bound.as_bytes()))
    }

    /// Checks a form's token, and that the browser itself says the form is ours where it says anything.
    pub(crate) fn check_csrf(
        &self,
        request: &Request<Bytes>,
        browser: &Browser,
        form: &str,
        interaction: &str,
        presented: Option<&str>,
    ) -> bool {
        let site = request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
        let ours = site.is_none_or(|site| matches!(site, b"same-origin" | b"none"));
        let expected = self.csrf(browser, form, interaction);
        let fits = constant_time_eq(expected.as_bytes(), presented.unwrap_or_default().as_bytes());
        ours && fits && !browser.is_new
    }

    fn name(&self, what: &str) -> String {
        let prefix = if self.secure { "__Host-" } else { "" };
        format!("{prefix}authmint-{what}")
    }

    fn set(&self, what: &str, value: &str, more: &str) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}", self.name(what));
        // Names and values are ours: base64url and ASCII.
        let mut header = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
        header.set_sensitive(true);
        header
    }
}

/// The value of a cookie, if it is one of our secrets; of two with one name, none (RFC 6265 4.2.2: their order is not told).
fn cookie(headers: &HeaderMap, name: &str) -> Option<Secret> {
    let mut found = None;
    for header in headers.get_all(COOKIE) {
        // As bytes: another application's cookie may hold any, and must not hide ours.
        for pair in header.as_bytes().split(|byte| *byte == b';') {
            let Ok(pair) = std::str::from_utf8(pair) else { continue };
            // What browsers trim and nothing more: a name that begins with another space has no `__Host-` for them, and any subdomain
            // may set it.
            let Some((known, value)) = pair.trim_matches([' ', '\t']).split_once('=') else { continue };
            if known == name {
                if found.is_some() {
                    return None;
                }
                found = Some(value);
            }
        }
    }
    let is_secret = |value: &&str| {
        value.len() == 43 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    found.filter(is_secret).map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(cookies: &str, site: Option<&str>) -> Request<Bytes> {
        let mut builder = Request::post("/login").header(COOKIE, cookies);
        if let Some(site) = site {
            builder = builder.header("sec-fetch-site", site);
        }
        builder.body(Bytes::new()).unwrap()
    }

    #[test]
    fn s32_a_cookie_is_called_what_the_browser_thinks_it_is_called() {
        let secret = "a".repeat(43);
        for (space, is_found) in [(" ", true), ("\t", true), ("\u{a0}", false), ("\u{2000}", false)] {
            let request = request(&format!("x=1;{space}__Host-authmint-session={secret}"), None);
            assert_eq!(cookie(request.headers(), "__Host-authmint-session").is_some(), is_found, "{space:?}");
        }
    }

    #[test]
    fn s31_a_forms_token_fits_one_browser_one_form_and_one_interaction() {
        let cookies = Cookies::new(true, &SealingKey::generate().unwrap());
        let (one, other) = ("a".repeat(43), "b".repeat(43));
        let one = request(&format!("__Host-authmint-browser={one}"), None);
        let browser = cookies.read(&one).unwrap();
        let token = cookies.csrf(&browser, "login", "i1");
        assert!(cookies.check_csrf(&one, &browser, "login", "i1", Some(&token)));
        for (form, interaction, presented) in [
            ("consent", "i1", Some(&*token)),
            ("login", "i2", Some(&*token)),
            ("login", "i1", None),
            ("login", "i1", Some("")),
        ] {
            assert!(!cookies.check_csrf(&one, &browser, form, interaction, presented));
        }
        let other = request(&format!("__Host-authmint-browser={other}"), None);
        let foreign = cookies.read(&other).unwrap();
        assert!(!cookies.check_csrf(&other, &foreign, "login", "i1", Some(&token)));
        let cross = request("", Some("cross-site"));
        assert!(!cookies.check_csrf(&cross, &browser, "login", "i1", Some(&token)));
    }

    #[test]
    fn s32_planted_and_doubled_cookies_are_not_taken() {
        let cookies = Cookies::new(true, &SealingKey::generate().unwrap());
        let value = "a".repeat(43);
        for planted in [
            format!("authmint-session={value}"),
            format!("__Host-authmint-session={value}; __Host-authmint-session={value}"),
            "__Host-authmint-session=short".to_owned(),
        ] {
            assert!(cookies.read(&request(&planted, None)).unwrap().session.is_none(), "{planted}");
        }
        let set = cookies.set_session(&Secret::new(value));
        let set = set.to_str().unwrap();
        assert!(
            set.starts_with("__Host-")
                && set.contains("HttpOnly")
                && set.contains("Secure")
                && set.contains("SameSite=Lax")
        );
    }
}
