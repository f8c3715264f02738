//! Hostile documents of any size, as data: what stands first, what is repeated,
//! and what closes it again. Used by `hostile.rs` and `memory.rs`.

/// A document that is made of one thing again and again.
pub struct Shape {
    pub name: &'static str,
    head: &'static str,
    /// Repeated until the size is reached; `§` becomes the number of the time.
    unit: &'static str,
    /// Repeated as often after the middle.
    close: &'static str,
}

/// What stands in the middle of every document, for those that nest.
pub const MIDDLE: &str = "公开";

const fn shape(name: &'static str, head: &'static str, unit: &'static str, close: &'static str) -> Shape {
    Shape { name, head, unit, close }
}

/// A report's title and first sentence, so that what follows is read as one.
const REPORT: &str = concat!(
    "<html><head><title>青禾市人民政府2017年政府信息公开工作年度报告</title></head><body>",
    "<h1>青禾市人民政府2017年政府信息公开工作年度报告</h1>",
    "<p>本报告根据《中华人民共和国政府信息公开条例》编制，所列数据的统计期限为2017年1月1日至2017年12月31日。</p>",
    "<p>一、概述</p><p>二、主动公开情况</p><p>三、依申请公开情况</p><p>四、行政复议和行政诉讼情况</p>",
);

/// The same in plain text.
const TEXT: &str = concat!(
    "青禾市人民政府2017年政府信息公开工作年度报告\n",
    "本报告根据《中华人民共和国政府信息公开条例》编制，所列数据的统计期限为2017年1月1日至2017年12月31日。\n",
    "一、概述\n二、主动公开情况\n三、依申请公开情况\n四、行政复议和行政诉讼情况\n",
);

/// Elements nested without end, each kind that nests in its own way.
pub const NESTED: &[Shape] = &[
    shape("div", "<html><body>", "<div>", "</div>"),
    shape("div unclosed", "<html><body>", "<div>", ""),
    shape("div in capitals", "<html><body>", "<DIV>", "</div>"),
    shape("div with a class", "<html><body>", "<div class='a b c' id=d§>", "</div>"),
    shape("span", "<html><body>", "<span>", "</span>"),
    shape("b", "<html><body>", "<b>", "</b>"),
    shape("font", "<html><body>", "<font color=§>", "</font>"),
    shape("a", "<html><body>", "<a href=/§>", "</a>"),
    shape("a and div", "<html><body>", "<a href=/§><div>", "</div></a>"),
    shape("ul", "<html><body>", "<ul><li>", "</li></ul>"),
    shape("li", "<html><body>", "<li>", "</li>"),
    shape("dl", "<html><body>", "<dl><dd>", "</dd></dl>"),
    shape("dd", "<html><body>", "<dd>", "</dd>"),
    shape("blockquote", "<html><body>", "<blockquote>", "</blockquote>"),
    shape("custom", "<html><body>", "<x-a>", "</x-a>"),
    shape("o:p", "<html><body>", "<o:p>", "</o:p>"),
    shape("ruby", "<html><body>", "<ruby><rt>", "</rt></ruby>"),
    shape("rt", "<html><body>", "<rt>", "</rt>"),
    shape("rp", "<html><body>", "<rp>", "</rp>"),
    shape("option", "<html><body>", "<option>", "</option>"),
    shape("optgroup", "<html><body><select>", "<optgroup>", "</optgroup>"),
    shape("select", "<html><body>", "<select><option>", "</option></select>"),
    shape("button", "<html><body>", "<button>", "</button>"),
    shape("form", "<html><body>", "<form>", "</form>"),
    shape("template", "<html><body>", "<template>", "</template>"),
    shape("template with table", "<html><body>", "<template><table><tr><td>", "</td></tr></table></template>"),
    shape("svg", "<html><body>", "<svg>", "</svg>"),
    shape("svg a", "<html><body><svg>", "<a>", "</a>"),
    shape("svg g", "<html><body><svg>", "<g>", "</g>"),
    shape("svg td", "<html><body><svg>", "<td>", "</td>"),
    shape("svg foreign object", "<html><body>", "<svg><foreignObject>", "</foreignObject></svg>"),
    shape("math", "<html><body>", "<math><mi>", "</mi></math>"),
    shape("math tr", "<html><body><math>", "<tr>", "</tr>"),
    shape("math annotation", "<html><body><math>", "<annotation-xml encoding='text/html'><a>", ""),
    shape("object", "<html><body>", "<object>", "</object>"),
    shape("marquee", "<html><body>", "<marquee>", "</marquee>"),
    shape("h1", "<html><body>", "<h1>", "</h1>"),
    shape("p", "<html><body>", "<p>", "</p>"),
    shape("p in button", "<html><body>", "<button><p>", "</p></button>"),
    shape("table", "<html><body>", "<table><tr><td>", "</td></tr></table>"),
    shape("table unclosed", "<html><body>", "<table>", ""),
    shape("table without rows", "<html><body>", "<table><td>", "</table>"),
    shape("caption", "<html><body>", "<table><caption>", "</caption></table>"),
    shape("table in cells", "<html><body>", "<table><tr><th>", ""),
    shape("fostered text", "<html><body><table>", "公<tr>", ""),
    shape("fostered div", "<html><body><table>", "<div>公", ""),
    shape("fostered a", "<html><body><table>", "<a>公", ""),
    shape("mis-nested", "<html><body>", "<div><p><span></div>", "</p></span>"),
    shape("mis-nested a", "<html><body>", "<a><p>公</a>", ""),
    shape("a in p", "<html><body>", "<p><a>公", ""),
    shape("nobr", "<html><body>", "<nobr>", "</nobr>"),
    shape("frameset", "<html>", "<frameset>", "</frameset>"),
    shape("body", "<html>", "<body class=§>", "</body>"),
    shape("html", "", "<html lang=§>", "</html>"),
    shape("head", "<html>", "<head><title>公", "</title></head>"),
    shape("end tags", "<html><body>", "</div>", ""),
    shape("end tags of p", "<html><body>", "</p>", ""),
    shape("end tags under divs", "<html><body><div><div><div><div><div><div>", "</x>", ""),
    shape("comments", "<html><body>", "<!--", "-->"),
    shape("closed comments", "<html><body>", "<!-- 公 -->", ""),
    shape("declarations", "<html><body>", "<![CDATA[", "]]>"),
    shape("conditions", "<html><body>", "<![if !x]>公<![endif]>", ""),
    shape("titles", "<html><head>", "<title>公</title>", ""),
    shape("titles unclosed", "<html><head>", "<title>", ""),
    shape("textareas", "<html><body>", "<textarea>", ""),
    shape("scripts", "<html><body>", "<script>", ""),
    shape("scripts closed", "<html><body>", "<script>a</script>", ""),
    shape("plaintext", "<html><body>", "<plaintext>", ""),
    shape("xmp", "<html><body>", "<xmp>", "</xmp>"),
    shape("metas", "<html><head>", "<meta name=a§ content=公开>", ""),
    shape("attribute without end", "<html><body><p a=\"", "公", ""),
    shape("attributes", "<html><body><p ", "a§=b ", ">"),
    shape("open quote", "<html><body>", "<a href='", ""),
    shape("megabyte class", "<html><body><p class=\"", "a ", ""),
    shape("megabyte tag name", "<html><body><", "公a", ""),
];

/// Tables and lists without measure.
pub const WIDE: &[Shape] = &[
    shape("columns", "<html><body><table><tr>", "<td>1</td>", ""),
    shape("rows", "<html><body><table>", "<tr><td>公开<td>1", ""),
    shape("empty cells", "<html><body><table><tr>", "<td>", ""),
    shape("empty rows", "<html><body><table><td>1<td>1", "<tr>", ""),
    shape("square", "<html><body><table>", "<tr><td><td><td><td><td><td><td><td><td><td>", ""),
    shape("small tables", "<html><body>", "<table><tr><td>1<td>2</table>", ""),
    shape("captions", "<html><body><table>", "<caption>公</caption>", ""),
    shape("bombs", "<html><body><table>", "<tr><td colspan=65534 rowspan=65534>1<td colspan=65534 rowspan=65534>2", ""),
    shape("rowspans", "<html><body><table>", "<tr><td rowspan=65534>1<td>2", ""),
    shape("spans that are no numbers", "<html><body><table>", "<tr><td colspan=-1 rowspan=99999999999>1<td>2", ""),
    shape("label", "<html><body><table><tr><td>1<td>", "公开", "<td>1</table>"),
    shape("attribute", "<html><body><table><tr><td title=\"", "公开", "\">1</table>"),
    shape("items", "<html><body><ul>", "<li>公", ""),
    shape("links", "<html><body>", "<a href=/§>公开</a>", ""),
    shape("list of links", "<html><body><ul>", "<li><a href=/§>公开</a></li>", ""),
    shape("paragraphs", "<html><body>", "<p>公", ""),
    shape("empty paragraphs", "<html><body>", "<p>", ""),
    shape("breaks", "<html><body>", "<br>", ""),
    shape("lines", "<html><body>", "公<br>", ""),
    shape("inputs", "<html><body>", "<input value=公>", ""),
    shape("images", "<html><body>", "<img>", ""),
    shape("headings", "<html><body>", "<h2>公开</h2>", ""),
    shape("distinct elements", "<html><body>", "<x§>公</x§>", ""),
    shape("spans", "<html><body><p>", "<span>公</span>", ""),
    shape("bold letters", "<html><body><p>", "<b>公</b>", ""),
    shape("blank paragraphs", "<html><body>", "<p>&nbsp;</p>\n", ""),
];

/// Texts that are one thing again and again, alone or in a report.
pub const TEXTS: &[Shape] = &[
    shape("less-than", "", "<", ""),
    shape("less-than in html", "<html><body>", "<", ""),
    shape("ampersands", "<html><body>", "&", ""),
    shape("references", "<html><body>", "&#x4e00;", ""),
    shape("half references", "<html><body>", "&#", ""),
    shape("named references", "<html><body>", "&nbsp;", ""),
    shape("digits", "", "1", ""),
    shape("one character", "", "公", ""),
    shape("numerals", "", "一", ""),
    shape("units", "", "十", ""),
    shape("of which", "", "其中", ""),
    shape("spaces", "", " ", ""),
    shape("zero bytes", "公开", "\0", ""),
    shape("zero bytes in html", "<html><body>", "公\0", ""),
    shape("short lines", "", "公开\n", ""),
    shape("blank lines", "公开", "\n", ""),
    shape("carriage returns", "公开", "\r", ""),
    shape("tabs", "", "1\t", ""),
    shape("rows of tabs", "", "公开\t1\n", ""),
    shape("pipes", "", "|", ""),
    shape("rows of pipes", "", "| 公开 | 1 |\n", ""),
    shape("lines of a bar", "", "|\n", ""),
    shape("lines of bars", "", "|\n||\n\n", ""),
    shape("rules", "", "+-+\n", ""),
    shape("bars around a dash", "", "|-|\n", ""),
    shape("cells behind bars", "", "| 公开\n", ""),
    shape("rules and bars", "", "|-|\n|\n\n", ""),
    shape("cells closed by bars", "", "公开 |\n|\n1 |\n", ""),
    shape("bars below cells", "", "公开\n|\n1\n|\n|\n", ""),
    shape("hashes", "", "# 公\n", ""),
    shape("traditional", "", "網路資訊", ""),
    shape("compatibility characters", "", "⽐", ""),
    shape("ligatures", "", "ﷺ", ""),
    shape("combining marks", "e", "\u{301}", ""),
    shape("line breaks in a paragraph", "<html><body><p>", "公\n", ""),
    shape("words in a paragraph", "<html><body><p>", "a\n ", ""),
    shape("pre", "<html><body><pre>", "公\n", ""),
    shape("digits in a report", REPORT, "1", ""),
    shape("digits and commas in a report", REPORT, "1,", ""),
    shape("numbers in a report", REPORT, "12件", ""),
    shape("figures in a sentence", REPORT, "主动公开政府信息12条，", ""),
    shape("figures in sentences", REPORT, "主动公开政府信息§条。", ""),
    shape("paragraphs of figures", REPORT, "<p>2017年，全市共主动公开政府信息§条。</p>", ""),
    shape("paragraphs of none", REPORT, "<p>未收到政府信息公开申请。", ""),
    shape("lists of numbers", REPORT, "网站、微博分别公开6条、2条，", ""),
    shape("list without names", REPORT, "分别6条、2条、", ""),
    shape("names without a list", REPORT, "网站、", "分别公开6条"),
    shape("respectively", REPORT, "分别", ""),
    shape("numerals in a report", REPORT, "一百二十三", ""),
    shape("numerals counted", REPORT, "三件", ""),
    shape("years", REPORT, "2016年", ""),
    shape("dates", REPORT, "<p>发布日期：2018-03-26 15:01</p>", ""),
    shape("dates run together", REPORT, "2018-03-2615:01", ""),
    shape("places", REPORT, "<p>杭州市江干区人民政府办公室</p>", ""),
    shape("places in a sentence", REPORT, "杭州市鼓楼区统计局", ""),
    shape("publishers", REPORT, "<p>发布机构：青田县统计局</p>", ""),
    shape("brackets", REPORT, "（", "）"),
    shape("square brackets", REPORT, "[", "]"),
    shape("brackets in lines", REPORT, "<p>（一", ""),
    shape("quotes", REPORT, "“", "”"),
    shape("sections", REPORT, "<p>一、", ""),
    shape("headings of sections", REPORT, "<p>一、概述</p>", ""),
    shape("titles of reports", REPORT, "<p>青禾市§年政府信息公开工作年度报告</p>", ""),
    shape(
        "reports",
        "",
        "2017年青禾市政府信息公开工作年度报告\n青禾市主动公开政府信息12条。\n2016年青禾市政府信息公开年报\n",
        "",
    ),
    shape("label", TEXT, "收到申请数", ""),
    shape("label a line", TEXT, "收到申请数\n", ""),
    shape("half a label a line", TEXT, "收到申请\n", ""),
    shape("label and number", TEXT, "收到申请数\n12\n", ""),
    shape("label, unit and number", TEXT, "（一）收到申请数\n件\n§\n", ""),
    shape("label and number on a line", TEXT, "收到申请数 12\n", ""),
    shape("labels on one line", TEXT, "收到申请数 件 12 ", ""),
    shape("open bracket of a label", TEXT, "1.收到申请数（单位\n", ""),
    shape("number before its label on a line", TEXT, "12收到申请数\n", ""),
    shape("pairs of a row", TEXT, "一、本年新收政府信息公开申请数量\n自然人§\n总计§\n", ""),
    shape("pairs without end", TEXT, "（一）予以公开\n自然人 1 商业企业 2\n科研机构\n", ""),
    shape("pairs run on", TEXT, "（一）予以公开自然人1商业企业2总计3", ""),
    shape("rows around a broken label", TEXT, "一、本年新收政府信息公开申请数量 1\n无 2\n（七）总计 3\n", ""),
    shape("section of the form", TEXT, "三、依申请公开情况\n", ""),
    shape("numbers a line", TEXT, "12\n", ""),
    shape("numbers on lines", TEXT, "1 2 3 4 5 6 7 8 9\n", ""),
    shape("numbers on one line", TEXT, "12 ", ""),
    shape(
        "flat matrix",
        TEXT,
        "自然人\n商业企业\n科研机构\n社会公益组织\n法律服务机构\n其他\n总计\n一、本年新收政府信息公开申请数量\n1\n2\n3\n4\n5\n6\n21\n",
        "",
    ),
    shape(
        "flat rows of a matrix",
        TEXT,
        "自然人 商业企业 科研机构 社会公益组织 法律服务机构 其他 总计\n一、本年新收政府信息公开申请数量 1 2 3 4 5 6 21\n",
        "",
    ),
    shape(
        "matrix labels",
        "自然人\n商业企业\n科研机构\n社会公益组织\n法律服务机构\n其他\n总计\n本年新收\n",
        "予以公开\n",
        "",
    ),
    shape(
        "matrix without values",
        "自然人\n商业企业\n科研机构\n社会公益组织\n法律服务机构\n其他\n总计\n本年新收\n",
        "公开部分\n",
        "",
    ),
    shape("flat disclosure", TEXT, "信息内容\n本年制发件数\n本年废止件数\n现行有效件数\n行政规范性文件\n1\n2\n3\n", ""),
    shape("headings of disclosure", TEXT, "信息内容\n", "本年制发件数\n"),
    shape("columns of disclosure", "信息内容\n", "本年制发件数\n", "规章\n1\n"),
    shape("flat disputes", TEXT, "复议后起诉\n结果维持\n结果纠正\n其他结果\n尚未审结\n总计\n", ""),
    shape("local table", TEXT, "指标名称 单位 本年度 历年累计\n主动公开信息数 条 12 24\n", ""),
    shape("indicators", TEXT, "指标", ""),
    shape("local label and number", "指标名称\n本年度\n历年累计\n", "主动公开信息数\n条\n", "12\n"),
    shape(
        "tables of 2014",
        REPORT,
        "<table><tr><td>统计指标<td>单位<td>统计数<tr><td>收到申请数<td>件<td>§</table>",
        "",
    ),
    shape("table of 2014", REPORT, "<p></p><table><tr><td>统计指标<td>单位<td>统计数", ""),
    shape("rows of 2014", "<html><body><table><tr><td>统计指标<td>单位<td>统计数", "<tr><td>收到申请数<td>件<td>§", ""),
    shape(
        "tables of a matrix",
        REPORT,
        "<table><tr><td><td>自然人<td>商业企业<td>科研机构<td>社会公益组织<td>法律服务机构<td>其他<td>总计<tr><td>一、本年新收政府信息公开申请数量<td>1<td>2<td>3<td>4<td>5<td>6<td>21</table>",
        "",
    ),
    shape(
        "rows of a matrix",
        "<html><body><table><tr><td><td>自然人<td>商业企业<td>科研机构<td>社会公益组织<td>法律服务机构<td>其他<td>总计",
        "<tr><td>予以公开<td>1<td>2<td>3<td>4<td>5<td>6<td>21",
        "",
    ),
    shape(
        "tables of disclosure",
        REPORT,
        "<table><tr><td>第二十条第（一）项<tr><td>信息内容<td>本年制发件数<td>本年废止件数<td>现行有效件数<tr><td>规章<td>1<td>2<td>3</table>",
        "",
    ),
    shape(
        "tables of disputes",
        REPORT,
        "<table><tr><td>行政复议<td>行政诉讼<td>结果维持<tr><td>1<td>2<td>3<td>4<td>5<td>6<td>7<td>8<td>9<td>10</table>",
        "",
    ),
    shape("related", REPORT, "<p>相关阅读</p>", ""),
    shape("breadcrumbs", REPORT, "<p>首页 > 政务公开 > 年报</p>", ""),
    shape("metadata", REPORT, "<p>索引号：1 来源：青禾市</p>", ""),
    shape("code", REPORT, "<p>function(){var a=document.b;}", ""),
    shape("drawn tables in pre", "<html><body><pre>", "│规章│1│2│\n├──┼──┤\n", ""),
    shape("many pre", REPORT, "<pre>规章|1\n规章|2\n</pre>", ""),
    shape("a way in a label", REPORT, "<p>三、办理结果—（三）不予公开—1.属于国家秘密—", ""),
    shape("ways in labels", REPORT, "<table><tr><td>一、本年新收—自然人—1.属于国家秘密 2.重复申请<td>1</table>", ""),
    shape("points for stops", REPORT, "<p>收到申请.受理5件.", ""),
    shape("numbers in brackets", REPORT, "<p>收到申请（5件（信函最多（3件", ""),
];

impl Shape {
    /// The document, of about a size in bytes and never more.
    pub fn document(&self, size: usize) -> String {
        let room = size.saturating_sub(self.head.len() + MIDDLE.len());
        let n_digits = if self.unit.contains('§') { 7 } else { 0 };
        let n = room / (self.unit.len() + self.close.len() + n_digits);
        let mut text = String::with_capacity(size);
        text.push_str(self.head);
        if n_digits == 0 {
            text.push_str(&self.unit.repeat(n));
        } else {
            (0..n).for_each(|time| text.push_str(&self.unit.replace('§', &time.to_string())));
        }
        text.push_str(MIDDLE);
        text.push_str(&self.close.repeat(n));
        text
    }
}

/// Every shape.
pub fn all() -> impl Iterator<Item = &'static Shape> {
    NESTED.iter().chain(WIDE).chain(TEXTS)
}

/// Documents in bytes that are no good text: cut, mixed or marked wrongly.
pub fn bytes(size: usize) -> Vec<(&'static str, Vec<u8>)> {
    let text = TEXTS.iter().find(|shape| shape.name == "paragraphs of figures").map(|shape| shape.document(size / 3));
    let text = text.unwrap_or_default();
    let repeated = |unit: &[u8]| unit.repeat(size / unit.len());
    let utf16 = |mark: &[u8], unit: fn(u16) -> [u8; 2]| {
        mark.iter().copied().chain(text.encode_utf16().flat_map(unit)).collect::<Vec<u8>>()
    };
    vec![
        ("zeros", repeated(b"\0")),
        ("bytes 0xff", repeated(b"\xff")),
        ("bytes 0x80", repeated(b"\x80")),
        ("lead bytes of gbk", repeated(b"\x81")),
        ("four bytes of gb18030", repeated(b"\x81\x30\x81\x30")),
        ("lead bytes of utf-8 in html", [b"<html><body>".as_slice(), &repeated(b"\xe5\x85")].concat()),
        ("a mark of utf-8 and no utf-8", [b"\xef\xbb\xbf".as_slice(), &repeated(b"\xb9\xab")].concat()),
        ("a mark of utf-16 and ascii", [b"\xff\xfe".as_slice(), &repeated(b"<p>12</p>")].concat()),
        ("a mark of utf-16 and surrogates", [b"\xff\xfe".as_slice(), &repeated(b"\x00\xd8")].concat()),
        ("utf-16, big end first", utf16(b"\xfe\xff", u16::to_be_bytes)),
        ("utf-16 without a mark", utf16(b"", u16::to_le_bytes)),
        ("gbk that says utf-8", [b"<meta charset=utf-8>".as_slice(), &repeated(b"\xb9\xab\xbf\xaa<p>")].concat()),
        ("declarations", repeated(b"<meta charset=")),
    ]
}
