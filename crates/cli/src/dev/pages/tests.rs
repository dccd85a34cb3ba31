//! What holds for all pages of the sample application: their words, their safety, and the contrast of their colours.

use authmint_page_checks::{
    holds_nothing_that_runs, is_whole, keeps_contrast, posts_every_form_with_its_token,
    shows_hostile_strings_as_words,
};

use super::fixtures::pages;
use super::{STYLESHEET, STYLESHEET_PATH};

/// Every pair of colours that meet on a page, and the contrast they need: 4.5 for words, 3 for edges and signs.
const PAIRS: [(&str, &str, f64); 14] = [
    ("ink", "ground", 4.5),
    ("ink", "panel", 4.5),
    ("ink", "tint", 4.5),
    ("quiet", "ground", 4.5),
    ("quiet", "panel", 4.5),
    ("accent", "ground", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-strong", 4.5),
    ("good", "good-tint", 4.5),
    ("good", "panel", 4.5),
    ("error", "error-tint", 4.5),
    ("error", "panel", 4.5),
    ("edge", "ground", 3.0),
    ("edge", "tint", 3.0),
];

#[test]
fn words() {
    for (name, page) in pages().into_iter().filter(|(name, _)| !name.starts_with("hostile")) {
        insta::assert_snapshot!(name, page.replace(STYLESHEET_PATH.as_str(), "/assets/sample-[hash].css"));
    }
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

#[test]
fn every_page_is_whole() {
    for (name, page) in pages() {
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
