//! Where an authorization server keeps its state: memory and SQLite
