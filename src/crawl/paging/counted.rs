//! A script that writes its pager in a loop:
//! `var pageCount = 3; for (var i = 2; i <= pageCount; i++) { document.write("<a href='list_" + i + ".html'>…") }`.

use std::sync::LazyLock;

use regex::Regex;

use super::{ListPage, MOST_PAGES, PageRequest, Paging};
use crate::crawl::discover::join;

/// The loop's body is read this far.
const WINDOW: usize = 1000;

pub(super) struct Counted;

impl Paging for Counted {
    fn name(&self) -> &'static str {
        "a script's loop"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        written(list).unwrap_or_default()
    }
}

fn written(list: &ListPage<'_>) -> Option<Vec<PageRequest>> {
    static LOOP: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r"\bfor\s*\(\s*(?:var\s+|let\s+)?(\w+)\s*=\s*([0-9]{1,2})\s*;\s*(\w+)\s*(<=?)\s*(\w+)\s*;")
    });
    static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let joined = r"\s*\+\s*";
        crate::pattern(&format!(
            r#"\bhref\s*=\s*\\?["']?([A-Za-z0-9_./?&=-]{{1,200}})["']{joined}(\w+){joined}["']([A-Za-z0-9_./&=-]{{0,60}})"#
        ))
    });
    for found in LOOP.as_ref()?.captures_iter(list.text) {
        let (counter, bound) = (&found[1], &found[5]);
        let body = &list.text[found.get(0)?.end()..];
        let body = &body[..body.floor_char_boundary(WINDOW.min(body.len()))];
        let Some(link) = LINK.as_ref()?.captures(body).filter(|link| found[3] == *counter && link[2] == *counter)
        else {
            continue;
        };
        let (first, Some(bound)): (u32, _) = (found[2].parse().ok()?, number(bound, list.text)) else { continue };
        let end = bound.min(MOST_PAGES) + u32::from(&found[4] == "<=");
        // The first page is this one, under a name of its own.
        let numbers = first + u32::from(first < 2)..end;
        let page = |n: u32| join(list.url, &format!("{}{n}{}", &link[1], &link[3]), "utf-8").map(PageRequest::get);
        return Some(numbers.filter_map(page).collect());
    }
    None
}

/// A number, or that which a name of pages is given.
fn number(word: &str, text: &str) -> Option<u32> {
    if let Ok(number) = word.parse() {
        return Some(number);
    }
    let is_of_pages = word.to_ascii_lowercase().contains("page");
    let given = Regex::new(&format!(r#"\b{}\s*=\s*["']?([0-9]{{1,4}})\b"#, regex::escape(word))).ok()?;
    given.captures(text).filter(|_| is_of_pages)?[1].parse().ok()
}
