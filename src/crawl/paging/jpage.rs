//! Hanweb's jpage: a script asks `dataproxy.jsp` for records by number and
//! gets XML whose CDATA holds links; some answers name their next group.

use std::sync::LazyLock;

use regex::Regex;

use super::{ListPage, MOST_PAGES, PageRequest, Paging};
use crate::crawl::body::Body;
use crate::crawl::discover::{Anchor, unescaped};
use crate::report::recognise::is_title_of_report;

pub(super) struct Jpage;

impl Paging for Jpage {
    fn name(&self) -> &'static str {
        "jpage"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        let asked = asked_for(list).filter(|pages| !pages.is_empty());
        asked.or_else(|| Some(vec![next_group(list)?])).unwrap_or_default()
    }
}

/// What the script of a list's first page will ask for.
fn asked_for(list: &ListPage<'_>) -> Option<Vec<PageRequest>> {
    static PROXY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r#"(?-u:\b)(?:proxyUrl['"]?\s*:\s*['"]([^'"?]+)|dataUrl['"]?\s*:\s*['"]([^'"?]*dataproxy\.jsp))(\?[^'"]*)?['"]"#,
        )
    });
    static PARAMETERS: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"\b(?:ajaxParam|params?)['\x22]?\s*:\s*\{([^}]{0,2000})\}"));
    static COLUMN: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"(?-u:\b)(?:columnId|channelId)['"]?\s*:\s*['"][^'"]*['"]"#));
    static FIELD: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"['"]?(\w+)['"]?\s*:\s*(?:'([^']*)'|"([^"]*)"|([\w.-]+))"#));
    let proxy = PROXY.as_ref()?.captures(list.text)?;
    let address = proxy.get(1).or_else(|| proxy.get(2))?.as_str();
    let query = proxy.get(3).map(|query| query.as_str()).filter(|query| query.contains('='));
    let is_hanweb = address.ends_with("dataproxy.jsp");
    let total = number(list.text, "totalRecord").or_else(|| number(list.text, "<totalrecord>"))?;
    let per_page = number(list.text, "perPage").filter(|n| *n > 0)?;
    let parameters = match PARAMETERS.as_ref()?.captures(list.text) {
        Some(found) => found[1].to_owned(),
        // What the address asks for is all that some sites send, or the column alone.
        None if query.is_some() => String::new(),
        None => COLUMN.as_ref()?.find(list.text)?.as_str().to_owned(),
    };
    let value = |found: &regex::Captures<'_>| (2..=4).find_map(|i| found.get(i)).map(|v| v.as_str().to_owned());
    let form: Vec<(String, String)> = FIELD
        .as_ref()?
        .captures_iter(&parameters)
        .filter_map(|found| Some((found[1].to_owned(), value(&found)?)))
        .collect();
    // The page itself carries the first records; Hanweb's script asks for three
    // pages' worth at a time.
    let group = number(list.text, "groupSize").filter(|n| *n > 0).unwrap_or(if is_hanweb { 3 } else { 1 });
    let mut pages = Vec::new();
    let mut start = if has_records(list) { per_page.checked_add(1)? } else { 1 };
    while start <= total && pages.len() < MOST_PAGES as usize {
        let end = start.saturating_add(per_page.saturating_mul(group) - 1).min(total);
        let asked = query.map_or_else(|| "?".to_owned(), |query| format!("{query}&"));
        let page = format!("{address}{asked}startrecord={start}&endrecord={end}&perpage={per_page}");
        let mut url = list.url.join(&page).ok()?;
        // Hanweb's own is posted to, others that took its script over are asked.
        let body = is_hanweb.then(|| Body::Form(form.clone()));
        if !is_hanweb {
            url.query_pairs_mut().extend_pairs(&form);
        }
        pages.push(PageRequest { url, body });
        start = end.checked_add(1)?;
    }
    Some(pages)
}

/// Whether a page holds records itself: one whose container is empty leaves
/// even the first to the script.
fn has_records(list: &ListPage<'_>) -> bool {
    let is_record = |anchor: &Anchor| anchor.is_dated || is_title_of_report(&anchor.text);
    list.text.contains("<record>") || list.anchors.iter().any(is_record)
}

/// The next group that an answer of the proxy names.
fn next_group(list: &ListPage<'_>) -> Option<PageRequest> {
    static GROUP: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"(?is)<nextgroup>\s*(?:<!\[CDATA\[)?\s*<a\s[^>]{0,200}?href\s*=\s*["']?([^"'>]{1,1000})"#)
    });
    static PAGE: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"[?&]page=(\d{1,6})(?:&|$)"));
    let target = unescaped(GROUP.as_ref()?.captures(list.text)?[1].trim());
    let page: u32 = PAGE.as_ref()?.captures(&target)?[1].parse().ok()?;
    let last = number(list.text, "<totalpage>").unwrap_or(MOST_PAGES).min(MOST_PAGES);
    // Pages of the proxy are counted from 0 on some sites, from 1 on others;
    // an answer past the last has no records and names no further group.
    (page <= last && (list.text.contains("<record>") || page <= 1))
        .then(|| list.url.join(&target).ok().map(PageRequest::get))
        .flatten()
}

fn number(text: &str, name: &str) -> Option<u32> {
    let at = text.find(name)? + name.len();
    let rest = text[at..].trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | ':' | '='));
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}
