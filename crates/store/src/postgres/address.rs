//! Where the database is, and what the connection to it must be.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use authmint_server::storage::StorageError;
use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// How many connections a node has at most if nothing is said.
const CONNECTIONS: usize = 10;
/// Where Debian's server has its socket.
const SOCKET: &str = "/var/run/postgresql";
/// After how long without an answer a network is taken for broken.
const NETWORK: Duration = Duration::from_secs(10);

/// The URL of a PostgreSQL database: `postgres://ROLE:PASSWORD@HOST:PORT/DATABASE`.
///
/// Its parameters are libpq's. `sslmode` is `verify-full` for a remote host if nothing is said, and `disable` for a Unix
/// socket and this machine's own addresses; `verify-ca`, `require` (which encrypts, and trusts whoever answers) and
/// `disable` must be said. `prefer` and `allow` are refused: whoever can read the connection can make it plain.
/// `sslrootcert` names a file of certificates in place of the system's. One parameter is Authmint's: `pool_size`, how many
/// connections a node has at most (10).
#[derive(Clone)]
pub struct PostgresAddress {
    pub(super) config: Config,
    pub(super) tls: Tls,
    pub(super) pool_size: usize,
}

/// What TLS must prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    /// There is none.
    None,
    /// The server has a certificate that was issued for its name by somebody who is trusted.
    Name(Roots),
    /// It has one that was issued by somebody who is trusted.
    Issuer(Roots),
    /// Nothing.
    Nothing,
}

/// Who is trusted to issue certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Roots {
    System,
    File(PathBuf),
}

impl PostgresAddress {
    /// Whether a text is such a URL, to tell it from a file's name.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme))
    }

    /// Gives the password, in place of one that the URL may have.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.config.password(password);
        self
    }
}

impl FromStr for PostgresAddress {
    type Err = StorageError;

    fn from_str(text: &str) -> Result<Self, StorageError> {
        if !Self::is_one(text) {
            return Err(wrong("it begins with postgres://"));
        }
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut mode, mut roots, mut pool_size, mut rest) = (None, Roots::System, CONNECTIONS, Vec::new());
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = percent_decode_str(value).decode_utf8_lossy();
            match name {
                "sslmode" => mode = Some(value.into_owned()),
                "sslrootcert" if value == "system" => roots = Roots::System,
                "sslrootcert" => roots = Roots::File(PathBuf::from(value.into_owned())),
                "pool_size" => {
                    let size = value.parse().ok().filter(|size| (1..=1000).contains(size));
                    pool_size = size.ok_or_else(|| wrong("pool_size is a number from 1 to 1000"))?;
                }
                _ => rest.push(parameter),
            }
        }
        // The client's own error names the part that is wrong and quotes nothing of it.
        let mut config: Config = format!("{base}?{}", rest.join("&")).parse().map_err(wrong)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host(SOCKET);
        }
        if config.get_application_name().is_none() {
            config.application_name("authmint");
        }
        let tls = match mode.as_deref() {
            None if is_here(&config) => Tls::None,
            None | Some("verify-full") => Tls::Name(roots),
            Some("verify-ca") => Tls::Issuer(roots),
            Some("require") => Tls::Nothing,
            Some("disable") => Tls::None,
            Some(_) => {
                return Err(wrong("sslmode is verify-full, verify-ca, require or disable"));
            }
        };
        config
            .ssl_mode(if tls == Tls::None { SslMode::Disable } else { SslMode::Require })
            .connect_timeout(NETWORK)
            .keepalives_idle(NETWORK)
            .tcp_user_timeout(NETWORK);
        Ok(Self { config, tls, pool_size })
    }
}

fn wrong(why: impl fmt::Display) -> StorageError {
    StorageError::new(format!(
        "this is no address of a PostgreSQL database, such as postgres://authmint@db.example.com/authmint: {why}"
    ))
}

/// Whether nothing leaves this machine.
fn is_here(config: &Config) -> bool {
    let named = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    });
    named && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

/// For people: who connects where, and no password.
impl fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        for (number, host) in self.config.get_hosts().iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            match host {
                Host::Tcp(name) if name.contains(':') => write!(f, "{comma}[{name}]")?,
                Host::Tcp(name) => write!(f, "{comma}{name}")?,
                #[cfg(unix)]
                Host::Unix(folder) => {
                    write!(f, "{comma}{}", folder.display().to_string().replace('/', "%2F"))?;
                }
            }
            let ports = self.config.get_ports();
            if let Some(port) = ports.get(number).or(ports.first()).filter(|port| **port != 5432) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresAddress({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(url: &str) -> Tls {
        url.parse::<PostgresAddress>().unwrap().tls
    }

    #[test]
    fn what_leaves_the_machine_is_verified_unless_the_url_says_otherwise() {
        let verified = Tls::Name(Roots::System);
        for url in [
            "postgres://a@db.example/a",
            "postgresql://a@10.0.0.1/a",
            "postgres://a@localhost,db.example/a",
            "postgres://a@localhost/a?hostaddr=10.0.0.1",
            "postgres://a@localhost/a?sslmode=verify-full",
            "postgres://a@localhost.db.example/a",
        ] {
            assert_eq!(tls(url), verified, "{url}");
        }
        for url in [
            "postgres:///a",
            "postgres://a@%2Frun%2Fpostgresql/a",
            "postgres://a@localhost:5433/a",
            "postgres://a@127.0.0.1/a",
            "postgres://a@[::1]/a",
            "postgres://a@db.example/a?sslmode=disable",
        ] {
            assert_eq!(tls(url), Tls::None, "{url}");
        }
        assert_eq!(tls("postgres://a@db.example/a?sslmode=require"), Tls::Nothing);
        let file = Roots::File("/etc/ca.pem".into());
        assert_eq!(
            tls("postgres://a@h/a?sslmode=verify-ca&sslrootcert=%2Fetc%2Fca.pem"),
            Tls::Issuer(file.clone())
        );
        assert_eq!(tls("postgres://a@h/a?sslrootcert=/etc/ca.pem"), Tls::Name(file));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for url in [
            "mysql://a@h/a",
            "postgres://a@h/a?sslmode=prefer",
            "postgres://a@h/a?sslmode=allow",
            "postgres://a@h/a?sslmode=",
            "postgres://a@h/a?pool_size=0",
            "postgres://a@h/a?pool_size=many",
            "postgres://a@h/a?colour=red",
            "postgres://a@h:port/a",
        ] {
            assert!(url.parse::<PostgresAddress>().is_err(), "{url}");
        }
    }

    #[test]
    fn what_is_shown_is_an_address_again() {
        for url in [
            "postgres://ada@db.example/mint",
            "postgres://ada@one.example,two.example:5433/mint",
            "postgres://ada@[::1]:5433/mint",
            "postgres://ada@%2Frun%2Fpostgresql/mint",
        ] {
            let address: PostgresAddress = url.parse().unwrap();
            assert_eq!(address.to_string(), url);
            assert_eq!(address.to_string().parse::<PostgresAddress>().unwrap().tls, address.tls);
        }
    }

    #[test]
    fn a_password_is_shown_nowhere() {
        let address: PostgresAddress = "postgres://ada:hunter2@db.example:5433/mint".parse().unwrap();
        assert_eq!(address.to_string(), "postgres://ada@db.example:5433/mint");
        assert!(!format!("{address:?}").contains("hunter2"));
        for url in
            ["postgres://ada:hunter2@db.example:hunter2/a", "postgres://ada:hunter2@h/a?sslmode=hunter2"]
        {
            assert!(!url.parse::<PostgresAddress>().unwrap_err().to_string().contains("hunter2"));
        }
        assert_eq!(address.with_password("other").config.get_password(), Some("other".as_bytes()));
    }
}
