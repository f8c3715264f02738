-- What the search for reports remembers.

-- The page on which a URL was found first, or which was moved to it.
CREATE TABLE found_on (
    url    INTEGER PRIMARY KEY REFERENCES urls (id),
    parent INTEGER NOT NULL REFERENCES urls (id)
) STRICT;

-- The pages of the ways that led to reports.
CREATE TABLE ways (
    portal    TEXT    NOT NULL,
    url       INTEGER NOT NULL REFERENCES urls (id),
    steps     INTEGER NOT NULL, -- links from here to the nearest report; 1 for its list
    worked_at INTEGER NOT NULL,
    PRIMARY KEY (portal, url)
) STRICT, WITHOUT ROWID;

-- When a portal was last searched from its home page, where a way is known.
CREATE TABLE searches (
    portal TEXT PRIMARY KEY,
    at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A page that is another's twin is told by its payload.
CREATE INDEX responses_payload ON responses (sha256);
-- What rests while a way works, and wakes when it stops working.
CREATE INDEX urls_resting ON urls (portal) WHERE state = 1 AND priority > 0;
