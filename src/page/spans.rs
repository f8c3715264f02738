//! A table's cells put into their grid: rowspan and colspan resolved, bounded.

use scraper::node::Element;

use super::grid::{Cell, Grid, Row};
use super::html::{push_inline, tidy_space};

/// Columns of a grid; what lies beyond is left out and said.
const MOST_COLUMNS: u32 = 300;

/// Cells of a table; what comes after is left out and said.
const MOST_CELLS: usize = 100_000;

/// Bytes of a cell's text; the rest is left out and said.
const MOST_CELL_BYTES: usize = 20_000;

/// Builds a grid cell by cell, as the table forming rules of HTML (4.9.12) do:
/// a cell goes to the first column of its row that no span from above covers.
#[derive(Default)]
pub(super) struct TableBuilder {
    grid: Grid,
    /// For each column the first row that is free again.
    free_from: Vec<u32>,
    cell: Option<Cell>,
    in_caption: bool,
    text: String,
    n_cells: usize,
    was_cut: bool,
}

impl TableBuilder {
    pub fn row(&mut self) {
        self.end_cell();
        self.grid.rows.push(Row::default());
    }

    pub fn caption(&mut self) {
        self.end_cell();
        self.in_caption = true;
    }

    pub fn cell(&mut self, element: &Element) {
        self.end_cell();
        if self.grid.rows.is_empty() {
            self.grid.rows.push(Row::default());
        }
        let row = self.grid.rows.len() as u32 - 1;
        let column = self.first_free(row);
        if column >= MOST_COLUMNS || self.n_cells >= MOST_CELLS {
            self.was_cut = true;
            return;
        }
        let span = |name, most: u32| {
            let value = element.attr(name).and_then(|text| text.trim().parse::<u32>().ok());
            value.unwrap_or(1).clamp(1, most)
        };
        // A rowspan of 0 means to the end of the table's part; portals use it
        // by mistake, and as 1 it harms least.
        let (row_span, column_span) = (span("rowspan", 1000), span("colspan", MOST_COLUMNS - column));
        self.occupy(column, column_span, row + row_span);
        self.n_cells += 1;
        let is_header = element.name() == "th";
        self.cell = Some(Cell { text: String::new(), row, column, row_span, column_span, is_header });
    }

    pub fn text(&mut self, text: &str) {
        if (self.cell.is_some() || self.in_caption) && self.text.len() < MOST_CELL_BYTES {
            let end = text.floor_char_boundary(MOST_CELL_BYTES);
            self.was_cut |= end < text.len();
            push_inline(&mut self.text, &text[..end]);
        }
    }

    /// A break inside a cell: `<br>`, or where a paragraph begins or ends.
    pub fn line_break(&mut self) {
        if self.cell.is_some() && !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    pub fn end_cell(&mut self) {
        let text = std::mem::take(&mut self.text);
        let lines = text.split('\n').map(tidy_space).filter(|line| !line.is_empty());
        let text = lines.collect::<Vec<_>>().join("\n");
        if let Some(mut cell) = self.cell.take() {
            cell.text = text;
            if let Some(row) = self.grid.rows.last_mut() {
                row.cells.push(cell);
            }
        } else if std::mem::take(&mut self.in_caption) && !text.is_empty() {
            self.grid.caption = Some(text);
        }
    }

    /// The grid, the share of its text that is links (not measured: rows of
    /// statistics hold none), and the bounds that were met.
    pub fn finish(mut self) -> (Grid, f32, Option<String>) {
        self.end_cell();
        // A row without cells still counts in spans, so it stays.
        self.grid.n_columns = self.free_from.len() as u32;
        let said = self.was_cut.then(|| "a table larger than 300 columns or 100000 cells was cut".to_owned());
        (self.grid, 0.0, said)
    }

    fn first_free(&self, row: u32) -> u32 {
        let taken_here = self.grid.rows.last().and_then(|row| row.cells.last());
        let from = taken_here.map_or(0, |cell| cell.column + cell.column_span) as usize;
        let free = self.free_from.iter().skip(from).position(|until| *until <= row);
        free.map_or(self.free_from.len().max(from), |place| from + place) as u32
    }

    fn occupy(&mut self, column: u32, column_span: u32, until: u32) {
        let end = (column + column_span) as usize;
        if self.free_from.len() < end {
            self.free_from.resize(end, 0);
        }
        for free in &mut self.free_from[column as usize..end] {
            *free = (*free).max(until);
        }
    }
}
