//! The tags of a page in one linear pass.
//!
//! No tree is built: what an answer means must cost little, whatever it holds.

use std::borrow::Cow;

/// A piece of a page. Comments, styles and what only browsers without scripts
/// show are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Text between tags, entities as they are.
    Text(&'a str),
    /// A start tag.
    Open(Tag<'a>),
    /// The text of a script.
    Script(&'a str),
}

/// A page without its comments: what stands in one is not there. A comment ends at its
/// first `-->`, whatever begins inside it; one that never ends hides nothing here, and
/// neither does `<script><!--`.
pub(super) fn without_comments(html: &str) -> Cow<'_, str> {
    const END: &str = "-->";
    let Some(last_end) = html.rfind(END).filter(|_| html.contains("<!--")) else { return Cow::Borrowed(html) };
    let mut kept = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        kept.push_str(before);
        let is_closed = html.len() - tag.len() < last_end;
        // `<!-->` is whole.
        let comment = tag.strip_prefix("<!").filter(|inside| is_closed && inside.starts_with("--"));
        let (piece, behind) = if let Some(inside) = comment {
            ("", inside.split_once(END).map_or("", |(_, behind)| behind))
        } else if tag[1..].get(..6).is_some_and(|name| name.eq_ignore_ascii_case("script")) {
            let (_, behind) = until_end_tag(&tag[1..], "script");
            tag.split_at(tag.len() - behind.len())
        } else {
            tag.split_at(1)
        };
        kept.push_str(piece);
        rest = behind;
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// A start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
}

/// An attribute list that is longer is no list, but a quote without an end.
const LONGEST_TAG: usize = 4000;

/// The pieces of a page, in order.
pub(super) fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (piece, behind) = next(rest);
            rest = behind;
            if piece.is_some() {
                return piece;
            }
        }
        None
    })
}

/// The piece that a text begins with, and what stands behind it.
fn next(text: &str) -> (Option<Piece<'_>>, &str) {
    let Some(at) = text.find('<') else { return (Some(Piece::Text(text)), "") };
    if at > 0 {
        return (Some(Piece::Text(&text[..at])), &text[at..]);
    }
    if let Some(comment) = text.strip_prefix("<!--") {
        return (None, comment.find("-->").map_or("", |end| &comment[end + 3..]));
    }
    let inside = &text[1..];
    if inside.starts_with(['!', '?', '/']) {
        return (None, inside.find('>').map_or("", |end| &inside[end + 1..]));
    }
    if !inside.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return (Some(Piece::Text(&text[..1])), inside);
    }
    let name_end = inside.find(|c: char| c.is_whitespace() || matches!(c, '/' | '>')).unwrap_or(inside.len());
    let (name, behind) = inside.split_at(name_end);
    let end = tag_end(behind);
    let (attributes, behind) = (&behind[..end], behind.get(end + 1..).unwrap_or_default());
    let raw = ["script", "style", "noscript"].into_iter().find(|raw| name.eq_ignore_ascii_case(raw));
    let Some(raw) = raw else { return (Some(Piece::Open(Tag { name, attributes })), behind) };
    let (content, behind) = until_end_tag(behind, raw);
    ((raw == "script").then_some(Piece::Script(content)), behind)
}

/// Where the tag's `>` stands, quotes minded.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().take(LONGEST_TAG) {
        match (byte, quote) {
            (b'>', None) => return at,
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    text.find('>').unwrap_or(text.len())
}

/// The content of an element whose content is no markup.
fn until_end_tag<'a>(text: &'a str, name: &str) -> (&'a str, &'a str) {
    let mut from = 0;
    while let Some(at) = text[from..].find("</").map(|at| from + at) {
        let behind = &text[at + 2..];
        if behind.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return (&text[..at], behind.find('>').map_or("", |end| &behind[end + 1..]));
        }
        from = at + 2;
    }
    (text, "")
}

impl Tag<'_> {
    /// Whether it is one of this name, in lower case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value of an attribute, entities resolved; empty where it has none.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            // Whatever stands first is part of a name, so that the rest shrinks.
            let ends = |(_, c): &(usize, char)| c.is_whitespace() || matches!(c, '=' | '/');
            let end = rest.char_indices().skip(1).find(ends).map_or(rest.len(), |(at, _)| at);
            let (found, behind) = rest.split_at(end);
            let (value, behind) = match behind.trim_start().strip_prefix('=') {
                Some(value) => value_of(value.trim_start()),
                None => ("", behind),
            };
            if found.eq_ignore_ascii_case(name) {
                return Some(unescaped(value.trim()));
            }
            rest = behind;
        }
    }
}

/// An attribute's value and what stands behind it.
fn value_of(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            return inside.split_once(quote).unwrap_or((inside, ""));
        }
    }
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

/// The entities that URLs and names carry.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let plain = text.replace("&quot;", "\"").replace("&#39;", "'").replace("&#x27;", "'").replace("&#x2F;", "/");
    plain.replace("&lt;", "<").replace("&gt;", ">").replace("&#38;", "&").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(html: &str) -> String {
        let show = |piece| match piece {
            Piece::Text(text) => format!("[{text}]"),
            Piece::Open(tag) => format!("<{} {}>", tag.name, tag.attribute("a").unwrap_or_default()),
            Piece::Script(text) => format!("{{{text}}}"),
        };
        pieces(html).map(show).collect()
    }

    #[test]
    fn pieces_are_what_a_browser_takes_for_them() {
        let cases = [
            ("x<b>y</b>", "[x]<b >[y]"),
            ("<p a=1 b='2'>", "<p 1>"),
            ("<p b = '2' A = \"x > y\">z", "<p x > y>[z]"),
            ("<p a='u&amp;v'/>", "<p u&v>"),
            ("<p a>", "<p >"),
            ("<!-- <p a=1> --><i>", "<i >"),
            ("<!-- <p a=1>", ""),
            ("<!DOCTYPE html><i>", "<i >"),
            ("<style>p>q{}</style><i>", "<i >"),
            ("<noscript><p a=1></noscript><i>", "<i >"),
            ("<SCRIPT>if(a<b)\"</b>\"</Script ><i>", "{if(a<b)\"</b>\"}<i >"),
            ("<script>a", "{a}"),
            ("1 < 2", "[1 ][<][ 2]"),
            // A quote without an end: the tag ends at its `>` all the same.
            ("<p a='1><i>", "<p 1><i >"),
        ];
        for (html, expected) in cases {
            assert_eq!(shown(html), expected, "{html}");
        }
    }

    #[test]
    fn a_comment_is_not_there() {
        let cases = [
            ("a<!-- b -->c", "ac"),
            ("<p>a", "<p>a"),
            ("a<!-- b <!-- c --> d -->e", "a d -->e"),
            ("<!--[if !IE]><!-->a<!--<![endif]-->b", "ab"),
            ("<!-->a<!--->b", "ab"),
            ("<script><!--\nf();\n//--></script><!-- b -->c", "<script><!--\nf();\n//--></script>c"),
            ("<!-- a --><Script src=b></SCRIPT><!-- c -->d", "<Script src=b></SCRIPT>d"),
            ("<!-- a --><!-- b", "<!-- b"),
            ("公<!-- a -->开<script", "公开<script"),
        ];
        for (html, expected) in cases {
            assert_eq!(without_comments(html), expected, "{html}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_passed_through(html in "[<>/!'\"=a-c公 \\-]{0,60}") {
            for piece in pieces(&html) {
                if let Piece::Open(tag) = piece {
                    let _ = tag.attribute("a");
                }
            }
            let _ = without_comments(&html);
        }
    }
}
