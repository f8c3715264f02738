//! Tables as grids, with spans resolved.

/// A table: rows of cells, each cell with the grid positions that it covers.
///
/// Rows hold the cells that *begin* in them, in source order. In the official
/// forms a heading may span one column where its data span two, so the order
/// of the cells in a row is the stronger evidence, the column the weaker.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grid {
    /// The rows in order.
    pub rows: Vec<Row>,
    /// The number of grid columns.
    pub n_columns: u32,
    /// The table's caption, where it has one.
    pub caption: Option<String>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// The cells that begin in this row, in source order.
    pub cells: Vec<Cell>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// The cell's text; line breaks inside it are kept as `\n`.
    pub text: String,
    /// The first grid row it covers, from 0.
    pub row: u32,
    /// The first grid column it covers, from 0.
    pub column: u32,
    /// How many grid rows it covers, at least 1.
    pub row_span: u32,
    /// How many grid columns it covers, at least 1.
    pub column_span: u32,
    /// Whether it was marked as a heading (`th`).
    pub is_header: bool,
}

impl Grid {
    /// The cell that covers a grid position, if any.
    #[must_use]
    pub fn at(&self, row: u32, column: u32) -> Option<&Cell> {
        // A cell that covers the position begins at its row or above.
        self.rows.iter().take(row as usize + 1).rev().flat_map(|r| &r.cells).find(|cell| {
            (cell.row..cell.row + cell.row_span).contains(&row)
                && (cell.column..cell.column + cell.column_span).contains(&column)
        })
    }

    /// The table's text: a line a row, cells separated by tabs.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (at, row) in self.rows.iter().enumerate() {
            if at > 0 {
                text.push('\n');
            }
            for (at, cell) in row.cells.iter().enumerate() {
                if at > 0 {
                    text.push('\t');
                }
                if cell.text.contains(['\n', '\t']) {
                    text.push_str(&cell.text.replace(['\n', '\t'], " "));
                } else {
                    text.push_str(&cell.text);
                }
            }
        }
        text
    }
}
