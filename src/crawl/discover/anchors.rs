//! The links of a page with the words around them, in one linear pass.
//!
//! No tree is built: links stand in menus made by scripts and in XML's CDATA
//! as well, and a hostile page's nesting costs nothing here.

use std::borrow::Cow;
use std::sync::LazyLock;

use encoding_rs::Encoding;
use regex::Regex;
use url::Url;

use crate::page::fold::fold;

/// A link and what it says of itself.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Anchor {
    pub url: Url,
    /// Anchor text, title and images' alt, folded.
    pub text: String,
    pub is_frame: bool,
}

/// Links of one page that are looked at.
const MOST: usize = 5000;

/// The links of a document.
pub(super) fn anchors(html: &str, page: &Url, encoding: &str) -> Vec<Anchor> {
    static TAG: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?is)<(a|area|i?frame|base)\s([^>]{0,4000}?)>").ok());
    let Some(tags) = TAG.as_ref() else { return Vec::new() };
    let mut base = page.clone();
    let mut found = Vec::new();
    for tag in tags.captures_iter(html).take(MOST) {
        let (Some(whole), Some(name), Some(attributes)) = (tag.get(0), tag.get(1), tag.get(2)) else { continue };
        let name = name.as_str().to_ascii_lowercase();
        let attributes = attributes.as_str();
        let is_frame = name.ends_with("frame");
        let Some(target) = attribute(attributes, if is_frame { "src" } else { "href" }) else { continue };
        let Some(url) = join(&base, &target, encoding) else { continue };
        if name == "base" {
            base = url;
            continue;
        }
        let inside = if name == "a" { text_until_end(&html[whole.end()..]) } else { String::new() };
        let title = ["title", "alt"].iter().filter_map(|name| attribute(attributes, name)).collect::<String>();
        // A title repeats the text or gives the whole of one that was clipped.
        let (inside, title) = (fold(&inside), fold(&title));
        let text = if title.chars().count() > inside.chars().count() { title } else { inside };
        found.push(Anchor { url, text, is_frame });
    }
    if html.trim_start().starts_with(['{', '[']) {
        // Titles and texts in JSON may hold markup; its own fields say more.
        let listed = of_json(html, &base, encoding);
        if !listed.is_empty() {
            return listed;
        }
    }
    found
}

/// The text of a link to its end tag, with the alt of images.
fn text_until_end(html: &str) -> String {
    static ALT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?i)alt\s*=\s*["']([^"']{1,100})["']"#).ok());
    let window = &html[..html.floor_char_boundary(2000)];
    let end = window.to_ascii_lowercase().find("</a").unwrap_or(0);
    let inside = &window[..end];
    let mut text = String::new();
    let mut in_tag = false;
    for c in inside.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    let text = unescaped(&text);
    if text.trim().is_empty() {
        let alt = ALT.as_ref().and_then(|alt| alt.captures(inside)).and_then(|found| found.get(1));
        return alt.map(|alt| alt.as_str().to_owned()).unwrap_or_default();
    }
    text
}

fn attribute(attributes: &str, name: &str) -> Option<String> {
    static ATTRIBUTE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?is)(?:^|[\s"'])(href|src|title|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#).ok()
    });
    let found = ATTRIBUTE.as_ref()?.captures_iter(attributes).find(|found| found[1].eq_ignore_ascii_case(name))?;
    let value = found.get(2).or_else(|| found.get(3)).or_else(|| found.get(4))?.as_str();
    Some(unescaped(value.trim()))
}

/// The entities that URLs and titles carry.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let plain = text.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">");
    plain.replace("&nbsp;", " ").replace("&#38;", "&").replace("&amp;", "&")
}

/// A link's URL as a browser makes it: a query's characters in the page's own
/// encoding.
fn join(base: &Url, target: &str, encoding: &str) -> Option<Url> {
    let encode = in_encoding(Encoding::for_label(encoding.as_bytes()).unwrap_or(encoding_rs::UTF_8));
    let url = Url::options().base_url(Some(base)).encoding_override(Some(&encode)).parse(target).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.host_str().is_some() && url.as_str().len() < 2000).then_some(url)
}

fn in_encoding(encoding: &'static Encoding) -> impl for<'a> Fn(&'a str) -> Cow<'a, [u8]> {
    move |text| encoding.encode(text).0
}

/// The links of a JSON answer: objects with a title and a URL, anywhere in it.
fn of_json(text: &str, base: &Url, encoding: &str) -> Vec<Anchor> {
    let Ok(json) = serde_json::from_str::<serde_json::Value>(text) else { return Vec::new() };
    let mut found = Vec::new();
    let mut open = vec![&json];
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::Array(items) => open.extend(items),
            serde_json::Value::Object(fields) => {
                let text = |names: &[&str]| {
                    let of = |name: &&str| fields.get(*name).and_then(serde_json::Value::as_str);
                    names.iter().find_map(of)
                };
                let title = text(&["title", "doctitle", "name", "articleTitle"]);
                let url = text(&["url", "link", "href", "chnldocurl", "docpuburl", "post_url"]);
                if let (Some(title), Some(url)) = (title, url.and_then(|url| join(base, url, encoding)))
                    && found.len() < MOST
                {
                    found.push(Anchor { url, text: fold(title), is_frame: false });
                }
                open.extend(fields.values().filter(|value| value.is_array() || value.is_object()));
            }
            _ => {}
        }
    }
    found.reverse();
    found
}
