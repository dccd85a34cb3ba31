//! TLS to a real server.

use std::env;

use authmint_server::suite::block_on;
use authmint_store::{PostgresAddress, PostgresStore};

use crate::schema::Schema;

/// What becomes of connecting with a role's URL and parameters.
fn versions(url: &str, parameters: &str) -> Result<(u64, u64), String> {
    let address: PostgresAddress = format!("{url}?{parameters}").parse().unwrap();
    block_on(PostgresStore::versions(&address)).map_err(|error| error.to_string())
}

#[test]
fn a_certificate_is_verified_as_far_as_the_url_says() {
    let Some(_schema) = Schema::new() else { return };
    let url = env::var("AUTHMINT_TEST_POSTGRES_TLS").unwrap();
    let url = url.replace("//postgres@", "//scram:correct%20horse@");
    let by_address = url.replace("@localhost", "@127.0.0.1");
    let ca = env::var("AUTHMINT_TEST_POSTGRES_CA").unwrap();
    let trusted = format!("sslrootcert={ca}");

    versions(&url, &format!("sslmode=verify-full&{trusted}")).unwrap();
    let error = versions(&by_address, &format!("sslmode=verify-full&{trusted}")).unwrap_err();
    assert!(error.contains("not valid for name"), "{error}");
    versions(&by_address, &format!("sslmode=verify-ca&{trusted}")).unwrap();

    // The system's certificates know nothing of this issuer.
    for mode in ["verify-full", "verify-ca"] {
        let error = versions(&url, &format!("sslmode={mode}")).unwrap_err();
        assert!(error.to_lowercase().contains("certificate"), "{error}");
    }
    versions(&by_address, "sslmode=require").unwrap();

    // The server lets this role in over TLS alone, and with its password alone.
    let error = versions(&url.replace("correct%20horse", "wrong"), "sslmode=require").unwrap_err();
    assert!(error.contains("password authentication failed") && !error.contains("wrong"), "{error}");
    versions(&format!("{url}_not_there"), "sslmode=require").unwrap_err();
    let address: PostgresAddress = url.replace(":correct%20horse", "").parse().unwrap();
    block_on(PostgresStore::versions(&address.with_password("correct horse"))).unwrap();
}
