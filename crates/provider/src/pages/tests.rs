//! What holds for all pages: their words, their safety, and the contrast of their colours.

use std::collections::HashMap;

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

/// The parts of a start tag: its name, and its attributes with their values.
struct Tag<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

/// Reads the tags as a browser would. Panics where an attribute's value is not in double quotes.
fn tags(page: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let (name, mut inside) = after.split_at(after.find([' ', '>', '\n']).unwrap());
        let mut attributes = Vec::new();
        loop {
            inside = inside.trim_start_matches([' ', '\n', '/']);
            if let Some(end) = inside.strip_prefix('>') {
                rest = end;
                break;
            }
            let (attribute, after) = inside.split_at(inside.find(['=', ' ', '>', '\n']).unwrap());
            if let Some(after) = after.strip_prefix('=') {
                let (value, after) =
                    after.strip_prefix('"').expect("a quoted value").split_once('"').unwrap();
                attributes.push((attribute, value));
                inside = after;
            } else {
                attributes.push((attribute, ""));
                inside = after;
            }
        }
        tags.push(Tag { name, attributes });
    }
    tags
}

fn attribute<'a>(tag: &Tag<'a>, name: &str) -> Option<&'a str> {
    tag.attributes.iter().find(|(attribute, _)| *attribute == name).map(|(_, value)| *value)
}

#[test]
fn s30_hostile_strings_stay_words() {
    for (name, page) in pages() {
        assert!(!page.contains("<script"), "{name} holds a script");
        assert!(!page.contains("javascript:"), "{name} holds a javascript: URI");
        for tag in tags(&page) {
            let image = attribute(&tag, "src").filter(|_| tag.name == "img");
            assert!(image.is_none_or(|source| source.starts_with("https://")), "{name}: {image:?}");
            assert!(
                !["script", "style", "iframe", "object", "embed", "base"].contains(&tag.name),
                "{name}: {}",
                tag.name
            );
            for (attribute, value) in tag.attributes {
                assert!(!attribute.starts_with("on"), "{name} holds a handler: {attribute}");
                assert_ne!(attribute, "style", "{name} holds an inline style");
                assert!(
                    attribute.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
                    "{name}: {attribute}"
                );
                assert!(!value.contains(['<', '>']) || tag.name == "link", "{name}: {value}");
            }
        }
    }
    for (name, page) in pages().iter().filter(|(name, _)| name.starts_with("hostile")) {
        assert!(
            page.contains("&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#62;&#60;img"),
            "{name} shows no hostile value"
        );
        assert!(!page.contains(HOSTILE), "{name} shows a hostile value unescaped");
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
            for (attribute, value) in &tag.attributes {
                assert!(!attribute.starts_with("on") && *attribute != "style", "{name}: {attribute}");
                assert!(!value.contains(['<', '>']) || tag.name == "link", "{name}: {value}");
            }
            if tag.name == "iframe" {
                assert!(attribute(&tag, "src").unwrap().starts_with("https://"));
                assert_eq!(attribute(&tag, "sandbox"), Some("allow-same-origin allow-scripts"));
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
        let tags = tags(&page);
        let count = |wanted: &str| tags.iter().filter(|tag| tag.name == wanted).count();
        for once in ["html", "head", "title", "body", "header", "main", "h1"] {
            assert_eq!(count(once), 1, "{name}: <{once}>");
        }
        let mut ids: Vec<_> = tags.iter().filter_map(|tag| attribute(tag, "id")).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name}: an id twice");
        for reference in ["for", "aria-describedby", "aria-labelledby"] {
            for tag in &tags {
                let target = attribute(tag, reference);
                assert!(target.is_none_or(|target| ids.contains(&target)), "{name}: {reference}={target:?}");
            }
        }
    }
}

#[test]
fn s31_every_form_is_posted_with_its_token() {
    for (name, page) in pages() {
        let forms = tags(&page)
            .iter()
            .filter(|tag| tag.name == "form")
            .map(|tag| attribute(tag, "method"))
            .collect::<Vec<_>>();
        assert!(forms.iter().all(|method| *method == Some("post")), "{name}");
        assert_eq!(
            page.matches("<input type=\"hidden\" name=\"csrf\" value=\"").count(),
            forms.len(),
            "{name}"
        );
    }
}

/// The colours of a scheme by name; dark ones replace those of the light scheme.
fn palette(dark: bool) -> HashMap<&'static str, [f64; 3]> {
    let (light, rest) = STYLESHEET.split_once("@media").unwrap();
    let (dark_block, _) = rest.split_once("\n}\n").unwrap();
    let lines = light.lines().chain(dark_block.lines().filter(|_| dark));
    lines
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"))
        .map(|(name, hex)| (name, channels(hex)))
        .collect()
}

fn channels(hex: &str) -> [f64; 3] {
    let value = u32::from_str_radix(hex.trim_end_matches(';'), 16).unwrap();
    let [_, red, green, blue] = value.to_be_bytes();
    [red, green, blue].map(|channel| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    })
}

/// WCAG 2.2, "contrast ratio".
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let luminance = |[red, green, blue]: [f64; 3]| 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn colours_keep_their_contrast_in_both_schemes() {
    for dark in [false, true] {
        let palette = palette(dark);
        for (front, back, least) in PAIRS {
            let ratio = contrast(palette[front], palette[back]);
            assert!(ratio >= least, "{front} on {back}, dark: {dark}: {ratio:.2} is below {least}");
        }
    }
}
