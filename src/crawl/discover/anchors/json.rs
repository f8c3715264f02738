//! The links of a JSON answer: objects with a title and a URL, anywhere in it.

use url::Url;

use super::{Anchor, AnchorKind, MOST, has_day, join, record, without_tags};
use crate::page::fold::fold;

/// Names under which platforms give a title, in lower case; the first that an
/// object has counts.
const TITLES: [&str; 10] =
    ["title", "doctitle", "articletitle", "infotitle", "showtitle", "topic", "subject", "name", "channelname", "label"];
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
    let json = value(text)?;
    let mut found = Vec::new();
    let mut open = vec![&json];
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
                let own = text(&URLS).and_then(|url| join(base, url, encoding));
                let url = own.or_else(|| record::url_of(template?, fields, base, encoding));
                if let (Some(title), Some(url)) = (text(&TITLES), url)
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
                        is_in_footer: false,
                        kind: AnchorKind::Link,
                    });
                }
                open.extend(fields.values().filter(|value| value.is_array() || value.is_object()));
            }
            _ => {}
        }
    }
    found.reverse();
    Some(found)
}

/// A text's JSON value, out of its callback where it has one.
pub(in crate::crawl) fn value(text: &str) -> Option<serde_json::Value> {
    let text = text.trim();
    let inside = match text.split_once('(') {
        Some((name, rest))
            if name.len() < 60 && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.$".contains(c)) =>
        {
            rest.trim_end_matches(';').trim_end().strip_suffix(')')?
        }
        _ => text,
    };
    let inside = inside.trim_start();
    inside.starts_with(['{', '[']).then(|| serde_json::from_str(inside).ok()).flatten()
}
