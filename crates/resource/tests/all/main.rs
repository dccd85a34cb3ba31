//! An API under attack, with issuers that are made up: rows S12 to S16, S20, S37, S38, S40 and S45 from the API's side.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod challenges;
mod issuers;
mod jwt;
mod metadata;
mod opaque;
mod proofs;
#[cfg(feature = "tower")]
mod tower;
mod world;
