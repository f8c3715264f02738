//! A menu that a script builds: names beside plain URLs in its strings.

use std::borrow::Cow;
use std::ops::Range;

use url::Url;

use super::opener::Openers;
use super::{Anchor, AnchorKind, MOST, Place, join};
use crate::page::fold::{fold, is_han};

/// A name and its URL are no further apart than this, in bytes.
const NEAR: usize = 120;

/// Where the scripts inside a page stand.
pub(in crate::crawl) fn inline(html: &str) -> Vec<Range<usize>> {
    let lower = html.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = lower[at..].find("<script").map(|open| at + open) {
        let Some(start) = lower[open..].find('>').map(|end| open + end + 1) else { break };
        let end = lower[start..].find("</script").map_or(html.len(), |end| start + end);
        found.push(start..end);
        at = end;
    }
    found
}

/// A string of a script.
struct Literal<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

/// The links that a script's strings make: a name in Chinese characters, and
/// beside it, in the same object, list or call, a string that is a URL, or the code
/// of a click that opens one.
pub(super) fn anchors(script: &str, base: &Url, encoding: &str, openers: &Openers) -> Vec<Anchor> {
    let mut literals = literals(script);
    literals.retain(|literal| {
        is_name(literal.text) || opened(literal.text, openers).is_some() && is_whole(script, literal)
    });
    let mut found = Vec::new();
    let mut taken = vec![false; literals.len()];
    for (index, literal) in literals.iter().enumerate() {
        let Some(target) = opened(literal.text, openers).filter(|_| found.len() < MOST) else { continue };
        let before = index.checked_sub(1);
        let beside = [before, Some(index + 1)].into_iter().flatten().find(|other| {
            literals.get(*other).is_some_and(|name| {
                let (from, to) = if *other < index { (name.end, literal.start) } else { (literal.end, name.start) };
                !taken[*other] && is_name(name.text) && is_together(&script[from..to])
            })
        });
        let Some(name) = beside else { continue };
        taken[name] = true;
        let text = fold(literals[name].text);
        if let Some(url) = join(base, &target.replace("\\/", "/"), encoding) {
            found.push(Anchor {
                url,
                text,
                is_title: false,
                is_dated: false,
                place: Place::Page,
                kind: AnchorKind::Link,
            });
        }
    }
    found
}

/// The strings of a code that are URLs, whole as they stand.
pub(super) fn addresses(code: &str) -> impl Iterator<Item = &str> {
    let whole = |literal: &Literal<'_>| is_address(literal.text) && is_whole(code, literal);
    literals(code).into_iter().filter(whole).map(|literal| literal.text)
}

/// What a string is the URL of, or opens as the code of a click: `"openUrl('/nb/')"`.
fn opened<'a>(text: &'a str, openers: &Openers) -> Option<Cow<'a, str>> {
    const LONGEST_CODE: usize = 200;
    if is_address(text) {
        return Some(Cow::Borrowed(text));
    }
    let code = Some(text).filter(|text| text.len() <= LONGEST_CODE && text.contains('(') && text.contains(')'))?;
    let opened = openers.url(code).map(Cow::Owned);
    opened.or_else(|| addresses(code).next().map(Cow::Borrowed))
}

/// Whether a string stands alone: one that others are put to is a piece of a
/// URL. Before a path from the root may stand the name of the site's own.
fn is_whole(script: &str, literal: &Literal<'_>) -> bool {
    let before = script[..literal.start].trim_end().strip_suffix('+').map(str::trim_end);
    let is_own = |before: &str| {
        literal.text.starts_with('/') && before.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
    };
    before.is_none_or(is_own) && !script[literal.end..].trim_start().starts_with('+')
}

fn is_name(text: &str) -> bool {
    let n = text.chars().count();
    (2..=40).contains(&n) && text.chars().any(is_han) && !text.contains('<')
}

pub(super) fn is_address(text: &str) -> bool {
    const ENDS: [&str; 11] =
        [".html", ".htm", ".shtml", ".jhtml", ".jspx", ".jsp", ".aspx", ".asp", ".php", ".do", "/"];
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let is_plain = !text.is_empty() && text.len() < 500 && text.bytes().all(|b| b.is_ascii_graphic() && b != b'<');
    let begins = ["/", "./", "../", "http://", "https://", "\\/"].iter().any(|start| text.starts_with(start));
    is_plain && text.len() > 1 && (begins || ENDS.iter().any(|end| path.ends_with(end)))
}

/// Whether two strings belong together: nothing ends between them.
fn is_together(between: &str) -> bool {
    between.len() <= NEAR && !between.contains(['}', ']', ')', ';', '{', '['])
}

fn literals(script: &str) -> Vec<Literal<'_>> {
    let bytes = script.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() && found.len() < 4 * MOST {
        match bytes[at] {
            quote @ (b'"' | b'\'') => {
                let start = at;
                at += 1;
                while at < bytes.len() && bytes[at] != quote && bytes[at] != b'\n' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                if at < bytes.len() && bytes[at] == quote {
                    found.push(Literal { text: &script[start + 1..at], start, end: at + 1 });
                }
                at += 1;
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = script[at..].find('\n').map_or(bytes.len(), |end| at + end);
            }
            _ => at += 1,
        }
    }
    found
}
