// Starting may push the request to the provider, so it is awaited.
use authmint::client::{Client, Error, LoginOptions};

fn begin(client: &Client) -> Result<String, Error> {
    let (address, _pending) = client.start(&LoginOptions::new())?;
    Ok(address)
}

fn main() {
    let _ = begin;
}
