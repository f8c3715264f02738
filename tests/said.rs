//! What the program says of a crawl is so, also after nights on which something
//! was renamed, moved, lost or set wrong.
#![allow(missing_docs, clippy::disallowed_methods)]
#![cfg(feature = "engine")]

mod loopback;

use gongkai::clock::Clock;
use gongkai::crawl::engine::Tally;
use gongkai::lake::{StoredReport, stored_reports};
use gongkai::ops::{FolderLock, SystemDisk};
use jiff::{SignedDuration, Timestamp};
use loopback::{Place, Portal, Reply, list, moved, page, portal_with, report, status};

const YEARS: [i16; 3] = [2019, 2021, 2023];

/// Crawls in the night so many days after the first: 01:30 in China, in the season.
async fn night(place: &Place, day: i64) -> Tally {
    night_until(place, day, std::future::pending()).await
}

/// The same, until `stop` is done.
async fn night_until(place: &Place, day: i64, stop: impl Future<Output = ()>) -> Tally {
    let first: Timestamp = "2026-01-15T17:30:00Z".parse().unwrap();
    let clock = Clock::starting_at(first + SignedDuration::from_hours(24 * day));
    place.crawl(clock, SystemDisk, stop).await.1
}

/// A portal of 桐乡市 as it stands in portals.toml.
fn configure(place: &Place, id: &str, entry: &str) {
    let text =
        format!("[[portal]]\nid = \"{id}\"\nname = \"桐乡市人民政府\"\nregion = \"330483\"\nentry = [\"{entry}\"]\n");
    place.write("config/portals.toml", &text);
}

/// A place where a page that fails is asked for again in the same run.
fn patient(entry: &str) -> Place {
    let place = Place::new(&[("p", entry)], "");
    let settings = std::fs::read_to_string(place.path("config/gongkai.toml")).unwrap();
    place.write("config/gongkai.toml", &settings.replace("max_attempts = 1", "max_attempts = 3"));
    place
}

fn json(place: &Place, arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&place.gongkai(&[arguments, &["--format", "json"]].concat()).stdout).unwrap()
}

fn reports(place: &Place) -> Vec<StoredReport> {
    stored_reports(&place.path("output")).unwrap()
}

/// What is said of the years of the first issuer of a portal.
fn coverage(place: &Place, portal: &str) -> serde_json::Value {
    let issuers = json(place, &["status", "--coverage"])["issuers"].clone();
    issuers.as_array().unwrap().iter().find(|issuer| issuer["portal"] == portal).unwrap()["years"].clone()
}

#[tokio::test]
async fn a_portal_that_was_renamed_is_crawled_on() {
    let portal = portal_with(101, &YEARS);
    portal.put("/", page("<p><a href=\"/gknb/\">政府信息公开年报</a></p>"));
    let place = Place::new(&[], "");
    configure(&place, "old", &portal.url("/"));
    night(&place, 0).await;
    // Under another id; then the entry is the list, which the home page led to.
    for (day, id, entry, year) in [(2, "new", "/", 2024), (4, "list", "/gknb/", 2025)] {
        portal.put(&format!("/gknb/{year}.html"), report(year, 9));
        let years: Vec<i16> = YEARS.into_iter().chain(2024..=year).collect();
        portal.put("/gknb/", list(&years));
        configure(&place, id, &portal.url(entry));
        assert_eq!(night(&place, day).await.n_reports, 1, "{id}: the others are known");
        let status = json(&place, &["status"]);
        let rows = status["portals"].as_array().unwrap();
        assert_eq!((rows.len(), &rows[0]["portal"], &rows[0]["reports"]), (1, &id.into(), &years.len().into()));
        assert!(reports(&place).iter().all(|report| report.portal.as_deref() == Some(id)), "{id}: the lake says so");
    }
}

#[test]
fn what_an_old_id_knew_is_asked_again_in_the_night_of_the_renaming() {
    let portal = portal_with(137, &YEARS);
    let place = Place::new(&[], "");
    configure(&place, "old", &portal.url("/gknb/"));
    place.gongkai(&["crawl"]);
    portal.take_paths();
    configure(&place, "new", &portal.url("/gknb/"));
    place.gongkai(&["crawl", "--again"]);
    let asked = portal.take_paths();
    assert!(YEARS.iter().all(|year| asked.contains(&format!("/gknb/{year}.html"))), "{asked:?}");
}

#[tokio::test]
async fn what_was_found_from_an_entry_is_the_portals_that_names_it() {
    let portal = portal_with(102, &YEARS);
    portal.put("/", page("<p><a href=\"/gknb/\">政府信息公开年报</a></p>"));
    let place = Place::new(&[("all", &portal.url("/"))], "");
    night(&place, 0).await;
    let entries = [("all", portal.url("/")), ("part", portal.url("/gknb/"))];
    let both =
        entries.map(|(id, entry)| format!("[[portal]]\nid = \"{id}\"\nname = \"{id}\"\nentry = [\"{entry}\"]\n"));
    place.write("config/portals.toml", &both.concat());
    night(&place, 1).await;
    let urls = |id: &str| json(&place, &["status", "--portal", id])["portals"][0]["urls"]["visited"].clone();
    assert_eq!((urls("all"), urls("part")), (1.into(), 4.into()));
}

#[tokio::test]
async fn a_clock_that_went_back_is_told_once_and_keeps_no_portal_waiting() {
    let portal = portal_with(103, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    night(&place, 9).await;
    assert_eq!(portal.take_paths().len(), 4);
    let tally = night(&place, 0).await;
    assert_eq!((tally.n_news, tally.news[0].portal.as_str()), (1, "all portals"), "{:?}", tally.news);
    assert!(tally.news[0].words.starts_with("the clock went back: "), "{:?}", tally.news);
    assert_eq!(portal.take_paths().len(), 4, "how long ago it was asked nobody knows");
    assert_eq!((night(&place, 1).await.n_news, portal.take_paths()), (0, vec!["/gknb/".to_owned()]));
}

#[tokio::test]
async fn a_trouble_of_a_clock_that_was_ahead_ends_with_the_page_that_is_well() {
    let portal = portal_with(106, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    night(&place, 0).await;
    portal.put("/gknb/2021.html", status(404));
    assert_eq!(night(&place, 9).await.n_news, 1);
    portal.put("/gknb/2021.html", report(2021, 2021));
    // The clock that went back is told.
    let tally = night(&place, 2).await;
    assert_eq!((tally.n_news, tally.n_told_before), (1, 0), "{:?}", tally.news);
}

#[tokio::test]
async fn a_host_that_asks_for_time_is_told_once_and_listed_until_it_answers() {
    let portal = portal_with(104, &YEARS);
    let place = patient(&portal.url("/gknb/"));
    let busy = Reply { fields: vec![("Retry-After".to_owned(), "7200".to_owned())], ..status(429) };
    ["/gknb/", "/gknb/2019.html"].into_iter().for_each(|path| portal.put(path, busy.clone()));
    let tally = night(&place, 0).await;
    assert_eq!(tally.n_news, 1, "{:?}", tally.news);
    assert!(tally.news[0].words.ends_with(": it asked for time"), "{:?}", tally.news);
    let rests = tally.resting.values().next().unwrap();
    assert!(rests.starts_with("until 2026-01-15 19:30:") && rests.ends_with(" UTC: status 429"), "{rests}");
    assert_eq!((night(&place, 1).await.n_news, portal.take_paths().len()), (0, 2), "it was told");
    portal.put("/gknb/", list(&YEARS[1..]));
    let tally = night(&place, 2).await;
    assert_eq!((tally.n_news, tally.n_told_before, tally.resting.len()), (0, 0, 0), "{:?}", tally.troubles);
}

#[test]
fn status_lists_a_host_that_asks_for_time_and_is_asked_by_the_next_run() {
    let portal = portal_with(105, &YEARS);
    let place = patient(&portal.url("/gknb/"));
    portal.put("/gknb/", Reply { fields: vec![("Retry-After".to_owned(), "7200".to_owned())], ..status(429) });
    let said = place.gongkai(&["crawl"]).stdout;
    assert!(said.contains("hosts that rest, with something waiting:\n  127.0.0.105"), "{said}");
    let said = place.gongkai(&["status"]).stdout;
    assert!(said.contains("hosts that rest:\n  127.0.0.105") && said.contains("status 429"), "{said}");
    let db = rusqlite::Connection::open(place.path("state/frontier.sqlite")).unwrap();
    db.execute("UPDATE urls SET not_before = 0", []).unwrap();
    assert!(
        place
            .gongkai(&["status"])
            .stdout
            .contains("1 of them due; 0 visited before and due again; next: with the next run")
    );
}

#[test]
fn a_lake_that_is_away_is_missed_and_proves_no_absence() {
    let portal = portal_with(106, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    place.gongkai(&["crawl"]);
    assert!(!place.gongkai(&["status"]).stdout.contains("lacks"));
    let away = ["--output", "elsewhere"];
    for command in [&["status"][..], &["status", "--coverage"]] {
        let said = place.gongkai(&[command, &away].concat()).stdout;
        assert!(
            said.contains("there is no lake in elsewhere (no folder elsewhere/reports): it lacks 3 reports that"),
            "{said}"
        );
    }
    std::fs::rename(place.path("output"), place.path("kept")).unwrap();
    assert_eq!(coverage(&place, "p")["2019"], "unread");
    assert_eq!(coverage(&place, "p")["2020"], "absent", "no link ever named it");
}

#[test]
fn what_cannot_be_made_again_is_told_until_it_can() {
    let portal = portal_with(108, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    place.gongkai(&["crawl"]);
    std::fs::rename(place.path("state/archive"), place.path("archive")).unwrap();
    std::fs::remove_dir_all(place.path("output/reports/report_year=2021")).unwrap();
    for (code, words) in
        [(1, "the lake lacks 1 page with 1 report, until they can be read again from the archive: "), (0, "")]
    {
        let said = place.gongkai(&["crawl", "--quiet"]);
        assert!(said.code == code && said.stdout.contains(words), "{said:?}");
        assert_eq!(coverage(&place, "p")["2021"], "unread");
        let status = place.gongkai(&["status"]).stdout;
        assert!(status.contains("lacks 1 report that the state knows"), "{status}");
        assert!(status.contains("the archive"), "{status}");
    }
    std::fs::remove_dir_all(place.path("state/archive")).unwrap();
    std::fs::rename(place.path("archive"), place.path("state/archive")).unwrap();
    assert_eq!(place.gongkai(&["crawl", "--quiet"]).code, 0);
    assert_eq!(coverage(&place, "p")["2021"], "found");
    assert!(!place.gongkai(&["status"]).stdout.contains("the archive"));
}

fn vanished(place: &Place) -> Vec<Option<i16>> {
    reports(place).iter().filter(|report| report.vanished_at.is_some()).map(|report| report.report_year).collect()
}

#[tokio::test]
async fn a_report_in_whose_place_something_else_stands_is_gone() {
    let portal = portal_with(107, &YEARS);
    let home =
        page("<title>桐乡市人民政府</title><p><a href=\"/gknb/\">政府信息公开年报</a> <a href=\"/x\">新闻</a></p>");
    portal.put("/", home.clone());
    let place = Place::new(&[("p", &portal.url("/"))], "");
    night(&place, 0).await;
    let kept = portal.pages.lock().unwrap()["/gknb/2019.html"].clone();
    portal.put("/gknb/2019.html", home.clone());
    portal.put("/gknb/2021.html", page("<p>内容更新中，敬请期待。</p>"));
    let tally = night(&place, 1).await;
    let told: Vec<_> = tally.news.iter().map(|news| (news.words.as_str(), news.n_places)).collect();
    assert_eq!(told, [("gone: the page holds no report any more", 2)]);
    assert_eq!((vanished(&place), reports(&place).len()), (vec![Some(2019), Some(2021)], 3), "nothing is deleted");
    portal.put("/gknb/2019.html", kept);
    assert_eq!(night(&place, 32).await.n_reports, 0);
    assert_eq!(vanished(&place), [Some(2021)], "it is back");
    // A host that shows its home page under every URL has taken nothing away.
    portal.pages.lock().unwrap().values_mut().for_each(|reply| *reply = home.clone());
    for day in [80, 81] {
        night(&place, day).await;
        assert_eq!(vanished(&place), [Some(2021)]);
    }
}

#[test]
fn a_list_that_is_known_and_closed_is_not_called_searched_in_vain() {
    let robots = "User-agent: *\nDisallow: /gknb/\n";
    let login = "<title>用户登录</title><form><input type=password name=pw><button>登录</button></form>";
    let listed = list(&YEARS);
    let cases = [
        ("/robots.txt", page(robots), "blocked", "its list is known and closed, "),
        ("/gknb/", status(403), "blocked", "its list is known and closed, "),
        ("/gknb/", page(login), "blocked", "its list is known and closed, "),
        ("/gknb/", status(521), "blocked", "its list is known and closed, "),
        ("/gknb/", status(500), "failed", "its list is known and closed, "),
        ("/gknb/", status(404), "failed", "its list is known and closed, "),
        // The links are understood; what they lead to is refused.
        ("/gknb/", listed, "blocked", "links to reports were found and none could be had, such as "),
    ];
    for (n, (path, reply, cover, words)) in (110..).zip(cases) {
        let portal = portal_with(n, &[]);
        portal.put("/", page("<p><a href=\"/gknb/\">政府信息公开年报</a> <a href=\"/x\">新闻</a></p>"));
        YEARS.into_iter().for_each(|year| portal.put(&format!("/gknb/{year}.html"), status(403)));
        portal.put(path, reply);
        let place = Place::new(&[("p", &portal.url("/"))], "");
        let said = place.gongkai(&["crawl"]).stdout;
        let told = said.lines().find(|line| line.contains("searched to its end in vain: ")).unwrap_or(&said);
        assert!(told.contains(&format!("in vain: {words}{}", portal.url("/gknb/"))), "{path}: {said}");
        assert_eq!(coverage(&place, "p")["2019"], cover, "{path}");
    }
}

#[tokio::test]
async fn a_list_that_is_lost_later_proves_no_absence() {
    let robots = page("User-agent: *\nDisallow: /gknb/\n");
    let cases = [
        ("/gknb/2.html", status(404), "partly_read"),
        ("/gknb/", status(403), "partly_read"),
        // It forbids the whole portal.
        ("/robots.txt", robots, "blocked"),
    ];
    for (n, (path, reply, cover)) in (120..).zip(cases) {
        let portal = portal_with(n, &YEARS);
        let html = String::from_utf8(list(&YEARS[1..]).body).unwrap();
        portal.put("/gknb/", page(&html.replace("</ul>", "</ul><a href=\"/gknb/2.html\">下一页</a>")));
        portal.put("/gknb/2.html", list(&YEARS[..1]));
        let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
        night(&place, 0).await;
        assert_eq!(coverage(&place, "p")["2020"], "absent");
        portal.put(path, reply);
        night(&place, 2).await;
        assert_eq!(coverage(&place, "p")["2020"], cover, "{path}");
        assert_eq!(coverage(&place, "p")["2021"], "found", "{path}");
    }
}

#[test]
fn a_portal_that_never_took_a_connection_failed_and_one_without_rules_is_blocked() {
    let portal = Portal::start(125);
    portal.put("/robots.txt", status(503));
    let mut nobody: url::Url = portal.url("/").parse().unwrap();
    nobody.set_port(Some(1)).unwrap();
    for (entry, cover, state) in [(nobody.as_str(), "failed", "failed"), (&portal.url("/"), "blocked", "blocked")] {
        let place = Place::new(&[("p", entry)], "connect_timeout_ms = 300");
        place.gongkai(&["crawl"]);
        assert_eq!(coverage(&place, "p")["2019"], cover);
        assert_eq!(json(&place, &["status"])["portals"][0]["state"], state);
    }
}

#[test]
fn nothing_to_crawl_is_no_good_night() {
    let place = Place::new(&[], "");
    for command in [&["crawl"][..], &["crawl", "--dry-run"], &["check"]] {
        let said = place.gongkai(command);
        assert_eq!(said.code, 2, "{command:?}: {said:?}");
        assert!(said.stderr.contains("there is nothing to crawl: no portal is configured"), "{said:?}");
    }
}

#[test]
fn check_notes_restraints_of_portals_that_are_not_there() {
    let place = Place::new(&[("p", "http://127.0.0.126/")], "[[limit]]\nportal = \"q\"\nmax_requests = 3");
    let exclusion = "[[exclude]]\nportal = \"r\"\ndate = 2026-03-01\nreason = \"a letter\"\n";
    place.write("config/exclusions.toml", exclusion);
    for command in [&["check"][..], &["crawl", "--dry-run"]] {
        let said = place.gongkai(command);
        assert_eq!(said.code, 0, "{said:?}");
        for note in ["note: a limit names the portal q, which", "note: an exclusion names the portal r, which"] {
            assert!(said.stdout.contains(note), "{said:?}");
        }
    }
}

#[tokio::test]
async fn status_knows_a_run_that_was_interrupted() {
    let portal = portal_with(127, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    night_until(&place, 0, std::future::ready(())).await;
    let said = place.gongkai(&["status"]).stdout;
    assert!(said.contains("a run began 2026-01-15 17:30:00 UTC and was interrupted: the next goes on"), "{said}");
    let lock = FolderLock::of_state(&place.path("state")).unwrap();
    let said = json(&place, &["status"])["open_run"].clone();
    assert_eq!(said["standing"], "running", "{said}");
    assert!(place.gongkai(&["status"]).stdout.contains("a run is at work since 20"));
    drop(lock);
    night(&place, 1).await;
    let last = json(&place, &["status"])["last_run"].clone();
    assert!(last["started_at"].as_str().unwrap().starts_with("2026-01-16T17:30:0"), "as its counts: {last}");
    assert_eq!((&last["counts"]["n_reports"], &json(&place, &["status"])["open_run"]), (&3.into(), &().into()));
    if cfg!(debug_assertions) {
        let again = ["crawl", "--again"];
        let died = place.command(&again).env("GONGKAI_FAULT", "state_committed:3:no_space").output().unwrap();
        assert_eq!(died.status.code(), Some(3), "{died:?}");
        assert_eq!(json(&place, &["status"])["open_run"]["standing"], "died");
        assert!(place.gongkai(&["status"]).stdout.contains(" and died (it failed, or was killed): the next goes on"));
    }
}

#[test]
fn reports_that_could_not_be_committed_are_told_by_the_run_that_commits_them() {
    if !cfg!(debug_assertions) {
        return;
    }
    let portal = portal_with(128, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    let failed = place.command(&["crawl"]).env("GONGKAI_FAULT", "lake_file_written:1:no_space").output().unwrap();
    assert_eq!(failed.status.code(), Some(3));
    let said = place.gongkai(&["crawl"]);
    assert!(said.stdout.contains("of the interrupted run before: 3 reports new or changed"), "{said:?}");
    assert_eq!(reports(&place).len(), 3);
    assert!(!place.gongkai(&["crawl", "--again"]).stdout.contains("interrupted"), "once");
}

#[test]
fn a_portal_that_is_left_out_is_shown_as_that_with_what_it_gave() {
    let (kept, dropped) = (portal_with(129, &YEARS), portal_with(130, &YEARS));
    dropped.put("/gknb/2021.html", status(403));
    let named = |last: &str| {
        format!(
            "[[portal]]\nid = \"kept\"\nname = \"桐乡市统计局\"\nregion = \"330483\"\nentry = [\"{}\"]\n{last}",
            kept.url("/x")
        )
    };
    let gone = format!(
        "[[portal]]\nid = \"gone\"\nname = \"桐乡市人民政府\"\nregion = \"330483\"\nentry = [\"{}\"]\n",
        dropped.url("/gknb/")
    );
    let place = Place::new(&[], "");
    place.write("config/portals.toml", &named(&gone));
    place.gongkai(&["crawl"]);
    let url = dropped.url("/gknb/2019.html");
    assert!(place.gongkai(&["explain", &url]).stdout.contains("next visit"));
    for (last, state, words) in [
        ("", "not_configured", "the portal gone is not configured any more"),
        (&format!("{gone}off = true\n"), "off", "the portal gone is off"),
    ] {
        place.write("config/portals.toml", &named(last));
        place.gongkai(&["crawl"]);
        for of in [&["status"][..], &["status", "--portal", "gone"]] {
            let status = json(&place, of);
            let rows = status["portals"].as_array().unwrap();
            let row = rows.iter().find(|row| row["portal"] == "gone").unwrap();
            assert_eq!((&row["state"], &row["name"]), (&state.into(), &"桐乡市人民政府".into()));
            let troubles = status["needs_a_person"].as_array().unwrap();
            assert!(troubles.iter().all(|trouble| trouble["portal"] != "gone"), "nobody can do anything: {troubles:?}");
        }
        assert_eq!(coverage(&place, "gone")["2019"], "found");
        let said = place.gongkai(&["explain", &url]).stdout;
        assert!(said.contains(words) && !said.contains("next visit"), "{said}");
    }
}

#[test]
fn a_portal_that_is_left_out_lies_in_the_region_that_the_lake_knows() {
    let portal = portal_with(136, &YEARS);
    let place = Place::new(&[], "");
    configure(&place, "of_the_lake", &portal.url("/gknb/"));
    place.gongkai(&["crawl"]);
    // The directory's ids are region codes; of the last nobody knows where it lies.
    for id in ["110101", "nowhere", "kept"] {
        place.write(
            "config/portals.toml",
            &format!("[[portal]]\nid = \"{id}\"\nentry = [\"{}\"]\n", portal.url(&format!("/{id}"))),
        );
        place.gongkai(&["crawl"]);
    }
    for (region, expected) in [("3304", "of_the_lake"), ("11", "110101")] {
        let status = json(&place, &["status", "--region", region]);
        let shown: Vec<_> = status["portals"].as_array().unwrap().iter().map(|row| &row["portal"]).collect();
        assert_eq!(shown, [expected]);
        let all = json(&place, &["status", "--coverage", "--region", region])["issuers"].clone();
        assert!(all.as_array().unwrap().iter().all(|issuer| issuer["portal"] == expected), "{all}");
    }
    assert_eq!(place.gongkai(&["status", "--region", "44"]).code, 2, "no portal lies there");
}

#[test]
fn explain_reads_a_page_with_all_that_the_crawl_knew_of_its_place() {
    let portal = portal_with(131, &YEARS);
    let place = Place::new(&[], "");
    configure(&place, "p", &portal.url("/gknb/"));
    place.gongkai(&["crawl"]);
    let said = place.gongkai(&["explain", "--numbers", &portal.url("/gknb/2019.html")]).stdout;
    assert!(said.contains("origin official"), "as the lake has it: {said}");
    let said = place.gongkai(&["explain", &portal.url("/gknb/")]).stdout;
    assert!(said.contains("no report: a list of reports"), "{said}");
    let explain = || place.gongkai(&["explain", &portal.url("/gknb/2019.html")]).stdout;
    assert!(!explain().contains("last read"), "the outcome says it: {}", explain());
    place.gongkai(&["crawl", "--again"]);
    assert!(
        explain().contains("unchanged: 304") && explain().contains("last read      a report, of "),
        "{}",
        explain()
    );
    portal.put("/gknb/2019.html", status(404));
    place.gongkai(&["crawl", "--again"]);
    let said = explain();
    assert!(said.contains("gone: status 404") && !said.contains("unchanged"), "{said}");
}

#[test]
fn explain_reads_the_version_of_a_page_that_an_id_names() {
    let portal = portal_with(139, &YEARS);
    let place = Place::new(&[], "");
    configure(&place, "p", &portal.url("/gknb/"));
    place.gongkai(&["crawl"]);
    let of_2021 = || reports(&place).into_iter().filter(|report| report.report_year == Some(2021));
    let numbers = |id: &str| {
        let said = place.gongkai(&["explain", "--numbers", id]);
        assert_eq!(said.code, 0, "{said:?}");
        said.stdout.split_once("\n\n").unwrap().1.to_owned()
    };
    let old = of_2021().next().unwrap();
    let as_it_was = numbers(&old.document_id);
    portal.put("/gknb/2021.html", report(2021, 77));
    place.gongkai(&["crawl", "--again"]);
    let new = of_2021().find(|report| report.is_primary).unwrap();
    assert_eq!(numbers(&old.document_id), as_it_was);
    assert_ne!(numbers(&new.document_id), as_it_was);
    assert_eq!(numbers(&new.document_id), numbers(&portal.url("/gknb/2021.html")));
    // A state that never had the version does not pass another off as it.
    let db = rusqlite::Connection::open(place.path("state/frontier.sqlite")).unwrap();
    let forget = "UPDATE responses SET documents = NULL WHERE documents = ?1";
    assert_eq!(db.execute(forget, [&old.document_id]).unwrap(), 1);
    let said = place.gongkai(&["explain", "--numbers", &old.document_id]);
    assert!(said.code == 2 && said.stderr.contains("does not know which version of the page"), "{said:?}");
}

#[tokio::test]
async fn one_cause_on_one_host_is_one_trouble_and_a_page_that_is_gone_later_another() {
    let portal = portal_with(132, &[2017, 2019, 2021, 2023]);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    night(&place, 0).await;
    portal.put("/robots.txt", page("User-agent: *\nDisallow: /gknb/20\n"));
    let tally = night(&place, 2).await;
    assert_eq!((tally.n_news, tally.news[0].n_places), (1, 4), "{:?}", tally.news);
    assert_eq!(night(&place, 9).await.n_news, 0, "it was told");
    let said = place.gongkai(&["status"]).stdout;
    assert!(
        said.contains("2017.html and 3 more of its host  robots.txt forbids it: line 2, Disallow: /gknb/20"),
        "{said}"
    );
    let key = &json(&place, &["status"])["needs_a_person"][0]["key"];
    let said = place.gongkai(&["status", "--ack", key.as_str().unwrap()]).stdout;
    assert!(said.contains("1 acknowledged") && !place.gongkai(&["status"]).stdout.contains("needs a person"), "{said}");
    // Once for each page that the portal takes away.
    portal.put("/robots.txt", page(""));
    for (day, year) in [(20, 2019), (60, 2021)] {
        portal.put(&format!("/gknb/{year}.html"), status(404));
        let tally = night(&place, day).await;
        assert_eq!((tally.n_news, tally.news[0].place.contains(&year.to_string())), (1, true), "{:?}", tally.news);
    }
}

#[tokio::test]
async fn a_portal_that_moved_to_another_host_is_followed_and_told_once() {
    let years = [2017, 2018, 2019, 2020, 2021, 2022, 2023];
    let (old, new) = (portal_with(133, &years), portal_with(134, &years));
    let place = Place::new(&[("p", &old.url("/gknb/"))], "");
    night(&place, 0).await;
    for (path, reply) in old.pages.lock().unwrap().iter_mut().filter(|(path, _)| *path != "/robots.txt") {
        *reply = Reply { status: 301, ..moved(&new.url(path)) };
    }
    let tally = night(&place, 2).await;
    let told: Vec<_> = tally.news.iter().map(|news| news.words.clone()).collect();
    let to = new.url("/gknb/");
    assert_eq!(told, [format!("the portal has moved: its entry (homepage in portals.csv) should be {to}")]);
    new.put("/gknb/", list(&[2017, 2018, 2019, 2020, 2021, 2022, 2023, 2024]));
    new.put("/gknb/2024.html", report(2024, 9));
    let tally = night(&place, 3).await;
    assert_eq!((tally.n_news, tally.n_reports), (0, 1), "{:?}", tally.troubles);
    place.write("config/portals.toml", &format!("[[portal]]\nid = \"p\"\nname = \"p\"\nentry = [\"{to}\"]\n"));
    let tally = night(&place, 4).await;
    assert_eq!((tally.n_news, tally.n_told_before), (0, 0), "{:?}", tally.troubles);
}

#[test]
fn a_dry_run_says_what_is_asked_first_of_what_is_due() {
    let portal = portal_with(135, &YEARS);
    let place = Place::new(&[("p", &portal.url("/gknb/"))], "");
    place.gongkai(&["crawl"]);
    let dry = |arguments: &[&str]| place.gongkai(&[&["crawl", "--dry-run"], arguments].concat()).stdout;
    assert!(dry(&[]).contains("p: nothing known is due before 20"), "{}", dry(&[]));
    let first = |said: &str| said.lines().skip_while(|line| !line.contains("asked first")).nth(1).unwrap().to_owned();
    assert!(first(&dry(&["--again"])).ends_with("/gknb/2019.html"), "{}", dry(&["--again"]));
    let db = rusqlite::Connection::open(place.path("state/frontier.sqlite")).unwrap();
    db.execute("UPDATE urls SET not_before = 0 WHERE url LIKE '%/gknb/'", []).unwrap();
    assert!(first(&dry(&[])).ends_with("/gknb/"), "{}", dry(&[]));
    portal.take_paths();
    place.gongkai(&["crawl"]);
    assert_eq!(portal.take_paths(), ["/gknb/"]);
}
