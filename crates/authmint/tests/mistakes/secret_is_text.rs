// A secret is a type of its own, which no log prints.
use authmint::client::ClientAuth;

fn main() {
    let _ = ClientAuth::Secret("s3cret");
}
