//! A list as plain text, a record a line, as a script takes it apart:
//! `2023年政府信息公开工作年度报告|/r/7.html|2024-01-20`.

use url::Url;

use super::script::is_address;
use super::{Anchor, AnchorKind, MOST, Place, has_day, join};
use crate::page::fold::{fold, is_han};

/// The links of a text that is such a list; none where it is something else.
pub(super) fn anchors(text: &str, base: &Url, encoding: &str) -> Option<Vec<Anchor>> {
    const MARKS: [char; 3] = ['|', '\t', '^'];
    if text.starts_with(['<', '{', '[', '"']) || text.contains('<') || !text.contains(MARKS) {
        return None;
    }
    let link = |line: &str| {
        let fields = || line.split(MARKS).map(str::trim);
        let name = fields().filter(|field| field.chars().any(is_han)).max_by_key(|field| field.chars().count())?;
        let url = join(base, fields().find(|field| is_address(field))?, encoding)?;
        let is_dated = fields().any(has_day);
        Some(Anchor { url, text: fold(name), is_title: false, is_dated, place: Place::Page, kind: AnchorKind::Link })
    };
    let lines = || text.lines().filter(|line| !line.trim().is_empty()).take(MOST);
    let found: Vec<Anchor> = lines().filter_map(link).collect();
    // One line of many is chance.
    (found.len() * 2 > lines().count()).then_some(found)
}
