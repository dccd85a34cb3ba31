//! OAuth 2 authorization server and OpenID Provider engine, without a web framework or a database
