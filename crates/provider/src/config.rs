//! The provider's settings; each default is the safe one.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use authmint_fetch::Transport;
use authmint_oauth2::Issuer;
use authmint_server::ServerConfig;

/// How a provider behaves. `ProviderConfig::new(issuer)` is complete; change what differs.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// The server's settings.
    pub server: ServerConfig,
    /// The operator's name, on every page.
    pub product_name: String,
    /// How long a login lasts.
    pub session_lifetime: Duration,
    /// How many passwords are checked at once: each takes 19 MiB of memory and some 20 ms of a core.
    pub password_workers: usize,
    /// What scopes of the operator's own APIs mean, for the person who decides: a sentence such as "See your orders".
    pub scope_descriptions: BTreeMap<String, String>,
    /// How often a password may be tried.
    pub limits: LoginLimits,
    /// How it reaches clients, at addresses that strangers may have named: see
    /// [`ServerBuilder::transport`](authmint_server::ServerBuilder::transport). `authmint_fetch::Guarded` is made for that.
    pub transport: Option<Arc<dyn Transport>>,
}

/// How many attempts are let through at once; after that, one more each `refill`.
#[derive(Clone, Copy, Debug)]
pub struct LoginLimits {
    /// For one account from one address.
    pub per_account_and_address: NonZeroU32,
    /// For one account from anywhere: slows a guess from many addresses.
    pub per_account: NonZeroU32,
    /// For one address, whatever the account: slows a list of stolen passwords.
    pub per_address: NonZeroU32,
    /// For one address, how many clients it may register over HTTP, or changes it may make to them.
    pub registrations_per_address: NonZeroU32,
    /// How long until one more attempt is let through.
    pub refill: Duration,
}

impl Default for LoginLimits {
    fn default() -> Self {
        let count = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self {
            per_account_and_address: count(10),
            per_account: count(50),
            per_address: count(100),
            registrations_per_address: count(100),
            refill: Duration::from_secs(30),
        }
    }
}

impl ProviderConfig {
    /// The defaults for an issuer.
    #[must_use]
    pub fn new(issuer: Issuer) -> Self {
        Self {
            server: ServerConfig::new(issuer),
            product_name: "Authmint".to_owned(),
            session_lifetime: Duration::from_secs(12 * 60 * 60),
            password_workers: 2,
            scope_descriptions: BTreeMap::new(),
            limits: LoginLimits::default(),
            transport: None,
        }
    }
}
