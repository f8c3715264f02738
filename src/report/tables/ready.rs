//! Tables with what every reader asks of their cells, computed once.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::numbers::{CellValue, cell};
use super::labels::{bare, is_serial};
use super::matrix::{cut_blank_column, cut_padding};
use crate::page::{Block, BlockKind, Cell, Grid, Locator};

/// A table of the article.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    pub grid: &'a Grid,
    pub place: &'a Locator,
    /// The block that it is.
    pub block: usize,
    pub rows: Vec<Vec<Ready<'a>>>,
    /// The column at which most rows end.
    pub usual_end: u32,
    /// The line right above it; empty where there is none.
    pub above: &'a str,
}

/// Cells of a row, more than any form has columns.
const WIDEST: usize = 30;

/// Rows among which the headings of a table stand.
const HEADINGS_WITHIN: usize = 4;

/// The column at which a row of headings begins again: 统计指标, 单位, 统计数,
/// twice.
fn second_panel(row: &[Ready<'_>]) -> Option<u32> {
    let (left, right) = row.split_at(row.len() / 2);
    let says_again = left.len() >= 2
        && left.len() == right.len()
        && left.iter().zip(right).all(|(left, right)| left.bare == right.bare)
        && left[0].bare.contains("指标");
    says_again.then(|| right[0].cell.column)
}

/// The sections of a table that holds more than one of the form's, each under a
/// heading over its whole width, as when a report is one sheet of a workbook, or each
/// under its own first headings, where a converter ran tables together.
fn sections(mut rows: Vec<Vec<Ready<'_>>>) -> Vec<Vec<Vec<Ready<'_>>>> {
    let (mut begins, mut seen) = (Vec::new(), Vec::new());
    for (at, row) in rows.iter().enumerate() {
        // A page that broke it prints its headings again.
        let head = head_of(row).filter(|head| !seen.contains(head));
        let is_headed = || at > 0 && heads_a_section(&rows[at - 1]);
        if heads_a_section(row) || (head.is_some() && !is_headed()) {
            begins.push(at);
        }
        seen.extend(head);
    }
    let mut parts: Vec<_> = begins.into_iter().rev().map(|at| rows.split_off(at)).collect();
    if !rows.is_empty() || parts.is_empty() {
        parts.push(rows);
    }
    parts.reverse();
    parts
}

/// A table whose first row of headings no other has.
#[derive(PartialEq, Eq)]
enum Head {
    Matrix,
    Disputes,
}

/// The table whose headings begin with a row.
fn head_of(row: &[Ready<'_>]) -> Option<Head> {
    let filled = || row.iter().filter(|cell| !cell.is_blank());
    let are_labels = filled().all(Ready::is_label);
    let is_matrix = || filled().any(|cell| cell.bare == "申请人情况");
    let is_disputes = || filled().map(|cell| cell.bare.as_str()).eq(["行政复议", "行政诉讼"]);
    if are_labels && is_matrix() {
        Some(Head::Matrix)
    } else if are_labels && is_disputes() {
        Some(Head::Disputes)
    } else {
        None
    }
}

/// Whether a row is the heading of a section of the forms since 2019, and nothing
/// else.
fn heads_a_section(row: &[Ready<'_>]) -> bool {
    const SECTIONS: [&[&str]; 3] = [&["主动公开政府信息"], &["收到和处理", "申请"], &["行政复议", "行政诉讼"]];
    let mut filled = row.iter().filter(|cell| !cell.is_blank());
    let (Some(heading), None) = (filled.next(), filled.next()) else { return false };
    let says = |words: &&[&str]| words.iter().all(|word| heading.bare.contains(word));
    heading.is_words() && SECTIONS.iter().any(says)
}

/// A cell with its text as a label and as a value.
#[derive(Debug)]
pub(super) struct Ready<'a> {
    pub cell: &'a Cell,
    /// As labels are compared; empty where it has no letter.
    pub bare: String,
    pub value: CellValue,
}

impl<'a> Sheet<'a> {
    /// The tables among blocks that no reader has used yet.
    pub fn all(blocks: &'a [Block], used: &[bool]) -> Vec<Self> {
        let unused = blocks.iter().enumerate().filter(|(index, _)| !used[*index]);
        let sheets = |(block, of): (usize, &'a Block)| match &of.kind {
            // Only labels tell the rows of cells in a row, see `flat`.
            BlockKind::Table(grid) if matches!(&*grid.rows, [only] if only.cells.len() > WIDEST) => Vec::new(),
            BlockKind::Table(grid) => {
                let above = block.checked_sub(1).and_then(|above| blocks[above].line()).unwrap_or_default();
                Self::of(grid, &of.locator, block, above).into_iter().flat_map(Self::panels).collect()
            }
            _ => Vec::new(),
        };
        unused.flat_map(sheets).collect()
    }

    /// The panels of a table that is printed in two beside each other, the left
    /// one first, or the table itself.
    fn panels(mut self) -> Vec<Self> {
        let Some(at) = self.rows.iter().take(HEADINGS_WITHIN).find_map(|row| second_panel(row)) else {
            return vec![self];
        };
        let split = |row: &mut Vec<Ready<'a>>| {
            let n_left = row.iter().take_while(|cell| cell.cell.column < at).count();
            row.split_off(n_left)
        };
        let rows: Vec<_> = self.rows.iter_mut().map(split).filter(|row| !row.is_empty()).collect();
        self.usual_end = usual_end(&self.rows);
        let right = Self { usual_end: usual_end(&rows), rows, ..self };
        vec![self, right]
    }

    /// The table, or its sections where it holds several.
    fn of(grid: &'a Grid, place: &'a Locator, block: usize, above: &'a str) -> Vec<Self> {
        let ready = |cell: &'a Cell| Ready { cell, bare: bare(&cell.text), value: self::cell(&cell.text) };
        let mut rows: Vec<Vec<Ready<'a>>> = grid.rows.iter().map(|row| row.cells.iter().map(ready).collect()).collect();
        rows.iter_mut().for_each(cut_repeats);
        let sheet = |mut rows: Vec<Vec<Ready<'a>>>| {
            cut_serials(&mut rows);
            cut_spacers(&mut rows);
            cut_blank_column(&mut rows);
            cut_padding(&mut rows);
            let usual_end = usual_end(&rows);
            Self { grid, place, block, rows, usual_end, above }
        };
        sections(rows).into_iter().map(sheet).collect()
    }

    /// All cells in reading order.
    pub fn cells(&self) -> impl Iterator<Item = &Ready<'a>> {
        self.rows.iter().flatten()
    }

    /// Where a cell stands.
    pub fn at(&self, cell: &Ready<'_>) -> Locator {
        self.place.at_cell(cell.cell.row + 1, cell.cell.column + 1)
    }
}

/// Leaves of a caption, which a converter that knows no spans repeats in each column
/// that it covered, the first.
fn cut_repeats(row: &mut Vec<Ready<'_>>) {
    const LEAST: usize = 3;
    let is_caption = row.len() >= LEAST && row.iter().all(|cell| cell.is_words() && cell.bare == row[0].bare);
    if is_caption {
        row.truncate(1);
    }
}

/// Takes out a first column that numbers the rows: its heading says so, and
/// nothing but numbers stands below it.
fn cut_serials(rows: &mut [Vec<Ready<'_>>]) {
    let is_heading = |cell: &Ready<'_>| cell.cell.column == 0 && is_serial(&cell.bare);
    let is_first = |row: &Vec<Ready<'_>>| row.first().is_some_and(is_heading);
    let Some(head) = rows.iter().take(HEADINGS_WITHIN).position(is_first) else { return };
    let is_number = |cell: &Ready<'_>| cell.cell.column == 0 && is_narrow(cell) && !cell.is_label();
    let firsts = || rows[head + 1..].iter().filter_map(|row| row.first()).filter(|first| first.cell.column == 0);
    if !firsts().all(|first| is_number(first) || !is_narrow(first)) {
        return;
    }
    for row in rows.iter_mut().filter(|row| row.first().is_some_and(|first| is_heading(first) || is_number(first))) {
        row.remove(0);
    }
}

/// Takes out a first and a last column in which nothing stands, with which every
/// row begins, or every one with numbers ends: what editors leave at a table's edge
/// would count as a value or as a label. Where such a row ends elsewhere it has lost a
/// cell or has one too many, and nothing is taken out.
fn cut_spacers(rows: &mut [Vec<Ready<'_>>]) {
    let is_margin = |first: &Ready<'_>| first.is_blank() && first.cell.column == 0 && is_narrow(first);
    let has_margin = |row: &Vec<Ready<'_>>| row.len() > 1 && is_margin(&row[0]);
    if rows.len() > 1 && rows.iter().all(has_margin) {
        rows.iter_mut().for_each(|row| drop(row.remove(0)));
    }
    let has_numbers = |row: &&Vec<Ready<'_>>| row.iter().any(Ready::is_number);
    let lasts = || rows.iter().filter(has_numbers).filter_map(|row| row.last());
    let Some(column) = lasts().next().map(|last| last.cell.column) else { return };
    let is_spacer = |last: &Ready<'_>| last.is_blank() && last.cell.column == column && is_narrow(last);
    // Above it stands no heading of its own: one that spans others may reach over it.
    let is_heading = |cell: &Ready<'_>| !cell.is_blank() && cell.cell.column == column;
    if column > 0 && lasts().all(is_spacer) && !rows.iter().flatten().any(is_heading) {
        for row in rows.iter_mut().filter(|row| row.last().is_some_and(is_spacer)) {
            row.pop();
        }
    }
}

fn is_narrow(cell: &Ready<'_>) -> bool {
    cell.cell.column_span == 1
}

/// Cells up to the last that is not blank.
pub(super) fn without_blank_end<'s, 'a>(cells: &'s [Ready<'a>]) -> &'s [Ready<'a>] {
    let n_blank = cells.iter().rev().take_while(|cell| cell.is_blank()).count();
    &cells[..cells.len() - n_blank]
}

/// The column at which a row ends; 0 for one without cells.
pub(super) fn end_of(row: &[Ready<'_>]) -> u32 {
    row.last().map_or(0, |last| last.cell.column + last.cell.column_span)
}

fn usual_end(rows: &[Vec<Ready<'_>>]) -> u32 {
    let mut counted: BTreeMap<u32, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.len() > 1) {
        *counted.entry(end_of(row)).or_default() += 1;
    }
    counted.into_iter().max_by_key(|(_, n)| *n).map_or(0, |(end, _)| end)
}

impl Ready<'_> {
    pub fn text(&self) -> &str {
        &self.cell.text
    }

    pub fn is_number(&self) -> bool {
        matches!(self.value, CellValue::Number(_))
    }

    pub fn is_words(&self) -> bool {
        matches!(self.value, CellValue::Words)
    }

    /// Words, or words with a number among them, as in `2.重复申请`.
    pub fn is_label(&self) -> bool {
        const LEAST: usize = 4;
        match self.value {
            CellValue::Words => true,
            CellValue::Unreadable(_) => self.bare.chars().count() >= LEAST,
            _ => false,
        }
    }

    pub fn is_blank(&self) -> bool {
        matches!(self.value, CellValue::Blank)
    }

    /// The text as a label for people: one line.
    pub fn label(&self) -> Arc<str> {
        one_line(self.text())
    }
}

/// A label in one line, as a person quotes it.
pub(super) fn one_line(text: &str) -> Arc<str> {
    if text.contains('\n') { text.replace('\n', "").into() } else { text.into() }
}

/// The texts of cells, as a person would quote them.
pub(super) fn quoted<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.collect::<Vec<_>>().join(" | ")
}
