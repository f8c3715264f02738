//! The frontier in one file of SQLite.
//!
//! SQLite runs in WAL mode with `synchronous = FULL`: what a batch has
//! committed survives a power cut.

mod batch;
mod migrate;
mod questions;
mod rows;
mod troubles;
mod ways;

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::FrontierError;

/// The schema, a step a version: a state that an older program wrote is brought
/// up to date when it is opened. Steps are only ever added.
const SCHEMA: [&str; 9] = [
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
    include_str!("schema_6.sql"),
    include_str!("schema_7.sql"),
    include_str!("schema_8.sql"),
    include_str!("schema_9.sql"),
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

#[cfg(test)]
mod tests;
