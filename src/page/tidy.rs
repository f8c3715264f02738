//! HTML source made small and safe before a tree is built of it.
//!
//! The tree builder's cost grows with the square of the nesting, and unclosed
//! formatting elements are copied into every later paragraph: a page of a few
//! megabytes can cost minutes or all memory. Both are taken out of the source
//! in one pass over its bytes: what carries no text for us (scripts, styles,
//! comments), the formatting elements, and everything nested too deep.

/// Elements nested deeper than this are unwrapped. Portals reach about 60.
const MOST_DEPTH: usize = 400;

/// How far an end tag looks back for its start.
const LOOK_BACK: usize = 64;

/// Bytes of a title; a longer one is none.
const MOST_TITLE: usize = 4096;

/// The source without scripts, styles, comments and formatting elements, and
/// nothing nested deeper than 400; whether anything was.
///
/// Text stays where it was, so that what is inline stays glued.
pub(super) fn tidy(html: &str) -> (String, bool) {
    let mut out = String::with_capacity(html.len());
    let mut open: Vec<&str> = Vec::new();
    let (mut n_unwrapped, mut was_too_deep) = (0_usize, false);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(tag) = Tag::at_start(rest) else {
            out.push('<');
            rest = &rest[1..];
            continue;
        };
        rest = &rest[tag.length..];
        match tag.kind {
            TagKind::Markup => {}
            TagKind::Start(name) if is_raw(name) => {
                // What is between the tags is code; a title's is text.
                let (inside, after) = raw_content(rest, name);
                if name.eq_ignore_ascii_case("title") || name.eq_ignore_ascii_case("textarea") {
                    out.push_str(tag.text);
                    out.push_str(inside);
                    out.extend(["</", name, ">"]);
                }
                rest = after;
            }
            TagKind::Start(name) | TagKind::End(name) if is_formatting(name) => {}
            TagKind::Start(name) if !nests(name) || tag.text.ends_with("/>") => out.push_str(tag.text),
            TagKind::Start(name) => {
                if open.len() >= MOST_DEPTH {
                    (n_unwrapped, was_too_deep) = (n_unwrapped + 1, true);
                } else {
                    open.push(name);
                    out.push_str(tag.text);
                }
            }
            TagKind::End(name) if nests(name) && n_unwrapped > 0 => n_unwrapped -= 1,
            TagKind::End(name) => {
                let near = open.len().saturating_sub(LOOK_BACK);
                if let Some(place) = open[near..].iter().rposition(|other| other.eq_ignore_ascii_case(name)) {
                    open.truncate(near + place);
                }
                out.push_str(tag.text);
            }
        }
    }
    out.push_str(rest);
    (out, was_too_deep)
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

fn is_raw(name: &str) -> bool {
    is_one_of(name, &["script", "style", "title", "textarea", "iframe", "noembed", "noframes", "xmp", "noscript"])
}

/// Elements that only change how text looks; HTML's "formatting" category but
/// `a`, which says that text is a link.
fn is_formatting(name: &str) -> bool {
    is_one_of(name, &["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"])
}

/// Elements that stay open until their end tag comes: not those without one,
/// and not those that the next of their kind closes.
fn nests(name: &str) -> bool {
    const DO_NOT: [&str; 32] = [
        "a", "area", "base", "br", "body", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img",
        "input", "li", "link", "meta", "option", "p", "param", "rp", "rt", "source", "tbody", "td", "tfoot", "th",
        "thead", "tr", "track", "wbr",
    ];
    !is_one_of(name, &DO_NOT)
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
            ("<td title='>'>1</td>", "<td title='>'>1</td>"),
            ("<title>年报</title>", "<title>年报</title>"),
            ("1 < 2", "1 < 2"),
            ("<p>1<![if !supportEmptyParas]>&nbsp;<![endif]>2", "<p>1&nbsp;2"),
            ("a<", "a<"),
            ("<scripty>x</scripty>", "<scripty>x</scripty>"),
            ("<p title=a'b>x", "<p title=a'b>x"),
        ];
        for (html, expected) in cases {
            assert_eq!(tidy(html).0, expected, "{html}");
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_unwrapped() {
        let deep = format!("{}x{}", "<div>".repeat(1000), "</div>".repeat(1000));
        let (html, was_too_deep) = tidy(&deep);
        assert!(was_too_deep);
        assert_eq!(html.matches("<div>").count(), MOST_DEPTH);
        assert_eq!(html.matches("</div>").count(), MOST_DEPTH);
    }

    proptest! {
        #[test]
        fn nothing_panics(html in "[<>/!\\-='\"a-c 公script]{0,80}") {
            let (tidied, _) = tidy(&html);
            // At most the end tags of titles are added.
            prop_assert!(tidied.len() <= html.len() + 11 * html.matches('<').count());
        }
    }
}
