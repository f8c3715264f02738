//! Which blocks are the report, and why the others are not.

use super::{Article, Page};

/// Keeps the blocks of a page that are the report.
///
/// Pure, cannot fail. What was dropped is kept beside what was kept, each with
/// its reason, because a wrong cut must be seen. Rows of statistics are never
/// dropped.
#[must_use]
pub fn clean(page: &Page) -> Article {
    todo!("{page:?}")
}
