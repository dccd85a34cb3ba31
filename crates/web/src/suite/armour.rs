//! What every answer carries, and what browsers are spared; rows S29, S30, S45, S47.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use http::{Method, Request, StatusCode};

use super::browser::{Browser, From, location, text};
use super::world::{APP, ONE};
use super::{Adapter, Setting, World};

const SEVERAL: Setting = Setting { form_post: false, several: true };

pub async fn s30_every_answer_carries_the_armour<A: Adapter>() {
    let world = World::new(SEVERAL).await;
    let mut browser = world.open::<A>().await;
    for path in [
        "/login",
        "/login/main",
        "/login?iss=https%3A%2F%2Fevil.example",
        "/callback",
        "/callback?code=x&state=y",
        "/callback/two?error=access_denied&state=y",
        "/logout",
        "/backchannel-logout",
        "/frontchannel-logout",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store", "{path}");
        assert_eq!(answer.headers()[REFERRER_POLICY], "no-referrer", "{path}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        let status = answer.status();
        assert!(!status.is_redirection() || status == StatusCode::SEE_OTHER, "{path}: {status}");
        if answer.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
        {
            let policy = answer.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
            assert!(policy.contains("default-src 'none'") && policy.contains("base-uri 'none'"), "{policy}");
            let framed = path.starts_with("/frontchannel");
            assert_eq!(!policy.contains("frame-ancestors 'none'"), framed, "{path}: {policy}");
        }
    }
    for path in ["/logout", "/callback", "/login/main", "/frontchannel-logout"] {
        let form = Request::put(path).header("host", "app.example").body(Bytes::new()).unwrap();
        let answer = browser.request(form).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(answer.headers().contains_key("allow"), "{path}");
    }
    // Pages of the application's own too.
    let login = world.builder().await.choice_page(|_| http::Response::new(Bytes::new())).build().unwrap();
    let mut other = Browser::new(&world, world.application::<A>(login).await);
    assert_eq!(other.get("/login").await.headers().get(CACHE_CONTROL).unwrap(), "no-store");
    // A HEAD redeems nothing, and a long body is not read to its end.
    let head = Request::head("/callback?code=x&state=y").header("host", "app.example");
    assert_eq!(
        browser.request(head.body(Bytes::new()).unwrap()).await.status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
    let long =
        Request::post("/logout").header("host", "app.example").body(vec![b'a'; 65_537].into()).unwrap();
    assert_eq!(browser.request(long).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

pub async fn s30_what_an_answer_says_is_never_markup<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    let mut answer = browser.answer_of("/login").await;
    answer.params.set("error", "<script>alert(1)</script>");
    answer.params.set("error_description", "<script>alert(2)</script>");
    answer.params.set("code", "");
    let page = browser.bring(&answer).await;
    assert!(page.status().is_client_error());
    assert!(!text(&page).contains("<script>") && !text(&page).contains("alert"), "{}", text(&page));
}

/// A page of another site that loads the address within itself begins nothing.
pub async fn s29_a_login_begins_by_going_there<A: Adapter>() {
    let world = World::new(Setting { form_post: true, ..Setting::default() }).await;
    let mut browser = world.open::<A>().await;
    for (mode, dest, begins) in [
        ("navigate", "document", true),
        ("navigate", "iframe", false),
        ("no-cors", "image", false),
        ("cors", "empty", false),
    ] {
        let request = Request::get("/login").header("sec-fetch-mode", mode).header("sec-fetch-dest", dest);
        let answer = browser.request(request.body(Bytes::new()).unwrap()).await;
        assert_eq!(answer.status() == StatusCode::SEE_OTHER, begins, "{mode} {dest}");
        assert_eq!(answer.headers().contains_key("set-cookie"), begins, "{mode} {dest}");
    }
}

pub async fn s47_a_browser_is_not_filled_with_cookies<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    for _ in 0..20 {
        browser.get("/login").await;
    }
    assert_eq!(browser.cookies("login").len(), 5);
    // Nor by forms of another site, which bring no cookies along.
    let form = [("iss", ONE), ("target_link_uri", "/private")].into_iter().collect();
    for _ in 0..20 {
        let address = format!("{APP}/login");
        let sent = browser.send(Method::POST, &address, Some(&form), From::OtherSite).await;
        if let Some(path) = location(&sent).strip_prefix('/') {
            browser.get(&format!("/{path}")).await;
        }
    }
    assert_eq!(browser.cookies("login").len(), 5);
    // Nor by few that are long: proxies read 8 KiB of cookies, and the session needs some.
    for _ in 0..20 {
        browser.get(&format!("/login?return_to=/{}", "a".repeat(1000))).await;
        let waiting = browser.cookies("login");
        let length: usize = waiting.iter().flat_map(|(name, kept)| [name.len(), kept.value.len()]).sum();
        assert!((1..=4096).contains(&length), "{length} bytes of cookies");
    }
    // The last one is among them.
    assert_eq!(browser.log_in("/login").await.status(), StatusCode::SEE_OTHER);
    assert!(browser.is_logged_in().await);
}

pub async fn s45_no_header_says_where_the_application_is<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    let target = "/login?iss=https%3A%2F%2Fone.example&target_link_uri=https%3A%2F%2Fevil.example%2Fx";
    let request = Request::get(target)
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example");
    let answer = browser.request(request.body(Bytes::new()).unwrap()).await;
    let to = location(&answer);
    assert!(to.starts_with("https://one.example/authorize?"), "{to}");
    assert!(to.contains("redirect_uri=https%3A%2F%2Fapp.example%2Fcallback") && !to.contains("evil"), "{to}");
}
