-- What the reports of each portal say, as digests: one that is read again from a
-- changed page or under another URL is no news.
CREATE TABLE said (
    portal TEXT NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (portal, digest)
) STRICT, WITHOUT ROWID;
