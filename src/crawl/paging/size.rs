//! What a list says of its size: in words, in the attributes of its pager, in its
//! scripts.

use std::sync::LazyLock;

use regex::Regex;
use rust_decimal::prelude::ToPrimitive;

use super::holes::{n_pages, named_pages};
use super::json::{is_last_page, is_total};
use super::numbered::{plain, said_pages};
use crate::crawl::discover::attribute;
use crate::report::numbers::numbers_in;

/// How many pages the first page of a list says it has.
pub(super) fn pages(text: &str) -> Option<u32> {
    let by_script = || named_pages(text).or_else(|| n_pages(text).filter(|_| has_pager(text)));
    let input = || Some(of_input(text, is_last_page)? as u32);
    said_pages(text).or_else(|| alone(text)).or_else(|| in_attribute(text)).or_else(input).or_else(by_script)
}

/// How many records a list says it has: 共12条, 总记录数：12, Total 12 items.
pub(super) fn records(text: &str) -> Option<usize> {
    static SAID: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let number = "([0-9]{1,6}|[一二三四五六七八九十百千]{1,7})";
        crate::pattern(&format!(
            "共(?:有|计)?(?:信息|文件|文章|数据)?{number}(?:条|篇|个?记录)|(?:总记录|记录总|总条|信息总)数:?{number}|(?i:total):?{number}(?i:items|records)"
        ))
    });
    static WIDGET: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"(?i)<[a-z-]*pagination[a-z-]*\s[^>]*?(?-u:\b)(?:total|count)\s*=\s*["']?(\d{1,6})"#)
    });
    let words = plain(text);
    let said = SAID.as_ref()?.captures(&words).and_then(|found| (1..=3).find_map(|group| found.get(group)));
    let said = said.and_then(|number| numbers_in(number.as_str()).first()?.value.to_usize());
    let of_widget = || WIDGET.as_ref()?.captures(text)?[1].parse().ok();
    said.or_else(of_widget).or_else(|| of_input(text, is_total))
}

/// Words that are nothing but the first page's number and that of all: `<b>1/4</b>`.
fn alone(text: &str) -> Option<u32> {
    static ALONE: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r">\s*第?\s*1\s*/\s*([0-9]{1,3})\s*<"));
    ALONE.as_ref()?.captures(text)?[1].parse().ok()
}

/// The number of pages that an element of the pager carries, `data-pagecount=3`, or
/// those of the records and of a page's rows, `count="38" rows="15"`.
fn in_attribute(text: &str) -> Option<u32> {
    static PAGES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"(?i)\s(?:data-)?(?:page-?count|total-?pages?|page-?total)\s*=\s*["']?(\d+)"#)
    });
    static RECORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r#"(?i)<[a-z][^>]*?\s(?:data-|:)?(?:count|total|(?:total|record)-?(?:count|records?))\s*=\s*["']?(\d{1,6})(?-u:\b)[^>]*>"#,
        )
    });
    static ROWS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"(?i)\s(?:data-|:)?(?:rows|page-?size|limit|per-?page)\s*=\s*["']?(\d{1,4})(?-u:\b)"#)
    });
    let named = || PAGES.as_ref()?.captures(text)?[1].parse().ok();
    let counted = || {
        RECORDS.as_ref()?.captures_iter(text).find_map(|found| {
            let rows: u32 = ROWS.as_ref()?.captures(&found[0])?[1].parse().ok().filter(|rows| *rows > 0)?;
            Some(found[1].parse::<u32>().ok()?.div_ceil(rows))
        })
    };
    named().or_else(counted)
}

/// The number that a hidden input holds for the scripts of its page.
fn of_input(text: &str, is_its_name: fn(&str) -> bool) -> Option<usize> {
    static INPUT: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"(?i)<input(?-u:\b)([^>]*?hidden[^>]*)>"));
    INPUT.as_ref()?.captures_iter(text).find_map(|input| {
        let is_it = ["id", "name"].iter().filter_map(|name| attribute(&input[1], name)).any(|name| is_its_name(&name));
        attribute(&input[1], "value").filter(|_| is_it)?.trim().parse().ok()
    })
}

/// Whether a page's scripts call a pager.
fn has_pager(text: &str) -> bool {
    ["laypage", "kkpager", "jpage", "pagination", "Pagination", "paginator"].iter().any(|name| text.contains(name))
}
