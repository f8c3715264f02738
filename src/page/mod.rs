//! Bytes to blocks: what a document says, before it is known what it is.
//!
//! `page` knows nothing of forms or regions, does no I/O and imports nothing
//! else of this crate.
//!
//! | file | idea |
//! | --- | --- |
//! | `capture` | what the wire gave |
//! | `address` | the one spelling under which a document's address is known |
//! | `charset` | bytes to text |
//! | `aids` | readings in brackets behind characters, taken out |
//! | `magic` | bytes that are no text |
//! | `enclosed` | an article that stands as a text in JSON |
//! | `markdown` | marks of Markdown, taken out |
//! | `tidy`, `dom`, `orderly`, `html`, `text` | text to blocks |
//! | `ending` | markup that was cut |
//! | `ruled`, `commas` | tables that a text draws with bars, rules and commas |
//! | `room` | how much of a document is read |
//! | `tables_of` | data tables and layout tables |
//! | `spans`, `grid` | tables with their spans resolved |
//! | `fold` | the one spelling in which labels are compared |
//! | `traced` | the same, which knows what of the page it was made of |
//! | `vocabulary`, `clean` | the blocks that are the article, and those that are not |

mod address;
mod aids;
mod block;
mod capture;
pub mod charset;
pub mod clean;
mod closed;
mod commas;
mod dom;
mod enclosed;
mod ending;
pub mod fold;
mod grid;
mod html;
mod magic;
mod markdown;
mod orderly;
mod room;
mod ruled;
mod spans;
mod tables_of;
mod text;
mod tidy;
pub mod traced;
mod vocabulary;

use std::borrow::Cow;

pub use address::canonical_url;
pub use block::{
    Article, BinaryKind, Block, BlockKind, DropReason, Dropped, Locator, Page, PageKind, Place, Surroundings,
};
pub use capture::{Capture, PlaceHint, hex};
pub use clean::clean;
pub use enclosed::json_value;
pub use ending::Ending;
pub use grid::{Cell, Grid, Row};

/// Decodes a capture's own body into a page; its parts are pages of their own.
///
/// Pure and total: bytes that are no document give a page without blocks,
/// whose `kind` says what they are.
#[must_use]
pub fn decode(capture: &Capture) -> Page {
    let mut limits_met = Vec::new();
    let body = match capture.body.get(..MOST_BYTES) {
        Some(head) => {
            // Neither byte is a part of a character in UTF-8, GB18030 or Big5.
            let end = head.iter().rposition(|byte| matches!(byte, b'>' | b'\n')).map_or(head.len(), |at| at + 1);
            limits_met.push(format!("the document has {} bytes, the first {end} were read", capture.body.len()));
            &head[..end]
        }
        None => &capture.body,
    };
    if let Some(kind) = magic::not_text(body) {
        return Page::without_blocks(kind);
    }
    let (text, decoding) = charset::decode(body, capture.header("content-type"));
    let text = enclosed::article(&text).or_else(|| markdown::plain(&text)).unwrap_or(text);
    let text = aids::without_reading_aids(text);
    if looks_like_html(&text) {
        let ending = Ending::of(&text);
        let mut found = html::blocks(text);
        limits_met.append(&mut found.limits_met);
        let title = found.titles.first().cloned();
        let (titles, meta, blocks) = (found.titles, found.meta, found.blocks);
        return Page { title, titles, meta, blocks, kind: PageKind::Html, decoding, limits_met, ending };
    }
    let mut room = room::Room::default();
    let blocks = text::blocks(&text, &mut room);
    limits_met.extend(room.cut());
    let lines = blocks.iter().take(12).map(Block::text).filter(|line| line.chars().count() < 80);
    let titles: Vec<String> = lines.map(Cow::into_owned).collect();
    let title = titles.first().cloned();
    let (meta, ending) = (Vec::new(), Ending::Whole);
    Page { title, titles, meta, blocks, kind: PageKind::Text, decoding, limits_met, ending }
}

/// Bytes of a document that are read; portals' pages reach 14 MB.
const MOST_BYTES: usize = 24 * 1024 * 1024;

/// Whether a text is markup: one of the tags that only HTML has, near its
/// beginning. What the server calls it is often wrong.
fn looks_like_html(text: &str) -> bool {
    const TAGS: [&str; 11] =
        ["<html", "<!doctype", "<body", "<head", "<table", "<div", "<td", "<p>", "<p ", "<br", "<meta"];
    let head = &text[..text.floor_char_boundary(64 * 1024)];
    head.match_indices('<').take(2000).any(|(at, _)| {
        let start = head[at..].get(..9).or_else(|| head[at..].get(..3)).unwrap_or_default().to_ascii_lowercase();
        TAGS.iter().any(|tag| start.starts_with(tag))
    })
}

impl Page {
    fn without_blocks(kind: PageKind) -> Self {
        let decoding = charset::Decoding {
            encoding: "UTF-8",
            evidence: charset::Evidence::Detected,
            contradicted: None,
            n_replaced: 0,
        };
        let ending = Ending::Whole;
        Self { title: None, titles: vec![], meta: vec![], blocks: vec![], kind, decoding, limits_met: vec![], ending }
    }
}
