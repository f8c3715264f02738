//! A script's pager that says once how a page is called, with a hole for its
//! number, and how many there are: kkpager, laypage's `jump`, Ls.pagination, a
//! box of numbers, static pages that are counted down.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::fields::is_page;
use super::form::called_page;
use super::names::{number_of, value_of};
use super::numbered::said_pages;
use super::{ListPage, MOST_PAGES, PageRequest, Paging, select};
use crate::crawl::discover::join;
use crate::page::fold::fold;

pub(super) struct Holes;

impl Paging for Holes {
    fn name(&self) -> &'static str {
        "a script's pattern"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        let pattern = kkpager(list.text).or_else(|| boxed(list.text)).or_else(|| named(list.text));
        let pattern = pattern.or_else(|| in_file(list.text)).or_else(|| turned(list.text));
        let Some(pattern) = pattern.or_else(|| counted_down(list.text)) else { return Vec::new() };
        let said = || n_pages(list.text).or_else(|| said_pages(list.text)).filter(|n| *n > 1);
        let Some(last) = pattern.last.or_else(said) else { return Vec::new() };
        let page = |n: u32| join(list.url, &format!("{}{n}{}", pattern.before, pattern.after), "utf-8");
        (pattern.first..=last.min(MOST_PAGES)).filter_map(page).map(PageRequest::get).collect()
    }
}

/// What stands before and behind a page's number.
struct Pattern {
    before: String,
    after: String,
    /// The first number that is another page's.
    first: u32,
    /// The number of pages, where the pattern's own place says it.
    last: Option<u32>,
}

/// kkpager: a link is put together of `hrefFormer`, the number and `hrefLatter`;
/// with `_` between the first two where its page does not say otherwise.
fn kkpager(text: &str) -> Option<Pattern> {
    static PIECE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"this\.(hrefFormer|hrefLatter)|['"]([^'"\s<>]*)['"]|(?-u:\b)(n|page|num|i)(?-u:\b)"#)
    });
    static LINK: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"getLink\s*:\s*function\s*\([A-Za-z_]+\)\s*\{([^{}]*)\}"));
    if !text.contains("kkpager") {
        return None;
    }
    let (former, latter) = (value_of("hrefFormer", text)?, value_of("hrefLatter", text).unwrap_or_default());
    let last = number_of("total", text);
    let Some(link) = LINK.as_ref()?.captures(text) else {
        return Some(Pattern { before: format!("{former}_"), after: latter, first: 2, last });
    };
    // Of several returns the last is that of any page but the first.
    let expression = link[1].rsplit("return").next().unwrap_or_default();
    // n==1 ? former+latter : former+"_"+n+latter
    // What stands in quotes, `"?page="`, asks for nothing.
    let is_in_quotes = |at: usize| expression[..at].matches(['\'', '"']).count() % 2 == 1;
    let question = expression.match_indices('?').map(|(at, _)| at).find(|at| !is_in_quotes(*at));
    let expression = match question.map(|at| &expression[at..]) {
        Some(either) => either.rsplit_once(':').map_or(either, |(_, other)| other),
        None => expression,
    };
    let (mut before, mut after, mut is_behind) = (String::new(), String::new(), false);
    for piece in PIECE.as_ref()?.captures_iter(expression) {
        let side = if is_behind { &mut after } else { &mut before };
        match (piece.get(1).map(|name| name.as_str()), piece.get(2)) {
            (Some("hrefFormer"), _) => side.push_str(&former),
            (Some(_), _) => side.push_str(&latter),
            (None, Some(literal)) => side.push_str(literal.as_str()),
            (None, None) => is_behind = true,
        }
    }
    is_behind.then_some(Pattern { before, after, first: 2, last })
}

/// A box of bare numbers: `location.href = 'list_' + this.value + '.html'`.
fn boxed(text: &str) -> Option<Pattern> {
    static BOX: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let joined = r"\s*\+\s*";
        crate::pattern(&format!(
            r#"(?is)<select(?-u:\b)[^>]*?['"]([a-z0-9_./?&=%-]+)\\?['"]{joined}this\.(?:value|options\[[^\]]+\]\.value)(?:{joined}\\?['"]([a-z0-9_./&=-]*))?[^>]*>(.*?)</select"#
        ))
    });
    static OPTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"(?i)<option(?-u:\b)[^>]*?(?-u:\b)value\s*=\s*["']?([0-9]{1,3})(?-u:\b)[^>]*>([^<]*)"#)
    });
    let found = BOX.as_ref()?.captures(text)?;
    let pages = OPTION.as_ref()?.captures_iter(&found[3]).filter(|option| select::is_page(&fold(&option[2])));
    let last = pages.filter_map(|option| option[1].parse().ok()).max()?;
    let after = found.get(2).map_or("", |after| after.as_str()).to_owned();
    Some(Pattern { before: found[1].to_owned(), after, first: 2, last: Some(last) })
}

/// An address whose last field is the page's number, put to it by the script or
/// filled in: `"/list?page=" + obj.curr`, `href: "/list?pageIndex={{page}}"`.
fn named(text: &str) -> Option<Pattern> {
    static PUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"(?:href|location|open)[^;'"\n]*['"]([A-Za-z0-9_./?&=%:-]*[?&]([A-Za-z0-9_.]+)=)['"]\s*\+"#)
    });
    static FILLED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r#"['"]([A-Za-z0-9_./?&=%:-]+[?&]([A-Za-z0-9_.]+)=)(?:\{\{?[A-Za-z]+\}\}?|#[A-Za-z]+#)([A-Za-z0-9_.&=%-]*)['"]"#,
        )
    });
    let pattern = |found: Captures<'_>| {
        let after = found.get(3).map_or("", |after| after.as_str()).to_owned();
        is_page(&found[2]).then(|| Pattern { before: found[1].to_owned(), after, first: 2, last: None })
    };
    let filled = FILLED.as_ref()?.captures_iter(text).find_map(pattern);
    filled.or_else(|| PUT.as_ref()?.captures_iter(text).find_map(pattern))
}

/// A file whose name holds the page's number: `location.href = obj.curr + ".html"`,
/// `'list_' + page + '.shtml'`.
fn in_file(text: &str) -> Option<Pattern> {
    static PUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            // The first page may have a name of its own: `n == 1 ? "list.html" : …`.
            r#"(?-u:\b)(?:href|location)\s*=\s*(?:[^;?'"\n]*\?\s*['"][^'"\n]*['"]\s*:\s*)?"#,
            r#"(?:['"]([A-Za-z0-9_./:-]*)['"]\s*\+\s*)?(?:[A-Za-z_][0-9A-Za-z_]*\.)?([A-Za-z_][0-9A-Za-z_]*)\s*\+\s*['"](\.[A-Za-z]{2,6})['"]"#,
        ))
    });
    let found = PUT.as_ref()?.captures_iter(text).find(|found| is_page(&found[2]))?;
    let before = found.get(1).map_or("", |before| before.as_str()).to_owned();
    Some(Pattern { before, after: found[3].to_owned(), first: 2, last: None })
}

/// A function that turns to a page, whose name says so and whose argument is put
/// into a file's name: `function goPage(n) { location.href = n + ".html" }`.
fn turned(text: &str) -> Option<Pattern> {
    static TURN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r#"function\s+[0-9A-Za-z_]*(?:[Pp]age|[Jj]ump|[Gg]oto|[Tt]urn)[0-9A-Za-z_]*\s*\(\s*([A-Za-z_][0-9A-Za-z_]*)\s*\)\s*\{[^{}]*?"#,
            r#"(?-u:\b)(?:href|location)\s*=\s*(?:['"]([A-Za-z0-9_./:-]*)['"]\s*\+\s*)?"#,
            r#"([A-Za-z_][0-9A-Za-z_]*)\s*\+\s*['"](\.[A-Za-z]{2,6})['"]"#,
        ))
    });
    static FROM_ZERO: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"==\s*0(?-u:\b)"));
    let found = TURN.as_ref()?.captures_iter(text).find(|found| found[1] == found[3])?;
    let before = found.get(2).map_or("", |before| before.as_str()).to_owned();
    // Where the first page is number 0 the last has one less than there are, and the
    // link to the next page calls for number 1.
    let is_from_zero = FROM_ZERO.as_ref()?.is_match(&found[0]) || called_page(text) == Some(1);
    let last = || n_pages(text).or_else(|| said_pages(text))?.checked_sub(1);
    let (first, last) = if is_from_zero { (1, last()) } else { (2, None) };
    Some(Pattern { before, after: found[4].to_owned(), first, last })
}

/// Static pages whose numbers are counted down from that of the newest, which has a
/// name of its own: `"index_890_" + (maxPageNum890 - n) + ".html"`.
fn counted_down(text: &str) -> Option<Pattern> {
    static PUT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r#"['"]([A-Za-z0-9_./-]+_)['"]\s*\+\s*\(\s*([A-Za-z_][0-9A-Za-z_]*)\s*-\s*[0-9A-Za-z_\s+-]+\)"#,
            r#"\s*\+\s*['"](\.[A-Za-z]{2,6})['"]"#,
        ))
    });
    let found = PUT.as_ref()?.captures(text)?;
    let n_pages = number_of(&found[2], text).filter(|_| found[2].to_ascii_lowercase().contains("page"))?;
    let last = Some(n_pages.saturating_sub(1));
    Some(Pattern { before: found[1].to_owned(), after: found[3].to_owned(), first: 1, last })
}

/// How many pages a script says there are, by their own number.
pub(super) fn named_pages(text: &str) -> Option<u32> {
    const PAGES: [&str; 10] = [
        "pageCount",
        "totalPage",
        "totalPages",
        "pageTotal",
        "countPage",
        "total_page",
        "page_count",
        "pageTotals",
        "allPage",
        "maxPage",
    ];
    // Laypage's own word, too common elsewhere.
    let of_laypage = || number_of("pages", text).filter(|_| text.contains("laypage"));
    PAGES.iter().find_map(|name| number_of(name, text)).or_else(of_laypage)
}

/// How many pages a script says there are: by their own number, or by that of
/// the records and of those on a page.
pub(super) fn n_pages(text: &str) -> Option<u32> {
    const RECORDS: [&str; 6] = ["count", "total", "totalCount", "totalRecords", "totalRecord", "recordCount"];
    const ROWS: [&str; 5] = ["limit", "pageSize", "page_size", "rows", "perPage"];
    let first = |names: &[&str]| names.iter().find_map(|name| number_of(name, text));
    named_pages(text).or_else(|| {
        let (records, rows) = (first(&RECORDS)?, first(&ROWS)?);
        (rows > 0).then(|| records.div_ceil(rows))
    })
}
