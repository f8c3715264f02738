//! A script that asks for page and rows: laypage, avalon's search, lists by
//! code, one-page applications. The call is read, never run: an address in
//! plain text, and fields whose values are literals.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use url::Url;

use super::fields::{is_offset, is_page, page_among, with_query};
use super::names::{MOST_BYTES, Scope};
use super::{ListPage, PageRequest, Paging, forms};
use crate::crawl::address::{extension, is_script_file};
use crate::crawl::body::Body;
use crate::crawl::discover::{
    Anchor, PUTS_TOGETHER, extent, given_object, inline_scripts, literal_fields, put_together, record_template,
};
use crate::page::fold::is_han;
use crate::page::json_value;

/// Lists of one page that are asked for.
const MOST_LISTS: usize = 3;
/// Calls of one page, and fields of one call, that are looked at.
const MOST_CALLS: usize = 20;
const MOST_FIELDS: usize = 30;
/// Bytes of an address at most.
const LONGEST_ADDRESS: usize = 600;
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
        let calls = calls(list.text, list.url).into_iter().filter_map(|call| asked(&call, list));
        let mut lists: Vec<_> = calls.take(MOST_LISTS).collect();
        // What the answer does not say of its records, this page's scripts do.
        if let Some(template) = (!lists.is_empty()).then(|| record_template(list.text, list.url)).flatten() {
            lists.iter_mut().for_each(|request| request.url.set_fragment(Some(&template)));
        }
        lists
    }
}

/// What the scripts of a page ask for by a URL that is whole as it stands, with
/// no field that is put together, or with fields all of which are known. A script
/// of its own file says of a relative URL not what it counts from.
pub(in crate::crawl) fn asked_by_scripts(text: &str, page: &Url) -> Vec<PageRequest> {
    let is_a_file = is_script_file(page);
    let request = |call: Call<'_>| {
        let url = page.join(&call.address).ok().filter(may_be_asked)?;
        if call.is_open || is_a_file && !call.address.starts_with(['/', 'h']) {
            return None;
        }
        if call.posts.is_none() && object_of(&call, text).is_none() && !sends_fields(&call) {
            return Some(PageRequest::get(url));
        }
        let fields = fields(&call, text).filter(|fields| !fields.is_empty() && is_question(&url))?;
        with_fields(&call, url, fields)
    };
    calls(text, page).into_iter().filter_map(request).collect()
}

/// Where a script asks for an address that begins with a name to which it gives no value:
/// another file does.
pub(in crate::crawl) fn waits_for_another(script: &str, page: &Url) -> Option<usize> {
    static BEGIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r#"(?:(?-u:\b)url['"]?\s*[:=]|\.?(?-u:\b)(?:post|get|getJSON|fetch|request)\s*\()\s*(?:`\$\{\s*)?"#,
            r"([A-Za-z_$][0-9A-Za-z_$]*(?:\.[A-Za-z_$][0-9A-Za-z_$]*)*)\s*[+}]",
        ))
    });
    let is_unknown = |name: &str, at| beginning(name, Scope { text: script, page, at }).is_none();
    let mut begun = BEGIN.as_ref()?.captures_iter(script).filter_map(|found| found.get(1));
    begun.find(|name| is_unknown(name.as_str(), name.start())).map(|name| name.start())
}

/// The list that the scripts of a page ask for by the number of a column which they
/// leave open, with the field's name in its place:
/// `http://a.gov.cn/api/list?channelId={channelId|id}&page=1`. A column has its number
/// under the field's name, or as its `id`.
pub(in crate::crawl) fn list_of_a_column(text: &str, page: &Url) -> Option<String> {
    let url = |call: Call<'_>| {
        let (address, hole) = with_hole(&call, text)?;
        let url = page.join(&address).ok().filter(|url| may_be_asked(url) && is_question(url))?;
        let is_told = url.as_str().matches(HOLE).count() == 1;
        is_told.then(|| url.as_str().replace(HOLE, &format!("{{{hole}|id}}")))
    };
    calls(text, page).into_iter().find_map(url)
}

/// What stands in an address for the number that is left open.
const HOLE: &str = "0column0";

/// The address of a call with one field that chooses the list and is left open, and
/// that field's name.
fn with_hole(call: &Call<'_>, text: &str) -> Option<(String, String)> {
    static UNKNOWN: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"^\+\s*[A-Za-z_$](?-u:[0-9A-Za-z_$.]*)(?:\s*\(\s*\))?"));
    const SITES: [&str; 4] = ["siteid", "webid", "unitid", "userid"];
    let is_id = |field: &str| {
        let field = field.to_ascii_lowercase();
        field.ends_with("id") && !SITES.contains(&field.as_str())
    };
    if call.posts.is_some() {
        return None;
    }
    if call.is_open {
        let field = call.address.rsplit(['?', '&']).next()?.strip_suffix('=').filter(|field| is_id(field))?;
        let unknown = UNKNOWN.as_ref()?.find(call.behind)?;
        let begun = format!("{}{HOLE}", call.address);
        let (whole, rest) = call.scope.put_together(&begun, &call.behind[unknown.end()..]);
        return (!rest.starts_with('+')).then(|| (whole, field.to_owned()));
    }
    let hole = std::cell::RefCell::new(None);
    let value = |field: &str, expression: &str| {
        known(call.scope, field, expression).or_else(|| {
            let is_first = is_id(field) && hole.borrow().is_none();
            is_first.then(|| hole.replace(Some(field.to_owned())));
            is_first.then(|| Value::String(HOLE.to_owned()))
        })
    };
    let fields = all_fields(object_of(call, text)?, text, &value)?;
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(as_text(fields)?).finish();
    let joint = if call.address.contains('?') { '&' } else { '?' };
    Some((format!("{}{joint}{query}", call.address), hole.into_inner()?))
}

/// Whether a URL that is called with fields asks for something: others count
/// visits.
fn is_question(url: &Url) -> bool {
    const WORDS: [&str; 11] =
        ["list", "query", "search", "article", "content", "select", "find", "page", "tree", "menu", "channel"];
    let path = url.path().to_ascii_lowercase();
    WORDS.iter().any(|word| path.contains(word)) && !counts(&path)
}

/// Whether a path, in lower case, is that of a counter of visits.
pub(in crate::crawl) fn counts(path: &str) -> bool {
    const WORDS: [&str; 4] = ["hit", "count", "click", "visit"];
    let is_one = |part: &str| part == "log" || part.starts_with("statis") || part.split('.').next() == Some("stat");
    WORDS.iter().any(|word| path.contains(word)) || path.split('/').any(is_one)
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
    /// Where it stands.
    scope: Scope<'a>,
    written: Written,
}

/// Where a call's address is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    /// In the call.
    There,
    /// It is given to a name, which something may be asked by: `var url = '/api/list'`.
    Given,
    /// In another place, by the name that it is given.
    ByName,
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
        static POST: LazyLock<Option<Regex>> = LazyLock::new(|| {
            crate::pattern(r#"(?i)(?-u:\b)(?:type|method)['"]?\s*:\s*['"]post|\.open\s*\(\s*['"]post"#)
        });
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

    /// What is sent; none where a form would have to carry what nests.
    fn body(self, fields: Vec<(String, Value)>) -> Option<Body> {
        Some(match self {
            Self::Form => Body::Form(as_text(fields)?),
            Self::Json => Body::Json(fields.into_iter().collect()),
        })
    }
}

/// Fields with their values as text; none where one nests.
fn as_text(fields: Vec<(String, Value)>) -> Option<Vec<(String, String)>> {
    let text = |value| match value {
        Value::String(text) => Some(text),
        Value::Null => Some(String::new()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    };
    fields.into_iter().map(|(name, value)| Some((name, text(value)?))).collect()
}

/// The calls of a text: one by a name speaks for the address that the name is given.
fn calls<'a>(text: &'a str, page: &'a Url) -> Vec<Call<'a>> {
    let mut calls: Vec<Call<'a>> = all_calls(text, page).take(MOST_CALLS).collect();
    let by_name = calls.iter().filter(|call| call.written == Written::ByName).map(|call| call.address.clone());
    let by_name: Vec<String> = by_name.collect();
    calls.retain(|call| call.written != Written::Given || !by_name.contains(&call.address));
    calls
}

fn all_calls<'a>(text: &'a str, page: &'a Url) -> impl Iterator<Item = Call<'a>> {
    static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r#"(?:(?-u:\b)(?:url['"]?\s*[:=]|link['"]?\s*:)|\.?(?-u:\b)(post|get|getJSON|fetch|request|load[0-9A-Za-z_]*)\s*\(|"#,
            r#"\.open\s*\(\s*['"](?:GET|POST|get|post)['"]\s*,)\s*"#,
            // A whole address or its beginning, a template, or a name, to which more
            // is put or which has it all.
            r#"(?:['"]([^'"\s<>]+)['"]|`([^`\s<>]+)`|([A-Za-z_$][0-9A-Za-z_$]*(?:\.[A-Za-z_$][0-9A-Za-z_$]*)*)\s*[+,)}])|"#,
            // A name that is given what can only be a question: with fields, or of
            // an interface.
            r#"[A-Za-z0-9_$]['"]?\s*[:=]\s*['"]((?:https?:/|\.{1,2})?/?[A-Za-z0-9_./-]+\?[^'"\s<>]+|"#,
            r#"(?:https?:/)?/[A-Za-z0-9_./-]*(?:api|interface|rest)/[A-Za-z0-9_./-]+)['"]"#,
        ))
    });
    let is_a_file = is_script_file(page) || !text.trim_start().starts_with('<');
    let scripts = inline_scripts(text);
    CALL.iter().flat_map(move |call| call.captures_iter(text)).filter_map(move |found| {
        let whole = found.get(0)?;
        if found.get(5).is_some() {
            // In markup it is a link's, which says itself where it leads.
            let is_script = is_a_file || scripts.iter().any(|script| script.contains(&whole.start()));
            let name_end = whole.start() + 1;
            let opens = ["href", "location", "src", "action"].iter().any(|name| text[..name_end].ends_with(name));
            if !is_script || opens {
                return None;
            }
        }
        let end = text.floor_char_boundary((whole.end() + WINDOW).min(text.len()));
        let behind = &text[whole.end()..end];
        // A link with what is sent along is a question; others lead somewhere.
        let options = &behind[..behind.find(['{', '}', ';']).unwrap_or(behind.len())];
        if whole.as_str().starts_with("link") && !options.trim_end_matches([' ', ':']).ends_with("data") {
            return None;
        }
        // The next call's fields are not this one's.
        let stop = ["$.ajax", "$.post", "$.get", "axios.", "fetch("].iter().filter_map(|call| behind.find(call)).min();
        let behind = &behind[..stop.unwrap_or(behind.len())];
        let start = text.ceil_char_boundary(whole.start().saturating_sub(300));
        let before = &text[start..whole.start()];
        let opened = before.rfind("ajax").map_or(whole.start(), |at| start + at);
        let around = &text[opened..whole.end() + behind.len()];
        let scope = Scope { text, page, at: whole.start() };
        let is_given = whole.as_str().contains('=') && found.get(1).is_none();
        let mut written = if is_given { Written::Given } else { Written::There };
        let (mut address, behind) = match (found.get(3), found.get(4)) {
            (Some(template), _) => (scope.filled_in(template.as_str())?, behind),
            (_, Some(name)) => {
                let pieces = &text[name.end()..whole.end() + behind.len()];
                if whole.as_str().ends_with('+') {
                    scope.put_together(&beginning(name.as_str(), scope)?, pieces)
                } else {
                    written = Written::ByName;
                    (address_of(name.as_str(), scope)?, pieces)
                }
            }
            _ => scope.put_together(found.get(2).or_else(|| found.get(5))?.as_str(), behind),
        };
        // jQuery names the function that JSONP calls.
        if address.ends_with("=?") || address.contains("=?&") {
            address = address.replacen("=?", "=callback", 1);
        }
        let is_open = behind.starts_with('+');
        if !(2..=LONGEST_ADDRESS).contains(&address.len()) {
            return None;
        }
        let function = found.get(1).map_or("", |name| name.as_str());
        let posts = Posts::of(before, function, around);
        Some(Call { address, is_open, function, posts, around, behind, scope, written })
    })
}

/// The whole address that a name is given, `var url = site.root + "/list"`, or that the
/// function around is called with.
fn address_of(name: &str, scope: Scope<'_>) -> Option<String> {
    let is_address = |value: &String| value.contains('/');
    let given = Regex::new(&format!(
        r#"(?:^|[^.\w$'"?&]){}\s*=\s*(?:['"]([^'"\s<>]+)['"]|([A-Za-z_$][0-9A-Za-z_$.]*)\s*\+|`([^`\s<>]+)`)"#,
        regex::escape(name)
    ));
    let text = &scope.text[..scope.text.floor_char_boundary(MOST_BYTES)];
    let given = given.ok()?;
    let mut places = given.captures_iter(text).filter(|found| found.get(0).is_some_and(|all| all.start() < scope.at));
    let Some(found) = places.next() else { return scope.value_of(name).filter(is_address) };
    let put = |begun: &str, end: usize| {
        let window = &text[end..text.floor_char_boundary((end + WINDOW).min(text.len()))];
        let (whole, rest) = scope.put_together(begun, window);
        (!rest.starts_with('+')).then_some(whole)
    };
    let whole = match (found.get(1), found.get(2), found.get(3)) {
        (Some(literal), ..) => put(literal.as_str(), found.get(0)?.end()),
        (_, Some(of), _) => put(&beginning(of.as_str(), scope)?, of.end()),
        (.., template) => scope.filled_in(template?.as_str()),
    };
    whole.filter(is_address)
}

/// What a name is worth that an address begins with: one that is given an address,
/// or that of the site's own root, which the server fills in.
fn beginning(name: &str, scope: Scope<'_>) -> Option<String> {
    const ROOTS: [&str; 7] = ["ctx", "base", "root", "contextpath", "webpath", "webroot", "basepath"];
    let is_address = |value: &String| value.contains(['/', '?']);
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_root = ROOTS.iter().any(|root| last.eq_ignore_ascii_case(root));
    scope.value_of(name).filter(is_address).or_else(|| is_root.then(String::new))
}

fn asked(call: &Call<'_>, list: &ListPage<'_>) -> Option<PageRequest> {
    let url = list.url.join(&call.address).ok().filter(may_be_asked)?;
    if chooses_by_the_unknown(call) || is_of_menu(call, &url, list) {
        return None;
    }
    let fields = match fields(call, list.text) {
        // Without its fields it would ask for something else.
        None if sends_fields(call) => return None,
        fields => fields.unwrap_or_default(),
    };
    if let Some(named) = query_of(&url) {
        // `'/list?page=' + page`: the query names the field.
        let body = match call.posts {
            Some(posts) => Some(posts.body(fields)?),
            None => None,
        };
        return Some(PageRequest { url: named, body });
    }
    let has_page = |text: &str| {
        json_value(text).is_some_and(|inner| inner.as_object().is_some_and(|o| o.keys().any(|name| is_page(name))))
    };
    let turns =
        |(name, value): &(String, Value)| is_page(name) || is_offset(name) || value.as_str().is_some_and(has_page);
    let is_index_of_page = || page_among(fields.iter().map(|(name, _)| name.as_str())).is_some();
    (fields.iter().any(turns) || is_index_of_page()).then(|| with_fields(call, url, fields)).flatten()
}

/// A call's question with its fields.
fn with_fields(call: &Call<'_>, mut url: Url, mut fields: Vec<(String, Value)>) -> Option<PageRequest> {
    if let Some(posts) = call.posts {
        return Some(PageRequest { url, body: Some(posts.body(fields)?) });
    }
    let known: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    fields.retain(|(name, _)| !known.contains(name));
    url.query_pairs_mut().extend_pairs(as_text(fields)?);
    Some(PageRequest::get(url))
}

/// Whether an address ends with a field whose value is not known, and that may
/// choose the list. What only keeps an answer from being stored does not, nor
/// what is searched for.
fn chooses_by_the_unknown(call: &Call<'_>) -> bool {
    const OTHERS: [&str; 16] = [
        "_",
        "t",
        "r",
        "v",
        "ts",
        "time",
        "date",
        "rnd",
        "rand",
        "random",
        "timestamp",
        "nocache",
        "title",
        "key",
        "keyword",
        "kw",
    ];
    let field = call.address.rsplit(['?', '&']).next().and_then(|field| field.strip_suffix('='));
    call.is_open && field.is_some_and(|field| !OTHERS.iter().any(|name| field.eq_ignore_ascii_case(name)))
}

/// Whether what looks like a question is an entry of a menu: a link whose name
/// stands beside it, or another list at the page's own address.
fn is_of_menu(call: &Call<'_>, url: &Url, list: &ListPage<'_>) -> bool {
    let is_link = |anchor: &Anchor| anchor.url == *url && anchor.text.chars().any(is_han);
    let names = |url: &Url| url.query_pairs().map(|(name, _)| name.into_owned()).collect::<BTreeSet<_>>();
    let is_sibling = url.path() == list.url.path() && names(url) == names(list.url);
    call.function.is_empty() && call.posts.is_none() && (is_sibling || list.anchors.iter().any(is_link))
}

/// Whether a URL may be asked for: none that changes something, whatever it is
/// called with, and no script or style sheet.
pub(super) fn may_be_asked(url: &Url) -> bool {
    const WRITES: [&str; 9] = ["save", "add", "update", "delete", "submit", "login", "insert", "upload", "vote"];
    let path = url.path().to_ascii_lowercase();
    WRITES.iter().all(|word| !path.contains(word)) && !matches!(extension(&path).as_deref(), Some("js" | "css"))
}

/// A URL whose query names its page, asking for the first.
fn query_of(url: &Url) -> Option<Url> {
    let fields: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let is_its = page_among(fields.iter().map(|(name, _)| name.as_str()))?;
    let page = &fields.iter().find(|(name, _)| is_its(name))?.1;
    let first = if page.parse::<u32>().is_ok() { page } else { "1" };
    with_query(url, is_its, first)
}

/// The fields of a call that have values: literals, and names that the page's
/// scripts give a literal. A field without a value may choose the list: then
/// there are none at all, unless it is the page's or the rows'.
fn fields(call: &Call<'_>, text: &str) -> Option<Vec<(String, Value)>> {
    let Some(object) = object_of(call, text) else { return written_out(call).or_else(|| form_of(call, text)) };
    let mut fields = all_fields(object, text, &|field, expression| known(call.scope, field, expression))?;
    fields.truncate(MOST_FIELDS);
    for (name, value) in &mut fields {
        // A page's number that is a text: the script fills it in.
        if is_page(name) && value.as_str().is_some_and(|text| text.parse::<u32>().is_err()) {
            *value = Value::from(1);
        }
    }
    Some(fields)
}

/// The fields of an object, or of those that are put together. What its function is
/// called with, `o || {}`, only changes them; what stands before the first that is
/// known may be all of them.
fn all_fields(object: &str, text: &str, known: &dyn Fn(&str, &str) -> Option<Value>) -> Option<Vec<(String, Value)>> {
    let Some(parts) = put_together(object) else { return literal_fields(object, known) };
    let mut all: Vec<(String, Value)> = Vec::new();
    for part in parts.into_iter().filter(|part| !matches!(*part, "true" | "false")) {
        let given = || given_object(part, &text[..text.floor_char_boundary(MOST_BYTES)]);
        let fields = match Some(part).filter(|part| part.starts_with('{')).or_else(given) {
            Some(object) => literal_fields(object, known)?,
            None if all.is_empty() => return None,
            None => continue,
        };
        all.retain(|(name, _)| fields.iter().all(|(later, _)| later != name));
        all.extend(fields);
    }
    Some(all)
}

/// Whether a call sends fields, known or not: its options name them, `data: param`, or it
/// has them before the function that takes the answer, `$.get(url, param, function`.
fn sends_fields(call: &Call<'_>) -> bool {
    static OPTION: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r"(?-u:\b)(?:data|params)\s*:\s*(?:[A-Za-z_$][0-9A-Za-z_$]*\s*[,})]|\{|\$\.|Object\.)")
    });
    static DIRECT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r"^\s*,\s*[A-Za-z_$][0-9A-Za-z_$]*\s*,\s*(?:function(?-u:\b)|\([A-Za-z_$, ]*\)\s*=>|[A-Za-z_$]+\s*=>)",
        )
    });
    // Further in, or behind the call, a name is what the answer is called there.
    let is_its = |at: usize| {
        let mut depth = 0;
        let is_open = call.around[..at].bytes().all(|byte| {
            depth += i32::from(byte == b'{') - i32::from(byte == b'}');
            depth >= 0
        });
        is_open && depth <= 1
    };
    let of_options =
        || OPTION.iter().flat_map(|option| option.find_iter(call.around)).any(|found| is_its(found.start()));
    !call.function.is_empty() && DIRECT.as_ref().is_some_and(|direct| direct.is_match(call.behind)) || of_options()
}

/// What an expression is worth that is no literal, as the value of a field.
fn known(scope: Scope<'_>, field: &str, expression: &str) -> Option<Value> {
    // `paramJson: JSON.stringify({pageNo: n})`: an object as text.
    if let Some(object) = expression.strip_prefix("JSON.stringify(") {
        let fields = literal_fields(object.trim_start(), &|field, expression| known(scope, field, expression))?;
        return Some(Value::String(Value::Object(fields.into_iter().collect()).to_string()));
    }
    // What is said without quotes is a number where it looks like one.
    let value = scope.field(field, expression)?;
    let number = value.parse::<i64>().ok().filter(|number| number.to_string() == value);
    Some(match value.as_str() {
        "true" | "false" => Value::Bool(value == "true"),
        _ => number.map_or_else(|| Value::String(value), Value::from),
    })
}

/// The fields of a call that stand there as they are sent: `data: "cid=7&page=1"`,
/// `xhr.send("cid=7")`, and what is put to them.
fn written_out(call: &Call<'_>) -> Option<Vec<(String, Value)>> {
    static TEXT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(concat!(
            r#"(?:(?-u:\b)(?:data|body)['"]?\s*:|\.send\s*\()\s*['"]"#,
            r#"([A-Za-z_][0-9A-Za-z_.\[\]]*=[^'"<>\s]*)['"]"#,
        ))
    });
    static DIRECT: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"^\s*,\s*['"]([A-Za-z_][0-9A-Za-z_.\[\]]*=[^'"<>\s]*)['"]"#));
    let direct = || DIRECT.as_ref()?.captures(call.behind).filter(|_| !call.function.is_empty());
    let (found, within) = match direct() {
        Some(found) => (found, call.behind),
        None => (TEXT.as_ref()?.captures(call.around)?, call.around),
    };
    let (text, behind) = call.scope.put_together(&found[1], &within[found.get(0)?.end()..]);
    if behind.starts_with('+') {
        return None;
    }
    let field = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
        let is_open = is_page(&name) && value.parse::<u32>().is_err();
        (name.into_owned(), Value::String(if is_open { "1".to_owned() } else { value.into_owned() }))
    };
    Some(url::form_urlencoded::parse(text.as_bytes()).take(MOST_FIELDS).map(field).collect())
}

/// The fields of the form whose values a call sends: `$("#f").serialize()`.
fn form_of(call: &Call<'_>, text: &str) -> Option<Vec<(String, Value)>> {
    static FORM: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"\$\(\s*['"]#([0-9A-Za-z_-]+)['"]\s*\)\s*\.\s*serialize"#));
    let id = FORM.as_ref()?.captures(call.around)?;
    let form = forms(text).find(|form| form.id == id[1])?;
    Some(form.fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect())
}

/// The object of a call's fields, from its brace on: behind `data:` or `params:`,
/// or right behind the address; or a name that is given one.
fn object_of<'a>(call: &Call<'a>, text: &'a str) -> Option<&'a str> {
    static DATA: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let object = format!(r"(\{{|{PUTS_TOGETHER})");
        crate::pattern(&format!(
            r#"(?-u:\b)(?:data|params|where|body)['"]?\s*:\s*(?:JSON\.stringify\s*\(\s*)?['"]?{object}"#
        ))
    });
    static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r"(?-u:\b)(?:data|params|where|body)\s*:\s*(?:JSON\.stringify\s*\(\s*)?([A-Za-z_$][A-Za-z0-9_$]*)\s*[,})]",
        )
    });
    static DIRECT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(&format!(
            r"^\s*,\s*(?:({PUTS_TOGETHER})|(?:[A-Za-z$.]+\(\s*)?(?:(\{{)|([A-Za-z_$][A-Za-z0-9_$]*)\s*[,)]))"
        ))
    });
    let of = |pattern: &'static LazyLock<Option<Regex>>, text: &'a str| {
        let found = pattern.as_ref()?.captures(text)?;
        Some(&text[found.get(1).or_else(|| found.get(2))?.start()..])
    };
    let direct = || of(&DIRECT, call.behind).filter(|_| !call.function.is_empty());
    // What a call is given may be its fields or its options, which hold them.
    let literal = match direct() {
        Some(object) => Some(of(&DATA, &object[..extent(object)]).unwrap_or(object)),
        None => of(&DATA, call.around),
    };
    literal.or_else(|| {
        let behind = || DIRECT.as_ref()?.captures(call.behind)?.get(3).filter(|_| !call.function.is_empty());
        let name = behind().or_else(|| NAMED.as_ref()?.captures(call.around)?.get(1))?;
        let given = given_object(name.as_str(), &text[..text.floor_char_boundary(MOST_BYTES)])?;
        Some(&given[..given.floor_char_boundary(4 * WINDOW)])
    })
}
