//! What is known of every URL, host and run, durable in SQLite.
//!
//! SQLite runs in WAL mode with `synchronous = FULL`: what a [`Batch`] has
//! committed survives a power cut. Memory does not grow with the number of
//! URLs; each question is answered from an index.

mod batch;
mod spent;
mod survey;
mod troubles;
mod types;
mod vanished;

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

pub use batch::{Batch, NewResponse};
pub use spent::Spent;
pub use survey::{Candidate, Queue};
pub use troubles::{KnownTrouble, Standing, trouble_key};
pub use types::{
    ArchivePosition, ArchiveRef, Due, FrontierError, HostRecord, NewUrl, PageRequest, PendingResponse, PortalId,
    Priority, ResponseId, RobotsRecord, RunId, SeenUrl, UrlId, UrlState, Validators, Visit,
};
pub use vanished::Vanished;

use super::address::HostKey;
use types::{instant, micros};

/// The schema, a step a version: a state that an older program wrote is brought
/// up to date when it is opened. Steps are only ever added.
const SCHEMA: [&str; 4] = [
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
];

/// The version of the schema.
#[allow(clippy::cast_possible_wrap, reason = "a handful of steps")]
pub const SCHEMA_VERSION: i64 = SCHEMA.len() as i64;

/// The frontier of one state folder.
///
/// One process at a time (see `ops::lock`); methods block for as long as
/// SQLite does, mostly well under a millisecond.
#[derive(Debug)]
pub struct Frontier {
    db: Connection,
}

impl Frontier {
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

    fn prepare(db: Connection) -> Result<Self, FrontierError> {
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "foreign_keys", "ON")?;
        db.busy_timeout(std::time::Duration::from_secs(10))?;
        let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let Some(missing) = usize::try_from(version).ok().and_then(|version| SCHEMA.get(version..)) else {
            return Err(FrontierError::Version { found: version, known: SCHEMA_VERSION });
        };
        if !missing.is_empty() {
            let steps = missing.join("\n");
            db.execute_batch(&format!("BEGIN IMMEDIATE;\n{steps}\nPRAGMA user_version = {SCHEMA_VERSION};\nCOMMIT;"))?;
        }
        // A quick check costs a scan of the pages' headers and finds the
        // damage of a torn disk before a run builds on it.
        let sound: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if sound != "ok" {
            return Err(FrontierError::Damaged { path: None, words: sound });
        }
        Ok(Self { db })
    }

    /// Begins a group of changes that become durable together.
    pub fn batch(&mut self) -> Result<Batch<'_>, FrontierError> {
        let transaction = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        Ok(Batch::new(transaction))
    }

    /// Continues the run that was killed, or begins a new one in which every
    /// URL whose time has come is due again.
    pub fn begin_run(&mut self, now: Timestamp) -> Result<RunId, FrontierError> {
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
        transaction.execute(
            "UPDATE urls SET state = 0, attempts = 0 WHERE state BETWEEN 1 AND 4 AND not_before <= ?1",
            params![micros(now)],
        )?;
        transaction.commit()?;
        Ok(RunId(id))
    }

    /// Makes what was visited of some portals wait again, though its time has not
    /// come; of all portals where none is named.
    pub fn due_again(&mut self, portals: Option<&[PortalId]>, now: Timestamp) -> Result<(), FrontierError> {
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

    /// Ends a run with its report.
    pub fn end_run(&mut self, run: RunId, now: Timestamp, report_json: &str) -> Result<(), FrontierError> {
        self.db.execute(
            "UPDATE runs SET ended_at = ?2, report = ?3 WHERE id = ?1",
            params![run.0, micros(now), report_json],
        )?;
        Ok(())
    }

    /// The last run that ended.
    pub fn last_run(&self) -> Result<Option<PastRun>, FrontierError> {
        let sql = "SELECT started_at, ended_at, report FROM runs WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT 1";
        let found = self.db.query_row(sql, [], |row| {
            let report_json = row.get::<_, Option<String>>(2)?.unwrap_or_default();
            Ok(PastRun { started_at: instant(row.get(0)?), ended_at: instant(row.get(1)?), report_json })
        });
        Ok(found.optional()?)
    }

    /// The hosts and portals that have something waiting, with the earliest
    /// instant at which it is due.
    pub fn waiting(&self) -> Result<Vec<(HostKey, PortalId, Timestamp)>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT host, portal, MIN(not_before) FROM urls WHERE state = 0 GROUP BY host, portal ORDER BY host, portal",
        )?;
        let rows = statement.query_map([], |row| {
            Ok((HostKey::from_stored(row.get::<_, String>(0)?), PortalId::from(row.get::<_, String>(1)?), row.get(2)?))
        })?;
        rows.map(|row| row.map(|(host, portal, at)| (host, portal, instant(at))).map_err(Into::into)).collect()
    }

    /// When the next URL of a host and portal is due, if one waits at all.
    pub fn next_instant(&self, host: &HostKey, portal: &PortalId) -> Result<Option<Timestamp>, FrontierError> {
        let mut statement =
            self.db.prepare_cached("SELECT MIN(not_before) FROM urls WHERE state = 0 AND host = ?1 AND portal = ?2")?;
        let at: Option<i64> = statement.query_row(params![host.as_str(), portal.as_str()], |row| row.get(0))?;
        Ok(at.map(instant))
    }

    /// What is remembered of a host.
    pub fn host(&self, host: &HostKey) -> Result<Option<HostRecord>, FrontierError> {
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

    /// How many pages a portal has had in the open run.
    pub fn pages_of(&self, portal: &PortalId) -> Result<u32, FrontierError> {
        let sql = "SELECT n_pages FROM portals WHERE portal = ?1";
        Ok(self.db.query_row(sql, params![portal.as_str()], |row| row.get(0)).optional()?.unwrap_or(0))
    }

    /// Whether a payload was already seen at a URL.
    pub fn knows_payload(&self, url: UrlId, sha256: &str) -> Result<Option<SeenPayload>, FrontierError> {
        let sql = "SELECT id, fetched_at FROM responses WHERE url = ?1 AND sha256 = ?2";
        let found = self.db.prepare_cached(sql)?.query_row(params![url.0, sha256], |row| {
            Ok(SeenPayload { response: ResponseId(row.get(0)?), fetched_at: instant(row.get(1)?) })
        });
        Ok(found.optional()?)
    }

    /// The responses whose reports are not in the lake yet, oldest first.
    pub fn not_in_lake(&self) -> Result<Vec<PendingResponse>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT r.id, r.fetched_at, r.status, r.words, r.sha256, r.n_bytes, r.duration_ms, r.n_reports,
                    r.file, r.offset, r.length, u.url, u.host, u.portal
             FROM responses r JOIN urls u ON u.id = r.url WHERE r.in_lake = 0 ORDER BY r.id",
        )?;
        let rows = statement.query_map([], types::pending_from_row)?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    /// Where the archive is whole.
    pub fn archive_position(&self) -> Result<Option<ArchivePosition>, FrontierError> {
        let found = self.db.query_row("SELECT file, length FROM archive WHERE one = 1", [], |row| {
            Ok(ArchivePosition { file: row.get(0)?, length: row.get::<_, i64>(1)?.unsigned_abs() })
        });
        Ok(found.optional()?)
    }

    /// How many URLs each portal has in each state.
    pub fn census(&self) -> Result<Vec<(PortalId, UrlState, u64)>, FrontierError> {
        let mut statement =
            self.db.prepare_cached("SELECT portal, state, COUNT(*) FROM urls GROUP BY portal, state ORDER BY 1, 2")?;
        let rows = statement.query_map([], |row| {
            let n: i64 = row.get(2)?;
            Ok((PortalId::from(row.get::<_, String>(0)?), UrlState::from_stored(row.get(1)?), n.unsigned_abs()))
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    /// How many reports each portal has given, ever.
    pub fn reports_by_portal(&self) -> Result<Vec<(PortalId, u64)>, FrontierError> {
        let mut statement = self.db.prepare_cached("SELECT portal, n_reports FROM portals ORDER BY portal")?;
        let rows = statement.query_map([], |row| {
            Ok((PortalId::from(row.get::<_, String>(0)?), row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    /// All that is known of a URL, looked up by its request.
    pub fn seen(&self, request: &PageRequest) -> Result<Option<SeenUrl>, FrontierError> {
        let sql = "SELECT u.url, u.host, u.portal, u.priority, u.depth, u.why, u.state, u.attempts, u.not_before,
                          u.last_seen, u.last_status, u.last_words, u.n_unchanged, r.file, r.offset, r.length
                   FROM urls u LEFT JOIN responses r ON r.id = u.response WHERE u.key = ?1";
        let found = self.db.query_row(sql, params![request.key()], types::seen_from_row);
        Ok(found.optional()?)
    }

    /// The hosts that politeness has parked, with the state of their gates.
    pub fn gates(&self) -> Result<Vec<(HostKey, String)>, FrontierError> {
        let mut statement = self.db.prepare_cached("SELECT host, gate FROM hosts ORDER BY host")?;
        let rows = statement.query_map([], |row| Ok((HostKey::from_stored(row.get::<_, String>(0)?), row.get(1)?)))?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }
}

/// A run that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRun {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Its counts, as JSON.
    pub report_json: String,
}

/// A payload that was seen at a URL before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenPayload {
    /// The response that brought it.
    pub response: ResponseId,
    /// When.
    pub fetched_at: Timestamp,
}

#[cfg(test)]
mod tests;
