//! What holds for every page of Authmint, the provider's and those of the sample application: their safety, their form, and the
//! contrast of their colours. For tests: what does not hold panics with the page's name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "for tests"
)]

mod contrast;

pub use contrast::keeps_contrast;

/// What runs, draws or fetches something and has no place on a page without a script.
const DANGEROUS: [&str; 6] = ["script", "style", "iframe", "object", "embed", "base"];

/// The parts of a start tag: its name, and its attributes with their values.
#[derive(Debug)]
pub struct Tag<'a> {
    /// Its name.
    pub name: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Tag<'a> {
    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(attribute, _)| *attribute == name).map(|(_, value)| *value)
    }

    /// It holds no handler, no style, and no markup in a value (S30).
    pub fn is_harmless(&self, page_name: &str) {
        for (attribute, value) in &self.attributes {
            assert!(!attribute.starts_with("on"), "{page_name} holds a handler: {attribute}");
            assert_ne!(*attribute, "style", "{page_name} holds an inline style");
            let is_name = attribute.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            assert!(is_name, "{page_name}: {attribute}");
            assert!(!value.contains(['<', '>']) || self.name == "link", "{page_name}: {value}");
        }
        let image = self.attribute("src").filter(|_| self.name == "img");
        assert!(image.is_none_or(|source| source.starts_with("https://")), "{page_name}: {image:?}");
    }
}

/// Reads the tags as a browser would. An attribute's value has to be in double quotes.
#[must_use]
pub fn tags(page: &str) -> Vec<Tag<'_>> {
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

/// A page without a script holds nothing that could run (S30).
pub fn holds_nothing_that_runs(name: &str, page: &str) {
    assert!(!page.contains("<script"), "{name} holds a script");
    assert!(!page.contains("javascript:"), "{name} holds a javascript: URI");
    for tag in tags(page) {
        assert!(!DANGEROUS.contains(&tag.name), "{name}: {}", tag.name);
        tag.is_harmless(name);
    }
}

/// A page that was given `<script>alert(1)</script>"><img …` shows it as words (S30).
pub fn shows_hostile_strings_as_words(name: &str, page: &str) {
    let words = "&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#62;&#60;img";
    assert!(page.contains(words), "{name} shows no hostile value");
    assert!(!page.contains("<script>alert"), "{name} shows a hostile value unescaped");
}

/// It has one of each part, no `id` twice, and no reference to an `id` that is not there.
pub fn is_whole(name: &str, page: &str) {
    let tags = tags(page);
    for once in ["html", "head", "title", "body", "header", "main", "h1"] {
        assert_eq!(tags.iter().filter(|tag| tag.name == once).count(), 1, "{name}: <{once}>");
    }
    let mut ids: Vec<_> = tags.iter().filter_map(|tag| tag.attribute("id")).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "{name}: an id twice");
    for reference in ["for", "aria-describedby", "aria-labelledby"] {
        for target in tags.iter().filter_map(|tag| tag.attribute(reference)) {
            assert!(ids.contains(&target), "{name}: {reference}={target}");
        }
    }
}

/// Every form is posted, with its token against requests of other sites (S31).
pub fn posts_every_form_with_its_token(name: &str, page: &str) {
    let tags = tags(page);
    let forms: Vec<_> = tags.iter().filter(|tag| tag.name == "form").collect();
    assert!(forms.iter().all(|form| form.attribute("method") == Some("post")), "{name}");
    let tokens = page.matches("<input type=\"hidden\" name=\"csrf\" value=\"").count();
    assert_eq!(tokens, forms.len(), "{name}");
}
