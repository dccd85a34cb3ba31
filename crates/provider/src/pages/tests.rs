//! What holds for all pages: their words, their safety, and the contrast of their colours.

use authmint_page_checks::{
    holds_nothing_that_runs, is_whole, keeps_contrast, posts_every_form_with_its_token,
    shows_hostile_strings_as_words, tags,
};

use super::fixtures::{HOSTILE, check_session, pages, special_pages};
use super::{CheckSession, ErrorKind, FormPost, STYLESHEET, STYLESHEET_PATH, SignedOut, script};

/// Every pair of colours that meet on a page, and the contrast they need: 4.5 for words, 3 for edges and signs.
const PAIRS: [(&str, &str, f64); 17] = [
    ("ink", "card", 4.5),
    ("ink", "ground", 4.5),
    ("ink", "tint", 4.5),
    ("quiet", "card", 4.5),
    ("quiet", "ground", 4.5),
    ("accent", "card", 4.5),
    ("accent", "ground", 4.5),
    ("accent", "tint", 4.5),
    ("accent-strong", "card", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-strong", 4.5),
    ("error", "error-tint", 4.5),
    ("error", "card", 3.0),
    ("warn", "warn-tint", 4.5),
    ("warn", "card", 4.5),
    ("edge", "card", 3.0),
    ("edge", "ground", 3.0),
];

#[test]
fn words() {
    let special = special_pages().into_iter().map(|(name, page, _)| (name, page));
    for (name, page) in pages().into_iter().chain(special).filter(|(name, _)| !name.starts_with("hostile")) {
        let (head, body) = page.split_once("<body>").unwrap();
        let title = head.lines().find(|line| line.contains("<title>")).unwrap().trim();
        let (_, main) = body.split_once("</header>").unwrap();
        insta::assert_snapshot!(name, format!("{title}{}", main.trim_end().trim_end_matches("</html>")));
    }
}

#[test]
fn frame() {
    let (_, page) = pages().into_iter().find(|(name, _)| *name == "login").unwrap();
    insta::assert_snapshot!("frame", page.replace(STYLESHEET_PATH, "/assets/authmint-[hash].css"));
}

#[test]
fn statuses() {
    use ErrorKind::{
        ExpiredForm, Internal, MethodNotAllowed, Misdirected, NotFound, Request, TooLarge, TooManyRequests,
    };
    let kinds =
        [Request, ExpiredForm, NotFound, MethodNotAllowed, TooLarge, Misdirected, TooManyRequests, Internal];
    assert_eq!(kinds.map(ErrorKind::status), [400, 400, 404, 405, 413, 421, 429, 500]);
}

#[test]
fn s30_hostile_strings_stay_words() {
    for (name, page) in pages() {
        holds_nothing_that_runs(name, &page);
        if name.starts_with("hostile") {
            shows_hostile_strings_as_words(name, &page);
        }
    }
}

/// The page as it is without its one script, and the script.
fn scriptless(page: &str) -> (String, Option<&str>) {
    match page.split_once("<script>") {
        Some((before, rest)) => {
            let (script, after) = rest.split_once("</script>").unwrap();
            (format!("{before}{after}"), Some(script))
        }
        None => (page.to_owned(), None),
    }
}

#[test]
fn s30_pages_with_a_script_hold_the_one_that_the_policy_names_and_hostile_strings_stay_words() {
    for (name, page, frames) in special_pages() {
        let (rest, found) = scriptless(&page);
        let allowed =
            if name.contains("form-post") { FormPost::script_hash() } else { SignedOut::script_hash() };
        if let Some(found) = found {
            assert_eq!(script::source(found), allowed, "{name}");
        }
        assert_eq!(found.is_some(), name != "signed-out-frames", "{name}");
        assert!(!rest.contains("<script") && !rest.contains("javascript:"), "{name}");
        let tags = tags(&rest);
        assert_eq!(tags.iter().filter(|tag| tag.name == "iframe").count(), frames, "{name}");
        for tag in tags {
            assert!(!["img", "style", "object", "embed", "base"].contains(&tag.name), "{name}: {}", tag.name);
            tag.is_harmless(name);
            if tag.name == "iframe" {
                assert!(tag.attribute("src").unwrap().starts_with("https://"));
                assert_eq!(tag.attribute("sandbox"), Some("allow-same-origin allow-scripts"));
            }
        }
        assert!(!page.contains(HOSTILE), "{name} shows a hostile value unescaped");
    }
}

#[test]
fn s30_the_session_frame_holds_one_script_and_no_hostile_cookie_name() {
    let page = check_session(HOSTILE);
    let (rest, found) = scriptless(&page);
    assert_eq!(script::source(found.unwrap()), CheckSession::script_hash());
    assert!(!rest.contains(HOSTILE) && !rest.contains("<script"));
    insta::assert_snapshot!("check-session", scriptless(&check_session("__Host-authmint-state")).0);
}

#[test]
fn every_page_is_whole() {
    let special = special_pages().into_iter().map(|(name, page, _)| (name, scriptless(&page).0));
    for (name, page) in pages().into_iter().chain(special) {
        is_whole(name, &page);
    }
}

#[test]
fn s31_every_form_is_posted_with_its_token() {
    for (name, page) in pages() {
        posts_every_form_with_its_token(name, &page);
    }
}

#[test]
fn colours_keep_their_contrast_in_both_schemes() {
    keeps_contrast(STYLESHEET, &PAIRS);
}
