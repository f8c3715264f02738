//! Which tables of a document hold data, and which only lay the page out.

use std::collections::HashMap;

use super::dom::{NodeId, Step, Tree};

/// What a table is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TableKind {
    /// Rows and columns of data.
    Data,
    /// A frame for other content, unfolded.
    Layout,
}

/// Characters of one cell above which a table lays out prose.
///
/// The longest label of the forms has 45, their notes on how to fill them in
/// some 200.
const MOST_CELL: usize = 600;

#[derive(Default)]
struct Seen {
    n_cells: usize,
    cell_chars: usize,
    longest_cell: usize,
    holds_table: bool,
}

/// The kind of every table: one that holds another, has a single cell, or
/// whose cell holds prose, is layout.
pub(super) fn table_kinds(tree: &Tree) -> HashMap<NodeId, TableKind> {
    let mut kinds = HashMap::new();
    let mut open: Vec<Seen> = Vec::new();
    for step in tree.walk() {
        match step {
            Step::Text(text) => {
                if let Some(seen) = open.last_mut() {
                    seen.cell_chars += text.chars().filter(|c| !c.is_whitespace()).count();
                }
            }
            Step::Open(_, element) => match (element.name(), open.last_mut()) {
                ("table", outer) => {
                    outer.into_iter().for_each(|outer| outer.holds_table = true);
                    open.push(Seen::default());
                }
                ("td" | "th", Some(seen)) => (seen.n_cells, seen.cell_chars) = (seen.n_cells + 1, 0),
                _ => {}
            },
            Step::Close(id, element) => match (element.name(), open.last_mut()) {
                ("td" | "th", Some(seen)) => seen.longest_cell = seen.longest_cell.max(seen.cell_chars),
                ("table", Some(seen)) => {
                    kinds.insert(id, kind(seen));
                    open.pop();
                }
                _ => {}
            },
        }
    }
    kinds
}

fn kind(seen: &Seen) -> TableKind {
    let is_prose = seen.longest_cell > MOST_CELL && seen.n_cells < 60;
    if seen.holds_table || seen.n_cells < 2 || is_prose { TableKind::Layout } else { TableKind::Data }
}
