// A Jwk is data; a Key does something: `Key::new(&jwk)?`.
use authmint::client::ClientAuth;
use authmint::jose::Jwk;

fn authenticate(jwk: Jwk) -> ClientAuth {
    ClientAuth::PrivateKey(jwk)
}

fn main() {
    let _ = authenticate;
}
