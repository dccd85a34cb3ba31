//! The `authmint` command.

mod dev;

fn main() {}
