//! Every page in every state, with kind data and with hostile data: for the tests and for the gallery.

use super::{
    Application, Consent, ErrorDetails, ErrorKind, ErrorPage, HiddenField, Home, Layout, Link, Login,
    LoginError, Logout, SignedIn, SignedOut, User,
};

/// A name that tries markup, quotes, and one endless word.
pub(crate) const HOSTILE: &str =
    "<script>alert(1)</script>\"><img src=x onerror=alert(1)>' onclick='alert(1)";

fn layout() -> Layout {
    Layout { product_name: "Northwind ID".into(), base_path: "/tenant".into(), ..Layout::default() }
}

fn sample() -> Application {
    Application { name: "Sample application".into(), uri: Some("https://app.example/".into()) }
}

fn ada() -> User {
    User { name: "Ada Lovelace".into(), email: Some("ada@example.com".into()) }
}

fn long() -> String {
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(2)
}

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|&value| value.to_owned()).collect()
}

fn login() -> Login {
    Login {
        layout: layout(),
        action: "/tenant/login".into(),
        csrf: "csrf-token".into(),
        interaction: "interaction-handle".into(),
        application: Some(sample()),
        username: String::new(),
        error: None,
    }
}

fn consent() -> Consent {
    Consent {
        layout: layout(),
        action: "/tenant/consent".into(),
        csrf: "csrf-token".into(),
        interaction: "interaction-handle".into(),
        application: sample(),
        redirect_uri: "https://app.example/callback".into(),
        user: ada(),
        scopes: strings(&["openid", "profile", "email"]),
        descriptions: std::collections::BTreeMap::new(),
        privacy_policy: None,
        terms_of_service: None,
    }
}

fn error(kind: ErrorKind) -> ErrorPage {
    ErrorPage::new(layout(), kind)
}

fn hostile_layout() -> Layout {
    Layout { product_name: HOSTILE.into(), base_path: "/\"onclick='x".into(), language: "\"><script>".into() }
}

fn hostile_application() -> Application {
    Application { name: HOSTILE.into(), uri: Some("javascript:alert(1)".into()) }
}

fn hostile_user() -> User {
    User { name: HOSTILE.into(), email: Some(HOSTILE.into()) }
}

/// All pages: a file name and the document.
pub(crate) fn pages() -> Vec<(&'static str, String)> {
    let mut pages = kind_pages();
    pages.extend(awkward_pages());
    pages.extend(hostile_pages());
    pages
}

fn kind_pages() -> Vec<(&'static str, String)> {
    let home = Home {
        layout: Layout::default(),
        issuer: "http://localhost:8080".into(),
        discovery_path: "/.well-known/openid-configuration".into(),
        login_path: "/login".into(),
    };
    let retry = Some(LoginError::TooManyAttempts { retry_after_seconds: 110 });
    let wrong = Some(LoginError::WrongCredentials);
    let full = Consent {
        scopes: strings(&[
            "openid",
            "profile",
            "email",
            "address",
            "phone",
            "offline_access",
            "orders:write",
        ]),
        descriptions: std::collections::BTreeMap::new(),
        privacy_policy: Some("https://app.example/privacy".into()),
        terms_of_service: Some("https://app.example/terms".into()),
        ..consent()
    };
    let logout = Logout {
        layout: layout(),
        action: "/tenant/logout".into(),
        csrf: "csrf-token".into(),
        fields: vec![HiddenField { name: "logout".into(), value: "logout-handle".into() }],
        application: Some(sample()),
        user: Some(ada()),
    };
    let signed_in = SignedIn {
        layout: layout(),
        action: "/tenant/logout".into(),
        csrf: "csrf-token".into(),
        user: ada(),
        since: 1_784_383_500,
    };
    let mut request = error(ErrorKind::Request);
    request.details = ErrorDetails {
        code: Some("invalid_request".into()),
        parameter: Some("redirect_uri".into()),
        explanation: Some(
            "The value must be one of the redirect URIs that this client registered, character by character."
                .into(),
        ),
        section: Some("RFC 6749, section 3.1.2.4".into()),
        reference: Some("01J2Z8Q4W7".into()),
    };
    request.link =
        Some(Link { label: "Back to Sample application".into(), href: "https://app.example/".into() });
    let mut busy = error(ErrorKind::TooManyRequests);
    busy.retry_after_seconds = Some(45);
    let mut internal = error(ErrorKind::Internal);
    internal.details.reference = Some("01J2Z8Q4W7".into());
    let mut missing = error(ErrorKind::NotFound);
    missing.link = Some(Link { label: "To the start page".into(), href: "/tenant/".into() });
    vec![
        ("home", home.render()),
        ("login", login().render()),
        (
            "login-alone",
            Login { application: None, interaction: String::new(), layout: Layout::default(), ..login() }
                .render(),
        ),
        ("login-hint", Login { username: "ada@example.com".into(), ..login() }.render()),
        ("login-wrong", Login { username: "ada".into(), error: wrong, ..login() }.render()),
        ("login-too-many", Login { username: "ada".into(), error: retry, ..login() }.render()),
        ("login-expired", Login { error: Some(LoginError::Expired), ..login() }.render()),
        ("consent", consent().render()),
        ("consent-full", full.render()),
        (
            "consent-device",
            Consent { redirect_uri: "http://127.0.0.1:53682/callback".into(), ..consent() }.render(),
        ),
        ("consent-no-scope", Consent { scopes: Vec::new(), ..consent() }.render()),
        ("logout", logout.render()),
        ("logout-alone", Logout { application: None, user: None, ..logout.clone() }.render()),
        ("signed-out", SignedOut { layout: layout(), application: None }.render()),
        ("signed-out-link", SignedOut { layout: layout(), application: Some(sample()) }.render()),
        ("signed-in", signed_in.render()),
        ("error-request", request.render()),
        ("error-expired-form", error(ErrorKind::ExpiredForm).render()),
        ("error-sign-in-over", error(ErrorKind::SignInOver).render()),
        ("error-not-found", missing.render()),
        ("error-method", error(ErrorKind::MethodNotAllowed).render()),
        ("error-too-large", error(ErrorKind::TooLarge).render()),
        ("error-misdirected", error(ErrorKind::Misdirected).render()),
        ("error-too-many", busy.render()),
        ("error-internal", internal.render()),
    ]
}

/// Data that is honest and still hard to lay out: endless words, and a language that runs from right to left.
fn awkward_pages() -> Vec<(&'static str, String)> {
    let arabic =
        Application { name: "متجر الكتب".into(), uri: Some("https://كتب.example/".into()) };
    let wordy = Application {
        name: long(),
        uri: Some(format!("https://{}.example/", "very-long-label-".repeat(3) + "x")),
    };
    vec![
        ("login-long", Login { application: Some(wordy.clone()), username: long(), ..login() }.render()),
        ("login-rtl", Login { application: Some(arabic.clone()), ..login() }.render()),
        (
            "consent-rtl",
            Consent {
                application: arabic,
                user: User { name: "ليلى العلوي".into(), email: Some("layla@example.com".into()) },
                ..consent()
            }
            .render(),
        ),
        (
            "consent-long",
            Consent {
                application: wordy,
                user: User { name: long(), email: Some(format!("{}@example.com", "a".repeat(64))) },
                scopes: vec!["openid".into(), format!("https://api.example/{}", "scope.".repeat(30)), long()],
                ..consent()
            }
            .render(),
        ),
    ]
}

/// The same pages with every value hostile.
fn hostile_pages() -> Vec<(&'static str, String)> {
    let text = || HOSTILE.to_owned();
    let login = Login {
        layout: hostile_layout(),
        action: text(),
        csrf: text(),
        interaction: text(),
        application: Some(hostile_application()),
        username: text(),
        error: Some(LoginError::WrongCredentials),
    };
    let consent = Consent {
        layout: hostile_layout(),
        action: text(),
        csrf: text(),
        interaction: text(),
        application: hostile_application(),
        redirect_uri: "javascript:alert(1)".into(),
        user: hostile_user(),
        scopes: vec![text()],
        descriptions: std::collections::BTreeMap::new(),
        privacy_policy: Some("javascript:alert(1)".into()),
        terms_of_service: Some("data:text/html,<script>alert(1)</script>".into()),
    };
    let logout = Logout {
        layout: hostile_layout(),
        action: text(),
        csrf: text(),
        fields: vec![HiddenField { name: text(), value: text() }],
        application: Some(hostile_application()),
        user: Some(hostile_user()),
    };
    let signed_in = SignedIn {
        layout: hostile_layout(),
        action: text(),
        csrf: text(),
        user: hostile_user(),
        since: i64::MAX,
    };
    let error = ErrorPage {
        layout: hostile_layout(),
        title: text(),
        message: text(),
        advice: Some(text()),
        retry_after_seconds: None,
        link: Some(Link { label: text(), href: "javascript:alert(1)".into() }),
        details: ErrorDetails {
            code: Some(text()),
            parameter: Some(text()),
            explanation: Some(text()),
            section: Some(text()),
            reference: Some(text()),
        },
    };
    let home = Home { layout: hostile_layout(), issuer: text(), discovery_path: text(), login_path: text() };
    vec![
        ("hostile-login", login.render()),
        ("hostile-consent", consent.render()),
        ("hostile-logout", logout.render()),
        (
            "hostile-signed-out",
            SignedOut { layout: hostile_layout(), application: Some(hostile_application()) }.render(),
        ),
        ("hostile-signed-in", signed_in.render()),
        ("hostile-error", error.render()),
        ("hostile-home", home.render()),
    ]
}
