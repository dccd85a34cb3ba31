//! `authmint login`: log in at any provider from the terminal, in the browser of this machine (RFC 8252) or on another device
//! (RFC 8628).

use std::io::IsTerminal;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use authmint_client::{Client, ClientAuth, ClientConfig, Login, LoginOptions, Loopback, Reqwest, Tokens};
use authmint_jose::{Algorithm, Key, Secret};
use authmint_oauth2::{Issuer, Scope};
use clap::{Args, ValueEnum};
use serde_json::json;

use crate::output::{Failure, moment, print, say, table};

/// How long a person may take in the browser.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Where the client's secret is, if it has one.
const SECRET: &str = "AUTHMINT_CLIENT_SECRET";

/// Log in at a provider, as an application would, and show what came of it
#[derive(Args)]
pub(crate) struct Options {
    /// The provider: an issuer such as https://login.example.com
    #[arg(long, value_name = "URL")]
    issuer: Issuer,
    /// The client; its redirect URI is http://127.0.0.1/callback. If it has a secret, put that into AUTHMINT_CLIENT_SECRET
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// What to ask for
    #[arg(long, default_value = "openid profile email")]
    scope: Scope,
    /// The API that the access token is for; may be said several times
    #[arg(long, value_name = "URL")]
    resource: Vec<String>,
    /// Log in on another device: for a machine without a browser
    #[arg(long)]
    device: bool,
    /// Only print the address, do not open a browser
    #[arg(long)]
    no_browser: bool,
    /// Bind the tokens to a key that is made for this and then forgotten
    #[arg(long)]
    dpop: bool,
    /// What to print
    #[arg(long, value_enum, default_value = "person")]
    print: Print,
}

/// What is printed on standard output.
#[derive(Clone, Copy, ValueEnum)]
enum Print {
    /// Who is logged in, and what was granted
    Person,
    /// The access token alone, for a pipe
    AccessToken,
    /// Everything, secrets too, as JSON
    Json,
}

/// Runs the command.
pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    if options.device {
        let tokens = on_another_device(&options, &client(&options, None).await?).await?;
        return show(&options, None, &tokens);
    }
    let loopback = Loopback::bind()?;
    let client = client(&options, Some(loopback.redirect_uri())).await?;
    let (address, pending) = client.start(&LoginOptions::new()).await?;
    say(&format!("Open this address to sign in:\n\n  {address}\n"));
    if !options.no_browser && std::io::stderr().is_terminal() {
        open(&address);
    }
    let waiting = tokio::task::spawn_blocking(move || loopback.wait(PATIENCE));
    let answer = waiting.await.map_err(|_| Failure::new("waiting for the browser failed"))??;
    if options.scope.contains("openid") {
        let login = client.callback(&pending, &answer).await?;
        return show(&options, Some(&login), &login.tokens);
    }
    show(&options, None, &client.callback_for_tokens(&pending, &answer).await?)
}

async fn client(options: &Options, redirect_uri: Option<&str>) -> Result<Client, Failure> {
    // Out of the environment: everyone on this machine can read a command line.
    let secret = std::env::var(SECRET).ok().filter(|secret| !secret.is_empty());
    let auth = secret.map_or(ClientAuth::None, |secret| ClientAuth::Secret(Secret::new(secret)));
    let mut config =
        ClientConfig::new(options.issuer.clone(), &options.client_id, auth).scope(options.scope.clone());
    for resource in &options.resource {
        config = config.resource(resource);
    }
    if let Some(redirect_uri) = redirect_uri {
        config = config.redirect_uri(redirect_uri);
    }
    if options.dpop {
        config = config.dpop(Key::generate(Algorithm::ES256)?);
    }
    Ok(Client::discover(config, Arc::new(Reqwest::new()?)).await?)
}

async fn on_another_device(options: &Options, client: &Client) -> Result<Tokens, Failure> {
    let mut device = client.start_device(&options.scope).await?;
    say(&format!(
        "Open this address on any device and type the code:\n\n  {}\n  {}\n",
        device.verification_uri(),
        device.user_code()
    ));
    Ok(client.wait_for_device(&mut device, tokio::time::sleep).await?)
}

/// Opens the browser, if this machine has one; the address was printed in any case.
fn open(address: &str) {
    let _ = opener(address).spawn();
}

fn opener(address: &str) -> Command {
    let (program, first) = if cfg!(target_os = "macos") {
        ("open", None)
    } else if cfg!(windows) {
        ("rundll32", Some("url.dll,FileProtocolHandler"))
    } else {
        ("xdg-open", None)
    };
    let mut command = Command::new(program);
    command.args(first).arg(address);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // The browser outlives this and starts programs of its own.
    command.env_remove(SECRET);
    command
}

fn show(options: &Options, login: Option<&Login>, tokens: &Tokens) -> Result<(), Failure> {
    match options.print {
        Print::AccessToken => print(tokens.access_token.expose()),
        Print::Json => {
            let person = login.map(|login| &login.user_info);
            let id_token = login.and_then(|login| login.id_token.as_ref());
            let all = json!({ "tokens": tokens, "id_token_claims": id_token, "user_info": person });
            print(&serde_json::to_string_pretty(&all)?);
        }
        Print::Person => {
            let mut rows = Vec::new();
            let mut row = |name: &str, value: Option<String>| {
                rows.extend(value.map(|value| vec![name.to_owned(), value]));
            };
            if let Some(login) = login {
                row("subject", Some(login.user_info.sub.clone()));
                row("name", login.user_info.claims.name.clone());
                row("email", login.user_info.claims.email.clone());
            }
            row("token type", Some(tokens.token_type.as_str().to_owned()));
            row("scope", tokens.scope.as_ref().map(ToString::to_string));
            row("expires", tokens.expires_at.map(moment));
            row("refresh token", tokens.refresh_token.as_ref().map(|_| "yes".to_owned()));
            table(&rows);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s18_the_browser_does_not_inherit_the_clients_secret() {
        let command = opener("https://login.example/");
        assert!(command.get_envs().any(|(name, value)| name == SECRET && value.is_none()));
    }
}
