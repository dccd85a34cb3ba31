//! The settings as a file that says all of them.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::config::Configuration;
use crate::output::Failure;
use crate::place::{Source, shown};
use crate::settings::server::WhoRegisters;
use crate::settings::upkeep::Every;

#[derive(Serialize)]
struct Shown<'a> {
    issuer: &'a str,
    listen: String,
    database: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    database_password_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_file: Option<String>,
    product_name: &'a str,
    trusted_proxies: Vec<String>,
    profile: &'static str,
    require_pkce: bool,
    require_pushed_requests: bool,
    require_dpop_nonce: bool,
    registration: &'static str,
    acr_values: &'a [String],
    more_id_token_algorithms: Vec<String>,
    rotate_keys_every: String,
    clean_up_every: u64,
    drain: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics_listen: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    metrics_beyond_this_machine: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fetch: Option<Fetch>,
    lifetimes: Lifetimes,
    limits: Limits,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    scope_descriptions: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<Tls>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audit: Option<Audit>,
}

#[derive(Serialize)]
struct Lifetimes {
    session: u64,
    code: u64,
    access_token: u64,
    refresh_token: u64,
    id_token: u64,
    grant: u64,
    sign_in: u64,
    pushed_request: u64,
    device_code: u64,
}

#[derive(Serialize)]
struct Limits {
    login_attempts_per_account_and_address: u32,
    login_attempts_per_account: u32,
    login_attempts_per_address: u32,
    registrations_per_address: u32,
}

#[derive(Serialize)]
struct Tls {
    certificate: String,
    key: String,
}

#[derive(Serialize)]
struct Fetch {
    allow: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_file: Option<String>,
}

#[derive(Serialize)]
struct Audit {
    file: String,
}

/// The text of a settings file. What holds secrets is named in comments.
///
/// # Errors
/// When it can't be written as TOML.
pub(crate) fn text(configuration: &Configuration) -> Result<String, Failure> {
    let Configuration {
        listen,
        trusted_proxies,
        provider,
        place,
        tls,
        database_password_file,
        audit_file,
        metrics,
        upkeep,
        seed,
        fetch,
    } = configuration;
    let server = &provider.server;
    let path = |path: &Path| shown(path);
    let complete = Shown {
        issuer: server.issuer.as_str(),
        listen: listen.to_string(),
        database: place.database.to_string(),
        database_password_file: database_password_file.as_deref().map(path),
        secret_file: match &place.secret {
            Source::Given(_) => None,
            Source::File(file) => Some(path(file)),
        },
        product_name: &provider.product_name,
        trusted_proxies: trusted_proxies.iter().map(ToString::to_string).collect(),
        profile: server.profile.name(),
        require_pkce: server.require_pkce,
        require_pushed_requests: server.require_pushed_requests,
        require_dpop_nonce: server.require_dpop_nonce,
        registration: WhoRegisters(server.registration).name(),
        acr_values: &server.acr_values,
        more_id_token_algorithms: server.more_id_token_algorithms.iter().map(ToString::to_string).collect(),
        rotate_keys_every: Every(upkeep.rotate_keys_every).to_string(),
        clean_up_every: upkeep.clean_up_every.as_secs(),
        drain: upkeep.drain.as_secs(),
        metrics_listen: metrics.map(|address| address.to_string()),
        metrics_beyond_this_machine: metrics
            .is_some_and(|address| !address.ip().to_canonical().is_loopback()),
        fetch: (!fetch.allow.is_empty() || fetch.ca_file.is_some()).then(|| Fetch {
            allow: fetch.allow.iter().map(ToString::to_string).collect(),
            ca_file: fetch.ca_file.as_deref().map(path),
        }),
        lifetimes: Lifetimes {
            session: provider.session_lifetime.as_secs(),
            code: server.code_lifetime.as_secs(),
            access_token: server.access_token_lifetime.as_secs(),
            refresh_token: server.refresh_token_lifetime.as_secs(),
            id_token: server.id_token_lifetime.as_secs(),
            grant: server.grant_lifetime.as_secs(),
            sign_in: server.interaction_lifetime.as_secs(),
            pushed_request: server.pushed_request_lifetime.as_secs(),
            device_code: server.device_code_lifetime.as_secs(),
        },
        limits: Limits {
            login_attempts_per_account_and_address: provider.limits.per_account_and_address.get(),
            login_attempts_per_account: provider.limits.per_account.get(),
            login_attempts_per_address: provider.limits.per_address.get(),
            registrations_per_address: provider.limits.registrations_per_address.get(),
        },
        scope_descriptions: &provider.scope_descriptions,
        tls: tls.as_ref().map(|tls| Tls { certificate: path(&tls.certificate), key: path(&tls.key) }),
        audit: audit_file.as_ref().map(|file| Audit { file: path(file) }),
    };
    let mut text = toml::to_string(&complete)?;
    let mut note = |line: String| {
        text.push_str("\n# ");
        text.push_str(&line.replace(char::is_control, " "));
    };
    if matches!(place.secret, Source::Given(_)) {
        note("the secret is given by AUTHMINT_SECRET".to_owned());
    }
    for issuer in &server.trusted_issuers {
        note(format!("trusted issuer: {}", issuer.issuer));
    }
    for issuer in &server.software_statement_issuers {
        note(format!("issuer of software statements: {}", issuer.issuer));
    }
    for user in &seed.users {
        note(format!("seed user: {}", user.username));
    }
    for client in &seed.clients {
        note(format!("seed client: {}", client.id.as_deref().unwrap_or_default()));
    }
    Ok(text)
}
