//! A whole OpenID Provider: accounts, sessions and pages over the authmint-server engine

pub mod pages;
