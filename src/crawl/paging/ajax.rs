//! A script that asks for page and rows: laypage, avalon's search, lists by
//! code, one-page applications. The call is read, never run: an address in
//! plain text, and fields whose values are literals.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::fields::{is_page, is_rows, with_query};
use super::{ListPage, PageRequest, Paging};
use crate::crawl::address::{extension, is_script_file};
use crate::crawl::discover::record_template;

/// Lists of one page that are asked for.
const MOST_LISTS: usize = 3;
/// Calls of one page, and fields of one call, that are looked at.
const MOST_CALLS: usize = 20;
const MOST_FIELDS: usize = 20;
/// The names of a page's scripts get their values within this many bytes.
const MOST_BYTES: usize = 256 * 1024;
/// Rows asked for where the script does not say: what laypage's lists have.
const ROWS: &str = "20";
/// A call's fields stand within this many bytes of its address.
const WINDOW: usize = 2000;

pub(super) struct Ajax;

impl Paging for Ajax {
    fn name(&self) -> &'static str {
        "a script's list"
    }

    fn pages(&self, list: &ListPage<'_>) -> Vec<PageRequest> {
        // An answer of JSON has no scripts; its own file speaks for it.
        if list.text.trim_start().starts_with(['{', '[']) {
            return Vec::new();
        }
        let calls = calls(list.text).take(MOST_CALLS).filter_map(|call| asked(&call, list));
        let mut lists: Vec<_> = calls.take(MOST_LISTS).collect();
        // What the answer does not say of its records, this page's scripts do.
        if let Some(template) = (!lists.is_empty()).then(|| record_template(list.text, list.url)).flatten() {
            lists.iter_mut().for_each(|request| request.url.set_fragment(Some(&template)));
        }
        lists
    }
}

/// What the scripts of a page ask for by a URL that is whole as it stands, with
/// no field that is put together. A script of its own file says of a relative
/// URL not what it counts from.
pub(in crate::crawl) fn asked_by_scripts(text: &str, page: &Url) -> Vec<Url> {
    let is_a_file = is_script_file(page);
    let is_plain = |call: &Call<'_>| {
        let asks = call.function != "post" && !is_post(call) && object_of(call).is_none();
        asks && !call.behind.trim_start().starts_with('+') && (!is_a_file || call.address.starts_with(['/', 'h']))
    };
    let calls = calls(text).take(MOST_CALLS).filter(is_plain);
    let urls = calls.filter_map(|call| page.join(call.address).ok());
    urls.filter(may_be_asked).collect()
}

struct Call<'a> {
    address: &'a str,
    /// The function's name: `post`, `getJSON`, `fetch`; empty for `url: '…'`.
    function: &'a str,
    /// What stands before and behind the address, in the same call.
    around: &'a str,
    behind: &'a str,
}

fn calls(text: &str) -> impl Iterator<Item = Call<'_>> {
    static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r#"(?:\burl['"]?\s*[:=]|\.?\b(post|get|getJSON|fetch|request|load)\s*\()\s*['"]([^'"\s<>]{2,400})['"]"#,
        )
    });
    CALL.iter().flat_map(move |call| call.captures_iter(text)).filter_map(move |found| {
        let (whole, address) = (found.get(0)?, found.get(2)?);
        let end = text.floor_char_boundary((whole.end() + WINDOW).min(text.len()));
        let behind = &text[whole.end()..end];
        // The next call's fields are not this one's.
        let stop = ["$.ajax", "$.post", "$.get", "axios.", "fetch("].iter().filter_map(|call| behind.find(call)).min();
        let behind = &behind[..stop.unwrap_or(behind.len())];
        let start = text.ceil_char_boundary(whole.start().saturating_sub(300));
        let before = &text[start..whole.start()];
        let opened = before.rfind("ajax").map_or(whole.start(), |at| start + at);
        let around = &text[opened..whole.end() + behind.len()];
        let function = found.get(1).map_or("", |name| name.as_str());
        Some(Call { address: address.as_str(), function, around, behind })
    })
}

fn asked(call: &Call<'_>, list: &ListPage<'_>) -> Option<PageRequest> {
    let url = list.url.join(call.address).ok().filter(may_be_asked)?;
    let mut fields = fields(call, list.text);
    let is_post = call.function == "post" || is_post(call);
    if let Some(named) = query_of(&url) {
        // `'/list?page=' + page`: the query names the field.
        return Some(PageRequest { url: named, form: is_post.then_some(fields) });
    }
    if !fields.iter().any(|(name, _)| is_page(name)) {
        return None;
    }
    if is_post {
        return Some(PageRequest { url, form: Some(fields) });
    }
    let mut url = url;
    let known: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    fields.retain(|(name, _)| !known.contains(name));
    url.query_pairs_mut().extend_pairs(&fields);
    Some(PageRequest::get(url))
}

/// Whether a call says that it posts.
fn is_post(call: &Call<'_>) -> bool {
    static POST: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"(?i)\b(?:type|method)['"]?\s*:\s*['"]post"#));
    POST.as_ref().is_some_and(|post| post.is_match(call.around))
}

/// Whether a URL may be asked for: none that changes something, whatever it is
/// called with, and no script or style sheet.
fn may_be_asked(url: &Url) -> bool {
    const WRITES: [&str; 9] = ["save", "add", "update", "delete", "submit", "login", "insert", "upload", "vote"];
    let path = url.path().to_ascii_lowercase();
    WRITES.iter().all(|word| !path.contains(word)) && !matches!(extension(&path).as_deref(), Some("js" | "css"))
}

/// A URL whose query names its page, asking for the first.
fn query_of(url: &Url) -> Option<Url> {
    let page = url.query_pairs().find(|(name, _)| is_page(name))?.1.into_owned();
    let first = if page.parse::<u32>().is_ok() { page } else { "1".to_owned() };
    with_query(url, is_page, &first)
}

/// The fields of a call that have values: literals, and names that the page's
/// scripts give a literal. A field without a value may choose the list: then
/// there are none at all, unless it is the page's or the rows'.
fn fields(call: &Call<'_>, text: &str) -> Vec<(String, String)> {
    static FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"['"]?([A-Za-z_][\w.\[\]]*)['"]?\s*:\s*(?:'([^']*)'|"([^"]*)"|(-?[\w.$]+))"#)
    });
    let Some(object) = object_of(call) else { return Vec::new() };
    let Some(field) = FIELD.as_ref() else { return Vec::new() };
    let mut fields = Vec::new();
    for found in field.captures_iter(object).take(MOST_FIELDS) {
        let name = found[1].to_owned();
        let literal = found.get(2).or_else(|| found.get(3)).map(|value| value.as_str().to_owned());
        let value = literal.or_else(|| found.get(4).and_then(|word| value_of(word.as_str(), text)));
        let value = match value {
            Some(value) if is_page(&name) && value.parse::<u32>().is_err() => "1".to_owned(),
            Some(value) => value,
            None if is_page(&name) => "1".to_owned(),
            None if is_rows(&name) => value_of("limit", text).unwrap_or_else(|| ROWS.to_owned()),
            None => return Vec::new(),
        };
        fields.push((name, value));
    }
    fields
}

/// The object of a call's fields: behind `data:` or `params:`, or right behind
/// the address.
fn object_of<'a>(call: &Call<'a>) -> Option<&'a str> {
    static DATA: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"\b(?:data|params|where)['"]?\s*:\s*\{([^{}]{0,1500})\}"#));
    static DIRECT: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"^\s*,\s*\{([^{}]{0,1500})\}"));
    let direct = (!call.function.is_empty()).then(|| DIRECT.as_ref()?.captures(call.behind)).flatten();
    let found = direct.or_else(|| DATA.as_ref()?.captures(call.around))?;
    found.get(1).map(|object| object.as_str())
}

/// The value of a word: a number, or a name that is given a literal.
fn value_of(word: &str, text: &str) -> Option<String> {
    if word.parse::<i64>().is_ok() || matches!(word, "true" | "false") {
        return Some(word.to_owned());
    }
    if word.contains('.') || word.is_empty() {
        return None;
    }
    let given = Regex::new(&format!(
        r#"\b{}['"]?\s*[:=]\s*(?:'([^'\n]{{0,200}})'|"([^"\n]{{0,200}})"|(\d{{1,12}})\b)"#,
        regex::escape(word)
    ));
    let found = given.ok()?.captures(&text[..text.floor_char_boundary(MOST_BYTES)])?;
    (1..=3).find_map(|group| found.get(group)).map(|value| value.as_str().to_owned())
}
