//! What needs a person: told once, silent once a person knows of it.

use rusqlite::{OptionalExtension, Row, params};

use super::SqliteFrontier;
use super::rows::instant;
use crate::crawl::frontier::trouble::cause_of;
use crate::crawl::frontier::{
    ALL_PORTALS, Frontier, FrontierError, KnownTrouble, PageRequest, Standing, UrlState, trouble_key,
};

const OPEN: &str = "SELECT portal, place, words, first_at, last_at, said, acked FROM troubles WHERE is_open = 1
                    ORDER BY portal, place";

impl SqliteFrontier {
    /// Whether the place of a trouble has answered well since. What cannot be
    /// told stays open.
    pub(super) fn is_well(&self, trouble: &KnownTrouble) -> Result<bool, FrontierError> {
        if trouble.portal == ALL_PORTALS {
            // It is of the run that met it; one that was killed told nobody.
            return Ok(trouble.standing != Standing::News);
        }
        if let Ok(url) = trouble.place.parse::<url::Url>()
            && url.has_host()
        {
            let seen = self.seen(&PageRequest::get(url))?;
            return Ok(seen.is_some_and(|seen| seen.state == UrlState::Visited));
        }
        let sql = "SELECT robots_is FROM hosts WHERE host = ?1";
        let robots: Option<Option<String>> = self.db.query_row(sql, [&trouble.place], |row| row.get(0)).optional()?;
        // A portal's own troubles (a budget that is used up) are of one run.
        Ok(robots.map_or(trouble.place == trouble.portal, |is| !is.is_some_and(|is| is.starts_with("unreachable"))))
    }

    pub(super) fn close(&mut self, over: &[KnownTrouble]) -> Result<(), FrontierError> {
        let transaction = self.db.transaction()?;
        for trouble in over {
            let sql = "UPDATE troubles SET is_open = 0, said = NULL WHERE portal = ?1 AND place = ?2";
            transaction.execute(sql, params![trouble.portal, trouble.place])?;
        }
        Ok(transaction.commit()?)
    }

    /// What is open, by portal and place.
    pub(super) fn open_troubles(&self) -> Result<Vec<KnownTrouble>, FrontierError> {
        let mut statement = self.db.prepare(OPEN)?;
        let rows = statement.query_map([], from_row)?;
        rows.map(|row| row.map_err(Into::into)).collect()
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<KnownTrouble> {
    let (portal, place, words): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (said, acked): (Option<String>, Option<String>) = (row.get(5)?, row.get(6)?);
    let is_same = |before: Option<String>| before.is_some_and(|before| cause_of(&before) == cause_of(&words));
    let standing = if is_same(acked) {
        Standing::Acknowledged
    } else if is_same(said) {
        Standing::Told
    } else {
        Standing::News
    };
    let key = trouble_key(&portal, &place);
    let (since, last_at) = (instant(row.get(3)?), instant(row.get(4)?));
    Ok(KnownTrouble { key, portal, place, words, since, last_at, standing, n_places: 1 })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

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
    fn a_trouble_whose_words_alone_change_is_no_news_and_as_old_as_it_was() {
        let mut bench = bench();
        assert_eq!(bench.run(0, PLACE, Some("nothing came for 30s")).len(), 1);
        assert_eq!(bench.run(9, PLACE, Some("nothing came for 31s")), [] as [&str; 0]);
        let told = bench.frontier.troubles().unwrap().remove(0);
        assert_eq!((told.words.as_str(), told.since), ("nothing came for 31s", at(0)));
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
