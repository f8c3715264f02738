//! The links of a JSON answer: objects with a title and a URL, anywhere in it.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::{Anchor, AnchorKind, MOST, Place, has_day, join, record, unescaped, without_tags};
use crate::page::fold::{fold, is_han};
use crate::page::json_value;

/// Names under which platforms give a title, in lower case; the first that an
/// object has counts.
const TITLES: [&str; 11] = [
    "title",
    "doctitle",
    "articletitle",
    "infotitle",
    "showtitle",
    "titlehtml",
    "topic",
    "subject",
    "name",
    "channelname",
    "label",
];
/// ... and its URL.
const URLS: [&str; 14] = [
    "url",
    "link",
    "href",
    "chnldocurl",
    "docpuburl",
    "docurl",
    "post_url",
    "puburl",
    "linkurl",
    "htmlurl",
    "staticurl",
    "pageurl",
    "channelurl",
    "path",
];

/// The links of a text that is JSON, or JSON in a callback; none where it is
/// no JSON. A record without a URL of its own has that of the template.
pub(super) fn anchors(text: &str, base: &Url, encoding: &str, template: Option<&str>) -> Option<Vec<Anchor>> {
    Some(of_value(&with_inner(json_value(text)?), base, encoding, template))
}

/// The links of a value: of an answer, or of what a script writes down.
pub(super) fn of_value(json: &serde_json::Value, base: &Url, encoding: &str, template: Option<&str>) -> Vec<Anchor> {
    let mut found = Vec::new();
    let mut open = vec![json];
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::Array(items) => open.extend(items),
            serde_json::Value::Object(fields) => {
                let text = |names: &[&str]| {
                    let of = |name: &&str| {
                        let field = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                        field.and_then(|(_, value)| value.as_str()).filter(|text| !text.trim().is_empty())
                    };
                    names.iter().find_map(of)
                };
                let own = text(&URLS).or_else(|| of_node(fields)).and_then(|url| join(base, url, encoding));
                let own = own.or_else(|| join(base, address_of(fields)?, encoding));
                let url = own.or_else(|| record::url_of(template?, fields, base, encoding));
                if let (Some(title), Some(url)) = (text(&TITLES).or_else(|| name_of(fields)), url)
                    && found.len() < MOST
                {
                    let is_dated = fields
                        .values()
                        .filter_map(serde_json::Value::as_str)
                        .any(|text| has_day(text.split(['T', ' ']).next().unwrap_or_default()));
                    let text = fold(&without_tags(title));
                    found.push(Anchor {
                        url,
                        text,
                        is_title: false,
                        is_dated,
                        place: Place::Page,
                        kind: AnchorKind::Link,
                    });
                }
                open.extend(fields.values().filter(|value| value.is_array() || value.is_object()));
            }
            _ => {}
        }
    }
    found.reverse();
    found
}

/// The markup that a text of JSON holds in its strings; none where it is no JSON, or
/// holds none.
pub(super) fn markup(text: &str) -> Option<String> {
    let json = json_value(text)?;
    let (mut open, mut markup) = (vec![&json], String::new());
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::Array(items) => open.extend(items.iter().rev()),
            serde_json::Value::Object(fields) => open.extend(fields.values()),
            serde_json::Value::String(text) if text.contains("<a ") => markup.push_str(text),
            _ => {}
        }
    }
    (!markup.is_empty()).then_some(markup)
}

/// The links of what an element carries for its script: `data-menu='[{"name":…,"url":…}]'`.
pub(super) fn of_attributes(html: &str, base: &Url, encoding: &str) -> Vec<Anchor> {
    static DATA: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"\sdata-[a-z-]+\s*=\s*(?:'(\s*[\[{][^']*)'|"(\s*[\[{][^"]*)")"#));
    let carried = DATA.iter().flat_map(|data| data.captures_iter(html));
    let json = carried.filter_map(|found| json_value(&unescaped(found.get(1).or_else(|| found.get(2))?.as_str())));
    json.flat_map(|json| of_value(&json, base, encoding, None)).take(MOST).collect()
}

/// The URL of a tree's node, which has it in an object of its own: of `EasyUI`'s in
/// `attributes`, of `jsTree`'s in `a_attr`.
fn of_node(fields: &serde_json::Map<String, serde_json::Value>) -> Option<&str> {
    const OBJECTS: [&str; 3] = ["attributes", "a_attr", "attr"];
    let url = |name: &&str| {
        let own = fields.get(*name)?;
        own.get("url").or_else(|| own.get("href"))?.as_str().filter(|url| url.contains(['/', '.']))
    };
    OBJECTS.iter().find_map(url)
}

/// A record's address under whatever name: the first that is plainly a page's.
fn address_of(fields: &serde_json::Map<String, serde_json::Value>) -> Option<&str> {
    const PAGES: [&str; 9] = [".html", ".htm", ".shtml", ".jhtml", ".jspx", ".jsp", ".aspx", ".php", ".do"];
    let is_page = |text: &&str| {
        let path = text.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let begins = path.starts_with('/') || path.starts_with("http") || path.starts_with("./");
        begins && text.bytes().all(|byte| byte.is_ascii_graphic()) && PAGES.iter().any(|end| path.ends_with(end))
    };
    fields.values().filter_map(serde_json::Value::as_str).find(is_page)
}

/// A record's name under whatever name: the longest text in Chinese that is no
/// article.
fn name_of(fields: &serde_json::Map<String, serde_json::Value>) -> Option<&str> {
    const LONGEST: usize = 80;
    let names = fields.values().filter_map(serde_json::Value::as_str);
    let names = names.filter(|text| text.chars().any(is_han) && text.chars().count() <= LONGEST);
    names.max_by_key(|text| text.chars().filter(|c| is_han(*c)).count())
}

/// JSON that stands as a string inside JSON, as some platforms answer.
fn with_inner(mut json: serde_json::Value) -> serde_json::Value {
    if let serde_json::Value::Object(fields) = &mut json {
        for field in fields.values_mut() {
            let inner = field.as_str().filter(|text| text.trim_start().starts_with(['[', '{']));
            if let Some(inner) = inner.and_then(|text| serde_json::from_str(text).ok()) {
                *field = inner;
            }
        }
    }
    json
}
