//! The client against the provider: every way of asking, every kind of token, and what a client must refuse.

mod bound;
mod devices;
mod encrypted;
mod known;
mod notices;
mod registration;
mod requests;
mod source;

use authmint::client::{Client, Login, LoginOptions};

use crate::world::{Browser, World, block_on};

/// A whole login, whose answer comes in the address.
fn log_in(world: &World, client: &Client) -> Login {
    let (address, pending) = block_on(client.start(&LoginOptions::new())).unwrap();
    let callback = Browser::default().authorize(world, &address);
    block_on(client.callback(&pending, callback.split_once('?').unwrap().1)).unwrap()
}
