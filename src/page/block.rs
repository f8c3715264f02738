//! What a decoded document is made of.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::charset::Decoding;
use super::ending::Ending;
use super::grid::Grid;

/// A decoded document: blocks in reading order, with what its head says.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The title chosen among the candidates: the one that names a document,
    /// not the site.
    pub title: Option<String>,
    /// Every title candidate in order of preference (`meta ArticleTitle`,
    /// headings, `<title>` elements, the first line of a text).
    pub titles: Vec<String>,
    /// `<meta name=… content=…>` pairs in order, names in lower case.
    pub meta: Vec<(String, String)>,
    /// The blocks in reading order.
    pub blocks: Vec<Block>,
    /// What the bytes were.
    pub kind: PageKind,
    /// How the bytes became text.
    pub decoding: Decoding,
    /// What was left out because a bound was met, in words for a person.
    pub limits_met: Vec<String>,
    /// How the markup ends.
    pub ending: Ending,
}

/// What the bytes of a document turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageKind {
    /// HTML or XHTML.
    Html,
    /// Plain text, Markdown included.
    Text,
    /// Nothing that can be read as text, with what it looks like.
    Binary(BinaryKind),
    /// No bytes, or white space only.
    Empty,
}

/// What a file that is no text looks like by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryKind {
    /// PNG, JPEG, GIF, BMP or WebP.
    Image,
    /// PDF.
    Pdf,
    /// An OLE2 compound file: Word or Excel before 2007, WPS.
    Ole,
    /// A zip archive: docx, xlsx, OFD among them.
    Zip,
    /// Anything else.
    Other,
}

/// One piece of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Where it stood.
    pub locator: Locator,
    /// The share of its characters that are link text, 0 to 1.
    pub link_density: f32,
    /// The nearest ancestors' tag, id and class words, innermost first,
    /// bounded; empty for plain text. Evidence for cleaning, never for values.
    pub context: Vec<Arc<str>>,
}

/// The kinds of block.
#[derive(Debug, Clone, PartialEq)]
pub enum BlockKind {
    /// A heading with its level, 1 to 6.
    Heading(u8, String),
    /// A paragraph, or a line of plain text.
    Paragraph(String),
    /// A table; an article shares it with its page.
    Table(Arc<Grid>),
    /// The items of a list.
    List(Vec<String>),
    /// A form field, button or the like with its text; never part of a report.
    Control(String),
}

impl Block {
    /// Whether it is a text that stood in a table, and in no cell: what lost tags
    /// leave. Its neighbours are not those that it had in the table.
    #[must_use]
    pub fn is_fostered(&self) -> bool {
        let class = self.context.first().and_then(|words| words.split_once(' ')).map(|(_, class)| class);
        class == Some(super::dom::FOSTERED)
    }

    /// The text of a heading or a paragraph: what a reader sees as a line.
    #[must_use]
    pub fn line(&self) -> Option<&str> {
        match &self.kind {
            BlockKind::Heading(_, text) | BlockKind::Paragraph(text) => Some(text),
            BlockKind::Table(_) | BlockKind::List(_) | BlockKind::Control(_) => None,
        }
    }

    /// The block's text; a table's rows are lines, its cells tab separated.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match &self.kind {
            BlockKind::Heading(_, text) | BlockKind::Paragraph(text) | BlockKind::Control(text) => text.into(),
            BlockKind::List(items) => items.join("\n").into(),
            BlockKind::Table(grid) => grid.text().into(),
        }
    }
}

/// Where a block or a cell stood in its document.
///
/// Stable for the same bytes, and enough for a person to find the place: the
/// path of a DOM element (`html/body/div[2]/table[1]`), a line of a text, each
/// optionally with a row and column of the table it holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Locator {
    /// The part of the capture: 0 for its own body, 1 for the first part.
    pub part: u32,
    /// The place in it.
    pub place: Place,
    /// Row and column of a table cell, both from 1.
    pub cell: Option<(u32, u32)>,
}

/// The place of a block in one body.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// The path of an element, tags with their place among siblings of that
    /// tag; shared, since every cell of a table has its table's.
    Dom(Arc<str>),
    /// A line of plain text, from 1.
    Line(u32),
}

impl Locator {
    /// The locator of a DOM element.
    #[must_use]
    pub fn dom(path: impl Into<Arc<str>>) -> Self {
        Self { part: 0, place: Place::Dom(path.into()), cell: None }
    }

    /// The locator of a line of text, from 1.
    #[must_use]
    pub fn line(number: u32) -> Self {
        Self { part: 0, place: Place::Line(number), cell: None }
    }

    /// The same place, at a table's row and column (both from 1).
    #[must_use]
    pub fn at_cell(&self, row: u32, column: u32) -> Self {
        Self { cell: Some((row, column)), ..self.clone() }
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.part > 0 {
            write!(f, "part {} ", self.part)?;
        }
        match &self.place {
            Place::Dom(path) => f.write_str(path)?,
            Place::Line(line) => write!(f, "line {line}")?,
        }
        if let Some((row, column)) = self.cell {
            write!(f, " row {row} column {column}")?;
        }
        Ok(())
    }
}

/// The blocks of a page that are the report, and those that are not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Article {
    /// What was kept, in reading order.
    pub blocks: Vec<Block>,
    /// What was dropped, in reading order, each with its reason.
    pub dropped: Vec<Dropped>,
    /// What the page's surroundings are: evidence for the report's origin.
    pub surroundings: Surroundings,
}

/// What the blocks around an article say of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Surroundings {
    /// Marks of a shop: product listings, order forms, sample contact data.
    pub shop_marks: u32,
    /// Marks of a wiki or copy site: related entries, popular entries, quotes.
    pub mirror_marks: u32,
    /// Marks of a government portal: registration number, operator, 网站标识码.
    pub government_marks: u32,
}

/// A block that is not part of the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Dropped {
    /// The block.
    pub block: Block,
    /// Why it was dropped.
    pub reason: DropReason,
}

/// Why a block is not part of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DropReason {
    /// Menus and other lists of links.
    Navigation,
    /// 您现在的位置, a path of links.
    Breadcrumb,
    /// Sharing, printing, font size and other tools of the page.
    Sharing,
    /// Related or popular entries.
    RelatedLinks,
    /// A listing of goods.
    ProductListing,
    /// A form to order or write.
    OrderForm,
    /// The site's footer.
    Footer,
    /// Code that was shown as text.
    Script,
    /// The same text again.
    Duplicate,
    /// Metadata of the posting (index number, publisher), read but not kept.
    Metadata,
    /// Text before or after the article that is none of the above.
    Outside,
}

impl DropReason {
    /// The reason in words for a person.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Navigation => "navigation",
            Self::Breadcrumb => "breadcrumb",
            Self::Sharing => "sharing",
            Self::RelatedLinks => "related links",
            Self::ProductListing => "product listing",
            Self::OrderForm => "order form",
            Self::Footer => "footer",
            Self::Script => "script",
            Self::Duplicate => "duplicate",
            Self::Metadata => "metadata",
            Self::Outside => "outside the article",
        }
    }
}
