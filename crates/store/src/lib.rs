//! The storage traits of `authmint-server` and `authmint-provider`, on SQLite and in memory.
//!
//! [`SqliteStore`] is for people: one file in WAL mode, durable at every answer, one writer that commits what waits in one
//! go, readers beside it. [`MemoryStore`] is for tests and figures: it keeps its promises for the life of the process.
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
mod sqlite;

pub use memory::MemoryStore;
pub use sqlite::SqliteStore;
