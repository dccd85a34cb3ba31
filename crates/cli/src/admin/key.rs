//! `authmint key`: the signing keys.

use clap::Subcommand;

use crate::config::Settings;
use crate::output::{Failure, moment, print, say, table};
use crate::serve::RIGHT_SECRET;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List signing keys
    List {
        #[command(flatten)]
        settings: Settings,
    },
    /// Make new signing keys; the old ones stay published until what they signed has expired
    Rotate {
        /// The old keys leaked, or the secret that opens them is lost: sign with the new ones at once, and withdraw the old
        /// ones with all they signed, whether they open or not
        #[arg(long)]
        at_once: bool,
        /// The secret is lost as well: make a new one
        #[arg(long, requires = "at_once")]
        new_secret: bool,
        #[command(flatten)]
        settings: Settings,
    },
}

/// Runs the command.
pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::List { settings } => {
            let provider = settings.load()?.open().await?;
            let keys = provider.server().keys().list().await?;
            if keys.is_empty() {
                say("There are no signing keys yet: `authmint serve` makes them.");
                return Ok(());
            }
            let mut rows =
                vec![["KEY", "ALGORITHM", "SIGNS FROM", "PUBLISHED UNTIL"].map(str::to_owned).to_vec()];
            for key in keys {
                let until = key.published_until.map_or_else(|| "further notice".to_owned(), moment);
                rows.push(vec![key.kid, key.purpose.to_string(), moment(key.active_from), until]);
            }
            table(&rows);
        }
        Command::Rotate { at_once, new_secret, settings } => {
            let configuration = settings.load()?;
            let provider = if new_secret {
                configuration.place.open_with_new_secret(configuration.provider).await?
            } else {
                configuration.open().await?
            };
            let rotated = provider.server().keys().rotate(at_once).await;
            for kid in rotated.map_err(|error| Failure::new(error).advice(RIGHT_SECRET))? {
                print(&kid);
            }
            if at_once {
                say(
                    "The old keys are withdrawn with all they signed. Restart providers that had another secret; others \
                     take the new keys over within 5 seconds.",
                );
            } else {
                say("Running providers take the new keys over within 5 seconds.");
            }
        }
    }
    Ok(())
}
