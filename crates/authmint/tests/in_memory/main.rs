//! A client wired straight to a provider, without a socket: the whole login, and the attacks on it by their number.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod api;
mod attack;
mod authorization;
mod back_channel;
mod client;
mod device;
mod dpop;
mod fuzz;
mod issuing;
mod keys;
mod login;
mod logout;
mod people;
mod registration;
mod requests;
mod responses;
mod session;
mod tokens;
mod webfinger;
mod world;
