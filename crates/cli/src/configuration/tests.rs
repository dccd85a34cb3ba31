//! The samples are complete and right, and what is wrong is named, all of it.

use std::fs;
use std::path::Path;

use authmint_oauth2::client_metadata::field_names;

use super::{check, show};
use crate::config::{Configuration, Settings};
use crate::settings::findings::Findings;
use crate::settings::seed::Seed;
use crate::settings::server::Trusted;
use crate::settings::tls::Tls;
use crate::settings_file::{Audit, Fetch, File, Lifetimes, Limits};

const SAMPLE: &str = include_str!("../../../../examples/authmint.toml");
const CONFORMANCE: &str = include_str!("../../../../examples/conformance.toml");

/// Settings without a word on the command line or in the environment.
fn nothing_said() -> Settings {
    Settings {
        config: None,
        issuer: None,
        listen: None,
        database: None,
        database_password_file: None,
        secret_file: None,
        tls_certificate: None,
        tls_key: None,
        ca_file: None,
    }
}

/// A folder with the files that the samples name.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let authority = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap().cert.pem();
    fs::create_dir(folder.path().join("conformance")).unwrap();
    for file in ["ca.pem", "conformance/suite-ca.pem"] {
        fs::write(folder.path().join(file), &authority).unwrap();
    }
    let password = folder.path().join("database-password");
    fs::write(&password, "hunter2").unwrap();
    #[cfg(unix)]
    fs::set_permissions(&password, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    folder
}

fn resolved(text: &str, folder: &Path) -> (Option<Configuration>, Findings) {
    let mut findings = Findings::default();
    let file = toml::from_str(text).unwrap();
    let configuration = nothing_said().resolve(file, folder, &mut findings);
    (configuration, findings)
}

/// Each setting of the sample as if it were written; `wanted` says which.
fn uncommented(wanted: impl Fn(&str) -> bool) -> String {
    let is_setting = |line: &str| {
        line.starts_with('[')
            || line.split_once(" = ").is_some_and(|(name, _)| !name.trim_matches('"').contains(' '))
    };
    let lines = SAMPLE.lines().filter_map(|line| match line.strip_prefix('#') {
        Some(setting) if is_setting(setting) => Some(setting).filter(|line| wanted(line)),
        _ => Some(line),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_names_every_setting() {
    let sample: toml::Table = toml::from_str(&uncommented(|_| true)).unwrap();
    let sections = [
        ("lifetimes", field_names::<Lifetimes>()),
        ("limits", field_names::<Limits>()),
        ("tls", field_names::<Tls>()),
        ("audit", field_names::<Audit>()),
        ("fetch", field_names::<Fetch>()),
        ("seed", field_names::<Seed>()),
    ];
    let all = field_names::<File>();
    assert!(all.contains(&"issuer") && all.len() > 20, "{all:?}");
    for name in all {
        assert!(sample.contains_key(*name), "the sample lacks {name}");
    }
    for (section, names) in sections {
        assert!(!names.is_empty(), "{section}");
        for name in names {
            assert!(sample[section].get(name).is_some(), "the sample lacks {section}.{name}");
        }
    }
    // One of two can be there.
    for name in field_names::<Trusted>() {
        assert!(SAMPLE.contains(name), "the sample lacks trusted_issuers.{name}");
    }
}

#[test]
fn the_sample_is_right_as_a_whole_and_shows_the_defaults() {
    let folder = folder();
    let (whole, findings) = resolved(&uncommented(|_| true), folder.path());
    assert!(findings.wrong.is_empty(), "{:?}", findings.wrong);
    assert_eq!(whole.unwrap().seed.users.len(), 1);
    // What is no example is a default: to write it changes nothing.
    let only_defaults = |line: &str| {
        let is_example = line.ends_with("# for example");
        !is_example && !line.starts_with("[[") && line != "[tls]"
    };
    let text = |toml: &str| show::text(&resolved(toml, folder.path()).0.unwrap()).unwrap();
    assert_eq!(text(&uncommented(only_defaults)), text(SAMPLE));
}

#[test]
fn what_is_shown_is_a_settings_file_without_secrets() {
    let folder = folder();
    let text = show::text(&resolved(&uncommented(|_| true), folder.path()).0.unwrap()).unwrap();
    for secret in ["hunter2", "correct horse battery staple", "sixteen-characters-at-least"] {
        assert!(!text.contains(secret));
    }
    let (again, findings) = resolved(&text, folder.path());
    assert!(findings.wrong.is_empty(), "{:?}", findings.wrong);
    let shown_again = show::text(&again.unwrap()).unwrap();
    let settings =
        |text: &str| text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
    assert_eq!(settings(&text).trim(), settings(&shown_again).trim());
    insta::assert_snapshot!(text.replace(folder.path().to_str().unwrap(), "/srv"));
}

#[test]
fn the_conformance_sample_has_the_claims_and_clients_that_the_suite_asks_for() {
    let (configuration, findings) = resolved(CONFORMANCE, folder().path());
    assert!(findings.wrong.is_empty(), "{:?}", findings.wrong);
    let Configuration { provider, seed, tls, .. } = configuration.unwrap();
    assert!(tls.is_some() && !provider.server.require_pkce);
    let claims = serde_json::to_value(&seed.users[0].claims).unwrap();
    for name in authmint_oidc::PersonClaims::NAMES {
        assert!(claims.get(name).is_some(), "the user lacks {name}");
    }
    let methods: Vec<_> =
        seed.clients.iter().map(|client| client.metadata.token_endpoint_auth_method.as_str()).collect();
    let basic = "client_secret_basic";
    assert_eq!(methods, [basic, basic, "client_secret_post", basic, basic]);
    // A module fails when its client is told of a logout in a way that it does not expect.
    let ways = seed.clients.iter().map(|client| {
        let metadata = &client.metadata;
        (metadata.frontchannel_logout_uri.is_some(), metadata.backchannel_logout_uri.is_some())
    });
    let none = (false, false);
    assert_eq!(ways.collect::<Vec<_>>(), [none, none, none, (true, false), (false, true)]);
}

fn found(text: &str) -> String {
    let mut findings = Findings::default();
    check::examine(&nothing_said(), text, Path::new("none"), &mut findings);
    let said = |kind: &str, found: &[crate::output::Failure]| {
        found.iter().flat_map(|failure| failure.lines(kind)).collect::<Vec<_>>()
    };
    [said("error", &findings.wrong), said("doubt", &findings.doubtful)].concat().join("\n")
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    insta::assert_snapshot!(found(
        r#"
issuer = "https://login.example.com/"
listen = "here"
profile = "oauth22"
require_pkce = false
registration = "anyone"
more_id_token_algorithms = ["HS256"]
metrics_listen = "0.0.0.0:9464"
rotate_keys_every = "soon"
colour = "green"

[lifetimes]
code = "60s"
session = 0
access_token = 600

[tls]
certificate = "tls.pem"

[audit]
file = "nowhere/audit.jsonl"

[[trusted_issuers]]
issuer = "https://a.example"

[[trusted_issuers]]
issuer = "https://b.example"
jwks_uri = "http://b.example/jwks"

[[seed.users]]
username = "ada"
password = "short"

[[seed.users]]
username = "bob"
password = "long enough"
email_verified = "yes"

[[seed.clients]]
client_id = "app"
redirect_uri = "https://app.example/callback"

[[seed.clients]]
client_id = "other"
redirect_uris = ["https://app.example/#callback"]

[[seed.clients]]
client_id = "third"
client_secret = "of words with spaces"
redirect_uris = ["https://app.example/callback"]
"#
    ));
}

#[test]
fn what_an_operator_may_regret_is_said_too() {
    insta::assert_snapshot!(found(
        r#"
issuer = "https://login.example.com"
listen = "0.0.0.0:8080"
trusted_proxies = ["0.0.0.0/0"]
profile = "legacy"
registration = "open"
rotate_keys_every = "never"
metrics_listen = "10.0.0.1:9464"
metrics_beyond_this_machine = true

[lifetimes]
code = 3600
access_token = 2592000

[[seed.users]]
username = "ada"
password = "correct horse battery staple"
emial = "ada@example.com"
"#
    ));
    insta::assert_snapshot!(found("issuer = \"https://login.example.com\""));
    assert_eq!(found("issuer = \"http://localhost:8080\""), "");
    insta::assert_snapshot!(found("issuer = "));
}
