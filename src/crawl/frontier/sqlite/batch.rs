//! Changes that become durable together.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

use super::rows::{due_from_row, micros};
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{
    Ancestor, ArchivePosition, Batch, Due, FrontierError, NewResponse, NewUrl, PageRequest, PortalId, Priority,
    ResponseId, RobotsRecord, Spent, UrlId, UrlState, Vanished, Visit,
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
            new.request.form_json(),
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
            self.transaction.prepare_cached(sql)?.execute(params![self.transaction.last_insert_rowid(), parent.0])?;
        }
        if n_new == 0 {
            let mut better = self.transaction.prepare_cached(
                "UPDATE urls SET priority = MIN(priority, ?2), depth = MIN(depth, ?3)
                 WHERE key = ?1 AND (priority > ?2 OR depth > ?3)",
            )?;
            better.execute(params![new.request.key(), new.priority as i64, new.depth])?;
        }
        Ok(n_new == 1)
    }

    fn next_due(&self, host: &HostKey, portal: &PortalId, now: Timestamp) -> Result<Option<Due>, FrontierError> {
        // A seek for each priority: a deferred URL of a high priority must not
        // hide one of a lower that is due.
        let mut statement = self.transaction.prepare_cached(
            "SELECT id, url, form, requested, hops, depth, attempts, etag, last_modified, priority, response IS NOT NULL, why
             FROM urls WHERE state = 0 AND host = ?1 AND portal = ?2 AND priority = ?3 AND not_before <= ?4
             ORDER BY not_before, id LIMIT 1",
        )?;
        for priority in Priority::ALL {
            let found = statement
                .query_row(params![host.as_str(), portal.as_str(), priority as i64, micros(now)], |row| {
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

    fn response(&mut self, new: &NewResponse<'_>) -> Result<ResponseId, FrontierError> {
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO responses (url, fetched_at, status, words, sha256, n_bytes, duration_ms, n_reports,
                                    file, offset, length)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (url, sha256) DO UPDATE SET url = url RETURNING id",
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
        let mut again = self.transaction.prepare_cached("UPDATE urls SET state = 0, not_before = ?2 WHERE key = ?1")?;
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
        SqliteBatch::spent(self, scope, spent)
    }

    fn portal_done(&mut self, portal: &PortalId, at: Timestamp) -> Result<(), FrontierError> {
        SqliteBatch::portal_done(self, portal, at)
    }

    fn vanished(&mut self, url: UrlId, at: Timestamp) -> Result<(), FrontierError> {
        SqliteBatch::vanished(self, url, at)
    }

    fn came_back(&mut self, url: UrlId) -> Result<(), FrontierError> {
        SqliteBatch::came_back(self, url)
    }

    fn vanished_in_lake(&mut self, told: &[Vanished]) -> Result<(), FrontierError> {
        SqliteBatch::vanished_in_lake(self, told)
    }

    fn last_documents(&self, url: UrlId) -> Result<Option<String>, FrontierError> {
        SqliteBatch::last_documents(self, url)
    }

    fn documents(&mut self, response: ResponseId, documents: &str) -> Result<(), FrontierError> {
        SqliteBatch::documents(self, response, documents)
    }

    fn ancestors(&self, url: UrlId) -> Result<Vec<Ancestor>, FrontierError> {
        SqliteBatch::ancestors(self, url)
    }

    fn way_worked(&mut self, portal: &PortalId, page: UrlId, steps: u32, now: Timestamp) -> Result<(), FrontierError> {
        SqliteBatch::way_worked(self, portal, page, steps, now)
    }

    fn is_report(&self, request: &PageRequest) -> Result<bool, FrontierError> {
        SqliteBatch::is_report(self, request)
    }

    fn knows(&self, request: &PageRequest) -> Result<bool, FrontierError> {
        SqliteBatch::knows(self, request)
    }

    fn way_failed(&mut self, portal: &PortalId, page: UrlId, now: Timestamp) -> Result<Vec<HostKey>, FrontierError> {
        SqliteBatch::way_failed(self, portal, page, now)
    }

    fn trouble(&mut self, portal: &str, place: &str, words: &str, at: Timestamp) -> Result<(), FrontierError> {
        SqliteBatch::trouble(self, portal, place, words, at)
    }
}

/// A count as SQLite holds it; none of ours comes near the limit.
pub(super) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
