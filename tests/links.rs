//! Links that are hard to see lead to the reports all the same: in clicks, in
//! boxes, behind `#`, clipped, and beside others to the same page.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod site;

use std::collections::BTreeMap;

use crate::site::{Reply, Site, link, page, report};

const YEARS: [i16; 3] = [2017, 2019, 2021];

/// Crawls a portal whose home page and lists are given; its reports lie at
/// `/r/YEAR.html`. What was asked beside the reports.
async fn crawl(pages: impl IntoIterator<Item = (&'static str, String)>) -> Vec<String> {
    let reports: BTreeMap<_, _> = YEARS.iter().map(|year| (format!("/r/{year}.html"), report(*year).1)).collect();
    let pages: BTreeMap<&str, String> = pages.into_iter().collect();
    let site = Site::start(move |_, path| match (pages.get(path), reports.get(path)) {
        (Some(body), _) if body.starts_with('{') => Reply::Html(body.clone()),
        (Some(body), _) => page(if path == "/" { "青禾县人民政府" } else { "公开" }, body),
        (None, Some(report)) => Reply::Bytes(report.clone()),
        (None, None) => Reply::Missing("<title>404</title>".to_owned()),
    })
    .await;
    let (mut asked, tally) = site.crawl().await;
    assert_eq!(tally.n_reports, YEARS.len() as u64, "{asked:?}");
    assert!(tally.troubles.is_empty(), "{:?}", tally.troubles);
    asked.retain(|path| !path.starts_with("/r/"));
    asked
}

/// The list's items: each report's path and title in a form of its own.
fn items(item: impl Fn(&str, &str) -> String) -> String {
    YEARS.iter().map(|year| item(&format!("/r/{year}.html"), &report(*year).0)).collect()
}

fn home(list: &str) -> (&'static str, String) {
    ("/", link(list, "政府信息公开年报"))
}

#[tokio::test]
async fn reports_that_open_by_a_click() {
    let forms: [fn(&str, &str) -> String; 4] = [
        |path, title| format!("<li><a href='#' onclick=\"window.open('{path}')\">{title}</a></li>"),
        |path, title| format!("<li><a href=\"javascript:window.open('{path}')\">{title}</a></li>"),
        |path, title| format!("<li onclick=\"location.href='{path}'\">{title}<span>2022-01-20</span></li>"),
        |path, title| format!("<li><a href='javascript:void(0)' data-url='{path}'>{title}</a></li>"),
    ];
    for form in forms {
        let menu = "<div class=menu><span onclick=\"window.location.href='/gk/'\">政府信息公开年报</span></div>";
        let asked = crawl([("/", menu.to_owned()), ("/gk/", items(form))]).await;
        assert_eq!(asked, ["/", "/gk/"], "{}", form("/r/2017.html", "…"));
    }
}

#[tokio::test]
async fn reports_whose_titles_are_clipped() {
    let clipped = items(|path, title| {
        let n = title.chars().count();
        let shown: String = title.chars().take(n - 2).collect();
        format!("<li><a href='{path}'>{shown}...</a> <span>2022-01-20</span></li>")
    });
    assert_eq!(crawl([home("/gk/"), ("/gk/", clipped)]).await, ["/", "/gk/"]);
}

#[tokio::test]
async fn a_page_that_is_first_named_as_a_column_and_then_as_the_list() {
    let both = link("/gk/", "政务公开") + &link("/gk/", "政府信息公开年报");
    let script = "<script>$.getJSON('/api/list', {column: 7, page: 1, size: 20}, show)</script>";
    let rows: Vec<_> = YEARS.iter().map(|year| (format!("/r/{year}.html"), report(*year).0)).collect();
    let rows: Vec<_> = rows.iter().map(|(url, title)| serde_json::json!({ "title": title, "url": url })).collect();
    let answer = serde_json::json!({ "total": rows.len(), "rows": rows }).to_string();
    let api = "/api/list?column=7&page=1&size=20";
    assert_eq!(crawl([("/", both), ("/gk/", script.to_owned()), (api, answer)]).await, ["/", "/gk/", api]);
}

#[tokio::test]
async fn the_column_that_stands_behind_the_hash_of_gkmlpt() {
    let app = "<div id=app></div><script>window._CONFIG = {SID: '9', CATEGORY_ID: '5'};</script>";
    let rows: Vec<_> = YEARS.iter().map(|year| (format!("/r/{year}.html"), report(*year).0)).collect();
    let rows: Vec<_> = rows.iter().map(|(url, title)| serde_json::json!({ "title": title, "url": url })).collect();
    let answer = serde_json::json!({ "total": rows.len(), "articles": rows }).to_string();
    let api = "/jyj/gkmlpt/api/all/6033?page=1&sid=9";
    let pages = [home("/jyj/gkmlpt/index#6033"), ("/jyj/gkmlpt/index", app.to_owned()), (api, answer)];
    assert_eq!(crawl(pages).await, ["/", "/jyj/gkmlpt/index", api]);
}

#[tokio::test]
async fn the_template_that_writes_a_pager_makes_no_urls() {
    let script = "<script>var currentPage = 0;var nextPage = currentPage+1;var countPage = 1;\
                  document.write('<a href=\"index'+'_'+nextPage+'.'+'html\">下一页</a>');\
                  document.write(\"<a href=\\\"index\"+\"_\" + nextPage + \".\"+\"html\\\">下一页</a>\");</script>";
    let list = items(link) + script;
    assert_eq!(crawl([home("/gk/"), ("/gk/", list)]).await, ["/", "/gk/"]);
}
