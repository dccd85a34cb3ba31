//! The login itself; rows S28, S29, S32.

use std::time::Duration;

use http::{Method, Request, StatusCode};

use super::browser::{From, location, text};
use super::world::{APP, ONE};
use super::{Adapter, Setting, World};

pub async fn a_person_logs_in_is_known_and_logs_out<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    assert_eq!(browser.home().await, "nobody");
    let sent = browser.get("/private?page=2").await;
    assert_eq!(
        (sent.status(), location(&sent).as_str()),
        (StatusCode::SEE_OTHER, "/login?return_to=%2Fprivate%3Fpage%3D2")
    );
    let back = browser.log_in(&location(&sent)).await;
    assert_eq!((back.status(), location(&back).as_str()), (StatusCode::SEE_OTHER, "/private?page=2"));
    let page = text(&browser.get("/private?page=2").await);
    assert!(page.starts_with("Ada Lovelace by main of https://one.example\n"), "{page}");

    let cookies = browser.cookies("");
    let [(name, kept)] = cookies.as_slice() else { panic!("one cookie is left, not {cookies:?}") };
    assert_eq!(*name, "__Host-app-session");
    assert_eq!(kept.attributes, "Path=/; HttpOnly; SameSite=Lax; Secure");

    let csrf = browser.known("csrf").await;
    let out = browser.post("/logout", &[("csrf", &csrf)]).await;
    assert_eq!(out.status(), StatusCode::SEE_OTHER);
    assert!(location(&out).starts_with("https://one.example/logout?"), "{}", location(&out));
    assert!(location(&out).contains("id_token_hint="));
    assert!(!browser.is_logged_in().await);
    assert!(browser.cookies("session").is_empty());
    // What was posted is not led back to.
    let sent = browser.post("/refresh", &[]).await;
    assert_eq!(location(&sent), "/login?return_to=%2F");
}

pub async fn s28_an_answer_of_another_issuer_is_refused<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    for iss in ["", "https://evil.example", "https://one.example/", "https://two.example"] {
        let mut answer = browser.answer_of("/login").await;
        answer.params.set("iss", iss);
        assert_eq!(browser.bring(&answer).await.status(), StatusCode::BAD_REQUEST, "{iss}");
        assert!(!browser.is_logged_in().await);
    }
    assert_eq!(world.redeemed(), 0, "the code went nowhere");
}

pub async fn s29_an_answer_counts_in_its_browser_and_once<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    let answer = browser.answer_of("/login").await;
    // Somebody else's browser, with a login of its own under way.
    let mut victim = browser.other();
    victim.get("/login").await;
    assert_eq!(victim.bring(&answer).await.status(), StatusCode::BAD_REQUEST);
    // Another state, or none.
    for state in ["", "forged"] {
        let mut forged = answer.clone();
        forged.params.set("state", state);
        assert_eq!(browser.bring(&forged).await.status(), StatusCode::BAD_REQUEST);
    }
    assert_eq!(world.redeemed(), 0);
    // The cookie of another login under this one's name.
    let (name, _) = browser.cookies("login")[0];
    let (name, other) = (name.to_owned(), victim.cookies("login")[0].1.value.clone());
    let mut mixed = browser.clone();
    mixed.plant(&name, &other);
    assert_eq!(mixed.bring(&answer).await.status(), StatusCode::BAD_REQUEST);
    // The right one is good once, also for whoever kept its cookie.
    let mut kept = browser.clone();
    assert_eq!(browser.bring(&answer).await.status(), StatusCode::SEE_OTHER);
    assert!(browser.is_logged_in().await);
    let fresh = kept.clone().forgetting_the_application().answer_of("/login").await;
    let mut again = answer.clone();
    again.params.set("code", fresh.params.get("code").unwrap());
    assert_eq!(kept.bring(&again).await.status(), StatusCode::BAD_REQUEST);
    assert!(!kept.is_logged_in().await);
    assert_eq!(world.redeemed(), 1);
}

pub async fn s29_a_login_waits_for_half_an_hour<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    browser.log_in("/login").await;
    // The provider knows the person by now, and answers at once: its code is young.
    let mut late = browser.clone();
    let old = late.get("/login").await;
    world.clock.advance(Duration::from_secs(30 * 60));
    let mut answer = late.send(Method::GET, &location(&old), None, From::Navigation).await;
    assert!(location(&answer).starts_with("https://app.example/callback?"), "{}", location(&answer));
    answer = late.get(location(&answer).strip_prefix(APP).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    assert!(text(&answer).contains("not started here"), "{}", text(&answer));
}

pub async fn s29_an_answer_by_form_finds_its_login<A: Adapter>() {
    let world = World::new(Setting { form_post: true, ..Setting::default() }).await;
    let mut browser = world.open::<A>().await;
    let answer = browser.answer_of("/login?return_to=/private").await;
    let (_, kept) = browser.cookies("login")[0];
    assert_eq!(kept.attributes, "Path=/; HttpOnly; SameSite=None; Secure; Max-Age=1800");
    // Another browser, and the answer in the address: a code has no business there.
    assert_eq!(browser.other().bring(&answer).await.status(), StatusCode::BAD_REQUEST);
    let query = answer.params.to_query();
    assert_eq!(browser.get(&format!("/callback?{query}")).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    let back = browser.bring(&answer).await;
    assert_eq!((back.status(), location(&back).as_str()), (StatusCode::SEE_OTHER, "/private"));
    assert!(browser.is_logged_in().await);
    let (_, kept) = browser.cookies("session")[0];
    assert!(kept.attributes.contains("SameSite=Lax"), "the session goes along from nowhere else");
    assert_eq!(browser.clone().bring(&answer).await.status(), StatusCode::BAD_REQUEST);
    // The session before ends, though its cookie did not come along with the form.
    let mut before = browser.clone();
    browser.log_in("/login").await;
    assert!(browser.is_logged_in().await);
    assert!(!before.is_logged_in().await);
}

pub async fn s29_nobody_is_sent_elsewhere<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    for (path, leads_to) in [
        ("/login?return_to=%2F%2Fevil.example", "/"),
        ("/login?return_to=https%3A%2F%2Fevil.example", "/"),
        ("/login?return_to=%2F%5Cevil.example", "/"),
        ("/login?return_to=%2Fprivate%3Fa%3Db", "/private?a=b"),
        ("/login?return_to=https%3A%2F%2Fapp.example%2Fprivate", "/"),
        (
            "/login?iss=https%3A%2F%2Fone.example&target_link_uri=https%3A%2F%2Fapp.example%2Fprivate",
            "/private",
        ),
        ("/login?iss=https%3A%2F%2Fone.example&target_link_uri=https%3A%2F%2Fapp.example.evil%2F", "/"),
        ("/login?iss=https%3A%2F%2Fone.example&target_link_uri=%2F%2Fevil.example", "/"),
    ] {
        assert_eq!(location(&browser.log_in(path).await), leads_to, "{path}");
    }
    let twice = browser.get("/login?return_to=/a&return_to=/b").await;
    assert_eq!(twice.status(), StatusCode::BAD_REQUEST);
}

pub async fn s32_a_login_has_a_new_cookie<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    browser.plant("__Host-app-session", "fixed");
    browser.log_in("/login").await;
    let first = browser.cookies("session")[0].1.value.clone();
    assert_ne!(first, "fixed");
    let mut old = browser.clone();
    browser.log_in("/login").await;
    assert_ne!(browser.cookies("session")[0].1.value, first);
    assert!(browser.is_logged_in().await);
    assert!(!old.is_logged_in().await, "the session before the login ends");
    // Two cookies of one name come from two hands: neither counts.
    let value = browser.cookies("session")[0].1.value.clone();
    let doubled = Request::get("/")
        .header("host", "app.example")
        .header("cookie", format!("__Host-app-session={value}; __Host-app-session=x"));
    let reply = browser.other().request(doubled.body(bytes::Bytes::new()).unwrap()).await;
    assert_eq!(text(&reply), "nobody");
}

pub async fn new_tokens_are_kept<A: Adapter>() {
    let world = World::new(Setting::default()).await;
    let mut browser = world.open::<A>().await;
    browser.log_in("/login").await;
    let (before, csrf) = (browser.known("token").await, browser.known("csrf").await);
    assert_eq!(browser.post("/refresh", &[("csrf", &csrf)]).await.status(), StatusCode::OK);
    assert_ne!(browser.known("token").await, before);
    assert_eq!(browser.known("csrf").await, csrf, "forms of other tabs stay good");
    assert!(browser.home().await.contains(ONE));
}
