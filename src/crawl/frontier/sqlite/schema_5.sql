-- Finds the URLs that were tried without looking at all that wait. From this
-- version on a key begins with its host's (see migrate.rs).
CREATE INDEX urls_tried ON urls (id) WHERE state = 0 AND attempts > 0;
