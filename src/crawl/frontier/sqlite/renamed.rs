//! Portals that another name is given to.

use rusqlite::{OptionalExtension, Transaction, params};

use crate::crawl::frontier::{FrontierError, PageRequest, PortalId};

/// See [`crate::crawl::frontier::Frontier::pass_on`].
pub(super) fn pass_on(
    transaction: &Transaction<'_>,
    entry: &PageRequest,
    to: &PortalId,
    is_configured: &dyn Fn(&PortalId) -> bool,
) -> Result<Option<PortalId>, FrontierError> {
    let owner = "SELECT id, portal FROM urls WHERE key = ?1 AND portal <> ?2";
    let known = transaction
        .prepare_cached(owner)?
        .query_row(params![entry.key(), to.as_str()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    let Some((url, from)) = known else { return Ok(None) };
    let from = PortalId::from(from);
    if is_configured(&from) {
        found_from(transaction, url, &from, to)?;
    } else {
        all_of(transaction, &from, to)?;
    }
    Ok(Some(from))
}

/// A page, and what was found from it.
fn found_from(transaction: &Transaction<'_>, url: i64, from: &PortalId, to: &PortalId) -> Result<(), FrontierError> {
    const BELOW: &str = "WITH RECURSIVE below (id) AS (
                             SELECT ?1 UNION SELECT f.url FROM below JOIN found_on f ON f.parent = below.id)";
    let pages = format!("{BELOW} UPDATE urls SET portal = ?3 WHERE portal = ?2 AND id IN (SELECT id FROM below)");
    transaction.execute(&pages, params![url, from.as_str(), to.as_str()])?;
    let responses = format!("{BELOW} UPDATE responses SET in_lake = 0 WHERE url IN (SELECT id FROM below)");
    transaction.execute(&responses, params![url])?;
    Ok(())
}

/// All that a portal knew. What its new name knows already stands.
fn all_of(transaction: &Transaction<'_>, from: &PortalId, to: &PortalId) -> Result<(), FrontierError> {
    let again = "UPDATE responses SET in_lake = 0 WHERE url IN (SELECT id FROM urls WHERE portal = ?1)";
    transaction.execute(again, params![from.as_str()])?;
    for sql in [
        "UPDATE urls SET portal = ?2 WHERE portal = ?1",
        "UPDATE OR IGNORE ways SET portal = ?2 WHERE portal = ?1",
        "UPDATE OR IGNORE searches SET portal = ?2 WHERE portal = ?1",
        "UPDATE OR IGNORE said SET portal = ?2 WHERE portal = ?1",
        "UPDATE OR IGNORE troubles SET portal = ?2, place = iif(place = ?1, ?2, place) WHERE portal = ?1",
        "INSERT INTO portals (portal, n_pages, n_reports, last_run, searched_at)
         SELECT ?2, n_pages, n_reports, last_run, searched_at FROM portals WHERE portal = ?1
         ON CONFLICT (portal) DO UPDATE SET n_pages = n_pages + excluded.n_pages,
                                            n_reports = n_reports + excluded.n_reports",
    ] {
        transaction.execute(sql, params![from.as_str(), to.as_str()])?;
    }
    for table in ["ways", "searches", "said", "troubles", "portals"] {
        transaction.execute(&format!("DELETE FROM {table} WHERE portal = ?1"), params![from.as_str()])?;
    }
    Ok(())
}
