//! `authmint client`: the applications that may use the provider.

mod add;
mod invite;
mod show;

use authmint_oauth2::RedirectUri;
use clap::Subcommand;

use self::add::Add;
use self::invite::Invite;
use crate::audit;
use crate::config::Settings;
use crate::output::{Failure, say, table};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Register an application
    Add(Box<Add>),
    /// List applications
    List {
        #[command(flatten)]
        settings: Settings,
    },
    /// Show everything that is registered of an application, as JSON
    Show {
        /// Its client_id
        client_id: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// Make an initial access token, with which an application registers itself
    Invite(Invite),
    /// Remove an application with its tokens
    Remove {
        /// Its client_id
        client_id: String,
        #[command(flatten)]
        settings: Settings,
    },
}

/// Runs the command.
pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(add) => add.run().await,
        Command::List { settings } => list(&settings).await,
        Command::Show { client_id, settings } => show::run(&client_id, &settings).await,
        Command::Invite(invite) => invite.run().await,
        Command::Remove { client_id, settings } => {
            let provider = settings.load()?.open().await?;
            if !provider.storage().remove_client(&client_id).await? {
                return Err(no_such_client(&client_id));
            }
            tracing::info!(target: audit::TARGET, event = "client_removed", client_id, "client removed");
            say(&format!("removed {client_id} with its tokens"));
            Ok(())
        }
    }
}

async fn list(settings: &Settings) -> Result<(), Failure> {
    let provider = settings.load()?.open().await?;
    let mut rows = vec![["CLIENT", "NAME", "METHOD", "SCOPE", "REDIRECT URIS"].map(str::to_owned).to_vec()];
    for client in provider.storage().clients().await? {
        let metadata = &client.metadata;
        let uris: Vec<&str> = metadata.redirect_uris.iter().map(RedirectUri::as_str).collect();
        rows.push(vec![
            client.id.clone(),
            metadata.client_name.clone().unwrap_or_default(),
            metadata.token_endpoint_auth_method.as_str().to_owned(),
            metadata.scope.to_string(),
            uris.join(" "),
        ]);
    }
    table(&rows);
    Ok(())
}

fn no_such_client(client_id: &str) -> Failure {
    Failure::new(format!("there is no client {client_id}")).advice("authmint client list")
}
