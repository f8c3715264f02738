//! How reports were found: which page led to which, and the ways that worked.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Transaction, params};

use super::rows::{instant, micros};
use crate::crawl::frontier::{Ancestor, FirstPages, FrontierError, PortalId, UrlId};

/// A portal whose way works is searched from its home page only this often:
/// columns move, and new ones are opened.
const SEARCH_EVERY_DAYS: i64 = 7;
/// Pages from a report back to the entry at most.
const MOST_STEPS: u32 = 30;

/// The pages that led to a URL, the nearest first; itself is step 0.
pub(super) fn ancestors(db: &Connection, url: UrlId) -> Result<Vec<Ancestor>, FrontierError> {
    let mut statement = db.prepare_cached(
        "WITH RECURSIVE way (id, steps) AS (
             SELECT ?1, 0
             UNION ALL SELECT f.parent, way.steps + 1 FROM way JOIN found_on f ON f.url = way.id WHERE way.steps < ?2
         )
         SELECT u.id, u.url, way.steps, u.depth FROM way JOIN urls u ON u.id = way.id ORDER BY way.steps",
    )?;
    let rows = statement.query_map(params![url.0, MOST_STEPS], |row| {
        Ok(Ancestor { id: UrlId(row.get(0)?), url: row.get(1)?, steps: row.get(2)?, depth: row.get(3)? })
    })?;
    rows.map(|row| row.map_err(Into::into)).collect()
}

/// When a URL is due, in microseconds. A page that is neither a report nor a list on a way
/// rests, whatever its own time, until its portal is searched again: the way is known.
pub(super) fn due_at() -> String {
    let week = SignedDuration::from_hours(24 * SEARCH_EVERY_DAYS).as_micros();
    format!(
        "MAX(not_before, iif(
             state = 1 AND priority > 0
             AND NOT EXISTS (SELECT 1 FROM ways WHERE ways.portal = urls.portal AND ways.url = urls.id
                                                AND (ways.steps = 1 OR urls.priority = 1)),
             COALESCE((SELECT at + {week} FROM searches WHERE searches.portal = urls.portal), 0), 0))"
    )
}

/// After when a portal must have been searched so that its pages may rest.
fn lately(now: Timestamp) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24 * SEARCH_EVERY_DAYS)).unwrap_or(Timestamp::MIN)
}

/// What a run that begins at an instant asks a portal for first, as [`wake_due`]
/// would have it.
pub(super) fn first_of(
    db: &Connection,
    portal: &PortalId,
    at: Timestamp,
    most: u32,
) -> Result<FirstPages, FrontierError> {
    let due_at = due_at();
    let mut statement = db.prepare_cached(&format!(
        "SELECT url, why FROM urls WHERE portal = ?2 AND {due_at} <= ?1 ORDER BY priority, not_before, id LIMIT ?3"
    ))?;
    let rows = statement.query_map(params![micros(at), portal.as_str(), most], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let due = rows.collect::<Result<_, _>>()?;
    let next = format!("SELECT MIN({due_at}) FROM urls WHERE portal = ?2 AND {due_at} > ?1");
    let next: Option<i64> = db.query_row(&next, params![micros(at), portal.as_str()], |row| row.get(0))?;
    Ok(FirstPages { due, next_at: next.map(instant) })
}

/// Portals as a list for SQLite's `json_each`.
pub(super) fn json_of(portals: &[PortalId]) -> String {
    let ids: Vec<&str> = portals.iter().map(PortalId::as_str).collect();
    // Strings always serialise.
    serde_json::to_string(&ids).unwrap_or_default()
}

/// Makes what is due of some portals wait in a run that begins. A portal whose search is
/// long ago is searched by this run.
///
/// Other portals are left as they are: of who is not asked tonight nothing new
/// will be known. `seen_before` keeps what a run that goes on has seen already.
pub(super) fn wake_due(
    transaction: &Transaction<'_>,
    portals: &[PortalId],
    seen_before: Timestamp,
    now: Timestamp,
) -> Result<(), FrontierError> {
    let ids = json_of(portals);
    transaction.execute(
        &format!(
            "UPDATE urls SET was = state, state = 0, attempts = 0 WHERE state BETWEEN 1 AND 4 AND not_before <= ?1
             AND portal IN (SELECT value FROM json_each(?2)) AND COALESCE(last_seen, 0) < ?3 AND {} <= ?1",
            due_at()
        ),
        params![micros(now), ids, micros(seen_before)],
    )?;
    transaction.execute(
        "UPDATE searches SET at = ?1 WHERE at <= ?2 AND portal IN (SELECT value FROM json_each(?3))",
        params![micros(now), micros(lately(now)), ids],
    )?;
    Ok(())
}
