//! Pages that differ in a number alone: `index_N.html`, `?page=N`, and a pager
//! that says how many there are.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::fields::is_page;
use super::holes::named_pages;
use super::next::says_next;
use super::{ListPage, MOST_PAGES, PageRequest, Paging};
use crate::page::fold::fold;

pub(super) struct Numbered;

impl Paging for Numbered {
    fn name(&self) -> &'static str {
        "numbered pages"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        counted_down(list).or_else(|| sequence(list)).or_else(|| by_own_url(list)).unwrap_or_default()
    }
}

/// A URL parted at one of its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parted {
    before: String,
    number: u32,
    after: String,
}

fn sequence(list: &ListPage<'_>) -> Option<Vec<PageRequest>> {
    let steps = steps(list);
    // Two links of one pattern, or one and the number of all pages, make a
    // sequence; a lone number may be a year.
    let is_known = |(step, _): &&(Step, Parted)| matches!(step, Step::Page(_) | Step::Next);
    let (first_step, first) = steps.iter().find(is_known).or_else(|| steps.first())?;
    let same = |parted: &Parted| parted.before == first.before && parted.after == first.after;
    let here = own_number(list.url, first);
    let offset = match first_step {
        // The last page's number alone: counted from the first page's, or told by how
        // many there are.
        Step::Last => match (own_first(list, first), said_pages(list.text)) {
            (Some(number), _) => i64::from(number) - 1,
            (None, Some(n)) if here.is_none() && (first.number == n || first.number + 1 == n) => {
                i64::from(first.number) - i64::from(n)
            }
            _ => return None,
        },
        Step::Page(n) => i64::from(first.number) - i64::from(*n),
        // The second page's number is 1 or 2; of a later page nothing is said
        // that the first did not say.
        _ if here.is_none() && first.number <= 2 => i64::from(first.number) - 2,
        Step::Next => return None,
    };
    let named = steps.iter().filter(|(_, parted)| same(parted)).filter_map(|(step, parted)| match step {
        Step::Page(n) => Some(i64::from(*n)),
        Step::Last => Some(i64::from(parted.number) - offset),
        Step::Next => None,
    });
    let last = named.chain(said_pages(list.text).map(i64::from)).max()?.min(i64::from(MOST_PAGES));
    let page = |n: i64| {
        let number = n + offset;
        let is_here = here.is_some_and(|here| i64::from(here) == number);
        (!is_here).then(|| format!("{}{number}{}", first.before, first.after).parse().ok().map(PageRequest::get))?
    };
    Some((2..=last).filter_map(page).collect())
}

/// The number of the first page in the pattern of the last, where 首页 leads to it.
fn own_first(list: &ListPage<'_>, last: &Parted) -> Option<u32> {
    let first = list.anchors.iter().filter(|anchor| matches!(anchor.text.as_str(), "首页" | "第一页"));
    first.filter_map(|anchor| own_number(&anchor.url, last)).find(|number| *number <= 1)
}

/// The pages of a list whose files are counted from its end, as VSB does: the link to
/// page 2 of five is `nb/4.htm`, that to the last `nb/1.htm`.
fn counted_down(list: &ListPage<'_>) -> Option<Vec<PageRequest>> {
    let own = list.anchors.iter().filter(|anchor| anchor.url.host_str() == list.url.host_str());
    let numbered = own.filter_map(|anchor| {
        let label = label_of(&anchor.text)?;
        Some((label, numbers(&anchor.url, |_| true)?.into_iter().rfind(named_as_page)?))
    });
    let links: Vec<(u32, Parted)> = numbered.collect();
    let (label, first) = links.first()?;
    let sum = label + first.number;
    let is_same = |(_, parted): &&(u32, Parted)| parted.before == first.before && parted.after == first.after;
    let mut labels: Vec<u32> = links.iter().filter(is_same).map(|(label, _)| *label).collect();
    labels.sort_unstable();
    labels.dedup();
    let is_counted = links.iter().filter(is_same).all(|(label, parted)| label + parted.number == sum);
    if labels.len() < 2 || !is_counted {
        return None;
    }
    let here = own_number(list.url, first);
    let others = (1..sum.saturating_sub(1)).rev().filter(|number| Some(*number) != here).take(MOST_PAGES as usize);
    let page = |number: u32| format!("{}{number}{}", first.before, first.after).parse().ok().map(PageRequest::get);
    Some(others.filter_map(page).collect())
}

/// The pages behind one that has no pager with links, but says how many there are,
/// and whose own request says which it is.
fn by_own_url(list: &ListPage<'_>) -> Option<Vec<PageRequest>> {
    // A form that the page has says more than what brought it.
    let has_form = list.body.is_some() && list.text.contains("<form");
    // An answer of JSON says in its own way what follows.
    let is_json = list.text.trim_start().starts_with(['{', '[']);
    if has_form || is_json || !steps(list).is_empty() {
        return None;
    }
    let here: u32 = list.asked().find(|(name, _)| is_page(name))?.1.parse().ok()?;
    // A part of a page that carries its pager: `{currPage: 2, pageCount: 5}`.
    let last = said_pages(list.text).or_else(|| named_pages(list.text))?.min(MOST_PAGES);
    let page = |n: u32| list.with_number(is_page, n.into());
    (1 <= here && here < last).then(|| (here + 1..=last).map(page).collect())
}

/// What a link of a pager leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The page of this number, from 1.
    Page(u32),
    Next,
    Last,
}

/// The links of the page's pager, each parted at the number that differs.
fn steps(list: &ListPage<'_>) -> Vec<(Step, Parted)> {
    let step = |text: &str| match text {
        text if says_next(text) => Some(Step::Next),
        "尾页" | "末页" | "最后一页" | "最后页" | "last" => Some(Step::Last),
        text => label_of(text).map(Step::Page),
    };
    let own = list.anchors.iter().filter(|anchor| anchor.url.host_str() == list.url.host_str());
    own.filter_map(|anchor| {
        let step = step(&anchor.text)?;
        Some((step, parted(&anchor.url, list.url, step)?))
    })
    .collect()
}

/// The page that a link's words number: 2, [2], 第2页.
fn label_of(text: &str) -> Option<u32> {
    let number = text.trim_matches(|c: char| matches!(c, '[' | ']' | '(' | ')' | '第' | '页'));
    number.parse().ok().filter(|n| (2..=MOST_PAGES).contains(n))
}

/// Parts a link at its page's number: the number by which it differs from the
/// page, which stands in its file's name or in its query.
fn parted(to: &Url, from: &Url, step: Step) -> Option<Parted> {
    let fits = |parted: &Parted| match step {
        Step::Page(n) => parted.number == n || parted.number + 1 == n,
        Step::Next | Step::Last => parted.number >= 1 && parted.number <= MOST_PAGES * 10,
    };
    // Of several the last: `c102059_2.html`, `list.asp?class=7&page=2`. One that
    // the page's own URL has as well says nothing.
    let own = |parted: &Parted| from.as_str() == format!("{}{}{}", parted.before, parted.number, parted.after);
    numbers(to, fits)?.into_iter().rev().find(|parted| !own(parted) && named_as_page(parted))
}

/// The numbers of a URL's file and query that fit, each with what stands around it.
fn numbers(of: &Url, fits: impl Fn(&Parted) -> bool) -> Option<Vec<Parted>> {
    static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"\d{1,4}"));
    let text = of.as_str();
    let path_start = text.len() - of[url::Position::BeforePath..].len();
    let folder = text[..text.split(['?', '#']).next()?.len()].rfind('/')?.max(path_start);
    let numbers = NUMBER.as_ref()?.find_iter(&text[folder..]).filter_map(|found| {
        let (start, end) = (folder + found.start(), folder + found.end());
        let alone = !text[..start].ends_with(|c: char| c.is_ascii_digit())
            && !text[end..].starts_with(|c: char| c.is_ascii_digit());
        let number = found.as_str().parse().ok().filter(|_| alone)?;
        Some(Parted { before: text[..start].to_owned(), number, after: text[end..].to_owned() })
    });
    Some(numbers.filter(fits).collect())
}

/// Whether a number stands where page numbers do: after `_`, `-` or a name of
/// letters in the file, or as the value of a query field other than an id's.
fn named_as_page(parted: &Parted) -> bool {
    match parted.before.rsplit_once(['?', '&']) {
        Some((_, field)) => field.strip_suffix('=').is_some_and(is_page),
        None => !parted.before.ends_with('/') || parted.after.is_empty() || parted.after.starts_with(['.', '/']),
    }
}

/// The page's own number in the pattern of its pager, where it has one.
fn own_number(url: &Url, pattern: &Parted) -> Option<u32> {
    url.as_str().strip_prefix(&pattern.before)?.strip_suffix(&pattern.after)?.parse().ok()
}

/// How many pages the pager says there are: 共5页, 1/5页, Page 1 of 5.
pub(super) fn said_pages(text: &str) -> Option<u32> {
    static ALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r"共(?:有|计)?(\d{1,4})页|\d{1,4}/(\d{1,4})页|页次:?\d{1,4}/(\d{1,4})|(?i:page)\d{1,4}of(\d{1,4})",
        )
    });
    let said = plain(text);
    let found = ALL.as_ref()?.captures(&said)?;
    (1..=4).find_map(|group| found.get(group)).and_then(|n| n.as_str().parse().ok())
}

/// A page's text without its tags, folded.
pub(super) fn plain(text: &str) -> String {
    static TAGS: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"<[^>]{0,300}>|&nbsp;"));
    TAGS.as_ref().map_or_else(|| fold(text), |tags| fold(&tags.replace_all(text, "")))
}
