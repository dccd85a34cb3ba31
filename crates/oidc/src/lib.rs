//! The vocabulary of OpenID Connect: ID tokens, UserInfo, discovery and logout messages
