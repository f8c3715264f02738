//! Hanweb's jpage: a script asks `dataproxy.jsp` for records by number and
//! gets XML whose CDATA holds links.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::{MOST_PAGES, PageRequest, Paging};

pub(super) struct Jpage;

impl Paging for Jpage {
    fn name(&self) -> &'static str {
        "jpage"
    }

    fn pages(&self, text: &str, url: &Url) -> Vec<PageRequest> {
        asked_for(text, url).unwrap_or_default()
    }
}

fn asked_for(text: &str, url: &Url) -> Option<Vec<PageRequest>> {
    static PROXY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"['"]?(?:proxyUrl|dataUrl)['"]?\s*:\s*['"]([^'"]*dataproxy\.jsp)[^'"]*['"]"#).ok()
    });
    static PARAMETERS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"ajaxParam['\x22]?\s*:\s*\{([^}]{0,2000})\}").ok());
    static FIELD: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"['"]?(\w+)['"]?\s*:\s*(?:'([^']*)'|"([^"]*)"|([\w.-]+))"#).ok());
    let proxy = PROXY.as_ref()?.captures(text)?[1].to_owned();
    let total = number(text, "totalRecord")?;
    let per_page = number(text, "perPage").filter(|n| *n > 0)?;
    let parameters = PARAMETERS.as_ref()?.captures(text)?[1].to_owned();
    let value = |found: &regex::Captures<'_>| (2..=4).find_map(|i| found.get(i)).map(|v| v.as_str().to_owned());
    let form: Vec<(String, String)> = FIELD
        .as_ref()?
        .captures_iter(&parameters)
        .filter_map(|found| Some((found[1].to_owned(), value(&found)?)))
        .collect();
    // The page itself carries the first records; the script asks for three
    // pages' worth at a time.
    let mut pages = Vec::new();
    let mut start = per_page.checked_add(1)?;
    while start <= total && pages.len() < MOST_PAGES as usize {
        let end = start.saturating_add(per_page.saturating_mul(3) - 1).min(total);
        let page = url.join(&format!("{proxy}?startrecord={start}&endrecord={end}&perpage={per_page}")).ok()?;
        pages.push(PageRequest { url: page, form: Some(form.clone()) });
        start = end.checked_add(1)?;
    }
    Some(pages)
}

fn number(text: &str, name: &str) -> Option<u32> {
    let at = text.find(name)? + name.len();
    let rest = text[at..].trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | ':' | '='));
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}
