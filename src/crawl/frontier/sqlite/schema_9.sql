-- The further pages and the frames of an article: `article` is its first page.
CREATE TABLE parts (
    url     INTEGER PRIMARY KEY REFERENCES urls (id),
    article INTEGER NOT NULL REFERENCES urls (id)
) STRICT;
CREATE INDEX parts_of ON parts (article);
