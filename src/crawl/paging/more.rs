//! 加载更多: a script that asks for the next part of the list when it is clicked.
//! The part is a piece of HTML that says nothing of the next: the number in its
//! own URL does, and the list ends with a part that has no records.

use super::fields::{is_page, with_query};
use super::{ListPage, MOST_PAGES, PageRequest, Paging};
use crate::crawl::discover::Anchor;
use crate::crawl::frontier::GUESS;
use crate::report::recognise::is_title_of_report;

pub(super) struct More;

impl Paging for More {
    fn name(&self) -> &'static str {
        "load more"
    }

    fn reason(&self) -> String {
        format!("{GUESS}the next part of the list, which ends with an empty one")
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        next(list).into_iter().collect()
    }
}

fn next(list: &ListPage<'_>) -> Option<PageRequest> {
    const WHOLE: [&str; 5] = ["<html", "<head", "<body", "<?xml", "<datastore"];
    let head = list.text[..list.text.floor_char_boundary(4096)].to_ascii_lowercase();
    let is_record = |anchor: &Anchor| anchor.is_dated || is_title_of_report(&anchor.text);
    let is_part =
        list.body.is_none() && head.trim_start().starts_with('<') && WHOLE.iter().all(|tag| !head.contains(tag));
    if !is_part || !list.anchors.iter().any(is_record) {
        return None;
    }
    let page: u32 = list.url.query_pairs().find(|(name, _)| is_page(name))?.1.parse().ok()?;
    let next = with_query(list.url, is_page, &(page + 1).to_string())?;
    (page < MOST_PAGES).then(|| PageRequest::get(next))
}
