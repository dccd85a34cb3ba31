//! OAuth 2, OpenID Connect and JOSE for Rust: clients, authorization servers and resource servers on one core
