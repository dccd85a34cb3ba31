//! A login that somebody else begins: a portal sends the browser to the application (OpenID Connect Core 4).

use authmint_oauth2::{Issuer, Params};

use crate::error::Error;
use crate::options::LoginOptions;

/// The wish that a login be begun. It proves nothing: it only says with which provider, and what to show afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ThirdPartyLogin {
    /// The provider to log in with. Look it up among those that the application knows; never discover it.
    pub issuer: Issuer,
    /// Who is probably about to log in.
    pub login_hint: Option<String>,
    /// Where the person wants to go. Only go there if it is an address of this application: anyone can write it.
    pub target_link_uri: Option<String>,
}

impl ThirdPartyLogin {
    /// Reads the query, or the form, of a request to the application's `initiate_login_uri`.
    ///
    /// # Errors
    /// [`Error::Protocol`] when `iss` is missing or no issuer.
    pub fn parse(query: &str) -> Result<Self, Error> {
        let params = Params::parse(query.trim_start_matches('?').as_bytes())?;
        let text = |name| authmint_oauth2::authorization::opaque(&params, name);
        Ok(Self {
            issuer: params.require("iss")?.parse()?,
            login_hint: text("login_hint")?,
            target_link_uri: text("target_link_uri")?,
        })
    }

    /// What to begin the login with.
    #[must_use]
    pub fn options(&self) -> LoginOptions {
        match &self.login_hint {
            Some(hint) => LoginOptions::new().login_hint(hint),
            None => LoginOptions::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_names_its_provider() {
        let wish = ThirdPartyLogin::parse("?iss=https%3A%2F%2Flogin.example&login_hint=ada").unwrap();
        assert_eq!(
            (wish.issuer.as_str(), wish.login_hint.as_deref()),
            ("https://login.example", Some("ada"))
        );
        for query in ["", "iss=ftp%3A%2F%2Fx", "iss=https%3A%2F%2Fa&iss=https%3A%2F%2Fb", "login_hint=ada"] {
            assert!(ThirdPartyLogin::parse(query).is_err(), "{query}");
        }
    }
}
