//! The parts of the settings file, each with what its values may be, and what a set of settings is checked for.

pub(crate) mod findings;
pub(crate) mod metrics;
pub(crate) mod person;
pub(crate) mod seed;
pub(crate) mod server;
pub(crate) mod text;
pub(crate) mod tls;
pub(crate) mod upkeep;
