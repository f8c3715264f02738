//! The names under which systems ask for a page of a list.

use url::Url;

/// Names of the field that holds the page's number, in lower case.
const PAGE: [&str; 28] = [
    "_index",
    "page",
    "pageno",
    "pagenum",
    "pagenumber",
    "pageindex",
    "page_index",
    "currpage",
    "curpage",
    "currentpage",
    "curr",
    "current",
    "cur_page",
    "current_page",
    "page_no",
    "page_num",
    "cpage",
    "pagenow",
    "pn",
    "p",
    "gopage",
    "topage",
    "pageid",
    "nowpage",
    "currentpagenum",
    "currentpageno",
    "currpageno",
    "curpageno",
];

/// Names of the field that says how many records a page has.
const ROWS: [&str; 13] = [
    "rows",
    "pagesize",
    "page_size",
    "size",
    "limit",
    "perpage",
    "per_page",
    "prepage",
    "pagenums",
    "pagerows",
    "num",
    "psize",
    "count",
];

/// Names of the field that says how many records stand before the page's.
const OFFSET: [&str; 6] = ["start", "offset", "skip", "firstresult", "startindex", "startrow"];

/// Whether a field says how many records stand before the page's.
pub(super) fn is_offset(name: &str) -> bool {
    is_one_of(name, &OFFSET)
}

/// Whether a field holds the page's number.
pub(in crate::crawl) fn is_page(name: &str) -> bool {
    is_one_of(name, &PAGE)
}

/// What tells the field that holds the page's number among the fields of a question; none
/// where there is none. `index` is a page's beside the number of rows, elsewhere
/// anything's.
pub(super) fn page_among<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Option<fn(&str) -> bool> {
    if names.clone().any(is_page) {
        return Some(is_page);
    }
    (names.clone().any(is_index) && names.clone().any(is_rows)).then_some(is_index)
}

/// Whether a field is a plain `index`.
pub(super) fn is_index(name: &str) -> bool {
    name.eq_ignore_ascii_case("index")
}

/// Whether a field says how many records a page has.
pub(super) fn is_rows(name: &str) -> bool {
    is_one_of(name, &ROWS)
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    // `pager.pageNo`, `query[page]`
    let last = name.rsplit(['.', '[']).next().unwrap_or_default().trim_end_matches(']');
    // `_page` is `page`, while `_index` is a page's and `index` anything's.
    [last, last.trim_start_matches('_')].iter().any(|name| names.iter().any(|known| name.eq_ignore_ascii_case(known)))
}

/// A URL with a query field changed; none where it has no such field.
pub(super) fn with_query(url: &Url, is_field: impl Fn(&str) -> bool, value: &str) -> Option<Url> {
    let fields: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    fields.iter().any(|(name, _)| is_field(name)).then(|| {
        let mut changed = url.clone();
        changed.query_pairs_mut().clear().extend_pairs(
            fields.iter().map(|(name, old)| (name.as_str(), if is_field(name) { value } else { old.as_str() })),
        );
        changed
    })
}
