//! 加载更多: a script that asks for the next part of the list when it is clicked.
//! The part is a piece of HTML or JSON that says nothing of the next: the number in
//! its own request does, and the list ends with a part that has no records.

use std::sync::LazyLock;

use regex::Regex;

use super::ajax::may_be_asked;
use super::controls::says_more;
use super::fields::is_page;
use super::json::says_nothing;
use super::{ListPage, MOST_PAGES, PageRequest, Paging};
use crate::crawl::discover::{Anchor, attribute, inline_scripts};
use crate::crawl::frontier::GUESS;
use crate::page::fold::fold;
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
        named(list).or_else(|| next(list)).into_iter().collect()
    }
}

/// What a click asks for that the control itself says: `data-url="/nb/more.html"
/// data-page="1"`, under the field's name in the page's script.
fn named(list: &ListPage<'_>) -> Option<PageRequest> {
    static CONTROL: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?i)<(?:a|button|div|span|p|li)\s([^>]*?data-page[^>]*)>([^<]*)"));
    static FIELD: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"[{,?&]\s*['"]?([A-Za-z_][0-9A-Za-z_]*)['"]?\s*[:=]"#));
    let control = CONTROL.as_ref()?.captures_iter(list.text).find(|control| says_more(&fold(&control[2])))?;
    let value = |names: &[&str]| names.iter().find_map(|name| attribute(&control[1], name));
    let here: u32 = value(&["data-page", "data-pageindex", "data-pageno"])?.parse().ok()?;
    let mut url = list.url.join(&value(&["data-url", "data-href", "data-api"])?).ok().filter(may_be_asked)?;
    let mut fields = inline_scripts(list.text).into_iter().flat_map(|script| {
        let names = FIELD.iter().flat_map(move |field| field.captures_iter(&list.text[script.clone()]));
        names.filter_map(|found| found.get(1)).map(|name| name.as_str())
    });
    url.query_pairs_mut().append_pair(fields.find(|name| is_page(name)).unwrap_or("page"), &(here + 1).to_string());
    (here < MOST_PAGES).then(|| PageRequest::get(url))
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
