//! HTML to blocks: one walk over the tree, without recursion.

use std::cell::OnceCell;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::block::{Block, BlockKind, Locator};
use super::dom::{Element, NodeId, Step, Tree};
use super::room::Room;
use super::spans::TableBuilder;
use super::tables_of::{TableKind, table_kinds};
use super::tidy::{Tidied, tidy};

/// What a walk over a document found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub blocks: Vec<Block>,
    /// Title candidates, best first.
    pub titles: Vec<String>,
    pub meta: Vec<(String, String)>,
    pub limits_met: Vec<String>,
}

/// Reads the blocks of an HTML document.
pub(super) fn blocks(html: String) -> Found {
    let Tidied { source, cuts } = tidy(&html);
    drop(html);
    let tree = Tree::parse(source);
    let mut walk = Walk::default();
    let kinds = table_kinds(&tree);
    let mut skipping: Option<NodeId> = None;
    for step in tree.walk() {
        match step {
            Step::Text(text) if skipping.is_none() => walk.text(text),
            Step::Open(id, element) if skipping.is_none() && is_hidden(&element) => skipping = Some(id),
            Step::Open(id, element) if skipping.is_none() => {
                let kind = if element.name() == "table" { kinds.get(&id).copied() } else { None };
                walk.open(&element, kind);
            }
            Step::Close(id, _) if skipping == Some(id) => skipping = None,
            Step::Close(_, element) if skipping.is_none() => walk.close(&element),
            _ => {}
        }
    }
    walk.flush();
    let mut found = walk.found;
    found.limits_met.extend(cuts.into_iter().map(str::to_owned));
    found.limits_met.extend(walk.room.cut());
    let mut titles = walk.article_titles;
    titles.append(&mut walk.headings);
    walk.title_elements.sort_by_key(|title| std::cmp::Reverse(title.chars().count()));
    titles.append(&mut walk.title_elements);
    found.titles = titles;
    found
}

/// An element on the way from the root to where the walk stands.
#[derive(Default)]
struct Open<'a> {
    /// None where only the height counts.
    element: Option<Element<'a>>,
    /// Its place among its parent's children of the same tag, from 1.
    place: u32,
    /// What it says in the context of blocks, made for the first of them.
    words: OnceCell<Arc<str>>,
    /// How many children of each tag it has had so far.
    children: Vec<(&'a str, u32)>,
}

impl Open<'_> {
    fn tag(&self) -> &str {
        self.element.map_or("", |element| element.name())
    }

    /// Its tag, id and class words.
    fn words(&self) -> Arc<str> {
        let words = || {
            let mut words = self.tag().to_owned();
            for value in ["id", "class"].into_iter().filter_map(|name| self.element?.attr(name)) {
                words.push(' ');
                words.extend(value.chars().take(80));
            }
            words.into()
        };
        Arc::clone(self.words.get_or_init(words))
    }
}

/// What the text being gathered will become.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gathering {
    Paragraph,
    Heading(u8),
    Title,
    Control,
}

#[derive(Default)]
struct Walk<'a> {
    found: Found,
    stack: Vec<Open<'a>>,
    text: String,
    n_chars: usize,
    n_link_chars: usize,
    in_link: u32,
    gathering: Option<Gathering>,
    /// Items of the outermost list being walked, with the stack's height there.
    list: Option<(usize, Vec<String>, usize, usize)>,
    table: Option<(usize, TableBuilder)>,
    /// Text whose lines and spaces stand as they are, with the stack's height there.
    preformatted: Option<(usize, String)>,
    /// What may still be kept.
    room: Room,
    article_titles: Vec<String>,
    headings: Vec<String>,
    title_elements: Vec<String>,
}

impl<'a> Walk<'a> {
    fn open(&mut self, element: &Element<'a>, table: Option<TableKind>) {
        let tag = element.name();
        if let Some((_, text)) = &mut self.preformatted {
            if tag == "br" || is_block(tag) {
                text.push('\n');
            }
            return self.descend(element);
        }
        // What was gathered belongs to the element around this one.
        if self.table.is_none() && is_block(tag) {
            self.flush();
        } else if self.table.is_none() && tag == "br" {
            self.flush_line();
        }
        self.descend(element);
        if let Some((_, builder)) = &mut self.table {
            match tag {
                "tr" => builder.row(),
                "td" | "th" => builder.cell(element),
                "caption" => builder.caption(),
                "br" | "p" | "div" | "li" => builder.line_break(),
                "a" => builder.link(),
                _ => {}
            }
            return;
        }
        match tag {
            "table" if table == Some(TableKind::Data) => {
                self.flush_list();
                self.table = Some((self.stack.len(), TableBuilder::new(self.room.n_cells())));
            }
            "pre" if self.list.is_none() => self.preformatted = Some((self.stack.len(), String::new())),
            "a" => self.in_link += 1,
            "meta" => self.meta(element),
            "title" => self.begin(Gathering::Title),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.begin(Gathering::Heading(tag.as_bytes()[1] - b'0')),
            "select" | "button" | "textarea" if self.gathering.is_none() => self.begin(Gathering::Control),
            "input" => self.control(element),
            "ul" | "ol" | "dl" if self.list.is_none() => self.list = Some((self.stack.len(), Vec::new(), 0, 0)),
            _ => {}
        }
    }

    fn close(&mut self, element: &Element<'_>) {
        let tag = element.name();
        let height = self.stack.len();
        if let Some((opened_at, _)) = &self.preformatted {
            if *opened_at == height {
                self.end_preformatted();
            }
            self.stack.pop();
            return;
        }
        if let Some((opened_at, _)) = &self.table {
            if *opened_at == height && tag == "table" {
                self.end_table();
            } else if let Some((_, builder)) = &mut self.table {
                match tag {
                    "td" | "th" | "caption" => builder.end_cell(),
                    "p" | "div" | "li" => builder.line_break(),
                    "a" => builder.end_link(),
                    _ => {}
                }
            }
            self.stack.pop();
            return;
        }
        match tag {
            "a" => self.in_link = self.in_link.saturating_sub(1),
            "title" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "select" | "button" | "textarea" => self.flush(),
            "ul" | "ol" | "dl" if self.list.as_ref().is_some_and(|list| list.0 == height) => {
                self.flush();
                self.flush_list();
            }
            tag if is_block(tag) => self.flush(),
            _ => {}
        }
        self.stack.pop();
    }

    fn text(&mut self, text: &str) {
        if let Some((_, lines)) = &mut self.preformatted {
            return lines.push_str(text);
        }
        if let Some((_, builder)) = &mut self.table {
            builder.text(text);
            return;
        }
        let n = text.chars().filter(|c| !c.is_whitespace()).count();
        self.n_chars += n;
        if self.in_link > 0 {
            self.n_link_chars += n;
        }
        push_inline(&mut self.text, text);
    }

    fn begin(&mut self, gathering: Gathering) {
        self.flush();
        self.gathering = Some(gathering);
    }

    /// Ends a line inside a paragraph: `<br>` separates paragraphs as much as
    /// `<p>` does on these pages, but not inside a heading.
    fn flush_line(&mut self) {
        match self.gathering {
            None | Some(Gathering::Paragraph) => self.flush(),
            Some(_) => self.text.push(' '),
        }
    }

    /// Turns what was gathered into a block.
    fn flush(&mut self) {
        let mut text = tidy_space(&std::mem::take(&mut self.text));
        let n_chars = std::mem::take(&mut self.n_chars);
        let n_link_chars = std::mem::take(&mut self.n_link_chars);
        let gathering = self.gathering.take().unwrap_or(Gathering::Paragraph);
        if text.is_empty() {
            return;
        }
        match gathering {
            Gathering::Title if self.title_elements.len() < MOST_TITLES => return self.title_elements.push(text),
            Gathering::Title => return,
            _ if !self.room.piece(&mut text) => return,
            Gathering::Heading(_) if self.headings.len() < 8 => self.headings.push(text.clone()),
            _ => {}
        }
        if let (Some((_, items, chars, links)), Gathering::Paragraph) = (&mut self.list, gathering) {
            items.push(text);
            *chars += n_chars;
            *links += n_link_chars;
            return;
        }
        let kind = match gathering {
            Gathering::Heading(level) => BlockKind::Heading(level, text),
            Gathering::Control => BlockKind::Control(text),
            Gathering::Paragraph | Gathering::Title => BlockKind::Paragraph(text),
        };
        let height = self.stack.len();
        self.push(kind, height, share(n_link_chars, n_chars));
    }

    fn flush_list(&mut self) {
        self.flush();
        if let Some((height, items, n_chars, n_link_chars)) = self.list.take()
            && !items.is_empty()
        {
            self.push(BlockKind::List(items), height, share(n_link_chars, n_chars));
        }
    }

    fn end_table(&mut self) {
        if let Some((height, builder)) = self.table.take() {
            let (grid, density, limits) = builder.finish();
            self.found.limits_met.extend(limits.filter(|limit| !self.found.limits_met.contains(limit)));
            if !grid.rows.is_empty() && self.room.table(&grid) {
                self.push(BlockKind::Table(grid.into()), height, density);
            }
        }
    }

    /// The lines of preformatted text, and the tables that it draws.
    fn end_preformatted(&mut self) {
        let Some((height, lines)) = self.preformatted.take() else { return };
        let path = self.path(height);
        for block in super::text::blocks(&lines, &mut self.room) {
            let line = block.locator.to_string();
            self.push_at(block.kind, Locator::dom(format!("{path} {line}")), height, 0.0);
        }
    }

    fn push(&mut self, kind: BlockKind, height: usize, link_density: f32) {
        let locator = Locator::dom(self.path(height));
        self.push_at(kind, locator, height, link_density);
    }

    fn push_at(&mut self, kind: BlockKind, locator: Locator, height: usize, link_density: f32) {
        let context = self.stack[..height.min(self.stack.len())].iter().rev().take(MOST_CONTEXT);
        let context = context.map(Open::words).collect();
        self.found.blocks.push(Block { kind, locator, link_density, context });
    }

    /// The path of the element at a height of the stack; where it is deep, its
    /// innermost steps.
    fn path(&self, height: usize) -> String {
        let stack = &self.stack[..height.min(self.stack.len())];
        let from = stack.len().saturating_sub(MOST_STEPS);
        let mut path = String::from(if from > 0 { "…" } else { "" });
        for open in &stack[from..] {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(open.tag());
            if open.place > 1 {
                path.push_str(&format!("[{}]", open.place));
            }
        }
        path
    }

    fn descend(&mut self, element: &Element<'a>) {
        // Inside a table of data only the height counts: its cells are told by
        // row and column, not by their path.
        if self.stack.len() >= MOST_STACK || self.table.is_some() {
            return self.stack.push(Open::default());
        }
        let tag = element.name();
        let place = self.stack.last_mut().map_or(1, |parent| {
            if let Some((_, n)) = parent.children.iter_mut().find(|(other, _)| *other == tag) {
                *n += 1;
                return *n;
            }
            if parent.children.len() < 64 {
                parent.children.push((tag, 1));
            }
            1
        });
        self.stack.push(Open { element: Some(*element), place, ..Open::default() });
    }

    fn meta(&mut self, element: &Element<'_>) {
        let name = element.attr("name").or_else(|| element.attr("property"));
        if let (Some(name), Some(content)) = (name, element.attr("content"))
            && self.found.meta.len() < 100
        {
            let (name, content) = (name.trim().to_ascii_lowercase(), tidy_space(content));
            if name == "articletitle" && !content.is_empty() {
                self.article_titles.push(content.clone());
            }
            self.found.meta.push((name, content));
        }
    }

    fn control(&mut self, element: &Element<'_>) {
        let kind = element.attr("type").unwrap_or("text");
        let label = element.attr("value").or_else(|| element.attr("placeholder")).unwrap_or_default();
        if kind.eq_ignore_ascii_case("hidden") || label.trim().is_empty() {
            return;
        }
        self.flush();
        let mut label = tidy_space(label);
        if self.room.piece(&mut label) {
            let height = self.stack.len();
            self.push(BlockKind::Control(label), height, 0.0);
        }
    }
}

/// Ancestors that a block's context names.
const MOST_CONTEXT: usize = 6;

/// Steps of a block's path. Portals nest some 60 elements.
const MOST_STEPS: usize = 80;

/// Elements on the way to a block that have a name in its path. What nests
/// deeper than the tidied source does is no HTML.
const MOST_STACK: usize = 2_000;

/// Title elements that are looked at: sites have two at most.
const MOST_TITLES: usize = 16;

pub(super) fn share(part: usize, whole: usize) -> f32 {
    if whole == 0 { 0.0 } else { part as f32 / whole as f32 }
}

fn is_hidden(element: &Element<'_>) -> bool {
    static STYLE: LazyLock<Option<Regex>> =
        LazyLock::new(|| crate::pattern(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden"));
    let style = || Some(STYLE.as_ref()?.is_match(element.attr("style")?));
    element.attr("hidden").is_some()
        || matches!(element.name(), "script" | "style" | "template" | "svg" | "noscript" | "object" | "datalist")
        || style().unwrap_or(false)
}

/// Elements that end a paragraph before and after them.
fn is_block(tag: &str) -> bool {
    matches!(
        tag,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "center"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figure"
            | "footer"
            | "form"
            | "header"
            | "hr"
            | "li"
            | "main"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "table"
            | "tbody"
            | "td"
            | "th"
            | "tr"
            | "ul"
    )
}

/// Adds inline text. A line break of the source between two Chinese characters
/// is the editor's, not the writer's: no space comes of it.
pub(super) fn push_inline(text: &mut String, more: &str) {
    let wraps = more.contains(['\n', '\r']);
    if !wraps {
        text.push_str(more);
        return;
    }
    let mut rest = more;
    while let Some(at) = rest.find(['\n', '\r']) {
        let before = rest[..at].trim_end_matches([' ', '\t']);
        text.push_str(before);
        rest = rest[at..].trim_start_matches([' ', '\t', '\n', '\r']);
        let wide = |c: Option<char>| c.is_some_and(|c| c >= '\u{2e80}');
        let (last, next) = (text.chars().next_back(), rest.chars().next());
        // Text may go on in the next node: a space there is harmless, since it
        // is trimmed at a block's end.
        if !(wide(last) && (wide(next) || next.is_none()) || last.is_none() || last.is_some_and(char::is_whitespace)) {
            text.push(' ');
        }
    }
    text.push_str(rest);
}

/// White space trimmed, runs of it made one space.
pub(super) fn tidy_space(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}')) {
        if !word.is_empty() {
            if !tidied.is_empty() {
                tidied.push(' ');
            }
            tidied.push_str(word);
        }
    }
    tidied
}
