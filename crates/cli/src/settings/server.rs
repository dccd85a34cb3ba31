//! What the server allows, and how long what it makes is good.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use authmint_jose::KeySet;
use authmint_server::{IssuerKeys, Registration, ServerConfig, TrustedIssuer};
use serde::Deserialize;

use super::findings::Findings;
use crate::output::Failure;
use crate::settings_file::File;

/// Who may register clients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WhoRegisters(pub(crate) Registration);

impl WhoRegisters {
    const ALL: [(&'static str, Registration); 3] =
        [("closed", Registration::Closed), ("invited", Registration::Invited), ("open", Registration::Open)];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, who)| *who == self.0).map_or("closed", |(name, _)| name)
    }
}

impl FromStr for WhoRegisters {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(name, _)| *name == text);
        found.map(|(_, who)| Self(*who)).ok_or_else(|| {
            format!(
                "{text:?} does not say who may register clients: \"closed\" (nobody), \"invited\" (who brings an initial \
                 access token) or \"open\" (anybody)"
            )
        })
    }
}

/// `[[trusted_issuers]]` and `[[software_statement_issuers]]`: an issuer that may vouch for people, or for software.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trusted {
    issuer: String,
    jwks_uri: Option<String>,
    jwks_file: Option<PathBuf>,
}

impl Trusted {
    fn read(&self, folder: &Path) -> Result<TrustedIssuer, Failure> {
        let Self { issuer, jwks_uri, jwks_file } = self;
        let keys = match (jwks_uri, jwks_file) {
            (Some(uri), None) => {
                if !uri.starts_with("https://") {
                    return Err(Failure::new(format!("trusted issuer {issuer}: jwks_uri is not https"))
                        .advice("whoever can change the keys on their way can be anybody here; or name a jwks_file"));
                }
                IssuerKeys::JwksUri(uri.clone())
            }
            (None, Some(file)) => {
                let path = folder.join(file);
                let problem = |error: &dyn std::fmt::Display| {
                    Failure::new(format!(
                        "trusted issuer {issuer}: {} can't be used: {error}",
                        path.display()
                    ))
                    .advice("a file that holds its public keys: {\"keys\": [ … ]} (RFC 7517 5)")
                };
                let text = fs::read_to_string(&path).map_err(|error| problem(&error))?;
                KeySet::from_jwks(&text).map_err(|error| problem(&error))?;
                IssuerKeys::Jwks(text)
            }
            _ => {
                return Err(Failure::new(format!(
                    "trusted issuer {issuer}: there is no one place of its keys"
                ))
                .advice("jwks_uri = \"https://…\" or jwks_file = \"…\", one of the two"));
            }
        };
        Ok(TrustedIssuer { issuer: issuer.clone(), keys })
    }
}

/// Puts what the file says over the defaults.
pub(crate) fn apply(file: &File, folder: &Path, server: &mut ServerConfig, findings: &mut Findings) {
    if let Some(profile) = file.profile {
        server.profile = profile.0;
    }
    for (setting, said) in [
        (&mut server.require_pkce, file.require_pkce),
        (&mut server.require_pushed_requests, file.require_pushed_requests),
        (&mut server.require_dpop_nonce, file.require_dpop_nonce),
    ] {
        *setting = said.unwrap_or(*setting);
    }
    if let Some(who) = file.registration {
        server.registration = who.0.0;
    }
    server.acr_values.clone_from(&file.acr_values);
    if let Some(algorithms) = &file.more_id_token_algorithms {
        server.more_id_token_algorithms = algorithms.iter().map(|algorithm| algorithm.0).collect();
    }
    for (setting, said) in [
        (&mut server.trusted_issuers, &file.trusted_issuers),
        (&mut server.software_statement_issuers, &file.software_statement_issuers),
    ] {
        *setting = said.iter().filter_map(|issuer| findings.take(issuer.read(folder))).collect();
    }
    for contradiction in server.contradictions() {
        findings.wrong.push(Failure::new(contradiction));
    }
}
