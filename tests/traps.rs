//! What would make a crawl endless: each trap is met with a counted number of
//! requests, said in the run's summary, and the portal's reports come home all
//! the same.
#![allow(missing_docs)]
#![cfg(feature = "engine")]

mod site;

use gongkai::crawl::engine::Tally;

use crate::site::{HOST, Reply, Site, Well, link, page};

/// From this many pages of one pattern in a row without a report it is left.
const MOST_BARREN: usize = 30;

fn missing() -> Reply {
    Reply::Missing("<title>404</title>".to_owned())
}

/// How many of the requests are for paths that begin so.
fn n(asked: &[String], start: &str) -> usize {
    asked.iter().filter(|path| path.starts_with(start)).count()
}

fn words(tally: &Tally) -> Vec<&str> {
    tally.troubles.iter().map(|trouble| trouble.words.as_str()).collect()
}

/// Every page of the portal was asked for once, whatever else was.
fn assert_all_came(asked: &[String], tally: &Tally, well: &Well) {
    for path in well.all() {
        assert_eq!(asked.iter().filter(|asked| **asked == path).count(), 1, "{path}");
    }
    assert_eq!(tally.n_reports, well.all().len() as u64 - 3);
}

/// Crawls a portal with something beside its list.
async fn beside(
    more: String,
    trap: impl Fn(&str) -> Option<Reply> + Send + Sync + 'static,
) -> (Vec<String>, Tally, Well) {
    let well = Well::new("/gknb/", &[2017, 2021]);
    let own = Well::new("/gknb/", &[2017, 2021]);
    let site = Site::start(move |_, path| own.answer(path, &more).or_else(|| trap(path)).unwrap_or_else(missing)).await;
    let (asked, tally) = site.crawl().await;
    assert_all_came(&asked, &tally, &well);
    (asked, tally, well)
}

#[tokio::test]
async fn a_calendar_is_left_after_some_pages() {
    let (asked, tally, _) = beside(link("/rili/2018/1/", "信息公开日历"), |path| {
        let month: u32 = path.strip_prefix("/rili/2018/")?.trim_end_matches('/').parse().ok()?;
        let next = link(&format!("/rili/2018/{}/", month + 1), "信息公开下月");
        Some(page(&format!("第{month}月"), &next))
    })
    .await;
    assert_eq!(n(&asked, "/rili/"), 5, "each month is a link deeper: the depth ends it first");
    assert_eq!(words(&tally), ["links deeper than 6 are left, such as http://www.qinghe.gov.cn/rili/2018/6/"]);
}

#[tokio::test]
async fn a_calendar_whose_months_all_stand_side_by_side_is_left_after_some_pages() {
    let months: String = (1..=200).map(|n| link(&format!("/rili/2018/{n}/"), "信息公开")).collect();
    let (asked, tally, _) = beside(months, |path| {
        let month = path.strip_prefix("/rili/2018/")?.trim_end_matches('/').to_owned();
        Some(page(&format!("第{month}月"), &link("/zfxxgk/", "政府信息公开")))
    })
    .await;
    assert_eq!(n(&asked, "/rili/"), MOST_BARREN);
    assert_eq!(
        words(&tally),
        ["a trap: 30 pages in a row like www.qinghe.gov.cn/rili/N/N/ led to no new report, the others are left"]
    );
}

#[tokio::test]
async fn a_trap_that_is_known_is_not_walked_into_again() {
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    let well = Well::new("/gknb/", &[2017, 2021]);
    let n_lists = AtomicU32::new(0);
    let site = Site::start(move |_, path| {
        // The list has a new calendar whenever it is looked at.
        let night = if path == "/gknb/" { n_lists.fetch_add(1, SeqCst) + 1 } else { n_lists.load(SeqCst) };
        let days: String = (1..=60).map(|day| link(&format!("/rili/{night}/{day}/"), "信息公开")).collect();
        let day = path.strip_prefix("/rili/").map(|day| page(&format!("第{day}日"), ""));
        well.answer(path, &days).or(day).unwrap_or_else(missing)
    })
    .await;
    let mut asked = std::collections::BTreeSet::new();
    for _ in 0..16 {
        let (paths, _) = site.crawl().await;
        asked.extend(paths.into_iter().filter(|path| path.starts_with("/rili/")));
    }
    assert_eq!(asked.len(), MOST_BARREN, "the same pages, however many nights");
}

#[tokio::test]
async fn a_calendar_in_the_query_is_not_begun() {
    let (asked, tally, _) = beside(link("/rili?year=2018&month=3", "信息公开日历"), |_| None).await;
    assert_eq!(n(&asked, "/rili"), 0);
    assert_eq!(words(&tally), [""; 0]);
}

#[tokio::test]
async fn session_ids_make_no_new_pages() {
    let more = "<a href='/zfxxgk/;jsessionid=1F2E'>政府信息公开</a><a href='/zfxxgk/?PHPSESSID=9'>政府信息公开</a>\
                <a href='/zfxxgk/?sid=0f1e2d3c4b5a69788796a5b4c3d2e1f0'>政府信息公开</a>\
                <a href='/zfxxgk/?_=1700000000123'>政府信息公开</a><a href='/zfxxgk/?rnd=0.7315'>政府信息公开</a>";
    let (asked, tally, well) = beside(more.to_owned(), |_| None).await;
    assert_eq!(asked.len(), well.all().len());
    assert_eq!(words(&tally), [""; 0]);
}

#[tokio::test]
async fn a_token_under_an_unknown_name_is_met_by_its_pattern() {
    // Every page hands out new tokens, as a server does that keeps no cookie.
    let counter = std::sync::atomic::AtomicU64::new(0);
    let (asked, tally, _) = beside(link("/m?k=a1", "信息公开专栏"), move |path| {
        path.strip_prefix("/m?k=")?;
        let tokens = counter.fetch_add(9, std::sync::atomic::Ordering::SeqCst);
        let links = (0..9).map(|n| link(&format!("/m?k=b{}", tokens + n), "信息公开专栏"));
        Some(page("信息公开专栏", &links.collect::<String>()))
    })
    .await;
    assert_eq!(n(&asked, "/m?k="), MOST_BARREN);
    assert!(words(&tally)[0].contains("www.qinghe.gov.cn/m?k=*"), "{:?}", words(&tally));
}

#[tokio::test]
async fn endless_paging_is_left() {
    let (asked, tally, _) = beside(link("/list?page=1", "信息公开年报汇编"), |path| {
        let n: u32 = path.strip_prefix("/list?page=")?.parse().ok()?;
        let next = format!("<a href='/list?page={}'>下一页</a>", n + 1);
        Some(page("信息公开年报汇编", &format!("<li>{n}</li>{next}")))
    })
    .await;
    assert_eq!(n(&asked, "/list?page="), MOST_BARREN);
    assert!(words(&tally)[0].contains("www.qinghe.gov.cn/list?page=*"), "{:?}", words(&tally));
}

#[tokio::test]
async fn a_list_that_answers_any_number_with_the_same_links_ends_with_the_second() {
    let (asked, tally, _) = beside(link("/list?page=1", "信息公开年报汇编"), |path| {
        let n: u32 = path.strip_prefix("/list?page=")?.parse().ok()?;
        let next = format!("<a href='/list?page={n}'>{n}</a><a href='/list?page={}'>下一页</a>", n + 1);
        Some(page("信息公开年报汇编", &format!("{}{next}", link("/xw/1.html", "青禾县召开会议"))))
    })
    .await;
    assert_eq!(n(&asked, "/list?page="), 2);
    assert_eq!(words(&tally), [""; 0]);
}

#[tokio::test]
async fn a_pager_that_names_itself_again_and_again_is_asked_once() {
    let (asked, _, _) = beside(link("/list/1.html", "信息公开年报汇编"), |path| {
        path.strip_prefix("/list/")?;
        Some(page("信息公开年报汇编", "<p>没有</p><a href='/list/1.html'>下一页</a>"))
    })
    .await;
    assert_eq!(n(&asked, "/list/"), 1);
}

#[tokio::test]
async fn paths_that_nest_into_themselves_are_not_followed() {
    let (asked, tally, _) = beside(link("/zt/gk/index/", "信息公开专题"), |path| {
        path.strip_prefix("/zt/")?;
        // A link that a broken template makes relative.
        Some(page(&format!("专题{}", path.len()), "<a href='gk/index/'>信息公开专题</a>"))
    })
    .await;
    assert_eq!(
        asked.iter().filter(|path| path.starts_with("/zt/")).collect::<Vec<_>>(),
        ["/zt/gk/index/", "/zt/gk/index/gk/index/",]
    );
    assert_eq!(words(&tally), [""; 0]);
    let deep: String = (0..21).map(|n| format!("/d{n}")).collect();
    let (asked, _, _) = beside(link(&deep, "信息公开专题"), |_| None).await;
    assert_eq!(n(&asked, "/d0"), 0);
}

#[tokio::test]
async fn a_soft_404_is_known_by_the_text_of_missing_pages() {
    // The text names the page, as such texts do; the first is honest.
    let text = |path: &str| format!("<title>提示</title><p>您要访问的页面 {path} 不存在或已删除</p>");
    let links: String = (0..4).map(|n| link(&format!("/lm{n}/"), "信息公开专栏")).collect();
    let (asked, tally, _) = beside(links, move |path| match path {
        "/lm0/" => Some(Reply::Missing(text(path))),
        path if path.starts_with("/lm") => Some(Reply::Html(text(path))),
        _ => None,
    })
    .await;
    assert_eq!(n(&asked, "/lm"), 4);
    assert_eq!(tally.outcomes["gone"], 4, "{:?}", tally.outcomes);
    assert_eq!(words(&tally).iter().filter(|words| words.contains("a soft 404")).count(), 3);
}

#[tokio::test]
async fn a_soft_404_is_known_by_its_coming_back_where_no_status_ever_says_404() {
    let links: String = (0..5).map(|n| link(&format!("/lm{n}/"), "信息公开专栏")).collect();
    let (asked, tally, _) =
        beside(links, |path| path.starts_with("/lm").then(|| page("欢迎光临本站", "<p>请从首页进入栏目</p>"))).await;
    assert_eq!(n(&asked, "/lm"), 5);
    assert_eq!(tally.outcomes["gone"], 3, "the third and those after it: {:?}", tally.outcomes);
}

#[tokio::test]
async fn the_links_of_an_error_page_are_not_followed() {
    // They count from the place of a page that is not there.
    let (asked, tally, _) = beside(link("/lm/", "信息公开专栏"), |path| {
        let menu = link("gk/", "政务公开") + &link("nb/", "政府信息公开");
        path.starts_with("/lm/").then(|| page("404 页面不存在", &menu))
    })
    .await;
    assert_eq!(n(&asked, "/lm/"), 1);
    assert_eq!(words(&tally), ["gone: a soft 404, its text is that of missing pages"]);
}

#[tokio::test]
async fn a_column_without_a_link_is_no_soft_404_for_the_code_of_its_site() {
    let (_, tally, _) = beside(link("/lm/", "信息公开专栏"), |path| {
        (path == "/lm/").then(|| page("信息公开专栏", "<p>暂无信息</p><div>网站标识码：4404220001</div>"))
    })
    .await;
    assert_eq!((tally.outcomes.get("gone"), words(&tally)), (None, vec![]));
}

#[tokio::test]
async fn redirects_to_ever_new_urls_are_left() {
    let links: String = (0..40).map(|n| link(&format!("/to/{n}"), "信息公开专栏")).collect();
    let (asked, tally, _) =
        beside(links, |path| path.strip_prefix("/to/").map(|rest| Reply::Moved(format!("/to/{rest}9")))).await;
    assert_eq!(n(&asked, "/to/"), MOST_BARREN);
    assert!(words(&tally).iter().any(|words| words.contains("www.qinghe.gov.cn/to/N")), "{:?}", words(&tally));
}

#[tokio::test]
async fn a_redirect_to_another_spelling_of_the_same_page_is_followed() {
    // The one that most portals have leads from http to https; a session id is
    // the same case, and needs no certificate.
    let (own, well) = (Well::new("/gknb/", &[2017, 2021]), Well::new("/gknb/", &[2017, 2021]));
    let site = Site::start(move |_, path| match path {
        "/" => Reply::Moved("/;jsessionid=7A".to_owned()),
        "/;jsessionid=7A" => own.answer("/", "").unwrap_or_else(missing),
        path => own.answer(path, "").unwrap_or_else(missing),
    })
    .await;
    let (asked, tally) = site.crawl().await;
    assert_all_came(&asked, &tally, &well);
    assert_eq!(asked[..2], ["/", "/;jsessionid=7A"]);
}

#[tokio::test]
async fn a_session_that_changes_with_every_redirect_is_left() {
    let counter = std::sync::atomic::AtomicU64::new(0);
    let (asked, tally, _) = beside(link("/lm/", "信息公开专栏"), move |path| {
        let n = counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        path.starts_with("/lm/").then(|| Reply::Moved(format!("/lm/;jsessionid={n}")))
    })
    .await;
    assert_eq!(n(&asked, "/lm/"), 6, "as many redirects as are followed for one page");
    assert_eq!(words(&tally), ["too many redirects: more than 5"]);
}

#[tokio::test]
async fn a_mirror_of_the_whole_site_under_a_second_host_is_left() {
    const MIRROR: &str = "m.qinghe.gov.cn";
    let (own, well) = (Well::new("/gknb/", &[2017, 2021]), Well::new("/gknb/", &[2017, 2021]));
    // Twelve pages, of which the last leads to all of them under the other name.
    let all = |host: &str| (0..12).map(|n| link(&format!("http://{host}/lm{n}/"), "信息公开专栏")).collect::<String>();
    let (more, mirrored) = (all(HOST), all(MIRROR));
    let sub = move |n: &str| page(&format!("专栏{n}"), if n == "11/" { &mirrored } else { "<p>暂无</p>" });
    let mut site = Site::start(move |_, path| {
        own.answer(path, &more).or_else(|| path.strip_prefix("/lm").map(&sub)).unwrap_or_else(missing)
    })
    .await;
    site.hosts.push(MIRROR.to_owned());
    let (asked, tally) = site.crawl().await;
    assert_all_came(&asked, &tally, &well);
    assert_eq!(n(&asked, "/lm"), 12);
    let said = "a mirror: 5 pages of m.qinghe.gov.cn are those of www.qinghe.gov.cn, the others are left";
    assert_eq!(words(&tally), [said]);
    assert_eq!(n(&asked, MIRROR), 5);
}

#[tokio::test]
async fn a_list_with_filters_is_left() {
    let filters = |path: &str| {
        let add = |field: &str| {
            let join = if path.contains('?') { '&' } else { '?' };
            format!("{path}{join}{field}")
        };
        let fields = ["bm=1", "bm=2", "lx=3", "lx=4", "ny=5"];
        fields.map(|field| link(&add(field), "信息公开")).concat()
    };
    let (asked, tally, _) = beside(link("/cx/", "信息公开"), move |path| {
        path.starts_with("/cx/").then(|| page(&format!("查询{}", path.len()), &filters(path)))
    })
    .await;
    // One page without a filter, and then each path of the query counts
    // whatever its fields are.
    assert_eq!(n(&asked, "/cx/"), 61);
    assert!(
        words(&tally).iter().any(|words| words.starts_with("a trap: 60 pages in a row like www.qinghe.gov.cn/cx/?*"))
    );
}

#[tokio::test]
async fn every_budget_is_said_with_the_pattern_that_used_it_up() {
    type Set = fn(&mut Site);
    let budgets: [(Set, usize, &str); 3] = [
        (|site| site.max_pages = 10, 10, "its 10 pages for one run are used up"),
        (|site| site.settings.crawl.max_portal_bytes = 20_000, 0, "its 20000 bytes for one run are used up"),
        (|site| site.settings.crawl.max_portal_failures = 5, 0, "its 5 failures for one run are used up"),
    ];
    for (set, expected, words) in budgets {
        let links: String = (0..20).map(|n| link(&format!("/lm{n}/"), "信息公开专栏")).collect();
        let is_failing = words.contains("failures");
        let home = page("青禾县人民政府", &links);
        let Reply::Html(home) = home else { unreachable!() };
        let mut site = Site::start(move |_, path| match path {
            "/" => Reply::Html(home.clone()),
            path if path.starts_with("/lm") && !is_failing => page("专栏", &format!("<p>{}</p>", path.repeat(600))),
            path => Reply::Missing(format!("<p>{path}</p>")),
        })
        .await;
        set(&mut site);
        let (asked, tally) = site.crawl().await;
        let said: Vec<_> =
            tally.troubles.iter().filter(|trouble| trouble.place == "qinghe").map(|t| t.words.clone()).collect();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(
            said[0].starts_with(words) && said[0].contains("most for pages like www.qinghe.gov.cn/lmN/"),
            "{said:?}"
        );
        assert!(expected == 0 || asked.len() == expected, "{}", asked.len());
        assert!(asked.len() < 20 && tally.waiting[0].1 > 0, "{} asked", asked.len());
    }
}
