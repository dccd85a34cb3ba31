//! OpenID Connect relying party and OAuth 2 client
