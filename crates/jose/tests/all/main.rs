//! The crate as its users see it: vectors of RFCs and of Wycheproof, attacks by their number, properties.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unreadable_literal
)]

mod attacks;
mod claims;
mod cookbook;
mod encryption;
mod hostile;
mod jwk;
mod keys;
mod properties;
mod rfc_jwe;
mod rfc_jwk;
mod rfc_jws;
mod round_trips;
mod siege;
mod support;
mod wycheproof;
