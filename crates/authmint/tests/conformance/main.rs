//! What the OpenID Foundation's conformance suite asks of a provider, module by module, held against the provider in memory.
//!
//! A test is named like the suite's module and runs in every variant that a plan gives it; what the suite only warns of is an
//! error here. `docs/conformance.md` has the table.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod browser;
mod checks;
mod discovery;
mod logout;
mod module;
mod op;
mod refresh;
mod refusals;
mod registered;
mod registration;
mod request_objects;
mod requests;
mod scopes;
mod sessions;
mod tokens;
mod userinfo;
mod web;
