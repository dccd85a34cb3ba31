//! Sessions without a server's memory: the session itself, sealed, in the browser's cookies.

use std::time::Duration;

use authmint_jose::{SealingKey, SystemEntropy, Timestamp, random_token};
use http::HeaderMap;
use http::header::HeaderValue;
use serde::{Deserialize, Serialize};

use crate::cookie::{self, Jar, SameSite};
use crate::session::UserSession;
use crate::sessions::SessionError;

/// The purpose that sessions are sealed for.
const PURPOSE: &str = "authmint-session";
/// How much of a session goes into one cookie: browsers take 4096 bytes with name and flags (RFC 6265bis 5.7).
const PART: usize = 3600;
/// The most cookies of one session.
const PARTS: usize = 4;

/// Sessions that the browser keeps, sealed with the key of the [`Login`](crate::Login). No store is needed, and nothing is
/// shared between processes but the key.
///
/// **Nothing at the server can end such a session.** `/logout` removes it from this browser; who kept a copy of the cookies
/// goes on until it expires. A back-channel logout is answered with 400, since it can't be done, and a refresh that overlaps
/// a logout in another tab brings the session back. That is why it ends an hour after the login whatever happens: the person
/// is then sent to the provider, which mostly logs them in again without a question.
///
/// A session may take 14,400 characters, in at most four cookies. Many proxies read 8 KiB of headers if nothing else is said.
///
/// ```
/// use std::time::Duration;
/// use authmint_web::{Client, CookieSessions, Login, LoginSetupError, SealingKey};
///
/// fn login(client: Client, key: SealingKey) -> Result<Login, LoginSetupError> {
///     Login::builder(client, key).cookie_sessions(CookieSessions::for_at_most(Duration::from_secs(20 * 60))).build()
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CookieSessions {
    lifetime: Duration,
}

impl Default for CookieSessions {
    fn default() -> Self {
        Self { lifetime: Duration::from_secs(60 * 60) }
    }
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    /// What forms are bound to. It stays when the tokens are renewed.
    id: String,
    expires_at: Timestamp,
    session: UserSession,
}

/// A session as it was found.
pub(crate) struct Opened {
    pub(crate) id: String,
    expires_at: Timestamp,
    pub(crate) session: UserSession,
}

impl CookieSessions {
    /// Sessions that end so long after the login; never later than after twelve hours.
    #[must_use]
    pub fn for_at_most(lifetime: Duration) -> Self {
        Self { lifetime: lifetime.min(Duration::from_secs(12 * 60 * 60)) }
    }

    /// The cookies of a new session.
    pub(crate) fn begin(
        self,
        jar: &Jar,
        key: &SealingKey,
        session: UserSession,
        now: Timestamp,
    ) -> Result<Vec<HeaderValue>, SessionError> {
        let id = random_token(&SystemEntropy).map_err(|error| SessionError(error.to_string()))?;
        let expires_at = now.saturating_add(self.lifetime);
        write(jar, key, &Sealed { id: id.expose().to_owned(), expires_at, session }, now)
    }
}

/// The cookies of a session whose tokens were renewed. It ends when it would have ended.
pub(crate) fn rewrite(
    jar: &Jar,
    key: &SealingKey,
    known: Opened,
    session: UserSession,
    now: Timestamp,
) -> Result<Vec<HeaderValue>, SessionError> {
    let Opened { id, expires_at, .. } = known;
    write(jar, key, &Sealed { id, expires_at, session }, now)
}

/// The session of a request.
pub(crate) fn open(jar: &Jar, key: &SealingKey, headers: &HeaderMap, now: Timestamp) -> Option<Opened> {
    let first = cookie::read(headers, &name(jar, 0))?;
    let (count, first) = first.split_once('.')?;
    let count: usize = count.parse().ok().filter(|count| (1..=PARTS).contains(count))?;
    let mut sealed = first.to_owned();
    for part in 1..count {
        // Parts of two sessions don't fit together: the seal is over the whole.
        sealed.push_str(cookie::read(headers, &name(jar, part))?);
    }
    let opened = key.open(PURPOSE, &sealed).ok()?;
    let Sealed { id, expires_at, session } = serde_json::from_slice(&opened).ok()?;
    (now < expires_at).then_some(Opened { id, expires_at, session })
}

/// What removes a session from the browser: every part that the request brought.
pub(crate) fn remove(jar: &Jar, headers: &HeaderMap) -> Vec<HeaderValue> {
    let names = (0..PARTS).map(|part| name(jar, part));
    names
        .filter(|name| cookie::pairs(headers).any(|(known, _)| known == name))
        .map(|name| jar.remove(&name))
        .collect()
}

fn write(
    jar: &Jar,
    key: &SealingKey,
    sealed: &Sealed,
    now: Timestamp,
) -> Result<Vec<HeaderValue>, SessionError> {
    let json = serde_json::to_vec(sealed).map_err(|error| SessionError(error.to_string()))?;
    let text = key.seal(PURPOSE, &json).map_err(|error| SessionError(error.to_string()))?;
    let parts: Vec<&str> =
        text.as_bytes().chunks(PART).map(|part| std::str::from_utf8(part).unwrap_or_default()).collect();
    if parts.len() > PARTS {
        return Err(SessionError(format!(
            "a session of {} characters is too long for cookies: keep sessions at the server, or ask the provider for less",
            text.len()
        )));
    }
    let seconds = sealed.expires_at.since(now).as_secs();
    let set = |(part, text): (usize, &&str)| {
        let value = if part == 0 { format!("{}.{text}", parts.len()) } else { (*text).to_owned() };
        jar.set(&name(jar, part), &value, SameSite::Lax, Some(seconds))
    };
    let left_over = (parts.len()..PARTS).map(|part| jar.remove(&name(jar, part)));
    Ok(parts.iter().enumerate().map(set).chain(left_over).collect())
}

fn name(jar: &Jar, part: usize) -> String {
    match part {
        0 => format!("{}-session", jar.name),
        part => format!("{}-session-{part}", jar.name),
    }
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;

    use super::*;
    use crate::session::tests::session;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
    const LATER: Timestamp = Timestamp::from_secs(1_800_003_599);

    fn jar() -> Jar {
        Jar { name: "__Host-app".to_owned(), secure: true }
    }

    /// What a browser sends back.
    fn returned(set: &[HeaderValue]) -> HeaderMap {
        let kept = set.iter().map(|header| header.to_str().unwrap().split(';').next().unwrap());
        let kept: Vec<&str> = kept.filter(|pair| !pair.ends_with('=')).collect();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, kept.join("; ").parse().unwrap());
        headers
    }

    fn long(length: usize) -> UserSession {
        let mut session = session("ada", Some("s1"));
        session.user_info.claims.name = Some("a".repeat(length));
        session
    }

    #[test]
    fn a_session_comes_back_from_as_many_cookies_as_it_takes() {
        let (jar, key) = (jar(), SealingKey::generate().unwrap());
        for (length, parts) in [(10, 1), (3000, 2), (9000, 4)] {
            let set = CookieSessions::default().begin(&jar, &key, long(length), NOW).unwrap();
            let kept = set.iter().filter(|header| !header.to_str().unwrap().contains("Max-Age=0"));
            assert_eq!((set.len(), kept.count()), (PARTS, parts), "{length}");
            assert!(set.iter().all(|header| header.len() <= 4096), "{length}");
            let headers = returned(&set);
            assert_eq!(open(&jar, &key, &headers, LATER).unwrap().session, long(length));
            assert_eq!(remove(&jar, &headers).len(), parts);
        }
        let error = CookieSessions::default().begin(&jar, &key, long(20_000), NOW).unwrap_err();
        assert!(error.to_string().contains("too long") && !error.to_string().contains("aaa"), "{error}");
    }

    #[test]
    fn s32_a_session_in_cookies_ends_in_time_and_a_refresh_does_not_prolong_it() {
        let (jar, key) = (jar(), SealingKey::generate().unwrap());
        let set = CookieSessions::default().begin(&jar, &key, long(10), NOW).unwrap();
        let known = open(&jar, &key, &returned(&set), LATER).unwrap();
        let id = known.id.clone();
        let set = rewrite(&jar, &key, known, long(20), LATER).unwrap();
        assert!(set[0].to_str().unwrap().contains("; Max-Age=1"), "{set:?}");
        let headers = returned(&set);
        assert_eq!(open(&jar, &key, &headers, LATER).unwrap().id, id);
        assert!(open(&jar, &key, &headers, NOW.saturating_add(Duration::from_secs(3600))).is_none());
        let long = CookieSessions::for_at_most(Duration::from_secs(u64::MAX));
        assert_eq!(long.lifetime, Duration::from_secs(12 * 60 * 60));
    }

    #[test]
    fn s32_cookies_that_were_altered_mixed_or_sealed_for_another_use_open_nothing() {
        let (jar, key) = (jar(), SealingKey::generate().unwrap());
        let one = CookieSessions::default().begin(&jar, &key, long(3000), NOW).unwrap();
        let two = CookieSessions::default().begin(&jar, &key, long(3000), NOW).unwrap();
        assert!(open(&jar, &key, &returned(&[one[0].clone(), two[1].clone()]), NOW).is_none());
        assert!(open(&jar, &key, &returned(&one[..1]), NOW).is_none());
        assert!(open(&jar, &SealingKey::generate().unwrap(), &returned(&one), NOW).is_none());
        let foreign = key.seal("authmint-pending-login", b"{}").unwrap();
        for value in
            [format!("1.{foreign}"), "9.x".to_owned(), "0.".to_owned(), "x".to_owned(), String::new()]
        {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, format!("__Host-app-session={value}").parse().unwrap());
            assert!(open(&jar, &key, &headers, NOW).is_none(), "{value}");
        }
    }
}
