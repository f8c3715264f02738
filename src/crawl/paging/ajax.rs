//! A script that asks for page and rows: laypage, avalon's search, lists by
//! code, one-page applications. The call is read, never run: an address in
//! plain text, and fields whose values are literals.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use url::Url;

use super::fields::{is_offset, is_page, is_rows, with_query};
use super::{ListPage, PageRequest, Paging};
use crate::crawl::address::{extension, is_script_file};
use crate::crawl::body::Body;
use crate::crawl::discover::{attribute, inline_scripts, record_template};

/// Lists of one page that are asked for.
const MOST_LISTS: usize = 3;
/// Calls of one page, and fields of one call, that are looked at.
const MOST_CALLS: usize = 20;
const MOST_FIELDS: usize = 20;
/// The names of a page's scripts get their values within this many bytes.
const MOST_BYTES: usize = 256 * 1024;
/// Rows asked for where the script does not say: what laypage's lists have.
const ROWS: &str = "20";
/// Bytes of an address at most.
const LONGEST_ADDRESS: usize = 400;
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
        let calls = calls(list.text, list.url).take(MOST_CALLS).filter_map(|call| asked(&call, list));
        let mut lists: Vec<_> = units(list).into_iter().chain(calls).take(MOST_LISTS).collect();
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
        let asks = call.posts.is_none() && object_of(call, text).is_none();
        asks && !call.is_open && (!is_a_file || call.address.starts_with(['/', 'h']))
    };
    let calls = calls(text, page).take(MOST_CALLS).filter(is_plain);
    let urls = calls.filter_map(|call| page.join(&call.address).ok());
    urls.filter(may_be_asked).collect()
}

struct Call<'a> {
    /// The address, with the values of the names that are put to it.
    address: String,
    /// Whether something is put to it that is not known.
    is_open: bool,
    /// The function's name: `post`, `getJSON`, `fetch`; empty for `url: '…'`.
    function: &'a str,
    /// What it posts; none where it does not.
    posts: Option<Posts>,
    /// What stands before and behind the address, in the same call.
    around: &'a str,
    behind: &'a str,
}

/// What a call that posts sends its fields as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Posts {
    Form,
    Json,
}

impl Posts {
    /// What a call posts, if it does. jQuery sends a form where nothing else is
    /// said; what one-page applications use sends an object.
    fn of(before: &str, function: &str, call: &str) -> Option<Self> {
        static POST: LazyLock<Option<Regex>> =
            LazyLock::new(|| crate::pattern(r#"(?i)\b(?:type|method)['"]?\s*:\s*['"]post"#));
        static SENDER: LazyLock<Option<Regex>> = LazyLock::new(|| {
            crate::pattern(concat!(
                r"(?i)(?:axios|http|request|service|api|instance)\s*(?:\(\s*\{?\s*)?",
                r#"(?:['"]?method['"]?\s*:\s*['"][a-z]+['"]\s*,\s*)?$"#
            ))
        });
        const FORM: [&str; 4] = ["urlencoded", "emulateJSON", "qs.", "Qs."];
        const JSON: [&str; 2] = ["JSON.stringify", "application/json"];
        let says = |words: &[&str]| words.iter().any(|word| call.contains(word));
        let says_post = |text: &str| POST.as_ref().is_some_and(|post| post.is_match(text));
        let sender = SENDER.as_ref().and_then(|sender| sender.find(before)).map(|sender| sender.as_str());
        if function != "post" && !says_post(call) && !sender.is_some_and(says_post) {
            return None;
        }
        Some(if !says(&FORM) && (says(&JSON) || sender.is_some()) { Self::Json } else { Self::Form })
    }

    fn body(self, fields: Vec<Field>) -> Body {
        match self {
            Self::Form => Body::Form(fields.into_iter().map(|field| (field.name, field.value)).collect()),
            Self::Json => Body::Json(fields.into_iter().map(|field| (field.name.clone(), field.as_json())).collect()),
        }
    }
}

/// A field of a call, with its value as text.
struct Field {
    name: String,
    value: String,
    is_text: bool,
}

impl Field {
    fn as_json(&self) -> Value {
        match self.value.parse::<i64>() {
            Ok(number) if !self.is_text => number.into(),
            _ if !self.is_text && matches!(self.value.as_str(), "true" | "false") => (self.value == "true").into(),
            _ => self.value.clone().into(),
        }
    }
}

fn calls<'a>(text: &'a str, page: &Url) -> impl Iterator<Item = Call<'a>> {
    static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r#"(?:\burl['"]?\s*[:=]|\.?\b(post|get|getJSON|fetch|request|load)\s*\(|"#,
            r#"\.open\s*\(\s*['"](?:GET|POST|get|post)['"]\s*,)\s*['"]([^'"\s<>]+)['"]|"#,
            // A name that is given what can only be a question: with fields, or of
            // an interface.
            r#"[A-Za-z0-9_$]['"]?\s*[:=]\s*['"]((?:https?:/|\.{1,2})?/?[A-Za-z0-9_./-]+\?[^'"\s<>]+|"#,
            r#"(?:https?:/)?/[A-Za-z0-9_./-]*(?:api|interface|rest)/[A-Za-z0-9_./-]+)['"]"#,
        ))
    });
    let is_a_file = is_script_file(page);
    let scripts = inline_scripts(text);
    CALL.iter().flat_map(move |call| call.captures_iter(text)).filter_map(move |found| {
        let whole = found.get(0)?;
        let address = match (found.get(2), found.get(3)) {
            (Some(called), _) => called,
            (None, Some(given)) => {
                // In markup it is a link's, which says itself where it leads.
                let is_script = is_a_file || scripts.iter().any(|script| script.contains(&whole.start()));
                let name_end = whole.start() + 1;
                let opens = ["href", "location", "src", "action"].iter().any(|name| text[..name_end].ends_with(name));
                Some(given).filter(|_| is_script && !opens)?
            }
            (None, None) => return None,
        };
        if !(2..=LONGEST_ADDRESS).contains(&address.len()) {
            return None;
        }
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
        let (address, is_open) = put_together(address.as_str(), behind, text);
        Some(Call { address, is_open, function, posts: Posts::of(before, function, around), around, behind })
    })
}

/// An address to which a script puts names that are given a literal:
/// `"/api/list?cid=" + cid + "&page=" + n`. A page's number is the first.
fn put_together(address: &str, behind: &str, text: &str) -> (String, bool) {
    static PIECE: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"^\s*\+\s*(?:([A-Za-z_$][A-Za-z0-9_$]*)|['"]([^'"\s<>]*)['"])"#));
    const MOST_PIECES: usize = 12;
    let mut whole = address.to_owned();
    let mut rest = behind;
    for _ in 0..MOST_PIECES {
        let Some(piece) = PIECE.as_ref().and_then(|piece| piece.captures(rest)) else { break };
        let value = match (piece.get(1), piece.get(2)) {
            (_, Some(literal)) => Some(literal.as_str().to_owned()),
            (Some(_), _) if names_page(&whole) => Some("1".to_owned()),
            (Some(name), _) => value_of(name.as_str(), text),
            _ => None,
        };
        let Some(value) = value else { break };
        whole.push_str(&value);
        rest = &rest[piece.get(0).map_or(0, |all| all.end())..];
    }
    (whole, rest.trim_start().starts_with('+'))
}

/// Whether a URL ends with the name of the page's field.
fn names_page(address: &str) -> bool {
    let field = address.rsplit(['?', '&']).next().unwrap_or_default();
    field.strip_suffix('=').is_some_and(is_page)
}

/// The pieces of a page that Hanweb's platform asks for:
/// `<script url="/…/build/unit" queryData="{'webId':'…','tagId':'…'}">`.
fn units(list: &ListPage<'_>) -> Vec<PageRequest> {
    static UNIT: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?i)<(?:script|div)\s[^>]*?\bquerydata\s*=[^>]*>"));
    static FIELD: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"['"]?([A-Za-z0-9_]+)['"]?\s*:\s*['"]?([^'",{}]*)['"]?"#));
    let unit = |tag: &str| {
        let mut url = list.url.join(&attribute(tag, "url")?).ok().filter(may_be_asked)?;
        let data = attribute(tag, "queryData")?;
        let fields = FIELD.as_ref()?.captures_iter(&data).take(MOST_FIELDS);
        let fields: Vec<(String, String)> = fields.map(|field| (field[1].to_owned(), field[2].to_owned())).collect();
        url.query_pairs_mut().extend_pairs(&fields);
        Some(PageRequest::get(url))
    };
    let tags = UNIT.iter().flat_map(|pattern| pattern.find_iter(list.text));
    tags.filter_map(|tag| unit(tag.as_str())).take(MOST_LISTS).collect()
}

fn asked(call: &Call<'_>, list: &ListPage<'_>) -> Option<PageRequest> {
    let url = list.url.join(&call.address).ok().filter(may_be_asked)?;
    let mut fields = fields(call, list.text);
    if let Some(named) = query_of(&url) {
        // `'/list?page=' + page`: the query names the field.
        return Some(PageRequest { url: named, body: call.posts.map(|posts| posts.body(fields)) });
    }
    if !fields.iter().any(|field| is_page(&field.name) || is_offset(&field.name)) {
        return None;
    }
    if let Some(posts) = call.posts {
        return Some(PageRequest { url, body: Some(posts.body(fields)) });
    }
    let mut url = url;
    let known: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    fields.retain(|field| !known.contains(&field.name));
    url.query_pairs_mut().extend_pairs(fields.iter().map(|field| (&field.name, &field.value)));
    Some(PageRequest::get(url))
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
fn fields(call: &Call<'_>, text: &str) -> Vec<Field> {
    static FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"['"]?([A-Za-z_][\w.\[\]]*)['"]?\s*:\s*(?:'([^']*)'|"([^"]*)"|(-?[\w.$]+))"#)
    });
    let Some(object) = object_of(call, text) else { return Vec::new() };
    let Some(field) = FIELD.as_ref() else { return Vec::new() };
    let mut fields = Vec::new();
    for found in field.captures_iter(object).take(MOST_FIELDS) {
        let name = found[1].to_owned();
        let literal = found.get(2).or_else(|| found.get(3)).map(|value| value.as_str().to_owned());
        let is_text = literal.is_some();
        let value = literal.or_else(|| found.get(4).and_then(|word| value_of(word.as_str(), text)));
        let value = match value {
            Some(value) if is_page(&name) && value.parse::<u32>().is_err() => "1".to_owned(),
            Some(value) => value,
            None if is_page(&name) => "1".to_owned(),
            None if is_offset(&name) => "0".to_owned(),
            None if is_rows(&name) => value_of("limit", text).unwrap_or_else(|| ROWS.to_owned()),
            None => return Vec::new(),
        };
        fields.push(Field { name, value, is_text });
    }
    fields
}

/// The object of a call's fields: behind `data:` or `params:`, or right behind
/// the address; or a name that is given one.
fn object_of<'a>(call: &Call<'a>, text: &'a str) -> Option<&'a str> {
    static DATA: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r#"\b(?:data|params|where|body)['"]?\s*:\s*(?:JSON\.stringify\s*\(\s*)?['"]?\{([^{}]{0,1500})\}"#,
        )
    });
    static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r"\b(?:data|params|where|body)\s*:\s*(?:JSON\.stringify\s*\(\s*)?([A-Za-z_$][A-Za-z0-9_$]*)\s*[,})]",
        )
    });
    static DIRECT: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"^\s*,\s*(?:[A-Za-z$.]+\(\s*)?\{([^{}]{0,1500})\}"));
    let direct = (!call.function.is_empty()).then(|| DIRECT.as_ref()?.captures(call.behind)).flatten();
    if let Some(found) = direct.or_else(|| DATA.as_ref()?.captures(call.around)) {
        return found.get(1).map(|object| object.as_str());
    }
    let named = NAMED.as_ref()?.captures(call.around)?;
    let given = Regex::new(&format!(r"\b{}\s*=\s*\{{([^{{}}]{{0,1500}})\}}", regex::escape(&named[1]))).ok()?;
    let given = given.captures(&text[..text.floor_char_boundary(MOST_BYTES)])?;
    given.get(1).map(|object| object.as_str())
}

/// The value of a word: a number, or a name that is given a literal.
pub(super) fn value_of(word: &str, text: &str) -> Option<String> {
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
