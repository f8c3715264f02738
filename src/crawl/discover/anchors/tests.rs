//! Links of every kind, as pages write them.

use super::*;

fn found(html: &str) -> Vec<(String, String)> {
    let page = "http://a.gov.cn/x/index.html".parse().unwrap();
    let links = anchors(html, &page, "utf-8", None).into_iter().filter(|anchor| anchor.kind == AnchorKind::Link);
    links.map(|anchor| (anchor.text, anchor.url.path().to_owned())).collect()
}

/// A page, and the one link it has: what it says and the path it leads to.
const LINKS: &[(&str, &str, &str)] = &[
    ("<a href='/a/'><img src=x.png alt='政务公开'></a>", "政务公开", "/a/"),
    ("<script>document.write(\"<a href=\\\"/a/\\\">政务公开<\\/a>\")</script>", "政务公开", "/a/"),
    ("<script>var menu = [{name: '政务公开', url: '/a/'}];</script>", "政务公开", "/a/"),
    ("<script>var menu = [{'href':\"/a/\",'title':\"政务公开\"}];</script>", "政务公开", "/a/"),
    ("<script>menu.add(\"政务公开\", \"../a/\");</script>", "政务公开", "/a/"),
    ("<script>m[0] = ['政务公开','a.html'];</script>", "政务公开", "/x/a.html"),
    ("<map><area alt='政务公开' href='/a/'></map>", "政务公开", "/a/"),
    ("<a href='#' onclick=\"window.open('/a/')\">政务公开</a>", "政务公开", "/a/"),
    ("<a href=\"javascript:window.open('/a/','_blank')\">政务公开</a>", "政务公开", "/a/"),
    ("<a onclick='go(&quot;/a/&quot;)'>政务公开</a>", "政务公开", "/a/"),
    ("<a href='javascript:;' data-url='/a/'>政务公开</a>", "政务公开", "/a/"),
    ("<li onclick=\"location.href='/a/'\">政务公开</li>", "政务公开", "/a/"),
    ("<div class=m data-href=a.jhtml><b>政务公开</b></div>", "政务公开", "/x/a.jhtml"),
    ("<li onclick=\"go('/a/')\"><a href='/b/'>政务公开</a></li>", "政务公开", "/b/"),
    ("<a href='/a/' onclick=\"count('/hits.jsp')\">政务公开</a>", "政务公开", "/a/"),
    ("<a href='/a/' onclick=\"location.href='/b/'+id\">政务公开</a>", "政务公开", "/a/"),
    ("<select onchange=\"window.location=this.value\"><option value='/a/'>政务公开</select>", "政务公开", "/a/"),
    ("<select onChange=\"MM_jumpMenu('self',this,0)\"><option value=a.html>政务公开</select>", "政务公开", "/x/a.html"),
    (
        "<form action=a.jsp><select name=nd><option value=''>请选择<option value=2023>2023年</select></form>",
        "2023年",
        "/x/a.jsp",
    ),
    ("<form action=a.jsp><select name=nd><option>2023年</select></form>", "2023年", "/x/a.jsp"),
    ("<form action=a.jsp><select name=bm><option value=1>县教育局</select></form>", "县教育局", "/x/a.jsp"),
    (
        "<select onchange=\"location.href='/a/'+this.value+'.html'\"><option value=''>请选择<option value=01>政务公开</select>",
        "政务公开",
        "/a/01.html",
    ),
    ("<a href=\"javascript:f('7')\">政务公开</a><script>function f(id){open('/a/'+id)}</script>", "政务公开", "/a/7"),
    ("<input type=button value=政务公开 onclick=\"window.location='/a/'\">", "政务公开", "/a/"),
    ("<form action='/a/'><input type=submit value=政务公开></form>", "政务公开", "/a/"),
    (
        "<select onchange='go(this.value)'><option value=7>政务公开</select><script>function go(y){location='/a/'+y}</script>",
        "政务公开",
        "/a/7",
    ),
    ("<script>var t=[{name:'政务公开',click:\"openUrl('/a/')\"}];</script>", "政务公开", "/a/"),
    (
        "<a href=\"javascript:go('zw')\">政务公开</a><script>var m={zw:'/a/'};function go(k){load(m[k])}</script>",
        "政务公开",
        "/a/",
    ),
    (
        "<table><tr><th>名称</th></tr><tr><td>1</td><td>政务公开</td><td><a href='/a/'>查看</a></td></tr></table>",
        "政务公开",
        "/a/",
    ),
    ("<li><span>政务公开</span><a href='/a/'>[查看详情]</a></li>", "政务公开", "/a/"),
    ("<dl><dt><a href='/a/'><img src=/i/9.png></a></dt><dd>政务公开</dd></dl>", "政务公开", "/a/"),
    ("<li title=政务公开><a href='/a/'><i class=ico></i></a></li>", "政务公开", "/a/"),
    ("<li><a href='/a/'><img src=zwgk.png></a></li><li>政务公开</li>", "zwgk", "/a/"),
    ("[{\"text\":\"政务公开\",\"attributes\":{\"url\":\"/a/\"}}]", "政务公开", "/a/"),
    ("[{\"text\":\"政务公开\",\"a_attr\":{\"href\":\"/a/\"}}]", "政务公开", "/a/"),
    ("{\"data\":{\"list\":[{\"Title\":\"政务公开\",\"linkUrl\":\"/a/\"}]}}", "政务公开", "/a/"),
    ("back({\"children\":[{\"name\":\"政务公开\",\"path\":\"/a/\"}]});", "政务公开", "/a/"),
    ("<a href=\"\\a\\b\\\">政务公开</a>", "政务公开", "/a/b/"),
    ("<script>s={title:'政务公开',path:'\\u002Fa\\u002F7'}</script>", "政务公开", "/a/7"),
    ("<div data-menu='[{\"name\":\"政务公开\",\"url\":\"/a/\"}]'></div>", "政务公开", "/a/"),
    ("<i data-m=\"[{&quot;name&quot;:&quot;政务公开&quot;,&quot;url&quot;:&quot;/a/&quot;}]\"></i>", "政务公开", "/a/"),
    ("{\"html\":\"<li><a href='/a/'>\\u653f务公开<\\/a>\"}", "政务公开", "/a/"),
    ("政务公开|/a/|2024-01-20\n", "政务公开", "/a/"),
    ("<iframe srcdoc=\"&lt;a href='/a/'&gt;政务公开&lt;/a&gt;\"></iframe>", "政务公开", "/a/"),
    ("<h3>2023年</h3><ul><li><a href='/a/'>青禾县人民政府</a></li></ul>", "2023年", "/a/"),
    ("<h3>友情链接</h3><a href='/a/'>青禾县人民政府</a>", "青禾县人民政府", "/a/"),
    ("<details><summary>2023年</summary><a href='/a/'>点击查看</a></details>", "2023年", "/a/"),
    (
        "<li>青禾县2023年政府信息公开工作年度报告 <a href='/a/'><img src=/html.gif></a></li>",
        "青禾县2023年政府信息公开工作年度报告",
        "/a/",
    ),
    // Pages that are old, saved or broken.
    (
        "<script>document.writeln(\"<a href=\\'\\/a\\/\\'>\");\ndocument.writeln(\"政务公开\");\ndocument.writeln(\"<\\/a>\");</script>",
        "政务公开",
        "/a/",
    ),
    ("<script>var s = '<a href=\"/a/\">'; s += '政务公开'; s += '</a>'; show(s);</script>", "政务公开", "/a/"),
    (
        "<a href=\"javascript:if(confirm('http://a.gov.cn/a/?u=7&frame=nb'))window.location='http://a.gov.cn/a/?u=7&frame=nb'\">政务公开</a>",
        "政务公开",
        "/a/",
    ),
    (
        "<select onchange=\"if(this.value!=&quot;部门&quot;)window.open(this.value)\"><option>部门<option value='/a/'>政务公开</select>",
        "政务公开",
        "/a/",
    ),
    ("<select id=s><option value='http://a.gov.cn/a/'>政务公开</select><b onclick='go()'>进入</b>", "政务公开", "/a/"),
    ("<a \\=\"\" href='/a/' \u{3000}target=_blank>政务公开</a>li><a href>", "政务公开", "/a/"),
    ("<div><!DOCTYPE html><html><body><a href='/a/'>政务公开</a></body></html></div>", "政务公开", "/a/"),
];

#[test]
fn links_of_every_kind_are_seen() {
    for &(html, text, path) in LINKS {
        assert_eq!(found(html), [(text.to_owned(), path.to_owned())], "{html}");
    }
}

#[test]
fn a_frame_shows_what_the_page_s_url_names() {
    let frames = |html: &str| {
        let page = "http://a.gov.cn/x/open.html?specialurl=/gk/list.html&title=t".parse().unwrap();
        let found = anchors(html, &page, "utf-8", None).into_iter().filter(|a| a.kind == AnchorKind::Frame);
        found.map(|anchor| anchor.url.path().to_owned()).collect::<Vec<_>>()
    };
    let script = "<script>f.src = param('specialurl');</script>";
    assert_eq!(frames(&format!("<iframe id=f></iframe>{script}")), ["/gk/list.html"]);
    assert_eq!(frames(&format!("<iframe id=f src='about:blank'></iframe>{script}")), ["/gk/list.html"]);
    assert_eq!(frames(&format!("<iframe src='/b/'></iframe>{script}")), ["/b/"], "it has its own");
    assert_eq!(
        frames("<iframe data-src='/a/'></iframe><iframe src='about:blank' data-src='/b/'></iframe>"),
        ["/a/", "/b/"]
    );
    assert_eq!(frames("<object data='/a/'></object><embed src='/b/'><embed src=film.swf>"), ["/a/", "/b/"]);
    let given = "<iframe id=f></iframe><script>id('f').src = '/b/l.html'; pic.src='/b/x.gif';</script>";
    assert_eq!(frames(given), ["/b/l.html"]);
    assert_eq!(frames("<iframe id=f></iframe>"), [""; 0], "no script takes the field");
    assert_eq!(frames(script), [""; 0]);
}

#[test]
fn a_link_to_more_is_of_its_heading() {
    let named = |html: &str| found(html).pop().map(|(text, _)| text);
    for heading in [
        "<h3>政府信息公开年报</h3><a href=/c/>更多&gt;&gt;</a>",
        "<div class=t><span>政府信息公开年报</span><em>|</em><a class=more href=/c/>更多</a></div>",
        "<a href=/d/>政府信息公开年报</a> <a href=/c/>MORE+</a>",
    ] {
        assert_eq!(named(heading).as_deref(), Some("政府信息公开年报"), "{heading}");
    }
    let items = "<ul><li>青禾县召开会议</li></ul><a href=/c/>更多</a>";
    assert_eq!(named(items).as_deref(), Some("更多"));
}

#[test]
fn a_name_is_that_of_the_url_beside_it() {
    let script = "<script>var m = [{name:'机构',url:'/jg/'},{name:'政务公开',url:'/zw/'},{name:'服务'}];</script>";
    assert_eq!(found(script), [("机构".to_owned(), "/jg/".to_owned()), ("政务公开".to_owned(), "/zw/".to_owned())]);
    assert_eq!(found("<script>alert('请输入'); location = '/b/';</script>"), []);
}

#[test]
fn what_a_script_puts_together_is_no_url() {
    for html in [
        "<script>document.write('<a href=\"index'+'_'+n+'.'+'html\">下一页</a>');</script>",
        "<script>document.write(\"<a href=\\\"index\"+\"_\" + n + \".\"+\"html\\\">下一页</a>\");</script>",
        "<script>html += '<a href=\"'+item.url+'\">政务公开</a>';</script>",
        "<script>html += \"<a href=\" + item.url + \">政务公开</a>\";</script>",
        "<script>menu.add('政务公开', '/a/' + id);</script>",
        "<script>menu.add('政务公开', page + '.html');</script>",
        "<a href='${item.url}'>政务公开</a><a href='{{ item.url }}'>政务公开</a>",
        "<a href='#' onclick=\"window.open('/a/' + id)\">政务公开</a>",
        "<a href='javascript:void(0)' onclick=\"show('政务公开')\">政务公开</a>",
    ] {
        assert_eq!(found(html), [], "{html}");
    }
    for html in [
        "<select name=a><option value='/a/'>政务公开</select>",
        "<select onchange='count(this)'><option value='/a/'>政务公开</select>",
        "<form method=post><select name=nd><option value=2023>2023年</select></form>",
        "<form><select name=nd><option value=2023>2023年</select><select name=yd><option value=1>1月</select></form>",
        "<form action=/search><select name=nd><option value=2023>2023年</select></form>",
        "<form><input type=password name=w><select name=nd><option value=2023>2023年</select></form>",
    ] {
        assert_eq!(found(html), [], "{html}");
    }
    let context = "<script>menu.add('政务公开', ctx + '/a/');</script>";
    assert_eq!(found(context), [("政务公开".to_owned(), "/a/".to_owned())], "a site's own root stands before it");
}

#[test]
fn entities_are_read_by_name_and_by_number() {
    assert_eq!(unescaped("下一页&raquo;&#187;&#xBB;&rsaquo;&gt;"), "下一页»»»›>");
    assert_eq!(unescaped("?a=1&amp;b=2&copy=3&#0;&nosuch;"), "?a=1&b=2&copy=3\u{0}&nosuch;");
    assert_eq!(unescaped("&amp;lt;"), "&lt;", "once");
}

#[test]
fn a_footer_begins_at_its_first_mark() {
    let page = "http://a.gov.cn/".parse().unwrap();
    let menu = "<div class=nav-bottom><a href=m>政务公开</a></div>";
    let html = format!("{menu}{}<a href=a>甲局</a><div id='footer'><a href=b>乙局</a></div>", "<p>文</p>".repeat(30));
    let places: Vec<Place> = anchors(&html, &page, "utf-8", None).iter().map(|a| a.place).collect();
    assert_eq!(places, [Place::Page, Place::Page, Place::Footer]);
}

#[test]
fn records_are_links_under_whatever_names() {
    let title = "青禾县2017年政府信息公开工作年度报告";
    let expected = vec![(title.to_owned(), "/r/1.html".to_owned())];
    for text in [
        format!(r#"{{"data":[{{"bt":"{title}","xxlj":"/r/1.html","id":7}}]}}"#),
        format!(r#"{{"data":"[{{\"t\":\"{title}\",\"u\":\"/r/1.html\"}}]"}}"#),
        format!(r#"showList([{{"titleHtml":"<em>{title}</em>","url":"/r/1.html"}}]);"#),
        format!("<?xml version='1.0'?><list><item><title>{title}</title><link>/r/1.html</link></item></list>"),
        format!("<rss><item><title><![CDATA[{title}]]></title><link>/r/1.html</link></item></rss>"),
        format!("<feed><entry><title>{title}</title><link href='/r/1.html'/></entry></feed>"),
    ] {
        assert_eq!(found(&text), expected, "{text}");
    }
    let none = r#"{"data":[{"name":"青禾县","picture":"/p/1.png","api":"/api/list"}]}"#;
    assert_eq!(found(none), [], "no page");
}

#[test]
fn a_day_belongs_to_the_link_before_it() {
    let page = "http://a.gov.cn/".parse().unwrap();
    let dated = |html: &str| anchors(html, &page, "utf-8", None).iter().map(|a| a.is_dated).collect::<Vec<_>>();
    assert_eq!(dated("<li><a href=a>年报</a><span>[2018-03-08]</span></li><li><a href=b>目录</a></li>"), [true, false]);
    assert_eq!(dated("<a href=a>目录</a><a href=b>年报</a> 2018年3月8日"), [false, true]);
}
