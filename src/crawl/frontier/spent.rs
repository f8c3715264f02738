//! What is used up of the operator's limits, and which portals a run finished.

use jiff::Timestamp;
use rusqlite::params;

use super::batch::stored;
use super::types::{instant, micros};
use super::{Batch, Frontier, FrontierError, PortalId};
use crate::crawl::address::HostKey;

/// What is used up of a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// Requests of the open run.
    pub n_requests: u64,
    /// Payload bytes of the open run.
    pub n_bytes: u64,
    /// When its interval is over.
    pub not_before: Option<Timestamp>,
}

impl Batch<'_> {
    /// Writes down what is used up of a limit.
    pub fn spent(&mut self, scope: &str, spent: Spent) -> Result<(), FrontierError> {
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO spent (scope, n_requests, n_bytes, not_before) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (scope) DO UPDATE SET n_requests = ?2, n_bytes = ?3, not_before = ?4",
        )?;
        let (requests, bytes) = (stored(spent.n_requests), stored(spent.n_bytes));
        write.execute(params![scope, requests, bytes, spent.not_before.map(micros)])?;
        Ok(())
    }

    /// Notes that a run did all that was due of a portal.
    pub fn portal_done(&mut self, portal: &PortalId, at: Timestamp) -> Result<(), FrontierError> {
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO portals (portal, last_run) VALUES (?1, ?2) ON CONFLICT (portal) DO UPDATE SET last_run = ?2",
        )?;
        write.execute(params![portal.as_str(), micros(at)])?;
        Ok(())
    }
}

impl Frontier {
    /// What is used up of the limits.
    pub fn spent(&self) -> Result<Vec<(String, Spent)>, FrontierError> {
        let mut statement = self.db.prepare("SELECT scope, n_requests, n_bytes, not_before FROM spent")?;
        let rows = statement.query_map([], |row| {
            let not_before = row.get::<_, Option<i64>>(3)?.map(instant);
            let (requests, bytes): (i64, i64) = (row.get(1)?, row.get(2)?);
            let spent = Spent { n_requests: requests.unsigned_abs(), n_bytes: bytes.unsigned_abs(), not_before };
            Ok((row.get(0)?, spent))
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    /// When a run last did all that was due of each portal.
    pub fn portals_done(&self) -> Result<Vec<(PortalId, Timestamp)>, FrontierError> {
        let mut statement = self.db.prepare("SELECT portal, last_run FROM portals WHERE last_run IS NOT NULL")?;
        let rows =
            statement.query_map([], |row| Ok((PortalId::from(row.get::<_, String>(0)?), instant(row.get(1)?))))?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    /// How many URLs of each host and portal wait.
    pub fn n_waiting_by_host(&self) -> Result<Vec<(HostKey, PortalId, u64)>, FrontierError> {
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
