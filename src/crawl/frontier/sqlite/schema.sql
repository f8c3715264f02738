-- The state of a crawl. PRAGMA user_version is the schema's version.

-- What is known of every URL. `key` is a digest of the canonical request.
CREATE TABLE urls (
    id            INTEGER PRIMARY KEY,
    key           BLOB    NOT NULL UNIQUE,
    url           TEXT    NOT NULL,
    form          TEXT,             -- JSON pairs of a POST's fields; null for GET
    requested     TEXT,             -- the URL at the head of the redirects, where there were any
    hops          INTEGER NOT NULL DEFAULT 0,
    host          TEXT    NOT NULL,
    portal        TEXT    NOT NULL,
    priority      INTEGER NOT NULL, -- 0 first
    depth         INTEGER NOT NULL,
    why           TEXT    NOT NULL,
    state         INTEGER NOT NULL, -- 0 waiting, 1 visited, 2 gone, 3 failed, 4 refused, 5 in work
    attempts      INTEGER NOT NULL DEFAULT 0,
    n_unchanged   INTEGER NOT NULL DEFAULT 0,
    not_before    INTEGER NOT NULL, -- microseconds since 1970, UTC
    last_seen     INTEGER,
    last_status   INTEGER,
    last_words    TEXT,
    etag          TEXT,
    last_modified TEXT,
    response      INTEGER           -- the last response that brought a payload
) STRICT;
CREATE INDEX urls_waiting ON urls (host, portal, priority, not_before) WHERE state = 0;
CREATE INDEX urls_again ON urls (not_before) WHERE state BETWEEN 1 AND 4;
CREATE INDEX urls_in_work ON urls (id) WHERE state = 5;

-- Every response that brought a payload not seen at this URL before.
CREATE TABLE responses (
    id           INTEGER PRIMARY KEY,
    url          INTEGER NOT NULL REFERENCES urls (id),
    fetched_at   INTEGER NOT NULL,
    status       INTEGER NOT NULL,
    words        TEXT    NOT NULL,
    sha256       TEXT    NOT NULL,
    n_bytes      INTEGER NOT NULL,
    duration_ms  INTEGER NOT NULL,
    n_reports    INTEGER NOT NULL,
    file         TEXT    NOT NULL,
    offset       INTEGER NOT NULL,
    length       INTEGER NOT NULL,
    in_lake      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (url, sha256)
) STRICT;
CREATE INDEX responses_not_in_lake ON responses (id) WHERE in_lake = 0;

-- What politeness remembers of a host.
CREATE TABLE hosts (
    host       TEXT PRIMARY KEY,
    gate       TEXT NOT NULL,    -- JSON of gates::HostState
    robots     BLOB,             -- the body, where there was one
    robots_is  TEXT,             -- how it was answered
    robots_at  INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE portals (
    portal     TEXT PRIMARY KEY,
    n_pages    INTEGER NOT NULL DEFAULT 0, -- fetched in the run that is open
    n_reports  INTEGER NOT NULL DEFAULT 0, -- ever
    last_run   INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    id         INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER,
    report     TEXT              -- JSON of the run report, once it ended
) STRICT;

-- Where the archive is whole: everything behind this is cut off.
CREATE TABLE archive (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    file   TEXT NOT NULL,
    length INTEGER NOT NULL
) STRICT;
