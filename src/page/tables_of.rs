//! Which tables of a document hold data, and which only lay the page out.

use std::collections::HashMap;

use ego_tree::iter::Edge;
use ego_tree::{NodeId, Tree};
use scraper::node::Node;

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
    n_rows: usize,
    cell_chars: usize,
    longest_cell: usize,
    holds_table: bool,
}

/// The kind of every table: one that holds another, has a single cell, or
/// whose cell holds prose, is layout.
pub(super) fn table_kinds(tree: &Tree<Node>) -> HashMap<NodeId, TableKind> {
    let mut kinds = HashMap::new();
    let mut open: Vec<Seen> = Vec::new();
    for edge in tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(text) => {
                    if let Some(seen) = open.last_mut() {
                        seen.cell_chars += text.chars().filter(|c| !c.is_whitespace()).count();
                    }
                }
                Node::Element(element) => match element.name() {
                    "table" => {
                        if let Some(outer) = open.last_mut() {
                            outer.holds_table = true;
                        }
                        open.push(Seen::default());
                    }
                    "tr" => open.iter_mut().last().into_iter().for_each(|seen| seen.n_rows += 1),
                    "td" | "th" => open.iter_mut().last().into_iter().for_each(|seen| {
                        seen.n_cells += 1;
                        seen.cell_chars = 0;
                    }),
                    _ => {}
                },
                _ => {}
            },
            Edge::Close(node) => {
                let Node::Element(element) = node.value() else { continue };
                match element.name() {
                    "td" | "th" => open.iter_mut().last().into_iter().for_each(|seen| {
                        seen.longest_cell = seen.longest_cell.max(seen.cell_chars);
                    }),
                    "table" => {
                        if let Some(seen) = open.pop() {
                            kinds.insert(node.id(), kind(&seen));
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    kinds
}

fn kind(seen: &Seen) -> TableKind {
    let is_prose = seen.longest_cell > MOST_CELL && seen.n_cells < 60;
    if seen.holds_table || seen.n_cells < 2 || is_prose { TableKind::Layout } else { TableKind::Data }
}
