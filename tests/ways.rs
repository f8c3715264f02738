//! What led to reports is remembered for each portal and tried first by the
//! next run; when it stops working the search begins anew.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod site;

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
