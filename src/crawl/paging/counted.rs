//! A script that writes its pager in a loop:
//! `var pageCount = 3; for (var i = 2; i <= pageCount; i++) { document.write("<a href='list_" + i + ".html'>…") }`,
//! or the link to its next page by the number of this one:
//! `if (cur > 1) document.write("<a href='index_" + (cur - 1) + ".html'>下一页</a>")`.

use std::sync::LazyLock;

use regex::Regex;

use super::holes::named_pages;
use super::names::number_of;
use super::next::says_next;
use super::{ListPage, MOST_PAGES, PageRequest, Paging};
use crate::crawl::discover::join;
use crate::page::fold::fold;

/// The loop's body is read this far.
const WINDOW: usize = 1000;

pub(super) struct Counted;

impl Paging for Counted {
    fn name(&self) -> &'static str {
        "a script's loop"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        written(list).or_else(|| Some(vec![stepped(list)?])).unwrap_or_default()
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

/// The next page by this one's number, where what the script asks before is true.
fn stepped(list: &ListPage<'_>) -> Option<PageRequest> {
    static STEP: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r"(?:if\s*\(\s*(\w+)\s*([<>]=?|!==?)\s*(\w+)\s*\)\s*\{?\s*)?[A-Za-z_.]+\s*(?:\(|\+?=)\s*",
            r#"["'](?:[^"'<>]|<[^a])*<a\s[^<>]*?href\s*=\s*\\?["']?([A-Za-z0-9_./?&=-]*)["']\s*\+\s*\(?"#,
            r#"\s*(\w+)\s*([+-])\s*1\s*\)?\s*\+\s*["']([A-Za-z0-9_./&=-]*)[^<>]*>([^<]+)<"#,
        ))
    });
    let value = |word: &str| word.parse().ok().or_else(|| number_of(word, list.text));
    let step = STEP.as_ref()?.captures_iter(list.text).find(|step| says_next(&fold(&step[8])))?;
    let here: u32 = value(&step[5])?;
    let next = if &step[6] == "+" { here.checked_add(1)? } else { here.checked_sub(1)? };
    let is_there = match (step.get(1), step.get(2), step.get(3)) {
        (Some(left), Some(sign), Some(right)) => {
            let (left, right) = (value(left.as_str())?, value(right.as_str())?);
            match sign.as_str() {
                "<" => left < right,
                "<=" => left <= right,
                ">" => left > right,
                ">=" => left >= right,
                _ => left != right,
            }
        }
        // Upwards the number of all pages ends it.
        _ => next >= 1 && (next < here || named_pages(list.text).is_some_and(|last| next <= last)),
    };
    let url = join(list.url, &format!("{}{next}{}", &step[4], &step[7]), "utf-8")?;
    (is_there && next <= MOST_PAGES).then(|| PageRequest::get(url))
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
