//! How sessions end; rows S15, S32, S43.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use http::{Method, Request, Response, StatusCode};

use super::browser::{Browser, From, between, location, text};
use super::{Adapter, Setting, World};
use crate::{Answer, CookieSessions, MemorySessions, SessionError, Sessions, UserSession};

const SEVERAL: Setting = Setting { form_post: false, several: true };

pub async fn s32_logging_out_takes_the_token_of_the_form<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    browser.log_in("/login").await;
    let mut other = browser.other();
    other.log_in("/login").await;
    let foreign = other.known("csrf").await;
    for form in [vec![], vec![("csrf", "")], vec![("csrf", "x")], vec![("csrf", foreign.as_str())]] {
        assert_eq!(browser.post("/logout", &form).await.status(), StatusCode::FORBIDDEN);
        assert!(browser.is_logged_in().await);
    }
    assert_eq!(browser.get("/logout").await.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(browser.is_logged_in().await);
    // Whoever kept the cookie has nothing.
    let mut kept = browser.clone();
    let csrf = browser.known("csrf").await;
    browser.post("/logout", &[("csrf", &csrf)]).await;
    assert!(!kept.is_logged_in().await);
}

/// A person has two sessions at the application that rest on one at the provider; they log out in one of them.
async fn log_out_at_the_provider(browser: &Browser<'_>, path: &str) {
    let mut second = browser.forgetting_the_application();
    second.log_in(path).await;
    let csrf = second.known("csrf").await;
    let out = second.post("/logout", &[("csrf", &csrf)]).await;
    let done = second.send(Method::GET, &location(&out), None, From::Navigation).await;
    assert_eq!(location(&done), "https://app.example/", "{}", text(&done));
}

pub async fn s32_the_provider_ends_sessions_from_afar<A: Adapter>() {
    let world = World::new(SEVERAL).await;
    let mut browser = world.open::<A>().await;
    browser.log_in("/login/main").await;
    let mut elsewhere = browser.other();
    elsewhere.log_in("/login/two").await;
    log_out_at_the_provider(&browser, "/login/main").await;
    assert!(browser.is_logged_in().await, "the application was not yet told");

    let posted = world.posted();
    let [(path, form)] = posted.as_slice() else { panic!("one notice, not {}", posted.len()) };
    assert_eq!(path, "/backchannel-logout");
    let told = notify(&mut browser, path, form).await;
    assert_eq!(told.status(), StatusCode::OK);
    assert_eq!(told.headers()[CACHE_CONTROL], "no-store");
    assert!(!browser.is_logged_in().await);
    assert!(elsewhere.is_logged_in().await, "another provider's person stays");
    // Once more does no harm.
    assert_eq!(notify(&mut browser, path, form).await.status(), StatusCode::OK);
}

/// A store in which the next session takes its time.
#[derive(Debug)]
struct Slow {
    kept: MemorySessions,
    holds_next: AtomicBool,
    goes_on: AtomicBool,
}

impl Sessions for Slow {
    fn put(&self, key: [u8; 32], session: UserSession) -> Answer<'_, ()> {
        let waits = self.holds_next.swap(false, Ordering::SeqCst);
        Box::pin(async move {
            let goes_on = || !waits || self.goes_on.load(Ordering::SeqCst);
            poll_fn(|_| if goes_on() { Poll::Ready(()) } else { Poll::Pending }).await;
            self.kept.put(key, session).await
        })
    }

    fn replace(&self, key: [u8; 32], session: UserSession) -> Answer<'_, bool> {
        self.kept.replace(key, session)
    }

    fn get(&self, key: [u8; 32]) -> Answer<'_, Option<UserSession>> {
        self.kept.get(key)
    }

    fn take(&self, key: [u8; 32]) -> Answer<'_, Option<UserSession>> {
        self.kept.take(key)
    }

    fn end<'a>(&'a self, issuer: &'a str, sub: Option<&'a str>, sid: Option<&'a str>) -> Answer<'a, usize> {
        self.kept.end(issuer, sub, sid)
    }
}

/// The provider answers a login, and says that the person has logged out before the session is in the store.
pub async fn s32_a_logout_ends_the_login_that_is_under_way<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let kept = MemorySessions::with_clock(Arc::new(world.clock.clone()));
    let store = Arc::new(Slow { kept, holds_next: AtomicBool::new(false), goes_on: AtomicBool::new(false) });
    let login = world.builder().await.sessions(Arc::clone(&store) as Arc<dyn Sessions>).build().unwrap();
    let mut browser = Browser::new(&world, world.application::<A>(login).await);
    browser.log_in("/login").await;
    let elsewhere = browser.forgetting_the_application();
    let mut late = browser.clone();
    let answer = late.answer_of("/login").await;
    store.holds_next.store(true, Ordering::SeqCst);
    let mut brought = Box::pin(late.bring(&answer));
    let early = poll_fn(|context| Poll::Ready(brought.as_mut().poll(context).is_ready())).await;
    assert!(!early && !store.holds_next.load(Ordering::SeqCst), "the session is on its way to the store");

    log_out_at_the_provider(&elsewhere, "/login").await;
    let (path, form) = world.posted().remove(0);
    assert_eq!(notify(&mut browser, &path, &form).await.status(), StatusCode::OK);
    store.goes_on.store(true, Ordering::SeqCst);
    let ended = brought.await;
    assert_eq!(ended.status(), StatusCode::FORBIDDEN);
    assert!(!late.is_logged_in().await, "the session outlives the logout");
    // A login after the logout is one.
    let mut again = late.other();
    again.log_in("/login").await;
    assert!(again.is_logged_in().await);
}

pub async fn s15_nothing_but_a_logout_token_of_this_provider_ends_a_session<A: Adapter>() {
    let world = World::new(SEVERAL).await;
    let mut browser = world.open::<A>().await;
    browser.log_in("/login/main").await;
    log_out_at_the_provider(&browser, "/login/main").await;
    let good = world.posted().remove(0).1;
    // An ID token of the session, as a logout token: out of the address that logs out.
    let mut second = browser.forgetting_the_application();
    second.log_in("/login/main").await;
    let csrf = second.known("csrf").await;
    let out = location(&second.post("/logout", &[("csrf", &csrf)]).await);
    let id_token = between(&out, "id_token_hint=", "&");
    let good_text = String::from_utf8(good.to_vec()).unwrap();
    let (signed, signature) = good_text.rsplit_once('.').unwrap();
    let altered = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    for (path, form) in [
        ("/backchannel-logout", String::new()),
        ("/backchannel-logout", "logout_token=".to_owned()),
        ("/backchannel-logout", "logout_token=a.b.c".to_owned()),
        ("/backchannel-logout", format!("logout_token={id_token}")),
        ("/backchannel-logout", altered),
        ("/backchannel-logout", format!("{good_text}&{good_text}")),
        // Of another provider's client.
        ("/backchannel-logout/two", good_text.clone()),
    ] {
        let refused = notify(&mut browser, path, &Bytes::from(form.clone())).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(refused.headers()[CACHE_CONTROL], "no-store");
        let body = text(&refused);
        assert!(body.contains("invalid_request") && !body.contains("ey"), "{body}");
        assert!(browser.is_logged_in().await, "{path}");
    }
    let by_get = browser.get(&format!("/backchannel-logout?{good_text}")).await;
    assert_eq!(by_get.status(), StatusCode::METHOD_NOT_ALLOWED);
    let plain = Request::post("/backchannel-logout").header("content-type", "text/plain");
    let plain = plain.body(Bytes::from(good_text.clone())).unwrap();
    assert_eq!(browser.other().request(plain).await.status(), StatusCode::BAD_REQUEST);
    // Too old.
    world.clock.advance(Duration::from_secs(6 * 60));
    assert_eq!(notify(&mut browser, "/backchannel-logout", &good).await.status(), StatusCode::BAD_REQUEST);
    assert!(browser.is_logged_in().await);
}

async fn notify(browser: &mut Browser<'_>, path: &str, form: &Bytes) -> Response<Bytes> {
    // From the provider's machine: without any cookie.
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    browser.other().request(request.body(form.clone()).unwrap()).await
}

pub async fn s32_a_frame_ends_the_session_it_names_and_no_other<A: Adapter>() {
    let world = World::new(SEVERAL).await;
    let mut browser = world.open::<A>().await;
    browser.log_in("/login/main").await;
    let sid = browser.known("sid").await;
    assert!(!sid.is_empty());
    let one = "https%3A%2F%2Fone.example";
    for (path, status) in [
        ("/frontchannel-logout".to_owned(), StatusCode::BAD_REQUEST),
        (format!("/frontchannel-logout?sid={sid}"), StatusCode::BAD_REQUEST),
        (format!("/frontchannel-logout?iss={one}"), StatusCode::BAD_REQUEST),
        (format!("/frontchannel-logout?iss=https%3A%2F%2Ftwo.example&sid={sid}"), StatusCode::BAD_REQUEST),
        (format!("/frontchannel-logout?iss={one}&sid=another"), StatusCode::OK),
        (format!("/frontchannel-logout/two?iss=https%3A%2F%2Ftwo.example&sid={sid}"), StatusCode::OK),
    ] {
        assert_eq!(browser.get(&path).await.status(), status, "{path}");
        assert!(browser.is_logged_in().await, "{path}");
    }
    // In another browser it ends nothing.
    let path = format!("/frontchannel-logout?iss={one}&sid={sid}");
    browser.other().get(&path).await;
    assert!(browser.is_logged_in().await);
    let framed = browser.get(&path).await;
    let policy = framed.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("frame-ancestors https://one.example;"), "{policy}");
    assert_eq!(framed.headers()[CACHE_CONTROL], "no-store");
    assert!(!browser.is_logged_in().await);
}

pub async fn a_session_in_cookies_is_whole_and_ends_in_time<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let login = world.builder().await.cookie_sessions(CookieSessions::default()).build().unwrap();
    let mut browser = Browser::new(&world, world.application::<A>(login).await);
    browser.log_in("/login").await;
    assert!(browser.home().await.starts_with("Ada Lovelace by main"));
    let (_, kept) = browser.cookies("session")[0];
    assert_eq!(kept.attributes, "Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=3600");
    // Its tokens are nowhere to be read.
    assert!(!browser.cookies("session").iter().any(|(_, kept)| kept.value.contains("eyJhbGciOiJF")));

    world.clock.advance(Duration::from_secs(60));
    let (before, csrf) = (browser.known("token").await, browser.known("csrf").await);
    assert_eq!(browser.post("/refresh", &[]).await.status(), StatusCode::OK);
    assert_ne!(browser.known("token").await, before, "the answer to the refresh carried the session");
    assert_eq!(browser.known("csrf").await, csrf);
    let (_, kept) = browser.cookies("session")[0];
    assert!(kept.attributes.contains("Max-Age=3540"), "{}", kept.attributes);

    // What can't be done is not said to be done.
    log_out_at_the_provider(&browser, "/login").await;
    let (path, form) = world.posted().remove(0);
    assert_eq!(notify(&mut browser, &path, &form).await.status(), StatusCode::BAD_REQUEST);

    let mut late = browser.clone();
    assert_eq!(browser.post("/logout", &[("csrf", "x")]).await.status(), StatusCode::FORBIDDEN);
    browser.post("/logout", &[("csrf", &csrf)]).await;
    assert!(browser.cookies("session").is_empty() && !browser.is_logged_in().await);
    assert!(late.is_logged_in().await, "as documented: who kept the cookies goes on");
    world.clock.advance(Duration::from_secs(3540));
    assert!(!late.is_logged_in().await, "until they expire");
}

/// A store that keeps what it is given and then fails.
#[derive(Debug)]
struct Failing {
    kept: MemorySessions,
    fails: AtomicBool,
}

impl Failing {
    fn or_fail<'a, T: Send + 'a>(
        &'a self,
        answer: impl FnOnce(&'a MemorySessions) -> Answer<'a, T>,
    ) -> Answer<'a, T> {
        if self.fails.load(Ordering::SeqCst) {
            return Box::pin(async { Err(SessionError("the disk is gone".to_owned())) });
        }
        answer(&self.kept)
    }
}

impl Sessions for Failing {
    fn put(&self, key: [u8; 32], session: UserSession) -> Answer<'_, ()> {
        self.or_fail(move |kept| kept.put(key, session))
    }

    fn replace(&self, key: [u8; 32], session: UserSession) -> Answer<'_, bool> {
        self.or_fail(move |kept| kept.replace(key, session))
    }

    fn get(&self, key: [u8; 32]) -> Answer<'_, Option<UserSession>> {
        self.kept.get(key)
    }

    fn take(&self, key: [u8; 32]) -> Answer<'_, Option<UserSession>> {
        self.or_fail(move |kept| kept.take(key))
    }

    fn end<'a>(&'a self, issuer: &'a str, sub: Option<&'a str>, sid: Option<&'a str>) -> Answer<'a, usize> {
        self.or_fail(move |kept| kept.end(issuer, sub, sid))
    }
}

pub async fn s43_a_store_that_fails_is_no_success<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let kept = MemorySessions::with_clock(Arc::new(world.clock.clone()));
    let store = Arc::new(Failing { kept, fails: AtomicBool::new(false) });
    let login = world.builder().await.sessions(Arc::clone(&store) as Arc<dyn Sessions>).build().unwrap();
    let mut browser = Browser::new(&world, world.application::<A>(login).await);
    browser.log_in("/login").await;
    let csrf = browser.known("csrf").await;
    log_out_at_the_provider(&browser, "/login").await;
    let (path, form) = world.posted().remove(0);
    store.fails.store(true, Ordering::SeqCst);
    assert_eq!(notify(&mut browser, &path, &form).await.status(), StatusCode::BAD_REQUEST);
    let out = browser.post("/logout", &[("csrf", &csrf)]).await;
    assert_eq!(out.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(browser.is_logged_in().await && !text(&out).contains("disk"));
    let failed = browser.log_in("/login").await;
    assert_eq!(failed.status(), StatusCode::SERVICE_UNAVAILABLE);
}
