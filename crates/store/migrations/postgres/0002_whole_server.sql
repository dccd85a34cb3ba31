-- What a client pushed, until the browser brings its name.
CREATE TABLE pushed_requests (
    id         BYTEA PRIMARY KEY,
    client_id  TEXT COLLATE "C" NOT NULL,
    record     TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX pushed_requests_client ON pushed_requests (client_id);
CREATE INDEX pushed_requests_expire ON pushed_requests (expires_at);

-- Devices that wait for a person. What was allowed falls with its grant.
CREATE TABLE devices (
    device_code BYTEA PRIMARY KEY,
    user_code   BYTEA NOT NULL UNIQUE,
    client_id   TEXT COLLATE "C" NOT NULL,
    record      TEXT NOT NULL,
    denied      BOOLEAN NOT NULL DEFAULT FALSE,
    grant_id    TEXT COLLATE "C" REFERENCES grants (id) ON DELETE CASCADE,
    redeemed    BOOLEAN NOT NULL DEFAULT FALSE,
    interval    BIGINT NOT NULL,
    next_at     BIGINT NOT NULL DEFAULT 0,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX devices_client ON devices (client_id);
CREATE INDEX devices_grant ON devices (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX devices_expire ON devices (expires_at) WHERE NOT redeemed;

-- Who is to be told when a session ends.
CREATE TABLE session_clients (
    session_id TEXT COLLATE "C" NOT NULL,
    client_id  TEXT COLLATE "C" NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (session_id, client_id)
);
CREATE INDEX session_clients_expire ON session_clients (expires_at);
INSERT INTO session_clients (session_id, client_id, expires_at)
    SELECT session_id, client_id, max(expires_at) FROM grants GROUP BY session_id, client_id;

ALTER TABLE refresh_tokens ADD COLUMN dpop_jkt TEXT;

-- How many wait, without counting them each time one more comes.
ALTER TABLE waiting ADD COLUMN pushed_requests BIGINT NOT NULL DEFAULT 0;
ALTER TABLE waiting ADD COLUMN devices BIGINT NOT NULL DEFAULT 0;

CREATE FUNCTION pushed_requests_come() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE waiting SET pushed_requests = pushed_requests + (SELECT count(*) FROM these)
    WHERE EXISTS (SELECT 1 FROM these);
    RETURN NULL;
END $$;
CREATE FUNCTION pushed_requests_go() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE waiting SET pushed_requests = pushed_requests - (SELECT count(*) FROM these)
    WHERE EXISTS (SELECT 1 FROM these);
    RETURN NULL;
END $$;
CREATE TRIGGER pushed_requests_come AFTER INSERT ON pushed_requests
    REFERENCING NEW TABLE AS these FOR EACH STATEMENT EXECUTE FUNCTION pushed_requests_come();
CREATE TRIGGER pushed_requests_go AFTER DELETE ON pushed_requests
    REFERENCING OLD TABLE AS these FOR EACH STATEMENT EXECUTE FUNCTION pushed_requests_go();

CREATE FUNCTION devices_come() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE waiting SET devices = devices + (SELECT count(*) FROM these) WHERE EXISTS (SELECT 1 FROM these);
    RETURN NULL;
END $$;
CREATE FUNCTION devices_go() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE waiting SET devices = devices - (SELECT count(*) FROM these WHERE NOT redeemed)
    WHERE EXISTS (SELECT 1 FROM these WHERE NOT redeemed);
    RETURN NULL;
END $$;
CREATE FUNCTION devices_are_served() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE waiting SET devices = devices - 1;
    RETURN NULL;
END $$;
CREATE TRIGGER devices_come AFTER INSERT ON devices
    REFERENCING NEW TABLE AS these FOR EACH STATEMENT EXECUTE FUNCTION devices_come();
CREATE TRIGGER devices_go AFTER DELETE ON devices
    REFERENCING OLD TABLE AS these FOR EACH STATEMENT EXECUTE FUNCTION devices_go();
CREATE TRIGGER devices_are_served AFTER UPDATE ON devices FOR EACH ROW
    WHEN (NEW.redeemed AND NOT OLD.redeemed) EXECUTE FUNCTION devices_are_served();
