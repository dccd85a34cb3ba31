//! Every page in every state, with kind data and with hostile data: for the tests and for the gallery.

use super::{
    Application, CheckSession, Consent, DeviceCode, DeviceCodeError, DeviceConsent, DeviceDone, ErrorDetails,
    ErrorKind, ErrorPage, FormPost, HiddenField, Home, Layout, Link, Login, LoginError, Logout, LogoutFrame,
    SignedIn, SignedOut, User,
};

/// A name that tries markup, quotes, and one endless word.
pub(crate) const HOSTILE: &str =
    "<script>alert(1)</script>\"><img src=x onerror=alert(1)>' onclick='alert(1)";

fn layout() -> Layout {
    Layout { product_name: "Northwind ID".into(), base_path: "/tenant".into(), ..Layout::default() }
}

fn sample() -> Application {
    named("Sample application", "https://app.example/")
}

fn named(name: &str, uri: &str) -> Application {
    Application {
        name: name.into(),
        uri: Some(uri.into()),
        logo: None,
        privacy_policy: None,
        terms_of_service: None,
    }
}

/// Everything that a registration may say.
fn described() -> Application {
    Application {
        logo: Some("https://cdn.app.example/logo.png".into()),
        privacy_policy: Some("https://app.example/privacy".into()),
        terms_of_service: Some("https://app.example/terms".into()),
        ..sample()
    }
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
        wants_account: false,
        device: None,
        error: None,
    }
}

fn device_code() -> DeviceCode {
    DeviceCode {
        layout: layout(),
        action: "/tenant/device".into(),
        csrf: "csrf-token".into(),
        user_code: String::new(),
        user: ada(),
        error: None,
    }
}

fn device_consent() -> DeviceConsent {
    DeviceConsent {
        layout: layout(),
        action: "/tenant/device".into(),
        csrf: "csrf-token".into(),
        user_code: "WDJB-MJHT".into(),
        application: described(),
        user: ada(),
        scopes: strings(&["openid", "profile", "offline_access"]),
        descriptions: std::collections::BTreeMap::new(),
    }
}

fn device_done(allowed: bool) -> DeviceDone {
    DeviceDone { layout: layout(), application: sample(), allowed }
}

fn signed_out() -> SignedOut {
    SignedOut { layout: layout(), application: None, frames: Vec::new(), next: None }
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
    }
}

fn error(kind: ErrorKind) -> ErrorPage {
    ErrorPage::new(layout(), kind)
}

fn hostile_layout() -> Layout {
    Layout { product_name: HOSTILE.into(), base_path: "/\"onclick='x".into(), language: "\"><script>".into() }
}

fn hostile_application() -> Application {
    let text = || Some(HOSTILE.to_owned());
    Application {
        logo: Some("javascript:alert(1)".into()),
        privacy_policy: Some("data:text/html,<script>alert(1)</script>".into()),
        terms_of_service: text(),
        ..named(HOSTILE, "javascript:alert(1)")
    }
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
        application: described(),
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
        ("login-described", Login { application: Some(described()), ..login() }.render()),
        ("login-create", Login { wants_account: true, ..login() }.render()),
        (
            "login-device",
            Login {
                application: None,
                interaction: String::new(),
                device: Some("WDJB-MJHT".into()),
                ..login()
            }
            .render(),
        ),
        ("consent", consent().render()),
        ("consent-full", full.render()),
        (
            "consent-device",
            Consent { redirect_uri: "http://127.0.0.1:53682/callback".into(), ..consent() }.render(),
        ),
        ("consent-no-scope", Consent { scopes: Vec::new(), ..consent() }.render()),
        ("logout", logout.render()),
        ("logout-alone", Logout { application: None, user: None, ..logout.clone() }.render()),
        ("signed-out", signed_out().render()),
        ("signed-out-link", SignedOut { application: Some(sample()), ..signed_out() }.render()),
        ("device", device_code().render()),
        ("device-filled-in", DeviceCode { user_code: "WDJB-MJHT".into(), ..device_code() }.render()),
        (
            "device-unknown",
            DeviceCode {
                user_code: "WDJB-XXXX".into(),
                error: Some(DeviceCodeError::Unknown),
                ..device_code()
            }
            .render(),
        ),
        ("device-expired", DeviceCode { error: Some(DeviceCodeError::Expired), ..device_code() }.render()),
        ("device-consent", device_consent().render()),
        ("device-allowed", device_done(true).render()),
        ("device-denied", device_done(false).render()),
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
    let arabic = named("متجر الكتب", "https://كتب.example/");
    let wordy = named(&long(), &format!("https://{}.example/", "very-long-label-".repeat(3) + "x"));
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
        wants_account: true,
        device: Some(text()),
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
    };
    let device = DeviceConsent {
        layout: hostile_layout(),
        action: text(),
        csrf: text(),
        user_code: text(),
        application: hostile_application(),
        user: hostile_user(),
        scopes: vec![text()],
        descriptions: std::collections::BTreeMap::new(),
    };
    let device_code = DeviceCode {
        layout: hostile_layout(),
        action: text(),
        csrf: text(),
        user_code: text(),
        user: hostile_user(),
        error: Some(DeviceCodeError::Unknown),
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
        ("hostile-device-code", device_code.render()),
        ("hostile-device", device.render()),
        (
            "hostile-device-done",
            DeviceDone { application: hostile_application(), layout: hostile_layout(), allowed: true }
                .render(),
        ),
        (
            "hostile-signed-out",
            SignedOut {
                layout: hostile_layout(),
                application: Some(hostile_application()),
                frames: vec![LogoutFrame {
                    application: hostile_application(),
                    uri: "javascript:alert(1)".into(),
                }],
                next: None,
            }
            .render(),
        ),
        ("hostile-signed-in", signed_in.render()),
        ("hostile-error", error.render()),
        ("hostile-home", home.render()),
    ]
}

/// The pages that hold a script or frames, with kind data and with hostile data, and how many frames each has.
pub(crate) fn special_pages() -> Vec<(&'static str, String, usize)> {
    let field = |name: &str, value: &str| HiddenField { name: name.into(), value: value.into() };
    let frame = |application: Application, uri: &str| LogoutFrame { application, uri: uri.into() };
    let form_post = FormPost {
        layout: layout(),
        action: "https://app.example/callback?a=1&b=2".into(),
        fields: vec![field("code", "SplxlOBeZQQYbYS6WxSbIA"), field("state", "af0ifjsldkj")],
    };
    let hostile_form_post = FormPost {
        layout: hostile_layout(),
        action: format!("https://app.example/{HOSTILE}"),
        fields: vec![field(HOSTILE, HOSTILE), field("state", "</script><script>alert(1)</script>")],
    };
    let frames = SignedOut {
        application: Some(sample()),
        frames: vec![
            frame(sample(), "https://app.example/out?iss=https%3A%2F%2Fid.example&sid=1"),
            frame(named("Another one", "https://other.example/"), "https://other.example/out"),
        ],
        ..signed_out()
    };
    let next = SignedOut { next: Some("https://app.example/bye?state=a&x=1".into()), ..frames.clone() };
    let hostile = SignedOut {
        layout: hostile_layout(),
        application: Some(hostile_application()),
        frames: vec![
            frame(hostile_application(), &format!("https://app.example/?{HOSTILE}")),
            frame(hostile_application(), "javascript:alert(1)"),
            frame(hostile_application(), "data:text/html,<script>alert(1)</script>"),
        ],
        next: Some(format!("https://app.example/?{HOSTILE}")),
    };
    vec![
        ("form-post", form_post.render(), 0),
        ("hostile-form-post", hostile_form_post.render(), 0),
        ("signed-out-frames", frames.render(), 2),
        ("signed-out-next", next.render(), 2),
        ("hostile-signed-out-next", hostile.render(), 1),
    ]
}

/// The frame of Session Management, with a cookie of any name.
pub(crate) fn check_session(cookie: &str) -> String {
    CheckSession { cookie: cookie.into() }.render()
}
