//! TRS WCM: `createPageHTML(pages, current, "index", "html")`, or `countPage`
//! in a script; the first page is static, the rest are `index_1.html` on.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::{MOST_PAGES, PageRequest, Paging};

pub(super) struct Trs;

impl Paging for Trs {
    fn name(&self) -> &'static str {
        "TRS"
    }

    fn pages(&self, text: &str, url: &Url) -> Vec<PageRequest> {
        let Some((n_pages, current, stem, extension)) = called(text).or_else(|| counted(text)) else {
            return Vec::new();
        };
        // The first page names all others; they need not again.
        if current > 0 {
            return Vec::new();
        }
        let page = |n: u32| url.join(&format!("{stem}_{n}.{extension}")).ok().map(PageRequest::get);
        (1..n_pages.min(MOST_PAGES)).filter_map(page).collect()
    }
}

fn called(text: &str) -> Option<(u32, u32, String, String)> {
    static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"createPageHTML\s*\(\s*['"]?(\d+)['"]?\s*,\s*['"]?(\d+)['"]?\s*,\s*['"]([\w-]+)['"]\s*,\s*['"](\w+)['"]"#,
        )
        .ok()
    });
    let found = CALL.as_ref()?.captures(text)?;
    Some((found[1].parse().ok()?, found[2].parse().ok()?, found[3].to_owned(), found[4].to_owned()))
}

fn counted(text: &str) -> Option<(u32, u32, String, String)> {
    static COUNT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"var\s+countPage\s*=\s*(\d+)").ok());
    static CURRENT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"var\s+currentPage\s*=\s*(\d+)").ok());
    let n_pages = COUNT.as_ref()?.captures(text)?[1].parse().ok()?;
    let current = CURRENT.as_ref()?.captures(text).and_then(|found| found[1].parse().ok()).unwrap_or(0);
    Some((n_pages, current, "index".to_owned(), "html".to_owned()))
}
