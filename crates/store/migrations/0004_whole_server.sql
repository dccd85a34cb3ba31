-- What a client pushed, until the browser brings its name.
CREATE TABLE pushed_requests (
    id         BLOB PRIMARY KEY,
    client_id  TEXT NOT NULL,
    record     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX pushed_requests_client ON pushed_requests (client_id);
CREATE INDEX pushed_requests_expire ON pushed_requests (expires_at);

-- Devices that wait for a person. What was allowed falls with its grant.
CREATE TABLE devices (
    device_code BLOB PRIMARY KEY,
    user_code   BLOB NOT NULL UNIQUE,
    client_id   TEXT NOT NULL,
    record      TEXT NOT NULL,
    denied      INTEGER NOT NULL DEFAULT 0,
    grant_id    TEXT REFERENCES grants (id) ON DELETE CASCADE,
    redeemed    INTEGER NOT NULL DEFAULT 0,
    interval    INTEGER NOT NULL,
    next_at     INTEGER NOT NULL DEFAULT 0,
    expires_at  INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX devices_client ON devices (client_id);
CREATE INDEX devices_grant ON devices (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX devices_expire ON devices (expires_at) WHERE redeemed = 0;

-- Who is to be told when a session ends.
CREATE TABLE session_clients (
    session_id TEXT NOT NULL,
    client_id  TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (session_id, client_id)
) WITHOUT ROWID, STRICT;
CREATE INDEX session_clients_expire ON session_clients (expires_at);
INSERT INTO session_clients (session_id, client_id, expires_at)
    SELECT session_id, client_id, max(expires_at) FROM grants GROUP BY session_id, client_id;

ALTER TABLE refresh_tokens ADD COLUMN dpop_jkt TEXT;

-- How many wait, without counting them each time one more comes.
ALTER TABLE waiting ADD COLUMN pushed_requests INTEGER NOT NULL DEFAULT 0;
ALTER TABLE waiting ADD COLUMN devices INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER pushed_requests_come AFTER INSERT ON pushed_requests BEGIN
    UPDATE waiting SET pushed_requests = pushed_requests + 1;
END;
CREATE TRIGGER pushed_requests_go AFTER DELETE ON pushed_requests BEGIN
    UPDATE waiting SET pushed_requests = pushed_requests - 1;
END;
CREATE TRIGGER devices_come AFTER INSERT ON devices BEGIN
    UPDATE waiting SET devices = devices + 1;
END;
CREATE TRIGGER devices_are_served AFTER UPDATE OF redeemed ON devices WHEN OLD.redeemed = 0 AND NEW.redeemed = 1 BEGIN
    UPDATE waiting SET devices = devices - 1;
END;
CREATE TRIGGER devices_go AFTER DELETE ON devices WHEN OLD.redeemed = 0 BEGIN
    UPDATE waiting SET devices = devices - 1;
END;
