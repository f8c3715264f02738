//! What led to reports is remembered for each portal and tried first by the
//! next run; when it stops working the search begins anew.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod in_memory;
mod site;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gongkai::crawl::engine::Ending;

use crate::site::{HOST, Reply, Site, Well, link, page, report};

const YEARS: [i16; 2] = [2017, 2021];
const REPORTS: [&str; 2] = ["/r/2017.html", "/r/2021.html"];

fn portal(
    list: &'static str,
    old: impl Fn(&str) -> Option<Reply> + Send + Sync,
) -> impl Fn(&str, &str) -> Reply + Send + Sync {
    let well = Well::new(list, &YEARS);
    move |_, path| {
        well.answer(path, "").or_else(|| old(path)).unwrap_or_else(|| Reply::Missing("<p>404</p>".to_owned()))
    }
}

fn nothing(_: &str) -> Option<Reply> {
    None
}

/// Reports are asked for in no order that matters.
fn sorted(mut asked: Vec<String>) -> Vec<String> {
    asked.sort();
    asked
}

#[tokio::test]
async fn a_way_that_works_is_all_that_the_next_run_goes() {
    let site = Site::start(portal("/gknb/", nothing)).await;
    let (asked, tally) = site.crawl().await;
    assert_eq!(asked, ["/", "/zfxxgk/", "/gknb/", REPORTS[0], REPORTS[1]]);
    assert_eq!(tally.n_reports, 2);
    // A report is looked at again by the next run, because corrections come
    // early; the home page and the column rest.
    let (asked, tally) = site.crawl().await;
    assert_eq!(sorted(asked), ["/gknb/", REPORTS[0], REPORTS[1]]);
    assert_eq!((tally.n_new_payloads, tally.troubles.len()), (0, 0));
    let (asked, _) = site.crawl().await;
    assert_eq!(asked, ["/gknb/"]);
}

#[tokio::test]
async fn a_new_report_on_the_known_list_needs_no_search() {
    let site = Site::start(portal("/gknb/", nothing)).await;
    site.crawl().await;
    site.crawl().await;
    let more = Well::new("/gknb/", &[2017, 2021, 2023]);
    site.change(move |_, path| more.answer(path, "").unwrap_or_else(|| Reply::Missing(String::new())));
    let (asked, tally) = site.crawl().await;
    assert_eq!(asked, ["/gknb/", "/r/2023.html"]);
    assert_eq!(tally.n_reports, 1);
}

#[tokio::test]
async fn a_portal_that_moved_to_another_domain_is_searched_there() {
    const NEW: &str = "www.xinhe.gov.cn";
    let (title, report) = report(2021);
    let mut site = Site::start(move |host, path| match (host, path) {
        (HOST, "/") => Reply::Moved(format!("http://{NEW}/")),
        (NEW, "/") => page("新河县人民政府", &link("/a/zfxxgk/", "政府信息公开")),
        // Another folder of its own host is no other portal's.
        (NEW, "/a/zfxxgk/") => page("政府信息公开", &link("/b/gknb/", "政府信息公开年报")),
        (NEW, "/b/gknb/") => page("政府信息公开年报", &link("/r/2021.html", &title)),
        (NEW, "/r/2021.html") => Reply::Bytes(report.clone()),
        _ => Reply::Missing("<p>404</p>".to_owned()),
    })
    .await;
    site.hosts.push(NEW.to_owned());
    let (asked, tally) = site.crawl().await;
    assert_eq!(asked.len(), 5, "{asked:?}");
    assert_eq!(tally.n_reports, 1);
}

#[tokio::test]
async fn a_way_that_stops_working_is_searched_anew() {
    type Old = fn(&str) -> Option<Reply>;
    let olds: [(&str, Old); 3] = [
        ("gone", nothing),
        ("without reports", |path| (path == "/gknb/").then(|| page("政府信息公开年报", "<p>栏目调整中</p>"))),
        ("moved", |path| (path == "/gknb/").then(|| Reply::Moved("/new/".to_owned()))),
    ];
    for (what, old) in olds {
        let site = Site::start(portal("/gknb/", nothing)).await;
        site.crawl().await;
        site.crawl().await;
        site.change(portal("/new/", old));
        let (asked, _) = site.crawl().await;
        assert_eq!(asked[0], "/gknb/", "{what}: what worked is tried first");
        assert_eq!(sorted(asked), ["/", "/gknb/", "/new/", "/zfxxgk/"], "{what}");
        // The new way is known from now on: the reports on it are.
        let (asked, _) = site.crawl().await;
        let new: Vec<_> = asked.iter().filter(|path| *path != "/gknb/").collect();
        assert_eq!(new, ["/new/"], "{what}");
    }
}

#[tokio::test]
async fn a_night_of_maintenance_takes_nothing_away() {
    let years = [2017, 2019, 2021, 2023];
    let start = || {
        let well = Well::new("/gknb/", &years);
        move |_: &str, path: &str| well.answer(path, "").unwrap_or_else(|| Reply::Missing(String::new()))
    };
    let site = Site::start(start()).await;
    site.crawl().await;
    site.change(|_, _| page("系统维护", "<p>网站正在升级维护中，给您带来不便敬请谅解！</p>"));
    let (asked, tally) = site.crawl().await;
    assert!(asked.len() > 4, "{asked:?}");
    assert_eq!(tally.outcomes.get("gone"), None, "{:?}", tally.outcomes);
    assert!(tally.troubles.iter().any(|trouble| trouble.words.starts_with("an outage: ")), "{:?}", tally.troubles);
    site.change(start());
    let (asked, _) = site.crawl().await;
    assert!(asked.contains(&"/gknb/".to_owned()), "the next night: {asked:?}");
}

/// A host that answers 404 whatever it is asked, or leads everyone home, has
/// taken nothing away.
#[tokio::test]
async fn a_host_that_is_out_of_order_takes_nothing_away() {
    let outages: [fn(&str) -> Reply; 2] = [
        |_| Reply::Missing("<p>nothing here</p>".to_owned()),
        |path| if path == "/" { page("青禾县人民政府", "<p>欢迎</p>") } else { Reply::Moved("/".to_owned()) },
    ];
    for outage in outages {
        let site = Site::start(portal("/gknb/", nothing)).await;
        site.crawl().await;
        site.change(move |_, path| outage(path));
        let (asked, tally) = site.crawl().await;
        assert_eq!(tally.outcomes.get("gone"), None, "{:?}", tally.outcomes);
        let outages = tally.troubles.iter().filter(|trouble| trouble.words.starts_with("an outage: "));
        assert_eq!(outages.count(), 1, "the host is told of once: {:?}", tally.troubles);
        let twice = asked.iter().filter(|path| asked.iter().filter(|other| other == path).count() > 1);
        assert_eq!(twice.count(), 0, "{asked:?}");
        site.change(portal("/gknb/", nothing));
        let (asked, _) = site.crawl().await;
        assert!(asked.contains(&"/gknb/".to_owned()), "the next night: {asked:?}");
    }
}

/// Known reports that are said to be gone count as failures at once, and what
/// leads to them is asked for after five of them.
#[tokio::test]
async fn pages_in_doubt_keep_to_the_budget() {
    let years: Vec<i16> = (2008..=2023).collect();
    let mut site = Site::start(portal("/gknb/", nothing)).await;
    site.settings.crawl.max_portal_failures = 8;
    let well = Well::new("/gknb/", &years);
    site.change(move |_, path| well.answer(path, "").unwrap_or_else(|| Reply::Missing(String::new())));
    site.crawl().await;
    site.change(|_, _| Reply::Missing("<p>404</p>".to_owned()));
    let (asked, tally) = site.crawl().await;
    assert_eq!((asked.len(), asked[5].as_str()), (8, "/gknb/"), "{asked:?}");
    assert!(tally.troubles.iter().any(|trouble| trouble.words.starts_with("its 8 failures")), "{:?}", tally.troubles);
    assert_eq!((tally.outcomes.get("gone"), tally.outcomes.get("an outage")), (None, Some(&8)));
    assert_eq!(tally.n_bytes, 8 * "<p>404</p>".len() as u64);
}

#[tokio::test]
async fn a_list_that_was_rebuilt_settles_what_is_in_doubt_with_one_request() {
    let years: Vec<i16> = (2008..=2023).collect();
    let site = Site::start(move |_, path| {
        Well::new("/gknb/", &years).answer(path, "").unwrap_or_else(|| Reply::Missing(String::new()))
    })
    .await;
    site.crawl().await;
    let (title, body) = report(2024);
    site.change(move |_, path| match path {
        "/gknb/" => page("政府信息公开年报", &link("/new/2024.html", &title)),
        "/new/2024.html" => Reply::Bytes(body.clone()),
        _ => Reply::Missing("<p>404</p>".to_owned()),
    });
    let (asked, tally) = site.crawl().await;
    assert_eq!(asked[5], "/gknb/", "{asked:?}");
    assert_eq!((tally.n_reports, tally.outcomes.get("gone")), (1, Some(&16)), "{:?}", tally.outcomes);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_time_is_up_tells_of_what_is_in_doubt() {
    use in_memory::{Reply, Servers, World, pages};
    let is_out_of_order = Arc::new(AtomicBool::new(false));
    let is_out = is_out_of_order.clone();
    let missing = move || is_out.load(Ordering::SeqCst);
    let servers =
        Servers::new(move |_, path| Reply::status(if path == "/robots.txt" || missing() { 404 } else { 200 }));
    servers.name("a", &[&["203.0.113.1"]]);
    let mut world = World::new(servers);
    let all = [("p", pages("a", 9))];
    world.crawl(&all).await;
    tokio::time::sleep(Duration::from_hours(24 * 9)).await;
    is_out_of_order.store(true, Ordering::SeqCst);
    world.settings.max_time = Some(Duration::from_millis(4500));
    let (ending, tally) = world.crawl(&all).await;
    assert_eq!((ending, tally.outcomes.get("an outage")), (Ending::TimeUp, Some(&4)), "{:?}", tally.outcomes);
    assert_eq!(tally.news.len(), 1, "the host is told of once: {:?}", tally.news);
    // What failed rests till the next night: the others have their turn.
    world.settings.max_time = None;
    assert_eq!(world.crawl(&all).await.1.outcomes.get("an outage"), Some(&5));
}

#[tokio::test]
async fn a_report_that_was_removed_and_leads_to_the_home_page_is_gone() {
    let site = Site::start(portal("/gknb/", nothing)).await;
    site.crawl().await;
    let well = Well::new("/gknb/", &YEARS);
    site.change(move |_, path| match path {
        "/r/2017.html" => Reply::Moved("/".to_owned()),
        path => well.answer(path, "").unwrap_or_else(|| Reply::Missing(String::new())),
    });
    let (_, tally) = site.crawl().await;
    assert_eq!(tally.outcomes.get("gone"), Some(&1), "{:?}", tally.outcomes);
}

#[tokio::test]
async fn a_report_in_parts_is_had_whole() {
    let (title, body) = report(2021);
    let html = String::from_utf8(body).unwrap();
    let part = move |more: &str| Reply::Html(html.replace("</body>", &format!("{more}</body>")));
    let site = Site::start(move |_, path| match path {
        "/" => page("青禾县人民政府", &link("/gk/", "政府信息公开年报")),
        "/gk/" => page("政府信息公开年报", &link("/r/t1_7.html", &title)),
        "/r/t1_7.html" => part("<a href='t1_7_1.html'>下一页</a>"),
        "/r/t1_7_1.html" => part("<a href='t1_7_2.html'>下一页</a>"),
        "/r/t1_7_2.html" => part("<a href='t1_7_3.html'>下一页</a>"),
        "/r/t1_7_3.html" => part("<a href='/r/t1_8.html'>下一页</a>"),
        _ => Reply::Missing("<p>404</p>".to_owned()),
    })
    .await;
    let (asked, _) = site.crawl().await;
    assert_eq!(asked[2..], ["/r/t1_7.html", "/r/t1_7_1.html", "/r/t1_7_2.html", "/r/t1_7_3.html"]);
}
