-- Everything a provider keeps. Tokens, codes, cookies and secrets are SHA-256 hashes; signing keys are sealed.
-- Times are seconds since 1970. What is only read back as a whole is JSON. Identifiers are compared byte by byte.

CREATE TABLE clients (
    id     TEXT COLLATE "C" PRIMARY KEY,
    record TEXT NOT NULL
);

CREATE TABLE interactions (
    id         BYTEA PRIMARY KEY,
    record     TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX interactions_expire ON interactions (expires_at);

-- How many requests wait, without counting them each time one more comes.
CREATE TABLE waiting (
    one          INTEGER PRIMARY KEY CHECK (one = 1),
    interactions BIGINT NOT NULL
);
INSERT INTO waiting (one, interactions) VALUES (1, 0);
CREATE FUNCTION interactions_come() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE waiting SET interactions = interactions + (SELECT count(*) FROM these)
    WHERE EXISTS (SELECT 1 FROM these);
    RETURN NULL;
END $$;
CREATE FUNCTION interactions_go() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE waiting SET interactions = interactions - (SELECT count(*) FROM these)
    WHERE EXISTS (SELECT 1 FROM these);
    RETURN NULL;
END $$;
CREATE TRIGGER interactions_come AFTER INSERT ON interactions
    REFERENCING NEW TABLE AS these FOR EACH STATEMENT EXECUTE FUNCTION interactions_come();
CREATE TRIGGER interactions_go AFTER DELETE ON interactions
    REFERENCING OLD TABLE AS these FOR EACH STATEMENT EXECUTE FUNCTION interactions_go();

-- Codes and tokens descend from a grant and fall with it.
CREATE TABLE grants (
    id         TEXT COLLATE "C" PRIMARY KEY,
    client_id  TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    subject    TEXT COLLATE "C" NOT NULL,
    offline    BOOLEAN NOT NULL,
    record     TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_session ON grants (session_id);
CREATE INDEX grants_subject ON grants (subject);
CREATE INDEX grants_expire ON grants (expires_at);

CREATE TABLE codes (
    hash       BYTEA PRIMARY KEY,
    grant_id   TEXT COLLATE "C" NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    redeemed   BOOLEAN NOT NULL DEFAULT FALSE,
    record     TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX codes_grant ON codes (grant_id);
CREATE INDEX codes_expire ON codes (expires_at) WHERE NOT redeemed;

CREATE TABLE access_tokens (
    hash       BYTEA PRIMARY KEY,
    grant_id   TEXT COLLATE "C" REFERENCES grants (id) ON DELETE CASCADE,
    client_id  TEXT COLLATE "C" NOT NULL,
    record     TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX access_tokens_grant ON access_tokens (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX access_tokens_client ON access_tokens (client_id);
CREATE INDEX access_tokens_expire ON access_tokens (expires_at);

CREATE TABLE refresh_tokens (
    hash       BYTEA PRIMARY KEY,
    grant_id   TEXT COLLATE "C" NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    rotated    BOOLEAN NOT NULL DEFAULT FALSE,
    issued_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX refresh_tokens_grant ON refresh_tokens (grant_id);
CREATE INDEX refresh_tokens_expire ON refresh_tokens (expires_at) WHERE NOT rotated;

-- What was ended before it expired, for tokens that are not stored.
CREATE TABLE revoked_grants (
    id    TEXT COLLATE "C" PRIMARY KEY,
    until BIGINT NOT NULL
);
CREATE INDEX revoked_grants_until ON revoked_grants (until);

-- A session that was ended ends what is still saved for it; what has offline_access only where it says so.
CREATE TABLE revoked_sessions (
    id      TEXT COLLATE "C" PRIMARY KEY,
    until   BIGINT NOT NULL,
    offline BOOLEAN NOT NULL
);
CREATE INDEX revoked_sessions_until ON revoked_sessions (until);

CREATE TABLE revoked_jwts (
    jti   TEXT COLLATE "C" PRIMARY KEY,
    until BIGINT NOT NULL
);
CREATE INDEX revoked_jwts_until ON revoked_jwts (until);

-- The first use of an identifier leaves `repeated` false, and every other one sets it: so one statement tells them apart.
CREATE TABLE used_once (
    hash     BYTEA PRIMARY KEY,
    until    BIGINT NOT NULL,
    repeated BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX used_once_until ON used_once (until);

-- One row: the list of sealed keys and its version.
CREATE TABLE signing_keys (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    version BIGINT NOT NULL,
    keys    TEXT NOT NULL
);
INSERT INTO signing_keys (one, version, keys) VALUES (1, 0, '[]');

-- Upper and lower case of ASCII letters are one in a user name: in the collation C, only those have cases.
CREATE TABLE accounts (
    subject  TEXT COLLATE "C" PRIMARY KEY,
    username TEXT COLLATE "C" NOT NULL,
    record   TEXT NOT NULL
);
CREATE UNIQUE INDEX accounts_username ON accounts (lower(username));

CREATE TABLE sessions (
    cookie     BYTEA PRIMARY KEY,
    id         TEXT COLLATE "C" NOT NULL,
    subject    TEXT COLLATE "C" NOT NULL,
    record     TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_id ON sessions (id);
CREATE INDEX sessions_subject ON sessions (subject);
CREATE INDEX sessions_expire ON sessions (expires_at);

CREATE TABLE consents (
    subject   TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    scope     TEXT NOT NULL,
    PRIMARY KEY (subject, client_id)
);
CREATE INDEX consents_client ON consents (client_id);
