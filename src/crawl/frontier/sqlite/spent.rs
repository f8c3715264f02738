//! What is used up of the operator's limits, and which portals a run finished.

use jiff::Timestamp;
use rusqlite::params;

use super::SqliteFrontier;
use super::batch::{SqliteBatch, stored};
use super::rows::{instant, micros};
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{FrontierError, PortalId, Spent};

impl SqliteBatch<'_> {
    pub(super) fn spent(&mut self, scope: &str, spent: Spent) -> Result<(), FrontierError> {
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO spent (scope, n_requests, n_bytes, not_before) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (scope) DO UPDATE SET n_requests = ?2, n_bytes = ?3, not_before = ?4",
        )?;
        let (requests, bytes) = (stored(spent.n_requests), stored(spent.n_bytes));
        write.execute(params![scope, requests, bytes, spent.not_before.map(micros)])?;
        Ok(())
    }

    pub(super) fn portal_done(&mut self, portal: &PortalId, at: Timestamp) -> Result<(), FrontierError> {
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO portals (portal, last_run) VALUES (?1, ?2) ON CONFLICT (portal) DO UPDATE SET last_run = ?2",
        )?;
        write.execute(params![portal.as_str(), micros(at)])?;
        Ok(())
    }
}

impl SqliteFrontier {
    pub(super) fn spent(&self) -> Result<Vec<(String, Spent)>, FrontierError> {
        let mut statement = self.db.prepare("SELECT scope, n_requests, n_bytes, not_before FROM spent")?;
        let rows = statement.query_map([], |row| {
            let not_before = row.get::<_, Option<i64>>(3)?.map(instant);
            let (requests, bytes): (i64, i64) = (row.get(1)?, row.get(2)?);
            let spent = Spent { n_requests: requests.unsigned_abs(), n_bytes: bytes.unsigned_abs(), not_before };
            Ok((row.get(0)?, spent))
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    pub(super) fn portals_done(&self) -> Result<Vec<(PortalId, Timestamp)>, FrontierError> {
        let mut statement = self.db.prepare("SELECT portal, last_run FROM portals WHERE last_run IS NOT NULL")?;
        let rows =
            statement.query_map([], |row| Ok((PortalId::from(row.get::<_, String>(0)?), instant(row.get(1)?))))?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    pub(super) fn n_waiting_by_host(&self) -> Result<Vec<(HostKey, PortalId, u64)>, FrontierError> {
        let sql = "SELECT host, portal, COUNT(*) FROM urls WHERE state = 0 GROUP BY host, portal";
        let mut statement = self.db.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            let n: i64 = row.get(2)?;
            let host = HostKey::from_stored(row.get::<_, String>(0)?);
            Ok((host, PortalId::from(row.get::<_, String>(1)?), n.unsigned_abs()))
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }
}
