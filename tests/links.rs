//! Links that are hard to see lead to the reports all the same: in clicks, in
//! boxes, behind `#`, behind a picture, in what a script asks for, clipped, and
//! beside others to the same page.
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
        (Some(body), _) if path.contains("/api/") || path.starts_with("/js/") => Reply::Html(body.clone()),
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
    let forms: [fn(&str, &str) -> String; 5] = [
        |path, title| format!("<li><a href='#' onclick=\"window.open('{path}')\">{title}</a></li>"),
        |path, title| format!("<li><a href=\"javascript:window.open('{path}')\">{title}</a></li>"),
        |path, title| format!("<li onclick=\"location.href='{path}'\">{title}<span>2022-01-20</span></li>"),
        |path, title| format!("<li><a href='javascript:void(0)' data-url='{path}'>{title}</a></li>"),
        |path, title| {
            let id = path.trim_start_matches("/r/").trim_end_matches(".html");
            let script =
                "<script>$('.it').click(function(){ location.href = '/r/' + $(this).data('id') + '.html'; })</script>";
            format!("<li><a href='javascript:;' class=it data-id={id}>{title}</a></li>{script}")
        },
    ];
    for form in forms {
        let menu = "<div class=menu><span onclick=\"window.location.href='/gk/'\">政府信息公开年报</span></div>";
        let asked = crawl([("/", menu.to_owned()), ("/gk/", items(form))]).await;
        assert_eq!(asked, ["/", "/gk/"], "{}", form("/r/2017.html", "…"));
    }
}

#[tokio::test]
async fn reports_beside_the_guide_that_is_all_a_home_page_has() {
    let gone = format!("<!-- {} -->", link("/old/", "政府信息公开年报"));
    let menu: String = (1..8).map(|n| link(&format!("/yw/{n}/"), "要闻")).collect();
    let home = gone + &menu + &link("/zn.html", "政府信息公开指南");
    let box_of_sisters = link("/zn.html", "公开指南") + &link("/nb/", "年报");
    let list = items(|path, title| format!("<li><a href='{path}'>{title}</a></li>"));
    let asked = crawl([("/", home), ("/zn.html", box_of_sisters), ("/nb/", list)]).await;
    let guess = |path: &String| path.starts_with("/sitemap");
    assert_eq!(asked.into_iter().filter(|path| !guess(path)).collect::<Vec<_>>(), ["/", "/zn.html", "/nb/"]);
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

#[tokio::test]
async fn a_home_page_that_is_only_a_picture() {
    let picture = "<a href='/portal/'><img src=/enter.gif></a><a href='/en/'>English</a>".to_owned();
    let asked = crawl([("/", picture), ("/portal/", home("/gk/").1), ("/gk/", items(link))]).await;
    assert!(["/portal/", "/gk/"].iter().all(|path| asked.contains(&(*path).to_owned())), "{asked:?}");
    assert!(!asked.contains(&"/en/".to_owned()), "{asked:?}");
}

#[tokio::test]
async fn reports_in_a_box_to_jump() {
    let option = |path: &str, title: &str| format!("<option value='{path}'>{title}</option>");
    for code in ["window.location=this.value", "MM_jumpMenu('parent',this,0)"] {
        let list = format!("<select onchange=\"{code}\"><option>请选择</option>{}</select>", items(option));
        assert_eq!(crawl([home("/gk/"), ("/gk/", list)]).await, ["/", "/gk/"], "{code}");
    }
}

#[tokio::test]
async fn a_form_that_asks_for_a_year() {
    let option = |year: &i16| format!("<option value={year}>{year}年</option>");
    let options: String = YEARS.iter().map(option).collect();
    let form = format!(
        "<form action='/nb/list.jsp'><input type=hidden name=lm value=7><select name=nd \
         onchange='this.form.submit()'><option value=''>请选择</option>{options}</select></form>"
    );
    let list = |year: i16| link(&format!("/r/{year}.html"), &report(year).0);
    let asked = crawl([
        home("/gk/"),
        ("/gk/", form),
        ("/nb/list.jsp?lm=7&nd=2017", list(2017)),
        ("/nb/list.jsp?lm=7&nd=2019", list(2019)),
        ("/nb/list.jsp?lm=7&nd=2021", list(2021)),
    ])
    .await;
    assert_eq!(asked.len(), 5, "{asked:?}");
}

#[tokio::test]
async fn reports_and_pages_that_a_function_opens_by_their_number() {
    let open = "<script>function openDoc(id){window.open('/r/'+id+'.html')}\
                function turnPage(n){window.location.href=\"list.jsp?pn=\"+n;}</script>";
    let item = |year: i16| format!("<li><a href=\"javascript:openDoc('{year}')\">{}</a></li>", report(year).0);
    let first = format!("{open}{}{}<a href='javascript:turnPage(2)'>下一页</a>", item(2017), item(2019));
    let second = format!("{open}{}<a href='javascript:turnPage(1)'>上一页</a>", item(2021));
    let asked = crawl([home("/gk/list.jsp"), ("/gk/list.jsp", first), ("/gk/list.jsp?pn=2", second)]).await;
    assert_eq!(asked, ["/", "/gk/list.jsp", "/gk/list.jsp?pn=2"]);
}

#[tokio::test]
async fn reports_and_pages_that_a_function_in_a_file_opens() {
    let file = "function openInfo(id,type){ if(!id) return; var w='/r/'+id+'.html'; window.open(w); }\
                function goPage(p,u){ if(p>1){ location=u+'_'+p+'.html'; } else { location=u+'.html'; } }";
    let script = "<script src=/js/com.js></script>";
    let item = |year: i16| format!("<li><a onclick=\"openInfo('{year}',1)\">{}</a></li>", report(year).0);
    let all = format!("{script}{}", YEARS.map(item).concat());
    let asked = crawl([home("/gk/"), ("/gk/", all), ("/js/com.js", file.to_owned())]).await;
    assert_eq!(asked, ["/", "/gk/", "/js/com.js"]);
    // Of a list whose reports are links only the pager needs the file.
    let list = |year: i16| link(&format!("/r/{year}.html"), &report(year).0);
    let pager = "<a href=\"javascript:goPage(2,'/gk/list')\">下一页</a>";
    let pages = [("/gk/list.html", list(2017) + &list(2019) + pager + script), ("/gk/list_2.html", list(2021))];
    let asked = crawl([home("/gk/list.html"), ("/js/com.js", file.to_owned())].into_iter().chain(pages)).await;
    assert_eq!(asked, ["/", "/gk/list.html", "/js/com.js", "/gk/list_2.html"]);
}

#[tokio::test]
async fn a_list_that_is_parted_by_levels() {
    let levels = link("/gk/xj/", "县级政府") + &link("/gk/bm/", "市级部门") + &link("/gk/zj/", "镇街");
    let list = |year: i16| link(&format!("/r/{year}.html"), &report(year).0);
    let parts = [("/gk/xj/", list(2017)), ("/gk/bm/", list(2019)), ("/gk/zj/", list(2021))];
    let asked = crawl([home("/gk/"), ("/gk/", levels)].into_iter().chain(parts)).await;
    assert_eq!(asked.len(), 5, "{asked:?}");
}

#[tokio::test]
async fn a_menu_that_a_script_asks_for() {
    let menu = serde_json::json!({ "data": [{ "name": "政府信息公开年报", "url": "/gk/" }] }).to_string();
    let page = "<div id=app></div><script>axios.get('/api/menu').then(show)</script>".to_owned();
    let asked = crawl([("/", page), ("/api/menu", menu), ("/gk/", items(link))]).await;
    assert!(asked.contains(&"/api/menu".to_owned()) && asked.contains(&"/gk/".to_owned()), "{asked:?}");
}

#[tokio::test]
async fn a_list_of_which_more_is_asked_for_by_a_click() {
    let script = "<script>var page=1;function more(){page++;$.get('/api/list.ashx?id=3&page='+page, show)}</script>";
    let list = |year: i16| link(&format!("/r/{year}.html"), &report(year).0);
    let asked = crawl([
        home("/gk/"),
        ("/gk/", list(2021) + "<a onclick='more()'>加载更多</a>" + script),
        ("/api/list.ashx?id=3&page=1", list(2021)),
        ("/api/list.ashx?id=3&page=2", list(2019)),
        ("/api/list.ashx?id=3&page=3", list(2017)),
        // The end, which is asked for once and is no trouble.
        ("/api/list.ashx?id=3&page=4", String::new()),
    ])
    .await;
    assert_eq!(asked.len(), 6, "{asked:?}");
}

#[tokio::test]
async fn a_list_whose_items_a_script_puts_into_its_page() {
    let script = "<div id=l></div><script>$.get('/api/nblist.html', function(d) { $('#l').html(d) });</script>";
    let asked = crawl([home("/gk/"), ("/gk/", script.to_owned()), ("/api/nblist.html", items(link))]).await;
    assert_eq!(asked, ["/", "/gk/", "/api/nblist.html"]);
}

#[tokio::test]
async fn a_list_behind_the_word_more() {
    let box_of_list = "<h3>政府信息公开年报</h3><a class=more href='/gk/'>更多&gt;&gt;</a>".to_owned();
    assert_eq!(crawl([("/", box_of_list), ("/gk/", items(link))]).await, ["/", "/gk/"]);
}

#[tokio::test]
async fn a_list_that_a_frame_shows_by_the_page_s_own_url() {
    let page = "<iframe id=f></iframe><script>$('#f').attr('src', getParam('specialurl'));</script>".to_owned();
    let open = "/gk/open.html?specialurl=/gk/list.html";
    assert_eq!(crawl([home(open), (open, page), ("/gk/list.html", items(link))]).await, ["/", open, "/gk/list.html"]);
}

#[tokio::test]
async fn a_list_that_the_page_around_a_tree_opens() {
    let page = "<iframe src='/tree.jsp'></iframe><div id=d></div><script>function openInfo(a){\
                loadDynamic('/search.jsp?infotypeId='+a+'&area=','d');}</script>";
    let tree = "<a href='javascript:void(0)' onclick=\"parent.openInfo('A08')\">政府信息公开年报</a>";
    let search = "/search.jsp?infotypeId=A08&area=";
    let pages = [("/", link("/gk/", "政府信息公开")), ("/gk/", page.to_owned()), ("/tree.jsp", tree.to_owned())];
    assert_eq!(crawl(pages.into_iter().chain([(search, items(link))])).await, ["/", "/gk/", "/tree.jsp", search]);
}

#[tokio::test]
async fn a_list_by_other_carriers() {
    let rows: Vec<_> = YEARS.iter().map(|year| (format!("/r/{year}.html"), report(*year).0)).collect();
    let rows: Vec<_> = rows.iter().map(|(url, title)| serde_json::json!({ "title": title, "url": url })).collect();
    let called = format!("show({});", serde_json::json!({ "rows": rows }));
    let html = serde_json::json!({ "html": items(link) }).to_string();
    let ask = |api: &str| format!("<ul id=l></ul><script>$.getJSON('{api}',{{cid:7,page:1}},show)</script>");
    for (page, api, answer) in [
        ("<script src='/api/l.jsp?c=7&callback=show'></script>".to_owned(), "/api/l.jsp?c=7&callback=show", called),
        (ask("/api/list"), "/api/list?cid=7&page=1", serde_json::Value::String(html).to_string()),
        (ask("/api/list"), "/api/list?cid=7&page=1", items(|path, title| format!("{title}|{path}|2022-01-20\n"))),
        ("<iframe data-src='/api/f.html'></iframe>".to_owned(), "/api/f.html", items(link)),
    ] {
        let asked = crawl([home("/gk/"), ("/gk/", page), (api, answer)]).await;
        assert_eq!(asked[..3], ["/", "/gk/", api]);
    }
}

#[tokio::test]
async fn a_list_of_records_whose_links_the_page_makes() {
    let rows: Vec<_> = YEARS.iter().map(|year| serde_json::json!({ "id": year, "title": report(*year).0 })).collect();
    let answer = serde_json::json!({ "data": rows }).to_string();
    let api = "/api/list?cid=9";
    for link in ["'<a href=\"/r/' + row.id + '.html\">'", "<a href=\"/r/{{row.id}}.html\">"] {
        let page = format!("<script>$.getJSON('{api}', function(d) {{ each(d, {link}) }});</script>");
        assert_eq!(crawl([home("/gk/"), ("/gk/", page), (api, answer.clone())]).await, ["/", "/gk/", api], "{link}");
    }
}

#[tokio::test]
async fn a_list_whose_address_begins_with_what_another_script_says() {
    let rows: Vec<_> = YEARS.iter().map(|year| (format!("/r/{year}.html"), report(*year).0)).collect();
    let rows: Vec<_> = rows.iter().map(|(url, title)| serde_json::json!({ "title": title, "url": url })).collect();
    let answer = serde_json::json!({ "total": rows.len(), "rows": rows }).to_string();
    let settings = "var siteInfo = {\"projectName\": \"/api/front\", \"siteGuid\": \"7-f\"};".to_owned();
    let ask = "var url = siteInfo.projectName + '/list'; $.post(url, {site: siteInfo.siteGuid, page: 1}, show);";
    let api = "/api/front/list#site=7-f&page=1";
    let files = "<script src=/js/siteInfo.js></script><script src=/js/list.js></script>";
    let in_page = format!("<script src=/js/siteInfo.js></script><script>{ask}</script>");
    let all = [home("/gk/"), ("/js/siteInfo.js", settings), (api, answer)];
    let asked = crawl(all.clone().into_iter().chain([("/gk/", in_page)])).await;
    assert_eq!(asked, ["/", "/gk/", "/js/siteInfo.js", api]);
    let apart = [("/gk/", files.to_owned()), ("/js/list.js", ask.to_owned())];
    let asked = crawl(all.into_iter().chain(apart)).await;
    assert_eq!(asked, ["/", "/gk/", "/js/siteInfo.js", "/js/list.js", api]);
}

#[tokio::test]
async fn a_list_that_is_asked_for_with_what_nests() {
    let rows: Vec<_> = YEARS.iter().map(|year| (format!("/r/{year}.html"), report(*year).0)).collect();
    let rows: Vec<_> = rows.iter().map(|(url, title)| serde_json::json!({ "title": title, "url": url })).collect();
    let answer = serde_json::json!({ "resultDocs": rows }).to_string();
    let script = "<script>$.ajax({url:'/api/article/1/15',type:'POST',contentType:'application/json',\
                  data:JSON.stringify({'lm':['2c9']})});$.post('/api/hits',{id:7});</script>";
    let api = r#"/api/article/1/15#{"lm":["2c9"]}"#;
    let asked = crawl([home("/gk/"), ("/gk/", script.to_owned()), (api, answer)]).await;
    assert_eq!(asked, ["/", "/gk/", api], "and no visit is counted");
}

#[tokio::test]
async fn lists_that_one_address_gives_by_what_is_posted() {
    let list = |year: i16| link(&format!("/r/{year}.html"), &report(year).0);
    let script =
        "<script>$.post('/api/list', {cid: 3, page: 1}, show);$.post('/api/list', {cid: 7, page: 1}, show)</script>";
    let asked = crawl([
        home("/gk/"),
        ("/gk/", list(2017) + script),
        ("/api/list#cid=3&page=1", list(2019)),
        ("/api/list#cid=7&page=1", list(2021)),
    ])
    .await;
    // And each once more for what follows, as nothing says how long it is.
    assert_eq!(asked.len(), 6, "{asked:?}");
}

#[tokio::test]
async fn a_tree_of_columns_on_a_page_that_was_only_guessed() {
    let menu = serde_json::json!([{ "text": "政府信息公开年报", "attributes": { "url": "/gk/" } }]).to_string();
    let page = "<p>本栏目按类别排列，便于查询。</p><script>$.getJSON('/api/tree', show)</script>".to_owned();
    let asked =
        crawl([("/", link("/zd/", "主动公开")), ("/zd/", page), ("/api/tree", menu), ("/gk/", items(link))]).await;
    assert!(asked.contains(&"/gk/".to_owned()), "{asked:?}");
}

#[tokio::test]
async fn lists_of_offices_that_a_box_chooses() {
    let list = |year: i16| link(&format!("/r/{year}.html"), &report(year).0);
    let select = |code: &str| {
        let options =
            "<option value=''>请选择部门</option><option value=01>教育局</option><option value=02>民政局</option>";
        format!("<select name=bm{code}>{options}</select>")
    };
    let form = format!("<form action='/bm.jsp'>{}<input type=submit value=查询></form>", select(""));
    let jump = select(" onchange=\"location.href='/bm.jsp?bm='+this.value\"");
    for by in [form, jump] {
        let lists = [("/bm.jsp?bm=01", list(2019)), ("/bm.jsp?bm=02", list(2021))];
        let asked = crawl([home("/gk/"), ("/gk/", list(2017) + &by)].into_iter().chain(lists)).await;
        assert_eq!(asked.len(), 4, "{asked:?}");
    }
}

#[tokio::test]
async fn a_list_that_is_asked_for_by_the_page_s_own_query() {
    let rows: Vec<_> = YEARS.iter().map(|year| (format!("/r/{year}.html"), report(*year).0)).collect();
    let rows: Vec<_> = rows.iter().map(|(url, title)| serde_json::json!({ "title": title, "url": url })).collect();
    let answer = serde_json::json!({ "total": rows.len(), "rows": rows }).to_string();
    let open = "/gk/list.html?cid=77";
    for script in [
        "var id = getQueryString('cid'); $.getJSON('/api/list', {cid: id, page: 1}, show)",
        "$.getJSON('/api/list', {cid: $('#cid').val(), page: 1}, show)",
        "$.getJSON('/api/list?cid=' + getUrlParam('cid') + '&page=1', show)",
        "var id = location.search.split('cid=')[1]; $.getJSON('/api/list?cid=' + id + '&page=1', show)",
        "const c = new URLSearchParams(window.location.search).get('cid'); fetch(`/api/list?cid=${c}&page=1`)",
    ] {
        let page = format!("<input type=hidden id=cid value=77><script>{script}</script>");
        let api = "/api/list?cid=77&page=1";
        assert_eq!(crawl([home(open), (open, page), (api, answer.clone())]).await, ["/", open, api], "{script}");
    }
}

#[tokio::test]
async fn a_column_that_shows_the_newest_report_itself() {
    let (title, newest) = report(2022);
    let years =
        link("/nb/", "2022年") + &YEARS.map(|year| link(&format!("/r/{year}.html"), &format!("{year}年"))).concat();
    let site = Site::start(move |_, path| match path {
        "/" => page("青禾县人民政府", &link("/nb/", "政府信息公开年报")),
        "/nb/" => page(&title, &(years.clone() + &String::from_utf8_lossy(&newest))),
        path => match YEARS.iter().find(|year| path == format!("/r/{year}.html")) {
            Some(year) => Reply::Bytes(report(*year).1),
            None => Reply::Missing("<title>404</title>".to_owned()),
        },
    })
    .await;
    let (asked, tally) = site.crawl().await;
    assert_eq!(tally.n_reports, 4, "{asked:?}");
}

#[tokio::test]
async fn the_own_catalogue_where_all_else_is_of_offices() {
    let list = |year: i16| link(&format!("/r/{year}.html"), &report(year).0);
    let all = link("/ml/", "信息公开目录") + &link("/bm/", "部门信息公开");
    let asked = crawl([
        ("/", all),
        ("/ml/", link("/nb/", "信息公开年报")),
        ("/nb/", list(2019) + &list(2021)),
        ("/bm/", link("/bm/czj/", "财政局")),
        ("/bm/czj/", link("/bm/czj/nb/", "公开年报")),
        ("/bm/czj/nb/", list(2017)),
    ])
    .await;
    assert_eq!(asked.len(), 6, "{asked:?}");
    // Where the government's own column is there, the catalogue is no way.
    let all = link("/ml/", "信息公开目录") + &link("/gk/", "政府信息公开");
    let asked = crawl([("/", all), ("/gk/", link("/nb/", "公开年报")), ("/nb/", items(link))]).await;
    assert_eq!(asked, ["/", "/gk/", "/nb/"]);
}
