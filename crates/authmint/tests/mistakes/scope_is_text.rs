// A scope is parsed first: `"openid".parse()?`.
use authmint::client::ClientConfig;

fn ask(config: ClientConfig) -> ClientConfig {
    config.scope("openid email")
}

fn main() {
    let _ = ask;
}
