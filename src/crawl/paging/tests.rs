//! A small page of each system, and the real list pages.

use std::path::Path;

use super::*;
use crate::crawl::body::Body;
use crate::crawl::discover::{Context, Role, discover};
use crate::crawl::frontier::Priority;
use crate::page::Capture;

/// What follows a page, as `SYSTEM URL FIELDS`.
fn follows(text: &str, url: &str, form: Option<&[(&str, &str)]>) -> Vec<String> {
    let body = form.map(|form| Body::Form(form.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()));
    let capture = Capture { final_url: Some(url.parse().unwrap()), ..Capture::of_bytes(text.as_bytes().to_vec()) };
    let context = Context { body: body.as_ref(), ..Context::of(Priority::List, 2) };
    let pages = discover(&capture, context).links.into_iter().filter(|link| link.role == Role::NextPage);
    pages
        .map(|link| {
            let system = link.why.trim_start_matches("a next page, as ").trim_end_matches(" pages it").to_owned();
            let fields: String = match link.request.body {
                Some(Body::Form(form)) => form.iter().map(|(name, value)| format!(" {name}={value}")).collect(),
                Some(json) => format!(" {}", json.encoded()),
                None => String::new(),
            };
            format!("{system} {}{fields}", link.request.url)
        })
        .collect()
}

fn after(text: &str, url: &str) -> Vec<String> {
    follows(text, url, None)
}

const LIST: &str = "http://a.gov.cn/gknb/index.html";

#[test]
fn trs_calls_with_any_stem_and_extension() {
    let cases: [(&str, &[&str]); 12] = [
        ("createPage(3,0,'index','html');", &["index_1.html", "index_2.html"]),
        (
            "var _PAGE_COUNT='3';var _PAGE_INDEX='0';var _PAGE_NAME='index';var _PAGE_EXT='html';",
            &["index_1.html", "index_2.html"],
        ),
        ("Pager({size:3, current:0, prefix:'index',suffix:'htm'});", &["index_1.htm", "index_2.htm"]),
        ("Pager({size:3, current:1, prefix:'index',suffix:'htm'});", &[]),
        (
            "var pageName='index';var pageExt='shtml';var pageNo=1;var pageCount=3;page(pageCount,pageNo);",
            &["index_2.shtml", "index_3.shtml"],
        ),
        ("var pageName='list';var pageExt='shtml';var pageNo=1;var pageCount=3;", &[]),
        ("createPageHTML(3, 0, \"index\", \"html\");", &["index_1.html", "index_2.html"]),
        ("createPageHTML(2,0,'list_a','shtml')", &["list_a_1.shtml"]),
        ("createPageHTML('page_div',3, 1,'./c9','htm',44)", &["c9_2.htm", "c9_3.htm"]),
        ("createPageHTML(3, 2, \"index\", \"html\")", &[]),
        ("createPageHTML(1, 0, \"index\", \"html\")", &[]),
        ("function createPageHTML(_nPageCount, _nCurrIndex, _sName, _sExt){}", &[]),
    ];
    for (call, expected) in cases {
        let expected: Vec<String> = expected.iter().map(|file| format!("TRS http://a.gov.cn/gknb/{file}")).collect();
        assert_eq!(after(&format!("<script>{call}</script>"), LIST), expected, "{call}");
    }
}

#[test]
fn trs_counts_with_the_stem_of_the_script_or_of_the_page() {
    let count = |rest: &str| format!("<script>var countPage = 2//pages\nvar currentPage = 0;{rest}</script>");
    assert_eq!(after(&count(""), "http://a.gov.cn/gknb/"), ["TRS http://a.gov.cn/gknb/index_1.html"]);
    assert_eq!(after(&count(""), "http://a.gov.cn/gknb/nb.shtml"), ["TRS http://a.gov.cn/gknb/nb_1.shtml"]);
    let written = "document.write(\"<a href=\\\"default\"+\"_\" + nextPage + \".\"+\"htm\\\">\");";
    assert_eq!(after(&count(written), "http://a.gov.cn/gknb/"), ["TRS http://a.gov.cn/gknb/default_1.htm"]);
    // Only the link to the first page is put together where there is no more to see.
    for first in [
        "document.write(\"<a href=\\\"index\"+\".\"+\"shtml\\\">首页</a>\");",
        "document.write(\"<a href=\\\"index.\"+\"shtml\\\">上一页</a>\");",
        "document.write('<a href=\"index'+'.shtml\">首页</a>');",
    ] {
        assert_eq!(
            after(&count(first), "http://a.gov.cn/gknb/"),
            ["TRS http://a.gov.cn/gknb/index_1.shtml"],
            "{first}"
        );
    }
}

#[test]
fn jpage_scripts_and_the_answers_of_its_proxy() {
    let script = |proxy: &str| {
        format!(
            "<li><a href='/art/1.html'>公告</a>2018-01-02</li><script>$('#7').jpage({{totalRecord:33,proxyUrl:'{proxy}',\
             perPage:15,ajaxParam:{{columnid:9,unitid:'7',webid:3}}}})</script>"
        )
    };
    for proxy in ["/module/web/jpage/dataproxy.jsp", "/module/jpage/dataproxy.jsp"] {
        let page =
            format!("jpage http://a.gov.cn{proxy}?startrecord=16&endrecord=33&perpage=15 columnid=9 unitid=7 webid=3");
        assert_eq!(after(&script(proxy), LIST), [page]);
    }
    for other in ["param", "params"] {
        let page = script("/module/jpage/dataproxy.jsp").replace("ajaxParam", other);
        assert_eq!(after(&page, LIST).len(), 1, "{other}");
    }
    let empty = script("/module/jpage/dataproxy.jsp").replace("<li><a href='/art/1.html'>公告</a>2018-01-02</li>", "");
    assert!(
        after(&empty, LIST)[0].contains("startrecord=1&endrecord=33"),
        "an empty container leaves all to the script"
    );
    let ranges = "startrecord=16&endrecord=30&perpage=15";
    let other = script("/x/getMessage.do").replace("totalRecord:33", "totalRecord:30");
    assert_eq!(
        after(&other, LIST),
        [format!("jpage http://a.gov.cn/x/getMessage.do?{ranges}&columnid=9&unitid=7&webid=3")]
    );
    let column = other.replace("ajaxParam:{columnid:9,unitid:'7',webid:3}", "columnId:'ab'");
    assert_eq!(after(&column, LIST), [format!("jpage http://a.gov.cn/x/getMessage.do?{ranges}&columnId=ab")]);
    let in_query =
        script("/module/jpage/dataproxy.jsp?columnid=9").replace(",ajaxParam:{columnid:9,unitid:'7',webid:3}", "");
    let in_query = in_query.replace("totalRecord:33", "totalRecord:30");
    assert_eq!(
        after(&in_query, LIST),
        [format!("jpage http://a.gov.cn/module/jpage/dataproxy.jsp?columnid=9&{ranges}")]
    );
    let proxy = "http://a.gov.cn/module/web/jpage/dataproxy.jsp?page=2&columnid=9";
    let answer = |next: u32| {
        format!(
            "<datastore><totalrecord>40</totalrecord><totalpage>3</totalpage><nextgroup><![CDATA[<a \
             href=\"./dataproxy.jsp?page={next}&amp;columnid=9\"></a>]]></nextgroup><recordset><record><![CDATA[<a \
             href='/art/1.html'>公告</a>]]></record></recordset></datastore>"
        )
    };
    assert_eq!(after(&answer(3), proxy), ["jpage http://a.gov.cn/module/web/jpage/dataproxy.jsp?page=3&columnid=9"]);
    assert_eq!(after(&answer(4), proxy), [""; 0], "there are three");
    assert_eq!(after(&answer(2), proxy), [""; 0], "a group that names itself");
}

#[test]
fn gkmlpt_and_the_json_of_others() {
    let app = "<script>window._CONFIG = {SID: '5', CATEGORY_ID: '88'};</script>";
    let api = "http://a.gov.cn/gkmlpt/api/all/88?page=1&sid=5";
    assert_eq!(after(app, "http://a.gov.cn/gkmlpt/index"), [format!("gkmlpt {api}")]);
    let office = after(app, "http://a.gov.cn/jyj/gkmlpt/index");
    assert_eq!(office, ["gkmlpt http://a.gov.cn/jyj/gkmlpt/api/all/88?page=1&sid=5"]);
    let capture = Capture {
        final_url: "http://a.gov.cn/gkmlpt/index".parse().ok(),
        ..Capture::of_bytes(app.as_bytes().to_vec())
    };
    let named = discover(&capture, Context { fragment: Some("6033"), ..Context::of(Priority::List, 2) });
    assert_eq!(named.links[0].request.url.path(), "/gkmlpt/api/all/6033", "the link chooses the column");
    let second = [format!("JSON list {}", api.replace("page=1", "page=2"))];
    assert_eq!(after("{\"articles\":[{\"a\":1}],\"total\":230,\"per_page\":100}", api), second);
    assert_eq!(
        after("{\"articles\":[{\"a\":1}],\"total\":230,\"per_page\":100}", &api.replace("page=1", "page=3")),
        [""; 0]
    );
    let by_post = |page: &str, answer: &str| {
        follows(answer, "http://a.gov.cn/list", Some(&[("page", page), ("rows", "2"), ("id", "7")]))
    };
    assert_eq!(
        by_post("1", "{\"data\":{\"total\":\"3\",\"list\":[{\"a\":1},{\"a\":1}]}}"),
        ["JSON list http://a.gov.cn/list page=2 rows=2 id=7"]
    );
    let start = |n: u64| format!("http://a.gov.cn/list?start={n}&limit=2");
    assert_eq!(after("{\"total\":5,\"rows\":[{\"a\":1},{\"a\":1}]}", &start(0)), [format!("JSON list {}", start(2))]);
    assert_eq!(after("{\"total\":5,\"rows\":[{\"a\":1}]}", &start(4)), [""; 0]);
    // Where nothing tells a page's rows the first names all: the last has fewer.
    let all = after("{\"total\":5,\"list\":[{\"a\":1},{\"a\":1}]}", "http://a.gov.cn/list?page=1");
    assert_eq!(all, [2, 3].map(|n| format!("JSON list http://a.gov.cn/list?page={n}")));
    assert_eq!(after("{\"total\":5,\"list\":[{\"a\":1}]}", "http://a.gov.cn/list?page=3"), [""; 0]);
    assert_eq!(by_post("2", "{\"data\":{\"total\":\"3\",\"list\":[{\"a\":1}]}}"), [""; 0]);
    assert_eq!(by_post("1", "back({\"totalPages\":2,\"rows\":[{\"a\":1}]});").len(), 1, "pages counted, in a callback");
    assert_eq!(by_post("1", "[{\"a\":1},{\"a\":1}]").len(), 1, "a full page without a total may have a next");
    assert_eq!(by_post("1", "[{\"a\":1}]"), [""; 0]);
    assert_eq!(by_post("1", "{\"total\":900,\"list\":[]}"), [""; 0], "an empty page ends the list");
    // TRS WAS: `count` beside records is the total, and behind the last comma is no record.
    let was = |page: u32| format!("http://a.gov.cn/was5/web/search?channelid=9&prepage=2&page={page}");
    let docs = r#"{"count":"5","docs":[{"url":"/1"},{"url":"/2"},{}]}"#;
    assert_eq!(after(docs, &was(1)), [format!("JSON list {}", was(2))]);
    assert_eq!(after(docs, &was(3)), [""; 0]);
    let unsaid = after(docs, "http://a.gov.cn/search?page=1");
    assert_eq!(unsaid, [2, 3].map(|n| format!("JSON list http://a.gov.cn/search?page={n}")));
    // `index` counts pages beside the number of their rows.
    let indexed = |page: u32| format!("http://a.gov.cn/docs?Index={page}&pageSize=2");
    assert_eq!(after(r#"{"total":5,"list":[{"a":1},{"a":2}]}"#, &indexed(2)), [format!("JSON list {}", indexed(3))]);
    let both = r#"{"count":2,"total":5,"docs":[{"url":"/1"},{"url":"/2"}]}"#;
    assert_eq!(after(both, "http://a.gov.cn/search?page=1").len(), 2, "beside a total it counts the page's");
}

#[test]
fn functions_that_turn_to_a_page() {
    let turn = |to: &str| format!("第1页/共3页<script>function goPage(n){{ window.location.href = {to}; }}</script>");
    let pages = |from: &str, to: &str| [2, 3].map(|n| format!("a script's pattern http://a.gov.cn/gknb/{from}{n}{to}"));
    assert_eq!(after(&turn("'list_' + n + '.html'"), LIST), pages("list_", ".html"));
    assert_eq!(after(&turn("n + '.shtml'"), LIST), pages("", ".shtml"));
    assert_eq!(after(&turn("'list_' + m + '.html'"), LIST), [""; 0], "another number");
    let laypage =
        "<script>laypage({pages: 3, curr: 1, jump: function(e){ location.href = '?page=' + e.curr; }})</script>";
    assert_eq!(after(laypage, LIST), pages("index.html?page=", ""));
}

#[test]
fn scripts_that_ask_for_page_and_rows() {
    let cases = [
        (
            "laypage.render({count: n, limit: 10, jump: function(o){ $.post('/x/list', {page: o.curr, rows: o.limit, \
             channelId: '12'}, show); }})",
            "http://a.gov.cn/x/list page=1 rows=10 channelId=12",
        ),
        (
            "var code = 'c77'; $.ajax({type: 'post', url: '/siteapps/getFileListByCodeId', data: {codeId: code, \
             pageNo: pageNo, pageSize: 15}})",
            "http://a.gov.cn/siteapps/getFileListByCodeId codeId=c77 pageNo=1 pageSize=15",
        ),
        (
            "avalon.ajax({url: \"/was5/search\", type: \"POST\", data: {channelid: \"9\", page: vm.page, perpage: 10}})",
            "http://a.gov.cn/was5/search channelid=9 page=1 perpage=10",
        ),
        (
            "$.getJSON('/api/list', {column: 3, page: 0, size: 20}, show)",
            "http://a.gov.cn/api/list?column=3&page=0&size=20",
        ),
        ("fetch('/api/list?column=3&page=' + page)", "http://a.gov.cn/api/list?column=3&page=1"),
        ("axios.get('/api/list', {params: {column: 3, pageNum: 1}})", "http://a.gov.cn/api/list?column=3&pageNum=1"),
        (
            "axios.post('/api/list', {column: '3', pageNum: 1, all: true})",
            r#"http://a.gov.cn/api/list {"all":true,"column":"3","pageNum":1}"#,
        ),
        ("axios.post('/api/list', qs.stringify({pageNum: 1}))", "http://a.gov.cn/api/list pageNum=1"),
        ("axios({method: 'post', url: '/api/list', data: {pageNum: 1}})", r#"http://a.gov.cn/api/list {"pageNum":1}"#),
        (
            "fetch('/api/list', {method: 'POST', body: JSON.stringify({page: n, size: 10})})",
            r#"http://a.gov.cn/api/list {"page":1,"size":10}"#,
        ),
        (
            "$.ajax({type: 'post', url: '/api/list', contentType: 'application/json', data: JSON.stringify({page: 1})})",
            r#"http://a.gov.cn/api/list {"page":1}"#,
        ),
        (
            "$.ajax({type: 'POST', url: '/api/list', data: 'id=7&page=1&rows=9'})",
            "http://a.gov.cn/api/list id=7 page=1 rows=9",
        ),
        ("$.ajax({type: 'get', url: '/api/list', data: 'id=7&page=' + n})", "http://a.gov.cn/api/list?id=7&page=1"),
        ("x.open('POST', '/api/list', true); x.send('id=7&page=1');", "http://a.gov.cn/api/list id=7 page=1"),
        ("$.get('/api/list', {id: 7, start: first, limit: 20})", "http://a.gov.cn/api/list?id=7&start=0&limit=20"),
        ("$.post('/api/list', 'id=7&page=1', draw)", "http://a.gov.cn/api/list id=7 page=1"),
        ("var s={\"root\":\"/gk\"};$.get(s.root+'/list',{id:7,page:n})", "http://a.gov.cn/gk/list?id=7&page=1"),
        ("Ls.pagination({link:'/label/7',data:{type:4,pageIndex:1}})", "http://a.gov.cn/label/7?type=4&pageIndex=1"),
        (
            "function load(i){$.ajax({url:'/docs?Index='+i+'&pageSize=9&id=7'})} load(1);",
            "http://a.gov.cn/docs?Index=1&pageSize=9&id=7",
        ),
        ("$.ajax({url:'/docs',data:{id:7,index:n,pageSize:9}})", "http://a.gov.cn/docs?id=7&index=1&pageSize=9"),
        (
            "function list(o){var param=$.extend({siteId:\"5\",pageIndex:1,catId:\"7\"},o||{});\
             $.ajax({url:\"/label/8?dataType=html\",data:param})}",
            "http://a.gov.cn/label/8?dataType=html&siteId=5&pageIndex=1&catId=7",
        ),
        (
            "var all={catId:7,page:1};$.get('/label/8',$.extend(true,{},all,{catId:9}),show)",
            "http://a.gov.cn/label/8?page=1&catId=9",
        ),
        ("$.ajax({url:'/label/8',data:Object.assign({catId:7,page:n},o)})", "http://a.gov.cn/label/8?catId=7&page=1"),
        (
            "$.getJSON('/api/list?id=7&page=1&callback=?',draw)",
            "http://a.gov.cn/api/list?id=7&page=1&callback=callback",
        ),
        (
            "$.get('/unit',{id:7,paramJson:JSON.stringify({pageNo:n,pageSize:'9'})})",
            "http://a.gov.cn/unit?id=7&paramJson=%7B%22pageNo%22%3A1%2C%22pageSize%22%3A%229%22%7D",
        ),
    ];
    for (script, expected) in cases {
        assert_eq!(after(&format!("<script>{script}</script>"), LIST), [format!("a script's list {expected}")]);
    }
    for script in [
        "$.post('/vote/save', {page: 1})",
        "$.post('/x/list', {page: 1, channelId: chosen.id})",
        "$.post('/x/hits', {articleId: 7})",
        "$.get('/x/list', {index: 3})",
        // Not without its fields, where they are not known.
        "$.ajax({url: '/x/list?page=1', data: chosen})",
        "$.get('/x/list?page=1', chosen, function(r){})",
        "$.ajax({url: '/x/list?page=1', data: $.extend({}, chosen, {page: 1})})",
        "$.post('http://other.gov.cn/list', {page: 1})",
    ] {
        assert_eq!(after(&format!("<script>{script}</script>"), LIST), [""; 0], "{script}");
    }
}

#[test]
fn pages_that_differ_in_a_number() {
    let cases: [(&str, &str, &[&str]); 12] = [
        // 首页 and 尾页 alone.
        (
            "共10条 第1/3页 <a href='?c=5'>首页</a> <a href='?c=5&p=3'>尾页</a>",
            "http://a.gov.cn/gknb/l.jsp?c=5",
            &["l.jsp?c=5&p=2", "l.jsp?c=5&p=3"],
        ),
        (
            "共3页 <a href='index.html'>首页</a> <a href='index_2.html'>尾页</a>",
            LIST,
            &["index_1.html", "index_2.html"],
        ),
        ("<a href='?p=1'>首页</a> <a href='?p=3'>尾页</a>", "http://a.gov.cn/gknb/l.jsp", &["l.jsp?p=2", "l.jsp?p=3"]),
        ("<a href='index.html'>首页</a> <a href='index_9.html'>尾页</a>", LIST, &[]),
        ("共4页 <a href='index_1.html'>下一页</a>", LIST, &["index_1.html", "index_2.html", "index_3.html"]),
        ("第<b>1</b>/3页 <a href='index_2.html'>下一页</a>", LIST, &["index_2.html", "index_3.html"]),
        (
            "<a href='?page=2'>2</a><a href='?page=3'>3</a><a href='?page=5'>尾页</a>",
            "http://a.gov.cn/gknb/l.jsp",
            &["l.jsp?page=2", "l.jsp?page=3", "l.jsp?page=4", "l.jsp?page=5"],
        ),
        (
            "<a href='list.asp?id=2018&p=2'>[2]</a>共 2 页",
            "http://a.gov.cn/gknb/list.asp?id=2018",
            &["list.asp?id=2018&p=2"],
        ),
        (
            "<a href='index.html'>1</a><a href='index_2.html'>3</a>",
            "http://a.gov.cn/gknb/index_1.html",
            &["index_2.html"],
        ),
        ("<a href='list.asp?p=3'>下一页</a>", LIST, &["list.asp?p=3"]),
        ("<a href='next.html'>下一頁</a>", LIST, &["next.html"]),
        ("<a href='index_2.html'><img alt='下一页'></a>", LIST, &["index_2.html"]),
    ];
    for (html, url, expected) in cases {
        let mut pages: Vec<String> =
            after(html, url).iter().filter_map(|page| page.rsplit('/').next().map(str::to_owned)).collect();
        pages.sort();
        assert_eq!(pages, expected, "{html}");
    }
    let vsb = "<a href='nb.htm'>1</a><a href='nb/4.htm'>2</a><a href='nb/1.htm'>5</a><a href='nb/4.htm'>下页</a>";
    let pages = ["4", "3", "2", "1"].map(|n| format!("numbered pages http://a.gov.cn/gk/nb/{n}.htm"));
    assert_eq!(after(vsb, "http://a.gov.cn/gk/nb.htm"), pages, "counted from the end");
    let vsb = "<a href='../nb.htm'>1</a><a href='4.htm'>2</a><a href='2.htm'>4</a><a href='1.htm'>5</a><a href='2.htm'>下页</a>";
    assert_eq!(after(vsb, "http://a.gov.cn/gk/nb/3.htm"), [&pages[0], &pages[2], &pages[3]].map(String::as_str));
    let fragment = "共3页 <a href='javascript:loadPage(508,3)'>3</a>";
    let own = after(fragment, "http://a.gov.cn/gknb/l.aspx?id=508&page=2");
    assert_eq!(own, ["numbered pages http://a.gov.cn/gknb/l.aspx?id=508&page=3"], "its own URL is numbered");
    assert_eq!(after(fragment, "http://a.gov.cn/gknb/l.aspx?id=508&page=3"), [""; 0]);
    assert_eq!(after("<a href='2017.html'>2017</a><a href='2018.html'>2018</a>", LIST), [""; 0], "years are no pages");
    let endless = after("共99999页<a href='?page=2'>2</a>", LIST);
    assert!(endless.len() < MOST_PAGES as usize, "{}", endless.len());
}

#[test]
fn next_pages_by_any_name() {
    for text in [
        "下一页&raquo;",
        "下页&rsaquo;",
        "下一页 &gt;&gt;",
        "»",
        "&#187;",
        "&gt;&gt;",
        "›",
        "＞",
        "→",
        "下十页",
        "下5页",
    ] {
        let page = after(&format!("<a href='?pageNo=3'>{text}</a>"), "http://a.gov.cn/gknb/");
        assert_eq!(page, ["next page http://a.gov.cn/gknb/?pageNo=3"], "{text}");
    }
    let both = "<a href='list_12.html'>下十页</a><a href='list_3.html'>下一页</a><a href='list_9.html'>&gt;&gt;</a>";
    assert_eq!(after(both, "http://a.gov.cn/gknb/list_2.html"), ["next page http://a.gov.cn/gknb/list_3.html"]);
    for more in ["<a href='/tzgg/2.html'>&gt;&gt;</a>", "<a href='more.html'>»</a>", "<a href='?page=2'>下载首页</a>"]
    {
        assert_eq!(after(more, LIST), [""; 0], "{more}");
    }
}

#[test]
fn a_pager_that_a_loop_writes() {
    let after = |script: &str| {
        let pages = after(&format!("<script>{script}</script>"), LIST).into_iter();
        pages.map(|page| page.replace("a script's loop http://a.gov.cn/gknb/", "")).collect::<Vec<_>>()
    };
    let cases: [(&str, &[&str]); 6] = [
        (
            "var pageCount=3;for(var i=2;i<=pageCount;i++){document.write(\"<a href='list_\"+i+\".html'>\"+i+\"</a>\");}",
            &["list_2.html", "list_3.html"],
        ),
        (
            "totalPage = '3'; for (i = 0; i < totalPage; i++) { s += '<a href=\"index_' + i + '.shtml\">' + (i + 1); }",
            &["index_1.shtml", "index_2.shtml"],
        ),
        ("for(let i=1;i<=2;i++){ s += '<a href=\"?page=' + i + '\">'; }", &["index.html?page=2"]),
        ("for(var i=0;i<list.length;i++){ s += '<a href=\"/art_' + i + '.html\">'; }", &[]),
        ("var n=9;for(var i=0;i<n;i++){ s += '<a href=\"/art_' + i + '.html\">'; }", &[]),
        ("var pageCount=3;for(var i=2;i<=pageCount;i++){ s += '<a href=\"/art_' + id + '.html\">'; }", &[]),
    ];
    for (script, expected) in cases {
        assert_eq!(after(script), expected, "{script}");
    }
}

#[test]
fn a_link_to_the_next_page_that_a_script_writes_by_this_one_s_number() {
    let cases = [
        (
            "var cur=3;if(cur>1)document.write(\"<a href='index_\"+(cur-1)+\".html'>下一页</a>\");",
            &["index_2.html"][..],
        ),
        ("var cur=1;if(cur>1)document.write(\"<a href='index_\"+(cur-1)+\".html'>下一页</a>\");", &[]),
        ("var n=1,maxPage=3;s+='<a href=\"l_'+(n+1)+'.html\">下一页</a>';", &["l_2.html"]),
        ("var n=3,maxPage=3;s+='<a href=\"l_'+(n+1)+'.html\">下一页</a>';", &[]),
        ("var n=1;s+='<a href=\"l_'+(n+1)+'.html\">下一页</a>';", &[]),
        ("var cur=3;if(cur<last)document.write(\"<a href='l_\"+(cur+1)+\".html'>下一页</a>\");", &[]),
        ("var cur=3;document.write(\"<a href='l_\"+(cur-1)+\".html'>上一页</a>\");", &[]),
    ];
    for (script, files) in cases {
        let expected: Vec<String> =
            files.iter().map(|file| format!("a script's loop http://a.gov.cn/gknb/{file}")).collect();
        assert_eq!(after(&format!("<script>{script}</script>"), LIST), expected, "{script}");
    }
}

#[test]
fn a_part_of_a_list_that_carries_its_pager() {
    let pager = |here: u32| {
        format!(
            "<li><a href='/r/{here}.html'>青禾市2017年政府信息公开年报</a></li><script>Ls.pagination('#p',function(pageIndex){{\
             Ls.ajax({{url:'/list/part',data:{{c:'9',pageIndex:pageIndex}}}})}},{{currPage:{here},pageCount:3}});</script>"
        )
    };
    let part = |page: u32| format!("http://a.gov.cn/list/part?c=9&pageIndex={page}");
    assert_eq!(after(&pager(1), LIST), [format!("a script's list {}", part(1))]);
    assert_eq!(after(&pager(1), &part(1)), [2, 3].map(|page| format!("numbered pages {}", part(page))));
    assert_eq!(after(&pager(2), &part(2)), [format!("numbered pages {}", part(3))]);
}

#[test]
fn a_control_that_says_itself_what_it_asks_for() {
    let control = "<li><a href='/r/1.html'>青禾市2017年政府信息公开年报</a></li>\
                   <a class=more href='javascript:;' data-page='1' data-url='/nb/more.html'>加载更多</a>";
    let why = "a guess: the next part of the list, which ends with an empty one";
    for (script, field) in [("", "page"), ("<script>$.get(u,{pageNo:p},show)</script>", "pageNo")] {
        let expected = format!("{why} http://a.gov.cn/nb/more.html?{field}=2");
        assert_eq!(after(&format!("{control}{script}"), LIST), [expected]);
    }
}

#[test]
fn parts_of_a_list_that_say_nothing_of_the_next() {
    let part = "<li><a href='/r/1.html'>青禾市2017年政府信息公开年报</a></li>";
    let url = "http://a.gov.cn/list.ashx?id=3&page=1";
    let why = "a guess: the next part of the list, which ends with an empty one";
    assert_eq!(after(part, url), [format!("{why} http://a.gov.cn/list.ashx?id=3&page=2")]);
    assert_eq!(after("<li>没有更多了</li>", url), [""; 0], "no records");
    assert_eq!(after(&format!("<html><body>{part}</body></html>"), url), [""; 0], "a page has a pager");
    assert_eq!(after(part, "http://a.gov.cn/list.ashx?id=3"), [""; 0], "no number");
    let posted = follows(part, "http://a.gov.cn/list", Some(&[("id", "3"), ("page", "1")]));
    assert_eq!(posted, [format!("{why} http://a.gov.cn/list id=3 page=2")]);
    let said = format!("{part}第1/3页");
    let posted = follows(&said, "http://a.gov.cn/list", Some(&[("id", "3"), ("page", "1")]));
    assert_eq!(posted, ["2", "3"].map(|page| format!("numbered pages http://a.gov.cn/list id=3 page={page}")));
    let records = r#""rows":[{"title":"青禾市2017年政府信息公开年报","url":"/r/1.html"}]"#;
    for (more, expected) in [
        (String::new(), vec![format!("{why} http://a.gov.cn/list.ashx?id=3&page=2")]),
        (r#","hasNextPage":true"#.to_owned(), vec!["JSON list http://a.gov.cn/list.ashx?id=3&page=2".to_owned()]),
        (r#","hasNextPage":false"#.to_owned(), vec![]),
        (r#","last":true"#.to_owned(), vec![]),
        (r#","total":1"#.to_owned(), vec![]),
        (r#","pageSize":5"#.to_owned(), vec![]),
    ] {
        assert_eq!(after(&format!("{{{records}{more}}}"), url), expected, "{more}");
    }
    let file = format!("{{{records},\"pages\":3}}");
    assert_eq!(after(&file, "http://a.gov.cn/nb/data_1.json"), ["JSON list http://a.gov.cn/nb/data_2.json"]);
    assert_eq!(after(&file, "http://a.gov.cn/nb/data_3.json"), [""; 0]);
    let turn = "<a href='javascript:turnPage(2)'>下一页</a><script>function turnPage(n){\
                window.location.href='list.jsp?cid=9&pn='+n;}</script>";
    assert_eq!(
        after(turn, "http://a.gov.cn/gknb/list.jsp?cid=9"),
        ["next page http://a.gov.cn/gknb/list.jsp?cid=9&pn=2"]
    );
}

#[test]
fn a_box_of_pages() {
    let pager = |code: &str, options: &str| format!("<select onchange=\"{code}\">{options}</select>");
    let options = "<option>选择</option><option value='index.html' selected>第1页</option><option value='index_2.html'>第2页</option>\
                   <option value='index_3.html'>第3页</option>";
    for code in ["location.href=this.value", "window.location=this.options[this.selectedIndex].value;"] {
        assert_eq!(
            after(&pager(code, options), LIST),
            ["a box of pages http://a.gov.cn/gknb/index_2.html", "a box of pages http://a.gov.cn/gknb/index_3.html"]
        );
    }
    let form = "<form action=l.jsp><input type=hidden name=c value=9><select name=page><option value=1>第1页\
                <option value=2>第2页</select></form>";
    let asked = after(form, "http://a.gov.cn/gknb/l.jsp?c=9");
    assert_eq!(asked, ["a box of pages http://a.gov.cn/gknb/l.jsp?c=9&page=2"]);
    for (code, options) in [
        ("count(this)", options),
        ("location.href=this.value", "<option value='/a/'>省政府</option><option value='/b/'>市政府</option>"),
        ("location.href=this.value", "<option value='2019.html'>2019</option><option value='2018.html'>2018</option>"),
        ("location.href='index_'+this.value+'.html'", "<option value='a'>甲</option>"),
    ] {
        assert_eq!(after(&pager(code, options), LIST), [""; 0], "{options}");
    }
}

#[test]
fn a_pager_that_says_once_how_a_page_is_called() {
    let cases = [
        (
            "<select onchange=\"location.href='list_'+this.value+'.html'\"><option value=1>1<option value=2>2</select>",
            vec!["http://a.gov.cn/gknb/list_2.html"],
        ),
        (
            "<script>kkpager.generPageHtml({pno:1,total:3,hrefFormer:'index',hrefLatter:'.html'});</script>",
            vec!["http://a.gov.cn/gknb/index_2.html", "http://a.gov.cn/gknb/index_3.html"],
        ),
        (
            "<script>kkpager.generPageHtml({total:2,hrefFormer:'/l/',hrefLatter:'.html',getLink:function(n){\
             return n==1?this.hrefFormer:this.hrefFormer+'p'+n+this.hrefLatter;}});</script>",
            vec!["http://a.gov.cn/l/p2.html"],
        ),
        (
            "<script>laypage.render({count:10,limit:4,jump:function(o,f){if(!f)location.href='/l.jsp?c=7&page='+o.curr;}})</script>",
            vec!["http://a.gov.cn/l.jsp?c=7&page=2", "http://a.gov.cn/l.jsp?c=7&page=3"],
        ),
        (
            "<script>Ls.pagination({pageCount:2,href:'/public/column/65?catId=7&pageIndex={{page}}'});</script>",
            vec!["http://a.gov.cn/public/column/65?catId=7&pageIndex=2"],
        ),
        (
            "<script>kkpager.generPageHtml({total:2,hrefFormer:'',hrefLatter:'',getLink:function(n){\
             return this.hrefFormer+this.hrefLatter+'?pageNum='+n;}});</script>",
            vec!["http://a.gov.cn/gknb/index.html?pageNum=2"],
        ),
        (
            "<script>laypage.render({count:9,limit:4,jump:function(o,f){if(!f){location.href=o.curr+'.html';}}})</script>",
            vec!["http://a.gov.cn/gknb/2.html", "http://a.gov.cn/gknb/3.html"],
        ),
        (
            "<script>var maxPageNum890=3;function go(n){$('#c').load('index_890_'+(maxPageNum890-n)+'.html');}</script>",
            vec!["http://a.gov.cn/gknb/index_890_1.html", "http://a.gov.cn/gknb/index_890_2.html"],
        ),
        (
            "<script>laypage({pages:3,jump:function(e,f){if(!f){location.href=e.curr==1?'list.html':'list_'+e.curr+'.html';}}})</script>",
            vec!["http://a.gov.cn/gknb/list_2.html", "http://a.gov.cn/gknb/list_3.html"],
        ),
        (
            "共3页<script>function toPage(n){ if(n==0) location.href='list.html'; else location.href='list_'+n+'.html'; }</script>",
            vec!["http://a.gov.cn/gknb/list_1.html", "http://a.gov.cn/gknb/list_2.html"],
        ),
        ("<script>var pageCount=3;function open(id){location.href='art_'+id+'.html';}</script>", vec![]),
        // How many there are is said nowhere.
        ("<script>function go(n){location.href='/l.jsp?page='+n;}</script>", vec![]),
    ];
    for (html, pages) in cases {
        let expected: Vec<String> = pages.iter().map(|page| format!("a script's pattern {page}")).collect();
        assert_eq!(after(html, LIST), expected, "{html}");
    }
}

#[test]
fn lists_that_scripts_ask_for_in_their_ways() {
    let cases = [
        ("var u='/api/list?cid=7&page=1';$.getJSON(u,draw)", "http://a.gov.cn/api/list?cid=7&page=1"),
        ("var cid=7;$.getJSON('/api/list?cid='+cid+'&page=1',draw)", "http://a.gov.cn/api/list?cid=7&page=1"),
        ("$.getJSON('/api/list?cid=7&current=1&size=20',draw)", "http://a.gov.cn/api/list?cid=7&current=1&size=20"),
        ("xhr.open('GET','/api/list?cid=7&page=1',true)", "http://a.gov.cn/api/list?cid=7&page=1"),
        ("window.__PAGE__={'api':'/api/list?cid=7&pageNo=1'}", "http://a.gov.cn/api/list?cid=7&pageNo=1"),
        ("var data={cid:7,page:1};$.ajax({url:'/api/list',data:data})", "http://a.gov.cn/api/list?cid=7&page=1"),
        ("var p={page:1,'f[ID]':'8'};$.getJSON('/api/list',p,draw)", "http://a.gov.cn/api/list?page=1&f%5BID%5D=8"),
        (
            "var d={filters:[{name:'channel',word:'8'}],pageNo:1};$.ajax({url:'/list',type:'post',data:JSON.stringify(d)})",
            r#"http://a.gov.cn/list {"filters":[{"name":"channel","word":"8"}],"pageNo":1}"#,
        ),
        ("var ctx='/p';$.get(ctx+'/list.do',{cid:7,page:n},draw)", "http://a.gov.cn/p/list.do?cid=7&page=1"),
        ("$.get(ctx+'/list.do',{cid:7,page:n},draw)", "http://a.gov.cn/list.do?cid=7&page=1"),
        ("var url='/list?cid=7';function q(page){$.get(url+'&page='+page,draw)}", "http://a.gov.cn/list?cid=7&page=1"),
        ("const b='/api',c='7';fetch(`${b}/list?cid=${c}&page=${n}`)", "http://a.gov.cn/api/list?cid=7&page=1"),
        ("$.post('/list.jsp',{cid:'7',_index:1},draw)", "http://a.gov.cn/list.jsp cid=7 _index=1"),
        (
            "loadDynamic('/search.jsp?typeId=A08&area=&currpage=1','div1')",
            "http://a.gov.cn/search.jsp?typeId=A08&area=&currpage=1",
        ),
        (
            "function load2(id,p){$('#c').load('/l.aspx?id='+id+'&page='+p);} load2(508,2);",
            "http://a.gov.cn/l.aspx?id=508&page=1",
        ),
        ("$.getJSON('/api/list?page=1&t='+Math.random(),draw)", "http://a.gov.cn/api/list?page=1&t="),
        // Members of an object, and an address that is written in another place.
        (
            "var g={'root':'/gw',cid:'7'};$.post(window.g.root+'/list',{cid:g.cid,page:1},draw)",
            "http://a.gov.cn/gw/list cid=7 page=1",
        ),
        ("var g={root:'/gw'};var url=g.root+'/list';$.post(url,{page:1},draw)", "http://a.gov.cn/gw/list page=1"),
        (
            "const api={list:'/gw/api/list'};$.post(api.list,{cid:7,page:1},draw)",
            "http://a.gov.cn/gw/api/list cid=7 page=1",
        ),
        (
            "var u='/api/list';function f(n){$.ajax({url:u,type:'post',data:{page:n}})}",
            "http://a.gov.cn/api/list page=1",
        ),
        ("function f(u){$.post(u,{page:1},draw)} f('/list/7')", "http://a.gov.cn/list/7 page=1"),
    ];
    for (script, expected) in cases {
        let html = format!("<html><body><ul id=l></ul><script>{script}</script>");
        assert_eq!(after(&html, LIST), [format!("a script's list {expected}")], "{script}");
    }
    let form = "<form id=f><input type=hidden name=cid value=7><input type=hidden name=pageNo value=1></form>\
                <script>$.post('/list.do',$('#f').serialize(),draw)</script>";
    assert_eq!(after(form, LIST), ["a script's list http://a.gov.cn/list.do cid=7 pageNo=1"]);
    for script in [
        // What chooses the list is not known.
        "$.getJSON('/api/list?page=1&cid='+cid,draw)",
        "function f(id,p){$('#c').load('/l.aspx?id='+id+'&page='+p);}",
        "$.post('/list',{page:1,of:{cid:7}},draw)",
        "$.get('/list',{page:1,...rest},draw)",
    ] {
        assert_eq!(after(&format!("<div id='con'></div><script>{script}</script>"), LIST), [""; 0], "{script}");
    }
    // A tree of lists at the same address is a menu, and stops no pager.
    let tree = "<a href='?cid=3&page=2'>[2]</a><script>var zNodes=[{name:'通知公告',url:'?cid=5&page=1'},\
                {name:'年报',url:'?cid=3&page=1'}];</script>";
    assert_eq!(
        after(tree, "http://a.gov.cn/l.aspx?cid=3&page=1"),
        ["numbered pages http://a.gov.cn/l.aspx?cid=3&page=2"]
    );
}

#[test]
fn pieces_of_hanweb_s_platform_and_their_pages() {
    let unit = "<script queryData=\"{'webId':'w','tagId':'t'}\" url=\"/api/unit\"></script>";
    assert_eq!(after(unit, LIST), ["jpaas http://a.gov.cn/api/unit?webId=w&tagId=t"]);
    let nested = unit.replace("'tagId':'t'", "'paramJson':'{&quot;pageNo&quot;:1}'");
    assert_eq!(after(&nested, LIST), ["jpaas http://a.gov.cn/api/unit?webId=w&paramJson=%7B%22pageNo%22%3A1%7D"]);
    let answer = |page: u32| {
        let html = format!(
            "<ul></ul><div class='pagination' querydata=\"{{'rows':'5','count':'12','pageNo':'{page}'}}\"></div>"
        );
        serde_json::json!({ "success": true, "data": { "html": html } }).to_string()
    };
    let page = |n: u32| {
        format!("jpaas http://a.gov.cn/api/unit?webId=w&paramJson=%7B%22pageNo%22%3A{n}%2C%22pageSize%22%3A5%7D")
    };
    assert_eq!(after(&answer(1), "http://a.gov.cn/api/unit?webId=w"), [page(2), page(3)]);
    assert_eq!(after(&answer(1), "http://a.gov.cn/api/unit?webId=w&paramJson=%7B%7D"), [page(2), page(3)]);
    assert_eq!(after(&answer(2), "http://a.gov.cn/api/unit?webId=w"), [""; 0], "the first names all");
    let pager = "<div class='pagination' rows='5' count='12' pageNo='1' queryData=\"{'webId':'w'}\"></div>";
    let answer = serde_json::json!({ "data": { "html": pager } }).to_string();
    assert_eq!(after(&answer, "http://a.gov.cn/api/unit?webId=w"), [page(2), page(3)], "in attributes");
    let pager = "<div class='pagination' pagesize='5' count='12'></div>";
    let answer = serde_json::json!({ "data": { "html": pager } }).to_string();
    assert_eq!(after(&answer, "http://a.gov.cn/api/unit?webId=w"), [page(2), page(3)], "under another name");
    let pager = "<div class=pagination paramJson='{\"pageNo\":1,\"pageSize\":5}'>第1/3页</div>";
    let answer = serde_json::json!({ "data": { "html": pager } }).to_string();
    assert_eq!(after(&answer, "http://a.gov.cn/api/unit?webId=w"), [page(2), page(3)], "by its own question");
}

#[test]
fn forms_with_the_next_pages_number() {
    let form = |inputs: &str| {
        format!(
            "<form name=f method=post action='list.jsp'><input type=hidden name=channel value=7><input name=pageNo value=1>{inputs}<input type=submit name=go></form>"
        )
    };
    let next = "<a href=\"javascript:goPage('2')\">下一页</a>";
    assert_eq!(after(&(form("") + next), LIST), ["form http://a.gov.cn/gknb/list.jsp channel=7 pageNo=2"]);
    let click = "<a href='#' onclick='document.f.pageNo.value=2;document.f.submit()'>下一页</a>";
    assert_eq!(after(&(form("") + click), LIST), ["form http://a.gov.cn/gknb/list.jsp channel=7 pageNo=2"]);
    let get = form("").replace("method=post", "method=get");
    assert_eq!(after(&(get + next), LIST), ["form http://a.gov.cn/gknb/list.jsp?channel=7&pageNo=2"]);
    // Nothing to click but a button beside a number, which may be this page's or the
    // next one's.
    let typed =
        |n: u32| format!("共3页 {}", form("").replace("name=pageNo value=1", &format!("name=pageNo value={n}")));
    let page = |n: u32| format!("form http://a.gov.cn/gknb/list.jsp channel=7 pageNo={n}");
    assert_eq!(after(&typed(1), LIST), [page(2)]);
    assert_eq!(after(&typed(2), LIST), [page(2)]);
    let asked = |n: &str, text: &str| follows(text, "http://a.gov.cn/gknb/list.jsp", Some(&[("pageNo", n)]));
    assert_eq!(asked("2", &typed(2)), [page(3)]);
    assert_eq!(asked("3", &typed(3)), [""; 0]);
    for (inputs, next) in [
        ("<input type=hidden name=__VIEWSTATE value=x>", next),
        ("<input type=password name=w>", next),
        ("", "<a href=\"javascript:__doPostBack('pager','2')\">下一页</a>"),
        ("", "<a href=\"javascript:goPage('2')\">末页</a>"),
    ] {
        assert_eq!(after(&(form(inputs) + next), LIST), [""; 0], "{inputs} {next}");
    }
}

/// A real list page; none where the folder is not here.
fn real(file: &str) -> Option<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reports/pages");
    let bytes = std::fs::read(folder.join(file)).ok();
    if bytes.is_none() {
        println!("skipped: {} is not here", folder.join(file).display());
    }
    bytes
}

fn read_list(body: Vec<u8>, url: &str) -> Vec<(String, Role)> {
    let capture = Capture { final_url: Some(url.parse().unwrap()), ..Capture::of_bytes(body) };
    let found = discover(&capture, Context::of(Priority::List, 2));
    found.links.into_iter().map(|link| (link.request.url.path().to_owned(), link.role)).collect()
}

#[test]
fn the_real_column_of_a_trs_portal() {
    let Some(body) = real("ordos-engebei-xxgknb-list.html") else { return };
    let links = read_list(body, "http://www.example.gov.cn/xxgk/xxgknb/");
    let of = |role| links.iter().filter(|(_, of)| *of == role).map(|(path, _)| path.as_str()).collect::<Vec<_>>();
    assert_eq!(of(Role::NextPage), ["/xxgk/xxgknb/index_1.html"]);
    let mut reports = of(Role::Report);
    reports.sort_unstable();
    assert_eq!(
        reports,
        [
            "/xxgk/xxgknb/201905/t20190530_2380967.html",
            "/xxgk/xxgknb/201905/t20190530_2380968.html",
            "/xxgk/xxgknb/202003/t20200311_2593126.html",
            "/xxgk/xxgknb/202009/t20200903_2748784.html",
        ]
    );
    assert_eq!(links.len(), 5, "neither news nor the menu: {links:?}");
}

#[test]
fn the_real_fragment_whose_later_pages_come_by_post() {
    let Some(body) = real("pingtan-zfxxgknb-list-fragment.html") else { return };
    let links = read_list(body, "http://www.example.gov.cn/zfxxgknb/");
    assert_eq!(links.iter().map(|(_, role)| *role).collect::<Vec<_>>(), [Role::Report; 2], "{links:?}");
}

#[test]
fn the_real_answer_of_a_jpage_proxy() {
    let Some(body) = real("yuhang-jpage-datastore.xml") else { return };
    let links = read_list(body, "http://www.example.gov.cn/module/web/jpage/dataproxy.jsp?page=4&columnid=1");
    assert_eq!(links, [("/module/web/jpage/dataproxy.jsp".to_owned(), Role::NextPage)], "a tender is no report");
}
