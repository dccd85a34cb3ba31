//! `authmint._core`: what the Python package does in Rust. Its classes are for the package alone; people use those of
//! `authmint.jose` and its neighbours, which look like what they know.
//!
//! | module | what |
//! |---|---|
//! | `json` | Python's values as JSON, and back |
//! | `errors` | errors as the exceptions of `authmint.jose.errors` |
//! | `algorithms` | the algorithms that a caller allows |
//! | `key`, `key_set` | keys |
//! | `jws`, `jwe`, `jwt` | messages and tokens |
//! | `policy` | tokens by a policy |
//! | `id_token` | what binds an ID token to what it came with |
//! | `oauth` | messages of OAuth 2, as a client sends and reads them |
//! | `resource` | protected APIs |
//! | `transport` | HTTP and a store of used proofs, which Python lends |
//! | `log` | what the core warns of, in Python's log |
//! | `random` | random text, code challenges |
//!
//! No panic leaves it as anything but an exception: PyO3 catches them, and the lints leave no ways to cause one.
#![allow(clippy::needless_pass_by_value, reason = "what Python hands over is taken by value")]

mod algorithms;
mod errors;
mod id_token;
mod json;
mod jwe;
mod jws;
mod jwt;
mod key;
mod key_set;
mod log;
mod oauth;
mod policy;
mod random;
mod resource;
mod transport;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_init]
    #[expect(clippy::unnecessary_wraps, reason = "PyO3 asks for a result")]
    fn init(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::log::listen();
        Ok(())
    }

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "its name in Python")]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_export]
    use super::algorithms::Algorithms;
    #[pymodule_export]
    use super::id_token::{fits_half_hash, half_hash};
    #[pymodule_export]
    use super::json::{base64url_decode, parse_object};
    #[pymodule_export]
    use super::jwe::{decrypt, decrypt_json, encrypt, encrypt_json};
    #[pymodule_export]
    use super::jws::{peek, sign, sign_json, verify, verify_json};
    #[pymodule_export]
    use super::jwt::{claims_json, decode_jwt, encode_jwt};
    #[pymodule_export]
    use super::key::Key;
    #[pymodule_export]
    use super::key_set::KeySet;
    #[pymodule_export]
    use super::oauth::{add_params, basic_credentials, client_assertion, dpop_proof, form, read_callback};
    #[pymodule_export]
    use super::policy::{Policy, verify_jwt};
    #[pymodule_export]
    use super::random::{constant_time_eq, random_token, s256_challenge};
    #[pymodule_export]
    use super::resource::{Api, Demands, Pending};
}
