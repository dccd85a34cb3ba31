//! `authmint jwk` and `authmint jwt`: keys and tokens by hand and in scripts. No provider, no network.

mod input;
pub(crate) mod jwk;
pub(crate) mod jwt;
