//! Controls of a list that lead on and have no URL that is known: 下一页 that a script
//! turns, a box of years that it reads. A person clicks on them, so there is more.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::ListPage;
use super::next::says_next;
use crate::crawl::discover::{Anchor, attribute, inline_scripts, is_bare_year, without_tags};
use crate::page::fold::fold;
use crate::report::recognise::year_of_title;

/// Controls of one page that are looked at.
const MOST: usize = 2000;

/// The first control that leads to the list's other pages, where none of them has a
/// URL.
pub(super) fn leads_on(list: &ListPage<'_>) -> Option<String> {
    if list.anchors.iter().any(|anchor| is_way_on(&anchor.text) && anchor.url != *list.url) {
        return None;
    }
    let shown = shown(list.text);
    let clicked = clicked(&shown);
    // A lone 2 is no pager.
    let has_first = clicked.iter().any(|text| text == "1");
    let control = clicked.iter().find(|text| is_way_on(text) && (has_first || !is_second(text)));
    control.map(|text| format!("its {text} leads to no URL"))
}

/// Whether a control's words are those of one that leads to a list's other pages.
pub(in crate::crawl) fn is_way_on(text: &str) -> bool {
    says_next(text) || says_more(text) || is_second(text)
}

/// The years older than the newest report of a list that a box or a row of tabs
/// offers, and of which the list has no report.
pub(super) fn other_years(list: &ListPage<'_>) -> Option<String> {
    let of = |anchor: &Anchor| year_of_title(&anchor.text).or_else(|| Some(*years(&anchor.text)?.start()));
    let here: BTreeSet<i16> = list.anchors.iter().filter_map(of).collect();
    let newest = *here.last()?;
    let offered: Vec<String> = offered(&shown(list.text)).into_iter().filter(|text| years(text).is_some()).collect();
    let is_missing = |text: &&String| {
        years(text).is_some_and(|years| *years.end() < newest && years.into_iter().all(|year| !here.contains(&year)))
    };
    let missing: Vec<&str> = offered.iter().filter(is_missing).map(String::as_str).collect();
    (offered.len() > 1 && !missing.is_empty()).then(|| format!("it offers {}", missing.join(", ")))
}

/// Whether a control's words are those of one that loads more of a list.
pub(super) fn says_more(text: &str) -> bool {
    let word = text.trim_matches(|c: char| !c.is_alphanumeric());
    matches!(word, "加载更多" | "点击加载更多" | "点击加载" | "查看更多" | "点击查看更多" | "显示更多")
}

fn is_second(text: &str) -> bool {
    matches!(text, "2" | "[2]" | "第2页")
}

/// The years that words name and nothing else: 2019年, 2008-2018.
fn years(text: &str) -> Option<RangeInclusive<i16>> {
    let year = |text: &str| text.get(..4)?.parse().ok();
    let last = text.rsplit(['-', '~', '至', '—']).next().filter(|_| is_bare_year(text))?;
    Some(year(text)?..=year(last)?)
}

/// The words of what may be clicked and has no URL.
fn clicked(html: &str) -> Vec<String> {
    const LONGEST: usize = 600;
    static LINK: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?i)<(a|button)(?-u:\b)([^>]*)>((?:[^<]|<[^a])*?)</(?:a|button)"));
    static OTHER: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?i)<(li|span|div|p|td|em|i|b|input)\s([^>]*?onclick[^>]*)>([^<]*)"));
    let words = |found: Captures<'_>| {
        let (name, attributes) = (&found[1], &found[2]);
        if attributes.len() > LONGEST || found[3].len() > LONGEST {
            return None;
        }
        let href = attribute(attributes, "href");
        let can_be = href.is_some()
            || ["click", "data-page"].iter().any(|word| attributes.contains(word))
            || !name.eq_ignore_ascii_case("a");
        let has_url = href.is_some_and(|href| !href.is_empty() && !href.starts_with('#') && !is_script(&href));
        let before = &html[..found.get(0)?.start()];
        if !can_be || has_url || is_off(attributes) || is_of_pictures(before) {
            return None;
        }
        let text =
            if name.eq_ignore_ascii_case("input") { attribute(attributes, "value")? } else { without_tags(&found[3]) };
        Some(fold(&text))
    };
    let of = |pattern: &'static LazyLock<Option<Regex>>| pattern.iter().flat_map(|kind| kind.captures_iter(html));
    of(&LINK).chain(of(&OTHER)).take(MOST).filter_map(words).collect()
}

fn is_script(href: &str) -> bool {
    href.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("javascript:"))
}

/// Whether a control is switched off: of a list of one page, or on its last.
fn is_off(attributes: &str) -> bool {
    let attributes = attributes.to_ascii_lowercase();
    ["disab", "gray", "grey", "not-allowed", "unable"].iter().any(|word| attributes.contains(word))
}

/// Whether the numbers are those of pictures that change.
fn is_of_pictures(before: &str) -> bool {
    const NEAR: usize = 300;
    let near = before[before.ceil_char_boundary(before.len().saturating_sub(NEAR))..].to_ascii_lowercase();
    ["banner", "slide", "swiper", "focus", "carousel"].iter().any(|word| near.contains(word))
}

/// The words of the options of a page's boxes and of its tabs that have no URL.
fn offered(html: &str) -> Vec<String> {
    static OPTION: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?i)<(?:option|li)(?-u:\b)[^>]*>([^<]+)"));
    static SEARCH: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?is)<form(?-u:\b)[^>]*search[^>]*>.*?</form"));
    // The years of a search are those of all that the site has.
    let rest = SEARCH.as_ref().map_or(Cow::Borrowed(html), |search| search.replace_all(html, ""));
    let of_boxes = OPTION.iter().flat_map(|option| option.captures_iter(&rest)).take(MOST).map(|found| fold(&found[1]));
    of_boxes.chain(clicked(&rest)).collect()
}

/// What a page shows: its scripts are none of it.
fn shown(html: &str) -> String {
    let mut shown = html.to_owned();
    for script in inline_scripts(html).into_iter().rev() {
        shown.replace_range(script, "");
    }
    shown
}
