//! Pages with reports that a portal took away: marked, never deleted.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::SqliteFrontier;
use super::batch::SqliteBatch;
use super::rows::{instant, micros};
use crate::crawl::frontier::{FrontierError, ResponseId, UrlId, Vanished};

impl SqliteBatch<'_> {
    pub(super) fn vanished(&mut self, url: UrlId, at: Timestamp) -> Result<(), FrontierError> {
        let mut mark = self.transaction.prepare_cached(
            "INSERT INTO vanished (url, at, in_lake)
             SELECT ?1, ?2, 0 WHERE EXISTS (SELECT 1 FROM responses WHERE url = ?1 AND n_reports > 0)
             ON CONFLICT (url) DO UPDATE SET at = ?2, in_lake = 0 WHERE at IS NULL",
        )?;
        mark.execute(params![url.0, micros(at)])?;
        Ok(())
    }

    pub(super) fn came_back(&mut self, url: UrlId) -> Result<(), FrontierError> {
        let sql = "UPDATE vanished SET at = NULL, in_lake = 0 WHERE url = ?1 AND at IS NOT NULL";
        self.transaction.prepare_cached(sql)?.execute(params![url.0])?;
        Ok(())
    }

    pub(super) fn vanished_in_lake(&mut self, told: &[Vanished]) -> Result<(), FrontierError> {
        let sql = "UPDATE vanished SET in_lake = 1 WHERE url = ?1";
        let mut mark = self.transaction.prepare_cached(sql)?;
        for page in told {
            mark.execute(params![page.id.0])?;
        }
        Ok(())
    }

    pub(super) fn last_documents(&self, url: UrlId) -> Result<Option<String>, FrontierError> {
        let sql = "SELECT r.documents FROM urls u JOIN responses r ON r.id = u.response WHERE u.id = ?1";
        let found = self.transaction.prepare_cached(sql)?.query_row(params![url.0], |row| row.get(0)).optional()?;
        Ok(found.flatten())
    }

    pub(super) fn documents(&mut self, response: ResponseId, documents: &str) -> Result<(), FrontierError> {
        let sql = "UPDATE responses SET documents = ?2 WHERE id = ?1";
        self.transaction.prepare_cached(sql)?.execute(params![response.0, documents])?;
        Ok(())
    }
}

impl SqliteFrontier {
    pub(super) fn vanished_not_in_lake(&self) -> Result<Vec<Vanished>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT v.url, u.url, v.at FROM vanished v JOIN urls u ON u.id = v.url WHERE v.in_lake = 0 ORDER BY v.url",
        )?;
        let rows = statement.query_map([], |row| {
            let at = row.get::<_, Option<i64>>(2)?.map(instant);
            Ok(Vanished { id: UrlId(row.get(0)?), url: row.get(1)?, at })
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    pub(super) fn last_words(&self, url: UrlId) -> Result<Option<String>, FrontierError> {
        let sql = "SELECT last_words FROM urls WHERE id = ?1";
        let found = self.db.prepare_cached(sql)?.query_row(params![url.0], |row| row.get(0)).optional()?;
        Ok(found.flatten())
    }
}
