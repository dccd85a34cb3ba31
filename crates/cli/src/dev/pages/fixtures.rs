//! Every page of the sample application in every state, with kind data and with hostile data: for the tests and for
//! the gallery.

use serde_json::json;

use super::{ApiResult, Claim, ErrorKind, ErrorPage, SignedIn, SignedOut, TokenLife};

/// A value that tries markup and quotes.
pub(crate) const HOSTILE: &str =
    "<script>alert(1)</script>\"><img src=x onerror=alert(1)>' onclick='alert(1)";

const NOW: i64 = 1_784_383_500;

fn signed_in() -> SignedIn {
    SignedIn {
        name: "Ada Lovelace".into(),
        email: Some("ada@example.com".into()),
        issuer: "http://localhost:8080".into(),
        csrf: "csrf-token".into(),
        claims: vec![
            Claim::new("iss", &json!("http://localhost:8080")),
            Claim::new("sub", &json!("01J2Z8Q4W7ADALOVELACE")),
            Claim::new("aud", &json!("sample-app")),
            Claim::new("exp", &json!(NOW + 3600)),
            Claim::new("iat", &json!(NOW)),
            Claim::new("auth_time", &json!(NOW - 20)),
            Claim::new("nonce", &json!("n-0S6_WzA2Mj")),
            Claim::new("amr", &json!(["pwd"])),
            Claim::new("name", &json!("Ada Lovelace")),
            Claim::new("email", &json!("ada@example.com")),
            Claim::new("email_verified", &json!(true)),
            Claim::new("favourite_engine", &json!("analytical")),
        ],
        tokens: vec![
            TokenLife { name: "ID token".into(), expires_at: Some(NOW + 3600) },
            TokenLife { name: "Access token".into(), expires_at: Some(NOW + 300) },
            TokenLife { name: "Refresh token".into(), expires_at: None },
        ],
        can_refresh: true,
        api_result: None,
        notice: None,
        now: NOW,
    }
}

fn error(kind: ErrorKind) -> ErrorPage {
    ErrorPage::new(kind)
}

/// All pages: a file name and the document.
pub(crate) fn pages() -> Vec<(&'static str, String)> {
    let issuer = String::from("http://localhost:8080");
    let hello = ApiResult::new(
        200,
        r#"{"message":"Hello, Ada","subject":"01J2Z8Q4W7ADALOVELACE","scope":["openid","profile"]}"#,
    );
    let refused = ApiResult::new(
        401,
        r#"{"error":"invalid_token","error_description":"The access token has expired."}"#,
    );
    let expired = vec![TokenLife { name: "Access token".into(), expires_at: Some(NOW - 5) }];
    let mut denied = error(ErrorKind::AccessDenied);
    denied.code = Some("access_denied".into());
    let mut failed = error(ErrorKind::SignInFailed);
    failed.code = Some("invalid_grant".into());
    failed.explanation = Some("The code was used before, or it has expired.".into());
    let mut pages = vec![
        ("signed-out", SignedOut { issuer: issuer.clone(), notice: None }.render()),
        ("signed-out-notice", SignedOut { issuer, notice: Some("You are signed out.".into()) }.render()),
        ("signed-in", signed_in().render()),
        ("signed-in-api", SignedIn { api_result: Some(hello), ..signed_in() }.render()),
        (
            "signed-in-refreshed",
            SignedIn { notice: Some("Access token refreshed; the ID token stays.".into()), ..signed_in() }
                .render(),
        ),
        (
            "signed-in-refused",
            SignedIn {
                api_result: Some(refused),
                tokens: expired,
                can_refresh: false,
                email: None,
                ..signed_in()
            }
            .render(),
        ),
        ("error-denied", denied.render()),
        ("error-state", error(ErrorKind::StateMismatch).render()),
        ("error-unreachable", error(ErrorKind::ProviderUnreachable).render()),
        ("error-failed", failed.render()),
        ("error-expired-form", error(ErrorKind::ExpiredForm).render()),
        ("error-not-found", error(ErrorKind::NotFound).render()),
    ];
    pages.extend(awkward_pages());
    pages
}

fn awkward_pages() -> Vec<(&'static str, String)> {
    let text = || HOSTILE.to_owned();
    let word = "0123456789abcdef".repeat(40);
    let wordy = SignedIn {
        name: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".into(),
        claims: vec![
            Claim::new("sub", &json!(word)),
            Claim::new("name", &json!("ليلى العلوي")),
            Claim::new(&format!("https://claims.example/{word}"), &json!({ "nested": word })),
        ],
        api_result: Some(ApiResult::new(200, &word)),
        ..signed_in()
    };
    let hostile = SignedIn {
        name: text(),
        email: Some(text()),
        issuer: text(),
        csrf: text(),
        claims: vec![Claim::new(HOSTILE, &json!(HOSTILE)), Claim::new("exp", &json!(i64::MAX))],
        tokens: vec![TokenLife { name: text(), expires_at: Some(i64::MAX) }],
        can_refresh: true,
        api_result: Some(ApiResult::new(500, HOSTILE)),
        notice: Some(text()),
        now: i64::MIN,
    };
    let error = ErrorPage {
        title: text(),
        message: text(),
        advice: text(),
        retry_path: text(),
        retry_label: text(),
        code: Some(text()),
        explanation: Some(text()),
    };
    vec![
        ("signed-in-long", wordy.render()),
        ("hostile-signed-out", SignedOut { issuer: text(), notice: Some(text()) }.render()),
        ("hostile-signed-in", hostile.render()),
        ("hostile-error", error.render()),
    ]
}
