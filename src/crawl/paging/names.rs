//! What the names of a page's scripts stand for: a literal that a name is given,
//! or that a function is called with, a field of the page's own query or one of its
//! inputs. Scripts are read, never run.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;
use url::Url;

use super::fields::{is_index, is_offset, is_page, is_rows};
use crate::crawl::discover::{attribute, given_object, literal_fields};

/// The names of a page's scripts get their values within this many bytes.
pub(super) const MOST_BYTES: usize = 256 * 1024;
/// Rows asked for where the script does not say: what laypage's lists have.
pub(super) const ROWS: &str = "20";
/// The beginning of the function in which a call stands is looked for this far.
const FUNCTION: usize = 3000;
/// Pieces of one address.
const MOST_PIECES: usize = 16;

/// What asks the page for a field of its own query: `getQueryString("id")`,
/// `new URLSearchParams(location.search).get("id")`, `location.search.split("id=")[1]`.
const OF_QUERY: &str = concat!(
    r#"new\s+URLSearchParams\(\s*(?-u:[\w.]*)location\.search(?:[^()]|\(\d\))*\)\.get\(\s*['"]((?-u:[\w.-]+))['"]\s*\)|"#,
    r#"(?-u:[\w.]*)location(?:\.(?:search|href))?\.split\(\s*['"][?&]?((?-u:[\w.-]+))?=['"]\s*\)\s*\[\s*1\s*\]"#,
    r#"(?:\.split\(\s*['"]&['"]\s*\)\s*\[\s*0\s*\])?|"#,
    r#"(?-u:[\w.$]*)(?i:query|param|request|url)(?-u:[\w.]*)\(\s*['"]((?-u:[\w.-]+))['"]\s*\)|"#,
    r#"(?-u:[\w.$]*)(?i:query|param|request)(?-u:\w*)\[\s*['"]((?-u:[\w.-]+))['"]\s*\]|"#,
    r"(?-u:[\w.$]*)route\.query\.((?-u:\w+))",
);
/// ... and for one of its inputs.
const OF_INPUT: &str = concat!(
    r#"\$\(\s*['"]#((?-u:[\w-]+))['"]\s*\)\.val\(\)|"#,
    r#"document\.getElementById\(\s*['"]((?-u:[\w-]+))['"]\s*\)\.value"#,
);

/// The value of a word: a number, or the first literal that a name is given.
pub(super) fn value_of(word: &str, text: &str) -> Option<String> {
    if word.parse::<i64>().is_ok() || matches!(word, "true" | "false") {
        return Some(word.to_owned());
    }
    if word.contains('.') {
        return None;
    }
    given(word, text, |value| Some(value.to_owned()))
}

/// The first number that a name is given.
pub(super) fn number_of(name: &str, text: &str) -> Option<u32> {
    given(name, text, |value| value.parse().ok())
}

/// The first literal that a name is given and that can be taken as it must be.
fn given<T>(name: &str, text: &str, taken: impl Fn(&str) -> Option<T>) -> Option<T> {
    let text = &text[..text.floor_char_boundary(MOST_BYTES)];
    // Most names that are looked for are not there.
    if name.is_empty() || !text.contains(name) {
        return None;
    }
    let given = Regex::new(&format!(
        r#"(?-u:\b){}(['"]?)\s*[:=]\s*(?:'([^'\n]{{0,200}})'|"([^"\n]{{0,200}})"|(\d{{1,20}})(?-u:\b))"#,
        regex::escape(name)
    ));
    let given = given.ok()?;
    let is_of_script = |found: &Captures<'_>| {
        let start = found.get(0).map_or(0, |at| at.start());
        // A name in quotes is a field's; else a quote before it, or a query's mark,
        // begins a text: `split("id=")[1]`, `"/list?id=" + id`.
        let before = text[..start].chars().next_back();
        let is_in_text = found[1].is_empty() && before.is_some_and(|c| matches!(c, '"' | '\'' | '`' | '?' | '&'));
        !is_in_text && !is_in_tag(text, start)
    };
    let of_script = given.captures_iter(text).filter(is_of_script);
    let mut values = of_script.filter_map(|found| (2..=4).find_map(|group| found.get(group)));
    values.find_map(|value| taken(value.as_str()))
}

/// Whether a place is inside an element's begin: what stands there is an
/// attribute's, `<div id="list">`, and gives no name of a script a value.
fn is_in_tag(text: &str, at: usize) -> bool {
    const LONGEST: usize = 300;
    let before = &text[text.ceil_char_boundary(at.saturating_sub(LONGEST))..at];
    let tag = before.rfind('<').map_or("", |open| &before[open + 1..]);
    tag.starts_with(|c: char| c.is_ascii_alphabetic()) && !tag.contains(['>', ';', '{', '}', '\\'])
}

/// What names stand for at a place of a page's scripts.
#[derive(Debug, Clone, Copy)]
pub(in crate::crawl) struct Scope<'a> {
    pub text: &'a str,
    pub page: &'a Url,
    pub at: usize,
}

impl<'a> Scope<'a> {
    /// The value of a name: of an argument that with which its function is called,
    /// else that which the name is given; or of what asks the page itself.
    pub fn value_of(&self, name: &str) -> Option<String> {
        if name.contains(['(', '[']) {
            return self.asked_of_page(name);
        }
        let name = ["window.", "self.", "this."].iter().find_map(|of| name.strip_prefix(of)).unwrap_or(name);
        if let Some((object, member)) = name.split_once('.') {
            let given = || given(name, self.text, |value| Some(value.to_owned()));
            return self.asked_of_page(name).or_else(|| self.member(object, member)).or_else(given);
        }
        match self.argument(name) {
            Some((function, place)) => called_with(function?, place, self.text),
            None => self.given_by_page(name).or_else(|| value_of(name, self.text)),
        }
    }

    /// The text or number that an object has under a name, `site.root` of `site = {root: '/gk'}`,
    /// or under several, `site.api.list`.
    fn member(&self, object: &str, path: &str) -> Option<String> {
        let text = &self.text[..self.text.floor_char_boundary(MOST_BYTES)];
        let fields = literal_fields(given_object(object, text)?, &|_, _| Some(Value::Null))?;
        let whole = Value::Object(fields.into_iter().collect());
        match path.split('.').try_fold(&whole, |value, name| value.get(name))? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The value of a name that is given what asks the page: `var id = getQueryString("id")`.
    fn given_by_page(&self, name: &str) -> Option<String> {
        let text = &self.text[..self.text.floor_char_boundary(MOST_BYTES)];
        if name.is_empty() || !text.contains(name) {
            return None;
        }
        let given = Regex::new(&format!(r"(?-u:\b){}\s*[:=]\s*({OF_QUERY}|{OF_INPUT})", regex::escape(name)));
        self.asked_of_page(given.ok()?.captures(text)?.get(1)?.as_str())
    }

    /// What the page answers that a script asks it: the value of a field of its own
    /// query, `getQueryString("id")`, or of an input, `$("#id").val()`.
    fn asked_of_page(&self, expression: &str) -> Option<String> {
        static QUERY: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(&format!("^(?:{OF_QUERY})$")));
        static INPUT: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(&format!("^(?:{OF_INPUT})$")));
        static FIELD: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"(?i)<input(?-u:\b)([^>]{0,500})>"));
        let named = |found: &Captures<'_>| found.iter().skip(1).flatten().next().map(|name| name.as_str().to_owned());
        if let Some(asked) = QUERY.as_ref()?.captures(expression) {
            let mut fields = self.page.query_pairs();
            let value = match named(&asked) {
                Some(name) => fields.find(|(field, _)| *field == name),
                // Behind the first equals sign stands all the rest.
                None => fields.next().filter(|_| fields.next().is_none()),
            };
            return value.map(|(_, value)| value.into_owned());
        }
        let id = named(&INPUT.as_ref()?.captures(expression)?)?;
        let mut inputs = FIELD.as_ref()?.captures_iter(self.text);
        attribute(&inputs.find(|input| attribute(&input[1], "id").as_ref() == Some(&id))?[1], "value")
    }

    /// The function around that has an argument of this name, where it has a name
    /// itself, and the argument's place; none where the name is no argument.
    fn argument(&self, name: &str) -> Option<(Option<&'a str>, usize)> {
        static BEGIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
            crate::pattern(
                r"(?:(?-u:\b)function\s*([A-Za-z_$][0-9A-Za-z_$]*)?|([A-Za-z_$][0-9A-Za-z_$]*)\s*[:=]\s*function)\s*\(([^(){}]*)\)\s*\{",
            )
        });
        let start = self.text.ceil_char_boundary(self.at.saturating_sub(FUNCTION));
        let before = self.text.get(start..self.at)?;
        let begins: Vec<_> = BEGIN.as_ref()?.captures_iter(before).collect();
        for begin in begins.iter().rev() {
            let body = &before[begin.get(0)?.end()..];
            let is_around = body.matches('{').count() >= body.matches('}').count();
            let place = begin[3].split(',').position(|argument| argument.trim() == name);
            if let Some(place) = place.filter(|_| is_around) {
                let function = begin.get(1).or_else(|| begin.get(2));
                return Some((function.map(|function| function.as_str()), place));
            }
        }
        None
    }

    /// An address to which a script puts names that are given a literal:
    /// `"/api/list?cid=" + cid + "&page=" + n`. A page's number is the first.
    /// And what stands behind it: a plus where it goes on with what is not known.
    pub fn put_together<'b>(&self, address: &str, behind: &'b str) -> (String, &'b str) {
        static PIECE: LazyLock<Option<Regex>> = LazyLock::new(|| {
            let name = r"[A-Za-z_$][0-9A-Za-z_$]*(?:\.[0-9A-Za-z_$]+)*(?:\(\))?|\([^()'\x22]*\)";
            crate::pattern(&format!(
                r#"^\s*\+\s*(?:(?P<name>{OF_QUERY}|{OF_INPUT}|{name})|['"](?P<literal>[^'"\s<>]*)['"])"#
            ))
        });
        let mut whole = address.to_owned();
        let mut rest = behind;
        for _ in 0..MOST_PIECES {
            let Some(piece) = PIECE.as_ref().and_then(|piece| piece.captures(rest)) else { break };
            let value = match (piece.name("name"), piece.name("literal")) {
                (_, Some(literal)) => Some(literal.as_str().to_owned()),
                (Some(name), _) => self.put(&whole, name.as_str()),
                _ => None,
            };
            let Some(value) = value else { break };
            whole.push_str(&value);
            rest = &rest[piece.get(0).map_or(0, |all| all.end())..];
        }
        (whole, rest.trim_start())
    }

    /// The same for a template: `${base}/list?cid=${cid}&page=${n}`.
    pub fn filled_in(&self, template: &str) -> Option<String> {
        let mut pieces = template.split("${");
        let mut whole = pieces.next()?.to_owned();
        for piece in pieces.take(MOST_PIECES) {
            let (name, rest) = piece.split_once('}')?;
            let value = self.put(&whole, name.trim())?;
            whole.push_str(&value);
            whole.push_str(rest);
        }
        Some(whole)
    }

    /// What a name puts to an address: none where that is a script's code and no value.
    fn put(&self, address: &str, name: &str) -> Option<String> {
        const CODE: [char; 12] = ['(', ')', '[', ']', '{', '}', '<', '>', '"', '\'', ';', '+'];
        let field = address.rsplit(['?', '&']).next().and_then(|field| field.strip_suffix('='));
        self.field(field.unwrap_or_default(), name).filter(|value| !value.contains(CODE))
    }

    /// The value of a field as a script gives it: of a page's number the first,
    /// whatever it is now.
    pub fn field(&self, field: &str, name: &str) -> Option<String> {
        let value = || self.value_of(name);
        if is_page(field) {
            // A function is called with the next page's number before this one's.
            let most = if self.argument(name).is_some() { 1 } else { u32::MAX };
            let is_first = |value: &String| value.parse::<u32>().is_ok_and(|n| n <= most);
            return Some(value().filter(is_first).unwrap_or_else(|| "1".to_owned()));
        }
        value().or_else(|| match field {
            _ if is_offset(field) => Some("0".to_owned()),
            _ if is_index(field) => Some("1".to_owned()),
            _ if is_rows(field) => Some(value_of("limit", self.text).unwrap_or_else(|| ROWS.to_owned())),
            _ => None,
        })
    }
}

/// What the first call of a function that says it plainly has in a place.
fn called_with(function: &str, place: usize, text: &str) -> Option<String> {
    const MOST_CALLS: usize = 20;
    let call = Regex::new(&format!(r"(?-u:\b){}\s*\(([^(){{}}]{{1,200}})\)", regex::escape(function))).ok()?;
    let mut calls = call.captures_iter(&text[..text.floor_char_boundary(MOST_BYTES)]).take(MOST_CALLS);
    calls.find_map(|call| literal(call.get(1)?.as_str().split(',').nth(place)?.trim()))
}

/// A literal's value: a number, or a text in quotes of either kind.
fn literal(text: &str) -> Option<String> {
    let quoted = ["\"", "'", "\\'", "\\\"", "&quot;"].iter().find_map(|quote| {
        let inside = text.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inside.contains(['"', '\''])).then_some(inside)
    });
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    quoted.or(Some(text).filter(|_| is_number)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_what_it_is_given_or_called_with() {
        let cases = [
            ("var cid = '7'; |", "cid", Some("7")),
            ("<div id=\"list\"></div><script>|", "id", None),
            ("<div id=\"list\"></div><script>var id=5;|", "id", Some("5")),
            ("for(var i=0;i<n;i++){ id = 5; |", "id", Some("5")),
            // An argument is what the function is called with, whatever else has
            // its name.
            ("var id=5; function f(id){ | } f(8);", "id", Some("8")),
            ("var id=5; function f(id){ | } f(other);", "id", None),
            ("function f(a, id){ | } <a onclick=\"f('x', '9')\">", "id", Some("9")),
            ("var g = function(id){ | }; g(3)", "id", Some("3")),
            ("function f(id){ } var id=5; |", "id", Some("5")),
            ("function f(a){ $.each(b, function(i){ | }) } f(4)", "a", Some("4")),
            // What the page itself is asked.
            ("var id = getQueryString('itemId'); |", "id", Some("77")),
            ("var id = util.getUrlParam(\"itemId\"); |", "id", Some("77")),
            ("|", "GetRequest('itemId')", Some("77")),
            ("|", "getParam('other')", None),
            ("var id = location.search.split(\"itemId=\")[1]; |", "id", Some("77")),
            ("var id = window.location.href.split('itemId=')[1].split('&')[0]; |", "id", Some("77")),
            ("var id = location.search.split('=')[1]; |", "id", Some("77")),
            ("const id = new URLSearchParams(window.location.search).get('itemId'); |", "id", Some("77")),
            ("var p = new URLSearchParams(location.search.substr(1)); var id = p.get('itemId'); |", "id", None),
            ("var params = f(); let id = params.get(\"itemId\"); |", "id", Some("77")),
            ("var id = theRequest[\"itemId\"]; |", "id", Some("77")),
            ("|", "this.$route.query.itemId", Some("77")),
            // A text that holds the name gives it no value.
            ("var a = q.split(\"id=\")[1];f(\"/a?id=\"+id+\"&b=\"); |", "id", None),
            ("f('/a?b=1&id=' + id + '&c='); |", "id", None),
            ("f({\"id\": \"9\"}); |", "id", Some("9")),
            ("|", "translate('itemId')", None),
            ("<input type=hidden id=cid value=8>|", "$('#cid').val()", Some("8")),
            ("<input id=cid value=8>var c = document.getElementById(\"cid\").value; |", "c", Some("8")),
            ("|", "$('#cid').val()", None),
            ("var site = {\"root\": \"/gk\"}; |", "site.root", Some("/gk")),
            ("var site = {root: f()}; |", "site.root", None),
            ("var g = {size: 4}; |", "g.size", Some("4")),
            ("window.g = {api: {list: '/a/list'}}; |", "window.g.api.list", Some("/a/list")),
            ("var site = {}; site.root = '/gk'; |", "site.root", Some("/gk")),
            ("|", "obj.curr", None),
        ];
        let page = "http://a.gov.cn/l.html?itemId=77".parse().unwrap();
        for (text, name, expected) in cases {
            let at = text.find('|').unwrap();
            assert_eq!(Scope { text, page: &page, at }.value_of(name).as_deref(), expected, "{text}");
        }
    }
}
