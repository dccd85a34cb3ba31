use bytes::Bytes;
use http::Request;
use crate::world::{CALLBACK, World, ISSUER};

#[test]
fn s47_random_requests_get_no_500_and_no_foreign_redirect() {
    let world = World::new();
    let (id, key) = world.register(|_| {});
    let public = world.public();
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut rnd = move |n: usize| { seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17; (seed % n as u64) as usize };
    let paths = ["/authorize", "/token", "/userinfo", "/introspect", "/revoke", "/jwks", "/logout", "/login", "/consent", "/", "", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/x"];
    let methods = ["GET", "POST", "HEAD", "PUT", "OPTIONS", "DELETE"];
    let names = ["client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "prompt", "max_age", "code_challenge", "code_challenge_method", "id_token_hint", "login_hint", "grant_type", "code", "code_verifier", "refresh_token", "token", "client_secret", "client_assertion", "client_assertion_type", "interaction", "csrf", "username", "password", "decision", "action", "post_logout_redirect_uri", "response_mode", "request", "token_type_hint"];
    let values = ["", "x", "code", "openid", "openid profile", "none", "login", "consent", "0", "-1", "99999999999999999999", "18446744073709551615", "S256", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "authorization_code", "refresh_token", "client_credentials", "allow", "deny", "cancel", "https://evil.example/", "//evil.example", "javascript:alert(1)", "http://127.0.0.1:1/", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", "%00", "%ff", "%zz", "%0d%0aX:y", "%f0%9f%92%a9", "\u{e9}", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", CALLBACK, "https://app.example/bye"];
    for round in 0..30_000 {
        let mut parts = Vec::new();
        for _ in 0..rnd(12) {
            let value = match rnd(10) { 0 => id.clone(), 1 => public.clone(), 2 => key.clone(), 3 => { let n = rnd(9000); "A".repeat(n) }, _ => values[rnd(values.len())].to_owned() };
            parts.push(format!("{}={value}", names[rnd(names.len())]));
        }
        let form = parts.join("&");
        let ascii: String = form.chars().filter(|c| c.is_ascii_graphic()).collect();
        let many = if rnd(4) == 0 { 6 } else { 2 }; let (method, path) = (methods[rnd(many)], paths[rnd(paths.len())]);
        let target = if rnd(2) == 0 { format!("{ISSUER}{path}?{ascii}") } else { format!("{ISSUER}{path}") };
        let Ok(uri) = target.parse::<http::Uri>() else { continue };
        let mut request = Request::builder().method(method).uri(uri).header("host", "op.example");
        if rnd(5) > 0 { request = request.header("content-type", "application/x-www-form-urlencoded") }
        match rnd(6) {
            0 => request = request.header("authorization", format!("Basic {}", data_encoding::BASE64.encode(format!("{id}:{key}").as_bytes()))),
            1 => request = request.header("authorization", "Bearer a.b.c"),
            2 => request = request.header("authorization", http::HeaderValue::from_bytes(b"Basic \xff").unwrap()),
            _ => {}
        }
        if rnd(2) == 0 { request = request.header("cookie", format!("__Host-authmint-browser={}; __Host-authmint-session={}", "a".repeat(43), { let n = rnd(44); "b".repeat(n) })) }
        if path == "/login" && method == "POST" && rnd(50) > 0 { continue }
        let body = if rnd(3) == 0 { { let n = rnd(200); (0..n) }.map(|_| rnd(256) as u8).collect::<Vec<_>>() } else { form.into_bytes() };
        let response = world.send(request.body(Bytes::from(body)).unwrap());
        if let Some(location) = response.headers().get("location") {
            let location = location.to_str().unwrap();
            assert!(location.starts_with("/login") || location.starts_with("/consent") || location.starts_with("/authorize?") || location.starts_with("/logout") || location == "/" || location.starts_with("https://app.example/"), "{round} {location}");
        }
        let text = String::from_utf8_lossy(response.body());
        assert!(!text.contains("<script"));
    }
}
