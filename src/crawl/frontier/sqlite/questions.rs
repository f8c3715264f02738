//! What is asked of the frontier, and what concerns a whole run.

use std::collections::{BTreeSet, HashSet};

use jiff::Timestamp;
use rusqlite::{OptionalExtension, TransactionBehavior, params};
use url::Url;

use super::batch::SqliteBatch;
use super::rows::{self, instant, micros};
use super::{SqliteFrontier, ahead, permitted, renamed, ways};
use crate::crawl::address::HostKey;
use crate::crawl::frontier::{
    ALL_PORTALS, ArchivePosition, ArchivedPage, ArticlePage, Batch, CUT_SHORT, Candidate, FirstPages, Frontier,
    FrontierError, GUESS, HostRecord, KnownTrouble, LEFT, LostList, OpenRun, PageRequest, PastRun, PendingResponse,
    PortalId, Priority, Queue, ResponseId, RobotsRecord, RunId, SeenPayload, SeenUrl, Spent, Standing, UNREAD, UrlId,
    UrlState, Vanished, Version,
};
use crate::crawl::restraints::EXCLUDED;

/// What is known of a URL: how its last visit ended, also while it waits for the
/// next.
const KNOWN: &str = "CASE WHEN state IN (0, 5) THEN COALESCE(was, state) ELSE state END";

impl Frontier for SqliteFrontier {
    fn batch(&mut self) -> Result<Box<dyn Batch + '_>, FrontierError> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Ok(Box::new(SqliteBatch::new(transaction)))
    }

    fn begin_run(&mut self, portals: &[PortalId], now: Timestamp) -> Result<RunId, FrontierError> {
        let sql = "SELECT id, started_at FROM runs WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1";
        let open = self.db.query_row(sql, [], |row| Ok((row.get(0)?, instant(row.get(1)?)))).optional()?;
        let transaction = self.db.transaction()?;
        // What was under way when the program was killed is asked again. Only a
        // run may say so, never one who opens the file to look: another process
        // may be at work.
        transaction.execute("UPDATE urls SET state = 0 WHERE state = 5", [])?;
        // A program that was killed did not use up its attempts, and what rested with
        // its host has as many as before.
        transaction.execute("UPDATE urls SET attempts = 0 WHERE state = 0 AND attempts > 0", [])?;
        if let Some((id, started_at)) = open {
            transaction.execute("UPDATE runs SET report = NULL WHERE id = ?1", params![id])?;
            // It may have been begun for other portals.
            ways::wake_due(&transaction, portals, started_at, now)?;
            transaction.commit()?;
            return Ok(RunId(id));
        }
        transaction.execute("INSERT INTO runs (started_at) VALUES (?1)", params![micros(now)])?;
        let id = transaction.last_insert_rowid();
        transaction.execute("UPDATE portals SET n_pages = 0", [])?;
        transaction.execute("UPDATE spent SET n_requests = 0, n_bytes = 0", [])?;
        ways::wake_due(&transaction, portals, Timestamp::MAX, now)?;
        transaction.commit()?;
        Ok(RunId(id))
    }

    fn clock_went_back(&mut self, now: Timestamp) -> Result<Option<Timestamp>, FrontierError> {
        let newest = ahead::newest(&self.db, now)?;
        if newest.is_some() {
            let transaction = self.db.transaction()?;
            ahead::forget(&transaction, now)?;
            transaction.commit()?;
        }
        Ok(newest)
    }

    fn pass_on(
        &mut self,
        entry: &PageRequest,
        to: &PortalId,
        is_configured: &dyn Fn(&PortalId) -> bool,
    ) -> Result<Option<PortalId>, FrontierError> {
        let transaction = self.db.transaction()?;
        let from = renamed::pass_on(&transaction, entry, to, is_configured)?;
        transaction.commit()?;
        Ok(from)
    }

    fn due_again(&mut self, portals: Option<&[PortalId]>, now: Timestamp) -> Result<(), FrontierError> {
        let again = "UPDATE urls SET was = state, state = 0, attempts = 0, not_before = ?1 WHERE state BETWEEN 1 AND 4";
        let transaction = self.db.transaction()?;
        match portals {
            None => {
                transaction.execute(again, params![micros(now)])?;
            }
            Some(portals) => {
                let mut of_portal = transaction.prepare(&format!("{again} AND portal = ?2"))?;
                for portal in portals {
                    of_portal.execute(params![micros(now), portal.as_str()])?;
                }
            }
        }
        Ok(transaction.commit()?)
    }

    fn permitted(
        &mut self,
        portals: &[PortalId],
        now: Timestamp,
        is_permitted: &dyn Fn(&HostKey, &str) -> bool,
    ) -> Result<(), FrontierError> {
        let transaction = self.db.transaction()?;
        permitted::wake(&transaction, portals, now, is_permitted)?;
        Ok(transaction.commit()?)
    }

    fn end_run(&mut self, run: RunId, now: Timestamp, report_json: &str) -> Result<(), FrontierError> {
        self.db.execute(
            "UPDATE runs SET ended_at = ?2, report = ?3 WHERE id = ?1",
            params![run.0, micros(now), report_json],
        )?;
        Ok(())
    }

    fn stop_run(&mut self, run: RunId, report_json: &str) -> Result<(), FrontierError> {
        self.db.execute("UPDATE runs SET report = ?2 WHERE id = ?1", params![run.0, report_json])?;
        Ok(())
    }

    fn open_run(&self) -> Result<Option<OpenRun>, FrontierError> {
        // Only one that ended or was stopped has a report.
        let sql = "SELECT started_at, report IS NOT NULL FROM runs WHERE ended_at IS NULL ORDER BY id DESC LIMIT 1";
        let open = self
            .db
            .query_row(sql, [], |row| Ok(OpenRun { started_at: instant(row.get(0)?), was_stopped: row.get(1)? }));
        Ok(open.optional()?)
    }

    fn last_run(&self) -> Result<Option<PastRun>, FrontierError> {
        let sql = "SELECT started_at, ended_at, report FROM runs WHERE ended_at IS NOT NULL ORDER BY id DESC LIMIT 1";
        let found = self.db.query_row(sql, [], |row| {
            let report_json = row.get::<_, Option<String>>(2)?.unwrap_or_default();
            Ok(PastRun { started_at: instant(row.get(0)?), ended_at: instant(row.get(1)?), report_json })
        });
        Ok(found.optional()?)
    }

    fn waiting(&self) -> Result<Vec<(HostKey, PortalId, Timestamp)>, FrontierError> {
        let mut next = self.db.prepare_cached(
            "SELECT host, portal FROM urls WHERE state = 0 AND (host, portal) > (?1, ?2)
             ORDER BY host, portal LIMIT 1",
        )?;
        let mut found = Vec::new();
        let mut last = (String::new(), String::new());
        loop {
            let row = next.query_row(params![last.0, last.1], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some(pair) = row else { return Ok(found) };
            last = pair;
            let (host, portal) = (HostKey::from_stored(last.0.clone()), PortalId::from(last.1.clone()));
            if let Some(at) = self.next_instant(&host, &portal)? {
                found.push((host, portal, at));
            }
        }
    }

    fn n_waiting(&self) -> Result<Vec<(PortalId, u64)>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT portal, SUM(n) FROM (SELECT portal, COUNT(*) AS n FROM urls WHERE state = 0 GROUP BY host, portal
                                         UNION ALL
                                         SELECT portal, COUNT(*) FROM urls WHERE state = 5 GROUP BY portal)
             GROUP BY portal ORDER BY portal",
        )?;
        let rows = statement.query_map([], |row| {
            Ok((PortalId::from(row.get::<_, String>(0)?), row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn next_instant(&self, host: &HostKey, portal: &PortalId) -> Result<Option<Timestamp>, FrontierError> {
        // A seek for each priority: the index holds the instants within them.
        let mut statement = self.db.prepare_cached(
            "SELECT MIN(not_before) FROM urls WHERE state = 0 AND host = ?1 AND portal = ?2 AND priority = ?3",
        )?;
        let mut earliest = None;
        for priority in Priority::ALL {
            let at: Option<i64> =
                statement.query_row(params![host.as_str(), portal.as_str(), priority as i64], |row| row.get(0))?;
            earliest = earliest.into_iter().chain(at).min();
        }
        Ok(earliest.map(instant))
    }

    fn host(&self, host: &HostKey) -> Result<Option<HostRecord>, FrontierError> {
        let sql = "SELECT gate, robots, robots_is, robots_at FROM hosts WHERE host = ?1";
        let mut statement = self.db.prepare_cached(sql)?;
        let found = statement
            .query_row(params![host.as_str()], |row| {
                let is: Option<String> = row.get(2)?;
                let at: Option<i64> = row.get(3)?;
                let robots = is.zip(at).map(|(outcome, at)| {
                    Ok::<_, rusqlite::Error>(RobotsRecord { body: row.get(1)?, outcome, fetched_at: instant(at) })
                });
                Ok(HostRecord { gate_json: row.get(0)?, robots: robots.transpose()? })
            })
            .optional()?;
        Ok(found)
    }

    fn pages_of(&self, portal: &PortalId) -> Result<u32, FrontierError> {
        let mut statement = self.db.prepare_cached("SELECT n_pages FROM portals WHERE portal = ?1")?;
        Ok(statement.query_row(params![portal.as_str()], |row| row.get(0)).optional()?.unwrap_or(0))
    }

    fn knows_payload(&self, url: UrlId, sha256: &str) -> Result<Option<SeenPayload>, FrontierError> {
        let sql = "SELECT r.id, r.fetched_at FROM urls u JOIN responses r ON r.id = u.response
                   WHERE u.id = ?1 AND r.sha256 = ?2";
        let found = self.db.prepare_cached(sql)?.query_row(params![url.0, sha256], |row| {
            Ok(SeenPayload { response: ResponseId(row.get(0)?), fetched_at: instant(row.get(1)?) })
        });
        Ok(found.optional()?)
    }

    fn has_reports(&self, url: UrlId) -> Result<bool, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT 1 FROM urls u LEFT JOIN responses r ON r.id = u.response
             WHERE u.id = ?1 AND (r.n_reports > 0
                  OR EXISTS (SELECT 1 FROM ways w WHERE w.portal = u.portal AND w.url = u.id AND w.steps = 1))",
        )?;
        Ok(statement.exists(params![url.0])?)
    }

    fn leads_back(&self, request: &PageRequest, first: &Url, hops: u8) -> Result<bool, FrontierError> {
        let sql = "SELECT 1 FROM urls WHERE key = ?1 AND requested = ?2 AND hops <= ?3 AND state = 1
                                            AND response IS NULL";
        let mut statement = self.db.prepare_cached(sql)?;
        Ok(statement.exists(params![request.key(), first.as_str(), hops])?)
    }

    fn not_in_lake(&self, after: Option<ResponseId>, most: u32) -> Result<Vec<PendingResponse>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT r.id, r.fetched_at, r.status, r.words, r.sha256, r.n_bytes, r.duration_ms, r.n_reports,
                    r.file, r.offset, r.length, u.url, u.host, u.portal, u.id, l.file, l.offset, l.length
             FROM responses r JOIN urls u ON u.id = r.url
             LEFT JOIN responses l ON l.id = u.response AND l.id != r.id AND l.in_lake = 0 AND l.n_reports > 0
             WHERE r.in_lake = 0 AND r.id > ?1 ORDER BY r.id LIMIT ?2",
        )?;
        let after = after.map_or(0, |response| response.0);
        let rows = statement.query_map(params![after, most], rows::pending_from_row)?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn documents_in_lake(&self) -> Result<Vec<(ResponseId, String)>, FrontierError> {
        let sql = "SELECT id, documents FROM responses WHERE in_lake = 1 AND documents != '' ORDER BY id";
        let mut statement = self.db.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok((ResponseId(row.get(0)?), row.get(1)?)))?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn documents(&self) -> Result<BTreeSet<String>, FrontierError> {
        let mut statement = self.db.prepare_cached("SELECT documents FROM responses WHERE documents != ''")?;
        let (mut rows, mut found) = (statement.query([])?, BTreeSet::new());
        while let Some(row) = rows.next()? {
            let documents: String = row.get(0)?;
            found.extend(documents.split_whitespace().map(str::to_owned));
        }
        Ok(found)
    }

    fn archive_position(&self) -> Result<Option<ArchivePosition>, FrontierError> {
        let found = self.db.query_row("SELECT file, length FROM archive WHERE one = 1", [], |row| {
            Ok(ArchivePosition { file: row.get(0)?, length: row.get::<_, i64>(1)?.unsigned_abs() })
        });
        Ok(found.optional()?)
    }

    fn census(&self) -> Result<Vec<(PortalId, UrlState, u64)>, FrontierError> {
        let sql = format!("SELECT portal, {KNOWN} AS known, COUNT(*) FROM urls GROUP BY portal, known ORDER BY 1, 2");
        let mut statement = self.db.prepare_cached(&sql)?;
        let rows = statement.query_map([], |row| {
            let n: i64 = row.get(2)?;
            Ok((PortalId::from(row.get::<_, String>(0)?), UrlState::from_stored(row.get(1)?), n.unsigned_abs()))
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn reports_by_portal(&self) -> Result<Vec<(PortalId, u64)>, FrontierError> {
        let mut statement = self.db.prepare_cached("SELECT portal, n_reports FROM portals ORDER BY portal")?;
        let rows = statement.query_map([], |row| {
            Ok((PortalId::from(row.get::<_, String>(0)?), row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn unread_by_portal(&self) -> Result<Vec<(PortalId, u64)>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT u.portal, COUNT(*) FROM urls u JOIN responses r ON r.id = u.response
             WHERE u.priority = 0 AND r.words LIKE ?1 GROUP BY u.portal ORDER BY u.portal",
        )?;
        let rows = statement.query_map([format!("{UNREAD}%")], |row| {
            Ok((PortalId::from(row.get::<_, String>(0)?), row.get::<_, i64>(1)?.unsigned_abs()))
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn seen(&self, request: &PageRequest) -> Result<Option<SeenUrl>, FrontierError> {
        let sql = format!(
            "SELECT urls.url, host, portal, priority, depth, why, state, attempts, {}, last_seen, last_status, last_words,
                    n_unchanged, r.file, r.offset, r.length, urls.id, r.words, r.fetched_at
             FROM urls LEFT JOIN responses r ON r.id = urls.response WHERE key = ?1",
            ways::due_at()
        );
        let found = self.db.query_row(&sql, params![request.key()], rows::seen_from_row);
        Ok(found.optional()?)
    }

    fn gates(&self) -> Result<Vec<(HostKey, String)>, FrontierError> {
        let mut statement = self.db.prepare_cached("SELECT host, gate FROM hosts ORDER BY host")?;
        let rows = statement.query_map([], |row| Ok((HostKey::from_stored(row.get::<_, String>(0)?), row.get(1)?)))?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn spent(&self) -> Result<Vec<(String, Spent)>, FrontierError> {
        let mut statement = self.db.prepare("SELECT scope, n_requests, n_bytes, not_before FROM spent")?;
        let rows = statement.query_map([], |row| {
            let not_before = row.get::<_, Option<i64>>(3)?.map(instant);
            let (requests, bytes): (i64, i64) = (row.get(1)?, row.get(2)?);
            let spent = Spent { n_requests: requests.unsigned_abs(), n_bytes: bytes.unsigned_abs(), not_before };
            Ok((row.get(0)?, spent))
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn portals_done(&self) -> Result<Vec<(PortalId, Timestamp)>, FrontierError> {
        let mut statement = self.db.prepare("SELECT portal, last_run FROM portals WHERE last_run IS NOT NULL")?;
        let rows =
            statement.query_map([], |row| Ok((PortalId::from(row.get::<_, String>(0)?), instant(row.get(1)?))))?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn wholly_searched(&self) -> Result<Vec<PortalId>, FrontierError> {
        let mut statement = self.db.prepare("SELECT portal FROM portals WHERE searched_at IS NOT NULL")?;
        let rows = statement.query_map([], |row| Ok(PortalId::from(row.get::<_, String>(0)?)))?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn n_waiting_by_host(&self) -> Result<Vec<(HostKey, PortalId, u64)>, FrontierError> {
        let sql = "SELECT host, portal, COUNT(*) FROM urls WHERE state = 0 GROUP BY host, portal";
        let mut statement = self.db.prepare(sql)?;
        let rows = statement.query_map([], |row| {
            let n: i64 = row.get(2)?;
            let host = HostKey::from_stored(row.get::<_, String>(0)?);
            Ok((host, PortalId::from(row.get::<_, String>(1)?), n.unsigned_abs()))
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn vanished_not_in_lake(&self) -> Result<Vec<Vanished>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT v.url, u.url, v.at FROM vanished v JOIN urls u ON u.id = v.url WHERE v.in_lake = 0 ORDER BY v.url",
        )?;
        let rows = statement.query_map([], |row| {
            let at = row.get::<_, Option<i64>>(2)?.map(instant);
            Ok(Vanished { id: UrlId(row.get(0)?), url: row.get(1)?, at })
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn last_words(&self, url: UrlId) -> Result<Option<String>, FrontierError> {
        let sql = "SELECT last_words FROM urls WHERE id = ?1";
        let found = self.db.prepare_cached(sql)?.query_row(params![url.0], |row| row.get(0)).optional()?;
        Ok(found.flatten())
    }

    fn home_of(&self, url: UrlId) -> Result<Option<Url>, FrontierError> {
        let home = ways::ancestors(&self.db, url)?.into_iter().find(|ancestor| ancestor.depth == 0);
        Ok(home.and_then(|home| home.url.parse().ok()))
    }

    fn twin(&self, portal: &PortalId, url: UrlId, sha256: &str) -> Result<Option<Url>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT u.url FROM responses r JOIN urls u ON u.id = r.url
             WHERE r.sha256 = ?1 AND u.portal = ?2 AND u.id <> ?3 ORDER BY r.id LIMIT 1",
        )?;
        let found: Option<String> =
            statement.query_row(params![sha256, portal.as_str(), url.0], |row| row.get(0)).optional()?;
        Ok(found.and_then(|text| text.parse().ok()))
    }

    fn article_of(&self, url: UrlId, until: Option<ResponseId>) -> Result<Vec<ArticlePage>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "WITH first (id) AS (SELECT article FROM parts WHERE url = ?1 UNION SELECT article FROM parts WHERE article = ?1),
                  pages (id, place) AS (SELECT id, 0 FROM first
                                        UNION ALL SELECT p.url, 1 FROM first JOIN parts p ON p.article = first.id)
             SELECT u.id, u.url, r.file, r.offset, r.length
             FROM pages JOIN urls u ON u.id = pages.id
             LEFT JOIN responses r ON r.id = CASE WHEN ?2 IS NULL THEN u.response
                                                  ELSE (SELECT MAX(id) FROM responses WHERE url = u.id AND id <= ?2) END
                                    AND r.words NOT LIKE 'noindex%'
             ORDER BY pages.place, pages.id",
        )?;
        let rows = statement.query_map(params![url.0, until.map(|response| response.0)], |row| {
            let place = rows::archive_ref_if_any(row, 2)?;
            Ok(ArticlePage { id: UrlId(row.get(0)?), url: row.get(1)?, place })
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn version(&self, document: &str) -> Result<Option<Version>, FrontierError> {
        let sql = "SELECT url, id, file, offset, length FROM responses
                   WHERE instr(' ' || documents || ' ', ' ' || ?1 || ' ') > 0 ORDER BY id DESC LIMIT 1";
        let found = self.db.query_row(sql, [document], |row| {
            Ok(Version {
                url: UrlId(row.get(0)?),
                until: Some(ResponseId(row.get(1)?)),
                place: rows::archive_ref(row, 2)?,
            })
        });
        Ok(found.optional()?)
    }

    fn archived_pages(&self, host: &HostKey, most: u32) -> Result<Vec<ArchivedPage>, FrontierError> {
        let mut statement = self.db.prepare_cached(
            "SELECT u.priority, u.depth, r.file, r.offset, r.length FROM urls u JOIN responses r ON r.id = u.response
             WHERE u.host = ?1 AND r.n_reports = 0 ORDER BY r.id DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![host.as_str(), most], |row| {
            Ok(ArchivedPage {
                priority: Priority::from_stored(row.get(0)?),
                depth: row.get(1)?,
                place: rows::archive_ref(row, 2)?,
            })
        })?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn first_of(&self, portal: &PortalId, at: Timestamp, most: u32) -> Result<FirstPages, FrontierError> {
        ways::first_of(&self.db, portal, at, most)
    }

    fn refuse_waiting(
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

    fn queue(&self, portals: &[PortalId], now: Timestamp) -> Result<Queue, FrontierError> {
        let (portals, due_at) = (ways::json_of(portals), ways::due_at());
        // Whoever asked for that is asked for nothing.
        let left_alone = format!("{EXCLUDED}%");
        let count = |condition: &str| -> Result<(u64, u64, Option<Timestamp>), FrontierError> {
            let sql = format!(
                "SELECT COUNT(*), COALESCE(SUM({due_at} <= ?1), 0), MIN({due_at}) FROM urls
                 WHERE portal IN (SELECT value FROM json_each(?2)) AND COALESCE(last_words NOT LIKE ?3, 1) AND {condition}"
            );
            Ok(self.db.query_row(&sql, params![micros(now), portals, left_alone], |row| {
                let (all, due): (i64, i64) = (row.get(0)?, row.get(1)?);
                Ok((all.unsigned_abs(), due.unsigned_abs(), row.get::<_, Option<i64>>(2)?.map(instant)))
            })?)
        };
        let (n_waiting, n_due, next_at) = count("state = 0 AND was IS NULL")?;
        let (_, n_due_again, next_again_at) = count("(state BETWEEN 1 AND 4 OR (state = 0 AND was IS NOT NULL))")?;
        Ok(Queue { n_waiting, n_due, next_at, n_due_again, next_again_at })
    }

    fn candidates(&self, each: &mut dyn FnMut(Candidate)) -> Result<(), FrontierError> {
        let mut statement = self.db.prepare(&format!(
            "SELECT u.portal, u.why, {KNOWN}, r.n_reports, u.url, u.last_words, r.documents
             FROM urls u LEFT JOIN responses r ON r.id = u.response
             WHERE u.priority = 0 ORDER BY u.portal, u.id",
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(Candidate {
                portal: PortalId::from(row.get::<_, String>(0)?),
                url: row.get(4)?,
                why: row.get(1)?,
                last_words: row.get(5)?,
                state: UrlState::from_stored(row.get(2)?),
                n_reports: row.get(3)?,
                documents: row.get(6)?,
            });
        }
        Ok(())
    }

    fn lists(&self, each: &mut dyn FnMut(PortalId, String, String)) -> Result<(), FrontierError> {
        let mut statement = self.db.prepare(
            "SELECT u.portal, u.url, r.words FROM urls u JOIN responses r ON r.id = u.response
             WHERE u.priority = 1 ORDER BY u.portal, u.id",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(PortalId::from(row.get::<_, String>(0)?), row.get(1)?, row.get(2)?);
        }
        Ok(())
    }

    fn cut_short(&self, each: &mut dyn FnMut(PortalId, String, String)) -> Result<(), FrontierError> {
        let mut statement = self.db.prepare(&format!(
            "SELECT u.portal, u.url, r.words FROM urls u JOIN responses r ON r.id = u.response
             WHERE r.words LIKE '{CUT_SHORT}%' AND {KNOWN} = {visited} ORDER BY u.portal, u.id",
            visited = UrlState::Visited as i64,
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(PortalId::from(row.get::<_, String>(0)?), row.get(1)?, row.get(2)?);
        }
        Ok(())
    }

    fn left_links(&self, each: &mut dyn FnMut(PortalId, String, String)) -> Result<(), FrontierError> {
        let mut statement = self.db.prepare(
            "SELECT u.portal, u.url, substr(r.words, instr(r.words, ?1) + length(?1))
             FROM urls u JOIN responses r ON r.id = u.response
             WHERE instr(r.words, ?1) > 0 ORDER BY u.portal, u.id",
        )?;
        let mut rows = statement.query([LEFT])?;
        while let Some(row) = rows.next()? {
            each(PortalId::from(row.get::<_, String>(0)?), row.get(1)?, row.get(2)?);
        }
        Ok(())
    }

    fn lost_lists(&self, each: &mut dyn FnMut(LostList)) -> Result<(), FrontierError> {
        let lost =
            [UrlState::Refused, UrlState::Failed, UrlState::Gone].map(|state| (state as i64).to_string()).join(", ");
        let mut statement = self.db.prepare(&format!(
            "WITH anew (portal, at) AS (
                 SELECT u.portal, MAX(r.fetched_at) FROM urls u JOIN responses r ON r.id = u.response
                 WHERE u.priority = 1 GROUP BY u.portal)
             SELECT portal, url, {KNOWN}, iif(last_seen IS NULL, NULL, last_words), response IS NOT NULL
             FROM urls LEFT JOIN anew USING (portal)
             WHERE priority = 1 AND {KNOWN} IN ({lost}) AND why NOT LIKE '{GUESS}%'
               AND (response IS NULL OR {KNOWN} <> {gone} OR last_seen > COALESCE(anew.at, 0))
             ORDER BY portal, id",
            gone = UrlState::Gone as i64,
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(LostList {
                portal: PortalId::from(row.get::<_, String>(0)?),
                url: row.get(1)?,
                state: UrlState::from_stored(row.get(2)?),
                words: row.get(3)?,
                was_there: row.get(4)?,
            });
        }
        Ok(())
    }

    fn without_robots(&self) -> Result<Vec<(PortalId, String)>, FrontierError> {
        let mut statement = self.db.prepare(
            "SELECT DISTINCT u.portal, substr(h.robots_is, length('unreachable: ') + 1) FROM urls u JOIN hosts h ON h.host = u.host
             WHERE u.state = 0 AND u.was IS NULL AND h.robots_is LIKE 'unreachable%'",
        )?;
        let rows = statement.query_map([], |row| Ok((PortalId::from(row.get::<_, String>(0)?), row.get(1)?)))?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }

    fn last_words_of(&self, host: &str) -> Result<Option<String>, FrontierError> {
        use rusqlite::OptionalExtension;
        let sql = "SELECT last_words FROM urls WHERE state = 0 AND host = ?1 AND attempts > 0
                   ORDER BY last_seen DESC LIMIT 1";
        Ok(self.db.query_row(sql, params![host], |row| row.get(0)).optional()?)
    }

    fn troubles(&self) -> Result<Vec<KnownTrouble>, FrontierError> {
        let mut found = self.open_troubles()?;
        found.sort_by_key(|trouble| trouble.standing != Standing::News);
        Ok(found)
    }

    fn told(&mut self) -> Result<(), FrontierError> {
        self.db.execute("UPDATE troubles SET said = words WHERE is_open = 1 AND said IS NOT words", [])?;
        Ok(())
    }

    fn acknowledge(&mut self, names: &[String]) -> Result<Vec<KnownTrouble>, FrontierError> {
        let is_meant = |trouble: &KnownTrouble| {
            let own = [&trouble.key, &trouble.portal, &trouble.place];
            names.is_empty() || names.iter().any(|name| own.contains(&name))
        };
        let all = self.troubles()?;
        let causes: HashSet<_> =
            all.iter().filter(|trouble| is_meant(trouble)).filter_map(KnownTrouble::cause).collect();
        let is_of_them = |trouble: &KnownTrouble| trouble.cause().is_some_and(|cause| causes.contains(&cause));
        let meant: Vec<_> = all.iter().filter(|trouble| is_meant(trouble) || is_of_them(trouble)).cloned().collect();
        let transaction = self.db.transaction()?;
        for trouble in &meant {
            let sql = "UPDATE troubles SET acked = words WHERE portal = ?1 AND place = ?2";
            transaction.execute(sql, params![trouble.portal, trouble.place])?;
        }
        transaction.commit()?;
        Ok(meant)
    }

    fn close_troubles(
        &mut self,
        since: Timestamp,
        was_crawled: &dyn Fn(&PortalId) -> bool,
    ) -> Result<(), FrontierError> {
        let open = self.open_troubles()?;
        let mut over = Vec::new();
        for trouble in open.into_iter().filter(|trouble| trouble.last_at < since) {
            let portal = PortalId::from(trouble.portal.as_str());
            if was_crawled(&portal) && self.is_well(&trouble)? {
                over.push(trouble);
            }
        }
        self.close(&over)
    }

    fn close_left_out(&mut self, is_configured: &dyn Fn(&PortalId) -> bool) -> Result<(), FrontierError> {
        let mut open = self.open_troubles()?;
        open.retain(|trouble| trouble.portal != ALL_PORTALS && !is_configured(&trouble.portal.as_str().into()));
        self.close(&open)
    }
}
