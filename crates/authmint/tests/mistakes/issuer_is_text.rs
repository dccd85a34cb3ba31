// An issuer is parsed first: `"https://login.example".parse()?`.
use authmint::client::{ClientAuth, ClientConfig};

fn main() {
    let _ = ClientConfig::new("https://login.example", "my-app", ClientAuth::None);
}
