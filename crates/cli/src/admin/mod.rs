//! The operator's commands. They work on the database beside a running provider.

pub(crate) mod backup;
pub(crate) mod client;
pub(crate) mod key;
pub(crate) mod migrate;
pub(crate) mod user;
