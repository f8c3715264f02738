//! The links of a page with the words around them, in one linear pass.
//!
//! No tree is built: links stand in menus made by scripts and in XML's CDATA
//! as well, and a hostile page's nesting costs nothing here.
//!
//! | file | idea |
//! | --- | --- |
//! | `choice` | boxes to choose from: a menu to jump, the years of a form |
//! | `click` | where an element leads: its `href`, or the plain URL that a click opens |
//! | `columns` | the tree of columns in a page of gkmlpt's |
//! | `feed` | an XML list: items with a title and a link |
//! | `json` | a JSON answer: objects with a title and a URL |
//! | `lines` | a list as plain text, a record a line |
//! | `literal` | what a script writes down plainly: objects, lists, texts, numbers |
//! | `node` | a tree whose nodes have numbers, of which a script makes URLs |
//! | `opener` | functions that open a URL which their argument chooses |
//! | `record` | the URL of a JSON record, where a script puts it together |
//! | `script` | a menu that a script builds: names beside plain URLs |
//! | `words` | what a link says of itself: its words, those beside it, its looks |

mod choice;
mod click;
mod columns;
mod feed;
mod json;
mod lines;
mod literal;
mod node;
mod opener;
mod record;
mod script;
mod words;

pub(in crate::crawl) use self::choice::{Choice, boxes, of_forms as choices_of_forms};
pub(in crate::crawl) use self::literal::{PUTS_TOGETHER, extent, fields as literal_fields, given_object, put_together};
pub(in crate::crawl) use self::opener::is_for_frames;
pub(in crate::crawl) use self::record::{is_template, template as record_template};
pub(in crate::crawl) use self::script::inline as inline_scripts;
pub(in crate::crawl) use self::words::{unescaped, without_tags};

use std::borrow::Cow;
use std::sync::LazyLock;

use encoding_rs::Encoding;
use regex::{Captures, Regex};
use url::Url;

use self::opener::Openers;
use self::words::{
    has_day, heading_before, is_day_first, label_behind, named_in_row, names_a_government, said_by_looks, says_more,
    says_open, title_around, title_before, words_of, year_above,
};
use super::apart::Around;
use crate::crawl::address::{extension, is_script_file};
use crate::crawl::paging;
use crate::page::fold::fold;

/// A link and what it says of itself.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::crawl) struct Anchor {
    pub url: Url,
    /// Anchor text or images' alt, folded; the title where that says more.
    pub text: String,
    /// Whether `text` is the title attribute's.
    pub is_title: bool,
    /// Whether a day stands right behind it, as behind an article of a list.
    pub is_dated: bool,
    pub place: Place,
    pub kind: AnchorKind,
}

/// Where a link stands in its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::crawl) enum Place {
    Page,
    /// The page's footer, or behind it.
    Footer,
    /// Among the neighbours of the guide, 公开指南: guide, catalogue, rules, annual reports
    /// and requests are five sisters in one box on most portals.
    BesideGuide,
}

/// How a link leads on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::crawl) enum AnchorKind {
    /// A person follows it.
    Link,
    /// A frame: the browser follows it.
    Frame,
    /// A script of the page, which may hold its menu.
    Script,
}

/// Links of one page that are looked at.
const MOST: usize = 5000;

/// The links of a document. `template` is how the scripts of a JSON answer's
/// list make a record's URL.
pub(in crate::crawl) fn anchors(html: &str, page: &Url, encoding: &str, template: Option<&str>) -> Vec<Anchor> {
    // A one-page application writes its addresses so: `"\u002Fdetail\u002F7"`.
    let html = if html.contains("\\u002F") { &html.replace("\\u002F", "/") } else { html };
    let text = html.trim_start();
    if let Some(listed) = json::anchors(text, page, encoding, template).filter(|listed| !listed.is_empty()) {
        // Titles and texts in JSON may hold markup; its own fields say more.
        return listed;
    }
    if let Some(listed) = feed::anchors(text, page, encoding) {
        return listed;
    }
    if let Some(listed) = lines::anchors(text, page, encoding) {
        return listed;
    }
    let openers = Openers::of(html).and_of_page_around(template);
    if !text.starts_with('<') && is_script_file(page) {
        // What a script writes counts from its page.
        let around = template.and_then(Around::of);
        let page = around.as_ref().map_or(page, |around| &around.page);
        let menu = script::anchors(text, page, encoding, &openers);
        return [of_tags(html, page, encoding, &openers), menu, node::anchors(text, page, encoding)].concat();
    }
    if let Some(markup) = json::markup(text) {
        return of_tags(&markup, page, encoding, &openers);
    }
    let mut found = of_tags(html, page, encoding, &openers);
    let base = base_of(html, page, encoding);
    for inside in script::inline(html) {
        found.extend(script::anchors(&html[inside.clone()], &base, encoding, &openers));
        found.extend(node::anchors(&html[inside], &base, encoding));
    }
    found.extend(columns::anchors(html, page));
    found.extend(json::of_attributes(html, &base, encoding));
    found.extend(frames_by_script(html, page, encoding));
    found.truncate(MOST);
    mark_sisters(&mut found);
    found
}

/// The links of HTML's elements.
fn of_tags(html: &str, page: &Url, encoding: &str, openers: &Openers) -> Vec<Anchor> {
    let html = &with_slashes(html);
    let html = &in_one_piece(html);
    // A script writes `<a href=\"x\">`: read as the markup that it makes.
    let html: Cow<'_, str> = if ["\\\"", "\\'", "<\\/"].iter().any(|escape| html.contains(escape)) {
        Cow::Owned(html.replace("\\\"", "\"").replace("\\'", "'").replace("\\/", "/"))
    } else {
        Cow::Borrowed(html.as_ref())
    };
    let footer = footer(&html);
    let around = openers.for_frames(page);
    let mut base = page.clone();
    let mut found = Vec::new();
    for Tag { name, attributes, start, end } in tags(&html).take(MOST) {
        let name = name.to_ascii_lowercase();
        let kind = match name.as_str() {
            "script" => AnchorKind::Script,
            "embed" | "object" => AnchorKind::Frame,
            name if name.ends_with("frame") => AnchorKind::Frame,
            _ => AnchorKind::Link,
        };
        let target = match kind {
            AnchorKind::Link => click::target(attributes, openers),
            _ if name == "object" => click::plain(attributes, "data"),
            AnchorKind::Frame => click::plain(attributes, "src")
                .filter(|src| !src.is_empty() && src != "about:blank")
                // What is shown when it is scrolled to.
                .or_else(|| click::plain(attributes, "data-src")),
            AnchorKind::Script => click::plain(attributes, "src"),
        };
        if let Some(shown) = attribute(attributes, "srcdoc").filter(|_| kind == AnchorKind::Frame) {
            found.extend(of_tags(&shown, &base, encoding, openers));
        }
        let Some(mut url) = target.and_then(|target| join(&base, &target, encoding)) else { continue };
        if kind == AnchorKind::Frame && is_film(&url) {
            continue;
        }
        if kind == AnchorKind::Frame && url.fragment().is_none() {
            url.set_fragment(around.as_deref());
        }
        if name == "base" {
            base = url;
            continue;
        }
        let rest = &html[end..];
        let is_void = matches!(name.as_str(), "area" | "img" | "input");
        let (inside, behind) = if kind == AnchorKind::Link && !is_void { until_end(rest, &name) } else { ("", rest) };
        // A row that opens what its own link does says it once.
        if name != "a" && has_link(inside) {
            continue;
        }
        let inside = words_of(inside);
        // A button's words are its value.
        let names: &[&str] = if name == "input" { &["title", "alt", "value"] } else { &["title", "alt"] };
        let title = names.iter().filter_map(|name| attribute(attributes, name)).collect::<String>();
        // A title repeats the text or gives the whole of one that was clipped.
        let (inside, title) = (fold(&inside), fold(&title));
        let is_title = title.chars().count() > inside.chars().count();
        let mut text = if is_title { title } else { inside };
        if text.is_empty() && kind == AnchorKind::Link {
            let before = &html[..start];
            let label = label_behind(behind).or_else(|| title_around(before)).or_else(|| title_before(before));
            text = label.unwrap_or_else(|| said_by_looks(attributes, &html[end..]));
        }
        let beside = if says_more(&text) {
            heading_before(&html[..start])
        } else if says_open(&text) {
            named_in_row(&html[..start]).or_else(|| heading_before(&html[..start]))
        } else if names_a_government(&text) {
            year_above(&html[..start])
        } else {
            None
        };
        text = beside.unwrap_or(text);
        let is_dated = kind == AnchorKind::Link && !is_void && (is_day_first(behind) || has_day(&text));
        let place = if start >= footer { Place::Footer } else { Place::Page };
        found.push(Anchor { url, text, is_title, is_dated, place, kind });
    }
    // A pager's box is paging's; its pages are no links.
    let menus = boxes(&html).into_iter().filter(|choices| !choices.iter().any(|c| paging::is_page(&c.text)));
    for choice in menus.flatten().chain(choice::years_and_offices(&html)).chain(choice::buttons(&html)).take(MOST) {
        let Some(url) = join(&base, &choice.target, encoding) else { continue };
        let place = if choice.start >= footer { Place::Footer } else { Place::Page };
        let kind = AnchorKind::Link;
        found.push(Anchor { url, text: choice.text, is_title: false, is_dated: false, place, kind });
    }
    found
}

/// Marks the links around one to the guide.
fn mark_sisters(anchors: &mut [Anchor]) {
    const NEAR: usize = 5;
    let is_guide = |anchor: &Anchor| anchor.kind == AnchorKind::Link && anchor.text.contains("公开指南");
    let guides: Vec<usize> = anchors.iter().enumerate().filter(|(_, a)| is_guide(a)).map(|(index, _)| index).collect();
    for guide in guides {
        let end = anchors.len().min(guide + NEAR + 1);
        anchors[guide.saturating_sub(NEAR)..end].iter_mut().for_each(|sister| sister.place = Place::BesideGuide);
    }
}

/// A page whose addresses have the slashes of a file's path, `href="\zwgk\nb\"`, as
/// browsers read them.
fn with_slashes(html: &str) -> Cow<'_, str> {
    static ADDRESS: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"(?i)(\shref\s*=\s*")(\\[0-9A-Za-z_][0-9A-Za-z_.\\-]*)""#));
    let slashes = |found: &Captures<'_>| format!("{}{}\"", &found[1], found[2].replace('\\', "/"));
    ADDRESS.as_ref().map_or(Cow::Borrowed(html), |address| address.replace_all(html, slashes))
}

/// The markup that a script writes in pieces, put together: a link's begin, its words and its
/// end may each have a `document.writeln("…")`, or a `menu += '…'`, of their own.
fn in_one_piece(html: &str) -> Cow<'_, str> {
    static SEAM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r#"["'](?:\s*\)\s*;?\s*document\s*\.\s*write(?:ln)?\s*\(\s*|\s*;\s*[A-Za-z_$][0-9A-Za-z_$.]*\s*\+=\s*)["']"#,
        )
    });
    let may_have = html.contains("document") || html.contains("+=");
    let seam = SEAM.as_ref().filter(|_| may_have);
    seam.map_or(Cow::Borrowed(html), |seam| seam.replace_all(html, ""))
}

/// What opens by a function that the page does not have: another file has it.
#[derive(Debug)]
pub(in crate::crawl) struct Unopened {
    /// Its words, folded.
    pub text: String,
    /// The call: `openInfo('7', 1)`.
    pub code: String,
}

/// Those of a page.
pub(in crate::crawl) fn unopened(html: &str) -> Vec<Unopened> {
    const MOST_UNOPENED: usize = 40;
    const LONGEST_CODE: usize = 120;
    let openers = Openers::of(html);
    let unopened = |tag: Tag<'_>| {
        let code = [attribute(tag.attributes, "onclick"), attribute(tag.attributes, "href")].into_iter().flatten();
        let code = code.filter(|code| code.len() <= LONGEST_CODE).find(|code| openers.lacks(code))?;
        let (inside, _) = until_end(&html[tag.end..], tag.name);
        let title = attribute(tag.attributes, "title").unwrap_or_default();
        let (inside, title) = (fold(&words_of(inside)), fold(&title));
        let text = if title.chars().count() > inside.chars().count() { title } else { inside };
        (!text.is_empty() && click::target(tag.attributes, &openers).is_none()).then_some(Unopened { text, code })
    };
    tags(html).take(MOST).filter_map(unopened).take(MOST_UNOPENED).collect()
}

/// An element's begin.
struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
    start: usize,
    end: usize,
}

/// The elements that lead on: links, and whatever else opens a page when it is
/// clicked. Each is looked at up to a bound: of a page that never ends its tags
/// the cost stays linear.
fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    const LONGEST: usize = 4000;
    static BEGIN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let links = "a|area|i?frame|base|script|embed|object";
        let others = "li|span|div|td|tr|p|button|input|img|dl|dt|dd|h[1-6]|em|strong|b|i|font|label|ul|section";
        crate::pattern(&format!(r"(?i)<({links}|{others})\s"))
    });
    BEGIN.iter().flat_map(move |begin| begin.captures_iter(html)).filter_map(move |found| {
        let (whole, name) = (found.get(0)?, found.get(1)?);
        let window = &html.as_bytes()[whole.end()..html.len().min(whole.end() + LONGEST)];
        let length = window.iter().position(|byte| *byte == b'>')?;
        let end = whole.end() + length;
        let is_link = ["a", "area", "base", "script", "embed", "object"]
            .iter()
            .any(|link| name.as_str().eq_ignore_ascii_case(link))
            || name.as_str().to_ascii_lowercase().ends_with("frame");
        if !is_link && !click::is_clicked(&html[whole.end()..end]) {
            return None;
        }
        Some(Tag { name: name.as_str(), attributes: &html[whole.end()..end], start: whole.start(), end: end + 1 })
    })
}

/// What a frame without an address of its own shows: a script gives it one, or takes it
/// from the page's URL, `open.html?specialurl=/gk/list.html`, by the field's name.
fn frames_by_script(html: &str, page: &Url, encoding: &str) -> Vec<Anchor> {
    const MOST_FRAMES: usize = 3;
    static EMPTY: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"(?i)<iframe(?-u:\b)([^>]*)>"));
    static GIVEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"(?:\.\s*src\s*=|(?-u:\b)attr\s*\(\s*["']src["']\s*,)\s*["']([^"'\s<>]+)["']\s*[;)\n}]"#)
    });
    let is_empty = |found: Captures<'_>| attribute(&found[1], "src").is_none_or(|src| !src.contains('/'));
    if !html.contains("frame") || !EMPTY.iter().flat_map(|empty| empty.captures_iter(html)).any(is_empty) {
        return Vec::new();
    }
    let is_named = |name: &str| ['"', '\''].iter().any(|quote| html.contains(&format!("{quote}{name}{quote}")));
    let is_address = |value: &str| value.starts_with(['/', '.']) && value.len() > 1;
    let shown = page.query_pairs().filter(|(name, value)| is_address(value) && is_named(name));
    let frame = |url| Anchor {
        url,
        text: String::new(),
        is_title: false,
        is_dated: false,
        place: Place::Page,
        kind: AnchorKind::Frame,
    };
    let asked = shown.filter_map(|(_, value)| join(page, &value, encoding));
    let given = GIVEN.iter().flat_map(|given| given.captures_iter(html));
    let given = given.filter(|found| script::is_address(&found[1])).filter_map(|found| join(page, &found[1], encoding));
    asked.chain(given.filter(|url| !is_film(url)).take(MOST_FRAMES)).map(frame).collect()
}

/// The base that the page's links count from.
fn base_of(html: &str, page: &Url, encoding: &str) -> Url {
    static BASE: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r#"(?is)<base\s[^>]{0,500}?href\s*=\s*["']?([^"'\s>]+)"#));
    let named = BASE.as_ref().and_then(|base| base.captures(html)).and_then(|found| join(page, &found[1], encoding));
    named.unwrap_or_else(|| page.clone())
}

/// Where a page's footer begins: at the first mark of one behind its middle.
fn footer(html: &str) -> usize {
    static MARK: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(
            r#"(?i)(?:class|id)\s*=\s*["']?[0-9A-Za-z_ -]*(?:foot|bottom|copyright)|友情链接|网站地图|主办单位|版权所有|ICP备"#,
        )
    });
    let middle = html.floor_char_boundary(html.len() / 2);
    let mark = MARK.as_ref().and_then(|mark| mark.find(&html[middle..]));
    mark.map_or(html.len(), |mark| middle + mark.start())
}

/// What stands inside an element, and what stands behind its end tag.
fn until_end<'a>(html: &'a str, name: &str) -> (&'a str, &'a str) {
    let window = &html[..html.floor_char_boundary(2000)];
    let end = window.to_ascii_lowercase().find(&format!("</{name}")).unwrap_or(0);
    (&window[..end], html[end..].split_once('>').map_or("", |(_, behind)| behind))
}

/// Whether what a page embeds is to be looked at or heard, and leads nowhere.
fn is_film(url: &Url) -> bool {
    const KINDS: [&str; 10] = ["swf", "flv", "mp4", "mp3", "svg", "png", "jpg", "jpeg", "gif", "webm"];
    extension(&url.path().to_ascii_lowercase()).is_some_and(|kind| KINDS.contains(&kind.as_str()))
}

fn has_link(html: &str) -> bool {
    ["<a ", "<A "].iter().any(|link| html.contains(link))
}

/// The value of an attribute, entities resolved.
pub(in crate::crawl) fn attribute(attributes: &str, name: &str) -> Option<String> {
    raw_attribute(attributes, name).map(|(value, _)| unescaped(value.trim()))
}

/// The value of an attribute as it is written, and what stands behind it.
fn raw_attribute<'a>(attributes: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    static ATTRIBUTE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        crate::pattern(r#"(?is)(?:^|[\s"'])([a-z][a-z-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#)
    });
    let found = ATTRIBUTE.as_ref()?.captures_iter(attributes).find(|found| found[1].eq_ignore_ascii_case(name))?;
    let value = found.get(2).or_else(|| found.get(3)).or_else(|| found.get(4))?;
    Some((value.as_str(), &attributes[found.get(0)?.end()..]))
}

/// A link's URL as a browser makes it: a query's characters in the page's own
/// encoding.
pub(in crate::crawl) fn join(base: &Url, target: &str, encoding: &str) -> Option<Url> {
    let encode = in_encoding(Encoding::for_label(encoding.as_bytes()).unwrap_or(encoding_rs::UTF_8));
    let url = Url::options().base_url(Some(base)).encoding_override(Some(&encode)).parse(target).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.host_str().is_some() && url.as_str().len() < 2000).then_some(url)
}

fn in_encoding(encoding: &'static Encoding) -> impl for<'a> Fn(&'a str) -> Cow<'a, [u8]> {
    move |text| encoding.encode(text).0
}

#[cfg(test)]
mod tests;
