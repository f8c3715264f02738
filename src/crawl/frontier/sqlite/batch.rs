//! Changes that become durable together.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

use super::rows::{due_from_row, instant, micros};
use super::ways;
use crate::crawl::address::HostKey;
use crate::crawl::frontier::trouble::cause_of;
use crate::crawl::frontier::{
    Ancestor, ArchivePosition, Batch, CUT_SHORT, Due, FrontierError, GUESS, NewResponse, NewUrl, PageRequest, PortalId,
    Priority, ResponseId, RobotsRecord, Spent, UNREAD, UrlId, UrlState, Vanished, Visit,
};
use crate::faults::{self, FaultPoint};

/// A transaction.
#[derive(Debug)]
pub(super) struct SqliteBatch<'f> {
    pub(super) transaction: Transaction<'f>,
}

impl<'f> SqliteBatch<'f> {
    pub(super) fn new(transaction: Transaction<'f>) -> Self {
        Self { transaction }
    }

    fn set_state(&self, url: UrlId, state: UrlState, again_at: Timestamp) -> Result<(), FrontierError> {
        let mut over = self.transaction.prepare_cached("UPDATE urls SET state = ?2, not_before = ?3 WHERE id = ?1")?;
        over.execute(params![url.0, state as i64, micros(again_at)])?;
        Ok(())
    }
}

impl Batch for SqliteBatch<'_> {
    fn commit(self: Box<Self>) -> Result<(), FrontierError> {
        faults::pass(FaultPoint::StateCommitting).map_err(FrontierError::of_disk)?;
        self.transaction.commit()?;
        faults::pass(FaultPoint::StateCommitted).map_err(FrontierError::of_disk)
    }

    fn enqueue(&mut self, new: &NewUrl) -> Result<bool, FrontierError> {
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO urls (key, url, form, requested, hops, host, portal, priority, depth, why, state, not_before)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11) ON CONFLICT (key) DO NOTHING",
        )?;
        let n_new = insert.execute(params![
            new.request.key(),
            new.request.url.as_str(),
            new.request.body_json(),
            new.requested.as_ref().map(url::Url::as_str),
            new.hops,
            new.host.as_str(),
            new.portal.as_str(),
            new.priority as i64,
            new.depth,
            new.why,
            micros(new.not_before),
        ])?;
        if n_new == 1
            && let Some(parent) = new.found_on
        {
            let sql = "INSERT OR REPLACE INTO found_on (url, parent) VALUES (?1, ?2)";
            let id = self.transaction.last_insert_rowid();
            self.transaction.prepare_cached(sql)?.execute(params![id, parent.0])?;
            if new.is_part {
                let sql = "INSERT INTO parts (url, article)
                           VALUES (?1, COALESCE((SELECT article FROM parts WHERE url = ?2), ?2))";
                self.transaction.prepare_cached(sql)?.execute(params![id, parent.0])?;
            }
        }
        if n_new == 0 {
            // A better link says what the page is, and spells it as it leads
            // there; what redirects or retries made of the spelling stays.
            let mut better = self.transaction.prepare_cached(
                "UPDATE urls SET
                     why = CASE WHEN priority > ?2 AND ?4 IS NOT NULL THEN ?4 ELSE why END,
                     url = CASE WHEN priority > ?2 AND state = 0 AND attempts = 0 AND requested IS NULL THEN ?5
                                ELSE url END,
                     priority = MIN(priority, ?2), depth = MIN(depth, ?3)
                 WHERE key = ?1 AND (priority > ?2 OR depth > ?3)",
            )?;
            let why = (!new.why.starts_with(GUESS)).then_some(&new.why);
            let url = new.request.url.as_str();
            better.execute(params![new.request.key(), new.priority as i64, new.depth, why, url])?;
        }
        Ok(n_new == 1)
    }

    fn next_due(
        &self,
        host: &HostKey,
        portal: &PortalId,
        order: [Priority; 4],
        now: Timestamp,
    ) -> Result<Option<Due>, FrontierError> {
        // A seek for each priority: a deferred URL of a high priority must not
        // hide one of a lower that is due.
        let mut statement = self.transaction.prepare_cached(
            "SELECT id, url, form, requested, hops, depth, attempts, etag, last_modified, priority, response IS NOT NULL, why,
                    (SELECT page.url FROM found_on f JOIN urls page ON page.id = f.parent WHERE f.url = urls.id),
                    EXISTS (SELECT 1 FROM responses r WHERE r.id = urls.response AND r.words LIKE ?5)
             FROM urls WHERE state = 0 AND host = ?1 AND portal = ?2 AND priority = ?3 AND not_before <= ?4
             ORDER BY not_before, id LIMIT 1",
        )?;
        let cut_short = format!("{CUT_SHORT}%");
        for priority in order {
            let found = statement
                .query_row(params![host.as_str(), portal.as_str(), priority as i64, micros(now), cut_short], |row| {
                    due_from_row(row, host, portal)
                })
                .optional()?;
            if let Some(due) = found {
                return due.map(Some);
            }
        }
        Ok(None)
    }

    fn in_work(&mut self, url: UrlId) -> Result<(), FrontierError> {
        self.transaction.prepare_cached("UPDATE urls SET state = 5 WHERE id = ?1")?.execute(params![url.0])?;
        Ok(())
    }

    fn visited(
        &mut self,
        url: UrlId,
        at: Timestamp,
        status: Option<u16>,
        words: &str,
        visit: &Visit,
    ) -> Result<(), FrontierError> {
        let mut note = self
            .transaction
            .prepare_cached("UPDATE urls SET last_seen = ?2, last_status = ?3, last_words = ?4 WHERE id = ?1")?;
        note.execute(params![url.0, micros(at), status, words])?;
        match visit {
            Visit::Done { again_at, validators, n_unchanged } => {
                let mut done = self.transaction.prepare_cached(
                    "UPDATE urls SET state = 1, attempts = 0, not_before = ?2, etag = ?3, last_modified = ?4,
                                     n_unchanged = ?5 WHERE id = ?1",
                )?;
                done.execute(params![
                    url.0,
                    micros(*again_at),
                    validators.etag,
                    validators.last_modified,
                    n_unchanged
                ])?;
            }
            Visit::Moved { host, to, again_at } => {
                let mut moved = self.transaction.prepare_cached(
                    "UPDATE urls SET state = 0, requested = COALESCE(requested, url), hops = hops + 1, url = ?2,
                                     host = ?3, not_before = ?4 WHERE id = ?1",
                )?;
                moved.execute(params![url.0, to.as_str(), host.as_str(), micros(*again_at)])?;
            }
            Visit::Retry { again_at } => {
                let mut retry = self.transaction.prepare_cached(
                    "UPDATE urls SET state = 0, attempts = attempts + 1, not_before = ?2 WHERE id = ?1",
                )?;
                retry.execute(params![url.0, micros(*again_at)])?;
            }
            Visit::Respelled { url: spelling, again_at } => {
                let mut respell = self.transaction.prepare_cached(
                    "UPDATE urls SET state = 0, attempts = attempts + 1, not_before = ?3, url = ?2 WHERE id = ?1",
                )?;
                respell.execute(params![url.0, spelling.as_str(), micros(*again_at)])?;
            }
            Visit::Over { state, again_at } => self.set_state(url, *state, *again_at)?,
        }
        Ok(())
    }

    fn turned_out(&mut self, url: UrlId, priority: Priority) -> Result<(), FrontierError> {
        let mut note = self.transaction.prepare_cached("UPDATE urls SET priority = ?2 WHERE id = ?1")?;
        note.execute(params![url.0, priority as i64])?;
        Ok(())
    }

    fn n_unchanged(&self, url: UrlId) -> Result<u32, FrontierError> {
        let mut statement = self.transaction.prepare_cached("SELECT n_unchanged FROM urls WHERE id = ?1")?;
        Ok(statement.query_row(params![url.0], |row| row.get(0)).optional()?.unwrap_or(0))
    }

    fn unchanged_since(&self, url: UrlId, now: Timestamp) -> Result<Option<Timestamp>, FrontierError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT COALESCE((
                 SELECT MIN(same.fetched_at) FROM responses same
                 WHERE last.documents <> '' AND same.url = last.url AND same.fetched_at > COALESCE(
                     (SELECT MAX(fetched_at) FROM responses WHERE url = last.url AND documents IS NOT last.documents), -1)
             ), last.fetched_at), urls.last_seen
             FROM urls LEFT JOIN responses last ON last.id = urls.response WHERE urls.id = ?1",
        )?;
        let known: Option<[Option<i64>; 2]> =
            statement.query_row(params![url.0], |row| Ok([row.get(0)?, row.get(1)?])).optional()?;
        Ok(known.into_iter().flatten().flatten().map(instant).find(|at| *at <= now))
    }

    fn response(&mut self, new: &NewResponse<'_>) -> Result<ResponseId, FrontierError> {
        // One from before the last is pending once more: it counts again.
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO responses (url, fetched_at, status, words, sha256, n_bytes, duration_ms, n_reports,
                                    file, offset, length)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (url, sha256) DO UPDATE SET
                 words = ?4, n_reports = ?8,
                 fetched_at = iif((SELECT response FROM urls WHERE id = ?1) = id, fetched_at, ?2),
                 in_lake = iif((SELECT response FROM urls WHERE id = ?1) = id, in_lake, 0)
             RETURNING id",
        )?;
        let id: i64 = insert.query_row(
            params![
                new.url.0,
                micros(new.fetched_at),
                new.status,
                new.words,
                new.sha256,
                stored(new.n_bytes),
                stored(new.duration_ms),
                new.n_reports,
                new.place.file,
                stored(new.place.offset),
                stored(new.place.length),
            ],
            |row| row.get(0),
        )?;
        self.last_payload(new.url, ResponseId(id))?;
        Ok(ResponseId(id))
    }

    fn ask_again(&self, request: &PageRequest, at: Timestamp) -> Result<(), FrontierError> {
        let mut again = self.transaction.prepare_cached(
            "UPDATE urls SET was = CASE WHEN state BETWEEN 1 AND 4 THEN state ELSE was END, state = 0, not_before = ?2
             WHERE key = ?1",
        )?;
        again.execute(params![request.key(), micros(at)])?;
        Ok(())
    }

    fn last_payload(&self, url: UrlId, response: ResponseId) -> Result<(), FrontierError> {
        let mut last = self
            .transaction
            .prepare_cached("UPDATE urls SET response = ?2, hops = 0, requested = NULL WHERE id = ?1")?;
        last.execute(params![url.0, response.0])?;
        Ok(())
    }

    fn in_lake(&mut self, responses: &[ResponseId]) -> Result<(), FrontierError> {
        let mut mark = self.transaction.prepare_cached("UPDATE responses SET in_lake = 1 WHERE id = ?1")?;
        for response in responses {
            mark.execute(params![response.0])?;
        }
        Ok(())
    }

    fn lost_by_lake(&mut self, responses: &[ResponseId]) -> Result<(), FrontierError> {
        let mut lost = self.transaction.prepare_cached("UPDATE responses SET in_lake = 0 WHERE id = ?1")?;
        let sql = "UPDATE vanished SET in_lake = 0 WHERE at IS NOT NULL
                   AND url = (SELECT url FROM responses WHERE id = ?1)";
        let mut marks = self.transaction.prepare_cached(sql)?;
        for response in responses {
            lost.execute(params![response.0])?;
            marks.execute(params![response.0])?;
        }
        Ok(())
    }

    fn all_lost_by_lake(&mut self) -> Result<(), FrontierError> {
        self.transaction.execute("UPDATE responses SET in_lake = 0", [])?;
        self.transaction.execute("UPDATE vanished SET in_lake = 0 WHERE at IS NOT NULL", [])?;
        Ok(())
    }

    fn gate(&mut self, host: &HostKey, gate_json: &str) -> Result<(), FrontierError> {
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO hosts (host, gate) VALUES (?1, ?2) ON CONFLICT (host) DO UPDATE SET gate = ?2",
        )?;
        write.execute(params![host.as_str(), gate_json])?;
        Ok(())
    }

    fn robots(&mut self, host: &HostKey, record: &RobotsRecord) -> Result<(), FrontierError> {
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO hosts (host, gate, robots, robots_is, robots_at) VALUES (?1, '{}', ?2, ?3, ?4)
             ON CONFLICT (host) DO UPDATE SET robots = ?2, robots_is = ?3, robots_at = ?4",
        )?;
        write.execute(params![host.as_str(), record.body, record.outcome, micros(record.fetched_at)])?;
        Ok(())
    }

    fn says_news(&mut self, portal: &PortalId, digest: &[u8]) -> Result<bool, FrontierError> {
        let sql = "INSERT INTO said (portal, digest) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        Ok(self.transaction.prepare_cached(sql)?.execute(params![portal.as_str(), digest])? == 1)
    }

    fn count(&mut self, portal: &PortalId, n_pages: u32, n_reports: u32) -> Result<(), FrontierError> {
        let mut count = self.transaction.prepare_cached(
            "INSERT INTO portals (portal, n_pages, n_reports) VALUES (?1, ?2, ?3)
             ON CONFLICT (portal) DO UPDATE SET n_pages = n_pages + ?2, n_reports = n_reports + ?3",
        )?;
        count.execute(params![portal.as_str(), n_pages, n_reports])?;
        Ok(())
    }

    fn archive_position(&mut self, position: &ArchivePosition) -> Result<(), FrontierError> {
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO archive (one, file, length) VALUES (1, ?1, ?2)
             ON CONFLICT (one) DO UPDATE SET file = ?1, length = ?2",
        )?;
        write.execute(params![position.file, stored(position.length)])?;
        Ok(())
    }

    fn spent(&mut self, scope: &str, spent: Spent) -> Result<(), FrontierError> {
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO spent (scope, n_requests, n_bytes, not_before) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (scope) DO UPDATE SET n_requests = ?2, n_bytes = ?3, not_before = ?4",
        )?;
        let (requests, bytes) = (stored(spent.n_requests), stored(spent.n_bytes));
        write.execute(params![scope, requests, bytes, spent.not_before.map(micros)])?;
        Ok(())
    }

    fn portal_done(&mut self, portal: &PortalId, at: Timestamp) -> Result<(), FrontierError> {
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO portals (portal, last_run) VALUES (?1, ?2) ON CONFLICT (portal) DO UPDATE SET last_run = ?2",
        )?;
        write.execute(params![portal.as_str(), micros(at)])?;
        Ok(())
    }

    fn searched(&mut self, portal: &PortalId, at: Option<Timestamp>) -> Result<(), FrontierError> {
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO portals (portal, searched_at) VALUES (?1, ?2) ON CONFLICT (portal) DO UPDATE SET searched_at = ?2",
        )?;
        write.execute(params![portal.as_str(), at.map(micros)])?;
        Ok(())
    }

    fn vanished(&mut self, url: UrlId, at: Timestamp) -> Result<bool, FrontierError> {
        let mut mark = self.transaction.prepare_cached(
            "INSERT INTO vanished (url, at, in_lake)
             SELECT ?1, ?2, 0 WHERE EXISTS (SELECT 1 FROM responses WHERE url = ?1 AND n_reports > 0)
             ON CONFLICT (url) DO UPDATE SET at = ?2, in_lake = 0 WHERE at IS NULL",
        )?;
        Ok(mark.execute(params![url.0, micros(at)])? > 0)
    }

    fn came_back(&mut self, url: UrlId) -> Result<(), FrontierError> {
        let sql = "UPDATE vanished SET at = NULL, in_lake = 0 WHERE url = ?1 AND at IS NOT NULL";
        self.transaction.prepare_cached(sql)?.execute(params![url.0])?;
        Ok(())
    }

    fn vanished_in_lake(&mut self, told: &[Vanished]) -> Result<(), FrontierError> {
        let sql = "UPDATE vanished SET in_lake = 1 WHERE url = ?1";
        let mut mark = self.transaction.prepare_cached(sql)?;
        for page in told {
            mark.execute(params![page.id.0])?;
        }
        Ok(())
    }

    fn last_documents(&self, url: UrlId) -> Result<Option<String>, FrontierError> {
        let sql = "SELECT r.documents FROM urls u JOIN responses r ON r.id = u.response WHERE u.id = ?1";
        let found = self.transaction.prepare_cached(sql)?.query_row(params![url.0], |row| row.get(0)).optional()?;
        Ok(found.flatten())
    }

    fn read_anew(&mut self, response: ResponseId, words: &str, n_reports: u32) -> Result<(), FrontierError> {
        let sql = "UPDATE responses SET words = ?2, n_reports = ?3 WHERE id = ?1";
        self.transaction.prepare_cached(sql)?.execute(params![response.0, words, n_reports])?;
        Ok(())
    }

    fn documents(&mut self, response: ResponseId, documents: &str) -> Result<(), FrontierError> {
        let sql = "UPDATE responses SET documents = ?2 WHERE id = ?1";
        self.transaction.prepare_cached(sql)?.execute(params![response.0, documents])?;
        Ok(())
    }

    fn ancestors(&self, url: UrlId) -> Result<Vec<Ancestor>, FrontierError> {
        ways::ancestors(&self.transaction, url)
    }

    fn way_worked(&mut self, portal: &PortalId, page: UrlId, steps: u32, now: Timestamp) -> Result<(), FrontierError> {
        for ancestor in self.ancestors(page)?.iter().filter(|ancestor| ancestor.steps + steps > 0) {
            let mut note = self.transaction.prepare_cached(
                "INSERT INTO ways (portal, url, steps, worked_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (portal, url) DO UPDATE SET steps = MIN(steps, ?3), worked_at = ?4",
            )?;
            note.execute(params![portal.as_str(), ancestor.id.0, ancestor.steps + steps, micros(now)])?;
        }
        let mut searched = self
            .transaction
            .prepare_cached("INSERT INTO searches (portal, at) VALUES (?1, ?2) ON CONFLICT (portal) DO NOTHING")?;
        searched.execute(params![portal.as_str(), micros(now)])?;
        Ok(())
    }

    fn is_report(&self, request: &PageRequest) -> Result<bool, FrontierError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT 1 FROM urls u JOIN responses r ON r.url = u.id WHERE u.key = ?1 AND (r.n_reports > 0 OR r.words LIKE ?2)
             LIMIT 1",
        )?;
        Ok(statement.exists(params![request.key(), format!("{UNREAD}%")])?)
    }

    fn knows(&self, request: &PageRequest) -> Result<bool, FrontierError> {
        let mut statement = self.transaction.prepare_cached("SELECT 1 FROM urls WHERE key = ?1")?;
        Ok(statement.exists(params![request.key()])?)
    }

    fn way_failed(&mut self, portal: &PortalId, page: UrlId, now: Timestamp) -> Result<Vec<HostKey>, FrontierError> {
        let sql = "SELECT 1 FROM ways WHERE portal = ?1 AND url = ?2 AND steps = 1";
        if !self.transaction.prepare_cached(sql)?.exists(params![portal.as_str(), page.0])? {
            return Ok(Vec::new());
        }
        self.transaction.execute("DELETE FROM ways WHERE portal = ?1", params![portal.as_str()])?;
        self.transaction.execute("DELETE FROM searches WHERE portal = ?1", params![portal.as_str()])?;
        let mut wake = self.transaction.prepare_cached(
            "UPDATE urls SET was = state, state = 0, attempts = 0
             WHERE portal = ?1 AND state = 1 AND priority > 0 AND not_before <= ?2 AND id <> ?3
               AND last_seen < (SELECT MAX(started_at) FROM runs) RETURNING host",
        )?;
        let rows = wake.query_map(params![portal.as_str(), micros(now), page.0], |row| row.get::<_, String>(0))?;
        let mut hosts: Vec<String> = rows.collect::<Result<_, _>>()?;
        hosts.sort();
        hosts.dedup();
        Ok(hosts.into_iter().map(HostKey::from_stored).collect())
    }

    fn trouble(&mut self, portal: &str, place: &str, words: &str, at: Timestamp) -> Result<(), FrontierError> {
        let sql = "SELECT words, first_at FROM troubles WHERE portal = ?1 AND place = ?2 AND is_open = 1";
        let open = self
            .transaction
            .prepare_cached(sql)?
            .query_row(params![portal, place], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)));
        let same = open.optional()?.filter(|(before, _)| cause_of(before) == cause_of(words));
        let first_at = same.map_or(micros(at), |(_, first_at)| first_at);
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO troubles (portal, place, words, first_at, last_at, is_open) VALUES (?1, ?2, ?3, ?4, ?5, 1)
             ON CONFLICT (portal, place) DO UPDATE SET first_at = ?4, words = ?3, last_at = ?5, is_open = 1",
        )?;
        write.execute(params![portal, place, words, first_at, micros(at)])?;
        Ok(())
    }
}

/// A count as SQLite holds it; none of ours comes near the limit.
pub(super) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
