//! What a script writes down plainly: objects, lists, texts and numbers. The
//! text is read, never run: what is no literal the caller may know by its name.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

/// Values inside values are read this deep, and so many of one text.
const DEEPEST: usize = 10;
const MOST: usize = 5000;

/// What an expression that is no literal is worth, by the field whose value it is;
/// none where that is not known, and then the whole has no value.
pub(in crate::crawl) type Known<'a> = &'a dyn Fn(&str, &str) -> Option<Value>;

/// The value that a text begins with: an object or a list.
pub(super) fn value(text: &str, known: Known<'_>) -> Option<Value> {
    Reader { text, at: 0, depth: 0, n: 0, known }.value("")
}

/// The fields of the object that a text begins with, in their order.
pub(in crate::crawl) fn fields(text: &str, known: Known<'_>) -> Option<Vec<(String, Value)>> {
    Reader { text, at: 0, depth: 0, n: 0, known }.fields()
}

/// What puts objects together: `$.extend(true, {}, defaults, {…})`.
pub(in crate::crawl) const PUTS_TOGETHER: &str = r"(?:(?:\$|jQuery)\.extend|Object\.assign)\s*\(";

/// The object that a script gives a name, and what follows: `var pages = {`, or the
/// objects of which it is put together.
pub(in crate::crawl) fn given_object<'t>(name: &str, text: &'t str) -> Option<&'t str> {
    let given = Regex::new(&format!(r"(?-u:\b){}\s*=\s*(\{{|{PUTS_TOGETHER})", regex::escape(name))).ok()?;
    Some(&text[given.captures(text)?.get(1)?.start()..])
}

/// The objects and names that a text begins to put together; none where it does not.
pub(in crate::crawl) fn put_together(text: &str) -> Option<Vec<&str>> {
    static BEGIN: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(&format!("^{PUTS_TOGETHER}")));
    let open = BEGIN.as_ref()?.find(text)?.end();
    let inside = &text[open..(open - 1 + extent(&text[open - 1..]))];
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    while at < inside.len() {
        match inside.as_bytes()[at] {
            b'{' | b'[' | b'(' => at += extent(&inside[at..]),
            b',' | b')' => {
                parts.push(inside[start..at].trim());
                at += 1;
                start = at;
            }
            _ => at += 1,
        }
    }
    Some(parts)
}

/// How long the brackets are that a text begins with; all of it where they never
/// close.
pub(in crate::crawl) fn extent(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0_usize, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            b'"' | b'\'' => at = string_end(bytes, at),
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Where the quote stands that ends a string; the end of its line where none does.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != bytes[start] && bytes[at] != b'\n' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    n: usize,
    known: Known<'a>,
}

impl<'a> Reader<'a> {
    fn value(&mut self, name: &str) -> Option<Value> {
        self.n += 1;
        if self.n > MOST {
            return None;
        }
        match self.next()? {
            b'{' => Some(Value::Object(self.fields()?.into_iter().collect::<Map<_, _>>())),
            b'[' => self.list(name),
            _ => self.plain(name),
        }
    }

    fn fields(&mut self) -> Option<Vec<(String, Value)>> {
        let mut fields = Vec::new();
        self.enter(b'{')?;
        loop {
            if self.next()? == b'}' {
                self.leave();
                return Some(fields);
            }
            let name = self.name()?;
            match self.next()? {
                b':' => {
                    self.at += 1;
                    let value = self.value(&name)?;
                    fields.push((name, value));
                }
                // A function that belongs to the object.
                b'(' => drop(self.expression()),
                // `{ cid, page }`: names that are their own values.
                _ => {
                    let value = (self.known)(&name, &name)?;
                    fields.push((name, value));
                }
            }
            self.separator(b'}')?;
        }
    }

    fn list(&mut self, name: &str) -> Option<Value> {
        let mut items = Vec::new();
        self.enter(b'[')?;
        loop {
            if self.next()? == b']' {
                self.leave();
                return Some(Value::Array(items));
            }
            items.push(self.value(name)?);
            self.separator(b']')?;
        }
    }

    /// A text, a number, or an expression that the caller may know.
    fn plain(&mut self, name: &str) -> Option<Value> {
        let expression = self.expression();
        let quote = expression.chars().next().filter(|c| matches!(c, '"' | '\''));
        if quote.is_some() && string_end(expression.as_bytes(), 0) + 1 == expression.len() {
            return Some(Value::String(unescaped(&expression[1..expression.len() - 1])));
        }
        match expression {
            "" => None,
            "true" | "false" => Some(Value::Bool(expression == "true")),
            "null" | "undefined" => Some(Value::Null),
            number => number.parse::<i64>().ok().map(Value::from).or_else(|| (self.known)(name, expression)),
        }
    }

    /// What stands up to the next comma or bracket that closes.
    fn expression(&mut self) -> &'a str {
        let bytes = self.text.as_bytes();
        let start = self.at;
        while self.at < bytes.len() {
            match bytes[self.at] {
                b',' | b'}' | b']' | b')' | b';' => break,
                b'{' | b'[' | b'(' => self.at += extent(&self.text[self.at..]),
                b'"' | b'\'' => self.at = (string_end(bytes, self.at) + 1).min(bytes.len()),
                _ => self.at += 1,
            }
        }
        self.text.get(start..self.at).unwrap_or_default().trim()
    }

    fn name(&mut self) -> Option<String> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        if matches!(bytes[start], b'"' | b'\'') {
            let end = string_end(bytes, start);
            self.at = end + 1;
            return self.text.get(start + 1..end).map(unescaped);
        }
        let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.' | b'-');
        let length = bytes[start..].iter().take_while(|byte| is_of_name(byte)).count();
        self.at += length;
        (length > 0).then(|| self.text[start..self.at].to_owned())
    }

    /// The next character that is no space and no comment.
    fn next(&mut self) -> Option<u8> {
        loop {
            let rest = self.text.get(self.at..)?;
            let space = rest.len() - rest.trim_start().len();
            self.at += space;
            let rest = &rest[space..];
            let comment = match rest.get(..2) {
                Some("//") => rest.find('\n'),
                Some("/*") => rest.find("*/").map(|end| end + 2),
                _ => return rest.bytes().next(),
            };
            self.at += comment?;
        }
    }

    fn enter(&mut self, bracket: u8) -> Option<()> {
        let is_it = self.next()? == bracket && self.depth < DEEPEST;
        (self.at, self.depth) = (self.at + 1, self.depth + 1);
        is_it.then_some(())
    }

    fn leave(&mut self) {
        (self.at, self.depth) = (self.at + 1, self.depth - 1);
    }

    fn separator(&mut self, end: u8) -> Option<()> {
        match self.next()? {
            b',' => self.at += 1,
            next if next == end => {}
            _ => return None,
        }
        Some(())
    }
}

/// A string's text: what stands behind a backslash, and characters by number.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        plain.push_str(before);
        let number = behind.strip_prefix('u').and_then(|digits| u32::from_str_radix(digits.get(..4)?, 16).ok());
        let (c, length) = match number.and_then(char::from_u32) {
            Some(c) => (Some(c), 5),
            None => (behind.chars().next(), behind.chars().next().map_or(0, char::len_utf8)),
        };
        plain.extend(c.map(|c| if length == 1 && matches!(c, 'n' | 'r' | 't') { ' ' } else { c }));
        rest = &behind[length..];
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_script_writes_down_is_read() {
        let known = |name: &str, expression: &str| (name == "page" || expression == "cid").then(|| Value::from(7));
        let cases = [
            ("{a: 1, 'b': \"x\\\"y\", \"c\": [true, null], }", Some(r#"{"a":1,"b":"x\"y","c":[true,null]}"#)),
            ("{a:{'b':[{c:'\\u5e74'}]}} // rest", Some(r#"{"a":{"b":[{"c":"年"}]}}"#)),
            ("{cid, page: obj.curr + f(1, 2), /* no, it is } */ z: cid}", Some(r#"{"cid":7,"page":7,"z":7}"#)),
            ("{a: 1, show(x) { return {}; }}", Some(r#"{"a":1}"#)),
            ("[ {id:1, name:'年报'} , ]", Some(r#"[{"id":1,"name":"年报"}]"#)),
            ("{a: other}", None),
            ("{a: 'b' + 'c'}", None),
            ("{...all}", None),
            ("{a: 1", None),
            ("{a: 'b", None),
            ("{'", None),
            ("{a:'\\", None),
            ("[年", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text, &known).map(|value| value.to_string()).as_deref(), expected, "{text}");
        }
        assert_eq!(value(&"[".repeat(100_000), &known), None, "no deeper than there is stack");
    }

    #[test]
    fn what_is_put_together_is_taken_apart() {
        let cases: [(&str, Option<&[&str]>); 4] = [
            ("$.extend({a: 1, b: f(2)}, o || {}); rest", Some(&["{a: 1, b: f(2)}", "o || {}"])),
            ("Object.assign({}, all, {c: ')'})", Some(&["{}", "all", "{c: ')'}"])),
            ("jQuery.extend(true, {a: 1", Some(&["true"])),
            ("{a: 1}", None),
        ];
        for (text, expected) in cases {
            assert_eq!(put_together(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn brackets_end_where_they_close() {
        let cases = [("{a:'}'} rest", 7), ("(f(1)) + 2", 6), ("{a", 2), ("{'", 2), ("", 0)];
        for (text, length) in cases {
            assert_eq!(extent(text), length, "{text}");
        }
    }
}
