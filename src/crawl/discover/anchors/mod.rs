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
//! | `literal` | what a script writes down plainly: objects, lists, texts, numbers |
//! | `node` | a tree whose nodes have numbers, of which a script makes URLs |
//! | `opener` | functions that open a URL which their argument chooses |
//! | `record` | the URL of a JSON record, where a script puts it together |
//! | `script` | a menu that a script builds: names beside plain URLs |

mod choice;
mod click;
mod columns;
mod feed;
mod json;
mod literal;
mod node;
mod opener;
mod record;
mod script;

pub(in crate::crawl) use self::choice::{Choice, boxes};
pub(in crate::crawl) use self::literal::{extent, fields as literal_fields, given_object};
pub(in crate::crawl) use self::opener::is_for_frames;
pub(in crate::crawl) use self::record::{is_template, template as record_template};
pub(in crate::crawl) use self::script::inline as inline_scripts;

use std::borrow::Cow;
use std::sync::LazyLock;

use encoding_rs::Encoding;
use regex::{Captures, Regex};
use url::Url;

use self::opener::Openers;
use crate::crawl::address::{extension, is_script_file};
use crate::crawl::paging;
use crate::page::fold::{fold, is_han};

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
    /// Whether it stands in the page's footer, or behind it.
    pub is_in_footer: bool,
    pub kind: AnchorKind,
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
    let text = html.trim_start();
    if let Some(listed) = json::anchors(text, page, encoding, template).filter(|listed| !listed.is_empty()) {
        // Titles and texts in JSON may hold markup; its own fields say more.
        return listed;
    }
    if let Some(listed) = feed::anchors(text, page, encoding) {
        return listed;
    }
    let openers = Openers::of(html).and_of_page_around(template);
    if !text.starts_with('<') && is_script_file(page) {
        return [of_tags(html, page, encoding, &openers), script::anchors(text, page, encoding, &openers)].concat();
    }
    let mut found = of_tags(html, page, encoding, &openers);
    let base = base_of(html, page, encoding);
    for inside in script::inline(html) {
        found.extend(script::anchors(&html[inside.clone()], &base, encoding, &openers));
        found.extend(node::anchors(&html[inside], &base, encoding));
    }
    found.extend(columns::anchors(html, page));
    found.extend(frames_by_script(html, page, encoding));
    found.truncate(MOST);
    found
}

/// The links of HTML's elements.
fn of_tags(html: &str, page: &Url, encoding: &str, openers: &Openers) -> Vec<Anchor> {
    // A script writes `<a href=\"x\">`: read as the markup that it makes.
    let html: Cow<'_, str> = if ["\\\"", "\\'", "<\\/"].iter().any(|escape| html.contains(escape)) {
        Cow::Owned(html.replace("\\\"", "\"").replace("\\'", "'").replace("\\/", "/"))
    } else {
        Cow::Borrowed(html)
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
            AnchorKind::Frame | AnchorKind::Script => click::plain(attributes, "src"),
        };
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
            let label = label_behind(behind).or_else(|| title_around(&html[..start]));
            text = label.unwrap_or_else(|| said_by_looks(attributes, &html[end..]));
        }
        let beside = if says_more(&text) {
            heading_before(&html[..start])
        } else if says_open(&text) {
            named_in_row(&html[..start])
        } else {
            None
        };
        text = beside.unwrap_or(text);
        let is_dated = kind == AnchorKind::Link && !is_void && (is_day_first(behind) || has_day(&text));
        found.push(Anchor { url, text, is_title, is_dated, is_in_footer: start >= footer, kind });
    }
    // A pager's box is paging's; its pages are no links.
    let menus = boxes(&html).into_iter().filter(|choices| !choices.iter().any(|c| paging::is_page(&c.text)));
    for choice in menus.flatten().chain(choice::years_and_offices(&html)).chain(choice::buttons(&html)).take(MOST) {
        let Some(url) = join(&base, &choice.target, encoding) else { continue };
        let is_in_footer = choice.start >= footer;
        let kind = AnchorKind::Link;
        found.push(Anchor { url, text: choice.text, is_title: false, is_dated: false, is_in_footer, kind });
    }
    found
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

/// What a frame without an address of its own shows: a script takes it from the
/// page's URL, `open.html?specialurl=/gk/list.html`, by the field's name.
fn frames_by_script(html: &str, page: &Url, encoding: &str) -> Vec<Anchor> {
    static EMPTY: LazyLock<Option<Regex>> = LazyLock::new(|| crate::pattern(r"(?i)<iframe(?-u:\b)([^>]*)>"));
    let is_empty = |found: Captures<'_>| attribute(&found[1], "src").is_none_or(|src| !src.contains('/'));
    if page.query().is_none() || !EMPTY.iter().flat_map(|empty| empty.captures_iter(html)).any(is_empty) {
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
        is_in_footer: false,
        kind: AnchorKind::Frame,
    };
    shown.filter_map(|(_, value)| join(page, &value, encoding)).map(frame).collect()
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

/// What a link without words says by its looks: an arrow's class, or the name of
/// its picture's file.
fn said_by_looks(attributes: &str, inside: &str) -> String {
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

/// Whether what a page embeds is to be looked at or heard, and leads nowhere.
fn is_film(url: &Url) -> bool {
    const KINDS: [&str; 10] = ["swf", "flv", "mp4", "mp3", "svg", "png", "jpg", "jpeg", "gif", "webm"];
    extension(&url.path().to_ascii_lowercase()).is_some_and(|kind| KINDS.contains(&kind.as_str()))
}

/// The words that stand beside an icon: behind it in its item, before another link,
/// `<dt><a href=…><img></a></dt><dd>年报</dd>`.
fn label_behind(html: &str) -> Option<String> {
    const NEAR: usize = 300;
    const LONGEST: usize = 24;
    const ENDS: [&str; 9] = ["<a ", "</li", "<li", "</dl", "<dt", "</tr", "</td", "</ul", "<img"];
    let window = html[..html.floor_char_boundary(NEAR)].to_ascii_lowercase();
    let end = ENDS.iter().filter_map(|end| window.find(end)).min().unwrap_or(window.len());
    let text = fold(&unescaped(&without_tags(&html[..end])));
    (text.chars().any(is_han) && text.chars().count() <= LONGEST).then_some(text)
}

/// The title of the element right around an icon: `<li title=年报><a href=…><i></i></a>`.
fn title_around(html: &str) -> Option<String> {
    let tag = html.trim_end().strip_suffix('>')?;
    let tag = &tag[tag.rfind('<')?..];
    let title = fold(&attribute(tag.split_once(' ')?.1, "title")?);
    title.chars().any(is_han).then_some(title)
}

/// Whether a link only says that there is more: of what, the heading beside it
/// says.
fn says_more(text: &str) -> bool {
    let word = text.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
    matches!(word.as_str(), "更多" | "查看更多" | "更多内容" | "more")
}

/// The heading that stands right before a link; none where a list's item does.
fn heading_before(html: &str) -> Option<String> {
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
fn says_open(text: &str) -> bool {
    let word = text.trim_matches(|c: char| !c.is_alphanumeric());
    matches!(word, "查看" | "点击查看" | "查看详情" | "查看全文" | "详情" | "详细" | "浏览" | "阅读" | "打开")
}

/// What stands before such a link in its row: the longest of its words in Chinese.
fn named_in_row(html: &str) -> Option<String> {
    const NEAR: usize = 1500;
    const ROWS: [&str; 4] = ["<tr", "<TR", "<li", "<LI"];
    let window = &html[html.ceil_char_boundary(html.len().saturating_sub(NEAR))..];
    let row = &window[ROWS.iter().filter_map(|row| window.rfind(row)).max()?..];
    let texts = row.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| fold(&unescaped(text)));
    texts.filter(|text| text.chars().any(is_han)).max_by_key(|text| text.chars().filter(|c| is_han(*c)).count())
}

fn has_link(html: &str) -> bool {
    ["<a ", "<A "].iter().any(|link| html.contains(link))
}

/// The words inside a link, with the alt of an image where there are none.
fn words_of(inside: &str) -> String {
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

/// Whether the next words are a day: 2018-03-08, [2018.3.8], 2018年3月8日.
fn is_day_first(html: &str) -> bool {
    static DAY: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"^[\s\[(（【]*(?:20\d\d)[-./年]\d{1,2}[-./月]\d{1,2}"));
    let text = without_tags(&html[..html.floor_char_boundary(400)]);
    // Another link's words are between: the day is not this one's.
    let is_own = html[..html.floor_char_boundary(400)].find("<a ").is_none_or(|next| {
        let before = without_tags(&html[..next]);
        before.chars().any(|c| c.is_ascii_digit())
    });
    is_own && DAY.as_ref().is_some_and(|day| day.is_match(&text))
}

/// Whether a link's own words end in a day.
fn has_day(text: &str) -> bool {
    static DAY: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?:20\d\d)[-./年]\d{1,2}[-./月]\d{1,2}日?[\])）】]*$"));
    DAY.as_ref().is_some_and(|day| day.is_match(text))
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
mod tests {
    use super::*;

    fn found(html: &str) -> Vec<(String, String)> {
        let page = "http://a.gov.cn/x/index.html".parse().unwrap();
        let links = anchors(html, &page, "utf-8", None).into_iter().filter(|anchor| anchor.kind == AnchorKind::Link);
        links.map(|anchor| (anchor.text, anchor.url.path().to_owned())).collect()
    }

    #[test]
    fn links_of_every_kind_are_seen() {
        let cases = [
            ("<a href='/a/'><img src=x.png alt='政务公开'></a>", "政务公开", "/a/"),
            ("<script>document.write(\"<a href=\\\"/a/\\\">政务公开<\\/a>\")</script>", "政务公开", "/a/"),
            ("<script>var menu = [{name: '政务公开', url: '/a/'}];</script>", "政务公开", "/a/"),
            ("<script>var menu = [{'href':\"/a/\",'title':\"政务公开\"}];</script>", "政务公开", "/a/"),
            ("<script>menu.add(\"政务公开\", \"../a/\");</script>", "政务公开", "/a/"),
            ("<script>m[0] = ['政务公开','a.html'];</script>", "政务公开", "/x/a.html"),
            ("<map><area alt='政务公开' href='/a/'></map>", "政务公开", "/a/"),
            ("<a href='#' onclick=\"window.open('/a/')\">政务公开</a>", "政务公开", "/a/"),
            ("<a href=\"javascript:window.open('/a/','_blank')\">政务公开</a>", "政务公开", "/a/"),
            ("<a onclick='go(&quot;/a/&quot;)'>政务公开</a>", "政务公开", "/a/"),
            ("<a href='javascript:;' data-url='/a/'>政务公开</a>", "政务公开", "/a/"),
            ("<li onclick=\"location.href='/a/'\">政务公开</li>", "政务公开", "/a/"),
            ("<div class=m data-href=a.jhtml><b>政务公开</b></div>", "政务公开", "/x/a.jhtml"),
            ("<li onclick=\"go('/a/')\"><a href='/b/'>政务公开</a></li>", "政务公开", "/b/"),
            ("<a href='/a/' onclick=\"count('/hits.jsp')\">政务公开</a>", "政务公开", "/a/"),
            ("<a href='/a/' onclick=\"location.href='/b/'+id\">政务公开</a>", "政务公开", "/a/"),
            (
                "<select onchange=\"window.location=this.value\"><option value='/a/'>政务公开</select>",
                "政务公开",
                "/a/",
            ),
            (
                "<select onChange=\"MM_jumpMenu('self',this,0)\"><option value=a.html>政务公开</select>",
                "政务公开",
                "/x/a.html",
            ),
            (
                "<form action=a.jsp><select name=nd><option value=''>请选择<option value=2023>2023年</select></form>",
                "2023年",
                "/x/a.jsp",
            ),
            ("<form action=a.jsp><select name=nd><option>2023年</select></form>", "2023年", "/x/a.jsp"),
            ("<form action=a.jsp><select name=bm><option value=1>县教育局</select></form>", "县教育局", "/x/a.jsp"),
            (
                "<select onchange=\"location.href='/a/'+this.value+'.html'\"><option value=''>请选择<option value=01>政务公开</select>",
                "政务公开",
                "/a/01.html",
            ),
            (
                "<a href=\"javascript:f('7')\">政务公开</a><script>function f(id){open('/a/'+id)}</script>",
                "政务公开",
                "/a/7",
            ),
            ("<input type=button value=政务公开 onclick=\"window.location='/a/'\">", "政务公开", "/a/"),
            ("<form action='/a/'><input type=submit value=政务公开></form>", "政务公开", "/a/"),
            (
                "<select onchange='go(this.value)'><option value=7>政务公开</select><script>function go(y){location='/a/'+y}</script>",
                "政务公开",
                "/a/7",
            ),
            ("<script>var t=[{name:'政务公开',click:\"openUrl('/a/')\"}];</script>", "政务公开", "/a/"),
            (
                "<a href=\"javascript:go('zw')\">政务公开</a><script>var m={zw:'/a/'};function go(k){load(m[k])}</script>",
                "政务公开",
                "/a/",
            ),
            (
                "<table><tr><th>名称</th></tr><tr><td>1</td><td>政务公开</td><td><a href='/a/'>查看</a></td></tr></table>",
                "政务公开",
                "/a/",
            ),
            ("<li><span>政务公开</span><a href='/a/'>[查看详情]</a></li>", "政务公开", "/a/"),
            ("<dl><dt><a href='/a/'><img src=/i/9.png></a></dt><dd>政务公开</dd></dl>", "政务公开", "/a/"),
            ("<li title=政务公开><a href='/a/'><i class=ico></i></a></li>", "政务公开", "/a/"),
            ("<li><a href='/a/'><img src=zwgk.png></a></li><li>政务公开</li>", "zwgk", "/a/"),
            ("[{\"text\":\"政务公开\",\"attributes\":{\"url\":\"/a/\"}}]", "政务公开", "/a/"),
            ("[{\"text\":\"政务公开\",\"a_attr\":{\"href\":\"/a/\"}}]", "政务公开", "/a/"),
            ("{\"data\":{\"list\":[{\"Title\":\"政务公开\",\"linkUrl\":\"/a/\"}]}}", "政务公开", "/a/"),
            ("back({\"children\":[{\"name\":\"政务公开\",\"path\":\"/a/\"}]});", "政务公开", "/a/"),
        ];
        for (html, text, path) in cases {
            assert_eq!(found(html), [(text.to_owned(), path.to_owned())], "{html}");
        }
    }

    #[test]
    fn a_frame_shows_what_the_page_s_url_names() {
        let frames = |html: &str| {
            let page = "http://a.gov.cn/x/open.html?specialurl=/gk/list.html&title=t".parse().unwrap();
            let found = anchors(html, &page, "utf-8", None).into_iter().filter(|a| a.kind == AnchorKind::Frame);
            found.map(|anchor| anchor.url.path().to_owned()).collect::<Vec<_>>()
        };
        let script = "<script>f.src = param('specialurl');</script>";
        assert_eq!(frames(&format!("<iframe id=f></iframe>{script}")), ["/gk/list.html"]);
        assert_eq!(frames(&format!("<iframe id=f src='about:blank'></iframe>{script}")), ["/gk/list.html"]);
        assert_eq!(frames(&format!("<iframe src='/b/'></iframe>{script}")), ["/b/"], "it has its own");
        assert_eq!(frames("<object data='/a/'></object><embed src='/b/'><embed src=film.swf>"), ["/a/", "/b/"]);
        assert_eq!(frames("<iframe id=f></iframe>"), [""; 0], "no script takes the field");
        assert_eq!(frames(script), [""; 0]);
    }

    #[test]
    fn a_link_to_more_is_of_its_heading() {
        let named = |html: &str| found(html).pop().map(|(text, _)| text);
        for heading in [
            "<h3>政府信息公开年报</h3><a href=/c/>更多&gt;&gt;</a>",
            "<div class=t><span>政府信息公开年报</span><em>|</em><a class=more href=/c/>更多</a></div>",
            "<a href=/d/>政府信息公开年报</a> <a href=/c/>MORE+</a>",
        ] {
            assert_eq!(named(heading).as_deref(), Some("政府信息公开年报"), "{heading}");
        }
        let items = "<ul><li>青禾县召开会议</li></ul><a href=/c/>更多</a>";
        assert_eq!(named(items).as_deref(), Some("更多"));
    }

    #[test]
    fn a_name_is_that_of_the_url_beside_it() {
        let script = "<script>var m = [{name:'机构',url:'/jg/'},{name:'政务公开',url:'/zw/'},{name:'服务'}];</script>";
        assert_eq!(found(script), [("机构".to_owned(), "/jg/".to_owned()), ("政务公开".to_owned(), "/zw/".to_owned())]);
        assert_eq!(found("<script>alert('请输入'); location = '/b/';</script>"), []);
    }

    #[test]
    fn what_a_script_puts_together_is_no_url() {
        for html in [
            "<script>document.write('<a href=\"index'+'_'+n+'.'+'html\">下一页</a>');</script>",
            "<script>document.write(\"<a href=\\\"index\"+\"_\" + n + \".\"+\"html\\\">下一页</a>\");</script>",
            "<script>html += '<a href=\"'+item.url+'\">政务公开</a>';</script>",
            "<script>html += \"<a href=\" + item.url + \">政务公开</a>\";</script>",
            "<script>menu.add('政务公开', '/a/' + id);</script>",
            "<script>menu.add('政务公开', page + '.html');</script>",
            "<a href='${item.url}'>政务公开</a><a href='{{ item.url }}'>政务公开</a>",
            "<a href='#' onclick=\"window.open('/a/' + id)\">政务公开</a>",
            "<a href='javascript:void(0)' onclick=\"show('政务公开')\">政务公开</a>",
        ] {
            assert_eq!(found(html), [], "{html}");
        }
        for html in [
            "<select name=a><option value='/a/'>政务公开</select>",
            "<select onchange='count(this)'><option value='/a/'>政务公开</select>",
            "<form method=post><select name=nd><option value=2023>2023年</select></form>",
            "<form><select name=nd><option value=2023>2023年</select><select name=yd><option value=1>1月</select></form>",
            "<form action=/search><select name=nd><option value=2023>2023年</select></form>",
            "<form><input type=password name=w><select name=nd><option value=2023>2023年</select></form>",
        ] {
            assert_eq!(found(html), [], "{html}");
        }
        let context = "<script>menu.add('政务公开', ctx + '/a/');</script>";
        assert_eq!(found(context), [("政务公开".to_owned(), "/a/".to_owned())], "a site's own root stands before it");
    }

    #[test]
    fn entities_are_read_by_name_and_by_number() {
        assert_eq!(unescaped("下一页&raquo;&#187;&#xBB;&rsaquo;&gt;"), "下一页»»»›>");
        assert_eq!(unescaped("?a=1&amp;b=2&copy=3&#0;&nosuch;"), "?a=1&b=2&copy=3\u{0}&nosuch;");
        assert_eq!(unescaped("&amp;lt;"), "&lt;", "once");
    }

    #[test]
    fn a_footer_begins_at_its_first_mark() {
        let page = "http://a.gov.cn/".parse().unwrap();
        let menu = "<div class=nav-bottom><a href=m>政务公开</a></div>";
        let html =
            format!("{menu}{}<a href=a>甲局</a><div id='footer'><a href=b>乙局</a></div>", "<p>文</p>".repeat(30));
        let in_footer: Vec<bool> = anchors(&html, &page, "utf-8", None).iter().map(|a| a.is_in_footer).collect();
        assert_eq!(in_footer, [false, false, true]);
    }

    #[test]
    fn records_are_links_under_whatever_names() {
        let title = "青禾县2017年政府信息公开工作年度报告";
        let expected = vec![(title.to_owned(), "/r/1.html".to_owned())];
        for text in [
            format!(r#"{{"data":[{{"bt":"{title}","xxlj":"/r/1.html","id":7}}]}}"#),
            format!(r#"{{"data":"[{{\"t\":\"{title}\",\"u\":\"/r/1.html\"}}]"}}"#),
            format!(r#"showList([{{"titleHtml":"<em>{title}</em>","url":"/r/1.html"}}]);"#),
            format!("<?xml version='1.0'?><list><item><title>{title}</title><link>/r/1.html</link></item></list>"),
            format!("<rss><item><title><![CDATA[{title}]]></title><link>/r/1.html</link></item></rss>"),
            format!("<feed><entry><title>{title}</title><link href='/r/1.html'/></entry></feed>"),
        ] {
            assert_eq!(found(&text), expected, "{text}");
        }
        let none = r#"{"data":[{"name":"青禾县","picture":"/p/1.png","api":"/api/list"}]}"#;
        assert_eq!(found(none), [], "no page");
    }

    #[test]
    fn a_day_belongs_to_the_link_before_it() {
        let page = "http://a.gov.cn/".parse().unwrap();
        let dated = |html: &str| anchors(html, &page, "utf-8", None).iter().map(|a| a.is_dated).collect::<Vec<_>>();
        assert_eq!(
            dated("<li><a href=a>年报</a><span>[2018-03-08]</span></li><li><a href=b>目录</a></li>"),
            [true, false]
        );
        assert_eq!(dated("<a href=a>目录</a><a href=b>年报</a> 2018年3月8日"), [false, true]);
    }
}
