//! `authmint key`: the signing keys.

use clap::Subcommand;

use crate::config::Settings;
use crate::output::{Failure, moment, print, say, table};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List signing keys
    List {
        #[command(flatten)]
        settings: Settings,
    },
    /// Make new signing keys; the old ones stay published until what they signed has expired
    Rotate {
        /// The old keys leaked: sign with the new ones at once, and withdraw the old ones with all they signed
        #[arg(long)]
        at_once: bool,
        #[command(flatten)]
        settings: Settings,
    },
}

/// Runs the command.
pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::List { settings } => {
            let provider = settings.load()?.open()?;
            // Makes the first keys if there are none yet.
            provider.server().keys().published().await?;
            let mut rows =
                vec![["KEY", "ALGORITHM", "SIGNS FROM", "PUBLISHED UNTIL"].map(str::to_owned).to_vec()];
            for key in provider.server().keys().list().await? {
                let until = key.published_until.map_or_else(|| "further notice".to_owned(), moment);
                rows.push(vec![key.kid, key.algorithm.to_string(), moment(key.active_from), until]);
            }
            table(&rows);
        }
        Command::Rotate { at_once, settings } => {
            let provider = settings.load()?.open()?;
            for kid in provider.server().keys().rotate(at_once).await? {
                print(&kid);
            }
            say("running providers take the new keys over within 30 seconds");
        }
    }
    Ok(())
}
