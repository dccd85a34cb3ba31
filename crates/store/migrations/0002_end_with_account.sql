-- A changed password and a locked account end grants by their person.
CREATE INDEX grants_subject ON grants (record ->> 'subject');
-- Whether a request that was under way is ended also where it asked for offline_access.
ALTER TABLE revoked_sessions ADD COLUMN offline INTEGER NOT NULL DEFAULT 0;
-- The end of a session ends it under every cookie it has by then.
CREATE INDEX sessions_id ON sessions (record ->> 'id');
