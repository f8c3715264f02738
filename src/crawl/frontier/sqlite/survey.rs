//! Questions of a person who looks at a crawl from above.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::params;

use super::SqliteFrontier;
use super::rows::{instant, micros};
use crate::crawl::frontier::{Candidate, FrontierError, PortalId, Queue, UrlState};

impl SqliteFrontier {
    pub(super) fn queue(&self, now: Timestamp) -> Result<Queue, FrontierError> {
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

    pub(super) fn candidates(&self, each: &mut dyn FnMut(Candidate)) -> Result<(), FrontierError> {
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

    pub(super) fn without_robots(&self) -> Result<BTreeSet<PortalId>, FrontierError> {
        let mut statement = self.db.prepare(
            "SELECT DISTINCT u.portal FROM urls u JOIN hosts h ON h.host = u.host
             WHERE u.state = 0 AND h.robots_is = 'unreachable'",
        )?;
        let rows = statement.query_map([], |row| Ok(PortalId::from(row.get::<_, String>(0)?)))?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    pub(super) fn last_words_of(&self, host: &str) -> Result<Option<String>, FrontierError> {
        use rusqlite::OptionalExtension;
        let sql = "SELECT last_words FROM urls WHERE state = 0 AND host = ?1 AND last_words IS NOT NULL
                   ORDER BY last_seen DESC LIMIT 1";
        Ok(self.db.query_row(sql, params![host], |row| row.get(0)).optional()?)
    }
}
