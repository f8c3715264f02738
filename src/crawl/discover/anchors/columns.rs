//! The columns of gkmlpt, Guangdong's platform: its page has no links, but a
//! tree in its script, `TREE: [{"id": 6033, "name": "政府信息公开年报"}]`. What a
//! column holds is asked for by its id.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;
use url::Url;

use super::{Anchor, AnchorKind, Place};
use crate::crawl::paging::gkmlpt;
use crate::page::fold::fold;

/// Columns of one tree that are looked at.
const MOST: usize = 1000;

/// The columns that a page's tree names, each as a link to what it holds.
pub(super) fn anchors(html: &str, page: &Url) -> Vec<Anchor> {
    if gkmlpt::root(page).is_none() {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut open = tree(html).into_iter().collect::<Vec<_>>();
    while let Some(value) = open.pop() {
        if found.len() >= MOST {
            break;
        }
        match value {
            Value::Array(items) => open.extend(items.into_iter().rev()),
            Value::Object(fields) => {
                let id = fields.get("id").and_then(|id| match id {
                    Value::String(id) => Some(id.clone()),
                    id => id.as_u64().map(|id| id.to_string()),
                });
                let name = fields.get("name").and_then(Value::as_str);
                if let (Some(id), Some(name)) = (id, name)
                    && let Some(url) = gkmlpt::first_of_column(html, page, &id)
                {
                    found.push(Anchor {
                        url,
                        text: fold(name),
                        is_title: false,
                        is_dated: false,
                        place: Place::Page,
                        kind: AnchorKind::Link,
                    });
                }
                // The columns below it: `children`, `sub_cates`, by any name.
                open.extend(fields.into_iter().map(|(_, value)| value).filter(Value::is_array));
            }
            _ => {}
        }
    }
    found
}

/// The tree as JSON; what stands behind it in the script is none of it.
fn tree(html: &str) -> Option<Value> {
    static TREE: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"\bTREE['"]?\s*[:=]\s*(?:JSON\.parse\(\s*)?['"]?(\[)"#));
    let start = TREE.as_ref()?.captures(html)?.get(1)?.start();
    serde_json::Deserializer::from_str(&html[start..]).into_iter().next()?.ok()
}
