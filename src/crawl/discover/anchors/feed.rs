//! The links of an XML list: RSS, Atom, and what lists by script are called with.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::{Anchor, AnchorKind, MOST, Place, attribute, has_day, join, unescaped, without_tags};
use crate::page::fold::fold;

/// The links of a text that is XML and has items; none where it is none.
pub(super) fn anchors(text: &str, base: &Url, encoding: &str) -> Option<Vec<Anchor>> {
    static ITEM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r"(?is)<(?:item|entry|row|article|doc)\b[^>]*>(.*?)</(?:item|entry|row|article|doc)\s*>")
    });
    static TITLE: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?is)<(?:doc|info)?title\b[^>]*>(.*?)</(?:doc|info)?title"));
    static LINK: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?is)<(?:link|url|href|linkurl|docurl|infourl)\b([^>]*)>(.*?)(?:</|<|$)"));
    if !text.starts_with("<?xml") && !text.starts_with("<rss") && !text.starts_with("<feed") {
        return None;
    }
    let words = |text: &str| unescaped(&without_tags(&text.replace("<![CDATA[", "").replace("]]>", "")));
    let link = |item: &str| {
        let title = words(&TITLE.as_ref()?.captures(item)?[1]);
        let found = LINK.as_ref()?.captures(item)?;
        // Atom has it in an attribute.
        let target = attribute(&found[1], "href").unwrap_or_else(|| words(&found[2]));
        let is_dated = item.split(['<', '>']).any(has_day);
        let url = join(base, target.trim(), encoding)?;
        let text = fold(title.trim());
        Some(Anchor { url, text, is_title: false, is_dated, place: Place::Page, kind: AnchorKind::Link })
    };
    let items = ITEM.as_ref()?.captures_iter(text).take(MOST);
    let found: Vec<Anchor> = items.filter_map(|item| link(&item[1])).collect();
    (!found.is_empty()).then_some(found)
}
