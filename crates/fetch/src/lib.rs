//! How Authmint reaches other servers: the transport trait and the cache of remote key sets
