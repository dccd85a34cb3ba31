//! The storage traits of `authmint-server` and `authmint-provider`, on SQLite, on PostgreSQL and in memory.
//!
//! `SqliteStore` (feature `sqlite`, on by default) is for one machine: one file in WAL mode, durable at every answer, one
//! writer that commits what waits in one go, readers beside it. `PostgresStore` (feature `postgres`) is for several: any
//! number of nodes on one database, and each thing that may be used once is used once among all of them. [`MemoryStore`]
//! is for tests and figures: it keeps its promises for the life of the process.
//!
//! ```
//! use std::sync::Arc;
//! use authmint_jose::SealingKey;
//! use authmint_provider::{Provider, ProviderConfig};
//! use authmint_store::MemoryStore;
//!
//! let config = ProviderConfig::new("http://localhost:8080".parse()?);
//! let provider = Provider::new(config, Arc::new(MemoryStore::new()), &SealingKey::generate()?)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod consents;
mod devices;
mod memory;
#[cfg(feature = "sqlite")]
mod parsed;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod records;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresAddress, PostgresStore};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
