//! A table's cells put into their grid: rowspan and colspan resolved, bounded.

use super::dom::Element;
use super::grid::{Cell, Grid, Row};
use super::html::{push_inline, share, tidy_space};

/// Columns of a grid; what lies beyond is left out and said.
const MOST_COLUMNS: u32 = 300;

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
    /// The column after the last cell as its source spans it: where spans do
    /// not add up a cell is clipped, and what follows it stays in its place.
    next: u32,
    text: String,
    n_cells: usize,
    in_link: bool,
    n_link_chars: usize,
    most_cells: usize,
    was_cut: bool,
}

impl TableBuilder {
    /// A builder of a table that may have so many cells.
    pub fn new(most_cells: usize) -> Self {
        Self { most_cells, ..Self::default() }
    }

    pub fn row(&mut self) {
        self.end_cell();
        self.next = 0;
        // Rows without cells take room too: no more of either.
        if self.grid.rows.len() < self.most_cells {
            self.grid.rows.push(Row::default());
        } else {
            (self.n_cells, self.was_cut) = (self.most_cells, true);
        }
    }

    pub fn caption(&mut self) {
        self.end_cell();
        self.in_caption = true;
    }

    pub fn cell(&mut self, element: &Element<'_>) {
        self.end_cell();
        if self.grid.rows.is_empty() {
            self.grid.rows.push(Row::default());
        }
        let row = self.grid.rows.len() as u32 - 1;
        if self.n_cells >= self.most_cells {
            self.was_cut = true;
            return;
        }
        let column = self.first_free(row);
        if column >= MOST_COLUMNS {
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
        self.next = column + column_span;
        let taken = self.free_from.iter().skip(column as usize).take(column_span as usize).position(|from| *from > row);
        let column_span = taken.map_or(column_span, |free| free as u32);
        self.occupy(column, column_span, row + row_span);
        self.n_cells += 1;
        let is_header = element.name() == "th";
        self.cell = Some(Cell { text: String::new(), row, column, row_span, column_span, is_header });
    }

    pub fn text(&mut self, text: &str) {
        if self.cell.is_some() || self.in_caption {
            let end = text.floor_char_boundary(MOST_CELL_BYTES.saturating_sub(self.text.len()));
            self.was_cut |= !text[end..].trim().is_empty();
            if self.in_link {
                self.n_link_chars += text[..end].chars().filter(|c| !c.is_whitespace()).count();
            }
            push_inline(&mut self.text, &text[..end]);
        }
    }

    /// A break inside a cell: `<br>`, or where a paragraph begins or ends.
    pub fn line_break(&mut self) {
        if self.cell.is_some() && !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    pub fn link(&mut self) {
        self.in_link = true;
    }

    pub fn end_link(&mut self) {
        self.in_link = false;
    }

    pub fn end_cell(&mut self) {
        self.in_link = false;
        let mut text = std::mem::take(&mut self.text);
        // Most cells are a number and nothing else.
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            let lines = text.split('\n').map(tidy_space).filter(|line| !line.is_empty());
            text = lines.collect::<Vec<_>>().join("\n");
        }
        if let Some(mut cell) = self.cell.take() {
            cell.text = text;
            if let Some(row) = self.grid.rows.last_mut() {
                row.cells.push(cell);
            }
        } else if std::mem::take(&mut self.in_caption) && !text.is_empty() {
            self.grid.caption = Some(text);
        }
    }

    /// The grid, the share of its text that is links, and the bounds that were met.
    pub fn finish(mut self) -> (Grid, f32, Option<String>) {
        self.end_cell();
        // A row without cells still counts in spans, so it stays; a span that
        // reaches below the last row ends with it.
        let n_rows = self.grid.rows.len() as u32;
        for cell in self.grid.rows.iter_mut().flat_map(|row| &mut row.cells) {
            cell.row_span = cell.row_span.min(n_rows - cell.row);
        }
        self.grid.n_columns = self.free_from.len() as u32;
        let cells = self.grid.rows.iter().flat_map(|row| &row.cells);
        let n_chars = || cells.flat_map(|cell| cell.text.chars()).filter(|c| !c.is_whitespace()).count();
        let density = if self.n_link_chars == 0 { 0.0 } else { share(self.n_link_chars, n_chars()) };
        let said = self.was_cut.then(|| "a table of more than 300 columns, or too many cells, was cut".to_owned());
        (self.grid, density, said)
    }

    fn first_free(&self, row: u32) -> u32 {
        let from = self.next as usize;
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
