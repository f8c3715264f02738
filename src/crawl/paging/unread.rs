//! A list that says it has more than a way is known to: what is missing on it is
//! not known to be absent.

use std::collections::HashSet;

use serde_json::Value;

use super::fields::{is_offset, is_page};
use super::json::n_records;
use super::names::number_of;
use super::next::says_previous;
use super::{ListPage, MOST_PAGES, controls, size};
use crate::crawl::discover::Anchor;
use crate::page::fold::is_han;
use crate::page::json_value;

/// What a list without a known way on says of more than it shows, in words; none
/// where this may be all of it.
pub(in crate::crawl) fn says_more(list: &ListPage<'_>) -> Option<String> {
    if let Some(answer) = json_value(list.text) {
        return match n_records(&answer) {
            Some((here, all)) => {
                let is_first = asked_page(list).is_none();
                (is_first && here > 0 && here < all)
                    .then(|| format!("it says {all} records and has {here}, and no way to the others is known"))
            }
            // A piece of a page inside it.
            None => says_more(&ListPage { text: html_in(&answer)?, ..*list }),
        };
    }
    if !is_first(list)? {
        return None;
    }
    // What it says of its size is believed before what its pager looks like.
    let more = match (size::pages(list.text), size::records(list.text)) {
        (Some(pages), _) => (2..=MOST_PAGES).contains(&pages).then(|| format!("it says {pages} pages")),
        (None, Some(all)) => {
            let here = n_items(list.anchors);
            (here > 0 && here < all).then(|| format!("it says {all} records and has {here}"))
        }
        (None, None) => controls::leads_on(list),
    };
    let more = more.or_else(|| controls::other_years(list))?;
    Some(format!("{more}, and no way to the others is known"))
}

/// The items of a list at most: its links with words enough for a title.
fn n_items(anchors: &[Anchor]) -> usize {
    const SHORTEST: usize = 6;
    let is_item = |anchor: &&Anchor| anchor.is_dated || anchor.text.chars().filter(|c| is_han(*c)).count() >= SHORTEST;
    anchors.iter().filter(is_item).map(|anchor| &anchor.url).collect::<HashSet<_>>().len()
}

/// The longest text of an answer that is a piece of HTML.
fn html_in(answer: &Value) -> Option<&str> {
    let (mut open, mut texts) = (vec![answer], Vec::new());
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => open.extend(items),
            Value::Object(fields) => open.extend(fields.values()),
            Value::String(text) if text.contains('<') => texts.push(text.as_str()),
            _ => {}
        }
    }
    texts.into_iter().max_by_key(|text| text.len())
}

/// Whether a page is the first of its list; none where nothing says which it is.
fn is_first(list: &ListPage<'_>) -> Option<bool> {
    const NAMES: [&str; 7] = ["curr", "pno", "current", "currentPage", "pageNo", "pageIndex", "currPage"];
    if let Some(asked) = asked_page(list) {
        return Some(asked <= 1);
    }
    // `index_2.html`: one of the others.
    let file = list.url.path().rsplit('/').next().unwrap_or_default();
    if file.split('.').next().unwrap_or_default().ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let leads_back = |anchor: &Anchor| says_previous(&anchor.text) && anchor.url != *list.url;
    let said = NAMES.iter().find_map(|name| number_of(name, list.text));
    Some(said.is_none_or(|page| page <= 1) && !list.anchors.iter().any(leads_back))
}

/// The page that was asked for by its number, or by how many records stand before; the
/// field may stand inside JSON, `paramJson={"pageNo":2}`.
fn asked_page(list: &ListPage<'_>) -> Option<u32> {
    let number = |(name, value): (String, String)| {
        if is_page(&name) || is_offset(&name) {
            return value.parse().ok();
        }
        let within = value.starts_with('{').then(|| json_value(&value)).flatten()?;
        let page = within.as_object()?.iter().find(|(name, _)| is_page(name))?.1.to_string();
        page.trim_matches('"').parse().ok()
    };
    list.asked().find_map(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::discover::{AnchorKind, Place};

    #[test]
    fn a_list_says_that_there_is_more() {
        let no_url = "its 下一页 leads to no URL";
        let cases = [
            ("共3页", "l.html", Some("it says 3 pages")),
            ("第1/3页", "l.html", Some("it says 3 pages")),
            ("共1页", "l.html", None),
            // One of the others, of which the first named the rest.
            ("共3页", "l_2.html", None),
            ("共3页", "l.jsp?page=2", None),
            ("<script>var pageNo=3;</script>共3页", "l.html", None),
            ("<script>laypage({count:11,limit:4,go:f})</script>", "l.html", Some("it says 3 pages")),
            ("<script>show({count:11,limit:4})</script>", "l.html", None),
            ("<script>var totalPage=3;</script>", "l.html", Some("it says 3 pages")),
            ("<script>$('#l').jpage({totalRecord:3,perPage:1})</script>", "l.html", Some("it says 3 pages")),
            ("<div class=page data-pagecount='3' data-pageindex='1'></div>", "l.html", Some("it says 3 pages")),
            ("总记录数：<b>3</b>", "l.html", Some("it says 3 records and has 1")),
            ("共有 3 条记录", "l.html", Some("it says 3 records and has 1")),
            ("共1条", "l.html", None),
            ("<b>1/4</b>", "l.html", Some("it says 4 pages")),
            ("<span>Page 1 of 13</span>", "l.html", Some("it says 13 pages")),
            ("Total 38 items", "l.html", Some("it says 38 records and has 1")),
            ("本栏目共有信息三十八条", "l.html", Some("it says 38 records and has 1")),
            ("<div class=page count=38 rows='3'></div>", "l.html", Some("it says 13 pages")),
            ("<div class=page count=3 rows='15'></div>", "l.html", None),
            ("<div class=page count=38 rows='3'></div>", "unit?paramJson=%7B%22pageNo%22%3A2%7D", None),
            ("<el-pagination :total=\"38\" layout='prev'>", "l.html", Some("it says 38 records and has 1")),
            ("<input type=hidden id=total value=38>", "l.html", Some("it says 38 records and has 1")),
            ("<input type=hidden name=totalPage value=4>", "l.html", Some("it says 4 pages")),
            ("<script>var maxPage=3;</script>", "l.html", Some("it says 3 pages")),
            ("<a href='javascript:void(0)'>下一页</a>", "l.html", Some(no_url)),
            ("<a href=\"javascript:__doPostBack('p','2')\">下一页</a>", "l.html", Some(no_url)),
            ("<li onclick='go()'>下一页</li>", "l.html", Some(no_url)),
            ("<button>加载更多</button>", "l.html", Some("its 加载更多 leads to no URL")),
            ("<a data-page=1 href='#'>查看更多</a>", "l.html", Some("its 查看更多 leads to no URL")),
            (
                "<a class=btn data-page='1' data-total='4'>点击加载更多</a>",
                "l.html",
                Some("its 点击加载更多 leads to no URL"),
            ),
            ("<a href='#'>1</a><a href='#'>2</a>", "l.html", Some("its 2 leads to no URL")),
            ("<a href='#'>2</a>", "l.html", None),
            ("<div class=banner><a href='#'>1</a><a href='#'>2</a></div>", "l.html", None),
            // What cannot be clicked is the pager of a list of one page.
            ("<span>下一页</span><a>下一页</a><a class=disabled href='#'>下一页</a>", "l.html", None),
            ("共1页<a href='#'>下一页</a>", "l.html", None),
            ("<script>s='<a href=\"#\">下一页</a>'</script>", "l.html", None),
            ("<a href='#'>下一页</a>", "l_2.html", None),
            ("<select><option>2018<option>2017<option>2016</select>", "l.html", Some("it offers 2016")),
            ("<li class=on>2015-2017</li><li>2010-2014年</li>", "l.html", Some("it offers 2010-2014年")),
            ("<select><option>2018<option>2017</select>", "l.html", None),
            ("<form action=/search><select><option>2016<option>2017</select></form>", "l.html", None),
            ("<td>2017</td><td>2016</td>", "l.html", None),
            (r#"{"total":10,"rows":[{"a":1},{"a":2}]}"#, "l.json", Some("it says 10 records and has 2")),
            (r#"{"total":2,"rows":[{"a":1},{"a":2}]}"#, "l.json", None),
            (r#"{"total":10,"rows":[{"a":1},{"a":2}]}"#, "l.json?page=5", None),
            (r#"{"total":10,"rows":[]}"#, "l.json", None),
            (r#"{"data":{"html":"<li></li>第1/3页"}}"#, "l.json", Some("it says 3 pages")),
            (r#"{"data":{"html":"<p pagesize='1' count='3'></p>共3条"}}"#, "l", Some("it says 3 pages")),
        ];
        for (text, file, expected) in cases {
            let url = format!("http://a.gov.cn/{file}").parse().unwrap();
            let item = Anchor {
                url: "http://a.gov.cn/r/1.html".parse().unwrap(),
                text: "青禾市2017年政府信息公开年报".to_owned(),
                is_title: false,
                is_dated: false,
                place: Place::Page,
                kind: AnchorKind::Link,
            };
            let list = ListPage { text, url: &url, fragment: None, body: None, anchors: &[item] };
            let expected = expected.map(|said| format!("{said}, and no way to the others is known"));
            assert_eq!(says_more(&list), expected, "{text} {file}");
        }
    }
}
