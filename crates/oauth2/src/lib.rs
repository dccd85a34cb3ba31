//! The vocabulary of OAuth 2: typed messages, metadata, errors, PKCE and scopes, shared by client and server
