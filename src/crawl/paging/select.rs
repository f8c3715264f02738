//! A list whose pager is a box to choose from:
//! `<select onchange="location.href=this.value"><option value="index_2.html">`.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::{ListPage, MOST_PAGES, PageRequest, Paging};
use crate::crawl::discover::{attribute, join, unescaped};
use crate::page::fold::fold;

pub(super) struct Select;

impl Paging for Select {
    fn name(&self) -> &'static str {
        "a box of pages"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        static BOX: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r"(?is)<select\b([^>]{0,500})>(.*?)</select").ok());
        let boxes = BOX.iter().flat_map(|pager| pager.captures_iter(list.text));
        let mut pages = boxes.map(|pager| pages_of(&pager[1], &pager[2], list));
        pages.find(|pages| !pages.is_empty()).unwrap_or_default()
    }
}

/// The pages that a box offers; none where it offers anything else, such as
/// other sites or years, or does not lead there by itself.
fn pages_of(attributes: &str, inside: &str, list: &ListPage<'_>) -> Vec<PageRequest> {
    static OPTION: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?is)<option\b([^>]{0,500})>([^<]{0,60})").ok());
    let leads = attribute(attributes, "onchange")
        .is_some_and(|code| ["location", "open", "href"].iter().any(|word| code.contains(word)));
    if !leads {
        return Vec::new();
    }
    let options = OPTION.iter().flat_map(|option| option.captures_iter(inside));
    let offered = options.filter_map(|option| {
        let value = attribute(&option[1], "value").filter(|value| value.contains(['.', '/', '?']))?;
        Some((join(list.url, &value, "utf-8")?, is_page(&fold(&unescaped(&option[2])))))
    });
    let offered: Vec<(Url, bool)> = offered.take(MOST_PAGES as usize).collect();
    // One that is no page: the box chooses something else.
    if offered.iter().any(|(_, is_page)| !is_page) {
        return Vec::new();
    }
    offered.into_iter().map(|(url, _)| PageRequest::get(url)).collect()
}

/// 2, 第2页, 2/5, 第2页/共5页
fn is_page(text: &str) -> bool {
    let number = text.trim_start_matches(['第', '[', '(']);
    let rest = number.trim_start_matches(|c: char| c.is_ascii_digit());
    let page: Option<u32> = number[..number.len() - rest.len()].parse().ok();
    page.is_some_and(|page| page <= MOST_PAGES) && (rest.is_empty() || rest.starts_with(['页', '/', ']', ')']))
}
