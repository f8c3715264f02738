//! gkmlpt, Guangdong's platform: a page without links that asks
//! `/gkmlpt/api/all/COLUMN?page=N&sid=S` for JSON, an office's below the
//! office's own folder. The column stands behind `#` in the links to the page,
//! else in its script. What follows the first answer is [`super::json`]'s.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::{ListPage, PageRequest, Paging};

pub(super) struct Gkmlpt;

impl Paging for Gkmlpt {
    fn name(&self) -> &'static str {
        "gkmlpt"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        let url = column(list).and_then(|column| first_of_column(list.text, list.url, &column));
        url.map(PageRequest::get).into_iter().collect()
    }
}

/// The column that a list's page shows.
fn column(list: &ListPage<'_>) -> Option<String> {
    static COLUMN: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"['"]?(?:CATEGORY_ID|COLUMN_ID|columnId)['"]?\s*[:=]\s*['"]?(\d+)"#));
    let named = list.fragment.filter(|fragment| is_column(fragment)).map(str::to_owned);
    named.or_else(|| Some(COLUMN.as_ref()?.captures(list.text)?[1].to_owned()))
}

/// The first answer of a column: the site's id stands in its page.
pub(in crate::crawl) fn first_of_column(text: &str, page: &Url, column: &str) -> Option<Url> {
    static SITE: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r#"['"]?SID['"]?\s*[:=]\s*['"]?(\d+)"#));
    let root = root(page).filter(|_| is_column(column))?;
    let site = SITE.as_ref()?.captures(text)?[1].to_owned();
    page.join(&format!("{root}/api/all/{column}?page=1&sid={site}")).ok()
}

/// The column that a link to the platform's page names: `/gkmlpt/index#6033`.
pub(in crate::crawl) fn column_of(url: &Url) -> Option<&str> {
    root(url)?;
    url.fragment().filter(|fragment| is_column(fragment))
}

/// The platform's folder, with the office's before it: `/jyj/gkmlpt`. None for
/// other pages, and for what the platform answers itself.
pub(in crate::crawl) fn root(page: &Url) -> Option<&str> {
    const FOLDER: &str = "/gkmlpt";
    let path = page.path();
    let end = path.find(FOLDER)? + FOLDER.len();
    let (root, rest) = path.split_at(end);
    ((rest.is_empty() || rest.starts_with('/')) && !rest.starts_with("/api/")).then_some(root)
}

fn is_column(text: &str) -> bool {
    (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
