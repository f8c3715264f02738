//! What a setting refused is due as soon as the setting permits it: what was asked
//! nobody knows, and nobody waits for it.

use jiff::Timestamp;
use rusqlite::{Transaction, params};

use super::rows::micros;
use super::ways;
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{FrontierError, PortalId};

/// Lets pages of some portals wait for their turn.
pub(super) fn wake(
    transaction: &Transaction<'_>,
    portals: &[PortalId],
    now: Timestamp,
    is_permitted: &dyn Fn(&HostKey, &str) -> bool,
) -> Result<(), FrontierError> {
    let mut ended = transaction.prepare(
        "SELECT id, host, last_words FROM urls WHERE state BETWEEN 1 AND 4 AND last_words IS NOT NULL
         AND portal IN (SELECT value FROM json_each(?1))",
    )?;
    let mut permitted: Vec<i64> = Vec::new();
    let mut rows = ended.query([ways::json_of(portals)])?;
    while let Some(row) = rows.next()? {
        if is_permitted(&HostKey::from_stored(row.get(1)?), row.get_ref(2)?.as_str().unwrap_or_default()) {
            permitted.push(row.get(0)?);
        }
    }
    let again = "UPDATE urls SET was = state, state = 0, attempts = 0, not_before = ?2 WHERE id = ?1";
    let mut again = transaction.prepare(again)?;
    for url in permitted {
        again.execute(params![url, micros(now)])?;
    }
    Ok(())
}
