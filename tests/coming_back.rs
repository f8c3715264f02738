//! Night after night: what is unchanged costs little and writes nothing, what
//! changed is kept in both versions, what vanished is marked.
#![allow(missing_docs, clippy::disallowed_methods)]
#![cfg(feature = "engine")]

mod loopback;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gongkai::archive::Reader;
use gongkai::clock::Clock;
use gongkai::crawl::engine::{Ending, Tally};
use gongkai::lake::{StoredReport, stored_reports};
use gongkai::ops::SystemDisk;
use gongkai::page::Capture;
use gongkai::report::Catalogue;
use jiff::{SignedDuration, Timestamp};
use loopback::{Place, Portal, files, list, moved, page, portal_with, report, status};

const YEARS: [i16; 3] = [2019, 2021, 2023];
/// 01:30 in China, in the season.
const WINTER: &str = "2026-01-15T17:30:00Z";
/// 01:30 in China, out of it.
const SUMMER: &str = "2026-07-15T17:30:00Z";

/// A portal, and a state that is crawled on nights of the test's own.
struct World {
    portal: Portal,
    place: Place,
    first: Timestamp,
}

impl World {
    fn new(last: u8, first: &str, crawl: &str) -> Self {
        let portal = portal_with(last, &YEARS);
        let place = Place::new(&[("p", &portal.url("/gknb/"))], crawl);
        Self { portal, place, first: first.parse().unwrap() }
    }

    fn output(&self) -> PathBuf {
        self.place.path("output")
    }

    fn archive(&self) -> PathBuf {
        self.place.path("state/archive")
    }

    /// Crawls in the night so many days after the first, and says what the
    /// portal was asked for, robots.txt aside.
    async fn night(&self, day: i64) -> (Tally, Vec<String>) {
        self.hour(24 * day).await
    }

    /// The same, so many hours after the first night began.
    async fn hour(&self, hour: i64) -> (Tally, Vec<String>) {
        let clock = Clock::starting_at(self.first + SignedDuration::from_hours(hour));
        let (ending, tally) = self.place.crawl(clock, SystemDisk, std::future::pending()).await;
        assert_eq!(ending, Ending::Done);
        let mut paths = self.portal.take_paths();
        paths.sort();
        (tally, paths)
    }

    fn reports(&self) -> Vec<StoredReport> {
        stored_reports(&self.output()).unwrap()
    }

    /// The archive's records by type.
    fn records(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for path in files(&self.archive()) {
            let mut reader = Reader::open(&path).unwrap();
            while let Some(entry) = reader.next_entry().unwrap() {
                *counts.entry(entry.record_type).or_default() += 1;
            }
        }
        counts
    }
}

fn bytes(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    files(dir).into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

#[tokio::test]
async fn an_unchanged_world_costs_a_conditional_request_for_each_list_and_writes_nothing() {
    let world = World::new(51, WINTER, "");
    // A redirect has nothing to ask with; it leaves one record all the same.
    world.portal.put("/lists/", list(&YEARS));
    world.portal.put("/gknb/", moved("/lists/"));
    let all = ["/gknb/", "/gknb/2019.html", "/gknb/2021.html", "/gknb/2023.html", "/lists/"];
    let (tally, asked) = world.night(0).await;
    assert_eq!(asked, all);
    assert_eq!((tally.n_new_payloads, tally.n_reports), (4, 3));
    let before = (bytes(&world.output()), bytes(&world.archive()));
    // The next night looks for early corrections; later ones at the list alone,
    // to which the way is known.
    assert_eq!(world.night(1).await.1, all[1..]);
    for day in 2..8 {
        let (tally, asked) = world.night(day).await;
        assert_eq!(asked, ["/lists/"], "night {day}");
        assert_eq!((tally.n_new_payloads, tally.n_unchanged), (0, 1));
        assert_eq!(tally.n_bytes, 0, "304 has no body");
    }
    // After a week the portal is searched again, and its reports are due.
    let (tally, asked) = world.night(8).await;
    assert_eq!(asked, all);
    assert_eq!((tally.n_new_payloads, tally.n_unchanged, tally.n_bytes), (0, 5, 0));
    assert_eq!(before.0, bytes(&world.output()), "the lake");
    assert_eq!(before.1, bytes(&world.archive()), "the archive");
}

/// Puts a report on three pages, the middle one in a frame of the first or behind
/// a link of it: before its second section, and before its fifth.
fn put_in_parts(portal: &Portal, seed: u64, way: &str) -> u64 {
    let body = report(2021, seed).body;
    let whole = gongkai::read(&Capture::of_bytes(body.clone()), &Catalogue::embedded());
    let html = String::from_utf8(body).unwrap();
    let (first, rest) = html.split_at(html.find("<p>二、").unwrap());
    let (second, third) = rest.split_at(rest.find("<p>五、").unwrap());
    let part = |text: &str| page(&format!("<html><meta charset=utf-8><body>{text}"));
    portal.put("/gknb/2021.html", page(&format!("{first}{way}")));
    portal.put("/gknb/2021_1.html", part(&format!("{second}<a href=2021_2.html>下一页</a>")));
    portal.put("/gknb/2021_2.html", part(third));
    let facts = whole.reports[0].facts.iter().filter(|fact| fact.value.is_some());
    facts.count() as u64
}

#[tokio::test]
async fn an_article_over_pages_or_frames_is_one_document() {
    let ways = [
        (63, "<a href=2021_1.html>下一页</a>"),
        (64, "<a href=2021_1.html>2</a> <a href=2021_2.html>3</a> <a href=2021_1.html>下一页</a>"),
        (65, "<iframe src='2021_1.html'></iframe><iframe src='2021_2.html'></iframe>"),
    ];
    for (last, way) in ways {
        let world = World::new(last, WINTER, "");
        let the_one = |world: &World| {
            let all = world.reports().into_iter().filter(|report| report.report_year == Some(2021));
            let primary: Vec<_> = all.filter(|report| report.is_primary).collect();
            assert_eq!(primary.len(), 1, "{way}");
            (primary[0].url.clone(), primary[0].n_values)
        };
        let url = world.portal.url("/gknb/2021.html");
        let n_values = put_in_parts(&world.portal, 5, way);
        let (tally, asked) = world.night(0).await;
        assert_eq!((asked.len(), tally.n_reports), (6, 3), "{way}: {asked:?}");
        assert_eq!(the_one(&world), (url.clone(), n_values), "{way}");
        let before = bytes(&world.output());
        std::fs::remove_dir_all(world.output()).unwrap();
        world.night(1).await;
        assert!(bytes(&world.output()) == before, "{way}: read again from the archive");
        // Whichever page changes, the whole is read anew.
        let n_values = put_in_parts(&world.portal, 6, way);
        world.night(8).await;
        assert_eq!(the_one(&world), (url, n_values), "{way}");
    }
}

/// A defect of ours costs the page that shows it, and nothing else.
#[test]
fn a_page_whose_reading_panics_failed_and_the_run_goes_on() {
    if !cfg!(debug_assertions) {
        return;
    }
    for (last, path) in [(67, "/gknb/2021.html"), (68, "/gknb/2021_1.html")] {
        let portal = portal_with(last, &YEARS);
        put_in_parts(&portal, 5, "<a href=2021_1.html>下一页</a>");
        let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
        let output = place.command(&["crawl"]).env("GONGKAI_UNREADABLE", path).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("reading it failed: a defect") && said.contains(path), "{said}");
        let run = &place.runs()[0]["run"];
        assert_eq!((run["n_lost_tasks"].as_u64(), run["n_reports"].as_u64()), (Some(1), Some(2)), "{run}");
        let archived = files(&place.path("state/archive")).into_iter().any(|file| {
            let mut reader = Reader::open(&file).unwrap();
            std::iter::from_fn(|| reader.next_entry().unwrap())
                .any(|entry| entry.fields.iter().any(|(_, value)| *value == portal.url(path)))
        });
        assert!(archived, "{path} is not in the archive");
    }
}

#[tokio::test]
async fn every_later_request_is_conditional() {
    let world = World::new(52, WINTER, "");
    world.night(0).await;
    assert_eq!(world.portal.n_conditional(), 0, "there is nothing to ask with");
    let (tally, asked) = world.night(1).await;
    assert_eq!((tally.n_unchanged, asked.len()), (4, 4));
    assert_eq!(world.portal.n_conditional(), 4);
}

#[test]
fn who_does_not_want_to_wait_asks_again() {
    let portal = portal_with(50, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/")), ("q", &portal.url("/other/"))], "");
    assert_eq!(place.gongkai(&["crawl", "--portal", "p"]).code, 0);
    assert_eq!(portal.take_paths().len(), 4);
    place.gongkai(&["crawl", "--portal", "p"]);
    assert_eq!(portal.take_paths(), [] as [&str; 0], "nothing is due");
    place.gongkai(&["crawl", "--portal", "q", "--again"]);
    assert_eq!(portal.take_paths(), ["/other/"], "another portal's pages are not meant");
    place.gongkai(&["crawl", "--portal", "p", "--again"]);
    assert_eq!((portal.take_paths().len(), portal.n_conditional()), (4, 4));
}

#[tokio::test]
async fn a_day_on_which_a_page_is_asked_for_often_is_one_day() {
    let world = World::new(64, WINTER, "");
    // A counter in the footer changes with each visit, and no document.
    let html = String::from_utf8(report(2021, 2021).body).unwrap();
    for hour in 0..4 {
        world
            .portal
            .put("/gknb/2021.html", page(&html.replace("</body>", &format!("<div>浏览次数：{hour}</div></body>"))));
        if hour > 0 {
            let db = rusqlite::Connection::open(world.place.path("state/frontier.sqlite")).unwrap();
            db.execute("UPDATE urls SET not_before = 0", []).unwrap();
        }
        assert_eq!(world.hour(hour).await.1.len(), 4);
    }
    assert_eq!(world.night(1).await.1.len(), 4, "as after one visit");
    assert_eq!(world.night(2).await.1, ["/gknb/"]);
    assert_eq!(world.night(8).await.1.len(), 4, "a week later");
}

#[tokio::test]
async fn out_of_the_season_lists_are_visited_weekly() {
    let world = World::new(53, SUMMER, "");
    let mut nights = Vec::new();
    for day in 0..9 {
        let (_, asked) = world.night(day).await;
        if asked.iter().any(|path| path == "/gknb/") {
            nights.push(day);
        }
    }
    assert_eq!(nights, [0, 7]);
}

#[tokio::test]
async fn a_new_report_is_found_the_night_after_it_appeared() {
    let world = World::new(54, WINTER, "");
    world.night(0).await;
    world.night(1).await;
    world.portal.put("/gknb/", list(&[2019, 2021, 2023, 2024]));
    world.portal.put("/gknb/2024.html", report(2024, 9));
    let (tally, asked) = world.night(2).await;
    assert_eq!(asked, ["/gknb/", "/gknb/2024.html"]);
    assert_eq!(tally.n_reports, 1);
}

#[tokio::test]
async fn a_changed_report_keeps_both_versions_and_a_row_for_each() {
    let world = World::new(55, WINTER, "");
    world.night(0).await;
    let before = world.reports();
    world.portal.put("/gknb/2021.html", report(2021, 77));
    world.night(1).await;
    let after = world.reports();
    assert_eq!(after.len(), before.len() + 1);
    let of_2021: Vec<&StoredReport> = after.iter().filter(|report| report.report_year == Some(2021)).collect();
    assert_eq!(of_2021.len(), 2);
    assert_eq!(of_2021.iter().filter(|report| report.is_primary).count(), 1);
    let was = before.iter().find(|report| report.report_year == Some(2021)).unwrap();
    let primary = of_2021.iter().find(|report| report.is_primary).unwrap();
    assert_ne!(primary.document_id, was.document_id, "the newer counts");
    assert_eq!(world.records()["response"], 6, "robots.txt, the list, three reports and the new version");
}

#[tokio::test]
async fn a_report_that_says_again_what_it_said_counts_again() {
    let world = World::new(65, WINTER, "");
    let primary = || world.reports().into_iter().find(|r| r.report_year == Some(2021) && r.is_primary).unwrap();
    let asked_again = |day: i64| {
        let world = &world;
        // Until the page is due and has been asked for.
        async move {
            for later in day..day + 40 {
                let (_, asked) = world.night(later).await;
                if asked.iter().any(|path| path == "/gknb/2021.html") {
                    return later + 1;
                }
            }
            panic!("the page was not asked for");
        }
    };
    let day = asked_again(0).await;
    let first = primary();
    world.portal.put("/gknb/2021.html", report(2021, 77));
    let day = asked_again(day).await;
    assert_ne!(primary().document_id, first.document_id);
    world.portal.put("/gknb/2021.html", report(2021, 2021));
    asked_again(day).await;
    assert_eq!(primary().document_id, first.document_id, "what was withdrawn counts no more");
    assert_eq!(world.reports().len(), 4, "both versions are kept, each once");
}

#[tokio::test]
async fn a_lake_that_was_lost_is_made_again_from_the_archive() {
    let world = World::new(66, WINTER, "archive_file_bytes = 1024");
    // Whose it is only the configuration knows.
    let html = String::from_utf8(report(2023, 2023).body).unwrap();
    world.portal.put("/gknb/2023.html", page(&html.replace("桐乡市人民政府", "").replace("桐乡市", "")));
    world.night(0).await;
    world.portal.put("/gknb/2021.html", report(2021, 77));
    world.portal.put("/gknb/2019.html", status(404));
    world.night(1).await;
    world.night(2).await;
    let before = bytes(&world.output());
    std::fs::remove_dir_all(world.output()).unwrap();
    let (tally, asked) = world.night(3).await;
    assert_eq!((tally.n_reports, asked), (0, vec!["/gknb/".to_owned()]), "the portal is not asked for more");
    assert!(bytes(&world.output()) == before);
    // One partition alone, put away because it was damaged.
    let of_2023 = files(&world.output()).into_iter().filter(|path| path.to_string_lossy().contains("report_year=2023"));
    of_2023.for_each(|path| std::fs::remove_file(path).unwrap());
    world.night(4).await;
    assert!(bytes(&world.output()) == before);
    // The numbers alone, and what was found of them.
    for (day, table) in [(5, "facts"), (6, "panel"), (6, "checks")] {
        std::fs::remove_dir_all(world.output().join(table)).unwrap();
        world.night(day).await;
        assert!(bytes(&world.output()) == before, "{table}");
    }
    let of_panel = files(&world.output().join("panel")).remove(0);
    let mut spoilt = std::fs::read(&of_panel).unwrap();
    spoilt.truncate(100);
    std::fs::write(&of_panel, spoilt).unwrap();
    let (tally, _) = world.night(6).await;
    assert!(tally.news.iter().any(|trouble| trouble.words.starts_with("the lake had 1 damaged file")), "{tally:?}");
    std::fs::remove_file(of_panel.with_file_name("_part-0.parquet.damaged")).unwrap();
    assert!(bytes(&world.output()) == before, "damaged");
    // A finished file of the archive that was put away keeps nobody waiting.
    std::fs::remove_dir_all(world.output()).unwrap();
    let away = world.place.path("away");
    std::fs::create_dir(&away).unwrap();
    let finished = files(&world.archive());
    let (_, finished) = finished.split_last().unwrap();
    for path in finished {
        std::fs::rename(path, away.join(path.file_name().unwrap())).unwrap();
    }
    let (tally, asked) = world.night(7).await;
    assert_eq!(asked, ["/gknb/"]);
    assert!(bytes(&world.output()) != before, "no archive file was away");
    let told: Vec<_> = tally.news.iter().map(|trouble| (trouble.place.as_str(), trouble.words.as_str())).collect();
    let [("the archive", words), ("the lake", whole)] = told[..] else { panic!("{told:?}") };
    assert!(whole.starts_with("it was not there, and 4 pages with reports of it are made again"), "{whole}");
    assert!(
        words.starts_with("the lake lacks 4 pages with 3 reports, until they can be read again from the archive: "),
        "{words}"
    );
    assert_eq!(world.hour(24 * 7 + 1).await.0.n_told_before, 2, "as long as they are away, and a page that is gone");
    for path in files(&away) {
        std::fs::rename(&path, world.archive().join(path.file_name().unwrap())).unwrap();
    }
    world.hour(24 * 7 + 2).await;
    assert!(bytes(&world.output()) == before);
    assert_eq!(world.night(8).await.0.n_told_before, 1);
}

#[tokio::test]
async fn a_lake_that_is_made_again_knows_since_when_a_page_says_what_it_says() {
    let world = World::new(70, WINTER, "");
    let html = String::from_utf8(report(2021, 2021).body).unwrap();
    let visited = |visitor: u8| page(&html.replace("</body>", &format!("<div>浏览次数：{visitor}</div></body>")));
    // A counter, another report, and the first again.
    let said = [visited(1), visited(2), report(2021, 77), visited(2)];
    let mut day = 0;
    for reply in said {
        world.portal.put("/gknb/2021.html", reply);
        while !world.night(day).await.1.contains(&"/gknb/2021.html".to_owned()) {
            day += 1;
        }
    }
    let but_fetches = || {
        let mut all = bytes(&world.output());
        all.retain(|path, _| !path.to_string_lossy().contains("/fetches/"));
        all
    };
    let days = || files(&world.output().join("fetches")).into_iter().collect::<BTreeSet<_>>();
    let (before, days_before) = (but_fetches(), days());
    std::fs::remove_dir_all(world.output()).unwrap();
    world.night(day).await;
    assert!(but_fetches() == before);
    assert_eq!(days(), days_before);
}

#[tokio::test]
async fn what_a_page_said_before_does_not_stand_for_what_the_archive_lost() {
    let world = World::new(71, WINTER, "");
    world.night(0).await;
    world.portal.put("/gknb/2021.html", report(2021, 77));
    world.night(1).await;
    let state = rusqlite::Connection::open(world.place.path("state/frontier.sqlite")).unwrap();
    let sql =
        "SELECT r.file, r.offset FROM responses r JOIN urls u ON u.response = r.id WHERE u.url LIKE '%/2021.html'";
    let (file, offset): (String, i64) = state.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let path = world.archive().join(file);
    let mut archive = std::fs::read(&path).unwrap();
    archive[usize::try_from(offset).unwrap()..][..20].fill(0);
    std::fs::write(&path, archive).unwrap();
    std::fs::remove_dir_all(world.output()).unwrap();
    let (tally, _) = world.night(2).await;
    let years: Vec<_> = world.reports().iter().map(|report| report.report_year).collect();
    assert_eq!(years, [Some(2019), Some(2023)]);
    assert!(
        tally.news[0]
            .words
            .starts_with("the lake lacks 2 pages with 2 reports, until they can be read again from the archive")
    );
    assert!(tally.news[0].words.ends_with("what it said before does not stand for that"), "{:?}", tally.news);
}

/// As after an upgrade of a program that read less: its state has pages without
/// reports that hold some.
#[tokio::test]
async fn a_lake_that_is_made_again_is_read_with_todays_eyes() {
    let world = World::new(69, WINTER, "");
    world.night(0).await;
    let before = bytes(&world.output());
    let state = || rusqlite::Connection::open(world.place.path("state/frontier.sqlite")).unwrap();
    state()
        .execute_batch(
            "UPDATE responses SET n_reports = 0, documents = '', words = 'no report' WHERE n_reports > 0;
             UPDATE portals SET n_reports = 0; DELETE FROM said;",
        )
        .unwrap();
    std::fs::remove_dir_all(world.output()).unwrap();
    let (tally, asked) = world.night(0).await;
    assert_eq!((tally.n_reports, asked), (0, vec![]), "nothing is asked of the portal");
    assert!(bytes(&world.output()) == before);
    let n = |sql: &str| state().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(n("SELECT COUNT(*) FROM responses WHERE n_reports = 1 AND words = 'a report'"), 3);
    assert_eq!(n("SELECT n_reports FROM portals"), 3);
    // Who asked not to be read is not read.
    state().execute_batch("UPDATE responses SET words = 'noindex: so', n_reports = 0 WHERE n_reports = 1").unwrap();
    std::fs::remove_dir_all(world.output()).unwrap();
    world.night(0).await;
    assert_eq!(world.reports(), []);
}

#[tokio::test]
async fn a_report_is_counted_when_it_is_new_or_says_something_else() {
    let world = World::new(60, WINTER, "");
    assert_eq!(world.night(0).await.0.n_reports, 3);
    // A comment changes in one; the list names another with a visitor's number.
    let html = String::from_utf8(report(2021, 2021).body).unwrap();
    world.portal.put("/gknb/2021.html", page(&html.replace("</body>", "<!-- node 7 --></body>")));
    let named = String::from_utf8(list(&YEARS).body).unwrap().replace("/gknb/2019.html", "/gknb/2019.html?sid=7");
    world.portal.put("/gknb/", page(&named));
    world.portal.put("/gknb/2019.html?sid=7", report(2019, 2019));
    let (tally, _) = world.night(1).await;
    assert_eq!((tally.n_reports, tally.n_reports_again), (0, 2));
    world.portal.put("/gknb/2021.html", report(2021, 77));
    let (tally, asked) = world.night(9).await;
    assert!(asked.contains(&"/gknb/2021.html".to_owned()), "{asked:?}");
    assert_eq!((tally.n_reports, tally.n_reports_again), (1, 0), "it says something else");
}

#[tokio::test]
async fn a_page_of_which_only_a_counter_changes_is_visited_as_rarely_as_an_unchanged_one() {
    let world = World::new(56, WINTER, "");
    let html = String::from_utf8(report(2021, 2021).body).unwrap();
    let mut nights = Vec::new();
    for day in 0..5 {
        let counted = html.replace("</body>", &format!("<div>浏览次数：{day}</div></body>"));
        world.portal.put("/gknb/2021.html", page(&counted));
        let (_, asked) = world.night(day).await;
        if asked.iter().any(|path| path == "/gknb/2021.html") {
            nights.push(day);
        }
    }
    assert_eq!(nights, [0, 1]);
    assert_eq!(world.reports().len(), 3, "no new document");
}

#[tokio::test]
async fn a_report_that_vanished_is_marked_and_one_that_came_back_is_not() {
    let world = World::new(57, WINTER, "");
    world.night(0).await;
    let gone = |reports: Vec<StoredReport>| -> BTreeSet<i16> {
        reports.into_iter().filter(|report| report.vanished_at.is_some()).filter_map(|r| r.report_year).collect()
    };
    assert_eq!(gone(world.reports()), BTreeSet::new());
    let kept = world.portal.pages.lock().unwrap()["/gknb/2021.html"].clone();
    world.portal.put("/gknb/2021.html", status(404));
    world.night(1).await;
    assert_eq!(gone(world.reports()), BTreeSet::from([2021]));
    assert_eq!(world.reports().len(), 3, "nothing is deleted");
    let at = world.reports().iter().find_map(|report| report.vanished_at).unwrap();
    assert_eq!(at.duration_since(world.first).as_hours(), 24);
    let archived = world.records()["response"];

    // A page that is gone is looked for the next night, and then after a month.
    let is_asked_for = |(_, asked): &(Tally, Vec<String>)| asked.iter().any(|path| path == "/gknb/2021.html");
    for (day, expected) in [(2, true), (3, false), (31, false), (32, true), (61, false)] {
        assert_eq!(is_asked_for(&world.night(day).await), expected, "{day}");
    }
    assert_eq!(gone(world.reports()), BTreeSet::from([2021]));
    world.portal.put("/gknb/2021.html", kept.clone());
    assert!(is_asked_for(&world.night(62).await));
    assert_eq!(gone(world.reports()), BTreeSet::new());
    assert_eq!(world.records()["response"], archived, "its payload is there already");
    // A night of maintenance is over the next.
    for (day, reply, expected) in [(300, status(404), BTreeSet::from([2021])), (301, kept, BTreeSet::new())] {
        world.portal.put("/gknb/2021.html", reply);
        assert!(is_asked_for(&world.night(day).await), "{day}");
        assert_eq!(gone(world.reports()), expected, "{day}");
    }
}

#[tokio::test]
async fn half_a_page_is_a_trouble_until_the_whole_comes() {
    let world = World::new(73, WINTER, "");
    world.night(0).await;
    let primary: Vec<u64> = world.reports().iter().map(|report| report.n_values).collect();
    let whole = report(2021, 2021);
    let half = String::from_utf8_lossy(&whole.body[..whole.body.len() / 2]).into_owned();
    let url = world.portal.url("/gknb/2021.html");
    let mut n_conditional = 0;
    // It is looked at the next night, then as rarely as what does not change, and never
    // with the tag of what may be the whole.
    for (day, reply, is_asked, n_asked_so, standing) in [
        (1, page(&half), true, 4, "news"),
        (2, page(&half), true, 1, "told before"),
        (3, page(&half), false, 1, "told before"),
        (9, whole, true, 3, "none"),
    ] {
        world.portal.put("/gknb/2021.html", reply);
        let (tally, asked) = world.night(day).await;
        assert_eq!(asked.iter().any(|path| path == "/gknb/2021.html"), is_asked, "night {day}");
        assert_eq!(world.portal.n_conditional() - n_conditional, n_asked_so, "night {day}");
        n_conditional = world.portal.n_conditional();
        let is_half = |words: &str| words.starts_with("a report that may be cut short: the page ends");
        let told = tally.troubles.iter().any(|trouble| trouble.place == url && is_half(&trouble.words));
        assert_eq!(told, standing != "none", "night {day}: {:?}", tally.troubles);
        let (n_news, n_before) = (u64::from(standing == "news"), u64::from(standing == "told before"));
        assert_eq!((tally.n_news, tally.n_told_before), (n_news, n_before), "night {day}");
        assert_eq!(tally.outcomes.get("a report that may be cut short"), (day == 1).then_some(&1), "night {day}");
    }
    let n_values: Vec<u64> =
        world.reports().iter().filter(|report| report.is_primary).map(|report| report.n_values).collect();
    assert_eq!(n_values, primary, "the whole one counts");
}

#[tokio::test]
async fn who_wants_a_record_of_every_visit_gets_it() {
    let world = World::new(58, WINTER, "archive_unchanged = true");
    world.night(0).await;
    assert_eq!(world.records().get("revisit"), None);
    world.night(1).await;
    assert_eq!(world.records()["revisit"], 4);
}

#[tokio::test]
async fn a_mark_that_did_not_reach_the_lake_is_made_by_the_next_run() {
    let world = World::new(59, WINTER, "");
    world.night(0).await;
    world.portal.remove("/gknb/2019.html");
    let before = bytes(&world.output());
    world.night(1).await;
    let marked = bytes(&world.output());
    assert_ne!(marked, before);
    // As if the program had been killed before the lake's commit.
    for (path, bytes) in &before {
        std::fs::write(path, bytes).unwrap();
    }
    let db = rusqlite::Connection::open(world.place.path("state/frontier.sqlite")).unwrap();
    assert_eq!(db.execute("UPDATE vanished SET in_lake = 0", []).unwrap(), 1);
    drop(db);
    world.night(2).await;
    assert_eq!(bytes(&world.output()), marked);
}
