//! What each scope lets an application do, in words for the person who decides.

use std::collections::BTreeMap;

/// The scopes of OpenID Connect Core 1.0, sections 3.1.2.1, 5.4 and 11.
const KNOWN: [(&str, &str); 6] = [
    ("openid", "Sign you in with your account here"),
    ("profile", "See your name and the rest of your profile"),
    ("email", "See your e-mail address"),
    ("address", "See your postal address"),
    ("phone", "See your phone number"),
    ("offline_access", "Keep this access even when you are not using it"),
];

/// One line of what an application asks for.
pub(super) struct ScopeLine<'a> {
    pub(super) name: &'a str,
    /// Nothing if an API defines the scope, and only the API knows what it means.
    pub(super) sentence: Option<&'a str>,
}

/// A sentence of the specification's scopes is never replaced: people know them.
pub(super) fn line<'a>(name: &'a str, descriptions: &'a BTreeMap<String, String>) -> ScopeLine<'a> {
    let known = KNOWN.iter().find(|(known, _)| *known == name).map(|(_, sentence)| *sentence);
    let sentence = known.or_else(|| descriptions.get(name).map(String::as_str));
    ScopeLine { name, sentence }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_scopes_have_sentences_and_others_those_of_the_operator() {
        let own = BTreeMap::from([("email", "Hide"), ("orders:read", "See your orders")]);
        let own = own.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let line = |name| line(name, &own);
        assert_eq!(line("orders:read").sentence, Some("See your orders"));
        assert_eq!(line("email").sentence, Some("See your e-mail address"));
        assert!(line("Email").sentence.is_none());
        assert!(line("orders:write").sentence.is_none());
    }
}
