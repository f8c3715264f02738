//! Any list with a link to its next page.

use url::Url;

use super::{ListPage, PageRequest, Paging};
use crate::crawl::discover::Anchor;

pub(super) struct Next;

impl Paging for Next {
    fn name(&self) -> &'static str {
        "next page"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        next(list.anchors, list.url).cloned().map(PageRequest::get).into_iter().collect()
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

/// The link to the next page, other than the page itself.
pub(super) fn next<'a>(anchors: &'a [Anchor], url: &Url) -> Option<&'a Url> {
    let links = anchors.iter().filter(|anchor| anchor.url.host_str() == url.host_str());
    links.filter(|anchor| says_next(&anchor.text)).map(|anchor| &anchor.url).find(|to| *to != url)
}
