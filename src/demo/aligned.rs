//! A table in columns by runs of spaces, as `pdftotext -layout` leaves one of a PDF.

use std::collections::HashSet;

use super::sheet::{Role, SheetCell};

/// A table's lines, each cell's words in the middle of its rows and columns.
pub(super) fn aligned(rows: &[Vec<SheetCell>]) -> Vec<String> {
    const WIDEST: usize = 24;
    const NARROWEST: usize = 8;
    const GAP: usize = 2;
    let cells = placed(rows);
    let n_columns = cells.iter().map(|(_, column, cell)| column + cell.columns).max().unwrap_or(0);
    let mut widths = vec![NARROWEST; n_columns];
    for (_, column, cell) in cells.iter().filter(|(_, _, cell)| cell.columns == 1) {
        let longest = if cell.role == Role::Value { usize::MAX } else { WIDEST };
        widths[*column] = widths[*column].max(width(&cell.text).min(longest));
    }
    let begins = |column: usize| widths[..column].iter().map(|width| width + GAP).sum::<usize>();
    let room = |column: usize, n: usize| begins(column + n) - begins(column) - GAP;
    let words =
        |column: usize, cell: &SheetCell| wrapped(&cell.text.replace(['\n', '\u{a0}'], ""), room(column, cell.columns));
    let mut heights = vec![1; rows.len()];
    for (row, column, cell) in &cells {
        let n = words(*column, cell).len();
        let others: usize = heights[*row..row + cell.rows - 1].iter().sum();
        heights[row + cell.rows - 1] = heights[row + cell.rows - 1].max(n.saturating_sub(others));
    }
    let top = |row: usize| heights[..row].iter().sum::<usize>();
    let mut lines: Vec<Vec<(usize, String)>> = vec![Vec::new(); top(rows.len())];
    for (row, column, cell) in &cells {
        let (words, n_lines) = (words(*column, cell), top(row + cell.rows) - top(*row));
        let first = top(*row) + (n_lines - words.len()) / 2;
        for (at, word) in words.into_iter().enumerate() {
            let margin = (room(*column, cell.columns) - width(&word).min(room(*column, cell.columns))) / 2;
            lines[first + at].push((begins(*column) + margin, word));
        }
    }
    lines.into_iter().map(laid_out).collect()
}

/// Words of a line, each where it begins, or behind a gap.
fn laid_out(mut words: Vec<(usize, String)>) -> String {
    words.sort_by_key(|(begin, _)| *begin);
    words.into_iter().filter(|(_, word)| !word.is_empty()).fold(String::new(), |line, (begin, word)| {
        let n_spaces = begin.saturating_sub(width(&line)).max(if line.is_empty() { 0 } else { 2 });
        line + &" ".repeat(n_spaces) + &word
    })
}

/// Cells with the row and the column in which they begin.
fn placed(rows: &[Vec<SheetCell>]) -> Vec<(usize, usize, &SheetCell)> {
    let mut taken = HashSet::new();
    let mut cells = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        let mut column = 0;
        for cell in row {
            while taken.contains(&(at, column)) {
                column += 1;
            }
            taken.extend((at..at + cell.rows).flat_map(|row| (column..column + cell.columns).map(move |at| (row, at))));
            cells.push((at, column, cell));
        }
    }
    cells.retain(|(at, _, cell)| at + cell.rows <= rows.len());
    cells
}

/// How wide a text stands: a Chinese character takes two places.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// A text over lines of a width.
fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for c in text.chars() {
        if width(lines.last().map_or("", String::as_str)) + width(c.encode_utf8(&mut [0; 4])) > most.max(2) {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
    }
    lines
}
