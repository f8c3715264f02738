-- Which documents a response held, so that a page of which only a counter
-- changed is known to be the same.
ALTER TABLE responses ADD COLUMN documents TEXT;

-- Pages with reports that the portal took away, or brought back.
CREATE TABLE vanished (
    url     INTEGER PRIMARY KEY REFERENCES urls (id),
    at      INTEGER,            -- when it was found gone; null where it is back
    in_lake INTEGER NOT NULL    -- whether the lake says so
) STRICT;
CREATE INDEX vanished_not_in_lake ON vanished (url) WHERE in_lake = 0;
