//! Several providers of one application, and logins that others begin; row S28.

use std::sync::Arc;

use authmint_jose::SealingKey;
use authmint_oauth2::Params;
use http::header::CONTENT_SECURITY_POLICY;
use http::{Method, StatusCode};

use super::browser::{Browser, From, between, location, text};
use super::world::APP;
use super::{Adapter, Setting, World};
use crate::{CookieSessions, Login, LoginSetupError, MemorySessions, Sessions};

const SEVERAL: Setting = Setting { form_post: false, several: true };

pub async fn a_person_chooses_among_providers<A: Adapter>() {
    let world = World::new(SEVERAL).await;
    let mut browser = world.open::<A>().await;
    let page = browser.get("/login?return_to=/private").await;
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{policy}");
    let page = text(&page);
    assert!(page.contains("Sign in with The &lt;Second&gt;") && !page.contains("<Second>"), "{page}");
    for (name, who) in [
        ("main", "Ada Lovelace by main of https://one.example"),
        ("two", "Grace Hopper by two of https://two.example"),
    ] {
        let link = between(&page, &format!(r#"id="provider-{name}" href=""#), "\"");
        assert_eq!(link, format!("/login/{name}?return_to=%2Fprivate"));
        let back = browser.log_in(&link).await;
        assert_eq!(location(&back), "/private");
        assert!(browser.home().await.starts_with(who), "{}", browser.home().await);
    }
    // Logging out leads to the provider of the session.
    let csrf = browser.known("csrf").await;
    let out = browser.post("/logout", &[("csrf", &csrf)]).await;
    assert!(location(&out).starts_with("https://two.example/logout?"), "{}", location(&out));
    assert_eq!(browser.get("/login/three").await.status(), StatusCode::NOT_FOUND);
}

/// The second provider does not say who it is (`iss`): its own callback does. A provider that is up to no good sends the browser on
/// to the other one, and hopes that the code is then sent to itself.
pub async fn s28_an_answer_at_another_providers_callback_is_refused<A: Adapter>() {
    let world = World::new(SEVERAL).await;
    let mut browser = world.open::<A>().await;
    for (begun, at) in [("main", "/callback/two"), ("two", "/callback")] {
        let mut answer = browser.answer_of(&format!("/login/{begun}")).await;
        let before = world.redeemed();
        let right = answer.clone();
        assert_ne!(std::mem::replace(&mut answer.path, at.to_owned()), at);
        for iss in ["", "https://one.example", "https://two.example"] {
            answer.params.set("iss", iss);
            assert_eq!(browser.bring(&answer).await.status(), StatusCode::BAD_REQUEST, "{begun} {iss}");
        }
        assert!(!browser.is_logged_in().await);
        assert_eq!(world.redeemed(), before, "no code went anywhere");
        // The login that waits is not used up by it.
        let mut same = browser.clone();
        assert_eq!(same.bring(&right).await.status(), StatusCode::SEE_OTHER);
        assert!(same.is_logged_in().await);
    }
    // Without `iss`, at its own callback, it is a login.
    let mut answer = browser.answer_of("/login/two").await;
    answer.params.set("iss", "");
    assert_eq!(browser.bring(&answer).await.status(), StatusCode::SEE_OTHER);
    assert!(browser.is_logged_in().await);
}

/// An application that takes a provider out of its settings does not let in whom it vouched for, wherever sessions are kept.
pub async fn s32_a_provider_that_is_gone_leaves_no_sessions<A: Adapter>() {
    let world = World::new(SEVERAL).await;
    let (main, two) = (world.client(0, "").await, world.client(1, "/two").await);
    let key = SealingKey::generate().unwrap();
    let store: Arc<dyn Sessions> = Arc::new(MemorySessions::with_clock(Arc::new(world.clock.clone())));
    for in_cookies in [false, true] {
        let builder = || {
            let builder = Login::builder(main.clone(), key.clone()).clock(Arc::new(world.clock.clone()));
            if in_cookies {
                return builder.cookie_sessions(CookieSessions::default());
            }
            builder.sessions(Arc::clone(&store))
        };
        let both = builder().provider("two", "2", two.clone()).build().unwrap();
        let mut before = Browser::new(&world, world.application::<A>(both).await);
        before.log_in("/login/two").await;
        assert!(before.is_logged_in().await);
        let application = world.application::<A>(builder().build().unwrap()).await;
        let mut after = before.at(application);
        assert!(!after.is_logged_in().await, "in cookies: {in_cookies}");
        after.log_in("/login").await;
        assert!(after.is_logged_in().await);
    }
}

pub async fn somebody_else_may_begin_a_login_with_a_known_provider<A: Adapter>() {
    let world = World::new(SEVERAL).await;
    let mut browser = world.open::<A>().await;
    let wish = "iss=https%3A%2F%2Ftwo.example&login_hint=grace&target_link_uri=%2Fprivate";
    let sent = browser.get(&format!("/login?{wish}")).await;
    let to = location(&sent);
    assert!(to.starts_with("https://two.example/authorize?") && to.contains("login_hint=grace"), "{to}");
    // Core 4: by a form too, from the other site; then by GET, which brings the cookies.
    let form = Params::parse(wish.as_bytes()).unwrap();
    let sent = browser.send(Method::POST, &format!("{APP}/login"), Some(&form), From::OtherSite).await;
    assert_eq!((sent.status(), location(&sent)), (StatusCode::SEE_OTHER, format!("/login?{wish}")));
    assert!(browser.cookies("login").len() == 1, "the form alone begins nothing");
    assert_eq!(location(&browser.log_in(&format!("/login?{wish}")).await), "/private");
    for stranger in ["https%3A%2F%2Fevil.example", "https%3A%2F%2Ftwo.example%2F", "javascript%3A"] {
        let refused = browser.get(&format!("/login?iss={stranger}")).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{stranger}");
    }
}

pub async fn settings_that_can_not_work_are_refused<A: Adapter>() {
    let world = World::new(SEVERAL).await;
    let (main, two) = (world.client(0, "").await, world.client(1, "/two").await);
    let builder = || Login::builder(main.clone(), SealingKey::generate().unwrap());
    let refused = |error: LoginSetupError| error.to_string();
    assert!(refused(builder().provider("Two", "2", two.clone()).build().unwrap_err()).contains("name"));
    assert!(
        refused(builder().provider("main", "2", main.clone()).build().unwrap_err()).contains("two providers")
    );
    let shared = builder().provider("two", "2", main.clone()).build().unwrap_err();
    assert!(refused(shared).contains("/callback/two"), "two providers must not share a callback");
    // The main one's address may end with a path of the application's own before `/callback`; not with a name of another's.
    let (one, other) = (world.client(0, "/callback").await, world.client(1, "/callback").await);
    let shared = Login::builder(one, SealingKey::generate().unwrap()).provider("callback", "2", other);
    assert!(refused(shared.build().unwrap_err()).contains("redirect_uri"));
    assert!(refused(builder().cookie_name("a b").build().unwrap_err()).contains("cookie"));
    assert!(builder().provider("two", "2", two).build().is_ok());
}
