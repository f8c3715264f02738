//! JSON lists: an answer to a question that names its page, with a total.

use serde_json::Value;

use super::fields::{is_offset, is_page, is_rows};
use super::{ListPage, MOST_PAGES, PageRequest, Paging};
use crate::page::json_value;

/// Names of the number of all records, in lower case. The last is that only where no
/// other is there: beside a total it counts the records of the page.
const TOTALS: [&str; 10] = [
    "total",
    "totalcount",
    "total_count",
    "totalnum",
    "totalrecord",
    "totalrecords",
    "recordcount",
    "totalelements",
    "totalrows",
    "count",
];
/// ... and of all pages.
const LAST_PAGES: [&str; 6] = ["totalpage", "totalpages", "pagecount", "pagetotal", "countpage", "pages"];

pub(super) struct Json;

impl Paging for Json {
    fn name(&self) -> &'static str {
        "JSON list"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        let Some(answer) = json_value(list.text) else { return Vec::new() };
        let next = || next(list, &answer).or_else(|| next_file(list, &answer)).into_iter().collect();
        first_of_unknown_rows(list, &answer).unwrap_or_else(next)
    }
}

/// Whether a name is that of the number of all records.
pub(super) fn is_total(name: &str) -> bool {
    is_one_of(name, &TOTALS)
}

/// Whether a name is that of the number of all pages.
pub(super) fn is_last_page(name: &str) -> bool {
    is_one_of(name, &LAST_PAGES)
}

/// The pages of a list whose rows nothing tells: its first page has as many as any but
/// the last, and so names all others. None where it is no such list.
fn first_of_unknown_rows(list: &ListPage<'_>, answer: &Value) -> Option<Vec<PageRequest>> {
    let (here, total) = n_records(answer)?;
    let says_rows = list.asked().any(|(name, _)| is_rows(&name)) || rows_of(answer).is_some();
    let page: u64 = list.asked().find(|(name, _)| is_page(name))?.1.parse().ok()?;
    if says_rows || named(answer, &LAST_PAGES).is_some() || here == 0 {
        return None;
    }
    // Counted from 1 or from 0.
    let end = if page == 0 { total.div_ceil(here) } else { total.div_ceil(here).saturating_add(1) };
    let others = if page <= 1 { page + 1..end.min(u64::from(MOST_PAGES)) } else { 0..0 };
    Some(others.map(|n| list.with_number(is_page, n)).collect())
}

fn next(list: &ListPage<'_>, answer: &Value) -> Option<PageRequest> {
    let field = |is_it: fn(&str) -> bool| list.asked().find(|(name, _)| is_it(name)).and_then(|(_, v)| v.parse().ok());
    let n_here = longest_list(answer);
    let per_page = field(is_rows).or_else(|| rows_of(answer)).filter(|n| *n > 0);
    let a_page = per_page.unwrap_or(n_here);
    // The page's number from 1 or 0, or the records before it.
    let (is_its, page, next, n_seen): (fn(&str) -> bool, u64, u64, u64) = match (field(is_page), field(is_offset)) {
        (Some(page), _) => (is_page, page, page.checked_add(1)?, page.max(1).saturating_mul(a_page)),
        (None, Some(n_before)) => {
            let next = n_before.checked_add(a_page)?;
            (is_offset, n_before / a_page.max(1), next, next)
        }
        (None, None) => return None,
    };
    if n_here == 0 || page >= u64::from(MOST_PAGES) {
        return None;
    }
    let is_more = match (total(answer), named(answer, &LAST_PAGES), per_page) {
        (Some(total), _, _) => n_seen < total,
        (None, Some(last), _) => page < last,
        // Without a total, a full page may have a next.
        (None, None, per_page) => says_next(answer).unwrap_or_else(|| per_page.is_some_and(|n| n_here >= n)),
    };
    is_more.then(|| list.with_number(is_its, next))
}

/// The next of files that are numbered, `data_1.json`, where the answer says how many
/// there are.
fn next_file(list: &ListPage<'_>, answer: &Value) -> Option<PageRequest> {
    let (folder, file) = list.url.path().rsplit_once('/')?;
    let (stem, extension) = file.rsplit_once('.')?;
    let before = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    let page: u64 = stem[before.len()..].parse().ok()?;
    let is_more = list.url.query().is_none() && list.body.is_none() && page < named(answer, &LAST_PAGES)?;
    let mut url = list.url.clone();
    url.set_path(&format!("{folder}/{before}{}.{extension}", page + 1));
    url.set_fragment(list.fragment);
    (is_more && page < u64::from(MOST_PAGES)).then(|| PageRequest::get(url))
}

/// Whether nothing tells of an answer to such a question if there is more: no total,
/// no number of pages or rows, no word.
pub(super) fn says_nothing(list: &ListPage<'_>, answer: &Value) -> bool {
    let says_rows = list.asked().any(|(name, _)| is_rows(&name)) || rows_of(answer).is_some();
    !says_rows && total(answer).is_none() && named(answer, &LAST_PAGES).is_none() && says_next(answer).is_none()
}

/// What an answer says in a word: `hasNextPage`, or `last`.
fn says_next(answer: &Value) -> Option<bool> {
    const MORE: [&str; 4] = ["hasnext", "hasnextpage", "has_next", "hasmore"];
    const LAST: [&str; 3] = ["last", "lastpage", "islastpage"];
    let word =
        |names: &[&str]| outside_records(answer, &|name, value| is_one_of(name, names).then(|| value.as_bool())?);
    word(&MORE).or_else(|| word(&LAST).map(|is_last| !is_last))
}

/// How many records an answer has, and how many it says there are in all.
pub(super) fn n_records(answer: &Value) -> Option<(u64, u64)> {
    Some((longest_list(answer), total(answer)?))
}

/// How many records an answer says there are in all.
fn total(answer: &Value) -> Option<u64> {
    let (count, totals) = TOTALS.split_last()?;
    named(answer, totals).or_else(|| named(answer, &[count]))
}

/// How many records an answer says a page has.
fn rows_of(answer: &Value) -> Option<u64> {
    number(answer, &|name| is_rows(name) && !is_total(name))
}

/// The length of the longest list of objects. An empty one, behind the last comma that
/// a template writes, is no record.
fn longest_list(answer: &Value) -> u64 {
    let mut longest = 0;
    let mut open = vec![answer];
    while let Some(value) = open.pop() {
        match value {
            Value::Array(items) => {
                if items.iter().all(Value::is_object) {
                    let is_record = |item: &&Value| item.as_object().is_some_and(|fields| !fields.is_empty());
                    longest = longest.max(items.iter().filter(is_record).count() as u64);
                }
                open.extend(items.iter().take(50));
            }
            Value::Object(fields) => open.extend(fields.values()),
            _ => {}
        }
    }
    longest
}

fn named(answer: &Value, names: &[&str]) -> Option<u64> {
    number(answer, &|name| is_one_of(name, names))
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// A number of the answer by its name.
fn number(answer: &Value, is_it: &dyn Fn(&str) -> bool) -> Option<u64> {
    outside_records(answer, &|name, value| {
        let number = || value.as_u64().or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
        is_it(name).then(number)?
    })
}

/// What a field of the answer says outside its records: nearest the top.
fn outside_records<T>(answer: &Value, of: &dyn Fn(&str, &Value) -> Option<T>) -> Option<T> {
    let mut level = vec![answer];
    for _ in 0..4 {
        let fields = || level.iter().filter_map(|value| value.as_object()).flatten();
        let found = fields().find_map(|(name, value)| of(name, value));
        if found.is_some() {
            return found;
        }
        level = fields().map(|(_, value)| value).collect();
    }
    None
}
