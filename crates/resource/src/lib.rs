//! Protect an API with OAuth 2 access tokens
