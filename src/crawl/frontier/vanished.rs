//! Pages with reports that a portal took away: marked, never deleted.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::types::{instant, micros};
use super::{Batch, Frontier, FrontierError, ResponseId, UrlId};

/// A page that was taken away or brought back, of which the lake does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vanished {
    /// Its row.
    pub id: UrlId,
    /// Its URL.
    pub url: String,
    /// When it was found gone; none where it is back.
    pub at: Option<Timestamp>,
}

impl Batch<'_> {
    /// Notes that a page is gone; one that never held a report is no matter,
    /// and of one that was gone before the first time stands.
    pub fn vanished(&mut self, url: UrlId, at: Timestamp) -> Result<(), FrontierError> {
        let mut mark = self.transaction.prepare_cached(
            "INSERT INTO vanished (url, at, in_lake)
             SELECT ?1, ?2, 0 WHERE EXISTS (SELECT 1 FROM responses WHERE url = ?1 AND n_reports > 0)
             ON CONFLICT (url) DO UPDATE SET at = ?2, in_lake = 0 WHERE at IS NULL",
        )?;
        mark.execute(params![url.0, micros(at)])?;
        Ok(())
    }

    /// Notes that a page is there, where it was gone.
    pub fn came_back(&mut self, url: UrlId) -> Result<(), FrontierError> {
        let sql = "UPDATE vanished SET at = NULL, in_lake = 0 WHERE url = ?1 AND at IS NOT NULL";
        self.transaction.prepare_cached(sql)?.execute(params![url.0])?;
        Ok(())
    }

    /// Notes that the lake knows of these.
    pub fn vanished_in_lake(&mut self, told: &[Vanished]) -> Result<(), FrontierError> {
        let sql = "UPDATE vanished SET in_lake = 1 WHERE url = ?1";
        let mut mark = self.transaction.prepare_cached(sql)?;
        for page in told {
            mark.execute(params![page.id.0])?;
        }
        Ok(())
    }

    /// The documents that a URL's last payload held, as [`Batch::documents`]
    /// noted them.
    pub fn last_documents(&self, url: UrlId) -> Result<Option<String>, FrontierError> {
        let sql = "SELECT r.documents FROM urls u JOIN responses r ON r.id = u.response WHERE u.id = ?1";
        let found = self.transaction.prepare_cached(sql)?.query_row(params![url.0], |row| row.get(0)).optional()?;
        Ok(found.flatten())
    }

    /// Notes which documents a response held.
    pub fn documents(&mut self, response: ResponseId, documents: &str) -> Result<(), FrontierError> {
        let sql = "UPDATE responses SET documents = ?2 WHERE id = ?1";
        self.transaction.prepare_cached(sql)?.execute(params![response.0, documents])?;
        Ok(())
    }
}

impl Frontier {
    /// The pages that were taken away or brought back, and of which the lake
    /// does not know.
    pub fn vanished_not_in_lake(&self) -> Result<Vec<Vanished>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT v.url, u.url, v.at FROM vanished v JOIN urls u ON u.id = v.url WHERE v.in_lake = 0 ORDER BY v.url",
        )?;
        let rows = statement.query_map([], |row| {
            let at = row.get::<_, Option<i64>>(2)?.map(instant);
            Ok(Vanished { id: UrlId(row.get(0)?), url: row.get(1)?, at })
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    /// How the last visit of a URL ended, in words.
    pub fn last_words(&self, url: UrlId) -> Result<Option<String>, FrontierError> {
        let sql = "SELECT last_words FROM urls WHERE id = ?1";
        let found = self.db.prepare_cached(sql)?.query_row(params![url.0], |row| row.get(0)).optional()?;
        Ok(found.flatten())
    }
}
