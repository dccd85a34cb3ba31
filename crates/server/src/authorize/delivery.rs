//! How a response reaches the client through the browser (OAuth 2.0 Multiple Response Type Encoding Practices 2.1; OAuth 2.0
//! Form Post Response Mode 2).

use authmint_oauth2::{AuthorizationResponse, MatchedRedirectUri, Params, ResponseMode};

/// What the browser is to do.
#[derive(Clone, PartialEq, Eq)]
pub enum Delivery {
    /// Go to this address, with 303.
    Redirect(String),
    /// Post this form, by itself or at a click, on a page that no cache keeps.
    FormPost {
        /// The redirect URI.
        action: String,
        /// The fields.
        fields: Params,
    },
}

/// Without what is delivered: codes and tokens.
impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Redirect(_) => "Redirect",
            Self::FormPost { .. } => "FormPost",
        })
    }
}

impl Delivery {
    /// Delivers a response to a redirect URI that was matched.
    pub(super) fn new(
        redirect_uri: &MatchedRedirectUri,
        mode: ResponseMode,
        response: &AuthorizationResponse,
    ) -> Self {
        let params = response.to_params();
        match mode {
            ResponseMode::Query => Self::Redirect(redirect_uri.with(&params)),
            ResponseMode::Fragment => Self::Redirect(redirect_uri.with_fragment(&params)),
            ResponseMode::FormPost => {
                Self::FormPost { action: redirect_uri.as_str().to_owned(), fields: params }
            }
        }
    }
}
