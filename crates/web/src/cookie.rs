//! Cookies of an application: reading one, and writing one with its flags (RFC 6265bis 4.1).

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};

/// Which requests of other sites' pages bring a cookie along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SameSite {
    /// Those that lead the person here, by GET.
    Lax,
    /// All; browsers take such a cookie over TLS only.
    None,
}

/// All cookies of a request, as names and values.
pub(crate) fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    // As bytes: another application's cookie may hold any, and must not hide ours.
    let pairs =
        headers.get_all(COOKIE).iter().flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
    // What browsers trim and nothing more: a name that begins with another space has no `__Host-` for them, and any subdomain may set it.
    pairs.filter_map(|pair| std::str::from_utf8(pair).ok()?.trim_matches([' ', '\t']).split_once('='))
}

/// The value of a cookie; of two with one name, none.
pub(crate) fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = pairs(headers).filter(|(known, _)| *known == name).map(|(_, value)| value);
    values.next().filter(|_| values.next().is_none())
}

/// What all cookies of an application have in common.
#[derive(Clone, Debug)]
pub(crate) struct Jar {
    /// How their names begin.
    pub(crate) name: String,
    /// Whether they are for TLS only.
    pub(crate) secure: bool,
}

impl Jar {
    /// `Set-Cookie` for a value of URL-safe characters.
    pub(crate) fn set(
        &self,
        name: &str,
        value: &str,
        same_site: SameSite,
        max_age: Option<u64>,
    ) -> HeaderValue {
        let max_age = max_age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        self.header(name, value, same_site, &max_age)
    }

    /// `Set-Cookie` that removes a cookie.
    pub(crate) fn remove(&self, name: &str) -> HeaderValue {
        self.header(name, "", SameSite::Lax, "; Max-Age=0")
    }

    fn header(&self, name: &str, value: &str, same_site: SameSite, rest: &str) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        // Without TLS a browser takes no cookie that goes along from everywhere.
        let same_site = if same_site == SameSite::None && self.secure { "None" } else { "Lax" };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}{secure}{rest}");
        let mut header = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
        header.set_sensitive(true);
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s32_a_foreign_cookie_outside_ascii_hides_nothing() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_bytes(b"city=K\xf6ln; app=1; town=K\xc3\xb6ln").unwrap());
        assert_eq!(read(&headers, "app"), Some("1"));
        headers.append(COOKIE, HeaderValue::from_static("app=2"));
        assert_eq!(read(&headers, "app"), None);
    }

    #[test]
    fn s32_a_cookie_is_called_what_the_browser_thinks_it_is_called() {
        // A subdomain can plant these: to a browser they don't begin with `__Host-`.
        for space in ["\u{a0}", "\u{85}", "\u{2000}", "\u{3000}"] {
            let mut headers = HeaderMap::new();
            let pair = format!("a=1; {space}__Host-app-session=planted");
            headers.insert(COOKIE, HeaderValue::from_bytes(pair.as_bytes()).unwrap());
            assert_eq!(read(&headers, "__Host-app-session"), None, "{space:?}");
            headers.append(COOKIE, HeaderValue::from_static("__Host-app-session=own"));
            assert_eq!(read(&headers, "__Host-app-session"), Some("own"), "{space:?}");
        }
    }

    #[test]
    fn s29_a_cookie_goes_along_from_everywhere_over_tls_only() {
        let jar = |secure| Jar { name: "app".to_owned(), secure };
        let text = |secure| jar(secure).set("n", "v", SameSite::None, Some(9)).to_str().unwrap().to_owned();
        assert_eq!(text(true), "n=v; Path=/; HttpOnly; SameSite=None; Secure; Max-Age=9");
        assert_eq!(text(false), "n=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=9");
        assert_eq!(
            jar(true).remove("n").to_str().unwrap(),
            "n=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"
        );
    }
}
