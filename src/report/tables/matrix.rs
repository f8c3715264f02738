//! Section 三 since 2019: what became of the requests, by applicant.
//!
//! Columns are known by their headings, rows by their labels under their
//! group. A row's values are as many as there are columns; a row with more or
//! fewer is not shifted but left unread.

use std::sync::Arc;

use super::super::catalogue::{Catalogue, Evidence, Indicator};
use super::super::ids::Applicant;
use super::super::numbers::CellValue;
use super::super::types::Form;
use super::applicants::{Columns, another_is_the_total, columns};
use super::disputes::RESULTS;
use super::matrix_rows::{GROUPS, MatrixRow, RowFound, row_of};
use super::ready::{Ready, Sheet, quoted, without_blank_end};
use super::sums::{ends_in_its_sum, numbers};
use super::value_column::may_be_filled_up;
use super::{Found, Harvest};

pub(super) fn read(sheet: &Sheet<'_>, form: Form, catalogue: &Catalogue, harvest: &mut Harvest) -> bool {
    let rows = MatrixRow::all(form, catalogue);
    let columns = match columns(sheet) {
        Some(Ok(columns)) if another_is_the_total(sheet, &columns) => {
            refuse_all(sheet, &rows, "the rows add up to another column than the one headed 总计", harvest);
            harvest.matrix = None;
            return true;
        }
        Some(Ok(columns)) => columns,
        Some(Err(reason)) => {
            refuse_all(sheet, &rows, reason, harvest);
            harvest.matrix = None;
            return true;
        }
        // A table without headings that goes on with the rows of the one
        // before (it broke over a page) has that one's columns.
        None => match harvest.matrix.as_ref().filter(|before| goes_on(sheet, &rows, &before.columns)) {
            Some(before) => Columns { evidence: Evidence::GoesOn, ..before.columns.clone() },
            None => return false,
        },
    };
    let first_column = usual_first_column(sheet, columns.applicants.len());
    let rarely_filled = rarely_filled(sheet, columns.applicants.len());
    let n_before = harvest.facts.len() + harvest.unread.len();
    let begins = sheet.cells().any(|cell| cell.bare.contains("本年新收"));
    let mut group = harvest.matrix.take().filter(|_| !begins).map(|before| before.group).unwrap_or_default();
    for row in &sheet.rows {
        let Some((labels, values)) = split(row, columns.applicants.len()) else {
            note_group(row, &mut group);
            refuse_ragged(sheet, row, &rows, &group, &columns, harvest);
            continue;
        };
        note_group(labels, &mut group);
        // 自然人 | 总计, and blanks that a converter put behind: headings.
        if labels.iter().any(|cell| cell.bare == "自然人") {
            continue;
        }
        let Some((found, label)) = row_of(labels, &rows, &mut group) else {
            harvest.n_stray_numbers += values.iter().filter(|cell| cell.is_number()).count();
            continue;
        };
        let row = Row { sheet, values, columns: &columns, found, label: &label };
        let is_elsewhere = values.first().is_some_and(|first| Some(first.cell.column) != first_column);
        let is_unsure = is_elsewhere || columns.evidence == Evidence::HeadingLost;
        if row.has_stray(&rarely_filled) {
            row.refuse("a number stands under no heading", harvest);
        } else if row.has_moved_left(&rarely_filled) {
            row.refuse("its total may stand one column too far left", harvest);
        } else if is_elsewhere && values[0].is_blank() && values.iter().any(Ready::is_number) && !adds_up(values) {
            // A blank label may have been taken for a value: then every number
            // is another column's.
            row.refuse("its cells do not stand under the headings", harvest);
        } else if is_elsewhere && are_between_blanks(labels, values) {
            row.refuse("a blank stands before its numbers and one behind: either may be a value", harvest);
        } else if is_unsure && row.contradicts_its_total() {
            row.refuse("its cells do not stand where others do, and do not add up", harvest);
        } else {
            row.take(catalogue, harvest);
        }
    }
    harvest.matrix = Some(Broken { columns, group });
    harvest.facts.len() + harvest.unread.len() > n_before
}

/// Takes out of a matrix the one column among its values in which nothing stands and
/// which nothing heads, where each row of numbers has a cell more than there are
/// applicants.
pub(super) fn cut_blank_column(rows: &mut [Vec<Ready<'_>>]) {
    const N: usize = Applicant::ALL.len();
    const ENOUGH: usize = 3;
    if !rows.iter().flatten().any(|cell| cell.bare.contains("本年新收")) {
        return;
    }
    let values = |row: &'_ [Ready<'_>]| row.len() - row.iter().rposition(Ready::is_label).map_or(0, |last| last + 1);
    let has_numbers = |row: &&Vec<Ready<'_>>| row.iter().any(Ready::is_number) && row.iter().any(Ready::is_label);
    let numbered = || rows.iter().filter(has_numbers);
    if numbered().count() < ENOUGH || numbered().any(|row| values(row) != N + 1) {
        return;
    }
    let is_blank_at = |column: u32| {
        let at = |row: &'_ Vec<Ready<'_>>| row.iter().any(|cell| cell.cell.column == column && cell.is_blank());
        let is_headed = |cell: &Ready<'_>| cell.cell.column == column && !cell.is_blank();
        numbered().all(at) && !rows.iter().flatten().any(is_headed)
    };
    let Some(first) = numbered().next() else { return };
    let mut blank = first.iter().map(|cell| cell.cell.column).filter(|column| is_blank_at(*column));
    if let (Some(column), None) = (blank.next(), blank.next()) {
        rows.iter_mut().for_each(|row| row.retain(|cell| cell.cell.column != column));
    }
}

/// Takes out of a matrix what a converter that knows no spans filled its rows up
/// with at their ends, so that all have as many cells.
///
/// Only where most rows of numbers are so, each with its seven values behind its
/// labels and nothing but blanks behind them, and where the blanks could not as
/// well stand between the labels and the values, as spans filled up in place; else
/// where a row's seven numbers add up.
pub(super) fn cut_padding(rows: &mut [Vec<Ready<'_>>]) {
    const N: usize = Applicant::ALL.len();
    // The first row of a matrix, or the last of one that broke over a page.
    let is_of_matrix = |cell: &Ready<'_>| cell.bare.contains("本年新收") || cell.bare.contains("结转下年");
    let spans = |cell: &Ready<'_>| cell.cell.row_span > 1 || cell.cell.column_span > 1;
    if !rows.iter().flatten().any(is_of_matrix) || rows.iter().flatten().any(spans) {
        return;
    }
    // `3.其他` is a label that stands first.
    let is_first = |cell: &Ready<'_>| matches!(cell.value, CellValue::Unreadable(_));
    let n_labels = |row: &[Ready<'_>]| match row.iter().take_while(|cell| cell.is_label()).count() {
        0 => usize::from(row.first().is_some_and(is_first)),
        n => n,
    };
    let behind = |row: &'_ [Ready<'_>]| row.len() - n_labels(row);
    let has_numbers = |row: &&Vec<Ready<'_>>| n_labels(row) > 0 && row.iter().any(Ready::is_number);
    let is_row = |row: &&Vec<Ready<'_>>| has_numbers(row) && behind(row) > N;
    let are_blank = |cells: &[Ready<'_>]| cells.iter().all(Ready::is_blank);
    let is_padded = |row: &Vec<Ready<'_>>| are_blank(&row[n_labels(row) + N..]);
    let is_in_place = |row: &Vec<Ready<'_>>| are_blank(&row[n_labels(row)..row.len() - N]);
    let padded = || rows.iter().filter(is_row);
    let are_most = 2 * padded().count() > rows.iter().filter(has_numbers).count();
    if !are_most || !padded().all(is_padded) || padded().all(is_in_place) {
        let add_up = |row: &[Ready<'_>]| row.iter().all(Ready::is_number) && ends_in_its_sum(&numbers(row));
        for row in rows.iter_mut().filter(|row| is_row(&&**row) && is_padded(row)) {
            let (begin, end) = (n_labels(row), n_labels(row) + N);
            if add_up(&row[begin..end]) {
                row.truncate(end);
            }
        }
        return;
    }
    for row in rows.iter_mut().filter(|row| n_labels(row) > 0 && behind(row) >= N) {
        let (begin, end) = (n_labels(row), n_labels(row) + N);
        if !are_blank(&row[end..]) {
            continue;
        }
        // Where the last value is blank but others are not, a cell may have been
        // lost before it: without its blanks the row has too few, and is unread.
        let is_sure = !row[end - 1].is_blank() || are_blank(&row[begin..end]);
        row.truncate(if is_sure { end } else { without_blank_end(row).len() });
    }
}

/// What the rest of a matrix that breaks over a page goes on from.
#[derive(Debug)]
pub(super) struct Broken {
    columns: Columns,
    /// The group of the last row.
    group: String,
}

/// Whether a table without headings has rows of the matrix before it.
fn goes_on(sheet: &Sheet<'_>, rows: &[MatrixRow<'_>], before: &Columns) -> bool {
    const ENOUGH: usize = 2;
    // 总计 heads a column of disputes as well.
    if sheet.cells().any(|cell| cell.bare.contains(RESULTS[0])) {
        return false;
    }
    let mut group = String::new();
    let mut is_of_it = |row: &&Vec<Ready<'_>>| {
        let Some((labels, _)) = split(row, before.applicants.len()) else { return false };
        note_group(labels, &mut group);
        row_of(labels, rows, &mut group).is_some()
    };
    sheet.rows.iter().filter(|row| is_of_it(row)).count() >= ENOUGH
}

/// A row's label cells and its values: the last as many cells as there are
/// columns, none of them words, and no number before them.
pub(super) fn split<'r, 'a>(row: &'r [Ready<'a>], n_columns: usize) -> Option<(&'r [Ready<'a>], &'r [Ready<'a>])> {
    let at = row.len().checked_sub(n_columns).filter(|at| *at > 0)?;
    let (labels, values) = row.split_at(at);
    let are_values = values.iter().all(|cell| !cell.is_label());
    let has_label = labels.iter().any(|cell| cell.bare.chars().count() >= 2);
    (are_values && has_label && !labels.iter().any(Ready::is_number)).then_some((labels, values))
}

/// Whether numbers have a blank label before them and a blank total: one column
/// further left they would be a row as well.
fn are_between_blanks(labels: &[Ready<'_>], values: &[Ready<'_>]) -> bool {
    let is_blank = |cell: Option<&Ready<'_>>| cell.is_some_and(Ready::is_blank);
    is_blank(labels.last()) && is_blank(values.last()) && values.iter().any(Ready::is_number)
}

/// The grid column at which the values of most rows begin.
fn usual_first_column(sheet: &Sheet<'_>, n_columns: usize) -> Option<u32> {
    let firsts = sheet.rows.iter().filter_map(|row| Some(split(row, n_columns)?.1.first()?.cell.column));
    let mut counted: Vec<(u32, usize)> = Vec::new();
    for first in firsts {
        match counted.iter_mut().find(|(column, _)| *column == first) {
            Some((_, n)) => *n += 1,
            None => counted.push((first, 1)),
        }
    }
    counted.into_iter().max_by_key(|(_, n)| *n).map(|(column, _)| column)
}

/// For each value of a row whether most rows have no number in its place.
fn rarely_filled(sheet: &Sheet<'_>, n_columns: usize) -> Vec<bool> {
    let rows: Vec<_> = sheet.rows.iter().filter_map(|row| Some(split(row, n_columns)?.1)).collect();
    let n_numbers = |at: usize| rows.iter().filter(|values| values[at].is_number()).count();
    (0..n_columns).map(|at| 2 * n_numbers(at) < rows.len()).collect()
}

/// Whether the last value is the sum of those before it.
fn adds_up(values: &[Ready<'_>]) -> bool {
    ends_in_its_sum(&numbers(values))
}

/// A group's label may stand in a row of its own.
fn note_group(cells: &[Ready<'_>], group: &mut String) {
    for cell in cells {
        if GROUPS.contains(&cell.bare.as_str()) {
            group.clone_from(&cell.bare);
        }
    }
}

/// A row of the matrix with the row of the form that its label means.
struct Row<'s, 'a> {
    sheet: &'s Sheet<'a>,
    values: &'s [Ready<'a>],
    columns: &'s Columns,
    found: RowFound<'s>,
    label: &'s Arc<str>,
}

impl Row<'_, '_> {
    /// Whether the row gives a total that is not the sum of its other values.
    fn contradicts_its_total(&self) -> bool {
        let ends_in_total = self.columns.applicants.last() == Some(&Some(Applicant::Total));
        ends_in_total && self.values.last().is_some_and(Ready::is_number) && !adds_up(self.values)
    }

    /// Whether a number stands where no heading is, and none in most rows: a cell
    /// too many moved it there, and the others with it.
    fn has_stray(&self, rarely_filled: &[bool]) -> bool {
        let places = self.columns.applicants.iter().zip(self.values).zip(rarely_filled);
        places.into_iter().any(|((of, value), is_rare)| of.is_none() && *is_rare && value.is_number())
    }

    /// Whether the total is blank where most rows have one, and the last number
    /// is the sum of those before it, or two ran together into one that is none, or
    /// nothing but the total is blank in a text: a cell was lost, and the row filled up.
    fn has_moved_left(&self, rarely_filled: &[bool]) -> bool {
        let ends_in_total = self.columns.applicants.last() == Some(&Some(Applicant::Total));
        let filled = without_blank_end(self.values);
        let is_blank = filled.len() < self.values.len() && rarely_filled.last() == Some(&false);
        let is_sum =
            filled.len() > 1 && filled.last().is_some_and(|last| !last.value.or_zero().is_zero()) && adds_up(filled);
        let ran_together = |value: &Ready<'_>| {
            matches!(value.value, CellValue::Unreadable(_)) && value.text().starts_with(|c: char| c.is_ascii_digit())
        };
        let is_short_by_one = filled.len() + 1 == self.values.len() && !filled.iter().any(Ready::is_blank);
        let is_filled_up = is_short_by_one && may_be_filled_up(self.sheet, self.values);
        ends_in_total && is_blank && (is_sum || is_filled_up || filled.iter().any(ran_together))
    }

    fn take(&self, catalogue: &Catalogue, harvest: &mut Harvest) {
        let (indicator, evidence) = self.found;
        let confidence = catalogue.confidence(&[evidence, self.columns.evidence]);
        for (applicant, value) in self.columns.applicants.iter().zip(self.values) {
            let Some(applicant) = applicant else {
                harvest.n_stray_numbers += usize::from(value.is_number());
                continue;
            };
            let found = Found {
                place: self.sheet.at(value),
                label: self.label.clone(),
                confidence,
                rule: "row by its label, column by its heading",
                heading_unit: None,
            };
            harvest.take_value(indicator, Some(*applicant), value.text(), &value.value, found, catalogue);
        }
    }

    fn refuse(&self, reason: &str, harvest: &mut Harvest) {
        let text = quoted(self.values.iter().map(Ready::text));
        let at = self.values.first().map_or_else(|| self.sheet.place.clone(), |cell| self.sheet.at(cell));
        refuse_row(self.found.0, self.columns, &text, reason, &at, harvest);
    }
}

fn refuse_row(
    indicator: &Indicator,
    columns: &Columns,
    text: &str,
    reason: &str,
    at: &crate::page::Locator,
    harvest: &mut Harvest,
) {
    for applicant in columns.applicants.iter().flatten() {
        harvest.refuse(indicator, Some(*applicant), text, reason, at.clone());
    }
}

/// A row of the form with more or fewer numbers than columns.
fn refuse_ragged(
    sheet: &Sheet<'_>,
    row: &[Ready<'_>],
    rows: &[MatrixRow<'_>],
    group: &str,
    columns: &Columns,
    harvest: &mut Harvest,
) {
    let n_numbers = row.iter().filter(|cell| cell.is_number()).count();
    if n_numbers == 0 {
        return;
    }
    let mut group = group.to_owned();
    let labels = row.iter().filter(|cell| cell.bare.chars().count() >= 2);
    let found = labels.filter_map(|cell| MatrixRow::find(rows, &cell.bare, &mut group)).last();
    let Some((indicator, _)) = found else {
        harvest.n_stray_numbers += n_numbers;
        return;
    };
    let reason = format!("the row has {n_numbers} numbers for {} columns", columns.applicants.len());
    let at = row.first().map_or_else(|| sheet.place.clone(), |cell| sheet.at(cell));
    refuse_row(indicator, columns, &quoted(row.iter().map(Ready::text)), &reason, &at, harvest);
}

/// The rows of a matrix whose columns cannot be told.
fn refuse_all(sheet: &Sheet<'_>, rows: &[MatrixRow<'_>], reason: &str, harvest: &mut Harvest) {
    let columns = Columns { applicants: Applicant::ALL.map(Some).to_vec(), evidence: Evidence::Exact };
    let mut group = String::new();
    for row in &sheet.rows {
        note_group(row, &mut group);
        let labels: Vec<&Ready<'_>> = row.iter().filter(|cell| cell.is_label() && !cell.bare.is_empty()).collect();
        let found = labels.last().and_then(|cell| MatrixRow::find(rows, &cell.bare, &mut group));
        if let (Some((indicator, _)), true) = (found, row.iter().any(Ready::is_number)) {
            let text = quoted(row.iter().filter(|cell| !cell.is_label()).map(Ready::text));
            let at = row.first().map_or_else(|| sheet.place.clone(), |cell| sheet.at(cell));
            refuse_row(indicator, &columns, &text, reason, &at, harvest);
        }
    }
}
