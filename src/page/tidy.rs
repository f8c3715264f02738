//! HTML source made small and safe before a tree is built of it.
//!
//! The tree builder's cost grows with the square of the nesting, and unclosed
//! formatting elements are copied into every later paragraph: a page of a few
//! megabytes can cost minutes or all memory. Both are taken out of the source
//! in one pass over its bytes: what carries no text for us (scripts, styles,
//! comments), the formatting elements and spans, the attributes that say nothing
//! of a block, and everything nested too deep. Half of a page that came out of a
//! word processor is style.

use super::dom::KEPT;

/// Elements nested deeper than this are unwrapped. Portals reach about 60.
const MOST_DEPTH: usize = 400;

/// Tags of a document. Portals' largest pages have some 200,000.
const MOST_TAGS: usize = 1_000_000;

/// Bytes of a tag that keeps its attributes: a parser compares each with all
/// others.
const MOST_TAG: usize = 8192;

/// Bytes of an element's name; a longer one is none.
const MOST_NAME: usize = 32;

/// Titles whose end is looked for.
const MOST_TITLES: usize = 64;

/// How far an end tag looks back for its start.
const LOOK_BACK: usize = 64;

/// Bytes of a title; a longer one is none.
const MOST_TITLE: usize = 4096;

/// A source made small and safe.
#[derive(Debug)]
pub(super) struct Tidied {
    pub source: String,
    /// Which bounds were met, in words for a person.
    pub cuts: Vec<&'static str>,
}

/// The source without scripts, styles, comments and formatting elements, and
/// nothing nested deeper than 400.
///
/// Text stays where it was, so that what is inline stays glued.
pub(super) fn tidy(html: &str) -> Tidied {
    let mut tidier = Tidier { source: String::with_capacity(html.len()), ..Tidier::default() };
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        tidier.source.push_str(&rest[..at]);
        rest = &rest[at..];
        if tidier.n_tags >= MOST_TAGS {
            tidier.say("the document has more than 1000000 tags, the rest was left out");
            rest = "";
        } else if let Some(tag) = Tag::at_start(rest) {
            rest = tidier.tag(&tag, &rest[tag.length..]);
        } else {
            tidier.source.push('<');
            rest = &rest[1..];
        }
    }
    tidier.source.push_str(rest);
    Tidied { source: tidier.source, cuts: tidier.cuts }
}

#[derive(Default)]
struct Tidier<'a> {
    source: String,
    open: Vec<&'a str>,
    n_unwrapped: usize,
    n_tags: usize,
    n_titles: usize,
    cuts: Vec<&'static str>,
}

impl<'a> Tidier<'a> {
    /// Keeps a tag or leaves it out; what of the source follows.
    fn tag(&mut self, tag: &Tag<'a>, rest: &'a str) -> &'a str {
        let (TagKind::Start(name) | TagKind::End(name)) = tag.kind else { return rest };
        let role = Role::of(name);
        match tag.kind {
            _ if name.len() > MOST_NAME => {}
            TagKind::Start(name) if margin(name, tag.text).is_some() => return self.margin(tag, name, rest),
            TagKind::Start(name) if role == Role::Raw => return self.raw(tag, name, rest),
            TagKind::Start(_) | TagKind::End(_) if role == Role::Formatting => {}
            TagKind::Start(name) if role == Role::Flat || tag.text.ends_with("/>") => self.keep(tag, name),
            // A span is inline and says nothing, but that it may be hidden.
            TagKind::Start(_) if role == Role::Span && !hides(tag.text) => self.open.push(UNWRAPPED),
            TagKind::Start(_) if self.open.len() >= MOST_DEPTH => {
                self.n_unwrapped += 1;
                self.say("elements nested deeper than 400 were unwrapped");
            }
            TagKind::Start(name) => {
                self.open.push(name);
                self.keep(tag, name);
            }
            TagKind::End(_) if role != Role::Flat && self.n_unwrapped > 0 => self.n_unwrapped -= 1,
            TagKind::End(name) => {
                let near = self.open.len().saturating_sub(LOOK_BACK);
                let is_its_start =
                    |other: &&str| other.eq_ignore_ascii_case(name) || (*other == UNWRAPPED && role == Role::Span);
                let place = self.open[near..].iter().rposition(is_its_start);
                let was_unwrapped = place.is_some_and(|place| self.open[near + place] == UNWRAPPED);
                if let Some(place) = place {
                    self.open.truncate(near + place);
                }
                if !was_unwrapped {
                    self.keep(tag, name);
                }
            }
            TagKind::Markup => {}
        }
        rest
    }

    /// Struck text is not said any more and goes; a raised mark stands in
    /// brackets, or `5<sup>1</sup>` would be 51. One that does not end soon is
    /// an element like others.
    fn margin(&mut self, tag: &Tag<'a>, name: &'a str, rest: &'a str) -> &'a str {
        let window = &rest[..rest.floor_char_boundary(MOST_MARGIN)];
        let ends = window.match_indices("</").map(|(at, _)| at);
        let is_end = |at: &usize| {
            let after = &window[at + 2..];
            after.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
                && after[name.len()..].trim_start().starts_with('>')
        };
        let Some(end) = ends.into_iter().find(is_end) else {
            if Role::of(name) == Role::Nesting {
                self.open.push(name);
                self.keep(tag, name);
            }
            return rest;
        };
        if margin(name, tag.text) == Some(Margin::Mark) {
            self.mark(&window[..end]);
        }
        let after = &rest[end..];
        after.find('>').map_or("", |at| &after[at + 1..])
    }

    /// A raised mark in brackets, unless it brings its own.
    fn mark(&mut self, inside: &str) {
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
        let text = text.trim();
        let is_marked = text.starts_with(['[', '(', '〔', '【', '［', '（', '*']) || text.is_empty();
        self.source.extend(if is_marked { ["", text, ""] } else { ["[", text, "]"] });
    }

    /// What is between the tags is code; a title's is text.
    fn raw(&mut self, tag: &Tag<'a>, name: &str, rest: &'a str) -> &'a str {
        let is_title = name.eq_ignore_ascii_case("title");
        self.n_titles += usize::from(is_title);
        if is_title && self.n_titles > MOST_TITLES {
            return rest;
        }
        let (inside, after) = raw_content(rest, name);
        if is_title || name.eq_ignore_ascii_case("textarea") {
            self.keep(tag, name);
            self.source.push_str(inside);
            self.source.extend(["</", name, ">"]);
        }
        after
    }

    fn keep(&mut self, tag: &Tag<'a>, name: &str) {
        self.n_tags += 1;
        if tag.text.len() <= MOST_TAG {
            return push_tag(&mut self.source, tag, name);
        }
        self.source.extend(["<", name, ">"]);
        // An image in its own address is no loss.
        if !is_one_of(name, &["img", "source", "embed", "a"]) {
            self.say("the attributes of a tag of more than 8192 bytes were left out");
        }
    }

    fn say(&mut self, cut: &'static str) {
        if !self.cuts.contains(&cut) {
            self.cuts.push(cut);
        }
    }
}

/// Bytes in which a struck text or a raised mark ends.
const MOST_MARGIN: usize = 400;

/// What stands beside a text and is none of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Margin {
    /// Struck out.
    Struck,
    /// A footnote's mark.
    Mark,
}

fn margin(name: &str, tag: &str) -> Option<Margin> {
    let is_styled = |word: &str| is_one_of(name, &["span", "font"]) && tag.contains(word);
    if is_one_of(name, &["del", "s", "strike"]) || is_styled("line-through") {
        return Some(Margin::Struck);
    }
    let is_note = || ["#_ftn", "#_edn", "FootnoteReference", "EndnoteReference"].iter().any(|word| tag.contains(word));
    let is_raised = || is_styled("vertical-align") && is_styled("super");
    let is_mark = is_one_of(name, &["sup"]) || (is_one_of(name, &["a", "span"]) && is_note()) || is_raised();
    is_mark.then_some(Margin::Mark)
}

/// What stands in the list of open elements for a span that was taken out.
const UNWRAPPED: &str = "";

/// Whether a tag may hide its element: a style or attribute that says so.
fn hides(tag: &str) -> bool {
    let tag = tag.as_bytes();
    let has = |word: &[u8]| tag.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word));
    has(b"none") || has(b"hidden")
}

/// A tag with no attributes but those that say something of a block, and of
/// styles only those that may hide it.
fn push_tag(source: &mut String, tag: &Tag<'_>, name: &str) {
    let from = if matches!(tag.kind, TagKind::End(_)) { 2 + name.len() } else { 1 + name.len() };
    let has_attributes = tag.text.len() > from + 2;
    if !has_attributes || !tag.text.ends_with('>') {
        source.push_str(tag.text);
        return;
    }
    source.push_str(&tag.text[..from]);
    let mut rest = &tag.text[from..tag.text.len() - 1];
    while let Some((attribute, value, after)) = first_attribute(rest) {
        let is_style = attribute.eq_ignore_ascii_case("style");
        if is_one_of(attribute, &KEPT) && (!is_style || hides(value)) {
            source.push(' ');
            let length = rest.len() - after.len();
            source.push_str(rest[..length].trim_matches(|c: char| c.is_ascii_whitespace() || c == '/'));
        }
        rest = after;
    }
    source.push_str(if tag.text.ends_with("/>") { "/>" } else { ">" });
}

/// The name and value of the first attribute of a tag's inside, as HTML's
/// tokenizer tells them (13.2.5.32 on), and what follows it.
fn first_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let is_between = |c: char| c.is_ascii_whitespace() || c == '/';
    let start = text.trim_start_matches(is_between);
    let mut chars = start.char_indices();
    chars.next()?;
    let end = chars.find(|(_, c)| is_between(*c) || *c == '=').map_or(start.len(), |(at, _)| at);
    let (name, after) = start.split_at(end);
    let Some(value) = after.trim_start().strip_prefix('=') else { return Some((name, "", after)) };
    let value = value.trim_start();
    if let Some(quote @ ('"' | '\'')) = value.chars().next() {
        let inside = &value[1..];
        let end = inside.find(quote).unwrap_or(inside.len());
        Some((name, &inside[..end], inside.get(end + 1..).unwrap_or_default()))
    } else {
        let end = value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len());
        Some((name, &value[..end], &value[end..]))
    }
}

/// A tag, comment or declaration at the start of a text.
struct Tag<'a> {
    kind: TagKind<'a>,
    text: &'a str,
    length: usize,
}

enum TagKind<'a> {
    Start(&'a str),
    End(&'a str),
    /// A comment, doctype or processing instruction.
    Markup,
}

impl<'a> Tag<'a> {
    fn at_start(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        if let Some(comment) = text.strip_prefix("<!--") {
            let length = comment.find("-->").map_or(text.len(), |at| at + 7);
            return Some(Self { kind: TagKind::Markup, text: "", length });
        }
        let name_at = match bytes.get(1)? {
            b'!' | b'?' => {
                let length = text.find('>').map_or(text.len(), |at| at + 1);
                return Some(Self { kind: TagKind::Markup, text: "", length });
            }
            b'/' => 2,
            _ => 1,
        };
        if !bytes.get(name_at)?.is_ascii_alphabetic() {
            return None;
        }
        let name_end = bytes[name_at..].iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'));
        let name_end = name_end.map_or(bytes.len(), |length| name_at + length);
        let length = tag_end(bytes, name_end);
        let name = &text[name_at..name_end];
        let kind = if name_at == 2 { TagKind::End(name) } else { TagKind::Start(name) };
        Some(Self { kind, text: &text[..length], length })
    }
}

/// The end of a tag, its `>` included; a `>` in a quoted value is none.
fn tag_end(bytes: &[u8], from: usize) -> usize {
    let (mut quote, mut after_equals) = (None, false);
    for (at, byte) in bytes.iter().enumerate().skip(from) {
        match (quote, byte) {
            (Some(open), byte) if open == byte => quote = None,
            (Some(_), _) => {}
            // A quote opens a value only after its equals sign.
            (None, b'"' | b'\'') if after_equals => (quote, after_equals) = (Some(byte), false),
            (None, b'>') => return at + 1,
            (None, b'=') => after_equals = true,
            (None, byte) if byte.is_ascii_whitespace() => {}
            (None, _) => after_equals = false,
        }
    }
    bytes.len()
}

/// What stands before the end tag of a raw text element, and what follows it.
fn raw_content<'a>(text: &'a str, name: &str) -> (&'a str, &'a str) {
    // A title that never ends must not swallow the page, nor be sought in all
    // of it for each of a thousand such titles.
    let is_title = name.eq_ignore_ascii_case("title");
    let window = if is_title { text.floor_char_boundary(MOST_TITLE) } else { text.len() };
    let mut from = 0;
    while let Some(at) = text[from..window].find("</") {
        let at = from + at;
        let after = &text[at + 2..];
        if after.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            let end = after.find('>').map_or(text.len(), |end| at + 2 + end + 1);
            return (&text[..at], &text[end..]);
        }
        from = at + 2;
    }
    if is_title { ("", text) } else { (text, "") }
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// What an element is to a tidied source.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// What stands in it is no markup.
    Raw,
    /// It only changes how text looks; HTML's "formatting" category but `a`, which
    /// says that text is a link.
    Formatting,
    Span,
    /// It has no end tag, or the next of its kind closes it.
    Flat,
    /// It stays open until its end tag comes.
    Nesting,
}

impl Role {
    fn of(name: &str) -> Self {
        let mut lower = [0; MOST_NAME];
        let Some(lower) = lower.get_mut(..name.len()) else { return Self::Nesting };
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        match &*lower {
            b"script" | b"style" | b"title" | b"textarea" | b"iframe" | b"noembed" | b"noframes" | b"xmp"
            | b"noscript" => Self::Raw,
            b"b" | b"big" | b"code" | b"em" | b"font" | b"i" | b"nobr" | b"s" | b"small" | b"strike" | b"strong"
            | b"tt" | b"u" => Self::Formatting,
            b"span" => Self::Span,
            b"a" | b"area" | b"base" | b"br" | b"body" | b"col" | b"colgroup" | b"dd" | b"dt" | b"embed" | b"head"
            | b"hr" | b"html" | b"img" | b"input" | b"li" | b"link" | b"meta" | b"option" | b"p" | b"param"
            | b"source" | b"tbody" | b"td" | b"tfoot" | b"th" | b"thead" | b"tr" | b"track" | b"wbr" => Self::Flat,
            _ => Self::Nesting,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_carries_no_text_goes_and_text_stays() {
        let cases = [
            ("<p>公<b>开</b></p>", "<p>公开</p>"),
            ("a<script>if (a < b) '</p>'</script>b", "ab"),
            ("a<!-- <p> -->b", "ab"),
            ("<td title='>'>1</td>", "<td>1</td>"),
            ("<td rowspan=2 style='border:solid'>1", "<td rowspan=2>1"),
            ("<td width=9 COLSPAN = '3' class=\"a b\">1", "<td COLSPAN = '3' class=\"a b\">1"),
            ("<p style='display: none'>1", "<p style='display: none'>1"),
            ("<p align=center/>1", "<p/>1"),
            ("<span lang=EN-US>78</span><span>967</span>", "78967"),
            ("<span style='display:none'><span>1</span>2</span>3", "<span style='display:none'>12</span>3"),
            ("1</span>2", "1</span>2"),
            ("5<sup>1</sup>", "5[1]"),
            ("7<sup><b>[2]</b></sup>", "7[2]"),
            ("12<a href=\"#_ftn1\"><span class=MsoFootnoteReference>1</span></a>", "12[1]"),
            ("<del>17</del><ins>15</ins>", "<ins>15</ins>"),
            ("<s>80</s>88<s>9", "889"),
            ("<span style=\"text-decoration:line-through\">44</span>2", "2"),
            ("8<span style='vertical-align:super'>1</span>", "8[1]"),
            ("<title>年报</title>", "<title>年报</title>"),
            ("1 < 2", "1 < 2"),
            ("<p>1<![if !supportEmptyParas]>&nbsp;<![endif]>2", "<p>1&nbsp;2"),
            ("a<", "a<"),
            ("<scripty>x</scripty>", "<scripty>x</scripty>"),
            ("<p title=a'b>x", "<p>x"),
        ];
        for (html, expected) in cases {
            assert_eq!(tidy(html).source, expected, "{html}");
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_unwrapped() {
        let deep = format!("{}x{}", "<div>".repeat(1000), "</div>".repeat(1000));
        let Tidied { source: html, cuts } = tidy(&deep);
        assert_eq!(cuts, ["elements nested deeper than 400 were unwrapped"]);
        assert_eq!(html.matches("<div>").count(), MOST_DEPTH);
        assert_eq!(html.matches("</div>").count(), MOST_DEPTH);
    }

    #[test]
    fn tags_that_only_cost_are_cut() {
        let attributes: String = (0..2000).map(|n| format!(" a{n}=b")).collect();
        let cases = [
            (format!("<td{attributes}>1"), "<td>1", 1),
            (format!("<img src=\"data:{}\">1", "A".repeat(10_000)), "<img>1", 0),
            (format!("<x{}>1", "a".repeat(100)), "1", 0),
        ];
        for (html, expected, n_cuts) in cases {
            let tidied = tidy(&html);
            assert_eq!((tidied.source.as_str(), tidied.cuts.len()), (expected, n_cuts));
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(html in "[<>/!\\-='\"a-c 公script]{0,80}") {
            let tidied = tidy(&html).source;
            // At most the end tags of titles are added.
            prop_assert!(tidied.len() <= html.len() + 11 * html.matches('<').count());
        }
    }
}
