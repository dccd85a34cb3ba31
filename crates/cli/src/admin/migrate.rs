//! `authmint migrate`: the tables of the database, brought up to date before a provider does it at its start.

use clap::Args;

use crate::config::Settings;
use crate::output::{Failure, print};

/// What `authmint migrate` may be told.
#[derive(Args)]
pub(crate) struct Migrate {
    /// Change nothing, say what is due, and fail if something is
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Migrate {
    /// Runs the command.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let database = self.settings.load_place()?.database;
        let (found, wanted) = database.versions().await?;
        if found == wanted {
            print(&format!("The tables of {database} are up to date (version {wanted})."));
            return Ok(());
        }
        if self.check {
            return Err(Failure::new(format!(
                "the tables of {database} are of version {found}, and this program works with version {wanted}"
            ))
            .advice("`authmint migrate` brings them up to date, as `authmint serve` does at its start"));
        }
        database.open().await?;
        print(&format!("The tables of {database} are up to date (version {found} before, {wanted} now)."));
        Ok(())
    }
}
