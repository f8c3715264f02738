-- When a search was last whole and came to no list that could not be read whole: which
-- years a portal does not have is known from it, and stays so through an outage.
ALTER TABLE portals ADD COLUMN searched_at INTEGER;
