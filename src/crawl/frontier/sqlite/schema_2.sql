-- What needs a person, once for each place of a portal, until it is well again.
CREATE TABLE troubles (
    portal   TEXT    NOT NULL,
    place    TEXT    NOT NULL,  -- a URL, a host or the portal itself
    words    TEXT    NOT NULL,  -- what is wrong now
    first_at INTEGER NOT NULL,  -- since when in these words
    last_at  INTEGER NOT NULL,
    is_open  INTEGER NOT NULL,  -- 0 once it passed
    said     TEXT,              -- the words that a run's summary told last
    acked    TEXT,              -- the words that a person knows of
    PRIMARY KEY (portal, place)
) STRICT, WITHOUT ROWID;
