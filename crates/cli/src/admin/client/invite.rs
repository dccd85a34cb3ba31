//! `authmint client invite`: an initial access token, for a client that will register itself (RFC 7591 3).

use std::str::FromStr;
use std::time::Duration;

use authmint_server::{Invitation, Registration};
use clap::Args;

use crate::config::Settings;
use crate::output::{Failure, moment, print, say};
use crate::settings::upkeep::span;

#[derive(Args)]
pub(crate) struct Invite {
    /// How long it is good: a number of seconds, or of minutes, hours or days, such as 30m, 12h or 7d
    #[arg(long, default_value = "1d", value_name = "TIME")]
    lifetime: Lifetime,
    /// It is good for one client
    #[arg(long)]
    once: bool,
    /// The client must bring a software statement (RFC 7591 2.3)
    #[arg(long)]
    software_statement: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lifetime(Duration);

impl FromStr for Lifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        span(text).map(Self).ok_or_else(|| {
            format!("{text:?} is no time: write a number above 0 of seconds, or such as 30m, 12h or 7d")
        })
    }
}

impl Invite {
    /// Runs the command.
    pub(super) async fn run(&self) -> Result<(), Failure> {
        let provider = self.settings.load()?.open().await?;
        let server = provider.server();
        if server.config().registration == Registration::Closed {
            return Err(Failure::new("clients can't register themselves at this provider")
                .advice("write registration = \"invited\" into authmint.toml and start the provider again"));
        }
        let Lifetime(lifetime) = self.lifetime;
        let token = server.invite(Invitation {
            lifetime,
            once: self.once,
            needs_software_statement: self.software_statement,
        })?;
        print(token.expose());
        let clients = if self.once { "one client" } else { "any number of clients" };
        let until = moment(server.now().saturating_add(lifetime));
        say(&format!("An initial access token for {clients}, until {until}. It is shown this once."));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_a_number_with_a_unit() {
        let seconds = |text: &str| text.parse::<Lifetime>().map(|lifetime| lifetime.0.as_secs());
        assert_eq!(
            ["90", "90s", "30m", "12h", "7d"].map(|text| seconds(text).unwrap()),
            [90, 90, 1800, 43200, 604_800]
        );
        for text in ["", "d", "0", "-1", "7 d", "1w", "1.5h", "99999999999", "7ü"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
