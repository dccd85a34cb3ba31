// Clones of a client share one transport.
use authmint::client::{Client, ClientAuth, ClientConfig, Error, Reqwest};

async fn set_up() -> Result<Client, Error> {
    let config = ClientConfig::new("https://login.example".parse()?, "my-app", ClientAuth::None);
    Client::discover(config, Reqwest::new()?).await
}

fn main() {
    let _ = set_up();
}
