-- Everything a provider keeps. Tokens, codes, cookies and secrets are SHA-256 hashes; signing keys are sealed.
-- Times are seconds since 1970. What is only read back as a whole is JSON.

CREATE TABLE clients (
    id     TEXT PRIMARY KEY,
    record TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE interactions (
    id         BLOB PRIMARY KEY,
    record     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX interactions_expire ON interactions (expires_at);

-- Codes and tokens descend from a grant and fall with it.
CREATE TABLE grants (
    id         TEXT PRIMARY KEY,
    client_id  TEXT NOT NULL,
    session_id TEXT NOT NULL,
    offline    INTEGER NOT NULL,
    record     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_session ON grants (session_id);
CREATE INDEX grants_expire ON grants (expires_at);

CREATE TABLE codes (
    hash       BLOB PRIMARY KEY,
    grant_id   TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    redeemed   INTEGER NOT NULL DEFAULT 0,
    record     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX codes_grant ON codes (grant_id);
CREATE INDEX codes_expire ON codes (expires_at) WHERE redeemed = 0;

CREATE TABLE access_tokens (
    hash       BLOB PRIMARY KEY,
    grant_id   TEXT REFERENCES grants (id) ON DELETE CASCADE,
    client_id  TEXT NOT NULL,
    record     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX access_tokens_grant ON access_tokens (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX access_tokens_client ON access_tokens (client_id);
CREATE INDEX access_tokens_expire ON access_tokens (expires_at);

CREATE TABLE refresh_tokens (
    hash       BLOB PRIMARY KEY,
    grant_id   TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    rotated    INTEGER NOT NULL DEFAULT 0,
    issued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX refresh_tokens_grant ON refresh_tokens (grant_id);
CREATE INDEX refresh_tokens_expire ON refresh_tokens (expires_at) WHERE rotated = 0;

-- What was ended before it expired, for tokens that are not stored.
CREATE TABLE revoked_grants (
    id    TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX revoked_grants_until ON revoked_grants (until);

CREATE TABLE revoked_sessions (
    id    TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX revoked_sessions_until ON revoked_sessions (until);

CREATE TABLE revoked_jwts (
    jti   TEXT PRIMARY KEY,
    until INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX revoked_jwts_until ON revoked_jwts (until);

CREATE TABLE used_once (
    hash  BLOB PRIMARY KEY,
    until INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX used_once_until ON used_once (until);

-- One row: the list of sealed keys and its version.
CREATE TABLE signing_keys (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    keys    TEXT NOT NULL
) STRICT;
INSERT INTO signing_keys (one, version, keys) VALUES (1, 0, '[]');

CREATE TABLE accounts (
    subject  TEXT PRIMARY KEY,
    username TEXT NOT NULL UNIQUE COLLATE NOCASE,
    record   TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE sessions (
    cookie     BLOB PRIMARY KEY,
    subject    TEXT NOT NULL,
    record     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX sessions_subject ON sessions (subject);
CREATE INDEX sessions_expire ON sessions (expires_at);

CREATE TABLE consents (
    subject   TEXT NOT NULL,
    client_id TEXT NOT NULL,
    scope     TEXT NOT NULL,
    PRIMARY KEY (subject, client_id)
) WITHOUT ROWID, STRICT;
CREATE INDEX consents_client ON consents (client_id);
