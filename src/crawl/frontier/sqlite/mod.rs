//! The frontier in one file of SQLite.
//!
//! SQLite runs in WAL mode with `synchronous = FULL`: what a batch has
//! committed survives a power cut.

mod ahead;
mod batch;
mod migrate;
mod permitted;
mod questions;
mod renamed;
mod rows;
mod troubles;
mod ways;

use std::cmp::Ordering;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use url::Url;

use super::FrontierError;

/// The schema, a step a version: a state that an older program wrote is brought
/// up to date when it is opened. Steps are only ever added.
const SCHEMA: [&str; 10] = [
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
    include_str!("schema_6.sql"),
    include_str!("schema_7.sql"),
    include_str!("schema_8.sql"),
    include_str!("schema_9.sql"),
    include_str!("schema_10.sql"),
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
const CACHE_KIB: i64 = 40 * 1024;

/// How long one who writes waits for another.
const PATIENCE: Duration = Duration::from_secs(10);

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
            std::fs::create_dir_all(dir).map_err(|error| FrontierError::opening(path, error))?;
        }
        let db = Connection::open(path).map_err(|e| FrontierError::opening(path, e))?;
        Self::prepare(db).map_err(|e| e.at(path))
    }

    /// The frontier of a crawl that has not begun, in memory: for one who looks.
    ///
    /// # Errors
    ///
    /// - there is no memory
    pub fn of_nothing() -> Result<Self, FrontierError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    /// Opens the frontier in a file to look at it, also while a run is at work.
    /// Nothing can be written.
    ///
    /// # Errors
    ///
    /// - as [`Self::open_as_it_is`]
    pub fn open_to_look(path: &Path) -> Result<Self, FrontierError> {
        let frontier = Self::open_as_it_is(path)?;
        frontier.db.pragma_update(None, "query_only", "ON").map_err(|e| FrontierError::opening(path, e))?;
        Ok(frontier)
    }

    /// Opens the frontier in a file as it is, for one who does not hold the lock:
    /// it is neither made nor brought up to date under a run that is at work.
    ///
    /// # Errors
    ///
    /// - there is no file, or it is a damaged one
    /// - it was written by another version of this program
    pub fn open_as_it_is(path: &Path) -> Result<Self, FrontierError> {
        let connect = || -> Result<Connection, FrontierError> {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let db = Connection::open_with_flags(path, flags)?;
            db.busy_timeout(PATIENCE)?;
            Ok(match version(&db) {
                Err(error) if is_unwritable(&error) => open_immutable(path)?,
                _ => db,
            })
        };
        let checked = connect().and_then(|db| {
            let found = version(&db)?;
            match found.cmp(&SCHEMA_VERSION) {
                Ordering::Less => Err(FrontierError::Old { found, known: SCHEMA_VERSION }),
                Ordering::Greater => Err(FrontierError::Version { found, known: SCHEMA_VERSION }),
                Ordering::Equal => Self::checked(db),
            }
        });
        checked.map_err(|error| error.at(path))
    }

    fn prepare(mut db: Connection) -> Result<Self, FrontierError> {
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.busy_timeout(PATIENCE)?;
        let version = version(&db)?;
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
        Self::checked(db)
    }

    /// A connection to a file of today's version, which is looked through for
    /// damage.
    fn checked(db: Connection) -> Result<Self, FrontierError> {
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "foreign_keys", "ON")?;
        db.busy_timeout(PATIENCE)?;
        db.pragma_update(None, "cache_size", -CACHE_KIB)?;
        db.set_prepared_statement_cache_capacity(STATEMENTS);
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

/// Whether a file cannot be looked at because nothing can be written beside it.
fn is_unwritable(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Opens a file in a folder that may not be written, and in which no run is at
/// work: SQLite does not look at one in WAL mode without writing beside it, unless
/// it is told that nobody changes it.
fn open_immutable(path: &Path) -> Result<Connection, FrontierError> {
    let absolute = std::path::absolute(path).map_err(FrontierError::of_disk)?;
    let Ok(url) = Url::from_file_path(&absolute) else {
        return Err(FrontierError::opening(path, "its path is none that can be opened"));
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Ok(Connection::open_with_flags(format!("{url}?immutable=1"), flags)?)
}

#[cfg(test)]
mod tests;
