//! `authmint dev`: a provider, a sample application and an API on one machine, to see a sign-in work in a minute.

mod api;
mod app;
mod first_user;
pub(crate) mod pages;
mod setup;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use prometheus_client::metrics::counter::Counter;

use crate::listen::Front;
use crate::output::{Failure, print, say};
use crate::place::shown;
use crate::settings::upkeep::Upkeep;
use crate::{listen, upkeep};

/// What `authmint dev` may be told.
#[derive(Args)]
pub(crate) struct Options {
    /// The folder of its database, secret and first user; made if there is none
    #[arg(long, default_value = "authmint-dev", value_name = "FOLDER")]
    data: PathBuf,
    /// The port of the provider
    #[arg(long, default_value_t = 8080)]
    provider_port: u16,
    /// The port of the sample application
    #[arg(long, default_value_t = 8081)]
    app_port: u16,
    /// The port of the protected API
    #[arg(long, default_value_t = 8082)]
    api_port: u16,
}

/// The addresses of the three.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    pub(crate) provider: String,
    pub(crate) app: String,
    pub(crate) api: String,
}

/// Runs the command.
pub(crate) async fn run(options: Options) -> Result<(), Failure> {
    let local = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
    let url = |port: u16| format!("http://localhost:{port}");
    // All three ports first: a half-started demonstration helps nobody.
    let advice = "stop what uses it, or choose other ports with --provider-port, --app-port and --api-port";
    let bind =
        |port| async move { listen::bind(local(port)).await.map_err(|failure| failure.advice(advice)) };
    let (provider_socket, app_socket, api_socket) =
        (bind(options.provider_port).await?, bind(options.app_port).await?, bind(options.api_port).await?);
    let addresses = Addresses {
        provider: url(options.provider_port),
        app: url(options.app_port),
        api: url(options.api_port),
    };

    let provider = setup::provider(&options.data, &addresses).await?;
    let user = first_user::ensure(&provider, &options.data).await?;
    let secret = setup::sample_client(&provider, &addresses).await?;
    tokio::spawn(upkeep::clean_up(provider.clone(), Upkeep::default().clean_up_every, Counter::default()));

    let (ended, end) = tokio::sync::watch::channel(false);
    let until_end = || {
        let mut end = end.clone();
        async move {
            // The sender going away is an end too.
            let _ = end.wait_for(|ended| *ended).await;
        }
    };
    let start = |socket, routes| tokio::spawn(listen::serve(Front::plain(socket, routes), until_end()));
    let provider_runs = start(provider_socket, authmint_axum::mount(provider));
    let api_runs = start(api_socket, api::routes(&addresses)?);
    let app_runs = start(app_socket, app::routes(&addresses, secret).await?);

    print("");
    print(&format!("  Sample application  {}   <- open this in a browser", addresses.app));
    print(&format!("  Provider            {}", addresses.provider));
    print(&format!("  Protected API       {}", addresses.api));
    print("");
    print(&format!("  User name           {}", user.username));
    print(&format!("  Password            {}", user.password.expose()));
    print("");
    say(&format!(
        "Everything is kept in {}, the password in {}. Ctrl-C ends it.",
        shown(&options.data),
        first_user::password_file(&options.data).display()
    ));
    say("This is for trying out; `authmint init` begins a provider for people.");

    listen::asked_to_end().await;
    let _ = ended.send(true);
    for runs in [provider_runs, api_runs, app_runs] {
        runs.await?;
    }
    Ok(())
}
