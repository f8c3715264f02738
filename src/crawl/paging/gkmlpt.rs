//! gkmlpt, Guangdong's platform: a page without links that asks
//! `/gkmlpt/api/all/COLUMN?page=N&sid=S` for JSON.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::{MOST_PAGES, PageRequest, Paging};

pub(super) struct Gkmlpt;

impl Paging for Gkmlpt {
    fn name(&self) -> &'static str {
        "gkmlpt"
    }

    fn pages(&self, text: &str, url: &Url) -> Vec<PageRequest> {
        if url.path().starts_with("/gkmlpt/api/all/") {
            return next_of_api(text, url).into_iter().collect();
        }
        first_of_api(text, url).into_iter().collect()
    }
}

fn next_of_api(text: &str, url: &Url) -> Option<PageRequest> {
    let answer: serde_json::Value = serde_json::from_str(text).ok()?;
    let n_here = answer.get("articles")?.as_array()?.len();
    let total = answer.get("total").and_then(serde_json::Value::as_u64).unwrap_or(0);
    let per_page = answer.get("per_page").and_then(serde_json::Value::as_u64).unwrap_or(n_here as u64);
    let page: u64 = url.query_pairs().find(|(name, _)| name == "page")?.1.parse().ok()?;
    if n_here == 0 || page.saturating_mul(per_page) >= total || page >= u64::from(MOST_PAGES) {
        return None;
    }
    let mut next = url.clone();
    let fields: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    next.query_pairs_mut().clear().extend_pairs(fields.iter().map(|(name, value)| {
        if name == "page" { (name.clone(), (page + 1).to_string()) } else { (name.clone(), value.clone()) }
    }));
    Some(PageRequest::get(next))
}

fn first_of_api(text: &str, url: &Url) -> Option<PageRequest> {
    static SITE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"['"]?SID['"]?\s*[:=]\s*['"]?(\d+)"#).ok());
    static COLUMN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"['"]?(?:CATEGORY_ID|COLUMN_ID|columnId)['"]?\s*[:=]\s*['"]?(\d+)"#).ok());
    if !url.path().contains("/gkmlpt") {
        return None;
    }
    let site = SITE.as_ref()?.captures(text)?[1].to_owned();
    let column = COLUMN.as_ref()?.captures(text)?[1].to_owned();
    url.join(&format!("/gkmlpt/api/all/{column}?page=1&sid={site}")).ok().map(PageRequest::get)
}
