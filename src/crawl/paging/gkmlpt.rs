//! gkmlpt, Guangdong's platform: a page without links that asks
//! `/gkmlpt/api/all/COLUMN?page=N&sid=S` for JSON. What follows the first
//! answer is [`super::json`]'s.

use std::sync::LazyLock;

use regex::Regex;

use super::{ListPage, PageRequest, Paging};

pub(super) struct Gkmlpt;

impl Paging for Gkmlpt {
    fn name(&self) -> &'static str {
        "gkmlpt"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        first_of_api(list).into_iter().collect()
    }
}

fn first_of_api(list: &ListPage<'_>) -> Option<PageRequest> {
    static SITE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"['"]?SID['"]?\s*[:=]\s*['"]?(\d+)"#).ok());
    static COLUMN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"['"]?(?:CATEGORY_ID|COLUMN_ID|columnId)['"]?\s*[:=]\s*['"]?(\d+)"#).ok());
    let url = list.url;
    if !url.path().contains("/gkmlpt") || url.path().starts_with("/gkmlpt/api/") {
        return None;
    }
    let site = SITE.as_ref()?.captures(list.text)?[1].to_owned();
    let column = COLUMN.as_ref()?.captures(list.text)?[1].to_owned();
    url.join(&format!("/gkmlpt/api/all/{column}?page=1&sid={site}")).ok().map(PageRequest::get)
}
