//! 加载更多: a script that asks for the next part of the list when it is clicked.
//! The part is a piece of HTML or JSON that says nothing of the next: the number in
//! its own request does, and the list ends with a part that has no records.

use super::fields::is_page;
use super::json::says_nothing;
use super::{ListPage, MOST_PAGES, PageRequest, Paging};
use crate::crawl::discover::Anchor;
use crate::crawl::frontier::GUESS;
use crate::page::json_value;
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
    let is_record = |anchor: &Anchor| anchor.is_dated || is_title_of_report(&anchor.text);
    if !is_part(list) || !list.anchors.iter().any(is_record) {
        return None;
    }
    let page: u64 = list.asked().find(|(name, _)| is_page(name))?.1.parse().ok()?;
    (page < u64::from(MOST_PAGES)).then(|| list.with_number(is_page, page + 1))
}

/// Whether a list's text is a piece of HTML, or JSON that says nothing of its size.
fn is_part(list: &ListPage<'_>) -> bool {
    const WHOLE: [&str; 5] = ["<html", "<head", "<body", "<?xml", "<datastore"];
    if let Some(answer) = json_value(list.text) {
        return says_nothing(list, &answer);
    }
    let head = list.text[..list.text.floor_char_boundary(4096)].to_ascii_lowercase();
    head.trim_start().starts_with('<') && WHOLE.iter().all(|tag| !head.contains(tag))
}
