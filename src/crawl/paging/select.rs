//! A list whose pager is a box to choose from:
//! `<select onchange="location.href=this.value"><option value="index_2.html">`, or in a
//! form that only asks.

use super::{ListPage, MOST_PAGES, PageRequest, Paging};
use crate::crawl::discover::{Choice, boxes, choices_of_forms, join};

pub(super) struct Select;

impl Paging for Select {
    fn name(&self) -> &'static str {
        "a box of pages"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        // One that is no page: the box chooses something else, such as other
        // sites or years.
        let is_pager =
            |choices: &Vec<_>| !choices.is_empty() && choices.iter().all(|choice: &Choice| is_page(&choice.text));
        // The first page is the list itself.
        let of_forms = || choices_of_forms(list.text, &|choice| number(&choice.text).is_some_and(|page| page > 1));
        let pager = boxes(list.text).into_iter().find(is_pager).unwrap_or_else(of_forms);
        let pages = pager.iter().filter_map(|choice| join(list.url, &choice.target, "utf-8"));
        pages.take(MOST_PAGES as usize).map(PageRequest::get).collect()
    }
}

/// Whether an option's words are a page's: 2, 第2页, 2/5, 第2页/共5页
pub(in crate::crawl) fn is_page(text: &str) -> bool {
    number(text).is_some()
}

fn number(text: &str) -> Option<u32> {
    let number = text.trim_start_matches(['第', '[', '(']);
    let rest = number.trim_start_matches(|c: char| c.is_ascii_digit());
    let page: u32 = number[..number.len() - rest.len()].parse().ok()?;
    (page <= MOST_PAGES && (rest.is_empty() || rest.starts_with(['页', '/', ']', ')']))).then_some(page)
}
