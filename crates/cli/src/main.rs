//! The `authmint` command: an OpenID Provider in one binary.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod admin;
mod audit;
mod config;
mod configuration;
mod database;

mod dev;
mod fetch;
mod init;
mod jose;
mod listen;
mod login;
mod metrics;
mod output;
mod place;
mod profile;
mod secret;
mod seed;
mod serve;
mod settings;
mod settings_file;
mod token;
mod upkeep;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Settings;
use crate::output::Failure;

/// An OpenID Provider in one command.
#[derive(Parser)]
#[command(
    name = "authmint",
    version,
    arg_required_else_help = true,
    after_help = "Start here:     authmint dev\nFor people:     authmint init, then authmint serve"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a provider, a sample application and a protected API on this machine
    Dev(dev::Options),
    /// Begin a new provider in this folder: its settings, its database, its secret
    Init(Settings),
    /// Run the provider
    Serve(Settings),
    /// Check the settings, or show them complete
    #[command(subcommand)]
    Config(configuration::Command),
    /// Show what a profile allows and demands, and why
    #[command(subcommand)]
    Profile(profile::Command),
    /// Add, list and change users
    #[command(subcommand)]
    User(admin::user::Command),
    /// Add, list, show, invite and remove clients
    #[command(subcommand)]
    Client(admin::client::Command),
    /// List and rotate signing keys
    #[command(subcommand)]
    Key(admin::key::Command),
    /// Make keys, and turn them from one form into another
    #[command(subcommand)]
    Jwk(jose::jwk::Command),
    /// Sign, verify, encrypt, decrypt and inspect tokens
    #[command(subcommand)]
    Jwt(jose::jwt::Command),
    /// Log in at any provider, in the browser or on another device, and show what came of it
    Login(login::Options),
    /// Copy the database to a file, also while the provider runs
    Backup(admin::backup::Backup),
    /// Bring the tables of the database up to date
    Migrate(admin::migrate::Migrate),
    /// Look into tokens
    #[command(subcommand)]
    Token(token::Command),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Who types one command wants its result; who runs a server wants to know what it does.
    output::log(match arguments.command {
        Command::Serve(_) => "info",
        _ => "warn",
    });
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::fail(&Failure::new(format!("the runtime could not start: {error}"))),
    };
    let done = runtime.block_on(async {
        match arguments.command {
            Command::Dev(options) => dev::run(options).await,
            Command::Init(settings) => init::run(settings).await,
            Command::Serve(settings) => serve::run(settings).await,
            Command::Config(command) => configuration::run(command),
            Command::Profile(command) => profile::run(&command),
            Command::User(command) => admin::user::run(command).await,
            Command::Client(command) => admin::client::run(command).await,
            Command::Key(command) => admin::key::run(command).await,
            Command::Jwk(command) => jose::jwk::run(command),
            Command::Jwt(command) => jose::jwt::run(command).await,
            Command::Login(options) => login::run(options).await,
            Command::Backup(backup) => backup.run(),
            Command::Migrate(migrate) => migrate.run().await,
            Command::Token(command) => token::run(command).await,
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => output::fail(&failure),
    }
}
