//! The manual: how to do it, what has gone wrong elsewhere, what can be switched on, and why the defaults are what they are.

#[doc = include_str!("how_to.md")]
pub mod how_to {}

#[doc = include_str!("vulnerabilities.md")]
pub mod vulnerabilities {}

#[doc = include_str!("features.md")]
pub mod features {}

#[doc = include_str!("defaults.md")]
pub mod defaults {}
