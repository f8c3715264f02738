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
//! | `html`, `text` | text to blocks |
//! | `grid` | tables with their spans resolved |
//! | `fold` | the one spelling in which labels are compared |
//! | `clean` | the blocks that are the article, and those that are not |

mod address;
mod block;
mod capture;
pub mod charset;
pub mod clean;
pub mod fold;
mod grid;
mod html;
mod text;

pub use address::canonical_url;
pub use block::{
    Article, BinaryKind, Block, BlockKind, DropReason, Dropped, Locator, Page, PageKind, Place, Surroundings,
};
pub use capture::{Capture, PlaceHint, hex};
pub use clean::clean;
pub use grid::{Cell, Grid, Row};

/// Decodes a capture's own body into a page; its parts are pages of their own.
///
/// Pure and total: bytes that are no document give a page without blocks,
/// whose `kind` says what they are.
#[must_use]
pub fn decode(capture: &Capture) -> Page {
    todo!("{capture:?}")
}
