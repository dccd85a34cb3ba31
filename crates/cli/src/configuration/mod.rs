//! `authmint config`: the settings, checked or shown.

mod check;
mod show;
#[cfg(test)]
mod tests;

use clap::Subcommand;

use crate::config::Settings;
use crate::output::{Failure, print};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Say everything that is wrong with the settings, and what is doubtful; nothing is made or changed
    Check {
        /// Fail for what is doubtful too
        #[arg(long)]
        strict: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Show the complete settings, defaults included, as a settings file; secrets are left out
    Show {
        #[command(flatten)]
        settings: Settings,
    },
}

/// Runs the command.
pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Check { strict, settings } => check::run(&settings, strict),
        Command::Show { settings } => {
            let (file, folder) = settings.file()?;
            let mut findings = crate::settings::findings::Findings::default();
            let configuration = settings.resolve(file, &folder, &mut findings);
            print(show::text(&findings.first(configuration)?)?.trim_end());
            Ok(())
        }
    }
}
