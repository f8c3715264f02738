//! What a link says of itself: its words, those beside it, its looks.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::super::score::is_bare_year;
use super::attribute;
use crate::page::fold::{fold, is_han};
use crate::report::recognise::is_title_of_report;

/// What a link without words says by its looks: an arrow's class, or the name of
/// its picture's file.
pub(super) fn said_by_looks(attributes: &str, inside: &str) -> String {
    let class = attribute(attributes, "class").unwrap_or_default().to_ascii_lowercase();
    if class.split([' ', '-', '_']).any(|word| word == "next") {
        return "下一页".to_owned();
    }
    let inside = &inside[..inside.floor_char_boundary(400)];
    let inside = &inside[..inside.find("</a").unwrap_or(inside.len())];
    let file = inside.contains("<img").then(|| attribute(inside, "src")).flatten().unwrap_or_default();
    let file = file.rsplit('/').next().unwrap_or_default();
    let name = file.split('.').next().unwrap_or_default().to_ascii_lowercase();
    if name.len() > 2 && name.bytes().all(|byte| byte.is_ascii_alphabetic()) { name } else { String::new() }
}

/// The words that stand beside an icon: behind it in its item, before another link,
/// `<dt><a href=…><img></a></dt><dd>年报</dd>`.
pub(super) fn label_behind(html: &str) -> Option<String> {
    const NEAR: usize = 300;
    const LONGEST: usize = 24;
    const ENDS: [&str; 9] = ["<a ", "</li", "<li", "</dl", "<dt", "</tr", "</td", "</ul", "<img"];
    let window = html[..html.floor_char_boundary(NEAR)].to_ascii_lowercase();
    let end = ENDS.iter().filter_map(|end| window.find(end)).min().unwrap_or(window.len());
    let text = fold(&unescaped(&without_tags(&html[..end])));
    (text.chars().any(is_han) && text.chars().count() <= LONGEST).then_some(text)
}

/// The title of the element right around an icon: `<li title=年报><a href=…><i></i></a>`.
pub(super) fn title_around(html: &str) -> Option<String> {
    let tag = html.trim_end().strip_suffix('>')?;
    let tag = &tag[tag.rfind('<')?..];
    let title = fold(&attribute(tag.split_once(' ')?.1, "title")?);
    title.chars().any(is_han).then_some(title)
}

/// Whether a link only says that there is more: of what, the heading beside it
/// says.
pub(super) fn says_more(text: &str) -> bool {
    let word = text.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    matches!(word.as_str(), "更多" | "查看更多" | "更多内容" | "more")
}

/// The heading that stands right before a link; none where a list's item does.
pub(super) fn heading_before(html: &str) -> Option<String> {
    const NEAR: usize = 300;
    const LONGEST: usize = 24;
    const ITEMS: [&str; 5] = ["/li", "/ul", "/tr", "/table", "/dd"];
    let window = &html[html.ceil_char_boundary(html.len().saturating_sub(NEAR))..];
    // Each piece is a tag and the text behind it.
    for piece in window.rsplit('<') {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let text = fold(&unescaped(text));
        if text.chars().any(is_han) {
            return (text.chars().count() <= LONGEST).then_some(text);
        }
        if ITEMS.iter().any(|item| tag.eq_ignore_ascii_case(item)) {
            return None;
        }
    }
    None
}

/// Whether a link only says that it opens something: what, its row says.
pub(super) fn says_open(text: &str) -> bool {
    let word = text.trim_matches(|c: char| !c.is_alphanumeric());
    matches!(word, "查看" | "点击查看" | "查看详情" | "查看全文" | "详情" | "详细" | "浏览" | "阅读" | "打开")
}

/// What stands before such a link in its row: the longest of its words in Chinese.
pub(super) fn named_in_row(html: &str) -> Option<String> {
    const NEAR: usize = 1500;
    const ROWS: [&str; 4] = ["<tr", "<TR", "<li", "<LI"];
    let window = &html[html.ceil_char_boundary(html.len().saturating_sub(NEAR))..];
    let row = &window[ROWS.iter().filter_map(|row| window.rfind(row)).max()?..];
    let texts = row.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| fold(&unescaped(text)));
    texts.filter(|text| text.chars().any(is_han)).max_by_key(|text| text.chars().filter(|c| is_han(*c)).count())
}

/// Whether a link's words are a government's name alone: of which year its report is,
/// the heading above says.
pub(super) fn names_a_government(text: &str) -> bool {
    const LONGEST: usize = 16;
    ["人民政府", "人民政府办公室"].iter().any(|end| text.ends_with(end)) && text.chars().count() <= LONGEST
}

/// The year that the last heading above a link is, and nothing else.
pub(super) fn year_above(html: &str) -> Option<String> {
    static HEADING: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?i)<(?:h[1-6]|dt|th|caption|summary|strong|b)(?:\s[^>]*)?>([^<]+)<"));
    const NEAR: usize = 3000;
    let window = &html[html.ceil_char_boundary(html.len().saturating_sub(NEAR))..];
    let heading = HEADING.as_ref()?.captures_iter(window).last()?;
    Some(fold(&unescaped(&heading[1]))).filter(|text| is_bare_year(text))
}

/// The report's title that stands before icons in their item, of which the first opens it:
/// `<li>2023年…年度报告 <a href=…><img src=html.gif></a>`.
pub(super) fn title_before(html: &str) -> Option<String> {
    let row = &html[["<li", "<tr", "<LI", "<TR"].iter().filter_map(|row| html.rfind(row)).max()?..];
    let is_first = !row.contains("<a ") && !row.contains("<A ");
    named_in_row(row).filter(|title| is_first && is_title_of_report(title))
}

/// The words inside a link, with the alt of an image where there are none.
pub(super) fn words_of(inside: &str) -> String {
    static ALT: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r#"(?i)alt\s*=\s*["']([^"']{1,100})["']"#));
    let text = unescaped(&without_tags(inside));
    if text.trim().is_empty() {
        let alt = ALT.as_ref().and_then(|alt| alt.captures(inside)).and_then(|found| found.get(1));
        return alt.map(|alt| alt.as_str().to_owned()).unwrap_or_default();
    }
    text
}

/// A text without its tags.
pub(in crate::crawl) fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    text
}

/// Whether the next words are a day, in the link's own item: 2018-03-08, [2018.3.8],
/// 2018年3月8日.
pub(super) fn is_day_first(html: &str) -> bool {
    static DAY: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"^[\s\[(（【]*(?:20\d\d)[-./年]\d{1,2}[-./月]\d{1,2}"));
    const ITEMS: [&str; 5] = ["<li", "<ul", "<tr", "<table", "<dl"];
    let window = html[..html.floor_char_boundary(400)].to_ascii_lowercase();
    let end = ITEMS.iter().filter_map(|item| window.find(item)).min().unwrap_or(window.len());
    let window = &window[..end];
    let text = without_tags(window);
    // Another link's words are between: the day is not this one's.
    let is_own = window.find("<a ").is_none_or(|next| {
        let before = without_tags(&window[..next]);
        before.chars().any(|c| c.is_ascii_digit())
    });
    is_own && DAY.as_ref().is_some_and(|day| day.is_match(&text))
}

/// Whether a link's own words end in a day.
pub(super) fn has_day(text: &str) -> bool {
    static DAY: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?:20\d\d)[-./年]\d{1,2}[-./月]\d{1,2}日?[\])）】]*$"));
    DAY.as_ref().is_some_and(|day| day.is_match(text))
}

/// The entities that URLs, titles and pagers carry: names and numbers.
pub(in crate::crawl) fn unescaped(text: &str) -> String {
    const NAMES: [(&str, &str); 17] = [
        ("quot", "\""),
        ("apos", "'"),
        ("lt", "<"),
        ("gt", ">"),
        ("amp", "&"),
        ("nbsp", " "),
        ("ensp", " "),
        ("emsp", " "),
        ("thinsp", " "),
        ("raquo", "»"),
        ("laquo", "«"),
        ("rsaquo", "›"),
        ("lsaquo", "‹"),
        ("rarr", "→"),
        ("larr", "←"),
        ("hellip", "…"),
        ("middot", "·"),
    ];
    static ENTITY: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,6}));"));
    let Some(entity) = ENTITY.as_ref().filter(|_| text.contains('&')) else { return text.to_owned() };
    let plain = entity.replace_all(text, |found: &Captures<'_>| {
        let number = found.get(1).and_then(|digits| digits.as_str().parse().ok());
        let number = number.or_else(|| u32::from_str_radix(found.get(2)?.as_str(), 16).ok());
        let named = || NAMES.iter().find(|(name, _)| *name == &found[3]).map(|(_, plain)| (*plain).to_owned());
        let plain = match number {
            Some(number) => char::from_u32(number).map(|c| if c == '\u{a0}' { ' ' } else { c }.to_string()),
            None => found.get(3).and_then(|_| named()),
        };
        plain.unwrap_or_else(|| found[0].to_owned())
    });
    plain.into_owned()
}
