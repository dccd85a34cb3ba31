// Options are built by their methods, so that more can be added.
use authmint::client::LoginOptions;

fn main() {
    let _ = LoginOptions { max_age: Some(60) };
}
