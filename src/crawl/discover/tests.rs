//! Small pages, and what is followed of them.

use proptest::prelude::*;

use super::*;

fn found(html: &str, priority: Priority) -> Vec<(String, Role)> {
    let capture = Capture {
        final_url: Some("http://www.qinghe.gov.cn/zwgk/index.html".parse().unwrap()),
        ..Capture::of_bytes(html.as_bytes().to_vec())
    };
    let discovery = discover(&capture, Context::of(priority, 1));
    let links = discovery.links.into_iter().filter(|link| link.role != Role::Sitemap);
    links.map(|link| (link.request.url.to_string(), link.role)).collect()
}

fn all(html: &str, url: &str, context: Context<'_>) -> Vec<String> {
    let capture = Capture { final_url: Some(url.parse().unwrap()), ..Capture::of_bytes(html.as_bytes().to_vec()) };
    let links = discover(&capture, context).links.into_iter();
    links.map(|link| format!("{} {}", link.role, link.request.url.path())).collect()
}

#[test]
fn a_page_that_offers_nothing_else_has_its_scripts_and_its_sitemap_looked_at() {
    let page = "<div id=app></div><script src='/js/jquery.min.js'></script><script src='/js/menu.js'></script>";
    let home = "http://www.qinghe.gov.cn/";
    let looked = all(page, home, Context::of(Priority::Rest, 0));
    assert_eq!(looked, ["a part of the page /js/menu.js", "a sitemap /sitemap.xml"]);
    let named = ["http://www.qinghe.gov.cn/maps/a.xml.gz".to_owned()];
    let context = Context { sitemaps: &named, ..Context::of(Priority::Rest, 0) };
    assert_eq!(all("<p>欢迎</p>", home, context), ["a sitemap /maps/a.xml.gz"]);
    let menu = "var m=[{t:'政务公开',u:'/zwgk/'}]";
    let script = "http://www.qinghe.gov.cn/js/menu.js";
    assert_eq!(all(menu, script, Context::of(Priority::Rest, 0)), ["a disclosure column /zwgk/"]);
    assert_eq!(all("<p>2017</p>", home, Context::of(Priority::List, 2)), [""; 0], "a list may be empty");
}

#[test]
fn where_no_link_says_so_plainly_those_that_may_mean_it_are_tried() {
    let home = "http://www.qinghe.gov.cn/";
    let page = "<a href='/yw/'>新闻</a><a href='/gk/'>公开</a><a href='/zn/'>公开指南</a><a href='/fw/'>政务服务</a>\
                <a href='/n/1.html'>我县召开政府信息公开工作推进会</a><a href='/more/'>更多</a><a href='/map.html'>网站地图</a>";
    let tried = all(page, home, Context::of(Priority::Rest, 0));
    let meant = ["a disclosure column /gk/", "a disclosure column /zn/", "a part of the page /map.html"];
    assert_eq!(tried[..3], meant);
    let guide = "<a href='/yw/'>新闻</a><a href='/zn/'>政府信息公开指南</a><a href='/sq/'>依申请公开</a>";
    assert_eq!(all(guide, home, Context::of(Priority::Rest, 0))[..1], ["a disclosure column /zn/"]);
    let hub = "<span>公开年报</span><ul><li>一</li></ul><a href='/l/73.html'>更多</a>";
    assert_eq!(all(hub, home, Context::of(Priority::Column, 1))[..1], ["a disclosure column /l/73.html"]);
    for far in [Context::of(Priority::Column, 2), Context { is_guess: true, ..Context::of(Priority::Column, 1) }] {
        assert!(!all(hub, home, far).contains(&"a disclosure column /l/73.html".to_owned()), "it would go on for ever");
    }
}

#[test]
fn a_picture_says_by_its_url_or_its_file_where_it_leads() {
    let on = |page: &str, html: &str| {
        let capture = Capture {
            final_url: Some(page.parse().unwrap()),
            ..Capture::of_bytes(format!("<p>{html}</p>").into_bytes())
        };
        let links = discover(&capture, Context::of(Priority::Column, 2)).links.into_iter().map(|link| link.role);
        links.filter(|role| *role != Role::Sitemap).collect::<Vec<_>>()
    };
    let roles = |html: &str| on("http://www.qinghe.gov.cn/", html);
    for html in [
        "<a href='/zwgk/'><img src='/i/2.png'></a>",
        "<a href='/zwgk_180/'><img src='/i/2.png'></a>",
        "<a href='/gov/02/'><img src='/i/zwgk.png'></a>",
        "<map><area href='/xxgk/'></map>",
    ] {
        assert_eq!(roles(html), [Role::Column], "{html}");
    }
    assert_eq!(roles("<a href='/gov/02/'><img src='/i/xxgknb.png'></a>"), [Role::ReportList]);
    assert_eq!(roles("<a href='/zwgk/art_20240112.html'><img src='/i/2.png'></a>"), [], "an article");
    // Below the column every URL has its word.
    let below = "http://www.qinghe.gov.cn/xxgk/zwdt/index.html";
    assert_eq!(on(below, "<a href='/xxgk/ldjs/'><img src='/i/2.png'></a>"), []);
    assert_eq!(on(below, "<a href='/xxgk/gknb/'><img src='/i/2.png'></a>"), [Role::ReportList]);
    assert_eq!(on(below, "<a href='/zfxxgk/'><img src='/i/2.png'></a>"), [Role::Column]);
}

#[test]
fn a_home_page_that_is_only_a_picture_is_entered() {
    let home = "http://www.qinghe.gov.cn/";
    let way_in = |html: &str| {
        let links = all(html, home, Context::of(Priority::Rest, 0)).into_iter();
        links.filter_map(|link| link.strip_prefix("the way into the site ").map(str::to_owned)).collect::<Vec<_>>()
    };
    let picture = "<a href='/portal/index.html'><img src=enter.gif></a>";
    let other = "<a href='http://beian.gov.cn/'>京公网安备</a><a href='/en/'>English</a><a href='/a.pdf'>说明</a>";
    assert_eq!(way_in(picture), ["/portal/index.html"]);
    assert_eq!(way_in(&format!("{other}<a href='/x/'>通道</a><a href='/p/'>进入首页</a>")), ["/p/"]);
    assert_eq!(way_in(&format!("<map><area href=/p.jsp></map>{other}")), ["/p.jsp"]);
    let many: String = (0..7).map(|n| format!("<a href=/{n}/>{n}</a>")).collect();
    assert_eq!(way_in(&format!("{many}{picture}")), [""; 0], "a home page with a menu");
    assert_eq!(way_in(&format!("{picture}<a href=/zwgk/>政务公开</a>")), [""; 0], "it leads on");
    let inside = all(picture, home, Context::of(Priority::Rest, 1));
    assert_eq!(inside, ["a sitemap /sitemap.xml"], "one step in is enough");
}

#[test]
fn what_a_script_asks_for_by_a_plain_url_may_be_the_menu() {
    let asked = |script: &str, url: &str| {
        let html = if url.ends_with("app.js") {
            script.to_owned()
        } else {
            format!("<div id=app></div><script>{script}</script>")
        };
        let links = all(&html, url, Context::of(Priority::Rest, 0)).into_iter();
        links.filter(|link| !link.starts_with("a sitemap")).collect::<Vec<_>>()
    };
    let home = "http://www.qinghe.gov.cn/";
    let menu = ["a part of the page /api/menu"];
    assert_eq!(asked("axios.get(\"/api/menu\").then(show)", home), menu);
    assert_eq!(asked("axios.get(\"/api/menu\").then(show)", "http://www.qinghe.gov.cn/js/app.js"), menu);
    assert_eq!(asked("fetch('data/nav.json')", home), ["a part of the page /data/nav.json"]);
    let head = "$('#head').load('/inc/head.html'); $.get('/nblist.htm', function(d) { $('#l').html(d) });";
    assert_eq!(asked(head, home), ["a part of the page /inc/head.html", "a part of the page /nblist.htm"]);
    for other in [
        "axios.get('/api/menu/' + id)",
        "axios.post('/api/menu')",
        "$.ajax({type: 'POST', url: '/api/menu'})",
        "axios.get('/api/menu', {params: {id: id}})",
        "fetch('/api/weather')",
        "fetch('http://other.com/nav.json')",
    ] {
        assert_eq!(asked(other, home), [""; 0], "{other}");
    }
}

#[test]
fn a_sitemap_leads_to_what_its_urls_name() {
    let map = "<urlset><url><loc>/zwgk/</loc></url><url><loc>/gknb/</loc></url><url><loc>/gknb/t20180308_7.html</loc></url>                   <url><loc>/news/</loc></url></urlset>";
    let url = "http://www.qinghe.gov.cn/sitemap.xml";
    let context = Context::of(Priority::Column, 1);
    assert_eq!(all(map, url, context), ["a report /gknb/t20180308_7.html", "a list of reports /gknb/"]);
    let columns = "<urlset><url><loc>/zwgk/</loc></url><url><loc>/news/</loc></url></urlset>";
    assert_eq!(all(columns, url, context), ["a disclosure column /zwgk/"]);
    let index = "<sitemapindex><sitemap><loc>/s1.xml</loc></sitemap></sitemapindex>";
    assert_eq!(all(index, url, context), ["a sitemap /s1.xml"]);
}

#[test]
fn a_column_whose_links_are_reports_is_a_list_and_a_report_page_gives_its_attachments() {
    let list = "<a href=a>2017年政府信息公开年报</a><a href=b>2016年政府信息公开年报</a><a href=c>2015年</a>";
    let url = "http://www.qinghe.gov.cn/x/";
    assert_eq!(all(list, url, Context::of(Priority::Column, 1)), ["a report /x/a", "a report /x/b", "a year /x/c"]);
    let page = "<p>全文见附件</p><a href=f.pdf>点击下载</a><a href=g.html>返回</a>";
    assert_eq!(all(page, url, Context::of(Priority::Report, 2)), ["an attachment /x/f.pdf"]);
    assert_eq!(all(page, url, Context::of(Priority::List, 2)), [""; 0]);
}

#[test]
fn on_a_platform_the_way_stays_in_the_portals_own_place() {
    let home = "http://www.qinghe.gov.cn/".parse().unwrap();
    let context = Context { home: Some(&home), ..Context::of(Priority::Column, 2) };
    let html = "<a href='/qinghe/gknb/'>政府信息公开年报</a><a href='/other/gknb/'>政府信息公开年报</a>";
    let platform = "http://xxgk.province.gov.cn/qinghe/index.html";
    assert_eq!(all(html, platform, context), ["a list of reports /qinghe/gknb/"]);
    assert_eq!(all(html, "http://www.qinghe.gov.cn/qinghe/index.html", context).len(), 2);
}

#[test]
fn links_are_told_by_their_words() {
    let cases = [
        ("<a href='/a.html'>青禾市2017年政府信息公开工作年度报告</a>", Priority::List, Some(Role::Report)),
        ("<a href='/a.html' title='青禾市統計局2017年政府資訊公開年報'>青禾…</a>", Priority::List, Some(Role::Report)),
        ("<a href='/gknb/'>政府信息公开年报</a>", Priority::Rest, Some(Role::ReportList)),
        ("<a href='/zfxxgk/'><img src=x alt='政府信息公开'></a>", Priority::Rest, Some(Role::Column)),
        ("<a href='/zwgk/x/'>政务公开</a>", Priority::Rest, Some(Role::Column)),
        ("<a href='/zhinan.html'>政府信息公开指南</a>", Priority::List, None),
        ("<a href='/n.html'>关于报送2017年政府信息公开工作年度报告的通知</a>", Priority::List, None),
        ("<a href='/q.html'>2017年企业年报公示</a>", Priority::List, None),
        ("<a href='/2017.html'>2017年</a>", Priority::List, Some(Role::Year)),
        ("<a href='/2017.html'>2017年</a>", Priority::Rest, None),
        ("<a href='/news.html'>青禾市召开会议</a>", Priority::Rest, None),
        ("<iframe src='/gknb/list.html'></iframe>", Priority::List, Some(Role::Part)),
        ("<a href='http://xxgk.qinghe.gov.cn/nb'>政府信息公开年报</a>", Priority::Rest, Some(Role::ReportList)),
        ("<a href='http://www.example.com/nb'>政府信息公开年报</a>", Priority::Rest, None),
        ("<a href='javascript:void(0)'>政府信息公开年报</a>", Priority::Rest, None),
        (
            "<a href='/a.html'>青禾市人民政府2017年政府信息公开工作年度…</a> 2018-03-08",
            Priority::List,
            Some(Role::Report),
        ),
        ("<a href='http://mylogin.qinghe.gov.cn/'>政务公开</a>", Priority::Rest, Some(Role::Column)),
        ("<a href='/zn/'>政府信息公开指南</a><a href='/nb/'>年报</a>", Priority::Rest, Some(Role::ReportList)),
        ("<a href='/fw/'>办事指南</a><a href='/nb/'>年报</a>", Priority::Rest, None),
        (
            "<!-- <a href='/old/'>政府信息公开年报</a> --><a href='/gk/'>政务公开</a>",
            Priority::Rest,
            Some(Role::Column),
        ),
        ("<a href='/gk/'>政府信<!-- 2 -->息<br>\n 公开年报</a>", Priority::Rest, Some(Role::ReportList)),
        ("<!-- <a href='index_2.html'>下一页</a> -->", Priority::List, None),
        ("<!-- <script>createPageHTML(3, 0, 'index', 'html')</script> -->", Priority::List, None),
        ("<script><!--\ncreatePageHTML(3, 0, 'index', 'html')\n//--></script>", Priority::List, Some(Role::NextPage)),
    ];
    for (html, priority, expected) in cases {
        assert_eq!(found(html, priority).first().map(|(_, role)| *role), expected, "{html}");
    }
}

#[test]
fn a_document_is_followed_once_and_links_resolve_as_browsers_do() {
    let html =
        "<base href='/x/'><a href='a.html#1'>2017年政府信息公开年报</a><a href='./a.html'>2017年政府信息公开年报</a>";
    assert_eq!(found(html, Priority::List), [("http://www.qinghe.gov.cn/x/a.html".to_owned(), Role::Report)]);
}

#[test]
fn a_query_is_part_of_the_url_as_it_is_written() {
    let view = "http://zwgk.qinghe.gov.cn/p.xp?unitid=0007&do=s";
    let html = format!("<a href='{view}'>政府信息公开指南</a><a href='{view}&frame=nb'>政府信息公开年报</a>");
    assert_eq!(found(&html, Priority::Rest), [(format!("{view}&frame=nb"), Role::ReportList)]);
}

#[test]
fn the_last_page_of_a_list_that_leads_to_itself_ends_it() {
    let next = |here: u8, next: u8| {
        let html = format!(
            "<html><body><a href='d.do?id=1'>2017年政府信息公开年报</a><a href='d.do?id=2'>2016年政府信息公开年报</a>\
             <a href='l.do?pageNo=1'>&lt;&lt;</a><a href='l.do?pageNo={next}'>&gt;&gt;</a></body></html>"
        );
        let links = all(&html, &format!("http://www.qinghe.gov.cn/l.do?pageNo={here}"), Context::of(Priority::List, 2));
        links.iter().filter(|link| link.starts_with("a next page")).count()
    };
    assert_eq!((next(1, 2), next(3, 3)), (1, 0));
}

#[test]
fn of_several_links_to_a_page_the_best_says_what_it_is() {
    let html = "<a href='/gk/'>政务公开</a><a href='/gk/'>政府信息公开年报</a><a href='/gk/'>信息公开</a>";
    assert_eq!(
        found(html, Priority::Rest),
        [("http://www.qinghe.gov.cn/gk/".to_owned(), Role::ReportList)],
        "whatever their order"
    );
}

#[test]
fn the_column_that_a_link_to_gkmlpt_names_is_kept() {
    let html = "<a href='/gkmlpt/index'>政务公开</a><a href='/jyj/gkmlpt/index#88'>教育局信息公开年报</a>\
                <a href='/gkmlpt/index#6033'>政府信息公开年报</a><a href='/gk/#88'>信息公开</a>";
    let url = |path: &str| format!("http://www.qinghe.gov.cn{path}");
    let expected = [
        (url("/gkmlpt/index#6033"), Role::ReportList),
        (url("/jyj/gkmlpt/index#88"), Role::ReportList),
        (url("/gk/"), Role::Column),
    ];
    assert_eq!(found(html, Priority::Rest), expected);
}

#[test]
fn the_tree_of_gkmlpt_names_its_columns() {
    let capture = |url: &str, tree: &str| {
        let page = format!("<script>window._CONFIG = {{ SID: '7', API: 'api', TREE: {tree}, X: 1 }}</script>");
        Capture { final_url: Some(url.parse().unwrap()), ..Capture::of_bytes(page.into_bytes()) }
    };
    let named = |url: &str, tree: &str| {
        let found = discover(&capture(url, tree), Context::of(Priority::Column, 1)).links.into_iter();
        found.map(|link| (link.role, link.request.url.to_string())).collect::<Vec<_>>()
    };
    let list = "{\"id\":6033,\"name\":\"政府信息公开年报\",\"jump_url\":\"\",\"sub_cates\":[]}";
    for folder in ["", "/jyj"] {
        let api = |column: u32| format!("http://a.gov.cn{folder}/gkmlpt/api/all/{column}?page=1&sid=7");
        let page = format!("http://a.gov.cn{folder}/gkmlpt/index");
        for below in ["children", "sub_cates"] {
            let tree =
                format!("[{{\"id\":5,\"name\":\"政策文件\"}},{{\"id\":60,\"name\":\"其他\",\"{below}\":[{list}]}}]");
            assert_eq!(named(&page, &tree), [(Role::ReportList, api(6033))], "{below}");
            // A column above that is worth a look hides none below it.
            let tree = tree.replace("其他", "法定主动公开内容");
            assert_eq!(named(&page, &tree), [(Role::ReportList, api(6033)), (Role::Column, api(60))], "{below}");
        }
    }
    let tree = format!("[{list}]");
    let elsewhere = discover(&capture("http://a.gov.cn/zwgk/index.html", &tree), Context::of(Priority::List, 1));
    assert_eq!(elsewhere.links, []);
}

proptest! {
    #[test]
    fn any_page_is_looked_through(pieces in proptest::collection::vec(proptest::sample::select(PIECES), 0..40), text in "\\PC{0,40}") {
        let html = pieces.join(&text);
        for priority in Priority::ALL {
            for url in ["http://a.gov.cn/gknb/index_2.html?page=2", "http://a.gov.cn/m.js", "http://a.gov.cn/gkmlpt/x"] {
                let links = all(&html, url, Context::of(priority, 2));
                prop_assert!(links.len() <= MOST_LINKS);
            }
        }
    }
}

#[test]
fn a_hostile_page_costs_little() {
    let many = |piece: &str| piece.repeat(2_000_000 / piece.len());
    for piece in PIECES {
        let links = all(&many(piece), "http://a.gov.cn/gknb/", Context::of(Priority::List, 2));
        assert!(links.len() <= MOST_LINKS, "{piece}");
    }
}

/// What the readers of pages look for, whole and broken.
const PIECES: &[&str] = &[
    "<a href='/a/'>",
    "政府信息公开年报",
    "</a>2018-03-08",
    "<a href=\"x.pdf\" title='",
    "<script>",
    "</script",
    "document.write(\"<a href=\\\"/b/\\\">年报<\\/a>\")",
    "$.post('/list', {page: n, rows: 10, id: code, a: b, c: d})",
    "url: '/x/list', data: {",
    "{\"title\": \"年报\", \"url\": \"",
    "SID: '1', CATEGORY_ID: 2, TREE: [{\"id\":1,\"name\":\"年报\"}",
    "createPageHTML(9, 0, \"index\", \"html\")",
    "var countPage = 3",
    "'中文', \\",
    "共9页<a href='index_3.html'>下一页</a>",
    "<form method=post><input name=page><input name=",
    "</form><a onclick='go(2)'>下一页",
    "<li onclick=\"window.open('/c.html' + ",
    "<select onchange='location=this.value'><option value='?p=2'>第2页",
    "<urlset><loc>",
    "<nextgroup><![CDATA[<a href=\"?page=2",
    "jpage({totalRecord:33, perPage:0, proxyUrl:'/dataproxy.jsp', ajaxParam:{",
    "[[[[{{{{",
    "<iframe src=",
    "<a href=\"javascript:f('7')\">年报</a><script>function f(n){open('/d/'+n)}",
    "function f(n){",
    "<form action=a><select name=nd><option value=2023>2023年",
    "</select></form>",
    "var pageCount=9;for(var i=2;i<=pageCount;i++){s+='<a href=\"l_'+i+'.html\">'",
    "\u{0}\u{feff}é",
];

#[test]
fn a_folder_that_a_server_lists_has_files_named_after_their_year() {
    let roles = |html: &str| found(html, Priority::List).into_iter().map(|(_, role)| role).collect::<Vec<_>>();
    assert_eq!(roles("<a href='../'>../</a><a href='2023ndbg.html'>2023ndbg.html</a>"), [Role::Report]);
    assert_eq!(roles("<a href='2023tjnb.html'>2023tjnb.html</a><a href='ndbg.html'>ndbg.html</a>"), []);
    assert_eq!(roles("<a href='/x/2023ndbg.html'>2023ndbg</a>"), []);
}

#[test]
fn a_list_that_names_issuers_alone_has_the_government_s_own() {
    let issuer = |url: &str| format!("<a href='{url}'>青禾县人民政府</a>");
    assert_eq!(found(&issuer("nb/7.html"), Priority::List).len(), 1);
    assert_eq!(found(&issuer("/"), Priority::List), [], "a breadcrumb");
    assert_eq!(found(&issuer("/index.html"), Priority::List), []);
    assert_eq!(found(&issuer("http://www.huangshui.gov.cn/a/7.html"), Priority::List), [], "another government");
    assert_eq!(found(&issuer("nb/7.html"), Priority::Column), [], "no list");
}
