//! How a policy names a script that stands in a page: by its hash (CSP3 `hash-source`), so that no other can run.

use authmint_jose::sha256;
use data_encoding::BASE64;

pub(super) fn source(script: &str) -> String {
    format!("sha256-{}", BASE64.encode(&sha256(script.as_bytes())))
}
