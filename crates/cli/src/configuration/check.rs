//! Everything that is wrong with settings, and everything that an operator may regret.

use std::path::Path;
use std::time::Duration;

use authmint_oidc::PersonClaims;
use authmint_server::{Profile, Registration};
use rustls::pki_types::ServerName;
use rustls::server::ParsedCertificate;
use serde::Deserialize;
use toml::{Table, Value};

use crate::config::{Configuration, Settings, UNKNOWN_ISSUER};
use crate::listen::tls::Tls;
use crate::output::{Failure, print, say};
use crate::place::Source;
use crate::secret;
use crate::settings::findings::Findings;
use crate::settings_file::File;

/// What is said of sections that hold settings of their own, one by one.
const SECTIONS: &[&str] = &["lifetimes", "limits", "audit", "seed"];

/// Runs the command.
pub(crate) fn run(settings: &Settings, strict: bool) -> Result<(), Failure> {
    let mut findings = Findings::default();
    let (text, folder) = settings.source()?.unwrap_or_default();
    examine(settings, &text, &folder, &mut findings);
    for (kind, found) in [("error", &findings.wrong), ("doubt", &findings.doubtful)] {
        found.iter().flat_map(|failure| failure.lines(kind)).for_each(|line| print(&line));
    }
    let (wrong, doubtful) = (findings.wrong.len(), findings.doubtful.len());
    if wrong > 0 || (strict && doubtful > 0) {
        return Err(Failure::new(format!("the settings have {wrong} errors and {doubtful} doubts"))
            .advice("put right what is named above; docs/operating.md has every setting"));
    }
    say(&if doubtful > 0 {
        format!("no errors, {doubtful} doubts")
    } else {
        "no errors, no doubts".to_owned()
    });
    Ok(())
}

/// Finds all that can be found in a text.
pub(super) fn examine(settings: &Settings, text: &str, folder: &Path, findings: &mut Findings) {
    let file = match toml::from_str::<Table>(text) {
        Ok(table) => sound_part(table, findings),
        Err(error) => {
            findings.wrong.push(Failure::new(format!("this is not TOML:\n{error}")));
            return;
        }
    };
    let Some(configuration) = settings.resolve(file, folder, findings) else { return };
    files(&configuration, findings);
    if configuration.provider.server.issuer.as_str() != UNKNOWN_ISSUER {
        certificate(&configuration, findings);
        reach(&configuration, findings);
    }
    policy(&configuration, findings);
}

/// What can be read of a file; a note for each setting that can't.
fn sound_part(table: Table, findings: &mut Findings) -> File {
    let mut sound = Table::new();
    for (name, value) in table {
        if let Some(value) = sound_value(&mut vec![name.clone()], value, findings) {
            sound.insert(name, value);
        }
    }
    File::deserialize(sound)
        .map_err(|error| findings.wrong.push(Failure::new(error.message())))
        .unwrap_or_default()
}

fn sound_value(path: &mut Vec<String>, value: Value, findings: &mut Findings) -> Option<Value> {
    let nested = |value: Value| {
        path.iter().rev().fold(value, |value, name| Value::Table(Table::from_iter([(name.clone(), value)])))
    };
    let Value::Table(alone) = nested(value.clone()) else { return None };
    let Err(error) = File::deserialize(alone) else { return Some(value) };
    match value {
        Value::Table(section)
            if path.len() == 1
                && SECTIONS.iter().any(|name| path.first().is_some_and(|first| first == name)) =>
        {
            let mut sound = Table::new();
            for (name, value) in section {
                path.push(name.clone());
                if let Some(value) = sound_value(path, value, findings) {
                    sound.insert(name, value);
                }
                path.pop();
            }
            Some(Value::Table(sound))
        }
        Value::Array(items) if items.len() > 1 => {
            let alone = |item| sound_value(path, Value::Array(vec![item]), findings);
            let sound = items.into_iter().filter_map(alone);
            Some(Value::Array(
                sound
                    .filter_map(|one| if let Value::Array(one) = one { Some(one) } else { None })
                    .flatten()
                    .collect(),
            ))
        }
        _ => {
            findings.wrong.push(Failure::new(format!("{}: {}", path.join("."), error.message())));
            None
        }
    }
}

/// Files that the settings name.
fn files(configuration: &Configuration, findings: &mut Findings) {
    if let Source::File(path) = &configuration.place.secret {
        findings.take(secret::read(path));
    }
    if let Some(path) = &configuration.audit_file
        && let Some(folder) = path.parent()
        && !folder.as_os_str().is_empty()
        && !folder.is_dir()
    {
        let problem = Failure::new(format!("the folder of the audit file {} is not there", path.display()));
        findings.wrong.push(problem.advice(format!("mkdir -p {}", folder.display())));
    }
    if let Some(files) = &configuration.tls {
        findings.take(Tls::open(files.clone()));
    }
}

/// Whether the certificate is one for the issuer.
fn certificate(configuration: &Configuration, findings: &mut Findings) {
    let Some(files) = &configuration.tls else { return };
    let issuer = &configuration.provider.server.issuer;
    if !issuer.is_https() {
        findings.wrong.push(
            Failure::new(format!("there is a [tls] section, and the issuer {issuer} is not https"))
                .advice("an https issuer; or leave [tls] out"),
        );
    }
    let host = issuer.authority().rsplit_once(':').map_or(issuer.authority(), |(host, _)| host);
    let named = files.certificate().ok().zip(ServerName::try_from(host.trim_matches(['[', ']'])).ok());
    if let Some((certificate, name)) = named
        && let Ok(certificate) = ParsedCertificate::try_from(&certificate)
        && rustls::client::verify_server_name(&certificate, &name).is_err()
    {
        findings.doubt(
            format!("the certificate {} is not one for {host}", files.certificate.display()),
            "a certificate whose names hold the issuer's host: browsers refuse any other",
        );
    }
}

/// Who can reach what.
fn reach(configuration: &Configuration, findings: &mut Findings) {
    let Configuration { listen, trusted_proxies, tls, metrics, .. } = configuration;
    let alone = |address: &std::net::SocketAddr| address.ip().to_canonical().is_loopback();
    if tls.is_none() && !alone(listen) {
        findings.doubt(
            format!("listen = \"{listen}\" takes HTTP in plain from other machines"),
            "a [tls] section; or 127.0.0.1 with a proxy on this machine; or a network that only the proxy is in",
        );
    }
    if configuration.proxy_is_unknown() {
        findings.doubt(
            "the issuer is https, only this machine can connect, and trusted_proxies is empty: everybody seems to come from \
             the proxy's address and shares its limits",
            "trusted_proxies = [\"127.0.0.0/8\", \"::1/128\"]; or a [tls] section, without a proxy",
        );
    }
    if let Some(wide) = trusted_proxies.iter().find(|network| network.prefix_len() == 0) {
        findings.doubt(
            format!(
                "trusted_proxies holds {wide}: anybody may claim to come from any address, and no limit holds"
            ),
            "the addresses of the proxies alone",
        );
    }
    if let Some(address) = metrics.filter(|address| !alone(address)) {
        findings.doubt(
            format!("metrics_listen = \"{address}\" can be reached from other machines, without a password"),
            "127.0.0.1:9464, unless the network is your own and nobody else can enter",
        );
    }
}

/// What the settings allow.
fn policy(configuration: &Configuration, findings: &mut Findings) {
    let Configuration { provider, upkeep, seed, .. } = configuration;
    let server = &provider.server;
    if server.profile == Profile::Legacy {
        findings.doubt(
            "profile = \"legacy\" lets tokens travel through addresses and passwords through applications",
            "`authmint profile show` compares; leave it out when no client needs it any more",
        );
    }
    if server.registration == Registration::Open {
        findings.doubt(
            "registration = \"open\" lets anybody register clients, whose names people then see",
            "registration = \"invited\", unless this is a test or the ecosystem demands it",
        );
    }
    for (name, lifetime, most, why) in [
        (
            "code",
            server.code_lifetime,
            600,
            "RFC 6749 4.1.2 advises ten minutes at most, and a minute is enough",
        ),
        (
            "access_token",
            server.access_token_lifetime,
            24 * 3600,
            "a JWT that leaks is good until then, and nobody checks back",
        ),
        (
            "id_token",
            server.id_token_lifetime,
            24 * 3600,
            "it tells about a login, which is over soon after it was read",
        ),
        (
            "session",
            provider.session_lifetime,
            30 * 24 * 3600,
            "whoever finds the browser open is signed in for as long",
        ),
    ] {
        if lifetime > Duration::from_secs(most) {
            findings.doubt(format!("lifetimes.{name} = {} is long", lifetime.as_secs()), why);
        }
    }
    match upkeep.rotate_keys_every {
        None => findings.doubt(
            "rotate_keys_every = \"never\": a key that leaked unnoticed is good for ever",
            "leave it out, and keys are made anew every 90 days",
        ),
        Some(every) if every < server.key_publication.saturating_mul(6) => findings.doubt(
            format!("rotate_keys_every = {} s: each key is published longer than it signs", every.as_secs()),
            "a day at least",
        ),
        Some(_) => {}
    }
    if !seed.is_empty() {
        findings.doubt(
            "[seed] holds passwords and secrets in the settings file, for whoever reads it",
            "`authmint user add` and `authmint client add`, unless this is a test or a demonstration",
        );
    }
    for user in &seed.users {
        for name in user
            .claims
            .other
            .keys()
            .filter(|name| !PersonClaims::NAMES.contains(&name.split('#').next().unwrap_or_default()))
        {
            findings.doubt(
                format!("seed user {:?} has the claim {name:?}, which is not a standard one", user.username),
                "OpenID Connect Core 5.1 has their names; one of your own is fine",
            );
        }
    }
}
