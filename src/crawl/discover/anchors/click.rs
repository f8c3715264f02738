//! Where an element leads: its `href`, or the plain URL that a click on it
//! opens. Scripts are read, never run: `window.open('/a/')` names its URL,
//! `openColumn(7)` only where the page's own function says what that opens.

use std::sync::LazyLock;

use regex::Regex;

use super::opener::Openers;
use super::script::addresses;
use super::{attribute, raw_attribute, unescaped};

/// Attributes that scripts read a URL from when the element is clicked.
const DATA: [&str; 3] = ["data-url", "data-href", "data-link"];

/// Whether an element that is no link opens something when it is clicked.
pub(super) fn is_clicked(attributes: &str) -> bool {
    static CLICKED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r"(?i)\bonclick\s*=|\bdata-(?:[a-z]*id|url|href|link|code|no|key|year|page|type)\s*=")
    });
    CLICKED.as_ref().is_some_and(|clicked| clicked.is_match(attributes))
}

/// Where an element leads. A click counts only where `href` leads nowhere:
/// beside a link it counts visits, or opens the same.
pub(super) fn target(attributes: &str, openers: &Openers) -> Option<String> {
    let href = plain(attributes, "href");
    let code = match href {
        Some(href) if is_script(&href) => Some(href),
        Some(href) if !leads_nowhere(&href) => return Some(href),
        _ => None,
    };
    let data = DATA.iter().find_map(|name| plain(attributes, name)).filter(|url| !leads_nowhere(url));
    // What the function makes of an address is known better than the address alone.
    let opened = |code: &str| openers.url(code).or_else(|| opened_by(code));
    let by_href = || code.as_deref().and_then(opened);
    let by_click = || opened(&attribute(attributes, "onclick")?);
    data.or_else(by_href).or_else(by_click).or_else(|| openers.by_data(attributes))
}

/// The value of an attribute, unless a script puts it together or a template
/// fills it in: `href="index'+'_'+n+'.html"`, `href="'+url+'"`, `href="${url}"`.
pub(super) fn plain(attributes: &str, name: &str) -> Option<String> {
    let (value, behind) = raw_attribute(attributes, name)?;
    let joins = |text: &str| text.trim_start().starts_with('+');
    let is_joined = !is_script(value) && (joins(value) || joins(behind) || value.split(['\'', '"']).skip(1).any(joins));
    let is_template = ["${", "{{", "<%", "#{"].iter().any(|mark| value.contains(mark));
    (!is_joined && !is_template).then(|| unescaped(value.trim()))
}

fn is_script(href: &str) -> bool {
    href.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("javascript:"))
}

fn leads_nowhere(href: &str) -> bool {
    href.is_empty() || href.starts_with('#') && !href.contains('/') || is_script(href)
}

/// The first string of a click's code that is a URL. Beside a number it may be the
/// beginning of one, `goPage(2, '/nb/index')`.
fn opened_by(code: &str) -> Option<String> {
    let is_whole = |address: &&str| {
        let file = address.rsplit('/').next().unwrap_or_default();
        let is_begun = !file.is_empty() && !file.contains(['.', '?', '=']);
        !is_begun || !code.split(['(', ',', ')']).any(|argument| argument.trim().parse::<u32>().is_ok())
    };
    addresses(code).find(is_whole).map(str::to_owned)
}
