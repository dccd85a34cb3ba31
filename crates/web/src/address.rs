//! Where a person may be sent after a login: to a path of this application and nowhere else (OpenID Connect Core 4).

use http::Uri;

/// The longest path that is kept during a login: it waits in a cookie.
const MAX_BYTES: usize = 1024;

/// A path of this application: one slash, then no other and no backslash, which browsers read as a host.
pub(crate) fn is_local_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.len() <= MAX_BYTES
        && path.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The path that a target means: a path as it is, or what follows this application's own `origin`.
pub(crate) fn local_path<'t>(target: &'t str, origin: &str) -> Option<&'t str> {
    match target.strip_prefix(origin) {
        Some("") => Some("/"),
        Some(path) => Some(path),
        None => Some(target),
    }
    .filter(|path| is_local_path(path))
}

/// Scheme and authority of an address, as in `https://app.example:8443`, and its path.
pub(crate) fn split(address: &str) -> Option<(String, String)> {
    let uri: Uri = address.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    Some((format!("{scheme}://{authority}"), uri.path().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s29_nobody_is_sent_elsewhere_after_login() {
        assert!(is_local_path("/orders?page=2"));
        for path in ["//evil.example", "/\\evil.example", "https://evil.example", "", "orders", "/a\r\nb"] {
            assert!(!is_local_path(path), "{path:?}");
        }
    }

    #[test]
    fn s29_a_target_is_here_or_nowhere() {
        let origin = "https://app.example";
        for (target, path) in [
            ("/orders?page=2", Some("/orders?page=2")),
            ("https://app.example/orders", Some("/orders")),
            ("https://app.example", Some("/")),
            ("https://app.example.evil/orders", None),
            ("https://app.example@evil.example/", None),
            ("https://app.example:8443/orders", None),
            ("https://app.example//evil.example", None),
            ("http://app.example/orders", None),
            ("javascript:alert(1)", None),
            ("//app.example/orders", None),
        ] {
            assert_eq!(local_path(target, origin), path, "{target}");
        }
    }

    #[test]
    fn an_address_falls_into_origin_and_path() {
        let split = |text| split(text).unwrap();
        assert_eq!(
            split("https://app.example:8443/callback?x=1"),
            ("https://app.example:8443".into(), "/callback".into())
        );
        assert_eq!(super::split("/callback"), None);
    }
}
