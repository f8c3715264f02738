//! The frontier's promises, each on a database of its own.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::crawl::body::Body;
use crate::crawl::frontier::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

fn new_url(url: &str, priority: Priority) -> NewUrl {
    let url: Url = url.parse().unwrap();
    NewUrl {
        host: HostKey::of(&url).unwrap(),
        request: PageRequest::get(url),
        requested: None,
        hops: 0,
        portal: "p".into(),
        priority,
        depth: 1,
        why: "a test".to_owned(),
        found_on: None,
        is_part: false,
        not_before: at(0),
    }
}

struct Bench {
    frontier: SqliteFrontier,
    path: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

fn frontier_with(urls: &[(&str, Priority)]) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frontier.sqlite");
    let mut frontier = SqliteFrontier::open(&path).unwrap();
    let mut batch = frontier.batch().unwrap();
    for (url, priority) in urls {
        assert!(batch.enqueue(&new_url(url, *priority)).unwrap(), "{url} is new");
    }
    batch.commit().unwrap();
    Bench { frontier, path, _folder: folder }
}

impl Bench {
    fn next(&mut self, host: &str, seconds: i64) -> Option<Due> {
        let host = HostKey::of(&format!("http://{host}/").parse().unwrap()).unwrap();
        self.frontier.batch().unwrap().next_due(&host, &"p".into(), Priority::ALL, at(seconds)).unwrap()
    }

    fn visit(&mut self, due: &Due, visit: &Visit) {
        let mut batch = self.frontier.batch().unwrap();
        batch.visited(due.id, at(1), Some(200), "kept", visit).unwrap();
        batch.commit().unwrap();
    }
}

fn done(again: i64) -> Visit {
    Visit::Done { again_at: at(again), validators: Validators::default(), n_unchanged: 0 }
}

#[test]
fn reports_go_before_lists_and_lists_before_the_rest() {
    let mut bench = frontier_with(&[
        ("http://a.example/", Priority::Rest),
        ("http://a.example/list", Priority::List),
        ("http://a.example/report", Priority::Report),
    ]);
    let mut order = Vec::new();
    while let Some(due) = bench.next("a.example", 0) {
        order.push(due.request.url.path().to_owned());
        bench.visit(&due, &done(1000));
    }
    assert_eq!(order, ["/report", "/list", "/"]);
}

#[test]
fn the_same_page_is_remembered_once() {
    let mut bench = frontier_with(&[("http://a.example/x?b=1", Priority::List)]);
    let mut batch = bench.frontier.batch().unwrap();
    assert!(!batch.enqueue(&new_url("https://A.example/x?b=1#top", Priority::Report)).unwrap());
    batch.commit().unwrap();
    let due = bench.next("a.example", 0).unwrap();
    assert_eq!(due.priority, Priority::Report, "the better priority wins");
    bench.visit(&due, &done(1000));
    assert_eq!(bench.next("a.example", 0), None);
}

#[test]
fn a_deferred_url_hides_none_that_is_due() {
    let mut bench =
        frontier_with(&[("http://a.example/report", Priority::Report), ("http://a.example/list", Priority::List)]);
    let report = bench.next("a.example", 0).unwrap();
    bench.visit(&report, &Visit::Retry { again_at: at(600) });
    assert_eq!(bench.next("a.example", 1).unwrap().priority, Priority::List);
    let again = bench.next("a.example", 600).unwrap();
    assert_eq!((again.priority, again.attempts), (Priority::Report, 1));
}

#[test]
fn a_better_link_says_what_a_page_is_and_what_it_shows() {
    let page = "http://a.example/gkmlpt/index";
    let mut bench = frontier_with(&[(page, Priority::Column)]);
    let known = |bench: &mut Bench, url: &str, priority, why: &str| {
        let mut batch = bench.frontier.batch().unwrap();
        assert!(!batch.enqueue(&NewUrl { why: why.to_owned(), ..new_url(url, priority) }).unwrap());
        batch.commit().unwrap();
    };
    let why = |bench: &Bench| bench.frontier.seen(&PageRequest::get(page.parse().unwrap())).unwrap().unwrap().why;
    known(&mut bench, &format!("{page}#6033"), Priority::List, "a list");
    let due = bench.next("a.example", 1).unwrap();
    assert_eq!((due.priority, due.fragment.as_deref()), (Priority::List, Some("6033")));
    assert_eq!(due.request.url.as_str(), page, "what is asked for has none");
    assert_eq!(why(&bench), "a list");
    known(&mut bench, &format!("{page}#7"), Priority::Column, "a column");
    known(&mut bench, page, Priority::Report, &format!("{GUESS}a report"));
    assert_eq!(why(&bench), "a list", "neither a weaker link nor a guess says more");
}

#[test]
fn a_killed_run_goes_on_and_a_new_one_visits_again() {
    let mut bench = frontier_with(&[("http://a.example/1", Priority::List), ("http://a.example/2", Priority::List)]);
    let run = bench.frontier.begin_run(&["p".into()], at(0)).unwrap();
    let first = bench.next("a.example", 0).unwrap();
    bench.visit(&first, &done(2));

    let path = bench.path.clone();
    bench.frontier = SqliteFrontier::open(&path).unwrap();
    assert_eq!(bench.frontier.begin_run(&["p".into()], at(100)).unwrap(), run, "the run was not ended");
    let second = bench.next("a.example", 100).unwrap();
    assert_ne!(second.id, first.id);
    bench.visit(&second, &done(10_000));
    assert_eq!(bench.next("a.example", 100), None, "what this run has seen stays seen");

    bench.frontier.end_run(run, at(200), "{}").unwrap();
    assert_ne!(bench.frontier.begin_run(&["p".into()], at(300)).unwrap(), run);
    assert_eq!(bench.next("a.example", 300).unwrap().id, first.id, "its time has come; the second's has not");
}

#[test]
fn what_was_under_way_when_the_program_was_killed_is_asked_again() {
    let mut bench = frontier_with(&[("http://a.example/", Priority::Rest)]);
    let due = bench.next("a.example", 0).unwrap();
    let mut batch = bench.frontier.batch().unwrap();
    batch.in_work(due.id).unwrap();
    batch.commit().unwrap();
    assert_eq!(bench.next("a.example", 0), None, "it is not given out twice");
    bench.frontier = SqliteFrontier::open(&bench.path).unwrap();
    assert_eq!(bench.next("a.example", 0), None, "who only looks changes nothing");
    bench.frontier.begin_run(&["p".into()], at(0)).unwrap();
    assert_eq!(bench.next("a.example", 0).map(|due| due.id), Some(due.id));
}

#[test]
fn a_batch_that_is_dropped_changes_nothing() {
    let mut bench = frontier_with(&[]);
    {
        let mut batch = bench.frontier.batch().unwrap();
        batch.enqueue(&new_url("http://a.example/", Priority::Rest)).unwrap();
    }
    assert_eq!(bench.next("a.example", 0), None);
}

#[test]
fn a_payload_is_recorded_once_for_its_url_and_stays_pending_until_it_is_in_the_lake() {
    let mut bench = frontier_with(&[("http://a.example/report", Priority::Report)]);
    let due = bench.next("a.example", 0).unwrap();
    let place = ArchiveRef { file: "a.warc.gz".to_owned(), offset: 7, length: 9 };
    let response = NewResponse {
        url: due.id,
        fetched_at: at(1),
        status: 200,
        words: "kept",
        sha256: "ab",
        n_bytes: 3,
        duration_ms: 4,
        n_reports: 1,
        place: &place,
    };
    let mut batch = bench.frontier.batch().unwrap();
    let first = batch.response(&response).unwrap();
    assert_eq!(batch.response(&response).unwrap(), first);
    batch.commit().unwrap();
    let pending = bench.frontier.not_in_lake(None, 10).unwrap();
    assert_eq!(pending.iter().map(|p| (p.id, p.place.offset)).collect::<Vec<_>>(), [(first, 7)]);
    assert_eq!(bench.frontier.knows_payload(due.id, "ab").unwrap().map(|seen| seen.response), Some(first));

    let mut batch = bench.frontier.batch().unwrap();
    batch.in_lake(&[first]).unwrap();
    batch.commit().unwrap();
    assert_eq!(bench.frontier.not_in_lake(None, 10).unwrap(), []);
}

#[test]
fn the_fields_of_a_post_are_part_of_what_is_asked() {
    let url: Url = "http://a.example/dataproxy.jsp".parse().unwrap();
    let page = |n: &str| PageRequest {
        url: url.clone(),
        body: Some(Body::Form(vec![("startrecord".to_owned(), n.to_owned())])),
    };
    assert_ne!(page("1").key(), page("16").key());
    assert_ne!(page("1").key(), PageRequest::get(url.clone()).key());
    let column = |id: &str| PageRequest {
        url: url.clone(),
        body: Some(Body::Json(serde_json::from_value(serde_json::json!({ "page": 1, "columns": [id] })).unwrap())),
    };
    assert_ne!(column("7").key(), column("8").key(), "they differ in what nests alone");
    let mut bench = frontier_with(&[]);
    let mut batch = bench.frontier.batch().unwrap();
    batch.enqueue(&NewUrl { request: page("16"), ..new_url(url.as_str(), Priority::List) }).unwrap();
    batch.commit().unwrap();
    assert_eq!(bench.next("a.example", 0).unwrap().request, page("16"));
}

#[test]
fn a_file_that_is_no_database_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frontier.sqlite");
    #[allow(clippy::disallowed_methods, reason = "a damaged file is what this test needs")]
    std::fs::write(&path, vec![b'x'; 4096]).unwrap();
    let error = SqliteFrontier::open(&path).unwrap_err();
    assert!(matches!(&error, FrontierError::Damaged { path: Some(p), .. } if *p == path), "{error:?}");
    assert!(error.hint().contains("move the file away"));
    assert_eq!(std::fs::read(&path).unwrap(), vec![b'x'; 4096]);
}

#[test]
fn a_newer_state_is_refused() {
    let bench = frontier_with(&[]);
    bench.frontier.db.pragma_update(None, "user_version", 99).unwrap();
    let error = SqliteFrontier::open(&bench.path).unwrap_err();
    assert!(matches!(error, FrontierError::Version { found: 99, known: SCHEMA_VERSION }), "{error:?}");
}

#[test]
fn who_looks_changes_nothing() {
    let mut bench = frontier_with(&[("http://a.example/1", Priority::List)]);
    // While a run writes, and when it is over.
    let mut batch = bench.frontier.batch().unwrap();
    batch.enqueue(&new_url("http://a.example/2", Priority::List)).unwrap();
    let mut looking = SqliteFrontier::open_to_look(&bench.path).unwrap();
    assert_eq!(looking.n_waiting().unwrap(), [("p".into(), 1)]);
    batch.commit().unwrap();
    assert_eq!(looking.n_waiting().unwrap(), [("p".into(), 2)]);
    assert!(looking.begin_run(&[], at(0)).is_err(), "it cannot write");
    drop(looking);
    let path = bench.path.clone();
    drop(bench.frontier);
    drop(SqliteFrontier::open_to_look(&path).unwrap());
    let names = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.collect::<Vec<_>>(), [path.file_name().unwrap()], "nothing is left beside it");
}

#[test]
fn a_state_whose_folder_cannot_be_written_is_looked_at_as_it_is() {
    let bench = frontier_with(&[("http://a.example/1", Priority::List)]);
    let path = bench.path.clone();
    drop(bench.frontier);
    let db = open_immutable(&path).unwrap();
    assert_eq!(SqliteFrontier::checked(db).unwrap().n_waiting().unwrap(), [("p".into(), 1)]);
}

#[test]
fn who_looks_at_an_older_state_is_told_how_it_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frontier.sqlite");
    assert!(matches!(SqliteFrontier::open_to_look(&path).unwrap_err(), FrontierError::Open { .. }));
    assert!(!path.exists(), "it is not made");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(SCHEMA[0]).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    for open in [SqliteFrontier::open_to_look, SqliteFrontier::open_as_it_is] {
        let error = open(&path).unwrap_err();
        assert!(matches!(error, FrontierError::Old { found: 1, known: SCHEMA_VERSION }), "{error:?}");
        assert!(error.hint().contains("gongkai crawl"));
    }
    assert_eq!(version(&old).unwrap(), 1);
}

#[test]
fn a_state_of_the_first_version_is_brought_up_to_date_with_all_that_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frontier.sqlite");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(SCHEMA[0]).unwrap();
    old.execute_batch("PRAGMA user_version = 1; INSERT INTO portals (portal, n_reports) VALUES ('p', 7)").unwrap();
    drop(old);
    for _ in 0..2 {
        let frontier = SqliteFrontier::open(&path).unwrap();
        assert_eq!(frontier.reports_by_portal().unwrap(), [("p".into(), 7)]);
        assert_eq!(frontier.troubles().unwrap(), []);
        let version: i64 = frontier.db.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, SCHEMA_VERSION);
    }
}

#[test]
fn a_state_of_any_older_version_is_taken_over() {
    let mut bench = frontier_with(&[("http://a.example/1", Priority::List), ("http://a.example/2", Priority::List)]);
    let body = Some(Body::Form(vec![("page".to_owned(), "2".to_owned())]));
    let posted = NewUrl {
        request: PageRequest { url: "http://a.example/1".parse().unwrap(), body },
        ..new_url("http://a.example/1", Priority::List)
    };
    let mut batch = bench.frontier.batch().unwrap();
    assert!(batch.enqueue(&posted).unwrap());
    batch.commit().unwrap();
    for version in 1..KEYS_BY_HOST {
        // As that version left it: with its tables alone, and keys of another make.
        let path = bench.path.with_extension(version.to_string());
        let old = Connection::open(&path).unwrap();
        old.execute_batch(&SCHEMA[..usize::try_from(version).unwrap()].concat()).unwrap();
        old.execute("ATTACH ?1 AS new", [bench.path.to_str().unwrap()]).unwrap();
        let copy = "INSERT INTO urls SELECT id, key, url, form, requested, hops, host, portal, priority, depth, why,
                                            state, attempts, n_unchanged, not_before, last_seen, last_status,
                                            last_words, etag, last_modified, response FROM new.urls;
                    UPDATE urls SET key = randomblob(16);";
        old.execute_batch(copy).unwrap();
        old.pragma_update(None, "user_version", version).unwrap();
        drop(old);
        for _ in 0..2 {
            let mut frontier = SqliteFrontier::open(&path).unwrap();
            let mut batch = frontier.batch().unwrap();
            for known in [&new_url("http://a.example/2", Priority::List), &posted] {
                assert!(!batch.enqueue(known).unwrap(), "version {version}: it is known still");
            }
        }
        SqliteFrontier::open(&path).unwrap().begin_run(&["p".into()], at(0)).unwrap();
    }
}

#[test]
fn what_waits_is_listed_by_host_and_portal_with_its_earliest_instant() {
    let mut bench = frontier_with(&[]);
    let mut batch = bench.frontier.batch().unwrap();
    for (url, portal, priority, seconds) in [
        ("http://b.example/1", "p", Priority::Rest, 7),
        ("http://b.example/2", "p", Priority::Report, 9),
        ("http://b.example/3", "q", Priority::List, 5),
        ("http://a.example/1", "q", Priority::List, 3),
        ("http://c.example/1", "q", Priority::List, 1),
    ] {
        let new = NewUrl { portal: portal.into(), not_before: at(seconds), ..new_url(url, priority) };
        batch.enqueue(&new).unwrap();
    }
    let gone =
        batch.next_due(&HostKey::of(&"http://c.example/".parse().unwrap()).unwrap(), &"q".into(), Priority::ALL, at(9));
    batch.visited(gone.unwrap().unwrap().id, at(1), Some(200), "kept", &done(99)).unwrap();
    let under_way =
        batch.next_due(&HostKey::of(&"http://a.example/".parse().unwrap()).unwrap(), &"q".into(), Priority::ALL, at(9));
    batch.in_work(under_way.unwrap().unwrap().id).unwrap();
    batch.commit().unwrap();
    let waiting = bench.frontier.waiting().unwrap();
    let shown: Vec<_> = waiting.iter().map(|(host, portal, when)| (host.as_str(), portal.as_str(), *when)).collect();
    assert_eq!(shown, [("b.example", "p", at(7)), ("b.example", "q", at(5))]);
    assert_eq!(bench.frontier.n_waiting().unwrap(), [("p".into(), 2), ("q".into(), 2)]);
}

#[test]
fn every_question_of_the_loop_is_answered_from_an_index() {
    let bench = frontier_with(&[]);
    let questions = [
        "SELECT MIN(not_before) FROM urls WHERE state = 0 AND host = ?1 AND portal = ?2 AND priority = ?3",
        "SELECT id FROM urls WHERE state = 0 AND host = ?1 AND portal = ?2 AND priority = ?3 AND not_before <= ?4
         ORDER BY not_before, id LIMIT 1",
        "SELECT host, portal FROM urls WHERE state = 0 AND (host, portal) > (?1, ?2) ORDER BY host, portal LIMIT 1",
        "SELECT 1 FROM urls WHERE key = ?1 AND requested = ?2 AND hops <= ?3 AND state = 1 AND response IS NULL",
        "UPDATE urls SET attempts = 0 WHERE state = 0 AND attempts > 0",
        "UPDATE urls SET state = 0 WHERE state = 5",
    ];
    for question in questions {
        let mut plan = bench.frontier.db.prepare(&format!("EXPLAIN QUERY PLAN {question}")).unwrap();
        let n_parameters = plan.parameter_count();
        let unbound = std::iter::repeat_n(rusqlite::types::Null, n_parameters);
        let rows = plan.query_map(rusqlite::params_from_iter(unbound), |row| row.get::<_, String>(3)).unwrap();
        let steps: Vec<String> = rows.map(Result::unwrap).collect();
        assert!(steps.iter().all(|step| step.contains("INDEX") && !step.contains("TEMP")), "{question}: {steps:?}");
    }
}

#[test]
fn instants_survive_the_file() {
    let mut bench = frontier_with(&[("http://a.example/", Priority::Rest)]);
    let due = bench.next("a.example", 0).unwrap();
    let when = at(5) + SignedDuration::from_micros(123_456);
    bench.visit(&due, &Visit::Retry { again_at: when });
    assert_eq!(bench.frontier.next_instant(&due.host, &due.portal).unwrap(), Some(when));
}

/// The paths that wait in a run that begins some days after the first.
fn waiting_after(bench: &mut Bench, days: i64) -> Vec<String> {
    let run = bench.frontier.begin_run(&["p".into()], at(days * 86_400)).unwrap();
    let mut paths = Vec::new();
    while let Some(due) = bench.next("a.example", days * 86_400) {
        paths.push(due.request.url.path().to_owned());
        bench.visit(&due, &done(days * 86_400));
    }
    bench.frontier.end_run(run, at(days * 86_400), "{}").unwrap();
    paths
}

#[test]
fn what_is_no_list_on_a_way_rests_for_a_week() {
    let mut bench = frontier_with(&[("http://a.example/", Priority::Rest)]);
    let home = bench.next("a.example", 0).unwrap();
    let mut batch = bench.frontier.batch().unwrap();
    let list = NewUrl { found_on: Some(home.id), ..new_url("http://a.example/list", Priority::List) };
    batch.enqueue(&list).unwrap();
    batch.commit().unwrap();
    let list = bench.next("a.example", 0).unwrap();
    let mut batch = bench.frontier.batch().unwrap();
    assert_eq!(
        batch.ancestors(list.id).unwrap().iter().map(|a| a.url.as_str()).collect::<Vec<_>>(),
        ["http://a.example/list", "http://a.example/"]
    );
    batch.way_worked(&"p".into(), list.id, 1, at(0)).unwrap();
    batch.commit().unwrap();
    assert_eq!(waiting_after(&mut bench, 0), ["/list", "/"], "both wait to be visited at all");
    // What is said to be due is what a run visits, and when.
    let said = |bench: &Bench, days: i64| {
        let (n, now) = (bench.frontier.queue(&["p".into()], at(days * 86_400)).unwrap().n_due_again, at(days * 86_400));
        assert_eq!(n, bench.frontier.first_of(&"p".into(), now, 9).unwrap().due.len() as u64);
        (n, bench.frontier.seen(&home.request).unwrap().unwrap().due_at.duration_since(at(0)).as_hours() / 24)
    };
    assert_eq!(said(&bench, 1), (1, 7));
    assert_eq!(waiting_after(&mut bench, 1), ["/list"]);
    assert_eq!(waiting_after(&mut bench, 6), ["/list"]);
    assert_eq!(said(&bench, 8), (2, 7));
    assert_eq!(waiting_after(&mut bench, 8), ["/list", "/"], "a week has passed: it is searched again");
    assert_eq!(said(&bench, 9), (1, 15));
    assert_eq!(waiting_after(&mut bench, 9), ["/list"]);
}

#[test]
fn a_way_that_failed_wakes_what_rested_and_no_other_portals() {
    let mut bench = frontier_with(&[("http://a.example/", Priority::Rest), ("http://a.example/list", Priority::List)]);
    let list = bench.next("a.example", 0).unwrap();
    let mut batch = bench.frontier.batch().unwrap();
    batch.way_worked(&"p".into(), list.id, 1, at(0)).unwrap();
    batch.commit().unwrap();
    waiting_after(&mut bench, 0);
    bench.frontier.begin_run(&["p".into()], at(86_400)).unwrap();
    let mut batch = bench.frontier.batch().unwrap();
    assert_eq!(batch.way_failed(&"q".into(), list.id, at(86_400)).unwrap(), []);
    let woken = batch.way_failed(&"p".into(), list.id, at(86_400)).unwrap();
    assert_eq!(woken.iter().map(HostKey::as_str).collect::<Vec<_>>(), ["a.example"]);
    assert_eq!(batch.way_failed(&"p".into(), list.id, at(86_400)).unwrap(), [], "it is forgotten");
    batch.commit().unwrap();
    let mut paths = Vec::new();
    while let Some(due) = bench.next("a.example", 86_400) {
        paths.push(due.request.url.path().to_owned());
        bench.visit(&due, &done(200_000));
    }
    assert_eq!(paths, ["/list", "/"]);
}

#[test]
fn a_run_wakes_its_own_portals_and_what_is_known_stays_known() {
    let mut bench = frontier_with(&[("http://a.example/", Priority::Rest)]);
    let mut batch = bench.frontier.batch().unwrap();
    batch.enqueue(&NewUrl { portal: "q".into(), ..new_url("http://b.example/", Priority::Rest) }).unwrap();
    batch.commit().unwrap();
    let of = |frontier: &SqliteFrontier, portal: &str| -> Vec<UrlState> {
        let census = frontier.census().unwrap().into_iter();
        census.filter(|(of, ..)| of.as_str() == portal).map(|(_, state, _)| state).collect()
    };
    let first = bench.next("a.example", 0).unwrap();
    bench.visit(&first, &done(2));
    let run = bench.frontier.begin_run(&["q".into()], at(100)).unwrap();
    assert_eq!(bench.next("a.example", 100), None, "another portal's run leaves it alone");
    assert_eq!(bench.frontier.begin_run(&["p".into()], at(200)).unwrap(), run, "that run goes on, for this portal now");
    assert!(bench.next("a.example", 200).is_some(), "its time has come");
    assert_eq!(of(&bench.frontier, "p"), [UrlState::Visited], "it was visited, whatever comes of the next visit");
    let queue = bench.frontier.queue(&["p".into(), "q".into()], at(200)).unwrap();
    assert_eq!((queue.n_waiting, queue.n_due_again), (1, 1), "the other portal's waits for its first visit");
    let mut batch = bench.frontier.batch().unwrap();
    batch.in_work(first.id).unwrap();
    batch.commit().unwrap();
    assert_eq!(of(&bench.frontier, "p"), [UrlState::Visited]);
    bench.visit(&first, &Visit::Over { state: UrlState::Failed, again_at: at(300) });
    assert_eq!(of(&bench.frontier, "p"), [UrlState::Failed], "now it is known better");
}
