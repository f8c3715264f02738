//! Questions of a person who looks at a crawl from above.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::params;
use serde::Serialize;

use super::types::{instant, micros};
use super::{Frontier, FrontierError, PortalId, UrlState};

/// What waits, over all portals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Queue {
    /// URLs that wait for their turn.
    pub n_waiting: u64,
    /// Of them those whose time has come.
    pub n_due: u64,
    /// When the next of them is due.
    pub next_at: Option<Timestamp>,
    /// URLs that were visited and whose next visit is due.
    pub n_due_again: u64,
    /// When the next visit of one that was visited is due.
    pub next_again_at: Option<Timestamp>,
}

/// A URL whose words name a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its portal.
    pub portal: PortalId,
    /// Why it was found worth a fetch; the link's words are in it.
    pub why: String,
    /// What became of it.
    pub state: UrlState,
    /// Reports of its last payload; none where it never had one.
    pub n_reports: Option<u32>,
}

impl Frontier {
    /// What waits, over all portals.
    pub fn queue(&self, now: Timestamp) -> Result<Queue, FrontierError> {
        let count = |condition: &str| -> Result<(u64, u64, Option<Timestamp>), FrontierError> {
            let sql = format!(
                "SELECT COUNT(*), COALESCE(SUM(not_before <= ?1), 0), MIN(not_before) FROM urls WHERE {condition}"
            );
            Ok(self.db.query_row(&sql, params![micros(now)], |row| {
                let (all, due): (i64, i64) = (row.get(0)?, row.get(1)?);
                Ok((all.unsigned_abs(), due.unsigned_abs(), row.get::<_, Option<i64>>(2)?.map(instant)))
            })?)
        };
        let (n_waiting, n_due, next_at) = count("state = 0")?;
        let (_, n_due_again, next_again_at) = count("state BETWEEN 1 AND 4")?;
        Ok(Queue { n_waiting, n_due, next_at, n_due_again, next_again_at })
    }

    /// Goes through the URLs whose words name a report, by portal.
    pub fn candidates(&self, mut each: impl FnMut(Candidate)) -> Result<(), FrontierError> {
        let mut statement = self.db.prepare(
            "SELECT u.portal, u.why, u.state, r.n_reports FROM urls u LEFT JOIN responses r ON r.id = u.response
             WHERE u.priority = 0 ORDER BY u.portal, u.id",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(Candidate {
                portal: PortalId::from(row.get::<_, String>(0)?),
                why: row.get(1)?,
                state: UrlState::from_stored(row.get(2)?),
                n_reports: row.get(3)?,
            });
        }
        Ok(())
    }

    /// The portals that wait for a host whose robots.txt has no answer.
    pub fn without_robots(&self) -> Result<BTreeSet<PortalId>, FrontierError> {
        let mut statement = self.db.prepare(
            "SELECT DISTINCT u.portal FROM urls u JOIN hosts h ON h.host = u.host
             WHERE u.state = 0 AND h.robots_is = 'unreachable'",
        )?;
        let rows = statement.query_map([], |row| Ok(PortalId::from(row.get::<_, String>(0)?)))?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    /// What the last answer of a host with something waiting came to, in words.
    pub fn last_words_of(&self, host: &str) -> Result<Option<String>, FrontierError> {
        use rusqlite::OptionalExtension;
        let sql = "SELECT last_words FROM urls WHERE state = 0 AND host = ?1 AND last_words IS NOT NULL
                   ORDER BY last_seen DESC LIMIT 1";
        Ok(self.db.query_row(sql, params![host], |row| row.get(0)).optional()?)
    }
}
