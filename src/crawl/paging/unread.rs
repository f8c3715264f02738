//! A list that says it has more than a way is known to: what is missing on it is
//! not known to be absent.

use super::fields::{is_offset, is_page};
use super::holes::n_pages;
use super::json::n_records;
use super::names::number_of;
use super::numbered::said_pages;
use super::{ListPage, MOST_PAGES};
use crate::crawl::discover::json_value;

/// What a list without a known way on says of its size, in words; none where this
/// may be all of it.
pub(in crate::crawl) fn says_more(list: &ListPage<'_>) -> Option<String> {
    if let Some(answer) = json_value(list.text) {
        let (here, all) = n_records(&answer)?;
        let is_first = asked_page(list).is_none();
        return (is_first && here > 0 && here < all).then(|| format!("it says {all} records and has {here}"));
    }
    let pages = said_pages(list.text).or_else(|| n_pages(list.text).filter(|_| has_pager(list.text)))?;
    let is_known = (2..=MOST_PAGES).contains(&pages) && is_first(list)?;
    is_known.then(|| format!("it says {pages} pages"))
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
    ["laypage", "kkpager", "pagination", "Pagination", "paginator"].iter().any(|name| text.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

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
            (r#"{"total":10,"rows":[{},{}]}"#, "l.json", Some("it says 10 records and has 2")),
            (r#"{"total":2,"rows":[{},{}]}"#, "l.json", None),
            (r#"{"total":10,"rows":[{},{}]}"#, "l.json?page=5", None),
            (r#"{"total":10,"rows":[]}"#, "l.json", None),
        ];
        for (text, file, expected) in cases {
            let url = format!("http://a.gov.cn/{file}").parse().unwrap();
            let list = ListPage { text, url: &url, fragment: None, body: None, anchors: &[] };
            assert_eq!(says_more(&list).as_deref(), expected, "{text} {file}");
        }
    }
}
