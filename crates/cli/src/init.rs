//! `authmint init`: the files of a new provider, and what to do next.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::config::{FILE, Settings};
use crate::output::{Failure, print, say};
use crate::place::{Source, shown};

/// Runs the command. What is there already stays as it is, so that it can be run again.
pub(crate) async fn run(settings: Settings) -> Result<(), Failure> {
    let mut configuration = settings.load()?;
    if settings.config.is_none() && std::env::var_os("AUTHMINT_ISSUER").is_none() {
        let wanted = configuration.provider.server.issuer.clone();
        write_settings(wanted.as_str())?;
        // From here on the file counts, also one that was there before and says something else.
        configuration = Settings { issuer: None, ..settings.clone() }.load()?;
        let written = &configuration.provider.server.issuer;
        if *written != wanted {
            return Err(Failure::new(format!("{FILE} names the issuer {written}, not {wanted}")).advice(
                "leave --issuer out, or change it in the file: clients and tokens of the old one stop working",
            ));
        }
    }
    let place = &configuration.place;
    let provider = place.open_or_make(configuration.provider.clone()).await?;
    provider.server().keys().published().await?;
    print(&format!("Issuer    {}", provider.server().issuer()));
    if Path::new(FILE).exists() {
        print(&format!("Settings  {}", shown(Path::new(FILE))));
    }
    print(&format!("Database  {}", place.database));
    if let Source::File(path) = &place.secret {
        print(&format!("Secret    {}   keep a copy apart from the database", shown(path)));
    }
    say("");
    say("Next, in this folder:");
    say("  authmint user add NAME");
    say("  authmint client add --id APP --name \"My app\" --redirect-uri http://localhost:3000/callback");
    say("  authmint serve");
    Ok(())
}

fn write_settings(issuer: &str) -> Result<(), Failure> {
    let text = format!("# docs/operating.md has all settings.\nissuer = \"{issuer}\"\n");
    match OpenOptions::new().write(true).create_new(true).open(FILE) {
        Ok(mut file) => Ok(file.write_all(text.as_bytes())?),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(Failure::new(format!("{} can't be made: {error}", shown(Path::new(FILE))))
            .advice("run this in a folder that this user may write")),
    }
}
