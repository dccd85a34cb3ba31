//! JOSE: keys, JWS and JWT that are fast and hard to misuse
