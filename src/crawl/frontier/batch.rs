//! Changes that become durable together.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

use super::types::{
    ArchivePosition, ArchiveRef, Due, FrontierError, NewUrl, PageRequest, PortalId, Priority, ResponseId, RobotsRecord,
    UrlId, UrlState, Visit, due_from_row, micros,
};
use crate::crawl::address::HostKey;
use crate::faults::{self, FaultPoint};

/// A group of changes: all of them happen, or none.
///
/// Dropped without [`Batch::commit`] it changes nothing.
#[derive(Debug)]
pub struct Batch<'f> {
    pub(super) transaction: Transaction<'f>,
}

/// A response that brought a payload not seen at its URL before.
#[derive(Debug, Clone, PartialEq)]
pub struct NewResponse<'a> {
    /// The URL.
    pub url: UrlId,
    /// When the answer had arrived.
    pub fetched_at: Timestamp,
    /// The HTTP status.
    pub status: u16,
    /// The outcome in words.
    pub words: &'a str,
    /// The payload's digest, hexadecimal.
    pub sha256: &'a str,
    /// The payload's size in bytes.
    pub n_bytes: u64,
    /// From the request to the end of the answer.
    pub duration_ms: u64,
    /// How many reports it held.
    pub n_reports: u32,
    /// Where it lies.
    pub place: &'a ArchiveRef,
}

impl<'f> Batch<'f> {
    pub(super) fn new(transaction: Transaction<'f>) -> Self {
        Self { transaction }
    }

    /// Makes the changes durable.
    pub fn commit(self) -> Result<(), FrontierError> {
        faults::pass(FaultPoint::StateCommitting).map_err(FrontierError::of_disk)?;
        self.transaction.commit()?;
        faults::pass(FaultPoint::StateCommitted).map_err(FrontierError::of_disk)
    }

    /// Remembers a URL; true where it was not known.
    ///
    /// A known URL keeps its place, but the better priority and the smaller
    /// depth win.
    pub fn enqueue(&mut self, new: &NewUrl) -> Result<bool, FrontierError> {
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

    /// The best URL of a host and portal that is due: by priority, then by age.
    ///
    /// Asked inside a batch, because it answers for what the batch has changed.
    pub fn next_due(&self, host: &HostKey, portal: &PortalId, now: Timestamp) -> Result<Option<Due>, FrontierError> {
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

    /// Notes that a URL's request goes out once this batch is committed.
    pub fn in_work(&mut self, url: UrlId) -> Result<(), FrontierError> {
        self.transaction.prepare_cached("UPDATE urls SET state = 5 WHERE id = ?1")?.execute(params![url.0])?;
        Ok(())
    }

    /// Notes how a visit ended.
    pub fn visited(
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

    /// Notes what a page is that was found as something else: a column whose
    /// links are reports' is a list, a year on a list a report.
    pub fn turned_out(&mut self, url: UrlId, priority: Priority) -> Result<(), FrontierError> {
        let mut note = self.transaction.prepare_cached("UPDATE urls SET priority = ?2 WHERE id = ?1")?;
        note.execute(params![url.0, priority as i64])?;
        Ok(())
    }

    fn set_state(&self, url: UrlId, state: UrlState, again_at: Timestamp) -> Result<(), FrontierError> {
        let mut over = self.transaction.prepare_cached("UPDATE urls SET state = ?2, not_before = ?3 WHERE id = ?1")?;
        over.execute(params![url.0, state as i64, micros(again_at)])?;
        Ok(())
    }

    /// How often in a row a URL's visits have found it unchanged.
    pub fn n_unchanged(&self, url: UrlId) -> Result<u32, FrontierError> {
        let mut statement = self.transaction.prepare_cached("SELECT n_unchanged FROM urls WHERE id = ?1")?;
        Ok(statement.query_row(params![url.0], |row| row.get(0)).optional()?.unwrap_or(0))
    }

    /// Remembers a response that brought a payload, and makes it its URL's last.
    ///
    /// A payload that was seen at the URL before gives its old row.
    pub fn response(&mut self, new: &NewResponse<'_>) -> Result<ResponseId, FrontierError> {
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

    /// Asks once more for a URL that was visited.
    pub fn ask_again(&self, request: &PageRequest, at: Timestamp) -> Result<(), FrontierError> {
        let mut again = self.transaction.prepare_cached("UPDATE urls SET state = 0, not_before = ?2 WHERE key = ?1")?;
        again.execute(params![request.key(), micros(at)])?;
        Ok(())
    }

    /// Makes a response the one whose payload a URL has now. The redirects that
    /// led there are past: the URL stands for itself from now on.
    pub fn last_payload(&self, url: UrlId, response: ResponseId) -> Result<(), FrontierError> {
        let mut last = self
            .transaction
            .prepare_cached("UPDATE urls SET response = ?2, hops = 0, requested = NULL WHERE id = ?1")?;
        last.execute(params![url.0, response.0])?;
        Ok(())
    }

    /// Notes that the reports of these responses are in the lake.
    pub fn in_lake(&mut self, responses: &[ResponseId]) -> Result<(), FrontierError> {
        let mut mark = self.transaction.prepare_cached("UPDATE responses SET in_lake = 1 WHERE id = ?1")?;
        for response in responses {
            mark.execute(params![response.0])?;
        }
        Ok(())
    }

    /// Writes down what politeness must remember of a host.
    pub fn gate(&mut self, host: &HostKey, gate_json: &str) -> Result<(), FrontierError> {
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO hosts (host, gate) VALUES (?1, ?2) ON CONFLICT (host) DO UPDATE SET gate = ?2",
        )?;
        write.execute(params![host.as_str(), gate_json])?;
        Ok(())
    }

    /// Keeps the answer for a host's robots.txt.
    pub fn robots(&mut self, host: &HostKey, record: &RobotsRecord) -> Result<(), FrontierError> {
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO hosts (host, gate, robots, robots_is, robots_at) VALUES (?1, '{}', ?2, ?3, ?4)
             ON CONFLICT (host) DO UPDATE SET robots = ?2, robots_is = ?3, robots_at = ?4",
        )?;
        write.execute(params![host.as_str(), record.body, record.outcome, micros(record.fetched_at)])?;
        Ok(())
    }

    /// Counts a page of a portal, and the reports on it.
    pub fn count(&mut self, portal: &PortalId, n_pages: u32, n_reports: u32) -> Result<(), FrontierError> {
        let mut count = self.transaction.prepare_cached(
            "INSERT INTO portals (portal, n_pages, n_reports) VALUES (?1, ?2, ?3)
             ON CONFLICT (portal) DO UPDATE SET n_pages = n_pages + ?2, n_reports = n_reports + ?3",
        )?;
        count.execute(params![portal.as_str(), n_pages, n_reports])?;
        Ok(())
    }

    /// Notes up to where the archive is whole.
    pub fn archive_position(&mut self, position: &ArchivePosition) -> Result<(), FrontierError> {
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO archive (one, file, length) VALUES (1, ?1, ?2)
             ON CONFLICT (one) DO UPDATE SET file = ?1, length = ?2",
        )?;
        write.execute(params![position.file, stored(position.length)])?;
        Ok(())
    }
}

/// A count as SQLite holds it; none of ours comes near the limit.
pub(super) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
