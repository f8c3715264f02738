//! A list that says it has more than a way is known to: what is missing on it is
//! not known to be absent.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::fields::{is_offset, is_page};
use super::holes::{n_pages, named_pages};
use super::json::n_records;
use super::names::number_of;
use super::numbered::{plain, said_pages};
use super::{ListPage, MOST_PAGES};
use crate::crawl::discover::Anchor;
use crate::page::fold::is_han;
use crate::page::json_value;

/// What a list without a known way on says of its size, in words; none where this
/// may be all of it.
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
    let by_script = || named_pages(list.text).or_else(|| n_pages(list.text).filter(|_| has_pager(list.text)));
    let pages = said_pages(list.text).or_else(|| in_attribute(list.text)).or_else(by_script);
    if let Some(pages) = pages {
        return (2..=MOST_PAGES)
            .contains(&pages)
            .then(|| format!("it says {pages} pages, and no way to the others is known"));
    }
    let (here, all) = (n_items(list.anchors), said_records(list.text)?);
    (here > 0 && here < all).then(|| format!("it says {all} records and has {here}, and no way to the others is known"))
}

/// The number of pages that an element of the pager carries: `data-pagecount=3`.
fn in_attribute(text: &str) -> Option<u32> {
    static PAGES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"(?i)\s(?:data-)?(?:page-?count|total-?pages?|page-?total)\s*=\s*["']?(\d+)"#)
    });
    PAGES.as_ref()?.captures(text)?[1].parse().ok()
}

/// How many records a list says it has: 共12条, 总记录数：12.
fn said_records(text: &str) -> Option<usize> {
    static RECORDS: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"共(?:有|计)?(\d+)(?:条|篇|个?记录)|(?:总记录|记录总|总条|信息总)数:?(\d+)"));
    let said = plain(text);
    let found = RECORDS.as_ref()?.captures(&said)?;
    found.get(1).or_else(|| found.get(2))?.as_str().parse().ok()
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
    let said = NAMES.iter().find_map(|name| number_of(name, list.text));
    Some(said.is_none_or(|page| page <= 1))
}

/// The page that was asked for by its number, or by how many records stand before.
fn asked_page(list: &ListPage<'_>) -> Option<u32> {
    let mut numbers = list.asked().filter(|(name, _)| is_page(name) || is_offset(name));
    numbers.find_map(|(_, value)| value.parse().ok())
}

/// Whether a page's scripts call a pager.
fn has_pager(text: &str) -> bool {
    ["laypage", "kkpager", "jpage", "pagination", "Pagination", "paginator"].iter().any(|name| text.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::discover::AnchorKind;

    #[test]
    fn a_list_says_that_there_is_more() {
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
            (r#"{"total":10,"rows":[{},{}]}"#, "l.json", Some("it says 10 records and has 2")),
            (r#"{"total":2,"rows":[{},{}]}"#, "l.json", None),
            (r#"{"total":10,"rows":[{},{}]}"#, "l.json?page=5", None),
            (r#"{"total":10,"rows":[]}"#, "l.json", None),
            (r#"{"data":{"html":"<li></li>第1/3页"}}"#, "l.json", Some("it says 3 pages")),
            (r#"{"data":{"html":"<p pagesize='1' count='3'></p>共3条"}}"#, "l", Some("it says 3 records and has 1")),
        ];
        for (text, file, expected) in cases {
            let url = format!("http://a.gov.cn/{file}").parse().unwrap();
            let item = Anchor {
                url: "http://a.gov.cn/r/1.html".parse().unwrap(),
                text: "青禾市2017年政府信息公开年报".to_owned(),
                is_title: false,
                is_dated: false,
                is_in_footer: false,
                kind: AnchorKind::Link,
            };
            let list = ListPage { text, url: &url, fragment: None, body: None, anchors: &[item] };
            let expected = expected.map(|said| format!("{said}, and no way to the others is known"));
            assert_eq!(says_more(&list), expected, "{text} {file}");
        }
    }
}
