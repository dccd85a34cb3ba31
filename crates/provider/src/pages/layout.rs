//! What every page shares: whose service this is, where it lives, and the language of its words.

use super::assets::STYLESHEET_PATH;

/// The frame around every page.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The operator's name for the service, beside the mark and in the window's title.
    pub product_name: String,
    /// The path of the issuer, without a slash at its end: empty for `https://id.example`, `/tenant` for
    /// `https://id.example/tenant`.
    pub base_path: String,
    /// The language of the words on the page, as a BCP 47 tag. The words that come with Authmint are English.
    pub language: String,
}

impl Default for Layout {
    fn default() -> Self {
        Self { product_name: "Authmint".into(), base_path: String::new(), language: "en".into() }
    }
}

impl Layout {
    /// The path of something below the issuer; `path` begins with a slash.
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.base_path.trim_end_matches('/'))
    }

    /// The language if it has the shape of a tag; a browser or a screen reader can do nothing with anything else.
    pub(super) fn lang(&self) -> &str {
        let parts = || self.language.split('-');
        let part = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if parts().all(part) { &self.language } else { "en" }
    }

    pub(super) fn stylesheet(&self) -> String {
        self.path(STYLESHEET_PATH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_a_tag_or_english() {
        let lang =
            |language: &str| Layout { language: language.into(), ..Layout::default() }.lang().to_owned();
        assert_eq!(lang("de-CH"), "de-CH");
        for not_a_tag in ["", "\">", "de-", "deutsch in der Schweiz"] {
            assert_eq!(lang(not_a_tag), "en", "{not_a_tag}");
        }
    }

    #[test]
    fn paths_are_below_the_issuer() {
        let mut layout = Layout::default();
        assert_eq!(layout.path("/login"), "/login");
        for base in ["/tenant", "/tenant/"] {
            layout.base_path = base.into();
            assert_eq!(layout.path("/login"), "/tenant/login");
        }
    }
}
