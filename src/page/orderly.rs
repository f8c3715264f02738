//! The tree of an orderly source: one in which every tag stands where HTML has
//! it, so that nothing needs to be repaired.
//!
//! Most of what a browser's parser costs is being ready for broken sources:
//! elements that end each other, texts between the cells of a table, links that
//! overlap paragraphs. A source in which nothing of this happens is read here in
//! one pass, and gives the very tree that the parser would build; at the first
//! tag, text or reference that is not plain the source is left to the parser.
//! The tests hold the two to the same trees.

use std::borrow::Cow;
use std::ops::Range;

use html5ever::tendril::StrTendril;

use super::dom::{Attributes, KEPT, NodeId, Tree};

/// The tree of a source without carriage returns; none where it is not orderly.
pub(super) fn tree(source: &StrTendril, tree: Tree) -> Option<Tree> {
    let text: &str = source;
    if text.contains('\0') || text.starts_with('\u{feff}') {
        return None;
    }
    let mut builder =
        Builder { source, tree, open: Vec::new(), names: Vec::new(), stage: Stage::Start, within: Vec::new() };
    let mut at = 0;
    while at < text.len() {
        let end = text[at..].find('<').map_or(text.len(), |length| at + length);
        if end > at {
            builder.text(at..end)?;
        }
        at = if end < text.len() { end + builder.tag(end)? } else { end };
    }
    if !matches!(builder.stage, Stage::Body | Stage::AfterBody) {
        builder.begin_body()?;
    }
    Some(builder.tree)
}

/// Names of elements, in all their spellings: each tag's is sought among them.
const MOST_NAMES: usize = 100;

/// How far a document has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Start,
    BeforeHead,
    Head,
    AfterHead,
    Body,
    AfterBody,
}

/// What an element is to the order of a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Html,
    Head,
    Body,
    /// `meta` and the like, without content, in the head or anywhere.
    Meta,
    Title,
    /// Without content, in a line.
    Mark,
    /// Without content, between paragraphs.
    Rule,
    Inline,
    Link,
    Button,
    Paragraph,
    Heading,
    Division,
    List,
    Item,
    Terms,
    Term,
    Form,
    Table,
    Caption,
    Columns,
    Column,
    Part,
    Row,
    Cell,
}

impl Kind {
    /// None for an element that has rules of its own.
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "html" => Self::Html,
            "head" => Self::Head,
            "body" => Self::Body,
            "meta" | "link" | "base" => Self::Meta,
            "title" => Self::Title,
            "br" | "img" | "wbr" | "input" | "embed" | "area" => Self::Mark,
            "hr" => Self::Rule,
            "span" | "label" | "sub" | "sup" | "ins" | "abbr" | "cite" | "q" | "time" | "mark" => Self::Inline,
            // A word processor's own: <o:p>.
            name if name.contains(':') => Self::Inline,
            "a" => Self::Link,
            "button" => Self::Button,
            "p" => Self::Paragraph,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Self::Heading,
            "address" | "article" | "aside" | "blockquote" | "center" | "div" | "fieldset" | "figure"
            | "figcaption" | "footer" | "header" | "main" | "nav" | "section" => Self::Division,
            "ul" | "ol" => Self::List,
            "li" => Self::Item,
            "dl" => Self::Terms,
            "dt" | "dd" => Self::Term,
            "form" => Self::Form,
            "table" => Self::Table,
            "caption" => Self::Caption,
            "colgroup" => Self::Columns,
            "col" => Self::Column,
            "tbody" | "thead" | "tfoot" => Self::Part,
            "tr" => Self::Row,
            "td" | "th" => Self::Cell,
            _ => return None,
        })
    }

    /// Whether it has no content and no end tag.
    fn is_void(self) -> bool {
        matches!(self, Self::Meta | Self::Mark | Self::Rule | Self::Column)
    }

    /// Whether nothing but its own parts may stand in it: a text would be put
    /// before the table.
    fn is_frame(self) -> bool {
        matches!(self, Self::Table | Self::Columns | Self::Part | Self::Row)
    }

    /// Whether it may not stand in its like.
    fn is_once(self) -> bool {
        matches!(self, Self::Paragraph | Self::Link | Self::Form | Self::Button)
    }

    /// Whether it may stand in a paragraph.
    fn is_inline(self) -> bool {
        matches!(self, Self::Meta | Self::Title | Self::Mark | Self::Inline | Self::Link | Self::Button)
    }
}

struct Open<'a> {
    id: NodeId,
    kind: Kind,
    name: &'a str,
    /// Whether no tag opened it, as with most `tbody`.
    is_implied: bool,
}

struct Builder<'a> {
    source: &'a StrTendril,
    tree: Tree,
    open: Vec<Open<'a>>,
    /// The names so far as the source spells them, each with its place in the tree.
    names: Vec<(&'a str, Kind, u32)>,
    stage: Stage,
    /// Those of the elements that may not stand in their like that are open.
    within: Vec<Kind>,
}

impl<'a> Builder<'a> {
    /// Takes the text at a place of the source.
    fn text(&mut self, range: Range<usize>) -> Option<()> {
        let text: &'a str = &self.source[range.clone()];
        if text.contains('&') {
            let decoded = with_characters(text)?;
            let n_blank = decoded.len() - without_blanks(&decoded).len();
            return self.pieces(StrTendril::from(&*decoded), n_blank);
        }
        let n_blank = text.len() - without_blanks(text).len();
        let text = self.source.subtendril(range.start as u32, range.len() as u32);
        self.pieces(text, n_blank)
    }

    /// Takes a text that begins with so many bytes of white space. Before the
    /// body these are of what is open there, or of nothing.
    fn pieces(&mut self, text: StrTendril, n_blank: usize) -> Option<()> {
        let is_blank = n_blank == text.len();
        match self.stage {
            Stage::Body if is_blank || !self.open.last()?.kind.is_frame() => {
                self.put(text);
                return Some(());
            }
            Stage::AfterBody if is_blank => {
                self.put(text);
                return Some(());
            }
            Stage::Body | Stage::AfterBody => return None,
            Stage::Head | Stage::AfterHead if n_blank > 0 => self.put(text.subtendril(0, n_blank as u32)),
            _ => {}
        }
        if !is_blank {
            self.begin_body()?;
            self.put(text.subtendril(n_blank as u32, (text.len() - n_blank) as u32));
        }
        Some(())
    }

    fn put(&mut self, text: StrTendril) {
        if let Some(parent) = self.open.last() {
            self.tree.append_text(parent.id, text);
        }
    }

    /// Takes the tag at a place of the source; its length.
    fn tag(&mut self, at: usize) -> Option<usize> {
        let text: &'a str = &self.source[at..];
        if let Some(end) = text.strip_prefix("</") {
            let (name, rest) = name_of(end)?;
            let rest = without_blanks(rest).strip_prefix('>')?;
            self.end(name)?;
            return Some(text.len() - rest.len());
        }
        let (name, rest) = name_of(&text[1..])?;
        let (attributes, rest) = attributes(rest)?;
        let kind = self.start(name, attributes)?;
        let length = text.len() - rest.len();
        if kind == Kind::Title {
            let inside = rest.find("</")?;
            if inside > 0 {
                let text = with_characters(&rest[..inside])?;
                self.put(StrTendril::from(&*text));
            }
            return Some(length + inside);
        }
        Some(length)
    }

    fn start(&mut self, name: &'a str, attributes: Attributes) -> Option<Kind> {
        let (kind, place) = self.name(name)?;
        match (self.stage, kind) {
            (Stage::Start, Kind::Html) => self.stage = Stage::BeforeHead,
            (Stage::BeforeHead, Kind::Head) => self.stage = Stage::Head,
            (Stage::Start | Stage::BeforeHead, Kind::Meta | Kind::Title) => self.begin_head()?,
            (Stage::Head, Kind::Meta | Kind::Title) => {}
            (Stage::AfterHead, Kind::Meta | Kind::Title) | (Stage::AfterBody, _) => return None,
            (Stage::Body, _) => self.make_way(kind)?,
            (_, Kind::Body) => {
                self.end_head()?;
                self.stage = Stage::Body;
            }
            _ => {
                self.begin_body()?;
                self.make_way(kind)?;
            }
        }
        self.add(name, kind, place, attributes, false);
        Some(kind)
    }

    /// Ends or begins what must be before an element may begin.
    fn make_way(&mut self, kind: Kind) -> Option<()> {
        let above = |builder: &Self| builder.open.last().map(|open| open.kind);
        match kind {
            Kind::Html | Kind::Head | Kind::Body => return None,
            Kind::Caption | Kind::Columns | Kind::Column | Kind::Part | Kind::Row | Kind::Cell => {
                return self.make_way_in_table(kind);
            }
            _ if above(self)?.is_frame() => return None,
            Kind::Link | Kind::Button | Kind::Form if self.within.contains(&kind) => return None,
            // Whether a table ends a paragraph depends on the document's type.
            Kind::Table if self.within.contains(&Kind::Paragraph) => return None,
            _ if !kind.is_inline() && self.within.contains(&Kind::Paragraph) => {
                // A paragraph ends where the next begins.
                if above(self)? != Kind::Paragraph {
                    return None;
                }
                self.pop();
            }
            _ => {}
        }
        match (kind, above(self)?) {
            (Kind::Item, Kind::Item) => self.pop(),
            (Kind::Item, Kind::List) | (Kind::Term, Kind::Terms) => {}
            (Kind::Item | Kind::Term, _) | (Kind::Heading, Kind::Heading) => return None,
            _ => {}
        }
        Some(())
    }

    fn make_way_in_table(&mut self, kind: Kind) -> Option<()> {
        let pops = |above: Kind| match kind {
            Kind::Cell => above == Kind::Cell,
            Kind::Row => matches!(above, Kind::Cell | Kind::Row),
            _ => false,
        };
        loop {
            let above = self.open.last()?;
            let ends = above.is_implied
                && match above.kind {
                    Kind::Columns => kind != Kind::Column,
                    _ => !matches!(kind, Kind::Row | Kind::Cell),
                };
            if !ends && !pops(above.kind) {
                break;
            }
            self.pop();
        }
        match (kind, self.open.last()?.kind) {
            (Kind::Caption | Kind::Columns | Kind::Part, Kind::Table)
            | (Kind::Column, Kind::Columns)
            | (Kind::Row, Kind::Part)
            | (Kind::Cell, Kind::Row) => {}
            (Kind::Column, Kind::Table) => self.imply("colgroup")?,
            (Kind::Row, Kind::Table) => self.imply("tbody")?,
            _ => return None,
        }
        Some(())
    }

    fn end(&mut self, name: &'a str) -> Option<()> {
        let (kind, _) = self.name(name)?;
        match (self.stage, kind) {
            (Stage::Head, Kind::Head) => return self.end_head(),
            (Stage::Body, Kind::Body) | (Stage::Body | Stage::AfterBody, Kind::Html) => {
                let is_plain = matches!(self.open.last()?.kind, Kind::Body | Kind::Paragraph);
                self.stage = Stage::AfterBody;
                return is_plain.then_some(());
            }
            (Stage::Head, Kind::Title) | (Stage::Body, _) if !kind.is_void() => {}
            _ => return None,
        }
        // Elements that end with the one around them.
        loop {
            let above = self.open.last()?;
            if above.name.eq_ignore_ascii_case(name) {
                break;
            }
            let ends = match kind {
                Kind::Table => match above.kind {
                    Kind::Columns => above.is_implied,
                    above => matches!(above, Kind::Cell | Kind::Row | Kind::Part),
                },
                Kind::Part => matches!(above.kind, Kind::Cell | Kind::Row),
                Kind::Row => above.kind == Kind::Cell,
                Kind::List => matches!(above.kind, Kind::Item | Kind::Paragraph),
                Kind::Division | Kind::Item | Kind::Cell => above.kind == Kind::Paragraph,
                _ => false,
            };
            if !ends {
                return None;
            }
            self.pop();
        }
        self.pop();
        Some(())
    }

    fn begin_head(&mut self) -> Option<()> {
        if self.stage == Stage::Start {
            self.imply("html")?;
        }
        self.imply("head")?;
        self.stage = Stage::Head;
        Some(())
    }

    fn end_head(&mut self) -> Option<()> {
        if self.stage != Stage::Head && self.stage != Stage::AfterHead {
            self.begin_head()?;
        }
        if self.stage == Stage::Head {
            self.open.pop_if(|open| open.kind == Kind::Head)?;
        }
        self.stage = Stage::AfterHead;
        Some(())
    }

    fn begin_body(&mut self) -> Option<()> {
        self.end_head()?;
        self.imply("body")?;
        self.stage = Stage::Body;
        Some(())
    }

    /// Opens an element that no tag opens.
    fn imply(&mut self, name: &'static str) -> Option<()> {
        let (kind, place) = self.name(name)?;
        self.add(name, kind, place, Attributes::new(), true);
        Some(())
    }

    /// An element's kind and the place of its name in the tree.
    fn name(&mut self, name: &'a str) -> Option<(Kind, u32)> {
        // Those of a table come last, and most often.
        if let Some((_, kind, place)) = self.names.iter().rev().find(|(known, ..)| *known == name) {
            return Some((*kind, *place));
        }
        if self.names.len() >= MOST_NAMES {
            return None;
        }
        let lower = name.to_ascii_lowercase();
        let kind = Kind::of(&lower)?;
        let place = self.tree.name(&lower);
        self.names.push((name, kind, place));
        Some((kind, place))
    }

    fn add(&mut self, name: &'a str, kind: Kind, place: u32, attributes: Attributes, is_implied: bool) {
        let parent = self.open.last().map_or(Tree::DOCUMENT, |open| open.id);
        let id = self.tree.append_element(parent, place, attributes);
        if !kind.is_void() {
            self.open.push(Open { id, kind, name, is_implied });
            if kind.is_once() {
                self.within.push(kind);
            }
        }
    }

    fn pop(&mut self) {
        if self.open.pop().is_some_and(|open| open.kind.is_once()) {
            self.within.pop();
        }
    }
}

/// What HTML calls white space.
fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0c')
}

fn without_blanks(text: &str) -> &str {
    text.trim_start_matches(is_blank)
}

/// The name at the start of a tag's inside, and what follows it.
fn name_of(text: &str) -> Option<(&str, &str)> {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':');
    let length = text.bytes().take_while(|byte| is_of_name(byte)).count();
    let ends = text
        .as_bytes()
        .get(length)
        .is_some_and(|byte| matches!(byte, b'>' | b'/' | b'=') || is_blank(char::from(*byte)));
    (length > 0 && ends && text.as_bytes()[0].is_ascii_alphabetic()).then(|| text.split_at(length))
}

/// The attributes that are kept of a tag, and what follows it. A slash at a tag's
/// end means nothing in HTML.
fn attributes(mut rest: &str) -> Option<(Attributes, &str)> {
    let mut kept = Attributes::new();
    loop {
        rest = without_blanks(rest);
        if let Some(after) = rest.strip_prefix("/>").or_else(|| rest.strip_prefix('>')) {
            return Some((kept, after));
        }
        let (name, after) = name_of(rest)?;
        let (value, after) = match without_blanks(after).strip_prefix('=') {
            Some(value) => value_of(without_blanks(value))?,
            None => ("", after),
        };
        if let Some(name) = KEPT.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            if kept.iter().any(|(known, _)| known == name) {
                return None;
            }
            kept.push((*name, StrTendril::from(&*with_characters(value)?)));
        }
        rest = after;
    }
}

/// The value at the start of a text, and what follows it.
fn value_of(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    if let Some(quote) = quote {
        let (value, after) = text[1..].split_once(quote)?;
        return after.starts_with(|c| matches!(c, '>' | '/') || is_blank(c)).then_some((value, after));
    }
    let end = text.find(|c| c == '>' || is_blank(c))?;
    let (value, after) = text.split_at(end);
    (end > 0 && !value.contains(['"', '\'', '<', '=', '`'])).then_some((value, after))
}

/// A text with its character references written out; none where one of them is
/// not plain.
fn with_characters(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('&') {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = String::with_capacity(text.len());
    let mut pieces = text.split('&');
    decoded.push_str(pieces.next()?);
    for piece in pieces {
        if !piece.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '#') {
            decoded.push('&');
            decoded.push_str(piece);
            continue;
        }
        let (reference, rest) = piece.split_once(';')?;
        decoded.push(character(reference)?);
        decoded.push_str(rest);
    }
    Some(Cow::Owned(decoded))
}

/// The character of a reference that ends in a semicolon.
fn character(reference: &str) -> Option<char> {
    if let Some(number) = reference.strip_prefix('#') {
        let hexadecimal = number.strip_prefix(['x', 'X']);
        let digits = hexadecimal.unwrap_or(number);
        let is_plain = (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let code =
            u32::from_str_radix(digits, if hexadecimal.is_some() { 16 } else { 10 }).ok().filter(|_| is_plain)?;
        // Others stand for something else than they say.
        return char::from_u32(code).filter(|c| !c.is_control() || matches!(c, '\t' | '\n'));
    }
    Some(match reference {
        "nbsp" => '\u{a0}',
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "ldquo" => '“',
        "rdquo" => '”',
        "mdash" => '—',
        "hellip" => '…',
        "middot" => '·',
        "ensp" => '\u{2002}',
        "emsp" => '\u{2003}',
        "copy" => '©',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::dom::{Element, Step};
    use super::*;

    /// A tree as its walk sees it, each text and each attribute told apart.
    fn outline(tree: &Tree) -> String {
        let attribute =
            |element: &Element<'_>, name: &str| element.attr(name).map(|value| format!(" {name}={value:?}"));
        let words = tree.walk().map(|step| match step {
            Step::Text(text) => format!("{text:?}"),
            Step::Open(_, element) => {
                let attributes: String = KEPT.iter().filter_map(|name| attribute(&element, name)).collect();
                format!("<{}{attributes}>", element.name())
            }
            Step::Close(_, element) => format!("</{}>", element.name()),
        });
        words.collect()
    }

    /// Whether a source is orderly; where it is, its tree must be the parser's.
    fn is_orderly(source: &str) -> bool {
        let input = StrTendril::from(source);
        let found = tree(&input, Tree::with_room_for(source)).map(|tree| outline(&tree));
        if let Some(found) = &found {
            assert_eq!(*found, outline(&Tree::repaired(input)), "{source}");
        }
        found.is_some()
    }

    #[test]
    fn what_is_in_order_gives_the_parsers_tree() {
        for source in [
            "",
            "\n<html>\n<head>\n<meta name=a content=\"b &amp; c\">\n<title>年报 &gt; &nbsp;</title>\n</head>\n<body class=x>1\n</body>\n</html>\n",
            " 年报<p>1<p>2<div>3<p>4</div>",
            "<title>a</title>b",
            "<p>1<br>2<a href=/a/><span style='display:none'>3</span></a><o:p>&nbsp;</o:p></p>",
            "<ul class='nav' id=n><li><a>1</a></li><li>2<li>3</ul><hr><h1>4</h1>",
            "<table>\n<caption>0</caption><col><col>\n<tr>\n<td colspan=2>1</td><th>2<tr><td>3<p>4</td></tr></table>5",
            "<table><colgroup><col></colgroup><thead><tr><td>1</thead><tbody><tr><td>2</table>",
            "<table><tr><td><table><tr><td>1</td></tr></table></td></tr></table>",
            "<form><input type=text value=1><button>2</button></form>",
            "<p/>1<a/>2</a></p>",
            "AT & T &#x4e00;&#160;",
        ] {
            assert!(is_orderly(source), "{source}");
        }
    }

    #[test]
    fn what_is_not_is_left_to_the_parser() {
        for source in [
            "<table>1<tr><td>2</table>",
            "<table><tr>&nbsp;<td>2</table>",
            "<p><table><tr><td>1</table>",
            "<p><a>1</p>2</a>",
            "<a>1<a>2</a></a>",
            "<div>1</span></div>",
            "<p>1<span><div>2</div></span>",
            "</p>",
            "a &copy b",
            "1 < 2",
            "<select><option>1</select>",
            "<body>1</body>2",
            "<td class=a class=b>1",
            "<table><form><tr><td>1</form></table>",
            "<p>1<!-- -->2",
            "a\0b",
        ] {
            assert!(!is_orderly(source), "{source}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn trees_are_the_parsers(
            pieces in proptest::collection::vec(0..PIECES.len(), 0..24)
        ) {
            is_orderly(&pieces.into_iter().map(|at| PIECES[at]).collect::<String>());
        }

        #[test]
        fn tables_are_the_parsers(
            pieces in proptest::collection::vec(0..PIECES_OF_TABLES.len(), 0..16)
        ) {
            let inside: String = pieces.into_iter().map(|at| PIECES_OF_TABLES[at]).collect();
            is_orderly(&format!("<table>{inside}"));
        }

        #[test]
        fn tags_are_the_parsers(inside in "[a-c =\"'/&;#x0 >]{0,12}") {
            is_orderly(&format!("<td class{inside}>1"));
            is_orderly(&format!("<p {inside}>1"));
        }

        #[test]
        fn references_are_the_parsers(text in "[&#xnbspamlgt0-9; a]{0,10}") {
            is_orderly(&text);
        }
    }

    const PIECES: [&str; 53] = [
        " ",
        "\n",
        "1",
        "&nbsp;",
        "<html>",
        "</html>",
        "<head>",
        "</head>",
        "<body>",
        "</body>",
        "<meta name=a>",
        "<title>",
        "</title>",
        "<p>",
        "</p>",
        "<p class=a>",
        "<div>",
        "</div>",
        "<DIV>",
        "<h1>",
        "</h1>",
        "<h2>",
        "</h2>",
        "<ul>",
        "</ul>",
        "<li>",
        "</li>",
        "<dl>",
        "</dl>",
        "<dt>",
        "</dt>",
        "<dd>",
        "</dd>",
        "<a>",
        "<a/>",
        "</a>",
        "<span>",
        "</span>",
        "<o:p>",
        "</o:p>",
        "<br>",
        "<hr>",
        "<img/>",
        "<input>",
        "<form>",
        "</form>",
        "<button>",
        "</button>",
        "<table>",
        "</table>",
        "<tr>",
        "<td>",
        "</td>",
    ];

    const PIECES_OF_TABLES: [&str; 25] = [
        " ",
        "1",
        "<caption>",
        "</caption>",
        "<colgroup>",
        "</colgroup>",
        "<col>",
        "<tbody>",
        "</tbody>",
        "<thead>",
        "</thead>",
        "<tr>",
        "</tr>",
        "<tr>",
        "</tr>",
        "<td>",
        "</td>",
        "<td>",
        "</td>",
        "<th>",
        "</th>",
        "<p>",
        "</p>",
        "<table>",
        "</table>",
    ];
}
