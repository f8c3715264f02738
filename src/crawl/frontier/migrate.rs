//! From the schema of an older program to this one's.

use rusqlite::{Connection, TransactionBehavior, params};

use super::types::{FrontierError, PageRequest};

/// Version 2 finds the URLs that were tried without looking at all that wait,
/// and has keys that begin with the host's.
pub(super) fn from_1(db: &mut Connection) -> Result<(), FrontierError> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch("CREATE INDEX urls_tried ON urls (id) WHERE state = 0 AND attempts > 0")?;
    {
        let mut next = transaction.prepare("SELECT id, url, form FROM urls WHERE id > ?1 ORDER BY id LIMIT 1000")?;
        let mut rekey = transaction.prepare("UPDATE urls SET key = ?2 WHERE id = ?1")?;
        let mut last = 0_i64;
        loop {
            let rows = next.query_map([last], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let rows: Vec<(i64, String, Option<String>)> = rows.collect::<Result<_, _>>()?;
            let Some((id, ..)) = rows.last() else { break };
            last = *id;
            for (id, url, form) in rows {
                let form = form.map(|json| serde_json::from_str(&json)).transpose();
                // A row that cannot be read is found by who needs it.
                if let (Ok(url), Ok(form)) = (url.parse(), form) {
                    rekey.execute(params![id, PageRequest { url, form }.key()])?;
                }
            }
        }
    }
    transaction.pragma_update(None, "user_version", 2)?;
    Ok(transaction.commit()?)
}
