//! The settings of a provider: a TOML file, over which the environment and the command line go.

use std::fs;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use authmint_jose::Secret;
use authmint_oauth2::Issuer;
use authmint_provider::{Provider, ProviderConfig};
use clap::Args;
use ipnet::IpNet;

use crate::audit;
use crate::database::{Database, Named};
use crate::fetch;
use crate::listen::tls::Files;
use crate::output::Failure;
use crate::place::{Place, Source};
use crate::secret;
use crate::settings::findings::Findings;
use crate::settings::seed::Sown;
use crate::settings::upkeep::Upkeep;
use crate::settings::{metrics, server};
use crate::settings_file::{Fetch, File, Listen};

/// The settings file that is read if nothing is said.
pub(crate) const FILE: &str = "authmint.toml";

/// Stands for an issuer that is missing or can't be used, so that the rest can be looked at.
pub(crate) const UNKNOWN_ISSUER: &str = "https://unknown.invalid";

/// Where settings come from. A file is optional; what is said here goes over it.
#[derive(Args, Clone, Debug)]
pub(crate) struct Settings {
    /// The settings file (TOML); authmint.toml in this folder if there is one
    #[arg(long, short, env = "AUTHMINT_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The address people and clients know the provider by, such as https://login.example.com
    #[arg(long, env = "AUTHMINT_ISSUER", value_name = "URL")]
    pub(crate) issuer: Option<String>,
    /// Where to listen: an IP address and a port, or a port alone for this machine only
    #[arg(long, env = "AUTHMINT_LISTEN", value_name = "ADDRESS")]
    pub(crate) listen: Option<Listen>,
    /// The database file, or the postgres:// URL of a database that several nodes share; authmint.db if nothing is said
    #[arg(long, env = "AUTHMINT_DATABASE", value_name = "FILE|URL", hide_env_values = true)]
    pub(crate) database: Option<Named>,
    /// The file with the password of the database's URL
    #[arg(long, env = "AUTHMINT_DATABASE_PASSWORD_FILE", value_name = "FILE")]
    pub(crate) database_password_file: Option<PathBuf>,
    /// The file with the secret that seals signing keys; authmint.secret if nothing is said
    #[arg(long, env = "AUTHMINT_SECRET_FILE", value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
    /// The file with the certificate to serve TLS with (PEM); goes with --tls-key
    #[arg(long, env = "AUTHMINT_TLS_CERTIFICATE", value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_certificate: Option<PathBuf>,
    /// The file with the certificate's private key (PEM)
    #[arg(long, env = "AUTHMINT_TLS_KEY", value_name = "FILE", requires = "tls_certificate")]
    pub(crate) tls_key: Option<PathBuf>,
    /// The file with certificates of authorities to trust where clients' addresses are fetched (PEM)
    #[arg(long, env = "AUTHMINT_CA_FILE", value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
}

/// The settings, complete.
pub(crate) struct Configuration {
    pub(crate) listen: SocketAddr,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) provider: ProviderConfig,
    pub(crate) place: Place,
    pub(crate) tls: Option<Files>,
    /// Where the password of the database's URL is, for whoever shows the settings.
    pub(crate) database_password_file: Option<PathBuf>,
    pub(crate) audit_file: Option<PathBuf>,
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) upkeep: Upkeep,
    pub(crate) seed: Sown,
    /// What the transport was made of.
    pub(crate) fetch: Fetch,
}

impl Configuration {
    /// The provider, where there is one.
    ///
    /// # Errors
    /// As [`Place::open`].
    pub(crate) async fn open(self) -> Result<Provider, Failure> {
        self.place.open(self.provider).await
    }
}

impl Settings {
    /// Reads the settings.
    ///
    /// # Errors
    /// When something is missing or can't be read; the text says what to write where.
    pub(crate) fn load(&self) -> Result<Configuration, Failure> {
        let (file, folder) = self.file()?;
        let mut findings = Findings::default();
        let configuration = self.resolve(file, &folder, &mut findings);
        let configuration = findings.first(configuration)?;
        audit::trail().write_to(configuration.audit_file.clone());
        Ok(configuration)
    }

    /// Makes the settings complete as far as they go, and notes all that is wrong. Where something is, they are good for
    /// nothing but to look for more.
    pub(crate) fn resolve(
        &self,
        file: File,
        folder: &Path,
        findings: &mut Findings,
    ) -> Option<Configuration> {
        let place = findings.take(self.place(&file, folder));
        let issuer = findings.take(self.issuer(&file));
        // With another issuer in its place, the rest is looked at too.
        let known = issuer.or_else(|| UNKNOWN_ISSUER.parse().ok())?;
        let mut provider = ProviderConfig::new(known);
        server::apply(&file, folder, &mut provider.server, findings);
        let tls = match (&self.tls_certificate, &self.tls_key) {
            (Some(certificate), Some(key)) => {
                Some(Files { certificate: certificate.clone(), key: key.clone() })
            }
            _ => file.tls.as_ref().map(|tls| tls.files(folder)),
        };
        let listen = self.listen.or(file.listen);
        let issuer_port = || default_listen(&provider.server.issuer, tls.is_some());
        let listen = listen.map_or_else(issuer_port, |listen| listen.0);
        let metrics = metrics::address(file.metrics_listen, file.metrics_beyond_this_machine);
        let metrics = findings.take(metrics).flatten();
        let upkeep = Upkeep::new(&file);
        let database_password_file = self
            .database_password_file
            .clone()
            .or_else(|| file.database_password_file.as_ref().map(|path| folder.join(path)));
        let audit_file = file.audit.file.as_ref().map(|path| folder.join(path));
        provider.scope_descriptions.clone_from(&file.scope_descriptions);
        if let Some(name) = file.product_name {
            provider.product_name = name;
        }
        let written = file.fetch.ca_file.as_ref().map(|path| folder.join(path));
        let fetch = Fetch { ca_file: self.ca_file.clone().or(written), ..file.fetch };
        provider.transport = findings.take(fetch::transport(&fetch)).flatten();
        let server = &mut provider.server;
        for (setting, seconds) in [
            (&mut provider.session_lifetime, file.lifetimes.session),
            (&mut server.code_lifetime, file.lifetimes.code),
            (&mut server.access_token_lifetime, file.lifetimes.access_token),
            (&mut server.refresh_token_lifetime, file.lifetimes.refresh_token),
            (&mut server.id_token_lifetime, file.lifetimes.id_token),
            (&mut server.grant_lifetime, file.lifetimes.grant),
            (&mut server.interaction_lifetime, file.lifetimes.sign_in),
            (&mut server.pushed_request_lifetime, file.lifetimes.pushed_request),
            (&mut server.device_code_lifetime, file.lifetimes.device_code),
        ] {
            if let Some(seconds) = seconds {
                *setting = Duration::from_secs(seconds.0.into());
            }
        }
        let limits = &mut provider.limits;
        for (setting, count) in [
            (&mut limits.per_account_and_address, file.limits.login_attempts_per_account_and_address),
            (&mut limits.per_account, file.limits.login_attempts_per_account),
            (&mut limits.per_address, file.limits.login_attempts_per_address),
            (&mut limits.registrations_per_address, file.limits.registrations_per_address),
        ] {
            *setting = count.and_then(|count| NonZeroU32::new(count.0)).unwrap_or(*setting);
        }
        let trusted_proxies = file.trusted_proxies.iter().map(|proxy| proxy.0).collect();
        let seed = file.seed.read(findings);
        Some(Configuration {
            listen,
            trusted_proxies,
            provider,
            place: place?,
            tls,
            database_password_file,
            audit_file,
            metrics,
            upkeep,
            seed,
            fetch,
        })
    }

    fn issuer(&self, file: &File) -> Result<Issuer, Failure> {
        let issuer = self.issuer.as_ref().or(file.issuer.as_ref()).ok_or_else(|| {
            Failure::new("there is no issuer: the address people and clients know the provider by").advice(
                "`authmint init --issuer http://localhost:8080` writes one to try here into authmint.toml; \
                 AUTHMINT_ISSUER and --issuer go over the file",
            )
        })?;
        parse_issuer(issuer)
    }

    /// Reads no more than where the database is.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub(crate) fn load_place(&self) -> Result<Place, Failure> {
        let (file, folder) = self.file()?;
        self.place(&file, &folder)
    }

    fn place(&self, file: &File, folder: &Path) -> Result<Place, Failure> {
        let choose = |said: &Option<PathBuf>, written: &Option<PathBuf>| match (said, written) {
            (Some(said), _) => Some(said.clone()),
            (None, written) => written.as_ref().map(|written| folder.join(written)),
        };
        let secret = match std::env::var("AUTHMINT_SECRET") {
            Ok(text) => Source::Given(secret::from_environment(&Secret::new(text.trim()))?),
            Err(_) => Source::File(
                choose(&self.secret_file, &file.secret_file)
                    .unwrap_or_else(|| folder.join("authmint.secret")),
            ),
        };
        let password = match std::env::var("AUTHMINT_DATABASE_PASSWORD") {
            Ok(text) => Some(Secret::new(text)),
            Err(_) => choose(&self.database_password_file, &file.database_password_file)
                .map(|path| secret::password(&path))
                .transpose()?,
        };
        let database = match (&self.database, &file.database) {
            (Some(said), _) => Database::new(said, Path::new(""), password.as_ref()),
            (None, Some(written)) => Database::new(written, folder, password.as_ref()),
            (None, None) => Ok(Database::File(folder.join("authmint.db"))),
        };
        Ok(Place { database: database?, secret })
    }

    /// The file and the folder that its paths are relative to.
    ///
    /// # Errors
    /// When it can't be read, or has a mistake.
    pub(crate) fn file(&self) -> Result<(File, PathBuf), Failure> {
        let Some((text, folder)) = self.source()? else { return Ok((File::default(), PathBuf::new())) };
        let file = toml::from_str(&text).map_err(|error| {
            let path = self.config.as_deref().unwrap_or(Path::new(FILE));
            Failure::new(format!("the settings file {} has a mistake:\n{error}", path.display()))
                .advice("`authmint config check` says all of them; docs/operating.md shows every setting with its form")
        })?;
        Ok((file, folder))
    }

    /// The text of the file, and the folder that its paths are relative to; nothing where none is named and none is here.
    ///
    /// # Errors
    /// When it can't be read.
    pub(crate) fn source(&self) -> Result<Option<(String, PathBuf)>, Failure> {
        let here = Path::new(FILE);
        let path = match &self.config {
            Some(path) => path,
            None if here.exists() => here,
            None => return Ok(None),
        };
        let text = fs::read_to_string(path).map_err(|error| {
            Failure::new(format!("the settings file {} can't be read: {error}", path.display())).advice(
                "name another one with --config or AUTHMINT_CONFIG, or leave both out: authmint.toml in this folder \
                 is read then",
            )
        })?;
        Ok(Some((text, path.parent().map(Path::to_path_buf).unwrap_or_default())))
    }
}

impl Configuration {
    /// Whether requests can only come through a proxy, and none is trusted to say where they came from.
    pub(crate) fn proxy_is_unknown(&self) -> bool {
        self.tls.is_none()
            && self.provider.server.issuer.is_https()
            && self.listen.ip().to_canonical().is_loopback()
            && self.trusted_proxies.is_empty()
    }
}

/// An issuer is compared byte for byte, and nobody types the slash at its end twice alike.
fn parse_issuer(text: &str) -> Result<Issuer, Failure> {
    if let Some(without) = text.strip_suffix('/') {
        return Err(Failure::new(format!("the issuer {text} ends with a slash"))
            .advice(format!("{without}: clients compare it with what they were told, letter by letter")));
    }
    text.parse().map_err(|error| {
        Failure::new(format!("the issuer {text:?} can't be used: {error}"))
            .advice("https://login.example.com, or http://localhost:8080 to try here")
    })
}

/// Port 8080 of this machine, or the port of an issuer where nothing stands between it and this provider.
fn default_listen(issuer: &Issuer, tls: bool) -> SocketAddr {
    let port = issuer.authority().rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    let port = port.filter(|_| tls || !issuer.is_https());
    SocketAddr::from(([127, 0, 0, 1], port.unwrap_or(if tls { 443 } else { 8080 })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_on_this_machine_says_where_to_listen() {
        let listen = |issuer: &str| default_listen(&issuer.parse().unwrap(), false).to_string();
        let with_tls = |issuer: &str| default_listen(&issuer.parse().unwrap(), true).to_string();
        assert_eq!(with_tls("https://localhost:9443"), "127.0.0.1:9443");
        assert_eq!(with_tls("https://login.example.com"), "127.0.0.1:443");
        assert_eq!(listen("http://localhost:9000"), "127.0.0.1:9000");
        assert_eq!(listen("https://login.example.com"), "127.0.0.1:8080");
        assert_eq!(listen("https://login.example.com:8443"), "127.0.0.1:8080");
    }
}
