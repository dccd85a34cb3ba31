//! Authmint for axum: mount a provider, log users in, protect routes
