//! How reports were found: which page led to which, and the ways that worked.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use url::Url;

use super::SqliteFrontier;
use super::batch::SqliteBatch;
use super::rows::micros;
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{
    Ancestor, ArchiveRef, ArchivedPage, FrontierError, PageRequest, PortalId, Priority, UrlId,
};

/// A portal whose way works is searched from its home page only this often:
/// columns move, and new ones are opened.
const SEARCH_EVERY_DAYS: i64 = 7;
/// Pages from a report back to the entry at most.
const MOST_STEPS: u32 = 30;

fn ancestors(db: &Connection, url: UrlId) -> Result<Vec<Ancestor>, FrontierError> {
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

impl SqliteBatch<'_> {
    pub(super) fn ancestors(&self, url: UrlId) -> Result<Vec<Ancestor>, FrontierError> {
        ancestors(&self.transaction, url)
    }

    pub(super) fn way_worked(
        &mut self,
        portal: &PortalId,
        page: UrlId,
        steps: u32,
        now: Timestamp,
    ) -> Result<(), FrontierError> {
        for ancestor in self.ancestors(page)?.iter().filter(|ancestor| ancestor.steps + steps > 0) {
            let mut note = self.transaction.prepare_cached(
                "INSERT INTO ways (portal, url, steps, worked_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (portal, url) DO UPDATE SET steps = MIN(steps, ?3), worked_at = ?4",
            )?;
            note.execute(params![portal.as_str(), ancestor.id.0, ancestor.steps + steps, micros(now)])?;
        }
        let mut searched = self
            .transaction
            .prepare_cached("INSERT INTO searches (portal, at) VALUES (?1, ?2) ON CONFLICT (portal) DO NOTHING")?;
        searched.execute(params![portal.as_str(), micros(now)])?;
        Ok(())
    }

    pub(super) fn is_report(&self, request: &PageRequest) -> Result<bool, FrontierError> {
        let mut statement = self.transaction.prepare_cached(
            "SELECT 1 FROM urls u JOIN responses r ON r.url = u.id WHERE u.key = ?1 AND r.n_reports > 0 LIMIT 1",
        )?;
        Ok(statement.exists(params![request.key()])?)
    }

    pub(super) fn knows(&self, request: &PageRequest) -> Result<bool, FrontierError> {
        let mut statement = self.transaction.prepare_cached("SELECT 1 FROM urls WHERE key = ?1")?;
        Ok(statement.exists(params![request.key()])?)
    }

    pub(super) fn way_failed(
        &mut self,
        portal: &PortalId,
        page: UrlId,
        now: Timestamp,
    ) -> Result<Vec<HostKey>, FrontierError> {
        let sql = "SELECT 1 FROM ways WHERE portal = ?1 AND url = ?2 AND steps = 1";
        if !self.transaction.prepare_cached(sql)?.exists(params![portal.as_str(), page.0])? {
            return Ok(Vec::new());
        }
        self.transaction.execute("DELETE FROM ways WHERE portal = ?1", params![portal.as_str()])?;
        self.transaction.execute("DELETE FROM searches WHERE portal = ?1", params![portal.as_str()])?;
        let mut wake = self.transaction.prepare_cached(
            "UPDATE urls SET state = 0, attempts = 0
             WHERE portal = ?1 AND state = 1 AND priority > 0 AND not_before <= ?2 AND id <> ?3
               AND last_seen < (SELECT MAX(started_at) FROM runs) RETURNING host",
        )?;
        let rows = wake.query_map(params![portal.as_str(), micros(now), page.0], |row| row.get::<_, String>(0))?;
        let mut hosts: Vec<String> = rows.collect::<Result<_, _>>()?;
        hosts.sort();
        hosts.dedup();
        Ok(hosts.into_iter().map(HostKey::from_stored).collect())
    }
}

/// Makes what is due wait in a run that begins, but for what may rest: a page
/// that is neither a report nor a list on a way, of a portal whose way is known
/// and that was searched lately. A portal whose search is long ago is searched
/// by this run.
pub(super) fn wake_due(transaction: &Transaction<'_>, now: Timestamp) -> Result<(), FrontierError> {
    let lately = now.checked_sub(SignedDuration::from_hours(24 * SEARCH_EVERY_DAYS)).unwrap_or(Timestamp::MIN);
    transaction.execute(
        "UPDATE urls SET state = 0, attempts = 0 WHERE state BETWEEN 1 AND 4 AND not_before <= ?1
         AND NOT (state = 1 AND priority > 0
                  AND portal IN (SELECT portal FROM searches WHERE at > ?2)
                  AND NOT EXISTS (SELECT 1 FROM ways WHERE ways.portal = urls.portal AND ways.url = urls.id
                                                       AND (ways.steps = 1 OR urls.priority = 1)))",
        params![micros(now), micros(lately)],
    )?;
    transaction.execute("UPDATE searches SET at = ?1 WHERE at <= ?2", params![micros(now), micros(lately)])?;
    Ok(())
}

impl SqliteFrontier {
    pub(super) fn home_of(&self, url: UrlId) -> Result<Option<Url>, FrontierError> {
        let home = ancestors(&self.db, url)?.into_iter().find(|ancestor| ancestor.depth == 0);
        Ok(home.and_then(|home| home.url.parse().ok()))
    }

    pub(super) fn twin(&self, portal: &PortalId, url: UrlId, sha256: &str) -> Result<Option<Url>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT u.url FROM responses r JOIN urls u ON u.id = r.url
             WHERE r.sha256 = ?1 AND u.portal = ?2 AND u.id <> ?3 ORDER BY r.id LIMIT 1",
        )?;
        let found: Option<String> =
            statement.query_row(params![sha256, portal.as_str(), url.0], |row| row.get(0)).optional()?;
        Ok(found.and_then(|text| text.parse().ok()))
    }

    pub(super) fn archived_pages(&self, host: &HostKey, most: u32) -> Result<Vec<ArchivedPage>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT u.priority, u.depth, r.file, r.offset, r.length FROM urls u JOIN responses r ON r.id = u.response
             WHERE u.host = ?1 AND r.n_reports = 0 ORDER BY r.id DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![host.as_str(), most], |row| {
            Ok(ArchivedPage {
                priority: Priority::from_stored(row.get(0)?),
                depth: row.get(1)?,
                place: ArchiveRef {
                    file: row.get(2)?,
                    offset: row.get::<_, i64>(3)?.unsigned_abs(),
                    length: row.get::<_, i64>(4)?.unsigned_abs(),
                },
            })
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    pub(super) fn first_of(&self, portal: &PortalId, most: u32) -> Result<Vec<(String, String)>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT u.url, u.why FROM urls u LEFT JOIN ways w ON w.portal = u.portal AND w.url = u.id
             WHERE u.portal = ?1 AND u.state IN (0, 1, 5) AND (u.state <> 1 OR w.steps = 1)
             ORDER BY u.priority, u.not_before, u.id LIMIT ?2",
        )?;
        let rows = statement.query_map(params![portal.as_str(), most], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    pub(super) fn refuse_waiting(
        &mut self,
        portal: &PortalId,
        words: &str,
        again_at: Timestamp,
        is_meant: &dyn Fn(&Url, Priority) -> bool,
    ) -> Result<usize, FrontierError> {
        let transaction = self.db.transaction()?;
        let mut n = 0;
        {
            let mut waiting = transaction
                .prepare_cached("SELECT id, url, priority FROM urls WHERE portal = ?1 AND state = 0 ORDER BY id")?;
            let mut refuse = transaction
                .prepare_cached("UPDATE urls SET state = 4, last_words = ?2, not_before = ?3 WHERE id = ?1")?;
            let rows =
                waiting.query_map(params![portal.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let all: Vec<(i64, String, i64)> = rows.collect::<Result<_, _>>()?;
            for (id, url, priority) in all {
                if url.parse().is_ok_and(|url| is_meant(&url, Priority::from_stored(priority))) {
                    n += refuse.execute(params![id, words, micros(again_at)])?;
                }
            }
        }
        transaction.commit()?;
        Ok(n)
    }
}
