//! The page for everything that went wrong: plain words for the person, and the facts for the developer one click away.

use askama::Template;

use super::{Layout, Link, render, words};

/// Something went wrong, and the answer must not leave this server.
#[derive(Clone)]
pub struct ErrorPage {
    /// The frame of the page.
    pub layout: Layout,
    /// What happened, in a few words.
    pub title: String,
    /// What happened, in a sentence for the person.
    pub message: String,
    /// What the person can do now.
    pub advice: Option<String>,
    /// How long to wait before the next try, where that is the way out.
    pub retry_after_seconds: Option<u64>,
    /// Where to go from here.
    pub link: Option<Link>,
    /// What a developer needs to find the cause.
    pub details: ErrorDetails,
}

/// The facts behind an error, folded away on the page. All of them are shown to whoever made the request, so none may
/// hold a secret.
#[derive(Clone, Debug, Default)]
pub struct ErrorDetails {
    /// The registered error code, such as `invalid_request`.
    pub code: Option<String>,
    /// The parameter that is at fault.
    pub parameter: Option<String>,
    /// What was expected.
    pub explanation: Option<String>,
    /// The section of the specification, such as `RFC 6749, section 3.1.2.4`.
    pub section: Option<String>,
    /// What the operator searches the log for.
    pub reference: Option<String>,
}

/// The errors that a provider shows to people. [`ErrorPage::new`] has the words for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// An authorization or logout request that must not be answered by a redirect.
    Request,
    /// A form came back after its token had expired, or twice.
    ExpiredForm,
    /// The sign-in was finished, has expired, or was begun in another browser.
    SignInOver,
    /// There is no such page.
    NotFound,
    /// The page does not take this method.
    MethodNotAllowed,
    /// More was sent than is read.
    TooLarge,
    /// The request names a host that this server does not speak for.
    Misdirected,
    /// Too many requests in a short time.
    TooManyRequests,
    /// The server failed.
    Internal,
}

struct Words {
    status: u16,
    title: &'static str,
    message: &'static str,
    advice: &'static str,
}

impl ErrorKind {
    /// The HTTP status that goes with the page.
    pub fn status(self) -> u16 {
        self.words().status
    }

    fn words(self) -> Words {
        match self {
            Self::Request => Words {
                status: 400,
                title: "This request cannot be completed",
                message: "The application that sent you here asked for something we cannot safely do, so we stopped.",
                advice: "Go back to the application and try again. If you see this page once more, tell the people \
                         who run the application.",
            },
            Self::ExpiredForm => Words {
                status: 400,
                title: "This page has expired",
                message: "To keep you safe, a form works only once and only for a short time.",
                advice: "Go back to the application and start again. That takes you to a fresh page.",
            },
            Self::SignInOver => Words {
                status: 400,
                title: "This sign-in is over",
                message: "It was finished already, took too long, or was begun in another browser.",
                advice: "Go back to the application. If it does not know you yet, sign in there once more.",
            },
            Self::NotFound => Words {
                status: 404,
                title: "There is no page here",
                message: "The address may have a typing mistake, or the page may have moved.",
                advice: "Check the address, or start again from the application you want to use.",
            },
            Self::MethodNotAllowed => Words {
                status: 405,
                title: "This address cannot be opened that way",
                message: "It is made for forms and applications, not for opening it directly.",
                advice: "Go back to the page you came from and use its buttons.",
            },
            Self::TooLarge => Words {
                status: 413,
                title: "That is more than we can take",
                message: "What was sent is larger than this page accepts.",
                advice: "Go back, shorten what you entered, and send it again.",
            },
            Self::Misdirected => Words {
                status: 421,
                title: "This address leads to the wrong server",
                message: "Your browser reached us under a name that we do not answer to.",
                advice: "Start again from the application you want to use. It knows the right address.",
            },
            Self::TooManyRequests => Words {
                status: 429,
                title: "Please wait a moment",
                message: "We had many requests from your network in a short time, so we paused.",
                advice: "Wait, then try again.",
            },
            Self::Internal => Words {
                status: 500,
                title: "Something went wrong on our side",
                message: "We could not finish what you asked for. You did nothing wrong.",
                advice: "Wait a minute, then try again. If it keeps happening, tell the people who run this service.",
            },
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct Html<'a> {
    layout: &'a Layout,
    page: &'a ErrorPage,
}

impl ErrorPage {
    /// A page with the words for `kind`; change or add any field before rendering.
    pub fn new(layout: Layout, kind: ErrorKind) -> Self {
        let words = kind.words();
        Self {
            layout,
            title: words.title.into(),
            message: words.message.into(),
            advice: Some(words.advice.into()),
            retry_after_seconds: None,
            link: None,
            details: ErrorDetails::default(),
        }
    }

    /// The page as an HTML document.
    pub fn render(&self) -> String {
        render::html(&Html { layout: &self.layout, page: self }, &self.title)
    }

    fn advice_now(&self) -> Option<String> {
        let wait = self.retry_after_seconds.map(|s| format!("Wait {}, then try again.", words::wait(s)));
        wait.or_else(|| self.advice.clone())
    }
}

impl ErrorDetails {
    fn is_empty(&self) -> bool {
        self.rows().next().is_none()
    }

    fn rows(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("Error", &self.code),
            ("Parameter", &self.parameter),
            ("Explanation", &self.explanation),
            ("Specification", &self.section),
            ("Reference", &self.reference),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }
}
