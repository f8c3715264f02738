-- How the last visit of a URL ended that waits for its next: what is known of it
-- is not forgotten because it is due again. Null where it waits for its first.
ALTER TABLE urls ADD COLUMN was INTEGER;
UPDATE urls SET was = CASE WHEN response IS NOT NULL OR last_status BETWEEN 200 AND 399 THEN 1
                           WHEN last_status IN (404, 410) THEN 2
                           WHEN last_status BETWEEN 400 AND 499 THEN 4
                           ELSE 3 END
WHERE state IN (0, 5) AND last_seen IS NOT NULL AND attempts = 0;
