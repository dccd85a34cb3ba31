-- Those of before do not say when they were made: who is signing in at this moment starts again.
DELETE FROM interactions;
-- How many requests wait, without counting them each time one more comes.
CREATE TABLE waiting (
    one          INTEGER PRIMARY KEY CHECK (one = 1),
    interactions INTEGER NOT NULL
) STRICT;
INSERT INTO waiting (one, interactions) SELECT 1, count(*) FROM interactions;
CREATE TRIGGER interactions_come AFTER INSERT ON interactions BEGIN
    UPDATE waiting SET interactions = interactions + 1;
END;
CREATE TRIGGER interactions_go AFTER DELETE ON interactions BEGIN
    UPDATE waiting SET interactions = interactions - 1;
END;
