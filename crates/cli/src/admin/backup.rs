//! `authmint backup`: a copy of the database that is whole, also while a provider runs on it.

use std::path::PathBuf;

use clap::Args;

use crate::config::Settings;
use crate::database::{Database, open_existing_file};
use crate::output::{Failure, print, say};
use crate::place::{Source, shown};

/// What `authmint backup` may be told.
#[derive(Args)]
pub(crate) struct Backup {
    /// The file to make; it must not be there yet
    file: PathBuf,
    #[command(flatten)]
    settings: Settings,
}

impl Backup {
    /// Runs the command.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let place = self.settings.load_place()?;
        let database = match &place.database {
            Database::File(path) => path,
            Database::Postgres(address) => {
                return Err(Failure::new(format!(
                    "the database {address} is copied by PostgreSQL's own program"
                ))
                .advice(format!("pg_dump --format=custom --file={} {address}", self.file.display())));
            }
        };
        open_existing_file(database)?.backup(&self.file).map_err(|error| {
            Failure::new(format!("{} can't be written: {error}", shown(&self.file)))
                .advice("name a file that is not there yet, in a folder that this user may write")
        })?;
        print(&shown(&self.file));
        if let Source::File(secret) = &place.secret {
            say(&format!("Keep a copy of {} as well, apart from this one.", shown(secret)));
        }
        Ok(())
    }
}
