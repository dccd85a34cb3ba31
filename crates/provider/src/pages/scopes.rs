//! What each scope lets an application do, in words for the person who decides.

/// The scopes of OpenID Connect Core 1.0, sections 3.1.2.1, 5.4 and 11.
const KNOWN: [(&str, &str); 6] = [
    ("openid", "Sign you in with your account here"),
    ("profile", "See your name and the rest of your profile"),
    ("email", "See your e-mail address"),
    ("address", "See your postal address"),
    ("phone", "See your phone number"),
    ("offline_access", "Keep this access after you leave the application"),
];

/// One line of what an application asks for.
pub(super) struct ScopeLine<'a> {
    pub(super) name: &'a str,
    /// Nothing if an API defines the scope, and only the API knows what it means.
    pub(super) sentence: Option<&'static str>,
}

pub(super) fn line(name: &str) -> ScopeLine<'_> {
    let sentence = KNOWN.iter().find(|(known, _)| *known == name).map(|(_, sentence)| *sentence);
    ScopeLine { name, sentence }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_scopes_have_sentences_and_others_have_none() {
        assert_eq!(line("email").sentence, Some("See your e-mail address"));
        assert!(line("Email").sentence.is_none());
        assert!(line("orders:write").sentence.is_none());
    }
}
