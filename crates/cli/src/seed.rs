//! Users and clients that a provider begins with: made where missing, and left alone ever after.

use authmint_provider::Provider;
use authmint_provider::accounts::username;

use crate::output::Failure;
use crate::settings::seed::{SeedUser, Sown};

/// Makes what is missing. Several nodes may do it at once: the first makes each.
///
/// # Errors
/// When something can't be made.
pub(crate) async fn plant(provider: &Provider, seed: Sown) -> Result<(), Failure> {
    for SeedUser { username: name, password, claims } in seed.users {
        let key = username(&name)?;
        if provider.storage().account_by_username(&key).await?.is_some() {
            tracing::info!(username = name, "seed user is there already, and stays as it is");
            continue;
        }
        match provider.add_account(&name, password, claims).await {
            Ok(account) => tracing::info!(username = name, subject = account.subject, "seed user made"),
            Err(_) if provider.storage().account_by_username(&key).await?.is_some() => {}
            Err(error) => return Err(Failure::new(format!("seed user {name:?}: {error}"))),
        }
    }
    for client in seed.clients {
        let id = client.id.clone().unwrap_or_default();
        if provider.storage().client(&id).await?.is_some() {
            tracing::info!(client_id = id, "seed client is there already, and stays as it is");
            continue;
        }
        match provider.server().register_client(client).await {
            Ok(_) => tracing::info!(client_id = id, "seed client made"),
            Err(_) if provider.storage().client(&id).await?.is_some() => {}
            Err(error) => return Err(Failure::new(format!("seed client {id:?}: {error}"))),
        }
    }
    Ok(())
}
