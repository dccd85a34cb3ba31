// What carries requests implements Transport.
use std::sync::Arc;

use authmint::client::{Client, ClientAuth, ClientConfig, Error};

#[derive(Debug)]
struct MyHttp;

async fn set_up() -> Result<Client, Error> {
    let config = ClientConfig::new("https://login.example".parse()?, "my-app", ClientAuth::None);
    Client::discover(config, Arc::new(MyHttp)).await
}

fn main() {
    let _ = set_up();
}
