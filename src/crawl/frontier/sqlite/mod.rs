//! The frontier in one file of SQLite.
//!
//! SQLite runs in WAL mode with `synchronous = FULL`: what a batch has
//! committed survives a power cut.

mod batch;
mod migrate;
mod rows;
mod spent;
mod survey;
mod troubles;
mod vanished;
mod ways;

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use url::Url;

use super::types::{
    ArchivePosition, HostRecord, PageRequest, PendingResponse, PortalId, Priority, ResponseId, RobotsRecord, RunId,
    SeenUrl, UrlId, UrlState,
};
use super::{
    ArchivedPage, Batch, Candidate, Frontier, FrontierError, KnownTrouble, PastRun, Queue, SeenPayload, Spent, Vanished,
};
use crate::crawl::address::HostKey;
use batch::SqliteBatch;
use rows::{instant, micros};

/// The schema, a step a version: a state that an older program wrote is brought
/// up to date when it is opened. Steps are only ever added.
const SCHEMA: [&str; 6] = [
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
    include_str!("schema_6.sql"),
];

/// The version of the schema.
#[allow(clippy::cast_possible_wrap, reason = "a handful of steps")]
pub const SCHEMA_VERSION: i64 = SCHEMA.len() as i64;

/// The version from which on a key begins with its host's.
const KEYS_BY_HOST: i64 = 5;

/// A file that is larger is looked through for damage only after a run that
/// was killed: a check reads all of it.
const CHECKED_BYTES: i64 = 256 * 1024 * 1024;

/// Kibibytes of the file that are held in memory.
const CACHE_KIB: i64 = 64 * 1024;

/// Statements that are kept prepared: more than there are.
const STATEMENTS: usize = 64;

/// A frontier in one file of SQLite.
#[derive(Debug)]
pub struct SqliteFrontier {
    db: Connection,
}

impl SqliteFrontier {
    /// Opens the frontier in a file, making it where there is none.
    ///
    /// # Errors
    ///
    /// - the file is no SQLite database, or a damaged one
    /// - it was written by a newer version of this program
    /// - the folder cannot be written
    pub fn open(path: &Path) -> Result<Self, FrontierError> {
        if let Some(dir) = path.parent() {
            let made = std::fs::create_dir_all(dir);
            made.map_err(|error| FrontierError::Open { path: path.to_owned(), words: error.to_string() })?;
        }
        let db = Connection::open(path).map_err(|e| FrontierError::opening(path, &e))?;
        Self::prepare(db).map_err(|e| e.at(path))
    }

    fn prepare(mut db: Connection) -> Result<Self, FrontierError> {
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "foreign_keys", "ON")?;
        db.busy_timeout(std::time::Duration::from_secs(10))?;
        db.pragma_update(None, "cache_size", -CACHE_KIB)?;
        db.set_prepared_statement_cache_capacity(STATEMENTS);
        let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let Some(missing) = usize::try_from(version).ok().and_then(|version| SCHEMA.get(version..)) else {
            return Err(FrontierError::Version { found: version, known: SCHEMA_VERSION });
        };
        if !missing.is_empty() {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute_batch(&missing.join("\n"))?;
            if (1..KEYS_BY_HOST).contains(&version) {
                migrate::rekey(&transaction)?;
            }
            transaction.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            transaction.commit()?;
        }
        if Self::wants_check(&db)? {
            // A quick check finds the damage of a torn disk before a run builds
            // on it.
            let sound: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            if sound != "ok" {
                return Err(FrontierError::Damaged { path: None, words: sound });
            }
        }
        Ok(Self { db })
    }

    /// Whether the file is small enough to be looked through, or was left by a
    /// run that did not end.
    fn wants_check(db: &Connection) -> Result<bool, FrontierError> {
        let n_bytes: i64 =
            db.query_row("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", [], |row| {
                row.get(0)
            })?;
        let was_killed =
            || db.query_row("SELECT EXISTS (SELECT 1 FROM runs WHERE ended_at IS NULL)", [], |row| row.get(0));
        Ok(n_bytes <= CHECKED_BYTES || was_killed()?)
    }
}

impl Frontier for SqliteFrontier {
    fn batch(&mut self) -> Result<Box<dyn Batch + '_>, FrontierError> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Ok(Box::new(SqliteBatch::new(transaction)))
    }

    fn begin_run(&mut self, now: Timestamp) -> Result<RunId, FrontierError> {
        let sql = "SELECT id FROM runs WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1";
        let open = self.db.query_row(sql, [], |row| row.get(0)).optional()?;
        let transaction = self.db.transaction()?;
        // What was under way when the program was killed is asked again. Only a
        // run may say so, never one who opens the file to look: another process
        // may be at work.
        transaction.execute("UPDATE urls SET state = 0 WHERE state = 5", [])?;
        if let Some(id) = open {
            // A program that was killed did not use up its attempts.
            transaction.execute("UPDATE urls SET attempts = 0 WHERE state = 0 AND attempts > 0", [])?;
            transaction.commit()?;
            return Ok(RunId(id));
        }
        transaction.execute("INSERT INTO runs (started_at) VALUES (?1)", params![micros(now)])?;
        let id = transaction.last_insert_rowid();
        transaction.execute("UPDATE portals SET n_pages = 0", [])?;
        transaction.execute("UPDATE spent SET n_requests = 0, n_bytes = 0", [])?;
        ways::wake_due(&transaction, now)?;
        transaction.commit()?;
        Ok(RunId(id))
    }

    fn due_again(&mut self, portals: Option<&[PortalId]>, now: Timestamp) -> Result<(), FrontierError> {
        let again = "UPDATE urls SET state = 0, attempts = 0, not_before = ?1 WHERE state BETWEEN 1 AND 4";
        let transaction = self.db.transaction()?;
        match portals {
            None => {
                transaction.execute(again, params![micros(now)])?;
            }
            Some(portals) => {
                let mut of_portal = transaction.prepare(&format!("{again} AND portal = ?2"))?;
                for portal in portals {
                    of_portal.execute(params![micros(now), portal.as_str()])?;
                }
            }
        }
        Ok(transaction.commit()?)
    }

    fn end_run(&mut self, run: RunId, now: Timestamp, report_json: &str) -> Result<(), FrontierError> {
        self.db.execute(
            "UPDATE runs SET ended_at = ?2, report = ?3 WHERE id = ?1",
            params![run.0, micros(now), report_json],
        )?;
        Ok(())
    }

    fn last_run(&self) -> Result<Option<PastRun>, FrontierError> {
        let sql = "SELECT started_at, ended_at, report FROM runs WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT 1";
        let found = self.db.query_row(sql, [], |row| {
            let report_json = row.get::<_, Option<String>>(2)?.unwrap_or_default();
            Ok(PastRun { started_at: instant(row.get(0)?), ended_at: instant(row.get(1)?), report_json })
        });
        Ok(found.optional()?)
    }

    fn waiting(&self) -> Result<Vec<(HostKey, PortalId, Timestamp)>, FrontierError> {
        let mut next = self.db.prepare_cached(
            "SELECT host, portal FROM urls WHERE state = 0 AND (host, portal) > (?1, ?2)
             ORDER BY host, portal LIMIT 1",
        )?;
        let mut found = Vec::new();
        let mut last = (String::new(), String::new());
        loop {
            let row = next.query_row(params![last.0, last.1], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some(pair) = row else { return Ok(found) };
            last = pair;
            let (host, portal) = (HostKey::from_stored(last.0.clone()), PortalId::from(last.1.clone()));
            if let Some(at) = self.next_instant(&host, &portal)? {
                found.push((host, portal, at));
            }
        }
    }

    fn n_waiting(&self) -> Result<Vec<(PortalId, u64)>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT portal, SUM(n) FROM (SELECT portal, COUNT(*) AS n FROM urls WHERE state = 0 GROUP BY host, portal
                                         UNION ALL
                                         SELECT portal, COUNT(*) FROM urls WHERE state = 5 GROUP BY portal)
             GROUP BY portal ORDER BY portal",
        )?;
        let rows = statement.query_map([], |row| {
            Ok((PortalId::from(row.get::<_, String>(0)?), row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn next_instant(&self, host: &HostKey, portal: &PortalId) -> Result<Option<Timestamp>, FrontierError> {
        // A seek for each priority: the index holds the instants within them.
        let mut statement = self.db.prepare_cached(
            "SELECT MIN(not_before) FROM urls WHERE state = 0 AND host = ?1 AND portal = ?2 AND priority = ?3",
        )?;
        let mut earliest = None;
        for priority in Priority::ALL {
            let at: Option<i64> =
                statement.query_row(params![host.as_str(), portal.as_str(), priority as i64], |row| row.get(0))?;
            earliest = earliest.into_iter().chain(at).min();
        }
        Ok(earliest.map(instant))
    }

    fn host(&self, host: &HostKey) -> Result<Option<HostRecord>, FrontierError> {
        let sql = "SELECT gate, robots, robots_is, robots_at FROM hosts WHERE host = ?1";
        let mut statement = self.db.prepare_cached(sql)?;
        let found = statement
            .query_row(params![host.as_str()], |row| {
                let is: Option<String> = row.get(2)?;
                let at: Option<i64> = row.get(3)?;
                let robots = is.zip(at).map(|(outcome, at)| {
                    Ok::<_, rusqlite::Error>(RobotsRecord { body: row.get(1)?, outcome, fetched_at: instant(at) })
                });
                Ok(HostRecord { gate_json: row.get(0)?, robots: robots.transpose()? })
            })
            .optional()?;
        Ok(found)
    }

    fn pages_of(&self, portal: &PortalId) -> Result<u32, FrontierError> {
        let mut statement = self.db.prepare_cached("SELECT n_pages FROM portals WHERE portal = ?1")?;
        Ok(statement.query_row(params![portal.as_str()], |row| row.get(0)).optional()?.unwrap_or(0))
    }

    fn knows_payload(&self, url: UrlId, sha256: &str) -> Result<Option<SeenPayload>, FrontierError> {
        let sql = "SELECT id, fetched_at FROM responses WHERE url = ?1 AND sha256 = ?2";
        let found = self.db.prepare_cached(sql)?.query_row(params![url.0, sha256], |row| {
            Ok(SeenPayload { response: ResponseId(row.get(0)?), fetched_at: instant(row.get(1)?) })
        });
        Ok(found.optional()?)
    }

    fn leads_back(&self, request: &PageRequest, first: &Url, hops: u8) -> Result<bool, FrontierError> {
        let sql = "SELECT 1 FROM urls WHERE key = ?1 AND requested = ?2 AND hops <= ?3 AND state = 1
                                            AND response IS NULL";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.exists(params![request.key(), first.as_str(), hops])?)
    }

    fn not_in_lake(&self) -> Result<Vec<PendingResponse>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT r.id, r.fetched_at, r.status, r.words, r.sha256, r.n_bytes, r.duration_ms, r.n_reports,
                    r.file, r.offset, r.length, u.url, u.host, u.portal
             FROM responses r JOIN urls u ON u.id = r.url WHERE r.in_lake = 0 ORDER BY r.id",
        )?;
        let rows = statement.query_map([], rows::pending_from_row)?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn archive_position(&self) -> Result<Option<ArchivePosition>, FrontierError> {
        let found = self.db.query_row("SELECT file, length FROM archive WHERE one = 1", [], |row| {
            Ok(ArchivePosition { file: row.get(0)?, length: row.get::<_, i64>(1)?.unsigned_abs() })
        });
        Ok(found.optional()?)
    }

    fn census(&self) -> Result<Vec<(PortalId, UrlState, u64)>, FrontierError> {
        let mut statement =
            self.db.prepare_cached("SELECT portal, state, COUNT(*) FROM urls GROUP BY portal, state ORDER BY 1, 2")?;
        let rows = statement.query_map([], |row| {
            let n: i64 = row.get(2)?;
            Ok((PortalId::from(row.get::<_, String>(0)?), UrlState::from_stored(row.get(1)?), n.unsigned_abs()))
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn reports_by_portal(&self) -> Result<Vec<(PortalId, u64)>, FrontierError> {
        let mut statement = self.db.prepare_cached("SELECT portal, n_reports FROM portals ORDER BY portal")?;
        let rows = statement.query_map([], |row| {
            Ok((PortalId::from(row.get::<_, String>(0)?), row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn seen(&self, request: &PageRequest) -> Result<Option<SeenUrl>, FrontierError> {
        let sql = "SELECT u.url, u.host, u.portal, u.priority, u.depth, u.why, u.state, u.attempts, u.not_before,
                          u.last_seen, u.last_status, u.last_words, u.n_unchanged, r.file, r.offset, r.length
                   FROM urls u LEFT JOIN responses r ON r.id = u.response WHERE u.key = ?1";
        let found = self.db.query_row(sql, params![request.key()], rows::seen_from_row);
        Ok(found.optional()?)
    }

    fn gates(&self) -> Result<Vec<(HostKey, String)>, FrontierError> {
        let mut statement = self.db.prepare_cached("SELECT host, gate FROM hosts ORDER BY host")?;
        let rows = statement.query_map([], |row| Ok((HostKey::from_stored(row.get::<_, String>(0)?), row.get(1)?)))?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    // Each of the files has the questions of its idea.

    fn spent(&self) -> Result<Vec<(String, Spent)>, FrontierError> {
        SqliteFrontier::spent(self)
    }

    fn portals_done(&self) -> Result<Vec<(PortalId, Timestamp)>, FrontierError> {
        SqliteFrontier::portals_done(self)
    }

    fn n_waiting_by_host(&self) -> Result<Vec<(HostKey, PortalId, u64)>, FrontierError> {
        SqliteFrontier::n_waiting_by_host(self)
    }

    fn vanished_not_in_lake(&self) -> Result<Vec<Vanished>, FrontierError> {
        SqliteFrontier::vanished_not_in_lake(self)
    }

    fn last_words(&self, url: UrlId) -> Result<Option<String>, FrontierError> {
        SqliteFrontier::last_words(self, url)
    }

    fn home_of(&self, url: UrlId) -> Result<Option<Url>, FrontierError> {
        SqliteFrontier::home_of(self, url)
    }

    fn twin(&self, portal: &PortalId, url: UrlId, sha256: &str) -> Result<Option<Url>, FrontierError> {
        SqliteFrontier::twin(self, portal, url, sha256)
    }

    fn archived_pages(&self, host: &HostKey, most: u32) -> Result<Vec<ArchivedPage>, FrontierError> {
        SqliteFrontier::archived_pages(self, host, most)
    }

    fn first_of(&self, portal: &PortalId, most: u32) -> Result<Vec<(String, String)>, FrontierError> {
        SqliteFrontier::first_of(self, portal, most)
    }

    fn refuse_waiting(
        &mut self,
        portal: &PortalId,
        words: &str,
        again_at: Timestamp,
        is_meant: &dyn Fn(&Url, Priority) -> bool,
    ) -> Result<usize, FrontierError> {
        SqliteFrontier::refuse_waiting(self, portal, words, again_at, is_meant)
    }

    fn queue(&self, now: Timestamp) -> Result<Queue, FrontierError> {
        SqliteFrontier::queue(self, now)
    }

    fn candidates(&self, each: &mut dyn FnMut(Candidate)) -> Result<(), FrontierError> {
        SqliteFrontier::candidates(self, each)
    }

    fn without_robots(&self) -> Result<BTreeSet<PortalId>, FrontierError> {
        SqliteFrontier::without_robots(self)
    }

    fn last_words_of(&self, host: &str) -> Result<Option<String>, FrontierError> {
        SqliteFrontier::last_words_of(self, host)
    }

    fn troubles(&self) -> Result<Vec<KnownTrouble>, FrontierError> {
        SqliteFrontier::troubles(self)
    }

    fn told(&mut self) -> Result<(), FrontierError> {
        SqliteFrontier::told(self)
    }

    fn acknowledge(&mut self, names: &[String]) -> Result<Vec<KnownTrouble>, FrontierError> {
        SqliteFrontier::acknowledge(self, names)
    }

    fn close_troubles(
        &mut self,
        since: Timestamp,
        was_crawled: &dyn Fn(&PortalId) -> bool,
    ) -> Result<(), FrontierError> {
        SqliteFrontier::close_troubles(self, since, was_crawled)
    }
}

#[cfg(test)]
mod tests;
