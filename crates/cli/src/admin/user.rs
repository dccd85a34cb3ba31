//! `authmint user`: accounts.

use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};

use authmint_jose::{Secret, SystemEntropy, random_token};
use authmint_oidc::PersonClaims;
use authmint_provider::Provider;
use authmint_provider::passwords::MIN_CHARACTERS;
use authmint_provider::storage::Account;
use clap::{Args, Subcommand};

use crate::audit;
use crate::config::Settings;
use crate::output::{Failure, moment, print, say, table};
use crate::settings::person;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Add a user
    Add {
        /// The name the user logs in with
        username: String,
        /// The full name
        #[arg(long)]
        name: Option<String>,
        /// The e-mail address
        #[arg(long)]
        email: Option<String>,
        /// More about the user: a JSON file with claims of OpenID Connect Core 5.1, and any of your own
        #[arg(long, value_name = "FILE")]
        claims: Option<PathBuf>,
        #[command(flatten)]
        password: Password,
        #[command(flatten)]
        settings: Settings,
    },
    /// List users
    List {
        #[command(flatten)]
        settings: Settings,
    },
    /// Lock a user out: open sessions end, and nobody can sign in
    Lock {
        /// The user
        username: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// Let a locked user in again
    Unlock {
        /// The user
        username: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// Change a password; the user is logged out everywhere
    Passwd {
        /// The user
        username: String,
        #[command(flatten)]
        password: Password,
        #[command(flatten)]
        settings: Settings,
    },
}

/// Where a new password comes from; asked for in the terminal if nothing is said.
#[derive(Args)]
pub(crate) struct Password {
    /// Make a password and print it
    #[arg(long, conflicts_with = "password_stdin")]
    generate: bool,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

/// Runs the command.
pub(crate) async fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Add { username, name, email, claims, password, settings } => {
            let provider = settings.load()?.open().await?;
            // What is wrong with the name is said before anyone thinks of a password.
            if provider
                .storage()
                .account_by_username(&authmint_provider::accounts::username(&username)?)
                .await?
                .is_some()
            {
                return Err(Failure::new(format!("the user name {username} is taken"))
                    .advice("another name, or `authmint user passwd` to change the password"));
            }
            if let Some(email) = email.as_deref().filter(|email| !is_email(email)) {
                return Err(
                    Failure::new(format!("{email:?} is no e-mail address")).advice("--email ada@example.com")
                );
            }
            let mut claims = match &claims {
                Some(path) => read_claims(path)?,
                None => PersonClaims::default(),
            };
            claims.name = name.or(claims.name);
            claims.email = email.or(claims.email);
            claims.preferred_username.get_or_insert_with(|| username.clone());
            let chosen = password.read()?;
            let account = provider.add_account(&username, chosen.clone(), claims).await?;
            say(&format!("added {} ({})", account.username, account.subject));
            password.show(&chosen);
        }
        Command::List { settings } => {
            let provider = settings.load()?.open().await?;
            let mut rows =
                vec![["USER", "NAME", "E-MAIL", "STATE", "ADDED", "SUBJECT"].map(str::to_owned).to_vec()];
            for account in provider.storage().accounts().await? {
                rows.push(vec![
                    account.username,
                    account.claims.name.unwrap_or_default(),
                    account.claims.email.unwrap_or_default(),
                    if account.disabled { "locked" } else { "active" }.to_owned(),
                    moment(account.created_at),
                    account.subject,
                ]);
            }
            table(&rows);
        }
        Command::Lock { username, settings } => lock(&settings, &username, true).await?,
        Command::Unlock { username, settings } => lock(&settings, &username, false).await?,
        Command::Passwd { username, password, settings } => {
            let provider = settings.load()?.open().await?;
            find(&provider, &username).await?;
            let chosen = password.read()?;
            provider.set_password(&username, chosen.clone()).await?;
            say(&format!("changed the password of {username}; open sessions and all tokens have ended"));
            password.show(&chosen);
        }
    }
    Ok(())
}

async fn find(provider: &Provider, name: &str) -> Result<Account, Failure> {
    let account =
        provider.storage().account_by_username(&authmint_provider::accounts::username(name)?).await?;
    account.ok_or_else(|| Failure::new(format!("there is no user {name}")).advice("authmint user list"))
}

async fn lock(settings: &Settings, name: &str, locked: bool) -> Result<(), Failure> {
    let provider = settings.load()?.open().await?;
    let account = find(&provider, name).await?;
    let until = provider.server().revoked_until();
    provider.storage().set_disabled(&account.subject, locked, until).await?;
    let event = if locked { "account_locked" } else { "account_unlocked" };
    tracing::info!(target: audit::TARGET, event, subject = account.subject, "account changed");
    let done = if locked { "locked; open sessions have ended" } else { "unlocked" };
    say(&format!("{} is {done}", account.username));
    Ok(())
}

fn read_claims(path: &Path) -> Result<PersonClaims, Failure> {
    let problem = |error: &dyn std::fmt::Display| {
        Failure::new(format!("{} can't be read as claims: {error}", path.display())).advice(
            "a JSON object: {\"given_name\": \"Ada\", \"address\": {\"country\": \"United Kingdom\"}}",
        )
    };
    let text = std::fs::read_to_string(path).map_err(|error| problem(&error))?;
    let members = serde_json::from_str(&text).map_err(|error| problem(&error))?;
    person::claims(members).map_err(|failure| failure.about(&path.display().to_string()))
}

/// A typing mistake shows; whether mail arrives, only a mail can tell.
fn is_email(text: &str) -> bool {
    matches!(text.split_once('@'), Some((name, host)) if !name.is_empty() && !host.is_empty())
}

impl Password {
    /// Prints a password that was made, once it counts.
    fn show(&self, password: &Secret) {
        if self.generate {
            print(password.expose());
        }
    }

    fn read(&self) -> Result<Secret, Failure> {
        if self.generate {
            return generate();
        }
        if self.password_stdin {
            let mut text = String::new();
            std::io::stdin().take(2048).read_to_string(&mut text)?;
            return Ok(Secret::new(text.trim_end_matches(['\r', '\n'])));
        }
        if !std::io::stdin().is_terminal() {
            return Err(Failure::new("there is no terminal to ask for the password in")
                .advice("pipe it in with --password-stdin, or let one be made with --generate"));
        }
        say(&format!("A password has at least {MIN_CHARACTERS} characters; a sentence makes a good one."));
        let first = Secret::new(rpassword::prompt_password("Password: ")?);
        let second = Secret::new(rpassword::prompt_password("Again:    ")?);
        if first != second {
            return Err(Failure::new("the two passwords differ").advice("the same command once more"));
        }
        Ok(first)
    }
}

/// A password of 96 random bits, in groups that can be read out.
pub(crate) fn generate() -> Result<Secret, Failure> {
    let token = random_token(&SystemEntropy)?;
    let plain: Vec<char> = token.expose().chars().filter(char::is_ascii_alphanumeric).take(16).collect();
    let groups: Vec<String> = plain.chunks(4).map(|group| group.iter().collect()).collect();
    Ok(Secret::new(groups.join("-")))
}
