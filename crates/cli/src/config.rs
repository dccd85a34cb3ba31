//! The settings of a provider: a TOML file, over which the environment and the command line go.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use authmint_jose::{SealingKey, Secret};
use authmint_oauth2::Issuer;
use authmint_provider::{Provider, ProviderConfig};
use authmint_store::SqliteStore;
use clap::Args;
use ipnet::IpNet;
use serde::Deserialize;

use crate::output::Failure;
use crate::secret;

/// Where settings come from. A file is optional; what is said here goes over it.
#[derive(Args, Clone, Debug)]
pub(crate) struct Settings {
    /// The settings file (TOML); authmint.toml in this folder if there is one
    #[arg(long, short, env = "AUTHMINT_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// The address people and clients know the provider by, such as https://login.example.com
    #[arg(long, env = "AUTHMINT_ISSUER", value_name = "URL")]
    issuer: Option<String>,
    /// Where to listen
    #[arg(long, env = "AUTHMINT_LISTEN", value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The database file; made if there is none
    #[arg(long, env = "AUTHMINT_DATABASE", value_name = "FILE")]
    database: Option<PathBuf>,
    /// The file with the secret that seals signing keys; made if there is none
    #[arg(long, env = "AUTHMINT_SECRET_FILE", value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

/// The settings file.
#[derive(Debug, Default, Deserialize)]
#[allow(clippy::struct_field_names, reason = "the fields are named as in the file")]
#[serde(deny_unknown_fields, default)]
struct File {
    issuer: Option<String>,
    listen: Option<SocketAddr>,
    database: Option<PathBuf>,
    secret_file: Option<PathBuf>,
    product_name: Option<String>,
    trusted_proxies: Vec<IpNet>,
    lifetimes: Lifetimes,
    limits: Limits,
}

/// Lifetimes in seconds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Lifetimes {
    session: Option<u64>,
    code: Option<u64>,
    access_token: Option<u64>,
    refresh_token: Option<u64>,
    id_token: Option<u64>,
}

/// How often a password may be tried at once.
#[allow(clippy::struct_field_names, reason = "the fields are named as in the file")]
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Limits {
    login_attempts_per_account_and_address: Option<std::num::NonZeroU32>,
    login_attempts_per_account: Option<std::num::NonZeroU32>,
    login_attempts_per_address: Option<std::num::NonZeroU32>,
}

/// The settings, complete.
pub(crate) struct Configuration {
    pub(crate) listen: SocketAddr,
    pub(crate) trusted_proxies: Vec<IpNet>,
    provider: ProviderConfig,
    database: PathBuf,
    sealing_key: SealingKey,
}

impl Settings {
    /// Reads the file, and the secret.
    ///
    /// # Errors
    /// When something is missing or can't be read; the text says what to write where.
    pub(crate) fn load(&self) -> Result<Configuration, Failure> {
        let (file, folder) = self.file()?;
        let beside = |path: PathBuf| folder.join(path);
        let issuer = self.issuer.clone().or(file.issuer).ok_or_else(|| {
            Failure::new("there is no issuer: the address people and clients know the provider by").advice(
                "write issuer = \"https://login.example.com\" into authmint.toml, or set AUTHMINT_ISSUER",
            )
        })?;
        let issuer: Issuer = issuer.parse()?;
        let mut provider = ProviderConfig::new(issuer);
        if let Some(name) = file.product_name {
            provider.product_name = name;
        }
        let server = &mut provider.server;
        for (setting, seconds) in [
            (&mut provider.session_lifetime, file.lifetimes.session),
            (&mut server.code_lifetime, file.lifetimes.code),
            (&mut server.access_token_lifetime, file.lifetimes.access_token),
            (&mut server.refresh_token_lifetime, file.lifetimes.refresh_token),
            (&mut server.id_token_lifetime, file.lifetimes.id_token),
        ] {
            match seconds {
                Some(0) => return Err(Failure::new("a lifetime of 0 seconds is over before it begins")),
                Some(seconds) => *setting = Duration::from_secs(seconds),
                None => {}
            }
        }
        let limits = &mut provider.limits;
        for (setting, count) in [
            (&mut limits.per_account_and_address, file.limits.login_attempts_per_account_and_address),
            (&mut limits.per_account, file.limits.login_attempts_per_account),
            (&mut limits.per_address, file.limits.login_attempts_per_address),
        ] {
            *setting = count.unwrap_or(*setting);
        }
        let sealing_key = if let Ok(text) = std::env::var("AUTHMINT_SECRET") {
            secret::parse(&Secret::new(text.trim()), "AUTHMINT_SECRET")?
        } else {
            let path = self.secret_file.clone().or(file.secret_file.map(beside));
            secret::read_or_make(&path.unwrap_or_else(|| folder.join("authmint.secret")))?
        };
        let database = self.database.clone().or(file.database.map(beside));
        Ok(Configuration {
            listen: self.listen.or(file.listen).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            trusted_proxies: file.trusted_proxies,
            provider,
            database: database.unwrap_or_else(|| folder.join("authmint.db")),
            sealing_key,
        })
    }

    /// The file and the folder that its paths are relative to.
    fn file(&self) -> Result<(File, PathBuf), Failure> {
        let here = Path::new("authmint.toml");
        let path = match &self.config {
            Some(path) => path,
            None if here.exists() => here,
            None => return Ok((File::default(), PathBuf::new())),
        };
        let text = fs::read_to_string(path).map_err(|error| {
            Failure::new(format!("the settings file {} can't be read: {error}", path.display()))
        })?;
        let file = toml::from_str(&text).map_err(|error| {
            Failure::new(format!("the settings file {} has a mistake:\n{error}", path.display()))
        })?;
        Ok((file, path.parent().map(Path::to_path_buf).unwrap_or_default()))
    }
}

impl Configuration {
    /// Whether requests can only come through a proxy, and none is trusted to say where they came from.
    pub(crate) fn proxy_is_unknown(&self) -> bool {
        self.provider.server.issuer.is_https()
            && self.listen.ip().to_canonical().is_loopback()
            && self.trusted_proxies.is_empty()
    }

    /// Opens the database and makes the provider.
    ///
    /// # Errors
    /// When the database can't be opened.
    pub(crate) fn open(&self) -> Result<Provider, Failure> {
        open(self.provider.clone(), &self.database, &self.sealing_key)
    }
}

/// A provider on a database file.
///
/// # Errors
/// When the file can't be opened.
pub(crate) fn open(
    config: ProviderConfig,
    database: &Path,
    sealing_key: &SealingKey,
) -> Result<Provider, Failure> {
    let store = SqliteStore::open(database).map_err(|error| {
        Failure::new(format!("the database {} can't be opened: {error}", database.display()))
    })?;
    Ok(Provider::new(config, Arc::new(store), sealing_key)?)
}
