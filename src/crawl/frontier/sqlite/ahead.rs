//! A state that is ahead of the clock.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Transaction, params};

use super::rows::{instant, micros};
use crate::crawl::frontier::FrontierError;

/// So much a clock is set back now and then, which delays nothing that matters.
const OF_NO_MATTER: SignedDuration = SignedDuration::from_mins(1);

/// The newest instant of the runs, where it is after `now`.
pub(super) fn newest(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>, FrontierError> {
    let sql = "SELECT MAX(MAX(started_at, COALESCE(ended_at, 0))) FROM runs";
    let newest = db.query_row(sql, [], |row| row.get::<_, Option<i64>>(0))?.map(instant);
    Ok(newest.filter(|newest| newest.duration_since(now) > OF_NO_MATTER))
}

/// What was planned from instants that have not come is due now: how long ago they
/// were nobody knows.
pub(super) fn forget(transaction: &Transaction<'_>, now: Timestamp) -> Result<(), FrontierError> {
    for sql in [
        "UPDATE urls SET not_before = ?1 WHERE last_seen > ?1 OR (state = 0 AND last_seen IS NULL AND not_before > ?1)",
        "UPDATE searches SET at = ?1 WHERE at > ?1",
        "UPDATE portals SET last_run = ?1 WHERE last_run > ?1",
        // Just before the run: what it does not meet again may end.
        "UPDATE troubles SET first_at = MIN(first_at, ?1 - 1), last_at = ?1 - 1 WHERE last_at > ?1",
        "UPDATE spent SET not_before = NULL WHERE not_before > ?1",
        // What is out of date is asked for again.
        "UPDATE hosts SET robots_at = 0 WHERE robots_at > ?1",
    ] {
        transaction.execute(sql, params![micros(now)])?;
    }
    // A host's backoff stays, and within a run its interval.
    let gates = "UPDATE hosts SET gate = json_remove(gate, '$.not_before', '$.parked_until', '$.address')";
    transaction.execute(gates, [])?;
    Ok(())
}
