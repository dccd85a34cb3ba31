//! Cookies of an application, and the test of where it may be sent back to.

use http::HeaderMap;
use http::header::{COOKIE, HeaderValue};

/// The value of a cookie; of two with one name, none.
pub(crate) fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    // As bytes: another application's cookie may hold any, and must not hide ours.
    let pairs =
        headers.get_all(COOKIE).iter().flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
    let mut values = pairs
        .filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='))
        .filter(|(known, _)| *known == name)
        .map(|(_, value)| value);
    values.next().filter(|_| values.next().is_none())
}

/// `Set-Cookie` for a value of URL-safe characters; `None` as the value removes the cookie.
pub(crate) fn set(name: &str, value: Option<&str>, secure: bool, max_age: Option<u64>) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let max_age = match (value, max_age) {
        (None, _) => "; Max-Age=0".to_owned(),
        (Some(_), Some(seconds)) => format!("; Max-Age={seconds}"),
        (Some(_), None) => String::new(),
    };
    let text =
        format!("{name}={}; Path=/; HttpOnly; SameSite=Lax{secure}{max_age}", value.unwrap_or_default());
    let mut header = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}

/// A path of this application: one slash, then no other and no backslash, which browsers read as a host.
pub(crate) fn is_local_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.len() <= 2048
        && path.bytes().all(|byte| byte.is_ascii_graphic())
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
    fn s29_nobody_is_sent_elsewhere_after_login() {
        assert!(is_local_path("/orders?page=2"));
        for path in ["//evil.example", "/\\evil.example", "https://evil.example", "", "orders", "/a\r\nb"] {
            assert!(!is_local_path(path), "{path:?}");
        }
    }
}
