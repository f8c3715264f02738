//! What needs a person: told once, silent once a person knows of it.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

use super::SqliteFrontier;
use super::batch::SqliteBatch;
use super::rows::{instant, micros};
use crate::crawl::frontier::{
    Frontier, FrontierError, KnownTrouble, PageRequest, PortalId, Standing, UrlState, trouble_key,
};

const COLUMNS: &str = "portal, place, words, first_at, last_at, said, acked";
const OPEN: &str = "FROM troubles WHERE is_open = 1";

impl SqliteBatch<'_> {
    pub(super) fn trouble(
        &mut self,
        portal: &str,
        place: &str,
        words: &str,
        at: Timestamp,
    ) -> Result<(), FrontierError> {
        let mut write = self.transaction.prepare_cached(
            "INSERT INTO troubles (portal, place, words, first_at, last_at, is_open) VALUES (?1, ?2, ?3, ?4, ?4, 1)
             ON CONFLICT (portal, place) DO UPDATE SET
                 first_at = CASE WHEN is_open = 1 AND words = ?3 THEN first_at ELSE ?4 END,
                 words = ?3, last_at = ?4, is_open = 1",
        )?;
        write.execute(params![portal, place, words, micros(at)])?;
        Ok(())
    }
}

impl SqliteFrontier {
    pub(super) fn troubles(&self) -> Result<Vec<KnownTrouble>, FrontierError> {
        let mut found = self.troubles_where(&format!("SELECT {COLUMNS} {OPEN} ORDER BY portal, place"))?;
        found.sort_by_key(|trouble| trouble.standing != Standing::News);
        Ok(found)
    }

    pub(super) fn told(&mut self) -> Result<(), FrontierError> {
        self.db.execute("UPDATE troubles SET said = words WHERE is_open = 1 AND said IS NOT words", [])?;
        Ok(())
    }

    pub(super) fn acknowledge(&mut self, names: &[String]) -> Result<Vec<KnownTrouble>, FrontierError> {
        let is_meant = |trouble: &KnownTrouble| {
            let own = [&trouble.key, &trouble.portal, &trouble.place];
            names.is_empty() || names.iter().any(|name| own.contains(&name))
        };
        let meant: Vec<_> = self.troubles()?.into_iter().filter(is_meant).collect();
        let transaction = self.db.transaction()?;
        for trouble in &meant {
            let sql = "UPDATE troubles SET acked = words WHERE portal = ?1 AND place = ?2";
            transaction.execute(sql, params![trouble.portal, trouble.place])?;
        }
        transaction.commit()?;
        Ok(meant)
    }

    pub(super) fn close_troubles(
        &mut self,
        since: Timestamp,
        was_crawled: &dyn Fn(&PortalId) -> bool,
    ) -> Result<(), FrontierError> {
        let open = self.troubles_where(&format!("SELECT {COLUMNS} {OPEN}"))?;
        let mut over = Vec::new();
        for trouble in open.into_iter().filter(|trouble| trouble.last_at < since) {
            let portal = PortalId::from(trouble.portal.as_str());
            if was_crawled(&portal) && self.is_well(&trouble)? {
                over.push(trouble);
            }
        }
        let transaction = self.db.transaction()?;
        for trouble in over {
            let sql = "UPDATE troubles SET is_open = 0, said = NULL WHERE portal = ?1 AND place = ?2";
            transaction.execute(sql, params![trouble.portal, trouble.place])?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Whether the place of a trouble has answered well since. What cannot be
    /// told stays open.
    fn is_well(&self, trouble: &KnownTrouble) -> Result<bool, FrontierError> {
        if let Ok(url) = trouble.place.parse::<url::Url>()
            && url.has_host()
        {
            let seen = self.seen(&PageRequest::get(url))?;
            return Ok(seen.is_some_and(|seen| seen.state == UrlState::Visited));
        }
        let sql = "SELECT robots_is FROM hosts WHERE host = ?1";
        let robots: Option<Option<String>> = self.db.query_row(sql, [&trouble.place], |row| row.get(0)).optional()?;
        // A portal's own troubles (a budget that is used up) are of one run.
        Ok(robots.map_or(trouble.place == trouble.portal, |is| is.as_deref() != Some("unreachable")))
    }

    fn troubles_where(&self, sql: &str) -> Result<Vec<KnownTrouble>, FrontierError> {
        let mut statement = self.db.prepare(sql)?;
        let rows = statement.query_map([], from_row)?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<KnownTrouble> {
    let (portal, place, words): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (said, acked): (Option<String>, Option<String>) = (row.get(5)?, row.get(6)?);
    let standing = match (said, acked) {
        (_, Some(acked)) if acked == words => Standing::Acknowledged,
        (Some(said), _) if said == words => Standing::Told,
        _ => Standing::News,
    };
    let key = trouble_key(&portal, &place);
    let (since, last_at) = (instant(row.get(3)?), instant(row.get(4)?));
    Ok(KnownTrouble { key, portal, place, words, since, last_at, standing })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "http://a.example/";

    struct Bench {
        frontier: SqliteFrontier,
        path: std::path::PathBuf,
        _folder: tempfile::TempDir,
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    fn bench() -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frontier.sqlite");
        Bench { frontier: SqliteFrontier::open(&path).unwrap(), path, _folder: folder }
    }

    impl Bench {
        /// A run that meets a trouble in these words, and tells what is new.
        fn run(&mut self, seconds: i64, place: &str, words: Option<&str>) -> Vec<String> {
            if let Some(words) = words {
                let mut batch = self.frontier.batch().unwrap();
                batch.trouble("p", place, words, at(seconds)).unwrap();
                batch.commit().unwrap();
            }
            self.frontier.close_troubles(at(seconds), &|_| true).unwrap();
            let open = self.frontier.troubles().unwrap();
            self.frontier.told().unwrap();
            let news = open.into_iter().filter(|trouble| trouble.standing == Standing::News);
            news.map(|trouble| trouble.words).collect()
        }

        fn standing(&self) -> Vec<Standing> {
            self.frontier.troubles().unwrap().into_iter().map(|trouble| trouble.standing).collect()
        }
    }

    #[test]
    fn a_trouble_is_news_once_and_again_when_it_changes() {
        let mut bench = bench();
        assert_eq!(bench.run(0, PLACE, Some("status 503")), ["status 503"]);
        assert_eq!(bench.run(1, PLACE, Some("status 503")), [] as [&str; 0], "told");
        assert_eq!(bench.standing(), [Standing::Told]);
        assert_eq!(bench.frontier.acknowledge(&[trouble_key("p", PLACE)]).unwrap().len(), 1);
        bench.frontier = SqliteFrontier::open(&bench.path).unwrap();
        assert_eq!(bench.standing(), [Standing::Acknowledged], "it survives");
        assert_eq!(bench.run(2, PLACE, Some("status 503")), [] as [&str; 0]);
        assert_eq!(bench.run(3, PLACE, Some("status 403")), ["status 403"]);
        assert_eq!(bench.run(4, PLACE, Some("status 503")), [] as [&str; 0], "that one is known");
    }

    #[test]
    fn who_acknowledges_nothing_that_is_there_changes_nothing() {
        let mut bench = bench();
        bench.run(0, PLACE, Some("status 503"));
        assert_eq!(bench.frontier.acknowledge(&["other".to_owned()]).unwrap(), []);
        assert_eq!(bench.standing(), [Standing::Told]);
        assert_eq!(bench.frontier.acknowledge(&[]).unwrap().len(), 1, "no name means all");
    }

    #[test]
    fn what_passed_and_comes_back_is_news_unless_a_person_knows_it() {
        for is_known in [false, true] {
            let mut bench = bench();
            assert_eq!(bench.run(0, "p", Some("used up")).len(), 1);
            if is_known {
                bench.frontier.acknowledge(&[]).unwrap();
            }
            assert_eq!(bench.run(1, "p", None), [] as [&str; 0]);
            assert_eq!(bench.standing(), [], "it passed");
            assert_eq!(bench.run(2, "p", Some("used up")).is_empty(), is_known);
        }
    }

    #[test]
    fn a_page_that_was_not_visited_since_stays_a_trouble() {
        let mut bench = bench();
        bench.run(0, PLACE, Some("gone"));
        bench.run(1, PLACE, None);
        assert_eq!(bench.standing(), [Standing::Told]);
    }
}
