//! What a step of the schema cannot say in SQL.

use rusqlite::{Transaction, params};

use crate::crawl::frontier::{FrontierError, PageRequest};

/// Gives every URL the key that begins with its host's.
pub(super) fn rekey(transaction: &Transaction<'_>) -> Result<(), FrontierError> {
    let mut next = transaction.prepare("SELECT id, url, form FROM urls WHERE id > ?1 ORDER BY id LIMIT 1000")?;
    let mut rekey = transaction.prepare("UPDATE urls SET key = ?2 WHERE id = ?1")?;
    let mut last = 0_i64;
    loop {
        let rows = next.query_map([last], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let rows: Vec<(i64, String, Option<String>)> = rows.collect::<Result<_, _>>()?;
        let Some((id, ..)) = rows.last() else { return Ok(()) };
        last = *id;
        for (id, url, body) in rows {
            let body = body.map(|json| serde_json::from_str(&json)).transpose();
            // A row that cannot be read is found by who needs it.
            if let (Ok(url), Ok(body)) = (url.parse(), body) {
                rekey.execute(params![id, PageRequest { url, body }.key()])?;
            }
        }
    }
}
