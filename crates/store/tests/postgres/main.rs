//! The store on a real PostgreSQL. `tests/postgres/start` makes one: without it, nothing here is shown, and that is said.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

mod migrations;
mod nodes;
mod promises;
mod schema;
mod session;
mod tls;
