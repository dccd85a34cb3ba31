//! `authmint client`: the applications that may use the provider.

use std::path::{Path, PathBuf};

use authmint_oauth2::{ClientAuthMethod, ClientMetadata, GrantType, RedirectUri};
use authmint_server::NewClient;
use authmint_server::storage::AccessTokenFormat;
use clap::{Args, Subcommand};

use crate::config::Settings;
use crate::output::{Failure, print, say, table};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Register an application
    Add(Box<Add>),
    /// List applications
    List {
        #[command(flatten)]
        settings: Settings,
    },
    /// Remove an application with its tokens
    Remove {
        /// Its client_id
        client_id: String,
        #[command(flatten)]
        settings: Settings,
    },
}

#[derive(Args)]
pub(crate) struct Add {
    /// The name people see
    #[arg(long)]
    name: Option<String>,
    /// Its client_id; made if nothing is said
    #[arg(long)]
    id: Option<String>,
    /// Where people are sent back to after login; may be given several times
    #[arg(long = "redirect-uri", value_name = "URL")]
    redirect_uris: Vec<String>,
    /// Where people are sent back to after logout; may be given several times
    #[arg(long = "post-logout-redirect-uri", value_name = "URL")]
    post_logout_redirect_uris: Vec<String>,
    /// How it authenticates: none, client_secret_basic, client_secret_post or private_key_jwt
    #[arg(long, default_value = "client_secret_basic", value_name = "METHOD")]
    auth_method: String,
    /// What it may use; authorization_code and refresh_token where people log in, else client_credentials
    #[arg(long = "grant", value_name = "GRANT")]
    grants: Vec<String>,
    /// What it may ask for: values divided by spaces, such as "openid profile email orders:read"; openid profile email if
    /// nothing is said and people log in
    #[arg(long, value_name = "SCOPES")]
    scope: Option<String>,
    /// The API its access tokens are for, by the name the API checks for; may be given several times
    #[arg(long, value_name = "NAME")]
    audience: Vec<String>,
    /// Its public keys: a JWK set, for private_key_jwt
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// Issue random access tokens that an API must introspect, not JWTs
    #[arg(long)]
    opaque: bool,
    /// It is our own: nobody is asked for consent
    #[arg(long)]
    trusted: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Runs the command.
pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Add(add) => add.run().await,
        Command::List { settings } => {
            let provider = settings.load()?.open().await?;
            let mut rows =
                vec![["CLIENT", "NAME", "METHOD", "SCOPE", "REDIRECT URIS"].map(str::to_owned).to_vec()];
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
        Command::Remove { client_id, settings } => {
            let provider = settings.load()?.open().await?;
            if !provider.storage().remove_client(&client_id).await? {
                return Err(
                    Failure::new(format!("there is no client {client_id}")).advice("authmint client list")
                );
            }
            say(&format!("removed {client_id} with its tokens"));
            Ok(())
        }
    }
}

impl Add {
    async fn run(self) -> Result<(), Failure> {
        let provider = self.settings.load()?.open().await?;
        let is_nameless = self.name.is_none() && !self.redirect_uris.is_empty();
        let is_for_itself = self.redirect_uris.is_empty() && self.grants.is_empty();
        let parse_uris =
            |uris: &[String]| uris.iter().map(|uri| RedirectUri::parse(uri)).collect::<Result<Vec<_>, _>>();
        let metadata = ClientMetadata {
            client_name: self.name,
            redirect_uris: parse_uris(&self.redirect_uris)?,
            post_logout_redirect_uris: parse_uris(&self.post_logout_redirect_uris)?,
            token_endpoint_auth_method: ClientAuthMethod::from_name(&self.auth_method).ok_or_else(|| {
                Failure::new(format!("{} is no authentication method", self.auth_method))
                    .advice("none, client_secret_basic, client_secret_post or private_key_jwt")
            })?,
            grant_types: grants(&self.grants, !self.redirect_uris.is_empty())?,
            scope: self.scope.unwrap_or_default().parse()?,
            jwks: match &self.jwks {
                Some(path) => Some(read_keys(path)?),
                None => None,
            },
            ..ClientMetadata::default()
        };
        let new = NewClient {
            id: self.id,
            metadata,
            audience: self.audience,
            access_token_format: if self.opaque { AccessTokenFormat::Opaque } else { AccessTokenFormat::Jwt },
            trusted: self.trusted,
        };
        let registered = provider.server().register_client(new).await?;
        if is_nameless {
            say("note: without --name, people see the client_id where an application asks for consent");
        }
        if is_for_itself {
            say(
                "note: without --redirect-uri, nobody can log in with it: it gets tokens for itself (client_credentials)",
            );
        }
        print(&format!("client_id      {}", registered.client.id));
        if let Some(secret) = registered.secret {
            print(&format!("client_secret  {}", secret.expose()));
            say("The secret is shown this once: only its hash is kept.");
        }
        Ok(())
    }
}

fn read_keys(path: &Path) -> Result<serde_json::Value, Failure> {
    let problem = |error: &dyn std::fmt::Display| {
        Failure::new(format!("{} can't be read as a JWK set: {error}", path.display()))
            .advice("name a file that holds the public keys: {\"keys\": [ … ]} (RFC 7517 5)")
    };
    let text = std::fs::read_to_string(path).map_err(|error| problem(&error))?;
    serde_json::from_str(&text).map_err(|error| problem(&error))
}

fn grants(names: &[String], people_log_in: bool) -> Result<Vec<GrantType>, Failure> {
    if names.is_empty() {
        return Ok(if people_log_in {
            vec![GrantType::AuthorizationCode, GrantType::RefreshToken]
        } else {
            vec![GrantType::ClientCredentials]
        });
    }
    let known: Vec<&str> = GrantType::ALL.iter().map(|grant| grant.as_str()).collect();
    let parse = |name: &String| {
        GrantType::from_name(name)
            .ok_or_else(|| Failure::new(format!("{name} is no grant")).advice(known.join(", ")))
    };
    names.iter().map(parse).collect()
}
