//! The two parties that a page speaks of: the application that asks, and the person who is asked.

use super::{link, words};

/// The application that sent the person here, as its registration describes it.
#[derive(Clone, Debug)]
pub struct Application {
    /// `client_name`, or `client_id` where there is none.
    pub name: String,
    /// `client_uri`: the application's own page. Only its host is shown, and only if it is a web address.
    pub uri: Option<String>,
    /// `logo_uri`: the application's picture. Shown only if it is an `https` address, and the page's policy must allow its
    /// origin.
    pub logo: Option<String>,
    /// `policy_uri`: how the application treats personal data. Shown only if it is a web address.
    pub privacy_policy: Option<String>,
    /// `tos_uri`: the application's terms. Shown only if it is a web address.
    pub terms_of_service: Option<String>,
}

impl Application {
    pub(super) fn short_name(&self) -> String {
        words::name(&self.name)
    }

    pub(super) fn initial(&self) -> String {
        words::initial(&self.name)
    }

    pub(super) fn host(&self) -> Option<String> {
        self.uri.as_deref().and_then(link::host)
    }

    pub(super) fn link(&self) -> Option<&str> {
        self.uri.as_deref().and_then(link::web)
    }

    pub(super) fn privacy_link(&self) -> Option<&str> {
        self.privacy_policy.as_deref().and_then(link::web)
    }

    pub(super) fn terms_link(&self) -> Option<&str> {
        self.terms_of_service.as_deref().and_then(link::web)
    }

    /// The picture, if it may be shown.
    pub(crate) fn shown_logo(&self) -> Option<&str> {
        self.logo.as_deref().and_then(link::secure)
    }
}

/// The person who is signed in.
#[derive(Clone, Debug)]
pub struct User {
    /// What the person is called, or the user name where no name is known.
    pub name: String,
    /// The person's e-mail address, if it is known.
    pub email: Option<String>,
}

impl User {
    pub(super) fn short_name(&self) -> String {
        words::name(&self.name)
    }

    pub(super) fn initial(&self) -> String {
        words::initial(&self.name)
    }
}
