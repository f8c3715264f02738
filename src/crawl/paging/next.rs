//! Any list with a link to its next page.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::{ListPage, PageRequest, Paging};
use crate::crawl::discover::{Anchor, attribute};

pub(super) struct Next;

impl Paging for Next {
    fn name(&self) -> &'static str {
        "next page"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        let said = || next(list.anchors, list.url).cloned();
        named(list.text, list.url).or_else(said).map(PageRequest::get).into_iter().collect()
    }
}

/// Whether a link's words are those of one to the next page. Traditional
/// characters and white space are folded away before.
pub(super) fn says_next(text: &str) -> bool {
    const WORDS: [&str; 6] = ["下一页", "下页", "后一页", "后页", "下1页", "next"];
    let word = text.to_ascii_lowercase();
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    WORDS.contains(&word)
        || matches!(text, ">" | "&gt;" | "›")
        || (word.ends_with("下一页") && text.chars().count() <= 8)
}

/// Whether a link's words are those of one to the page before.
pub(super) fn says_previous(text: &str) -> bool {
    const WORDS: [&str; 6] = ["上一页", "上页", "前一页", "前页", "previous", "prev"];
    let word = text.to_ascii_lowercase();
    WORDS.contains(&word.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// The next page that a document names itself: `<link rel="next">` (HTML 4.6.7),
/// or the field of that name in the JSON of a one-page application.
fn named(text: &str, page: &Url) -> Option<Url> {
    static LINK: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"(?i)<link\s[^>]*?\brel\s*=\s*["']?next\b[^>]*>"#));
    static FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"(?i)"(?:next|nextPage|next_?page_?url|next_?url)"\s*:\s*"((?:/|https?://|\?)[^"\s<>]+)""#)
    });
    let of_link = || attribute(LINK.as_ref()?.find(text)?.as_str(), "href");
    let of_field = || Some(FIELD.as_ref()?.captures(text)?[1].replace("\\/", "/"));
    let url = of_link().or_else(of_field).and_then(|target| page.join(&target).ok())?;
    (url != *page).then_some(url)
}

/// Whether a link's words may lead on: `»`, `>>`, 下十页. In a pager they go to
/// the next page, to the last, or ten further; beside a column's name they say
/// "more".
fn says_forward(text: &str) -> bool {
    let word = text.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '>' | '»' | '→'));
    let steps = word.strip_prefix('下').and_then(|rest| rest.strip_suffix('页'));
    matches!(word, "»" | ">>" | "»»" | ">>>" | "→" | "加载更多" | "查看更多" | "点击加载更多" | "更多" | "更多>>")
        || steps.is_some_and(|steps| matches!(steps, "两" | "三" | "五" | "十" | "5" | "10" | "20"))
}

/// The link to the next page, other than the page itself; else one that leads
/// further on in the same list.
pub(super) fn next<'a>(anchors: &'a [Anchor], url: &Url) -> Option<&'a Url> {
    let links = || anchors.iter().filter(|anchor| anchor.url.host_str() == url.host_str() && anchor.url != *url);
    let named = links().find(|anchor| says_next(&anchor.text));
    let forward = || links().find(|anchor| says_forward(&anchor.text) && is_of_list(&anchor.url, url));
    named.or_else(forward).map(|anchor| &anchor.url)
}

/// Whether a URL may be a page of a list: in its folder, with a number in the
/// file or the query.
fn is_of_list(to: &Url, list: &Url) -> bool {
    let folder = |url: &Url| url.path().rfind('/').map(|end| url.path()[..end].to_owned());
    let file = to.path().rsplit('/').next().unwrap_or_default();
    let has_number = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    folder(to) == folder(list) && (has_number(file) || to.query().is_some_and(has_number))
}
