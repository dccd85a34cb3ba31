//! `authmint user`: accounts.

use std::io::{IsTerminal, Read};

use authmint_jose::{Secret, SystemEntropy, random_token};
use authmint_oidc::StandardClaims;
use clap::{Args, Subcommand};

use crate::config::Settings;
use crate::output::{Failure, moment, print, say, table};

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
        Command::Add { username, name, email, password, settings } => {
            let provider = settings.load()?.open()?;
            let password = password.read()?;
            let claims = StandardClaims {
                name,
                email,
                preferred_username: Some(username.clone()),
                ..StandardClaims::default()
            };
            let account = provider.add_account(&username, password, claims).await?;
            say(&format!("added {} ({})", account.username, account.subject));
        }
        Command::List { settings } => {
            let provider = settings.load()?.open()?;
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
        Command::Passwd { username, password, settings } => {
            let provider = settings.load()?.open()?;
            provider.set_password(&username, password.read()?).await?;
            say(&format!("changed the password of {username}; open sessions and all tokens have ended"));
        }
    }
    Ok(())
}

impl Password {
    fn read(&self) -> Result<Secret, Failure> {
        if self.generate {
            let password = generate()?;
            print(password.expose());
            return Ok(password);
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
